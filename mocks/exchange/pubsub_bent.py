"""Schemas that are checked in part, and payloads that are tidied, as products with faults do it (P2, P4)."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from dpi_conformance.mockkit.faults import FaultSwitches

__all__ = ["bent_schema", "tidied"]


def bent_schema(schema: Mapping[str, Any], on: FaultSwitches) -> Mapping[str, Any]:
    """Give the part of a schema that is checked: all of it, unless a fault leaves some out."""
    if on("schema-checked-at-the-top"):
        members = schema.get("properties", {})
        tops = {
            name: {"type": one["type"]} if isinstance(one, Mapping) and "type" in one else {}
            for name, one in members.items()
        }
        return {**schema, "properties": tops}
    if on("schema-references-not-followed"):
        return dict(_without_references(schema))
    return schema


def tidied(value: Any) -> Any:
    """Compose each text and strip it of outer white space."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, list):
        return [tidied(one) for one in value]
    if isinstance(value, Mapping):
        return {name: tidied(one) for name, one in value.items()}
    return value


def _without_references(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_references(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _without_references(one) for name, one in value.items() if name != "$ref"}
    return value
