"""httpx's transport over aiohttp's connections, a tenth of its own's cost: sends what it is given, and sends it once."""

import asyncio
import ssl
from typing import Self

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from yarl import URL

from dpi_conformance.wire.connector import SAFE_METHODS, Connector, Departure
from dpi_conformance.wire.pace import Pace

__all__ = ["LostError", "Transport"]

_FIELD_BYTES = 32_768
_FIELDS = 256
"""An answer's headers are read up to so many of so many bytes."""
_FRAMING = ("Content-Length", "Transfer-Encoding")
"""An answer without these ends with its connection (RFC 9112, 6.3)."""
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ServerTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (HttpProcessingError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
    (UnicodeError, httpx.ConnectError),  # a host that no name can be
)
_TOLD = (aiohttp.ClientError, HttpProcessingError, UnicodeError)


class LostError(aiohttp.ClientError):
    """The connection ended before the answer's headers: what became of the request is unknown."""

    silent = False
    """Not a byte of an answer came."""


class Transport(httpx.AsyncBaseTransport):
    """Carries requests to one origin under one TLS context.

    aiohttp stands and keeps the connections and parses the answers. Its client is left out: that writes the URL's
    percent-encoding anew, makes capitals of methods, adds headers, repeats idempotent requests, PUT and DELETE among
    them, after a connection lost in silence, and costs five times as much as all the rest. What goes out are the bytes
    in ``extensions["message"]``, and nothing else; errors have their cause in ``__cause__``.

    **No request is sent twice unless its method is safe**: such a one, lost on a kept connection, is sent once more,
    on a fresh one.
    """

    def __init__(
        self,
        origin: str,
        *,
        tls: ssl.SSLContext | None,
        pace: Pace | None,
        connect_seconds: float,
    ) -> None:
        """Take the origin (scheme, host and port), and what ``Connector`` takes; nothing is opened yet."""
        self._origin = URL(origin, encoded=True)
        self._tls = tls
        self._pace = pace
        self._connect_seconds = connect_seconds
        self._connector: Connector | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and give the answer as soon as its headers came; raises httpx.TransportError.

        How long the answer may take is the business of the ``Departure``, in ``extensions["departure"]``.
        """
        try:
            return await self._answer(request)
        except _TOLD as error:
            raise _translated(error) from error

    async def aclose(self) -> None:
        """Close all connections."""
        if self._connector is not None:
            await self._connector.aclose()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if self._connector is None:
            self._connector = Connector(
                self._origin,
                tls=self._tls,
                pace=self._pace,
                connect_seconds=self._connect_seconds,
            )
        departure: Departure = request.extensions["departure"]
        try:
            return await self._sent(self._connector, request, departure)
        except LostError as lost:
            if not (lost.silent and departure.reused):
                raise
            self._connector.hasty = True
            if request.method not in SAFE_METHODS:
                raise
            departure.fresh = True
            return await self._sent(self._connector, request, departure)

    async def _sent(
        self, connector: Connector, request: httpx.Request, departure: Departure
    ) -> httpx.Response:
        connection = await connector.take(departure, request.method)
        try:
            protocol, transport = _ends(connection)
            protocol.set_response_params(
                skip_payload=request.method == "HEAD",
                read_until_eof=True,
                auto_decompress=False,
                max_field_size=_FIELD_BYTES,
                max_headers=_FIELDS,
            )
            for piece in request.extensions["message"]:
                transport.write(piece)
            message, payload = await _final(protocol)
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            message.code,
            headers=message.raw_headers,
            stream=_Body(payload, message, connection, connector),
            request=request,
        )


def _ends(connection: Connection) -> tuple[ResponseHandler, asyncio.Transport]:
    """Give what reads from a connection and what writes to it."""
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise _lost("no answer", silent=True)
    return protocol, transport


async def _final(protocol: ResponseHandler) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
    """Wait for an answer's headers, past those of interim answers; raises LostError where none come."""
    try:
        while True:
            message, payload = await protocol.read()
            if not 100 <= message.code < 200 or message.code == 101:
                return message, payload
    except aiohttp.ServerDisconnectedError as error:
        silent = isinstance(error.message, str)  # else the part that came
        raise _lost("no answer" if silent else "in the middle of its headers", silent=silent) from error
    except aiohttp.ClientOSError as error:
        raise _lost(str(error), silent=True) from error


def _lost(text: str, *, silent: bool) -> LostError:
    lost = LostError(text)
    lost.silent = silent
    return lost


class _Body(httpx.AsyncByteStream):
    """The pieces of an answer's body as they come; no generator, which asyncio keeps a book on."""

    def __init__(
        self,
        payload: aiohttp.StreamReader,
        message: RawResponseMessage,
        connection: Connection,
        connector: Connector,
    ) -> None:
        self._payload = payload
        self._message = message
        self._connection = connection
        self._connector = connector
        self._protocol = connection.protocol
        self._whole = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            if not self._payload.at_eof() and (piece := await self._payload.readany()):
                return piece
        except aiohttp.ClientError as error:
            raise _translated(error) from error
        self._end()
        raise StopAsyncIteration

    def _end(self) -> None:
        """Raise where the connection's end was the body's and was no orderly one, which aiohttp does not tell."""
        headers = self._message.headers
        if _FRAMING[0] not in headers and _FRAMING[1] not in headers and self._protocol is not None:
            error = self._protocol.exception()
            if isinstance(error, aiohttp.ClientOSError):
                raise _translated(error) from error
        self._whole = True

    async def aclose(self) -> None:
        """End the exchange; where the body did not end, or the request is not out yet, its connection does."""
        transport = self._connection.transport
        if self._whole and transport is not None and not transport.get_write_buffer_size():
            self._connector.give_back(self._connection)
        else:
            self._connection.close()


def _translated(error: Exception) -> httpx.TransportError:
    kind = next(kind for known, kind in _ERRORS if isinstance(error, known))
    return kind(str(error) or type(error).__name__)
