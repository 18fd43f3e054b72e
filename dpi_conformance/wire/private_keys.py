"""Finds the values of private keys in a text, be it JSON, a form, XML, a log, or only nearly so."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dpi_conformance.wire.key_names import bare, of_a_thing
from dpi_conformance.wire.layers import layers
from dpi_conformance.wire.markup import TAG, Span, elements, neighbours, parts

__all__ = ["Found", "find"]

Kind = Callable[[str], str]
"""Gives what the values of a key are; empty: they may be shown."""


class Found(NamedTuple):
    """A private value: where it stands in the text, of which kind it is, and under which layers of escapes."""

    start: int
    end: int
    kind: str
    peeled: str
    key: int
    """Where its key stands."""


_SEPARATOR = re.compile(r"(?:=>|[:=])\s*+")
_YEK = re.compile(r"[\w%\\.$@+\[\]-]{1,80}+")
"""A key without quotes, read backwards from the separator."""
_MOST_IN_KEY = 80
_WORDS_BEFORE = re.compile(r"(?:\w[\w-]*[ ])?\w[\w-]*[ ]$")
_TOKEN = re.compile(
    r"""
      (?P<scalar>"(?:[^"\\]|\\.)*+"? | '(?:[^'\\]|\\.)*+'? | [^\s{}\[\](),:"']+)(?P<key>\s*(?:=>|[:=]))?
    | (?P<open>[{\[(])
    | (?P<close>[}\])])
    """,
    re.VERBOSE | re.DOTALL,
)
_BARE = re.compile(r'[^,}\]\n\r"{\[]+')
_QUOTED = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*+", re.DOTALL) for quote in "\"'`"}
_AFTER_QUOTE = re.compile(
    r"""\\*["'`]?[ \t]*(?:[,;:)}\]>&|<\\\r\n]|$|/>|\?>|[.!?](?:\s|$)|\s[\w:.-]+\s*=)""",
)
"""What stands behind a quote that ends a value; one with anything else behind it belongs to the value."""
_PLAIN_END = re.compile(
    r"""
      [\n\r&]
    | "(?=[ \t]*(?:[,}\]:;)>\\\n\r]|$))
    | '(?=[ \t]*(?:[,}\]:;)>\\"\n\r]|$))
    | <[/!?]?[A-Za-z][^<>]*>
    | [,;|\s]\s*[({\[]*["']?[A-Za-z_][\w.-]*["']?\s*=(?!=)
    | [,;|]\s*["']?[a-z_][\w.-]*["']?\s*:
    """,
    re.VERBOSE,
)
"""What ends a value without quotes; a space does not: names have several words."""
_NAMED = re.compile(
    r"""\b(?:name|key|field|fieldname|parameter|param|property|attribute|path)["']?\s*[:=]\s*["']?([\w .-]{2,60}+)""",
    re.IGNORECASE,
)
_VALUE_WORDS = ("val", "content", "received", "given", "input")
_ITS_VALUE = re.compile(
    r"""\b(?:value|val|content|received|given|input|(?:rejected|invalid)_?value)["']?\s*[:=]\s*""",
    re.IGNORECASE,
)
_TAKEN_OUT = re.compile(r"\[(?:redacted|personal data)\b")
_OBJECT = re.compile(
    r"""(?=(\{(?:[^{}"']++|"(?:[^"\\]|\\.)*+(?:"|\Z)|'(?:[^'\\]|\\.)*+(?:'|\Z)){1,80}+(?:\}|\Z)))""",
    re.DOTALL,
)
"""An object without another in it, wherever one begins."""
_FIELDS_ONLY = re.compile(
    r"<(?:meta|input|form|a|iframe|img|button|select|textarea|param|property|xs\w*:\w+|slot|map|object)\s[^<>]*$"
    r"|form-data;[^\n]*$",
    re.IGNORECASE,
)
"""Where ``name=`` names a thing of a page."""


def find(text: str, kind: Kind) -> list[Found]:
    """Give the values of the keys that ``kind`` knows, in order and without overlap; a value may be a part of one."""
    found: list[Found] = []
    for layer in layers(text):
        read = _Read(found)
        for span in _in_layer(layer.text, kind):
            key = layer.places[span.key]
            if span.start < span.end and read.leaves(span, key):
                found.append(Found(*layer.span(span.start, span.end), span.kind, layer.peeled, key))
    found.sort(key=lambda one: (one.start, -one.end))
    return _apart(found)


class _Read:
    """The values that were found under fewer escapes."""

    def __init__(self, found: Iterable[Found]) -> None:
        """Take them; of two that begin at one key, the longer counts."""
        self._ends: dict[int, int] = {}
        for one in found:
            self._ends[one.key] = max(one.end, self._ends.get(one.key, 0))
        self._keys = sorted(self._ends)

    def leaves(self, span: Span, key: int) -> bool:
        """Tell whether a value that was found under further escapes counts beside these.

        What lies in a value is no key. A key that was read before is read again: within a text of another language,
        an escape may have seemed to end its value too early; where nothing ends it now, it did not.
        """
        at = bisect_right(self._keys, key) - 1
        if at < 0 or key >= self._ends[self._keys[at]]:
            return True
        return self._keys[at] == key and span.whole


def _apart(found: list[Found]) -> list[Found]:
    """Leave out what lies within another, and cut what overlaps."""
    apart: list[Found] = []
    end = 0
    for one in found:
        if one.end > end:
            apart.append(one._replace(start=max(one.start, end)))
            end = one.end
    return apart


def _in_layer(text: str, kind: Kind) -> Iterator[Span]:
    if ":" in text or "=" in text:
        yield from _pairs(text, kind)
        lower = text.lower()
        if any(word in lower for word in _VALUE_WORDS):
            yield from _entries(text, kind)
    if "<" in text:
        yield from elements(text, kind)
        yield from neighbours(text, kind)
    if "form-data" in text:
        yield from parts(text, kind)


def _pairs(text: str, kind: Kind) -> Iterator[Span]:
    done, backwards = 0, text[::-1]
    for separator in _SEPARATOR.finditer(text):
        at = separator.start()
        if at < done:
            continue
        while at and text[at - 1] in " \t\r\n)":
            at -= 1
        quoted = text[at - 1 : at] in {'"', "'"}
        start = _opening(text, at) if quoted else at - _length(backwards, len(text) - at)
        if start < 0 or start == at:
            continue
        key = text[start + 1 : at - 1] if quoted else text[start:at]
        own = kind(key) if quoted else _kind_in_words(text, start, key, kind)
        if own:
            value = _value(text, separator.end(), quoted=quoted)
            if not _names_a_key(text, key, value, kind):
                done = value.end
                yield from value.under(start, own)


def _opening(text: str, end: int) -> int:
    """Find the quote that begins a key; -1 where it is none, or stands under further escapes."""
    start = text.rfind(text[end - 1], max(end - _MOST_IN_KEY, 0), end - 1)
    escaped = text[end - 2 : end - 1] == "\\"
    return -1 if escaped or "\n" in text[start + 1 : end] else start


def _length(backwards: str, at: int) -> int:
    match = _YEK.match(backwards, at)
    return match.end() - at if match else 0


def _kind_in_words(text: str, start: int, key: str, kind: Kind) -> str:
    """Tell what a key without quotes is, which may be the last of several words: ``payee identity: …``."""
    own = kind(key)
    if text[start - 1 : start] == " ":
        before = _WORDS_BEFORE.search(text, max(start - 40, 0), start)
        words = before[0].split() if before else []
        for phrase in [" ".join((*words[-count:], key)) for count in (1, 2)[: len(words)]]:
            if of_a_thing(phrase):
                return ""
            own = kind(phrase) or own
    if own and _FIELDS_ONLY.search(text, max(start - 200, 0), start):
        return ""
    return own


def _names_a_key(text: str, key: str, value: "_Value", kind: Kind) -> bool:
    """Tell whether what is called a name is that of a key, and no person's: ``{"name": "msisdn", "value": …}``."""
    return (
        key[-4:].lower() == "name"
        and bare(key) == "name"
        and len(value.scalars) == 1
        and bool(kind(text[slice(*value.scalars[0])]))
    )


def _entries(text: str, kind: Kind) -> Iterator[Span]:
    """Yield the values beside keys that are values themselves: ``{"key": "msisdn", "value": …}``."""
    objects = (entry.span(1) for entry in _OBJECT.finditer(text))
    for entry in (*objects, *(tag.span() for tag in TAG.finditer(text))):
        named = (kind(name[1]) for name in _NAMED.finditer(text, *entry))
        own = next(filter(None, named), "")
        if own:
            for beside in _ITS_VALUE.finditer(text, *entry):
                yield from _value(text, beside.end(), quoted=True).under(beside.start(), own)


class _Value(NamedTuple):
    """Where a value ends, and where the scalars in it stand; ``whole`` where its end was there to be seen."""

    end: int
    scalars: list[tuple[int, int]]
    whole: bool = True

    def under(self, key: int, kind: str) -> Iterator[Span]:
        """Yield its scalars as those of the key that stands there."""
        for start, end in self.scalars:
            yield Span(key, start, end, kind, self.whole)


def _value(text: str, at: int, *, quoted: bool) -> _Value:
    """Read a value; ``quoted`` tells that its key stood in quotes."""
    first = text[at : at + 1]
    if first in _QUOTED:
        end = _closing(text, at + 1, first)
        return _Value(end + 1, [(at + 1, end)], end < len(text))
    if (first in {"[", "{"} and not _TAKEN_OUT.match(text, at)) or (first == "(" and quoted):
        return _structure(text, at)
    if quoted:
        match = _BARE.match(text, at)
        end = match.end() if match else at
    else:
        ending = _PLAIN_END.search(text, at)
        end = ending.start() if ending else len(text)
    return _Value(end, [(at, _trimmed(text, at, end))])


def _closing(text: str, at: int, quote: str) -> int:
    """Find the quote that ends a value: the first one that is not escaped and has behind it what follows a value."""
    while unescaped := _QUOTED[quote].match(text, at):
        at = unescaped.end()
        if at >= len(text) or _AFTER_QUOTE.match(text, at + 1):
            break
        at += 1
    return at


def _structure(text: str, at: int) -> _Value:
    """Read an object or a list: its scalars, not its keys."""
    spans: list[tuple[int, int]] = []
    depth, end = 0, at
    for token in _TOKEN.finditer(text, at):
        end = token.end()
        scalar = token["scalar"]
        if scalar and not token["key"]:
            edge = 1 if scalar[0] in "\"'" else 0
            last = 1 if edge and len(scalar) > 1 and scalar[-1] == scalar[0] else 0
            spans.append((token.start() + edge, token.start() + len(scalar) - last))
        depth += bool(token["open"]) - bool(token["close"])
        if depth == 0:
            break
    return _Value(end, spans, depth == 0)


def _trimmed(text: str, start: int, end: int) -> int:
    """Leave out what stands at the end of a value without quotes and is none of it."""
    while end > start:
        last = text[end - 1]
        closes = {")": "(", "]": "[", "}": "{"}.get(last)
        if last in " \t\r\n\\,;" or (
            closes and text.count(closes, start, end) < text.count(last, start, end)
        ):
            end -= 1
        else:
            break
    return end
