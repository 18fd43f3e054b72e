"""Schemas of an OpenAPI document → self-contained JSON Schemas (2020-12), repaired where that is possible."""

from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.catalogue.cycles import Cycles
from dpi_conformance.catalogue.references import Found, Reading
from dpi_conformance.catalogue.schema_keywords import (
    COUNTS,
    LEFT_OUT,
    LISTS,
    MAPPINGS,
    NUMBERS,
    PLAIN,
    SUBSCHEMA,
    Keywords,
)
from dpi_conformance.catalogue.schema_types import known_type
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_

__all__ = ["Schemas"]

Converted = dict[str, Any] | bool
_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
"""Keywords whose subschemas apply to the same value."""
_HARMLESS = frozenset({"$ref", "description", "summary"})


@dataclass(frozen=True, slots=True)
class _Definition:
    schema: Converted
    uses: tuple[Pointer, ...]


@dataclass(slots=True)
class _Use:
    """What one conversion has met: the definitions that it refers to, and which way the value travels."""

    request: bool
    pointers: dict[Pointer, None] = field(default_factory=dict)


class Schemas:
    """Converts the schemas of one document; each referenced one once for either direction."""

    def __init__(self, reading: Reading) -> None:
        """Take the document that is being read."""
        self._reading = reading
        self._keywords = Keywords(reading)
        self._definitions: dict[tuple[Pointer, bool], _Definition] = {}
        self._names: dict[Pointer, str] = {}
        self._taken: set[str] = set()
        self._endless = Cycles(self._parts)

    def bundle(self, node: Any, at: Pointer, *, request: bool) -> dict[str, Any]:
        """Give a schema with all that it refers to under ``$defs``.

        ``request``: for what is sent to the product, where read-only properties are not required.
        """
        found: Found | None = self._reading.follow(node, at) if self._bare(node) else (node, at)
        if found is None:
            return {}
        use = _Use(request=request)
        top = self._convert(*found, use)
        schema: dict[str, Any] = {} if top is True else {"not": {}} if top is False else dict(top)
        needed = self._needed(use)
        if needed:
            schema["$defs"] = {self._name(pointer): schema for pointer, schema in needed.items()}
        return schema

    def examine(self, at: Pointer) -> None:
        """Read a schema for its troubles alone."""
        self._definition(at, request=False)

    def _needed(self, use: _Use) -> dict[Pointer, Converted]:
        needed: dict[Pointer, Converted] = {}
        waiting = dict(use.pointers)
        while waiting:
            pointer, _ = waiting.popitem()
            definition = self._definition(pointer, request=use.request)
            needed[pointer] = definition.schema
            waiting.update((other, None) for other in definition.uses if other not in needed)
        return needed

    def _definition(self, at: Pointer, *, request: bool) -> _Definition:
        key = (at, request)
        if key not in self._definitions:
            use = _Use(request=request)
            node = self._node(at)
            self._definitions[key] = _Definition(self._convert(node, at, use), tuple(use.pointers))
        return self._definitions[key]

    def _node(self, at: Pointer) -> Any:
        node = self._reading.document.root
        for part in at:
            node = node[part]
        return node

    def _name(self, at: Pointer) -> str:
        """Name a definition by the last part of its pointer; a second one of that name is numbered."""
        if at not in self._names:
            base = str(at[-1]) if at else "root"
            base = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in base) or "_"
            name, number = base, 2
            while name in self._taken:
                name, number = f"{base}-{number}", number + 1
            self._names[at] = name
            self._taken.add(name)
        return self._names[at]

    def _bare(self, node: Any) -> bool:
        """Tell whether a schema is nothing but a reference; in 3.0, what stands beside one is ignored."""
        return isinstance(node, dict) and "$ref" in node and (self._reading.old or not _weighty(node))

    def _convert(self, node: Any, at: Pointer, use: _Use, *, in_place: bool = False) -> Converted:
        if isinstance(node, bool):
            return node
        if not isinstance(node, dict):
            return self._not_a_schema(node, at)
        if "$ref" in node:
            return self._reference(node, at, use, in_place=in_place)
        return self._mapping(node, at, use)

    def _not_a_schema(self, node: Any, at: Pointer) -> Converted:
        meant = known_type(node) if isinstance(node, str) else None
        if meant is not None:
            text = N_("“{word}” stands where a schema belongs; it is read as a type.")
            self._reading.trouble(at, text, word=str(node))
            return dict(meant)
        if node is None:
            self._reading.trouble(at, N_("Nothing stands where a schema belongs; any value is allowed."))
        else:
            self._reading.trouble(at, N_("What stands here is no schema; any value is allowed."))
        return {}

    def _reference(self, node: dict[str, Any], at: Pointer, use: _Use, *, in_place: bool) -> Converted:
        beside = {key: value for key, value in node.items() if key != "$ref"}
        if self._reading.old and _weighty(node):
            names = ", ".join(_weighty(node))
            text = N_("Beside a reference, OpenAPI 3.0 ignores everything: {names}.")
            self._reading.trouble(at, text, names=names)
        schema = {} if self._reading.old or not beside else self._mapping(beside, at, use)
        found = self._reading.local(node["$ref"], (*at, "$ref"))
        if found is None:
            return schema
        if (in_place or self._bare(found[0])) and self._endless.hold(found[1]):
            self._reading.trouble(
                at, N_("The schema refers to itself without end; this reference is left out.")
            )
            return schema
        use.pointers[found[1]] = None
        return {"$ref": f"#/$defs/{self._name(found[1])}", **schema}

    def _parts(self, at: Pointer) -> list[Pointer]:
        """Point to the schemas that apply to the same value as this one."""
        found = (self._reading.find(reference) for reference in _in_place(self._node(at)))
        return [one[1] for one in found if one]

    def _mapping(self, node: dict[str, Any], at: Pointer, use: _Use) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        for keyword, value in node.items():
            place = (*at, keyword)
            if keyword in SUBSCHEMA or keyword in LISTS or keyword in MAPPINGS:
                schema |= self._below(keyword, value, place, use)
            elif keyword in COUNTS or keyword in NUMBERS:
                schema |= self._keywords.limit(keyword, value, place)
            elif keyword in PLAIN:
                schema |= self._keywords.plain(keyword, value, place)
            elif keyword.startswith("x-"):
                schema[keyword] = value
            elif keyword not in LEFT_OUT:
                text = N_("“{keyword}” is no keyword of a schema; it is ignored.")
                self._reading.trouble(place, text, keyword=keyword)
        self._keywords.finish(schema, node, at)
        _one_way(schema, node, request=use.request)
        return schema

    def _below(self, keyword: str, value: Any, at: Pointer, use: _Use) -> dict[str, Any]:
        """Convert what a keyword holds: one schema, a list of them, or a mapping of them."""
        if keyword == "items" and isinstance(value, list):
            self._reading.trouble(at, N_("“items” is a list; it is read as “prefixItems”."))
            keyword = "prefixItems"
        in_place = keyword in _IN_PLACE
        if keyword in SUBSCHEMA:
            return {keyword: self._convert(value, at, use, in_place=in_place)}
        if keyword in LISTS:
            members = self._reading.sequence(value, at, keyword)
            done = [self._convert(m, (*at, i), use, in_place=in_place) for i, m in enumerate(members)]
            return {keyword: done} if done else {}
        entries = self._reading.mapping(value, at, keyword)
        return {keyword: {name: self._convert(entry, (*at, name), use) for name, entry in entries.items()}}


def _weighty(node: dict[str, Any]) -> list[str]:
    """Name what stands beside a reference and would matter."""
    return [key for key in node if key not in _HARMLESS and not key.startswith("x-")]


def _in_place(node: Any) -> list[Any]:
    """Collect the references of a schema that apply to the same value as it does."""
    if not isinstance(node, dict):
        return []
    found = [node["$ref"]] if "$ref" in node else []
    for keyword in _IN_PLACE & node.keys():
        below = node[keyword]
        for member in below if isinstance(below, list) else [below]:
            found += _in_place(member)
    return found


def _one_way(schema: dict[str, Any], node: dict[str, Any], *, request: bool) -> None:
    """Require of a request no read-only property, and of an answer no write-only one."""
    unsent = "readOnly" if request else "writeOnly"
    properties = node.get("properties")
    if "required" not in schema or not isinstance(properties, dict):
        return
    schema["required"] = [
        name
        for name in schema["required"]
        if not (isinstance(properties.get(name), dict) and properties[name].get(unsent) is True)
    ]
