"""Fills the slots of a frozen vector: fresh identifiers, addresses, moments, and what steps created."""

import base64
import itertools
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import quote

from dpi_conformance.model.evidence import Request
from dpi_conformance.model.vectors import Vector

__all__ = ["Anew", "Fresh", "fill", "filled"]

_SLOT = re.compile(r"\{\{([a-z][a-z0-9.:_-]*)\}\}")
_JSON = "json:"
"""Before the name of a resource's field that is JSON: a list or an object of a body."""
_FORM = "application/x-www-form-urlencoded"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
"""Characters that a JSON string cannot hold as they are (RFC 8259, 7)."""


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _ALPHABET[rest] + digits
    return digits or "0"


def _lengthened(address: str, length: int) -> str:
    """Give an address of exactly ``length`` characters that is answered like the one given, where that is shorter."""
    return (
        f"{address}{'&' if '?' in address else '?'}".ljust(length, "x") if length > len(address) else address
    )


class Anew(str):
    """A resource's field that each request gets a new value of, such as a signature that serves once."""

    __slots__ = ("make",)
    make: Callable[[], str]

    def __new__(cls, make: Callable[[], str]) -> "Anew":
        """Take what makes a value; the text itself is empty."""
        self = super().__new__(cls)
        self.make = make
        return self


@dataclass(kw_only=True)
class Fresh:
    """Identifiers that no other run and no other vector of this run uses."""

    nonce: str = field(default_factory=lambda: _base36(secrets.randbelow(36**7) + 36**7))
    _count: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def identifier(self, length: int) -> str:
        """Give a fresh identifier of exactly ``length`` characters A-Z and 0-9.

        The right half counts, the left is the run's own: unique within a run for 36^(length/2) calls.
        """
        count = _base36(next(self._count)).rjust(max(length // 2, min(length, 4)), "0")
        return (self.nonce[: max(length - len(count), 0)].ljust(length - len(count), "X") + count)[-length:]

    def number(self, digits: int) -> str:
        """Give a fresh whole number of at most ``digits`` digits, without a leading zero."""
        start = int(self.nonce, 36) % 9 + 1
        return str(start * 10 ** (digits - 1) + next(self._count) % 10 ** (digits - 1))


def fill(vector: Vector, fresh: Fresh, callback: str, resources: Mapping[str, str]) -> Request:
    """Make the request that goes out; ``url`` is in origin form. A missing resource is a KeyError."""
    return filled(vector, fresh, callback, resources)[1]


def filled(
    vector: Vector, fresh: Fresh, callback: str, resources: Mapping[str, str]
) -> tuple[Vector, Request]:
    """Make the request that goes out, and give the vector with the echo that this very request must have."""
    named: dict[str, str] = {"callback": callback, **resources}

    def value(match: re.Match[str]) -> str:
        name = match.group(1).removeprefix(_JSON)
        text = named.get(name)
        if text is None or isinstance(text, Anew):
            text = named[name] = _computed(name, fresh, callback) if text is None else text.make()
        return text

    request = Request(
        method=vector.method,
        url=_filled(vector.target, value, lambda text: quote(text, safe="")),
        headers=tuple([(key, _filled(text, value, _one_line)) for key, text in vector.headers]),
        body=_body(vector, value),
    )
    if not vector.echo:
        return vector, request
    echo = tuple((_filled(text, value, str), pointer) for text, pointer in vector.echo)
    return replace(vector, echo=echo), request


def _filled(text: str, value: Callable[[re.Match[str]], str], escape: Callable[[str], str]) -> str:
    """Fill the slots; what is JSON already stands as it is."""

    def written(match: re.Match[str]) -> str:
        return value(match) if match.group(1).startswith(_JSON) else escape(value(match))

    return _SLOT.sub(written, text) if "{{" in text else text


def _body(vector: Vector, value: Callable[[re.Match[str]], str]) -> bytes:
    if vector.body_base64 is not None:
        return base64.b64decode(vector.body_base64)
    if vector.body is None:
        return b""
    text = _filled(vector.body, value, _in_form if _is_form(vector) else _in_json)
    for marker, piece, times in vector.repeat:
        text = text.replace(marker, piece * times)
    return text.encode()


def _is_form(vector: Vector) -> bool:
    """Tell whether the body is a form: what begins as JSON does is JSON, whatever its media type says."""
    media_type = next((text for name, text in vector.headers if name == "Content-Type"), "")
    return media_type.startswith(_FORM) and not (vector.body or "").lstrip().startswith(("{", "["))


def _in_form(text: str) -> str:
    return quote(text, safe="")


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "")


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1] if _ESCAPED.search(text) else text


def _computed(name: str, fresh: Fresh, callback: str) -> str:
    kind, _, rest = name.partition(":")
    if kind == "id":
        return fresh.identifier(int(rest.partition(":")[0]))
    if kind == "number":
        return fresh.number(int(rest.partition(":")[0]))
    if kind == "callback":
        return _lengthened(callback, int(rest))
    if kind == "now":
        precision = "milliseconds" if rest == "ms" else "seconds"
        return datetime.now(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
    raise KeyError(name)
