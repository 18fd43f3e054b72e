"""A request as a mock's operation sees it, and what the operation gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from dpi_conformance.model.spec import Variant

__all__ = ["Answer", "Call", "Outgoing", "Refused", "encode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One accepted request: its parameters are decoded and valid, its body is parsed (numbers are Decimal)."""

    variant: Variant
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: Any = None
    query_string: bytes = b""
    """The query as it came."""
    trouble: str = ""
    """Why path, query or headers cannot be read; only an operation that checks by itself is called with any."""

    def cookie(self, name: str) -> str:
        """Give a cookie's value; empty if there is none (RFC 6265, 4.2)."""
        for pair in self.headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A call that the product makes after its answer: a callback, or a request to a counterparty."""

    url: str
    body: object = None
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    result: str = ""
    """Of which request it is the result; empty: it asks a counterparty for something."""
    once: bool = False
    """Not tried again whatever comes of it, as only a product with a fault does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer: status, JSON body (or raw bytes), further headers, and what is sent once it is out."""

    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    then: tuple[Any, ...] = ()
    """``Outgoing`` calls, and ``Later`` ones (see outbox)."""
    media_type: str = "application/json"
    cookies: tuple[str, ...] = ()
    """Values of Set-Cookie, each in a header of its own (RFC 6265, 3)."""
    refused: bool = False
    """It refuses, whatever its status says."""


class Refused(Exception):  # noqa: N818 -- it is no error of ours: the product refuses a request
    """An operation refuses a request; the mock answers in the operation's declared shape."""

    def __init__(
        self,
        text: str,
        *,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
        code: str = "",
        place: str = "",
    ) -> None:
        """Take the description, which names the field, the status, the block's own code, and where the field lies."""
        super().__init__(text)
        self.text = text
        self.status = status
        self.headers = headers or {}
        self.code = code
        self.place = place


def encode(value: object) -> bytes:
    """Write a value as JSON in UTF-8; Decimal and long integers digit for digit, as the numbers that they are."""
    try:
        return orjson.dumps(value, default=_number)
    except orjson.JSONEncodeError:
        return orjson.dumps(_with_long_integers(value), default=_number)


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(type(value).__name__)


def _with_long_integers(value: object) -> object:
    """Replace integers that do not fit 64 bits, which orjson does not write; our own answers are shallow."""
    if isinstance(value, Mapping):
        return {name: _with_long_integers(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_with_long_integers(child) for child in value]
    return orjson.Fragment(str(value)) if type(value) is int and value.bit_length() > 63 else value
