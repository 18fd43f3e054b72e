"""How a private value is written elsewhere, and how it is taken out of a text."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

from dpi_conformance.wire.layers import plain

__all__ = ["cut_off", "forms", "spelt", "without"]

_ESCAPED = re.compile(r"[%\\&+]")
_BEFORE_WORD = r"(?<!\w)|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2})|(?<=\\[nrt])|(?<=\\u[0-9A-Fa-f]{4})"
_LONG = 8
"""One of as many is looked for within words too."""


def forms(value: str, peeled: str) -> list[str]:
    """Give a value as it stands, and with the escapes taken off that it stands under, and its container's own."""
    found = [value]
    if _ESCAPED.search(value):
        for kinds in (*peeled, "\\%&"):
            if (bare := plain(found[-1], kinds)) != found[-1]:
                found.append(bare)
        if "+" in found[-1]:
            found.append(found[-1].replace("+", " "))
    return found


def spelt(value: str) -> Iterator[str]:
    """Yield a value as JSON and URLs write it, where that differs."""
    if not value.isascii() or '"' in value or "\\" in value:
        yield json.dumps(value)[1:-1]
    if not value.isalnum() or not value.isascii():
        yield quote(value.encode("utf-8", "surrogatepass"), safe="")


def without(text: str, value: str, shown: str) -> str:
    """Give a text with a value replaced; a short one only where it is a word of its own."""
    if len(value) >= _LONG:
        return text.replace(value, shown)
    return re.sub(rf"(?:{_BEFORE_WORD}){re.escape(value)}(?!\w)", lambda _: shown, text)


def cut_off(text: str, value: str, least: int) -> int:
    """Find where a value begins that the end of a text cuts off after ``least`` characters or more; -1 if none does."""
    start = text.find(value[:least], max(len(text) - len(value), 0)) if len(value) > least else -1
    while start >= 0 and not value.startswith(text[start:]):
        start = text.find(value[:least], start + 1)
    return start
