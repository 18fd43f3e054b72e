"""One HTTP request to a provider, written byte for byte, and its answer, read as it comes (RFC 9112).

A connection carries one request. Nothing is sent twice, nothing is followed, and no more of a body is held than what is
under way.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httptools

__all__ = [
    "Address",
    "BrokenError",
    "Fields",
    "Outgoing",
    "ProviderError",
    "Reply",
    "SilentError",
    "UnreachableError",
    "asked",
]

Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields in their order; names are lower case."""

_CONNECT_SECONDS = 2.0
_SILENT_SECONDS = 4.0
"""A provider that takes and gives nothing for so long is given up."""
_PIECE = 65536
_HEAD = 131_072
"""Bytes that the head of an answer may have."""
_PORTS = {"http": 80, "https": 443}


class ProviderError(Exception):
    """Something is wrong on the provider's side; the text says what."""


class UnreachableError(ProviderError):
    """No connection to the provider could be made."""


class BrokenError(ProviderError):
    """The provider ended its answer before it was whole, or answered with something that is not HTTP."""


class SilentError(ProviderError):
    """The provider gave no answer in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a service is: its origin, and the path that all its endpoints begin with."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Take an address of HTTP apart; nothing in it is decoded."""
        parts = urlsplit(url)
        return cls(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            authority=parts.netloc.rpartition("@")[2],
            path=parts.path,
        )


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """What is sent to a provider: its framing is in the headers, its body comes piece by piece."""

    method: str
    target: bytes
    headers: Fields
    body: AsyncIterator[bytes] | None = None


class Reply:
    """A provider's answer whose head came; read ``pieces`` to the end, then ``aclose``."""

    def __init__(self, reading: "_Reading", connection: "_Connection") -> None:
        """Take the connection on which the head was read."""
        self._reading = reading
        self._connection = connection
        self.status = reading.status
        self.headers: Fields = tuple(reading.headers)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the body as it comes; raises BrokenError or SilentError where it does not come to its end."""
        reading = self._reading
        while True:
            for piece in reading.taken():
                yield piece
            if reading.whole or not await self._connection.more(reading):
                return

    async def sent(self) -> None:
        """Wait until the request is out, or nothing more of it is taken."""
        await self._connection.upload

    async def aclose(self) -> None:
        """Close the connection."""
        await self._connection.aclose()


async def asked(address: Address, outgoing: Outgoing) -> Reply:
    """Send a request and give the answer as soon as its head came; raises UnreachableError, BrokenError, SilentError."""
    connection = await _Connection.open(address, outgoing)
    try:
        reading = _Reading(head_only=outgoing.method == "HEAD")
        while not reading.headed:
            await connection.more(reading)
        return Reply(reading, connection)
    except BaseException:
        await connection.aclose()
        raise


class _Connection:
    """One connection to a provider, on which a request is being sent."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, outgoing: Outgoing
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._progress = 0
        self.upload = asyncio.create_task(self._send(outgoing), name="upload")

    @classmethod
    async def open(cls, address: Address, outgoing: Outgoing) -> "_Connection":
        tls = ssl.create_default_context() if address.scheme == "https" else None
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
        except (OSError, TimeoutError, UnicodeError) as error:
            raise UnreachableError(f"the provider cannot be reached ({type(error).__name__})") from None
        return cls(reader, writer, outgoing)

    async def more(self, reading: "_Reading") -> bool:
        """Read what came; False at the end of an answer that ends with its connection."""
        try:
            data = await self._read()
        except (ConnectionError, ssl.SSLError) as error:
            raise BrokenError(f"the provider broke the connection ({type(error).__name__})") from None
        if data:
            reading.feed(data)
            return True
        if reading.headed and reading.ends_with_connection:
            return False
        if not reading.headed:
            raise BrokenError("the provider closed the connection without an answer")
        raise BrokenError("the provider closed the connection in the middle of its answer")

    async def aclose(self) -> None:
        self.upload.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await self.upload
        self._writer.transport.abort()

    async def _read(self) -> bytes:
        """Read the next bytes; a provider that is still taking the request is not silent."""
        while True:
            before = self._progress
            try:
                async with asyncio.timeout(_SILENT_SECONDS):
                    return await self._reader.read(_PIECE)
            except TimeoutError:
                if self._progress == before:
                    raise SilentError("the provider does not answer") from None

    async def _send(self, outgoing: Outgoing) -> None:
        lines = [b"%s %s HTTP/1.1" % (outgoing.method.encode(), outgoing.target)]
        lines += [b"%s: %s" % field for field in outgoing.headers]
        chunked = (b"transfer-encoding", b"chunked") in outgoing.headers
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            self._writer.write(b"\r\n".join([*lines, b"", b""]))
            async for piece in outgoing.body or _nothing():
                self._writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                await self._writer.drain()
                self._progress += 1
            if chunked:
                self._writer.write(b"0\r\n\r\n")
            await self._writer.drain()


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""


class _Reading:
    """What was read of an answer; interim answers (1xx) are passed over (RFC 9110, 15.2)."""

    def __init__(self, *, head_only: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head_only = head_only
        self._pieces: list[bytes] = []
        self._size = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.headed = False
        self.whole = False

    def feed(self, data: bytes) -> None:
        """Take bytes of the answer; raises BrokenError for what is no HTTP."""
        if self.whole:
            return
        if not self.headed:
            self._size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not (self.headed and self._head_only):
                raise BrokenError("the provider's answer is not HTTP") from None
        if not self.headed and self._size > _HEAD:
            raise BrokenError("the provider's answer has too long a head")

    def taken(self) -> list[bytes]:
        """Give the pieces of the body that came, once."""
        pieces, self._pieces = self._pieces, []
        return pieces

    @property
    def ends_with_connection(self) -> bool:
        """Tell whether only the end of the connection ends the answer (RFC 9112, 6.3)."""
        return not any(name in {b"content-length", b"transfer-encoding"} for name, _ in self.headers)

    def on_message_begin(self) -> None:
        """Begin an answer: an interim one, or the one that is waited for."""
        if not self.headed:
            self.headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field; trailers are left."""
        if not self.headed:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Tell an interim answer from the one that is waited for."""
        self.status = self._parser.get_status_code()
        self.headed = self.status >= 200
        self.whole = self.headed and self._head_only

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if not self._head_only:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Take note that the answer is whole."""
        self.whole = self.headed
