"""JSON as it was written: numbers digit for digit, and an event that is found wherever a message has it."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

__all__ = ["ABSENT", "copies", "exact", "same"]

ABSENT = object()
"""What a body is that is no JSON."""


def exact(raw: bytes) -> Any:
    """Read JSON, fractions as Decimal; ABSENT where it is none."""
    try:
        return json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError):
        return ABSENT


def same(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are equal; 1 and 1.0 are, true and 1 are not."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def copies(value: Any, mark: str) -> Iterator[Mapping[str, Any]]:
    """Give each object in a message that has the mark as its note; also in JSON that a text holds."""
    if isinstance(value, Mapping):
        if value.get("note") == mark:
            yield value
        for child in value.values():
            yield from copies(child, mark)
    elif isinstance(value, list):
        for child in value:
            yield from copies(child, mark)
    elif isinstance(value, str) and mark in value and value != mark:
        yield from copies(exact(value.encode()), mark)
