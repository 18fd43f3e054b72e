"""Reads a JSON body strictly: what two readers could understand differently is refused."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import parse_qsl

__all__ = ["MAX_DEPTH", "Unreadable", "first_trouble", "read_form", "read_json"]

MAX_DEPTH = 64
"""Arrays and objects may be nested so deep; no published body needs more than 4."""
_FIELDS = 1000
"""Fields that a form may have."""
_MAGNITUDE = 400
"""Powers of ten that a number may reach: more than a 64-bit float has."""


class Unreadable(ValueError):  # noqa: N818 -- the caller's fault, not ours
    """A body that is not one unambiguous JSON text; ``kind`` names what is wrong with it."""

    def __init__(self, kind: str, text: str) -> None:
        """Take the kind (``malformed``, ``duplicate``, ``deep``, ``nul``, ``surrogate``) and the description."""
        super().__init__(text)
        self.kind = kind
        self.text = text


def read_json(raw: bytes) -> Any:
    """Parse a UTF-8 JSON text; fractions become Decimal. Raises Unreadable."""
    try:
        value = _DECODER.decode(raw.decode())
    except Unreadable:
        raise
    except RecursionError:
        raise _too_deep() from None
    except (ValueError, ArithmeticError):
        raise Unreadable("malformed", "The body is not JSON in UTF-8.") from None
    if b"\\u" in raw or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        trouble = first_trouble(value)
        if trouble:
            raise trouble
    return value


def read_form(raw: bytes) -> dict[str, str | list[str]]:
    """Parse a form in UTF-8; a name that comes several times has a list of values. Raises Unreadable."""
    fields: dict[str, str | list[str]] = {}
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except ValueError:
        raise Unreadable("malformed", "The body is not a form in UTF-8.") from None
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise Unreadable("nul", "The form holds a NUL character.")
        before = fields.get(name)
        fields[name] = (
            value if before is None else [*([before] if isinstance(before, str) else before), value]
        )
    return fields


def first_trouble(value: object) -> Unreadable | None:
    """Find text that cannot be stored, or nesting beyond ``MAX_DEPTH``; walks without recursion."""
    stack: list[tuple[object, str, int]] = [(value, "body", 1)]
    while stack:
        here, place, depth = stack.pop()
        if isinstance(here, str):
            if trouble := _text_trouble(here, place):
                return trouble
        elif isinstance(here, (dict, list)):
            if depth > MAX_DEPTH:
                return _too_deep()
            stack.extend((child, f"{place}.{name}", depth + 1) for name, child in _members(here))
            if isinstance(here, dict):
                stack.extend((name, f"{place} (a name)", depth) for name in here)
    return None


def _members(container: dict[str, object] | list[object]) -> Iterable[tuple[str | int, object]]:
    return container.items() if isinstance(container, dict) else enumerate(container)


def _text_trouble(text: str, place: str) -> Unreadable | None:
    if "\0" in text:
        return Unreadable("nul", f"{place} holds a NUL character.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Unreadable("surrogate", f"{place} holds half a surrogate pair.")
    return None


def _too_deep() -> Unreadable:
    return Unreadable("deep", f"The body is nested deeper than {MAX_DEPTH} levels.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Unreadable("duplicate", f"The body has the name {twice[:40]} twice in one object.")
    return members


def _constant(name: str) -> NoReturn:
    raise Unreadable("malformed", f"The body holds {name}, which is not JSON.")


def _fraction(text: str) -> Decimal:
    """Read a number; one whose digits would fill the memory if they were written out is refused."""
    number = Decimal(text)
    if number and abs(number.adjusted()) > _MAGNITUDE:
        raise Unreadable("malformed", "The body holds a number that is out of all proportion.")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_constant=_constant)
