"""What a published file and our document say of one operation, as flat facts that can be compared.

A fact is a place and, after ``#``, a keyword: ``method``, ``query.batchId``, ``query.batchId#maxLength``,
``body.creditInstructions[].amount#type``, ``response.200``, ``response.200.body.requestID#maxLength``.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.specs.published import Document

__all__ = ["Difference", "Facts", "compare", "our_facts", "our_operations", "published_facts"]

Facts = Mapping[str, Any]
Tree = Mapping[str, Any]

_CONSTRAINTS: tuple[str, ...] = (
    "format",
    "maxLength",
    "minLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
)
_CONSTRAINTS += ("uniqueItems", "additionalProperties", "default")
_STRUCTURE = {"type", "nullable", "enum", "required", "properties", "items"}
_ANNOTATIONS = {"description", "example", "examples", "title"}
_KNOWN = {*_CONSTRAINTS, *_STRUCTURE, *_ANNOTATIONS}
_TYPING_ERRORS = {"deault", "deafult"}
"""Words that a published file has for a keyword, and that no reader knows."""


class Difference(NamedTuple):
    """A fact that a published file and our document do not share; ``None``: it is not there at all.

    Of a place that only we have, ``ours`` holds all that lies below it.
    """

    file: str
    target: str
    fact: str
    published: Any
    ours: Any


def published_facts(document: Document) -> Facts:
    """Give all facts of a published file; a header at the root counts as the operation's."""
    operation = document.operation
    stray = [{"name": name, "in": "header", **header} for name, header in document.headers.items()]
    facts: dict[str, Any] = {"method": document.method, "path": document.path}
    facts |= _operation_facts(operation, [*operation.get("parameters", []), *stray], document.root)
    facts["security"] = _security(operation.get("security"), document.schemes)
    return facts | dict.fromkeys(document.oddities, True)


def our_operations(spec: Tree) -> Iterator[tuple[str, Tree]]:
    """Give each variant and outbound call by its id, as an operation of its own with its path and method."""
    for url, item in spec["paths"].items():
        for method, operation in item.items():
            for variant in operation.get("x-variants") or [_as_variant(operation)]:
                yield variant["id"], _variant_operation(url, method, operation, variant)
            for name, callback in operation.get("callbacks", {}).items():
                ((expression, answer),) = callback.items()
                yield name, _outbound_operation(expression, answer)
    for name, item in spec["webhooks"].items():
        yield name, _outbound_operation("", item)


def our_facts(operation: Tree, spec: Tree) -> Facts:
    """Give all facts of one of ``our_operations``."""
    facts: dict[str, Any] = {"method": operation["method"], "path": operation["path"]}
    facts |= _operation_facts(operation, operation["parameters"], spec)
    security = operation.get("security", spec.get("security"))
    return facts | {"security": _security(security, spec["components"]["securitySchemes"])}


def compare(file: str, target: str, published: Facts, ours: Facts) -> list[Difference]:
    """List what differs; of a place that one side lacks, only the place, not each fact below it."""
    differing = [key for key in {**published, **ours} if published.get(key) != ours.get(key)]
    places = [key for key in differing if "#" not in key and (key not in published or key not in ours)]
    return [
        Difference(
            file, target, key, published.get(key), _whole(key, ours) if key in places else ours.get(key)
        )
        for key in differing
        if not any(_is_below(key, place) for place in places)
    ]


def _whole(place: str, facts: Facts) -> Any:
    if place not in facts:
        return None
    return {key.removeprefix(place): value for key, value in facts.items() if _is_below(key, place)}


def _is_below(key: str, place: str) -> bool:
    return key.startswith((f"{place}#", f"{place}.", f"{place}[]"))


def _as_variant(operation: Tree) -> Tree:
    return {"id": operation["operationId"], "published": operation["x-published"]}


def _variant_operation(url: str, method: str, operation: Tree, variant: Tree) -> Tree:
    own = {key: variant[key] for key in ("parameters", "responses") if key in variant}
    body = (
        {"requestBody": _with_schema(operation["requestBody"], variant["body"])} if "body" in variant else {}
    )
    select = variant.get("select", {})
    whole = {**operation, **body, **own, "method": method, "path": url, "published": variant["published"]}
    rest = [p for p in whole.get("parameters", []) if p.get("name") not in select]
    selecting = [
        {**p, "required": True, "schema": {**p["schema"], "enum": select[p["name"]]}}
        for p in operation.get("parameters", [])
        if p.get("name") in select
    ]
    return {**whole, "parameters": [*rest, *selecting]}


def _with_schema(body: Tree, schema: Tree) -> Tree:
    return {**body, "content": {"application/json": {"schema": schema}}}


def _outbound_operation(expression: str, item: Tree) -> Tree:
    ((method, operation),) = item.items()
    parameters = [*operation.get("parameters", []), *operation.get("x-path-parameters", [])]
    return {
        **operation,
        "method": method,
        "path": operation.get("x-path", expression),
        "parameters": parameters,
        "published": operation["x-published"],
    }


def _operation_facts(operation: Tree, parameters: list[Any], root: Tree) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for raw in parameters:
        parameter = _resolved(raw, root)
        place = f"{parameter['in']}.{parameter['name']}"
        facts |= {place: True, f"{place}#required": parameter.get("required", False)}
        facts |= _schema_facts(place, parameter["schema"], root)
    if "requestBody" in operation:
        body = operation["requestBody"]
        facts |= {"body": True, "body#required": body.get("required", False)}
        facts |= _content_facts("body", body, root)
    for status, response in operation["responses"].items():
        facts[f"response.{status}"] = True
        for name, header in response.get("headers", {}).items():
            place = f"response.{status}.header.{name.lower()}"
            facts |= {place: True, **_schema_facts(place, header["schema"], root)}
        if "content" in response:
            facts[f"response.{status}.body"] = True
            facts |= _content_facts(f"response.{status}.body", response, root)
    return facts


def _content_facts(place: str, holder: Tree, root: Tree) -> dict[str, Any]:
    ((media_type, media),) = holder["content"].items()
    schema = _schema_facts(place, media["schema"], root) if "schema" in media else {}
    return {f"{place}#media-type": media_type, **schema}


def _schema_facts(place: str, raw: Any, root: Tree) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        return {f"{place}#no-schema": str(raw)}
    schema = _resolved(raw, root)
    facts: dict[str, Any] = {f"{place}#{key}": schema[key] for key in _TYPING_ERRORS & schema.keys()}
    unknown = {key for key in schema if not key.startswith("x-")} - _KNOWN - _TYPING_ERRORS
    assert not unknown, f"{place}: a keyword that this comparison does not know: {unknown}"
    facts |= {f"{place}#{key}": schema[key] for key in _CONSTRAINTS if key in schema}
    facts[f"{place}#type"] = _types(schema)
    if "enum" in schema:
        facts[f"{place}#enum"] = schema["enum"]
    for name, value in (schema.get("properties") or {}).items():
        below = f"{place}.{name}"
        facts |= {below: True, f"{below}#required": name in schema.get("required", [])}
        facts |= _schema_facts(below, value, root)
    if "items" in schema:
        facts |= {f"{place}[]": True, **_schema_facts(f"{place}[]", schema["items"], root)}
    return facts


def _types(schema: Tree) -> list[str]:
    """Give the types; OpenAPI 3.0's ``nullable`` is 3.1's type ``null``."""
    declared = schema.get("type", [])
    types = [declared] if isinstance(declared, str) else list(declared)
    return sorted([*types, *(["null"] if schema.get("nullable") else [])])


def _security(requirements: Any, schemes: Tree) -> str:
    """Give the security as one text, e.g. ``http bearer JWT``; ``none`` where there is none."""
    names = [name for requirement in requirements or [] for name in requirement]
    parts = ("type", "in", "name", "scheme", "bearerFormat")
    return " or ".join(" ".join(schemes[n][p] for p in parts if p in schemes[n]) for n in names) or "none"


def _resolved(node: Tree, root: Tree) -> Tree:
    if "$ref" not in node:
        return node
    found: Any = root
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return _resolved(found, root)
