"""The JSON Schema of product.yaml: for editors, published with the package, and for the sentences of complaints."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

__all__ = ["SchemaAt", "published_schema", "schema_at"]

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
"""A value from the environment, which may stand in the place of any scalar."""

Schema = Mapping[str, Any]


class SchemaAt:
    """Where a pydantic location leads: the keys of the file, and the schema of what is expected there."""

    def __init__(self, keys: tuple[str | int, ...], schema: Schema) -> None:
        """Take the keys without the tags that pydantic puts between them."""
        self.keys = keys
        self.schema = schema

    @property
    def names(self) -> tuple[str, ...]:
        """Give the keys that may stand here; of a choice of forms, its own tags' key only."""
        return tuple(self.schema.get("properties", ()))


def schema_at(model: type[BaseModel], location: tuple[str | int, ...]) -> SchemaAt:
    """Follow a pydantic error's location through the model's schema."""
    root = model.model_json_schema()
    definitions: Schema = root.get("$defs", {})
    schema: Schema = root
    keys: list[str | int] = []
    for part in location:
        tags = schema.get("discriminator", {}).get("mapping", {})
        if part in tags:
            schema = _resolved({"$ref": tags[part]}, definitions)
        elif part != "[key]":
            keys.append(part)
            schema = _resolved(_child(schema, part), definitions)
    return SchemaAt(tuple(keys), schema)


def _child(schema: Schema, part: str | int) -> Schema:
    if isinstance(part, int) and "items" in schema:
        child = schema["items"]
    else:
        child = schema.get("properties", {}).get(part, schema.get("additionalProperties", {}))
    return child if isinstance(child, Mapping) else {}


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """Follow a reference, and take the form that is not null where null is one of two."""
    if "anyOf" in schema:
        forms = [form for form in schema["anyOf"] if form.get("type") != "null"]
        schema = {**schema, **forms[0]}
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return {**definitions[name], **{k: v for k, v in schema.items() if k != "$ref"}} if name else schema


def published_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Give the schema for editors (JSON Schema 2020-12): a reference may stand where a number or choice does."""
    schema = model.model_json_schema()
    for part in _parts(schema):
        _admit_reference(part)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        for child in list(schema.values()):
            yield from _parts(child)
        yield schema
    elif isinstance(schema, list):
        for child in schema:
            yield from _parts(child)


_SCALAR = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "format", "minLength", "pattern")


def _admit_reference(schema: dict[str, Any]) -> None:
    restricted = schema.get("type") in {"integer", "number", "boolean"} or (
        schema.get("type") == "string" and ("enum" in schema or "pattern" in schema)
    )
    if restricted and "$" not in str(schema.get("pattern", "")).replace("$", "", 1):
        own = {key: schema.pop(key) for key in _SCALAR if key in schema}
        schema["anyOf"] = [own, dict(_REFERENCE)]
