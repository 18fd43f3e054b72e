"""Repairs of single schema keywords: pure functions from what is written to what was meant."""

import math
from typing import Any

__all__ = ["NUMERIC", "TYPES", "as_count", "as_number", "known_type"]

TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
NUMERIC = frozenset({"number", "integer"})

_MEANT: dict[str, dict[str, str]] = {
    "float": {"type": "number", "format": "float"},
    "double": {"type": "number", "format": "double"},
    "decimal": {"type": "number"},
    "numeric": {"type": "number"},
    "int": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "long": {"type": "integer", "format": "int64"},
    "str": {"type": "string"},
    "text": {"type": "string"},
    "char": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "date-time": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "uri": {"type": "string", "format": "uri"},
    "url": {"type": "string", "format": "uri"},
    "email": {"type": "string", "format": "email"},
    "file": {"type": "string", "format": "binary"},
    "binary": {"type": "string", "format": "binary"},
    "bool": {"type": "boolean"},
    "list": {"type": "array"},
    "dict": {"type": "object"},
    "map": {"type": "object"},
    "json": {"type": "object"},
    "nil": {"type": "null"},
    "none": {"type": "null"},
}


def known_type(name: Any) -> dict[str, str] | None:
    """Give the keywords that a type name stands for; None for a name that says nothing."""
    if name is None:
        return {"type": "null"}
    if not isinstance(name, str):
        return None
    lowered = name.strip().lower()
    return {"type": lowered} if lowered in TYPES else _MEANT.get(lowered)


def as_number(value: Any) -> int | float | None:
    """Give a limit as a number, also where it was written as text; None where it is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def as_count(value: Any) -> int | None:
    """Give a limit as a whole number, 0 or more; None where it is none."""
    number = as_number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None
