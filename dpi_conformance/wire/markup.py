"""Finds the values of private keys in markup: elements, cells beside each other, and the parts of a form."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["TAG", "Span", "elements", "neighbours", "parts"]

Kind = Callable[[str], str]


class Span(NamedTuple):
    """A private value in a text: where its key stands, where it starts and ends, and of which kind it is."""

    key: int
    start: int
    end: int
    kind: str
    whole: bool = True
    """Its end was there to be seen."""


TAG = re.compile(r"""<([A-Za-z_][\w.:-]{0,80}+)((?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""")
_PIECE = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)|<!--|-->|</?[A-Za-z_?!][^<>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r"""\s(?!xmlns|xsi:|xml:)[\w:.-]+\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NEIGHBOURS = re.compile(
    r">\s*([^<>\s][^<>]{0,60}?)\s*</[\w:.-]+\s*>\s*(?=<(?!th\b)[\w:.-]+(?:\s[^<>]*)?>([^<]*(?:<(?!/)[^<]*)*)</)"
)
_PART = re.compile(
    r"""\bname="?([^"\r\n;]{1,80})"?[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)(?=\r?\n--|\Z)""",
    re.DOTALL | re.IGNORECASE,
)


def elements(text: str, kind: Kind) -> Iterator[Span]:
    """Yield the texts and attributes of an element that is called like a private key, and of all in it."""
    done = 0
    for tag in TAG.finditer(text):
        own = kind(tag[1].rpartition(":")[2]) if tag.start() >= done else ""
        if not own:
            continue
        yield from (Span(tag.start(), start, end, own) for start, end in _attributes(tag))
        if tag[2].endswith("/"):
            continue
        closing = text.find(f"</{tag[1]}", tag.end())
        done = closing if closing >= 0 else len(text)
        yield from (Span(tag.start(), start, end, own) for start, end in _texts(text, tag.end(), done))


def _texts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for piece in _PIECE.finditer(text, start, end):
        yield _stripped(text, start, piece.start())
        if piece[1] is None:
            yield from _attributes(piece)
        else:
            yield _stripped(text, *piece.span(1))
        start = piece.end()
    yield _stripped(text, start, end)


def _attributes(tag: re.Match[str]) -> Iterator[tuple[int, int]]:
    for attribute in _ATTRIBUTE.finditer(tag.string, *tag.span()):
        yield attribute.span(1 if attribute[1] is not None else 2)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    own = text[start:end]
    return start + len(own) - len(own.lstrip()), end - len(own) + len(own.rstrip())


def neighbours(text: str, kind: Kind) -> Iterator[Span]:
    """Yield the text of an element behind one that holds a private key: ``<td>IBAN</td><td>…</td>``."""
    for pair in _NEIGHBOURS.finditer(text):
        if own := kind(pair[1].rstrip(": ")):
            yield Span(pair.start(), *pair.span(2), own)


def parts(text: str, kind: Kind) -> Iterator[Span]:
    """Yield the contents of a multipart form's parts that are called like a private key."""
    for part in _PART.finditer(text):
        if own := kind(part[1]):
            yield Span(part.start(), *part.span(2), own)
