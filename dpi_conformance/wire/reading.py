"""Reads one answer off the wire, bounded in every direction: head, body, framing, and what unpacks from it."""

import zlib
from functools import lru_cache

import httptools

from dpi_conformance.model.evidence import Headers, Response

__all__ = ["AnswerReader", "NotHttpError", "UndecodableError", "decoded_headers", "unpacked"]

_HEAD_BYTES = 262_144
"""The most that is read before the final answer's headers are complete, 1xx answers included."""
_FRAMING = 8
"""A chunk of one byte takes six on the wire; more than this many times the body's limit is no framing."""
_CODINGS = 4
"""So many content codings over each other are undone; nobody needs more than one."""
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's ``wbits`` of the codings that are undone (RFC 9110, 8.4.1)."""
_RAW_DEFLATE = -15


class NotHttpError(ValueError):
    """The bytes are no HTTP/1.1 answer, or one out of all proportion."""


class UndecodableError(ValueError):
    """The body's content coding is unknown to the harness, or the body does not follow it."""


class AnswerReader:
    """Takes the bytes of one answer; ``done`` as soon as nothing more of it is wanted."""

    __slots__ = (
        "_bodiless",
        "_chunks",
        "_fields",
        "_limit",
        "_parser",
        "_size",
        "done",
        "headed",
        "persistent",
        "received",
        "status",
        "truncated",
    )

    def __init__(self, *, bodiless: bool, limit: int) -> None:
        """Start at the status line; ``bodiless`` for an answer to HEAD (RFC 9110, 9.3.2), ``limit`` in bytes."""
        self._bodiless = bodiless
        self._limit = limit
        self._fields: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._size = 0
        self._parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.received = 0
        self.headed = False
        self.done = False
        self.truncated = False
        self.persistent = False
        """The connection may carry another exchange."""

    def feed(self, data: bytes) -> None:
        """Take what came; raises NotHttpError. Once ``done``, what follows only makes the connection unfit for reuse."""
        self.received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.persistent = False
        except httptools.HttpParserError as error:
            if not self.done:
                raise NotHttpError(f"{error} in {data[:60]!r}" if not self.headed else str(error)) from None
        if not self.done:
            self._bound()

    def _bound(self) -> None:
        if not self.headed and self.received > _HEAD_BYTES:
            raise NotHttpError(f"{self.received} bytes came and the headers do not end")
        if self.received > _HEAD_BYTES + _FRAMING * self._limit:
            raise NotHttpError(f"{self.received} bytes of framing carry {self._size} bytes of body")

    def end(self) -> bool:
        """Take the connection's orderly end; tell whether it is the answer's end too (RFC 9112, 6.3, 8)."""
        names = {name.lower() for name, _ in self._fields}
        if self.headed and not names & {b"content-length", b"transfer-encoding"}:
            self.done = True
        return self.done

    def response(self) -> Response:
        """Give the answer, its body unpacked; raises UndecodableError."""
        headers = decoded_headers(self._fields)
        body, truncated = b"".join(self._chunks)[: self._limit], self.truncated
        for name, value in headers:
            if name == "content-encoding":
                body, more = unpacked(body, value, self._limit, cut=truncated)
                truncated = truncated or more
        return Response(status=self.status, headers=headers, body=body, truncated=truncated)

    def close(self) -> None:
        """Let the parser go, which refers back to its reader: without this every answer waits for the collector."""
        del self._parser

    # What the parser calls, in the order of the wire.

    def on_message_begin(self) -> None:
        """A second final answer to one request makes the connection unfit for reuse."""
        if self.done:
            self.persistent = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers are not looked at."""
        if not self.headed:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the status; forget what an interim answer said (RFC 9110, 15.2)."""
        if self.done:
            return
        self.status = self._parser.get_status_code()
        if 100 <= self.status < 200 and self.status != 101:
            self._fields.clear()
            return
        self.headed = True
        self.persistent = self._parser.should_keep_alive() and not self._bodiless
        self.done = self._bodiless

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body up to the limit."""
        if self.done:
            return
        self._chunks.append(data)
        self._size += len(data)
        if self._size > self._limit:
            self.done, self.truncated, self.persistent = True, True, False

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was an interim one."""
        if self.headed:
            self.done = True


@lru_cache(maxsize=1024)
def _name(raw: bytes) -> str:
    return raw.decode("latin-1").lower()


def _value(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def decoded_headers(fields: list[tuple[bytes, bytes]]) -> Headers:
    """Give headers as text: names in lower case, values as UTF-8, or Latin-1 where they are none."""
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
