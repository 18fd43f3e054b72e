"""YAML text → tree: libyaml's events, scalars read as YAML 1.2's core schema does (what OpenAPI asks for)."""

import math
import re
from typing import Any

from dpi_conformance.catalogue.trees import Mark, TreeBuilder, fail
from dpi_conformance.i18n import N_, Message

__all__ = ["read_yaml_text"]

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_REAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_BOOLEANS = frozenset(
    word for name in ("yes", "no", "on", "off") for word in (name, name.title(), name.upper())
)
_OLD_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?\Z")
_OLD_SEXAGESIMAL = re.compile(r"[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?\Z")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+\Z")
_NOT_YAML = N_("{file}, line {line}, column {column}: not YAML: {problem}.")
_CORE = "tag:yaml.org,2002:"
_TEXTUAL = frozenset({f"{_CORE}str", "!"})
_ILLUSTRATIVE = frozenset({"example", "examples", "description", "title", "summary", "pattern"})


def read_yaml_text(text: str, builder: TreeBuilder, first_line: int = 0) -> None:
    """Feed the first YAML document to the builder; UsageError with line and column where there is none.

    ``first_line`` counts the lines before the text, where it was cut out of a larger file.
    """
    import yaml  # noqa: PLC0415 -- not every command reads YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reading = _Events(builder, first_line)
    try:
        for event in yaml.parse(text, Loader=loader):
            reading.take(type(event).__name__, event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        fail(builder.file, reading.mark(mark), _NOT_YAML, problem=problem)
    except yaml.YAMLError as error:
        fail(builder.file, Mark(first_line + 1, 1), _NOT_YAML, problem=str(error).splitlines()[0])


class _Events:
    def __init__(self, builder: TreeBuilder, first_line: int) -> None:
        self._builder = builder
        self._first = first_line
        self._reported = False

    def mark(self, mark: Any, written: str | None = None) -> Mark:
        if mark is None:
            return Mark(self._first + 1, 1)
        return Mark(self._first + mark.line + 1, mark.column + 1, written)

    def take(self, kind: str, event: Any) -> None:
        if self._builder.complete:
            self._after(kind, event)
        elif kind == "ScalarEvent":
            self._scalar(event)
        elif kind == "MappingStartEvent":
            self._open({}, event)
        elif kind == "SequenceStartEvent":
            self._open([], event)
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            self._builder.close()
        elif kind == "AliasEvent":
            self._builder.alias(event.anchor, self.mark(event.start_mark))

    def _after(self, kind: str, event: Any) -> None:
        """Report a second document, which is not read."""
        if kind == "DocumentStartEvent" and not self._reported:
            self._reported = True
            reason = Message(text=N_("Another YAML document begins here; only the first is read."))
            self._builder.trouble(self.mark(event.start_mark), reason, ())

    def _open(self, container: dict[str, Any] | list[Any], event: Any) -> None:
        mark = self.mark(event.start_mark)
        if event.tag and event.tag not in {f"{_CORE}map", f"{_CORE}seq", "!"}:
            self._unknown_tag(event.tag, mark)
        self._builder.open(container, mark, event.anchor)

    def _scalar(self, event: Any) -> None:
        text: str = event.value
        plain = event.implicit[0] or _is_core(event.tag)
        if self._builder.awaits_key:
            mark = self.mark(event.start_mark)
            self._odd(text, mark, plain=plain)
            self._builder.key(text, mark, plain=plain, numeric=plain and bool(_INTEGER.match(text)))
            if event.anchor:
                self._builder.anchor(event.anchor, text)
            return
        value = _resolve(text) if plain else text
        written = text if value is not text else None
        mark = self.mark(event.start_mark, written)
        if event.tag and event.tag not in _TEXTUAL and not _is_core(event.tag):
            self._unknown_tag(event.tag, mark)
        self._odd(text, mark, plain=plain)
        if isinstance(value, float) and not math.isfinite(value):
            self._note(mark, N_("“{text}” is no number in JSON and is read as text."), text)
            value = text
        self._builder.scalar(value, mark, event.anchor)

    def _odd(self, text: str, mark: Mark, *, plain: bool) -> None:
        """Report a plain scalar that readers of YAML 1.1 take for something else."""
        if not plain or not text or (text[0] not in "0123456789+-yYnNoO"):
            return
        if text in _OLD_BOOLEANS:
            self._note(
                mark, N_("“{text}” without quotes is text in YAML 1.2 and a truth value in YAML 1.1."), text
            )
        elif _LEADING_ZERO.match(text):
            self._note(
                mark, N_("“{text}” without quotes loses its leading zero, or is octal in YAML 1.1."), text
            )
        elif (_OLD_DATE.match(text) or _OLD_SEXAGESIMAL.match(text)) and not self._illustrative():
            self._note(
                mark,
                N_("“{text}” without quotes is a date or a number in YAML 1.1; it is read as text."),
                text,
            )

    def _illustrative(self) -> bool:
        return not _ILLUSTRATIVE.isdisjoint(self._builder.pointer)

    def _unknown_tag(self, tag: str, mark: Mark) -> None:
        self._note(mark, N_("The tag “{text}” is not known and is left out."), tag)

    def _note(self, mark: Mark, text: str, value: str) -> None:
        self._builder.trouble(mark, Message(text=text, values={"text": value}))


def _is_core(tag: str | None) -> bool:
    return tag is not None and tag.startswith(_CORE) and tag not in _TEXTUAL


def _resolve(text: str) -> Any:
    """Give a plain scalar's value in the core schema; a text that is nothing else stays the same object."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INTEGER.match(text) or _BASED.match(text):
        return _integer(text)
    if _REAL.match(text):
        return float(text)
    if _NOT_FINITE.match(text):
        return math.nan
    return text


def _integer(text: str) -> int | float:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    try:
        return int(text, base)
    except ValueError:  # more digits than Python converts
        return math.nan
