"""The JSON Schema of product.yaml: for editors, published with the package, and for the sentences of complaints."""

import ast
import inspect
import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

__all__ = ["SchemaAt", "described_schema", "published_schema", "schema_at", "schema_text"]

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
"""A value from the environment, which may stand in the place of any scalar."""

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaAt:
    """Where a pydantic location leads: the keys of the file, and the schema of what is expected there."""

    keys: tuple[str | int, ...]
    """Without the tags that pydantic puts between them."""
    schema: Schema

    @property
    def names(self) -> tuple[str, ...]:
        """Give the keys that may stand here."""
        return tuple(self.schema.get("properties", ()))


def schema_at(root: Schema, location: tuple[str | int, ...]) -> SchemaAt:
    """Follow a pydantic error's location through a model's schema."""
    definitions: Schema = root.get("$defs", {})
    schema = root
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


def described_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Give the model's schema with each key's docstring as its description.

    Pydantic would read them when the module is imported, which costs each start 30 ms.
    """
    schema = model.model_json_schema()
    sources = {sys.modules[one.__module__] for one in (model, *_models(model))}
    docs = {name: keys for source in sources for name, keys in _docstrings(inspect.getsource(source))}
    for name, part in ((model.__name__, schema), *schema.get("$defs", {}).items()):
        for key, child in part.get("properties", {}).items():
            found = docs.get(name, {}).get(key) or docs.get(name, {}).get(f"{key}_")
            if found:
                child["description"] = found
    return schema


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield the models that share a base with this one: all that can be in its schema."""
    yield from itertools.chain.from_iterable(
        base.__subclasses__()
        for base in model.__mro__
        if base is not BaseModel and issubclass(base, BaseModel)
    )


def _docstrings(source: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each class with the docstrings that stand below its attributes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield (
                node.name,
                {
                    attribute.target.id: inspect.cleandoc(text.value.value)
                    for attribute, text in itertools.pairwise(node.body)
                    if isinstance(attribute, ast.AnnAssign)
                    and isinstance(attribute.target, ast.Name)
                    and isinstance(text, ast.Expr)
                    and isinstance(text.value, ast.Constant)
                    and isinstance(text.value.value, str)
                },
            )


def published_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Give the schema for editors (JSON Schema 2020-12): ``${NAME}`` may stand where a number or choice does."""
    schema = described_schema(model)
    for part in list(_parts(schema)):
        _admit_reference(part)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        for child in schema.values():
            yield from _parts(child)
        yield schema
    elif isinstance(schema, list):
        for child in schema:
            yield from _parts(child)


_RULES = ("type", "enum", "minimum", "maximum", "format", "minLength", "pattern")


def _admit_reference(schema: dict[str, Any]) -> None:
    kind = schema.get("type")  # a property may have this very name, and then it is no text
    chosen = kind == "string" and ("enum" in schema or "pattern" in schema)
    if chosen or (isinstance(kind, str) and kind in {"integer", "number", "boolean"}):
        own = {key: schema.pop(key) for key in _RULES if key in schema}
        schema["anyOf"] = [own, dict(_REFERENCE)]


def schema_text(model: type[BaseModel]) -> str:
    """Give the published schema as the file that is shipped."""
    return json.dumps(published_schema(model), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    from dpi_conformance.catalogue.product import ProductFile

    sys.stdout.write(schema_text(ProductFile))
