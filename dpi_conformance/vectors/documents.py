"""One OpenAPI document for each variant, with its valid request as the example: what generators are fed."""

from collections.abc import Mapping
from typing import Any

from dpi_conformance.model.spec import Schema
from dpi_conformance.vectors.drafts import ABSENT, JSON, Place
from dpi_conformance.vectors.sites import resolved
from dpi_conformance.vectors.trials import Subject
from dpi_conformance.vectors.writing import sampled

__all__ = ["document"]

_DEPTH = 16
_SCHEMAS = ("items", "additionalProperties", "not", "contains", "propertyNames")
_LISTS = ("anyOf", "oneOf", "prefixItems")


def document(subject: Subject) -> dict[str, Any]:
    """Give the document; selecting query pairs are parameters with one value, references are written out.

    A form is described as an object, and written as a form when it is frozen.
    """
    variant = subject.variant
    parameters = [
        _parameter(subject, p.location, p.name, p.schema, required=p.required) for p in variant.parameters
    ]
    parameters += [
        _parameter(subject, "query", name, {"type": "string", "enum": [value]}, required=True)
        for name, value in variant.select
    ]
    operation: dict[str, Any] = {
        "operationId": variant.id,
        "parameters": parameters,
        "responses": {
            declared.status: {"description": "", "content": _content(declared.content)}
            for declared in variant.responses
        },
    }
    if variant.body is not None and subject.base.body is not ABSENT:
        example = sampled(subject.base.body, subject.validity.sample)
        media = {"schema": _written_out(variant.body.schema, variant.body.schema), "example": example}
        operation["requestBody"] = {
            "required": variant.body.required,
            "content": {JSON if subject.form else variant.body.media_type: media},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": variant.id, "version": "1"},
        "paths": {variant.path: {variant.method: operation}},
    }


def _parameter(
    subject: Subject, location: str, name: str, schema: Schema, *, required: bool
) -> dict[str, Any]:
    parameter = {
        "name": name,
        "in": location,
        "required": required,
        "schema": _written_out(schema, schema),
    }
    value = subject.base.value(Place(location, (name,)))
    return parameter if value is ABSENT else {**parameter, "example": sampled(value, subject.validity.sample)}


def _content(declared: Mapping[str, Schema]) -> dict[str, Any]:
    return {media: {"schema": _written_out(schema, schema)} for media, schema in declared.items()}


def _written_out(schema: Any, root: Schema, depth: int = _DEPTH) -> Any:
    if not isinstance(schema, Mapping) or depth == 0:
        return schema if isinstance(schema, bool) else {}
    plain = {
        name: value for name, value in resolved(schema, root).items() if name not in {"$defs", "examples"}
    }
    for name in _SCHEMAS:
        if isinstance(plain.get(name), Mapping):
            plain[name] = _written_out(plain[name], root, depth - 1)
    for name in _LISTS:
        if name in plain:
            plain[name] = [_written_out(part, root, depth - 1) for part in plain[name]]
    if "properties" in plain:
        plain["properties"] = {
            name: _written_out(part, root, depth - 1) for name, part in plain["properties"].items()
        }
    return plain
