"""Trees of plain values, built from a parser's events: with places, within limits, without recursion."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Trouble

__all__ = ["MAX_DEPTH", "MAX_NODES", "Mark", "Marks", "Pointer", "TreeBuilder", "fail", "pointer_text"]

MAX_DEPTH = 128
"""Levels of nesting; published documents stay below 40."""
MAX_NODES = 1_000_000
"""Values in the tree, aliases written out: against documents that blow up when they are expanded."""

Pointer = tuple[str | int, ...]
_NO_KEY = N_("{file}, line {line}, column {column}: a mapping or a list cannot be a key here.")
_MERGE = "<<"
_JOINED = frozenset({"parameters"})
"""Keys whose lists are read as one where the key is written twice."""


class Mark(NamedTuple):
    """Where a value begins (both from 1), and how it was written where that is not its JSON form."""

    line: int
    column: int
    written: str | None = None


Marks = dict[int, dict[str | int, Mark]]
"""Marks of the entries of each container, by the container's identity."""


def fail(file: str, mark: Mark, text: str, **values: str | int) -> NoReturn:
    """Raise the UsageError that says where a text cannot be read (``{file}, {line}, {column}``), and why."""
    place: dict[str, str | int] = {"file": file, "line": mark.line, "column": mark.column}
    raise UsageError(Message(text=text, values={**place, **values}))


def pointer_text(pointer: Pointer) -> str:
    """Write a pointer as RFC 6901 does; the root is ``/`` for the reader's eye."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in pointer) or "/"


@dataclass(slots=True)
class _Frame:
    """A container that is still open."""

    container: Any
    mark: Mark
    anchor: str | None
    marks: dict[str | int, Mark] = field(default_factory=dict)
    key: str | None = None
    merging: bool = False
    weight: int = 1


class TreeBuilder:
    """Takes a parser's events in order; gives the tree, its marks, and what was odd about it."""

    def __init__(self, file: str) -> None:
        """Take the file's name for messages."""
        self.file = file
        self.root: Any = None
        self.complete = False
        self.marks: Marks = {}
        self.troubles: list[Trouble] = []
        self.numeric_statuses: list[tuple[Pointer, Mark]] = []
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._merged: list[Any] = []  # keeps merged containers alive: marks go by identity

    @property
    def awaits_key(self) -> bool:
        """Tell whether the next scalar is a key."""
        return (
            bool(self._stack) and isinstance(self._stack[-1].container, dict) and self._stack[-1].key is None
        )

    @property
    def pointer(self) -> Pointer:
        """Point to the value that comes next."""
        return tuple(
            frame.key or "" if isinstance(frame.container, dict) else len(frame.container)
            for frame in self._stack
        )

    def open(self, container: dict[str, Any] | list[Any], mark: Mark, anchor: str | None = None) -> None:
        """Begin a mapping or a list."""
        if self.awaits_key:
            fail(self.file, mark, _NO_KEY)
        if len(self._stack) >= MAX_DEPTH:
            fail(
                self.file,
                mark,
                N_("{file}, line {line}, column {column}: nested deeper than {limit} levels."),
                limit=MAX_DEPTH,
            )
        if anchor:
            self._anchors[anchor] = None
        self._stack.append(_Frame(container, mark, anchor))

    def close(self) -> None:
        """End the innermost mapping or list."""
        frame = self._stack.pop()
        self.marks[id(frame.container)] = frame.marks
        self._add(frame.container, frame.mark, frame.weight, frame.anchor)

    def key(self, text: str, mark: Mark, *, plain: bool = False, numeric: bool = False) -> None:
        """Take a key; a ``plain`` ``<<`` merges (YAML), a ``numeric`` one stood there as a number."""
        frame = self._stack[-1]
        frame.key = text
        frame.merging = plain and text == _MERGE
        if numeric and len(self._stack) > 1 and self._stack[-2].key == "responses":
            self.numeric_statuses.append((self.pointer, mark))

    def anchor(self, name: str, key: str) -> None:
        """Remember a key that has an anchor (YAML)."""
        self._anchors[name] = (key, 1)

    def scalar(self, value: Any, mark: Mark, anchor: str | None = None) -> None:
        """Take a value that is no container."""
        self._add(value, mark, 1, anchor)

    def alias(self, name: str, mark: Mark) -> None:
        """Take an alias (YAML): the same value again."""
        if name not in self._anchors:
            text = N_("{file}, line {line}, column {column}: the alias *{name} has no anchor before it.")
            fail(self.file, mark, text, name=name)
        known = self._anchors[name]
        if known is None:
            text = N_("{file}, line {line}, column {column}: the anchor &{name} contains itself.")
            fail(self.file, mark, text, name=name)
        value, weight = known
        if self.awaits_key:
            if isinstance(value, (dict, list)):
                fail(self.file, mark, _NO_KEY)
            self.key(str(value), mark)
        else:
            self._add(value, mark, weight, None)

    def trouble(self, mark: Mark, reason: Message, pointer: Pointer | None = None) -> None:
        """List what is odd at the coming value, or at ``pointer``."""
        at = pointer_text(self.pointer if pointer is None else pointer)
        place = f"{at} (line {mark.line}, column {mark.column})"
        self.troubles.append(Trouble(file=self.file, place=place, reason=reason, used=True))

    def _add(self, value: Any, mark: Mark, weight: int, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = (value, weight)
        if not self._stack:
            self.root, self.complete = value, True
            self.marks[0] = {"": mark}
            return
        frame = self._stack[-1]
        frame.weight += weight
        if frame.weight > MAX_NODES:
            text = N_(
                "{file}, line {line}, column {column}: more than {limit} values when its aliases are written out."
            )
            fail(self.file, mark, text, limit=MAX_NODES)
        if isinstance(frame.container, list):
            frame.marks[len(frame.container)] = mark
            frame.container.append(value)
            return
        if frame.merging:
            self._merge(frame, value, mark)
        else:
            self._enter(frame, value, mark)
        frame.key = None

    def _enter(self, frame: _Frame, value: Any, mark: Mark) -> None:
        key = frame.key or ""
        if key not in frame.container:
            frame.container[key] = value
            frame.marks[key] = mark
            return
        first = frame.container[key]
        if key in _JOINED and isinstance(first, list) and isinstance(value, list):
            self._twice(
                frame,
                mark,
                N_("“{key}” is written twice, first in line {line}: the two lists are read as one."),
            )
            self._join(frame, first, value)
            return
        self._twice(frame, mark, N_("“{key}” is written twice, first in line {line}: the later one counts."))
        frame.container[key] = value
        frame.marks[key] = mark
        self._merged.append(first)

    def _twice(self, frame: _Frame, mark: Mark, text: str) -> None:
        key = frame.key or ""
        self.trouble(mark, Message(text=text, values={"key": key, "line": frame.marks[key].line}))

    def _join(self, frame: _Frame, first: list[Any], second: list[Any]) -> None:
        joined = first + second
        marks = dict(self.marks[id(first)])
        for index, mark in self.marks[id(second)].items():
            marks[len(first) + int(index)] = mark
        self.marks[id(joined)] = marks
        self._merged += [first, second]
        frame.container[frame.key or ""] = joined

    def _merge(self, frame: _Frame, value: Any, mark: Mark) -> None:
        """Take a merge key's mappings: what is already there wins."""
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                fail(self.file, mark, N_("{file}, line {line}, column {column}: “<<” merges mappings only."))
            marks = self.marks.get(id(source), {})
            for key, entry in source.items():
                if key not in frame.container:
                    frame.container[key] = entry
                    frame.marks[key] = marks.get(key, mark)
        self._merged.append(value)
