"""JSON text (RFC 8259) → tree: with the line and column of every value, and without recursion."""

import bisect
import json
import math
import re
from typing import Any, NoReturn

from dpi_conformance.catalogue.trees import Mark, TreeBuilder, fail
from dpi_conformance.i18n import N_, Message

__all__ = ["read_json_text"]

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
      | (?P<mark>[{}\[\],:])
      | (?P<word>true|false|null)
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_WHOLE = re.compile(r"-?[0-9]+\Z").match
_SPACE = re.compile(r"[ \t\r\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_json_text(text: str, builder: TreeBuilder) -> None:
    """Feed one JSON text to the builder; UsageError with line and column where it is none."""
    _JsonText(text, builder).read()


class _JsonText:
    def __init__(self, text: str, builder: TreeBuilder) -> None:
        self._text = text
        self._builder = builder
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._closers: list[str] = []

    def read(self) -> None:
        """Go from piece to piece; ``expected`` is what the grammar allows next."""
        position, expected = 0, "value"
        while expected != "end":
            match = _TOKEN.match(self._text, position)
            if match is None:
                self._unexpected(self._beyond_space(position), expected)
            kind = match.lastgroup or ""
            start, position = match.start(kind), match.end()
            expected = self._take(kind, match[kind], start, expected)
        rest = self._beyond_space(position)
        if rest < len(self._text):
            self._unexpected(rest, "end")

    def _take(self, kind: str, piece: str, start: int, expected: str) -> str:
        """Take one piece and tell what may come next."""
        if kind == "mark":
            return self._punctuation(piece, start, expected)
        if expected in {"key", "first key"} and kind == "string":
            self._builder.key(self._string(piece, start), self._mark(start))
            return "colon"
        if expected not in {"value", "first item"}:
            self._unexpected(start, expected)
        self._value(kind, piece, start)
        return self._after()

    def _value(self, kind: str, piece: str, start: int) -> None:
        if kind == "string":
            self._builder.scalar(self._string(piece, start), self._mark(start))
        elif kind == "word":
            self._builder.scalar(_WORDS[piece], self._mark(start))
        else:
            self._number(piece, start)

    def _punctuation(self, piece: str, start: int, expected: str) -> str:
        if piece in "{[" and expected in {"value", "first item"}:
            self._builder.open({} if piece == "{" else [], self._mark(start))
            self._closers.append("}" if piece == "{" else "]")
            return "first key" if piece == "{" else "first item"
        if piece == ":" and expected == "colon":
            return "value"
        if piece == "," and expected == "comma":
            return "key" if self._closers[-1] == "}" else "value"
        closing = {"first key": "}", "first item": "]", "comma": self._closers[-1] if self._closers else ""}
        if piece != closing.get(expected):
            self._unexpected(start, expected)
        self._closers.pop()
        self._builder.close()
        return self._after()

    def _after(self) -> str:
        return "comma" if self._closers else "end"

    def _number(self, piece: str, start: int) -> None:
        mark = self._mark(start)
        try:
            value: int | float | str = int(piece) if _WHOLE(piece) else float(piece)
        except ValueError:  # more digits than Python converts
            value = math.inf
        if value in {math.inf, -math.inf}:
            self._builder.trouble(mark, Message(text=N_("The number is too large and is read as text.")))
            value = piece
        self._builder.scalar(value, mark)

    def _string(self, piece: str, start: int) -> str:
        if "\\" not in piece and piece.isprintable():
            return piece[1:-1]
        try:
            value: str = json.loads(piece)
        except ValueError:
            value = self._lenient(piece, start)
        if _SURROGATE.search(value):
            self._odd(start, N_("Half a surrogate pair is no character; it is replaced."))
            value = _SURROGATE.sub("\ufffd", value)
        return value

    def _lenient(self, piece: str, start: int) -> str:
        """Read a string with bare control characters, which JSON forbids."""
        try:
            value: str = json.loads(piece, strict=False)
        except ValueError as error:
            text = N_("{file}, line {line}, column {column}: not a JSON string: {problem}.")
            fail(self._builder.file, self._mark(start), text, problem=str(error))
        self._odd(start, N_("Control characters in a JSON string must be escaped; they are kept."))
        return value

    def _odd(self, start: int, text: str) -> None:
        self._builder.trouble(self._mark(start), Message(text=text))

    def _beyond_space(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def _mark(self, start: int) -> Mark:
        line = bisect.bisect_left(self._breaks, start)
        return Mark(line + 1, start - (self._breaks[line - 1] if line else -1))

    def _unexpected(self, start: int, expected: str) -> NoReturn:
        found = self._text[start : start + 12]
        text = _EXPECTED[expected] if found else _ENDS_EARLY
        fail(self._builder.file, self._mark(start), text, found=repr(found))


_EXPECTED = {
    "value": N_("{file}, line {line}, column {column}: a value was expected, not {found}."),
    "first item": N_("{file}, line {line}, column {column}: a value or “]” was expected, not {found}."),
    "key": N_("{file}, line {line}, column {column}: a key in double quotes was expected, not {found}."),
    "first key": N_(
        "{file}, line {line}, column {column}: a key in double quotes or “}}” was expected, not {found}."
    ),
    "colon": N_("{file}, line {line}, column {column}: “:” was expected, not {found}."),
    "comma": N_(
        "{file}, line {line}, column {column}: “,” or the end of the list or mapping was expected, not {found}."
    ),
    "end": N_("{file}, line {line}, column {column}: the end of the document was expected, not {found}."),
}
"""What is said where something else stands."""
_ENDS_EARLY = N_("{file}, line {line}, column {column}: the file ends here, too early.")
