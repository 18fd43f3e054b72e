"""Peels a text: what is escaped in it (JSON in JSON, percent-encoding, entities) is read as if it stood there plainly."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Layer", "layers", "plain"]

_MOST_LAYERS = 12
_MOST_DEEP = 4
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_ESCAPES = {
    "\\": re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\"'\\/`bfnrt]))"),
    "%": re.compile(r"%([0-9a-fA-F]{2})"),
    "&": re.compile(r"&(?:#([0-9]{1,6})|#[xX]([0-9a-fA-F]{1,5})|(amp|lt|gt|quot|apos|nbsp));"),
}
"""The kinds of escapes, by the character that each begins with; one kind is one layer."""
_SURROGATES = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_OCTETS = re.compile(r"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Layer:
    """A text with layers of escapes taken off, which ones, and where each of its characters stood."""

    text: str
    places: Sequence[int]
    """Where each character began in the whole text, and at the end the length of that."""
    peeled: str = ""
    """The first characters of the escapes that were taken off, in order."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give where a part of this layer lies in the whole text."""
        return self.places[start], self.places[end]


def layers(text: str) -> Iterator[Layer]:
    """Yield a text as it stands, and again with each layer of its escapes taken off, at most twelve times."""
    waiting = deque([Layer(text, range(len(text) + 1))])
    known = {text}
    count = 0
    while waiting and count < _MOST_LAYERS:
        layer = waiting.popleft()
        count += 1
        yield layer
        for kind in _ESCAPES if len(layer.peeled) < _MOST_DEEP else ():
            under = _under(layer, kind)
            if under is not None and under.text not in known:
                known.add(under.text)
                waiting.append(under)


def plain(text: str, kinds: str) -> str:
    """Give a value with one layer of escapes of each of these kinds taken off, one after the other."""
    for kind in kinds:
        if kind in text:
            text = _ESCAPES[kind].sub(_unescaped, text)
            if kind == "%":
                text = _OCTETS.sub(_decoded, text)
            elif kind == "\\":
                text = _SURROGATES.sub(_joined, text)
    return text


def _under(layer: Layer, kind: str) -> Layer | None:
    """Take one kind of escapes off; None where that shows nothing that could be a part of a key or of a container."""
    text, places = layer.text, layer.places
    if kind not in text:
        return None
    parts: list[str] = []
    stood: list[int] = []
    done, tells = 0, False
    for escape in _ESCAPES[kind].finditer(text):
        start, end = escape.span()
        char = _unescaped(escape)
        parts += (text[done:start], char)
        stood += places[done : start + 1]
        done, tells = end, tells or ("!" <= char <= "~" and (char != "/" or text[start - 1 : start] == "<"))
    if not tells:
        return None
    parts.append(text[done:])
    stood += places[done:]
    return Layer("".join(parts), stood, layer.peeled + kind)


def _unescaped(escape: re.Match[str]) -> str:
    """Give the one character that an escape stands for."""
    if escape[0][0] == "&":
        number, hexadecimal, named = escape.groups()
        if named is not None:
            return _ENTITIES[named]
        code = int(number) if number is not None else int(hexadecimal, 16)
        return chr(code) if code <= 0x10FFFF else "�"
    if escape.lastindex == 3:  # a letter or mark behind a backslash
        return _LETTERS.get(escape[3], escape[3])
    return chr(int(escape[escape.lastindex or 1], 16))


def _decoded(octets: re.Match[str]) -> str:
    """Read percent-encoded octets as UTF-8, where they are."""
    try:
        return octets[0].encode("latin-1").decode()
    except UnicodeDecodeError:
        return octets[0]


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")
