"""One connection from the product to the callback listener: reads its requests, bounded, and writes our answers."""

import asyncio
from collections.abc import Callable, MutableSet
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import cast

import httptools

from dpi_conformance.model.evidence import Headers

__all__ = ["BODY_BYTES", "Incoming", "Received"]

BODY_BYTES = 1_048_576
"""A callback's body may be this long; a longer one is answered with 413 and kept up to here."""
_HEAD_BYTES = 65_536
_DISCARDED_BYTES = 16 * BODY_BYTES
"""So much of an over-long body is read and dropped, so that its sender lives to read the 413."""
_CONNECTIONS = 512
"""As many as a product may open at once; another is closed at once."""
_LINGER_SECONDS = 2.0
"""After a refusal, what still comes is dropped for so long: a connection closed at once would take it back."""
_SECONDS = 60.0
"""A connection on which no request ended for so long is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request of the product, as it came."""

    method: str
    target: str
    headers: Headers
    body: bytes
    cut: bool
    """The body was longer than ``BODY_BYTES``."""


class Incoming(asyncio.Protocol):
    """Carries requests one after the other; answers each at once."""

    def __init__(
        self, answer: Callable[[Received], tuple[int, bytes]], open_ones: MutableSet["Incoming"]
    ) -> None:
        """Take what decides on an answer (status and JSON body), and the set of all open connections."""
        self._answer = answer
        self._open = open_ones
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle
        self._parser = httptools.HttpRequestParser(self)
        self._refused = False
        self._dropped = 0
        self._next()

    def _next(self) -> None:
        self._replayed = False
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._method = ""
        self._head_bytes = self._size = 0

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it where there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        self._timer = self._loop.call_later(_SECONDS, self.abort)
        self._open.add(self)
        if len(self._open) > _CONNECTIONS:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- the event loop's signature
        """Forget the connection; a request that had not ended is none."""
        self._timer.cancel()
        self._open.discard(self)
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Read on; what is no HTTP is answered with 400."""
        if self._refused:
            self._dropped += len(data)
            if self._dropped > _DISCARDED_BYTES:
                self.abort()
            return
        if not self._method:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
            if not self._method and self._head_bytes > _HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except httptools.HttpParserUpgrade as upgrade:
            self._decline_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST)

    # What the parser calls, in the order of the wire.

    def on_url(self, part: bytes) -> None:
        """Keep the request's target."""
        if not self._replayed:
            self._url += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers are not looked at."""
        if not self._method:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Ask for the body where the sender waits to be asked (RFC 9110, 10.1.1)."""
        self._method = self._method or self._parser.get_method().decode()
        if any(name.lower() == b"expect" for name, _ in self._headers) and not self._parser.should_upgrade():
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, part: bytes) -> None:
        """Keep a piece of the body up to the limit; refuse what is beyond all measure."""
        if self._transport.is_closing():
            return
        if self._size <= BODY_BYTES:
            self._body.append(part)
        self._size += len(part)
        if self._size > _DISCARDED_BYTES:
            self._respond()
            self._transport.close()

    def on_message_complete(self) -> None:
        """Answer, and wait for the next request."""
        if self._transport.is_closing() or self._parser.should_upgrade():
            return
        lasting = self._parser.should_keep_alive() and self._size <= BODY_BYTES
        self._respond()
        if not lasting:
            self._transport.close()
        self._timer.cancel()
        self._timer = self._loop.call_later(_SECONDS, self.abort)
        self._next()

    def _respond(self) -> None:
        body = b"".join(self._body)
        status, answer = self._answer(
            Received(
                method=self._method,
                target=self._url.decode("latin-1"),
                headers=tuple((name.decode("latin-1"), _text(value)) for name, value in self._headers),
                body=body[:BODY_BYTES],
                cut=self._size > BODY_BYTES,
            )
        )
        self._write(status, answer, bodiless=self._method == "HEAD")

    def _write(self, status: int, body: bytes, *, bodiless: bool = False) -> None:
        phrase = HTTPStatus(status).phrase if status in _STATUSES else ""
        head = (
            f"HTTP/1.1 {status} {phrase}\r\nDate: {formatdate(usegmt=True)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode() + (b"" if bodiless else body))

    def _refuse(self, status: HTTPStatus) -> None:
        if self._refused:
            return
        self._refused = True
        self._write(status, b"{}")
        self._transport.write_eof()
        self._timer.cancel()
        self._timer = self._loop.call_later(_LINGER_SECONDS, self.abort)

    def _decline_upgrade(self, rest: bytes) -> None:
        """Go on in HTTP/1.1 with a request that offers another protocol (RFC 9110, 7.8).

        Java's own client offers ``h2c`` with its first request and sends the body all the same; the parser takes
        such a request for ended. A second one reads the body, told only how it is framed.
        """
        if self._method == "CONNECT":
            self._refuse(HTTPStatus.METHOD_NOT_ALLOWED)
            return
        framing = [
            name + b": " + value + b"\r\n"
            for name, value in self._headers
            if name.lower() in {b"content-length", b"transfer-encoding"}
        ]
        self._parser = httptools.HttpRequestParser(self)
        self._replayed = True
        self.data_received(self._method.encode() + b" / HTTP/1.1\r\n" + b"".join(framing) + b"\r\n" + rest)


_STATUSES = frozenset(HTTPStatus)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
