"""One thing under several names: what a block's errata accept as spellings of one field."""

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Spellings", "declared_names"]

_COMBINED = ("allOf", "anyOf", "oneOf")
_NESTED = 8
"""Deeper than any published answer; a schema that refers to itself ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spellings:
    """Groups of names, each of which is one field to this block."""

    groups: Sequence[frozenset[str]] = ()
    _of: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the groups by their names."""
        for group in self.groups:
            self._of.update({name: (name, *sorted(group - {name})) for name in group})

    def resolve(self, document: Any, pointer: str) -> Iterator[Any]:
        """Give the value at a JSON pointer (RFC 6901), under any spelling of its names; nothing where there is none."""
        for part in pointer.split("/")[1:]:
            step = part.replace("~1", "/").replace("~0", "~")
            if isinstance(document, Mapping):
                name = next((name for name in self._of.get(step, (step,)) if name in document), None)
                if name is None:
                    return
                document = document[name]
            elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
                document = document[int(step)]
            else:
                return
        yield document

    def value(self, body: Any, name: str) -> Any:
        """Give a field of a parsed body under any of its spellings; None if it is no object or lacks the field."""
        return next(self.resolve(body, f"/{name}"), None)

    def tolerant(self, document: Any) -> Any:
        """Give a parsed document whose objects find each field under any of its spellings."""
        if isinstance(document, list):
            return [self.tolerant(item) for item in document]
        if isinstance(document, dict):
            return _Tolerant({name: self.tolerant(value) for name, value in document.items()}, self._of)
        return document

    def respelt(self, body: Any, schema: Mapping[str, Any]) -> Any:
        """Give a body with each accepted spelling written as the schema has it; the very body if nothing differs."""
        return self._respelt(body, [schema], schema, 0)

    def _respelt(self, body: Any, schemas: Sequence[Any], root: Mapping[str, Any], depth: int) -> Any:
        if depth > _NESTED:
            return body
        parts = [part for schema in schemas for part in _parts(schema, root, 0)]
        if isinstance(body, list):
            items = [part["items"] for part in parts if "items" in part]
            every = [self._respelt(item, items, root, depth + 1) for item in body]
            return body if all(map(operator.is_, body, every)) else every
        if isinstance(body, Mapping):
            return self._object(body, parts, root, depth)
        return body

    def _object(
        self, body: Mapping[str, Any], parts: Sequence[Mapping[str, Any]], root: Mapping[str, Any], depth: int
    ) -> Mapping[str, Any]:
        properties = [part["properties"] for part in parts if "properties" in part]
        declared = {name for part in properties for name in part}
        names = {name: self._declared(name, declared, body) for name in body}
        changed = {
            new: self._respelt(body[old], [part[new] for part in properties if new in part], root, depth + 1)
            for old, new in names.items()
        }
        same = all(old == new and changed[new] is body[old] for old, new in names.items())
        return body if same else changed

    def _declared(self, name: str, declared: Iterable[str], body: Mapping[str, Any]) -> str:
        """Give the name that the schema has for a field that it does not know, unless the body has that one too."""
        if name in declared:
            return name
        known = [other for other in self._of.get(name, ()) if other in declared and other not in body]
        return known[0] if len(known) == 1 else name


class _Tolerant(dict[str, Any]):
    """An object of a document that finds a field under each accepted spelling; its own names are as they came."""

    def __init__(self, fields: Mapping[str, Any], spellings: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(fields)
        self._spellings = spellings

    def _own(self, name: object) -> str | None:
        spellings = self._spellings.get(name, (name,)) if isinstance(name, str) else ()
        return next((one for one in spellings if super(_Tolerant, self).__contains__(one)), None)

    def __contains__(self, name: object) -> bool:
        return self._own(name) is not None

    def __missing__(self, name: str) -> Any:
        own = self._own(name)
        if own is None:
            raise KeyError(name)
        return super().__getitem__(own)

    def get(self, name: str, default: Any = None) -> Any:
        own = self._own(name)
        return default if own is None else super().__getitem__(own)


def declared_names(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that an object, or the objects of a list, have at their top."""
    for part in _parts(schema, schema, 0):
        yield from part.get("properties", {})
        for item in _parts(part.get("items"), schema, 0):
            yield from item.get("properties", {})


def _parts(schema: Any, root: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    """Give a schema and all that it refers to or combines, for the same place of a body."""
    if not isinstance(schema, Mapping) or depth > _NESTED:
        return
    yield schema
    reference = schema.get("$ref", "")
    if reference.startswith("#"):
        yield from _parts(_pointed(reference, root), root, depth + 1)
    for part in (one for key in _COMBINED for one in schema.get(key, ())):
        yield from _parts(part, root, depth + 1)


def _pointed(reference: str, root: Mapping[str, Any]) -> Any:
    here: Any = root
    for step in reference.lstrip("#").strip("/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        here = here.get(name) if isinstance(here, Mapping) and name else here
    return here
