"""The forms in which a secret can come back: as it is, quoted for a URL or for JSON, in base64."""

import base64
import binascii
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

__all__ = ["SHORTEST", "disguises"]

SHORTEST = 4
"""Shorter texts are no secrets, and replacing them would eat the evidence."""
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|ApiKey|Digest)\s+(\S+)", re.IGNORECASE)
_IN_JSON = {
    "/": ("/", "\\/", "\\u002f", "\\u002F"),
    "+": ("+", "\\u002b", "\\u002B"),
    "&": ("&", "\\u0026"),
    "<": ("<", "\\u003c", "\\u003C"),
    ">": (">", "\\u003e", "\\u003E"),
    "=": ("=", "\\u003d", "\\u003D"),
    "'": ("'", "\\u0027"),
}
"""How serialisers of several languages write characters that JSON leaves free."""
_IN_HTML = {
    "&": ("&amp;", "&#38;", "&#x26;"),
    "/": ("/", "&#47;", "&#x2f;", "&#x2F;"),
    "+": ("+", "&#43;", "&#x2b;", "&#x2B;"),
    "<": ("&lt;", "&#60;", "&#x3c;", "&#x3C;"),
    ">": ("&gt;", "&#62;", "&#x3e;", "&#x3E;"),
    '"': ('"', "&quot;", "&#34;", "&#x22;"),
    "'": ("'", "&#39;", "&#x27;", "&apos;"),
    "=": ("=", "&#61;", "&#x3d;", "&#x3D;"),
}
_TELLING = 8
"""Characters of base64 that are enough to know a secret by, and not to find it by chance."""


def disguises(secrets: Iterable[str]) -> frozenset[str]:
    """Give every form of every secret that is looked for."""
    plain = {part for secret in secrets for part in _parts(secret) if len(part) >= SHORTEST}
    return frozenset(form for secret in plain for form in _forms(secret) if len(form) >= SHORTEST)


def _parts(secret: str) -> Iterator[str]:
    """Yield a secret, and what it is made of: the token behind ``Bearer``, name and password behind ``Basic``."""
    yield secret
    if scheme := _SCHEME.fullmatch(secret):
        yield scheme[1]
        try:
            plain = base64.b64decode(scheme[1], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield plain
        yield plain.partition(":")[2]


def _forms(secret: str) -> Iterator[str]:
    yield secret
    for escaped in (quote(secret, safe=""), quote_plus(secret), quote(secret)):
        yield escaped
        yield re.sub("%[0-9A-F]{2}", lambda byte: byte[0].lower(), escaped)
    for literal in {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}:
        for escaped in _spelt(literal, _IN_JSON):
            yield escaped
            yield escaped.replace("\\", "\\\\")  # JSON as a text in JSON
    yield from _spelt(secret, _IN_HTML)
    yield from _base64(secret.encode())


def _spelt(text: str, ways: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield a text with each character that there are several ways to write in every one of them, the same all through."""
    present = [char for char in ways if char in text]
    for chosen in itertools.product(*(ways[char] for char in present)):
        written = {ord(char): way for char, way in zip(present, chosen, strict=True)}
        yield text.translate(written)


def _base64(secret: bytes) -> Iterator[str]:
    """Yield the characters of base64 that depend on the secret alone, wherever in a longer text it stands."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret).decode()
        start = -(-before * 8 // 6)
        sure = encoded[start : (before + len(secret)) * 8 // 6]
        if len(sure) >= _TELLING:
            yield sure
            yield sure.replace("+", "-").replace("/", "_")
