"""Operations of an OpenAPI document → variants (what is sent) and outbound calls (what the product sends)."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from dpi_conformance.catalogue.contents import Contents, is_form, is_json
from dpi_conformance.catalogue.references import Reading
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_
from dpi_conformance.model.spec import BodyDeclared, Parameter, Variant

__all__ = ["METHODS", "Operations", "operations_of", "text_of"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NOT_METHODS = frozenset({"summary", "description", "parameters", "servers", "$ref"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_EXAMPLE_VALUE = re.compile(r"[A-Z_]+\Z|[{<].*[}>]\Z|\Z")
_BODILESS_IN_30 = frozenset({"get", "head", "delete"})
_VARIANT_KEYS = frozenset(
    {"id", "initiator", "select", "body", "summary", "callbacks", "published", "clause"}
    | {"parameters", "responses", "function"}
)
Parameters = dict[tuple[str, str], Parameter]


@dataclass(frozen=True, slots=True)
class _Address:
    """What a path gives to each of its operations."""

    path: str
    fixed: dict[str, str]
    """Query pairs that were written into the path."""
    parameters: Parameters


def operations_of(reading: Reading, item: Any, at: Pointer) -> Iterator[tuple[str, dict[str, Any], Pointer]]:
    """Give the operations of a path item as method, operation and place; what is none is listed."""
    for key, node in item.items():
        place = (*at, key)
        if key in _NOT_METHODS or key.startswith("x-"):
            continue
        if key.lower() not in METHODS:
            reading.trouble(place, N_("“{key}” is no method; it is left out."), used=False, key=key)
        elif not isinstance(node, dict):
            reading.trouble(place, N_("An operation must be a mapping; it is left out."), used=False)
        else:
            if key != key.lower():
                reading.trouble(place, N_("“{key}” must be written in small letters."), key=key)
            yield key.lower(), node, place


def text_of(node: Mapping[str, Any], key: str) -> str:
    """Give a text that may be absent; anything but text is none."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


class Operations:
    """Reads the operations below ``paths``."""

    def __init__(self, reading: Reading, contents: Contents, security: Any, schemes: frozenset[str]) -> None:
        """Take the document, its contents, its own ``security``, and the schemes that it declares."""
        self._reading = reading
        self._contents = contents
        self._security = security
        self._schemes = schemes
        self._ids: set[str] = set()
        self._next: dict[str, int] = {}
        self.usable = 0

    def path(self, written: str, item: Any, at: Pointer) -> Iterator[Variant]:
        """Give the variants of one path."""
        found = self._reading.follow(item, at)
        if found is None:
            return
        entries = self._reading.mapping(found[0], found[1], "path")
        path, fixed = self._split(written, at)
        shared = self._contents.parameters(entries.get("parameters"), (*found[1], "parameters"))
        address = _Address(path, fixed, shared)
        for method, node, place in operations_of(self._reading, entries, found[1]):
            variants = list(self._operation(address, method, node, place))
            self.usable += any(v.body is None or _testable(v.body.media_type) for v in variants)
            yield from variants

    def _split(self, written: str, at: Pointer) -> tuple[str, dict[str, str]]:
        """Part a path from a query that was written into it."""
        path, mark, query = written.partition("?")
        if mark:
            text = N_("A path holds no query; “{query}” is read as fixed query parameters.")
            self._reading.trouble(at, text, query=query)
        if not path.startswith("/"):
            self._reading.trouble(at, N_("A path begins with “/”; it is read so."))
            path = f"/{path}"
        alone = _PLACEHOLDER.fullmatch(path[1:])
        if alone and re.search("ur[il]", alone[1], re.IGNORECASE):
            text = N_("The whole path stands for an address that the caller gives: this is a callback.")
            self._reading.trouble(at, text)
        return path, dict(parse_qsl(query, keep_blank_values=True))

    def _operation(
        self, address: _Address, method: str, node: dict[str, Any], at: Pointer
    ) -> Iterator[Variant]:
        path, fixed = address.path, address.fixed
        own = self._contents.parameters(node.get("parameters"), (*at, "parameters"))
        parameters = self._addressed(path, address.parameters | own, at)
        whole = Variant(
            id=self._id(text_of(node, "operationId") or _slug(method, path, fixed), at),
            method=method,
            path=path,
            function=text_of(node, "x-function"),
            initiator=text_of(node, "x-initiator"),
            select=self._selecting(fixed, parameters),
            parameters=tuple(p for p in parameters.values() if not _is_fixed(p, fixed)),
            body=self._body(method, node, at),
            responses=self._contents.responses(node.get("responses"), (*at, "responses")),
            secured=bool(schemes := self._schemes_of(node, at)),
            scheme=schemes[0] if schemes else "",
            callbacks=tuple(self._reading.mapping(node.get("callbacks"), (*at, "callbacks"), "callbacks")),
            published=_texts(node.get("x-published")),
            clause=text_of(node, "x-clause"),
            summary=text_of(node, "summary"),
        )
        if "x-variants" not in node:
            yield whole
            return
        self._ids.discard(whole.id)
        yield from self._variants(whole, parameters, node, at)

    def _variants(
        self, whole: Variant, parameters: Parameters, node: dict[str, Any], at: Pointer
    ) -> Iterator[Variant]:
        """Take an operation apart into the published ones that share its method and path."""
        place = (*at, "x-variants")
        entries = self._reading.sequence(node["x-variants"], place, "x-variants")
        selects = [self._select(entry, (*place, index)) for index, entry in enumerate(entries)]
        selecting = {name for select in selects for name in select}
        for name in sorted(selecting - {p.name for p in parameters.values() if p.location == "query"}):
            text = N_("“{name}” selects variants and is not declared as a query parameter.")
            self._reading.trouble(place, text, name=name)
        for index, (entry, select) in enumerate(zip(entries, selects, strict=True)):
            variant = self._variant(whole, parameters, entry, (*place, index))
            if variant is None:
                continue
            left = tuple(p for p in variant.parameters if p.location != "query" or p.name not in selecting)
            yield dataclasses.replace(variant, select=(*whole.select, *select.items()), parameters=left)

    def _variant(self, whole: Variant, parameters: Parameters, entry: Any, at: Pointer) -> Variant | None:
        declared = self._reading.mapping(entry, at, "x-variants")
        if not text_of(declared, "id"):
            self._reading.trouble(at, N_("A variant needs an id; it is left out."), used=False)
            return None
        for key in sorted(declared.keys() - _VARIANT_KEYS):
            self._reading.trouble((*at, key), N_("A variant has no “{key}”."), key=key)
        own: dict[str, Any] = {
            "id": self._id(declared["id"], at),
            "body": None,
            "callbacks": self._called(whole, declared, at),
            "published": _texts(declared.get("published")),
        }
        for key in ("function", "initiator", "clause", "summary"):
            own[key] = text_of(declared, key) or getattr(whole, key)
        if "body" in declared:
            required = whole.body.required if whole.body else True
            schema = self._contents.schema(declared["body"], (*at, "body"))
            own["body"] = BodyDeclared(schema=schema, required=required)
        if "parameters" in declared:
            mine = self._contents.parameters(declared["parameters"], (*at, "parameters"))
            on_path = {key: p for key, p in parameters.items() if p.location == "path"}
            own["parameters"] = tuple((on_path | mine).values())
        if "responses" in declared:
            own["responses"] = self._contents.responses(declared["responses"], (*at, "responses"))
        return dataclasses.replace(whole, **own)

    def _called(self, whole: Variant, declared: dict[str, Any], at: Pointer) -> tuple[str, ...]:
        names = self._reading.sequence(declared.get("callbacks"), (*at, "callbacks"), "callbacks")
        known = [name for name in names if name in whole.callbacks]
        if len(known) != len(names):
            text = N_("A variant names a callback that its operation does not declare; it is left out.")
            self._reading.trouble((*at, "callbacks"), text, used=False)
        return tuple(known)

    def _select(self, entry: Any, at: Pointer) -> dict[str, str]:
        """Read a variant's query pairs: the first value of each is the one that is sent."""
        node = entry.get("select") if isinstance(entry, dict) else None
        pairs: dict[str, str] = {}
        for name, values in self._reading.mapping(node, (*at, "select"), "select").items():
            listed = values if isinstance(values, list) else [values]
            if not listed or not isinstance(listed[0], str):
                text = N_("“select” gives a list of texts for each query parameter.")
                self._reading.trouble((*at, "select", name), text, used=False)
                continue
            pairs[name] = listed[0]
        return pairs

    def _addressed(self, path: str, parameters: Parameters, at: Pointer) -> Parameters:
        """Match path parameters with the path: what is missing is added, what is not in it left out."""
        names = _PLACEHOLDER.findall(path)
        result = dict(parameters)
        for location, name in parameters:
            if location == "path" and name not in names:
                text = N_("The path has no “{name}”, which is declared as its parameter; it is left out.")
                self._reading.trouble(at, text, used=False, name=name)
                del result[(location, name)]
        for name in names:
            if ("path", name) not in result:
                text = N_("The path's “{name}” is not declared as a parameter; it is read as text.")
                self._reading.trouble(at, text, name=name)
                schema = {"type": "string"}
                result["path", name] = Parameter(name=name, location="path", required=True, schema=schema)
        return result

    def _selecting(self, fixed: dict[str, str], parameters: Parameters) -> tuple[tuple[str, str], ...]:
        """Give the pairs of a query in the path that are meant as they are, not as an example."""
        return tuple(
            (name, value)
            for name, value in fixed.items()
            if not (_EXAMPLE_VALUE.match(value) and ("query", name) in parameters)
        )

    def _body(self, method: str, node: dict[str, Any], at: Pointer) -> BodyDeclared | None:
        if "requestBody" in node and method in _BODILESS_IN_30 and self._reading.old:
            text = N_("OpenAPI 3.0 ignores the body of {method}; it is read as in 3.1.")
            self._reading.trouble((*at, "requestBody"), text, method=method.upper())
        body = self._contents.body(node.get("requestBody"), (*at, "requestBody"))
        return body or self._contents.swagger_body(node.get("parameters"), (*at, "parameters"))

    def _schemes_of(self, node: dict[str, Any], at: Pointer) -> list[str]:
        """Name the security schemes of which an operation asks for one; none where it does without, too."""
        own = "security" in node
        written = node["security"] if own else self._security
        place: Pointer = (*at, "security") if own else ("security",)
        needs = self._reading.sequence(written, place, "security")
        named: list[str] = []
        for index, need in enumerate(needs):
            schemes = self._reading.mapping(need, (*place, index), "security")
            named += schemes
            for name in sorted(set(schemes) - self._schemes):
                text = N_("The security scheme “{name}” is not declared.")
                self._reading.trouble((*place, index), text, name=name)
        return [] if {} in needs else named or [""] * len(needs)

    def _id(self, wanted: str, at: Pointer) -> str:
        """Give an id that no other variant has."""
        given, number = wanted, self._next.get(wanted, 2)
        while given in self._ids:
            given, number = f"{wanted}-{number}", number + 1
        self._next[wanted] = number
        if given != wanted:
            text = N_("The id “{id}” is taken; this one is called “{given}”.")
            self._reading.trouble(at, text, id=wanted, given=given)
        self._ids.add(given)
        return given


def _is_fixed(parameter: Parameter, fixed: dict[str, str]) -> bool:
    value = fixed.get(parameter.name) if parameter.location == "query" else None
    return value is not None and not _EXAMPLE_VALUE.match(value)


def _slug(method: str, path: str, fixed: dict[str, str]) -> str:
    words = [method, path, *(f"{name}-{value}" for name, value in fixed.items())]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")


def _testable(media_type: str) -> bool:
    return is_json(media_type) or is_form(media_type)


def _texts(node: Any) -> dict[str, str]:
    return {k: v for k, v in node.items() if isinstance(v, str)} if isinstance(node, dict) else {}
