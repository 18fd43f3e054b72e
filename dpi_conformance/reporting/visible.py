"""What cannot be seen is shown: controls, formatting and unassigned characters as ``⟨U+202E⟩``."""

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["UNSEEN", "name_of", "pieces", "visible"]

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_LAID_OUT = "\n\t"
UNSEEN = re.compile(r"[^\x20-\x7e\n\t]")
"""Anything that needs a closer look; plain ASCII is the common case and needs none."""


def hidden(char: str) -> bool:
    """Tell whether a reader could not see this character, or could be misled by it."""
    if char in _LAID_OUT or char == " ":
        return False
    category = unicodedata.category(char)
    return category in _HIDDEN or (category == "Zs" and char != "\u3000")


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Split a text into runs that can be shown as they are (False) and single hidden characters (True)."""
    start = 0
    for match in UNSEEN.finditer(text):
        if hidden(match.group()):
            if match.start() > start:
                yield False, text[start : match.start()]
            yield True, match.group()
            start = match.end()
    if start < len(text):
        yield False, text[start:]


def visible(text: str) -> str:
    """Give a text with every hidden character written out as ``⟨U+202E⟩``."""
    return "".join(f"⟨U+{ord(piece):04X}⟩" if is_hidden else piece for is_hidden, piece in pieces(text))


def name_of(char: str) -> str:
    """Name a character for the reader: ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    return f"U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip()
