"""httpx's transport over aiohttp, which is five times as fast as its own: sends what it is given, and sends it once."""

import io
import ssl
from collections.abc import AsyncIterator

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from yarl import URL

from dpi_conformance.wire.connector import DEPARTURE, SAFE_METHODS, Connector
from dpi_conformance.wire.pace import Pace

__all__ = ["LostError", "Transport"]

_AUTOMATIC = ("accept", "accept-encoding", "content-type", "user-agent")
"""Headers that aiohttp adds of its own where a request has none."""
_FIELD_BYTES = 32_768
_FIELDS = 256
"""An answer's headers are read up to so many of so many bytes."""
_LARGE = 1_048_576
"""A longer body is written in pieces; in one it would hold up the event loop."""
_FRAMING = ("Content-Length", "Transfer-Encoding")
"""An answer without these ends with its connection (RFC 9112, 6.3)."""
_ERRORS: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ServerTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.ClientError, httpx.ReadError),
    (UnicodeError, httpx.ConnectError),  # a host that no name can be
)


class LostError(aiohttp.ClientError):
    """The connection ended before the answer's headers: what became of the request is unknown."""

    silent = False
    """Not a byte of an answer came."""


class Transport(AiohttpTransport):
    """Carries requests to one origin under one TLS context.

    ``httpx_aiohttp`` as published writes the URL's percent-encoding anew and joins repeated headers; this one writes
    ``extensions["target"]`` and ``headers.raw`` exactly, and leaves the causes of errors in ``__cause__``.

    **No request is sent twice unless its method is safe.** aiohttp would repeat each idempotent one, PUT and DELETE
    among them, after a connection lost in silence; the middleware ``_once`` keeps it from that, for it turns the two
    errors after which aiohttp repeats into another. A safe request lost on a kept connection is sent once more, on
    a fresh one.
    """

    def __init__(
        self,
        origin: str,
        *,
        tls: ssl.SSLContext | None,
        limit: int,
        pace: Pace | None,
        connect_seconds: float,
    ) -> None:
        """Take the origin (scheme, host and port), what ``Connector`` takes, and how long a connection may take to stand.

        Nothing is opened yet.
        """
        super().__init__(verify=tls or False, trust_env=False, client=self._session)
        self._origin = URL(origin, encoded=True)
        self._limit = limit
        self._pace = pace
        self._timeout = aiohttp.ClientTimeout(connect=connect_seconds)

    def _session(self) -> aiohttp.ClientSession:
        self._connector = Connector(
            tls=self.ssl_context if self._origin.scheme == "https" else None,
            limit=self._limit,
            pace=self._pace,
        )
        return aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_once,),
            timeout=self._timeout,
            auto_decompress=False,
            max_field_size=_FIELD_BYTES,
            max_headers=_FIELDS,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and give the answer as soon as its headers came; raises httpx.TransportError.

        How long the answer may take is the business of the ``Departure``.
        """
        if not isinstance(self.client, aiohttp.ClientSession):
            self.client = self._session()
        try:
            answer = await self._answer(self.client, request)
        except (aiohttp.ClientError, UnicodeError) as error:
            raise _translated(error) from error
        return httpx.Response(
            answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request
        )

    async def _answer(self, session: aiohttp.ClientSession, request: httpx.Request) -> aiohttp.ClientResponse:
        departure = DEPARTURE.get()
        try:
            return await self._sent(session, request)
        except LostError as lost:
            if not (lost.silent and departure.reused):
                raise
            self._connector.hasty = True
            if request.method not in SAFE_METHODS:
                raise
            departure.fresh = True
            return await self._sent(session, request)

    async def _sent(self, session: aiohttp.ClientSession, request: httpx.Request) -> aiohttp.ClientResponse:
        body = request.read()
        headers = [(name.decode(), value.decode()) for name, value in request.headers.raw]
        named = {name.lower() for name, _ in headers}
        return await session.request(
            request.method,
            self._origin.with_path(request.extensions["target"], encoded=True),
            headers=headers,
            skip_auto_headers=[name for name in _AUTOMATIC if name not in named] or None,
            data=(io.BytesIO(body) if len(body) > _LARGE else body) if body else None,
            allow_redirects=False,
        )


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request again whose connection was lost."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent, and aiohttp does not retry it either
    except aiohttp.ServerDisconnectedError as error:
        lost = LostError("no answer" if isinstance(error.message, str) else "in the middle of its headers")
        lost.silent = isinstance(error.message, str)  # else the part that came
        raise lost from error
    except aiohttp.ClientOSError as error:
        lost = LostError(str(error))
        lost.silent = True
        raise lost from error


class _Body(httpx.AsyncByteStream):
    """The pieces of an answer's body as they come."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._answer.content.iter_any():
                yield piece
            self._whole()
        except aiohttp.ClientError as error:
            raise _translated(error) from error

    def _whole(self) -> None:
        """Raise where the connection's end was the body's and was no orderly one, which aiohttp does not tell."""
        if any(name in self._answer.headers for name in _FRAMING):
            return
        protocol = DEPARTURE.get().protocol
        error = protocol.exception() if protocol is not None else None
        if isinstance(error, aiohttp.ClientOSError):
            raise error

    async def aclose(self) -> None:
        """End the exchange; where the body did not end, its connection does."""
        if not self._answer.closed:
            self._answer.close()


def _translated(error: Exception) -> httpx.TransportError:
    kind = next(kind for known, kind in _ERRORS if isinstance(error, known))
    return kind(str(error) or type(error).__name__)
