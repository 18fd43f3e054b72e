"""Reads one answer: its body up to a limit, then what unpacks from it, up to the same limit."""

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import cast

import httpx

from dpi_conformance.model.evidence import Headers, Response, TransportTrouble
from dpi_conformance.wire.passage import KEPT_BYTES, Passage

__all__ = ["Answer", "UndecodableError", "decoded_headers", "unpacked"]

_CODINGS = 4
"""So many content codings over each other are undone; nobody needs more than one."""
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's ``wbits`` of the codings that are undone (RFC 9110, 8.4.1)."""
_RAW_DEFLATE = -15


class UndecodableError(ValueError):
    """The body's content coding is unknown to the harness, or the body does not follow it."""


class Answer:
    """One answer as far as it came."""

    __slots__ = ("_body", "_headers", "_limit", "_passage", "_status")

    def __init__(self, *, limit: int, passage: Passage | None = None) -> None:
        """Take the most bytes of body that are kept; what passes through is measured, and as much as came is read."""
        self._passage = passage
        self._limit = limit
        self._status = 0
        self._headers: Headers = ()
        self._body = bytearray()

    async def take(self, answer: httpx.Response) -> None:
        """Read the body up to the limit; a longer one costs the connection. Raises httpx.TransportError."""
        stream = cast("httpx.AsyncByteStream", answer.stream)  # ``aiter_raw`` adds what nobody here needs
        self._status = answer.status_code
        self._headers = decoded_headers(answer.headers.raw)
        try:
            async for piece in stream:
                if self._passage is not None:
                    self._measured(self._passage, piece)
                    continue
                self._body += piece
                if len(self._body) > self._limit:
                    break
        finally:
            await stream.aclose()

    def _measured(self, passage: Passage, piece: bytes) -> None:
        passage.answer.take(piece)
        self._body += piece[: KEPT_BYTES - len(self._body)]

    def response(self) -> Response:
        """Give the answer, its body unpacked; raises UndecodableError."""
        if self._passage is not None:
            cut = self._passage.answer.size > len(self._body)
            return Response(status=self._status, headers=self._headers, body=bytes(self._body), truncated=cut)
        truncated = len(self._body) > self._limit
        body = bytes(self._body[: self._limit])
        for name, value in self._headers:
            if name == "content-encoding":
                body, more = unpacked(body, value, self._limit, cut=truncated)
                truncated = truncated or more
        return Response(status=self._status, headers=self._headers, body=body, truncated=truncated)

    def late(self, seconds: float) -> TransportTrouble:
        """Tell how much of it came within the time that it may take."""
        came = (
            f"{len(self._body)} bytes of its body came" if self._status else "its headers did not come whole"
        )
        return TransportTrouble(kind="timeout", detail=f"no whole answer within {seconds:.3g} s; {came}")


@lru_cache(maxsize=1024)
def _name(raw: bytes) -> str:
    return raw.decode("latin-1").lower()


def _value(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def decoded_headers(fields: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Give headers as text: names in lower case, values as UTF-8, or Latin-1 where they are none."""
    fields = tuple(fields)
    try:
        return tuple([(_name(name), value.decode()) for name, value in fields])
    except UnicodeDecodeError:
        return tuple([(_name(name), _value(value)) for name, value in fields])


def unpacked(body: bytes, codings: str, limit: int, *, cut: bool = False) -> tuple[bytes, bool]:
    """Undo content codings; give at most ``limit`` bytes, and whether there was more; raises UndecodableError.

    A ``cut`` body may end in the middle of its coding.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    if len(names) > _CODINGS:
        raise UndecodableError(f"{len(names)} content codings over each other")
    more = False
    for name in reversed(names):
        if name not in {"identity", ""}:
            body, longer = _undone(body, name, limit, cut=cut or more)
            more = more or longer
    return body, more


def _undone(body: bytes, coding: str, limit: int, *, cut: bool) -> tuple[bytes, bool]:
    wbits = _WBITS.get(coding)
    if wbits is None:
        raise UndecodableError(f"Content-Encoding {coding!r}, though the request asked for identity")
    if coding == "deflate" and body and (body[0] & 0x0F != 8 or int.from_bytes(body[:2]) % 31):
        wbits = _RAW_DEFLATE
    inflating = zlib.decompressobj(wbits)
    try:
        plain = inflating.decompress(body, limit + 1)
    except zlib.error as error:
        raise UndecodableError(f"Content-Encoding {coding!r}: {error}") from None
    if len(plain) > limit:
        return plain[:limit], True
    if body and not (inflating.eof or cut):
        raise UndecodableError(f"Content-Encoding {coding!r}: the body ends in the middle")
    return plain, False
