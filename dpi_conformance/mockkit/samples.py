"""The smallest value that a schema allows, for a product that acknowledges without looking."""

from collections.abc import Mapping
from typing import Any

__all__ = ["resolved", "sample"]

_FORMATS = {
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "nobody@example.org",
}
_PLAIN: Mapping[str, Any] = {"integer": 0, "number": 0, "boolean": False, "null": None}


def resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow local references (``#/$defs/…``) from a schema that lies in ``root``."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        schema = target
    return schema


def sample(
    schema: Mapping[str, Any], named: Mapping[str, object], root: Mapping[str, Any] | None = None
) -> Any:
    """Give a value with the required members only; ``named`` gives the values of members that go by a name."""
    root = schema if root is None else root
    schema = resolved(schema, root)
    for chosen in ("const", "default"):
        if chosen in schema:
            return schema[chosen]
    for several in ("enum", "examples"):
        if schema.get(several):
            return schema[several][0]
    kind = _kind(schema)
    if kind == "object":
        return _members(schema, named, root)
    if kind == "array":
        return [sample(schema["items"], named, root)] * schema.get("minItems", 0)
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "0" * schema.get("minLength", 1))
    return _PLAIN[kind]


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return kind if isinstance(kind, str) else kind[0]


def _members(
    schema: Mapping[str, Any], named: Mapping[str, object], root: Mapping[str, Any]
) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required", ())
    return {
        name: named[name] if name in named else sample(properties.get(name, {}), named, root)
        for name in [*required, *(name for name in properties if name in named and name not in required)]
    }
