"""Values for one place: of an exact length, of a wrong type, outside a list."""

from collections.abc import Iterator
from typing import Any

from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.writing import SLOT, has_slot

__all__ = ["long_text", "of_length", "outside", "unformatted", "wrong_types"]

_FILL = "abcdefghijklmnopqrstuvwxyz"
_OUTSIDE = ("99", "ZZ", "9", "Z", "none-of-these", "?")
_FORMATS = {
    "date-time": ("yesterday", "2026-13-45T99:99:99Z", "2026-01-02", "1767323045"),
    "date": ("yesterday", "2026-02-30", "02.01.2026"),
    "uri": ("no address", "http//missing-colon example"),
    "uuid": ("12345", "g0000000-0000-0000-0000-000000000000"),
    "email": ("nobody", "a@@b"),
}
_WRONG: dict[str, tuple[Any, ...]] = {
    "string": (12345, True, [], {}),
    "number": ("abc", True, [], {}),
    "integer": ("abc", True, 1.5, [], {}),
    "boolean": ("yes", 3, [], {}),
    "array": ("text", 7, {}),
    "object": ("text", 7, []),
}


def of_length(value: Any, length: int) -> str:
    """Give text of exactly so many characters, of the same sort as ``value``: fresh, an address, or plain."""
    if has_slot(value) and length > 0:
        names = [name.partition(":")[0] for name in SLOT.findall(value)]
        return f"{{{{callback:{length}}}}}" if "callback" in names else f"{{{{id:{length}}}}}"
    start = str(value)[:length] if length > 0 else ""
    return start + long_text(length - len(start))


def long_text(length: int) -> str:
    """Give plain ASCII text of exactly so many characters."""
    return (_FILL * (length // len(_FILL) + 1))[:length]


def wrong_types(site: Site) -> Iterator[Any]:
    """Give values of types that the place does not take; null apart, see ``type/<place>/null``."""
    types = site.types
    for value in _WRONG.get(min(types - {"null"}, default=""), ()):
        if not ({_type(value)} & types or (_type(value) == "integer" and "number" in types)):
            yield value


def outside(site: Site) -> Iterator[str]:
    """Give values that a place's enumeration does not hold and its length allows."""
    values = site.schema["enum"]
    longest = site.limit("maxLength") or max(len(str(value)) for value in values)
    changed = [str(value).swapcase() for value in values]
    fitting = [text for text in (*_OUTSIDE, *changed) if len(text) <= longest and text not in values]
    yield from dict.fromkeys([*fitting[:3], *(text for text in changed if text in fitting), ""])


def unformatted(site: Site) -> tuple[str, ...]:
    """Give values that break the place's format; empty if the format says nothing that can be broken."""
    return _FORMATS.get(site.schema.get("format", ""), ())


def _type(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names[type(value)]
