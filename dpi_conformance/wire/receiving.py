"""Serves the callback listener's port by aiohttp, within bounds that no caller of ours can stretch."""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from dpi_conformance.model.evidence import Callback, Headers
from dpi_conformance.wire.passage import Measure
from dpi_conformance.wire.reactions import HANG_SECONDS, Reaction
from dpi_conformance.wire.visits import Book, Visit, serve

__all__ = ["BODY_BYTES", "Received", "Receiver"]

BODY_BYTES = 1_048_576
"""A callback's body may be this long; a longer one is answered with 413 and kept up to here."""
_FIELD_BYTES = 32_768
_CONNECTIONS = 512
"""As many as a product may open at once; another is closed at once."""
_LINGER_SECONDS = 2.0
"""After a 413 what still comes is dropped for so long: a connection closed at once would take it back."""
_SECONDS = 60.0
"""A connection on which no request ended for so long is closed."""
_CLOSE_SECONDS = 1.0
_TURNS = 4
"""asyncio takes a connection, makes its transport and tells its protocol of it in as many turns of the loop."""
_SILENT = logging.Logger("dpi_conformance.wire", level=logging.CRITICAL)  # noqa: LOG001 -- below no logger of the program's
"""What is no HTTP is answered, not told on standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request of the product, as it came."""

    method: str
    target: str
    headers: Headers
    body: bytes
    cut: bool
    """The body was longer than ``BODY_BYTES``."""


class Receiver:
    """Answers requests on one socket, in the running event loop; each as ``answer`` decides, at once unless it says so."""

    def __init__(
        self,
        answer: Callable[[Received], Reaction],
        book: Book,
        visited: Callable[[Visit, Received, int], Callback],
    ) -> None:
        """Take what decides how a request is answered, the visits that are expected, and what makes their evidence."""
        self._answer = answer
        self._book = book
        self._visited = visited
        self._loop = asyncio.get_running_loop()
        self._web = web.Server(
            self._serve,
            access_log=None,
            logger=_SILENT,
            auto_decompress=False,
            lingering_time=_LINGER_SECONDS,
            max_field_size=_FIELD_BYTES,
        )
        self._since: dict[web.RequestHandler, float] = {}
        self._bound: socket.socket
        self._server: asyncio.Server
        self._sweeping: asyncio.Task[None]

    @property
    def connections(self) -> int:
        """Give how many are open."""
        return len(self._web.connections)

    async def open(self, bound: socket.socket) -> None:
        """Start to serve."""
        self._bound = bound
        self._server = await self._loop.create_server(self._connection, sock=bound)
        self._sweeping = self._loop.create_task(self._sweep())

    async def close(self) -> None:
        """Close the port and all connections."""
        self._sweeping.cancel()
        self._loop.remove_reader(
            self._bound
        )  # asyncio loses whom it has taken and not yet made known at its close
        await self._turns()
        self._server.close()
        await self._turns()  # uvloop takes until then
        await self._web.shutdown(_CLOSE_SECONDS)
        await self._turns()

    @staticmethod
    async def _turns() -> None:
        """Let the loop turn: a connection that was just taken makes itself known, and one that was closed lets go."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    def _connection(self) -> asyncio.BaseProtocol:
        if self.connections >= _CONNECTIONS:
            return _Surplus()
        return self._web()

    async def _sweep(self) -> None:
        """Close connections on which nothing ends: aiohttp waits for a request's end without a limit."""
        while True:
            await asyncio.sleep(_SECONDS / 4)
            now = self._loop.time()
            self._since = {each: self._since.get(each, now) for each in self._web.connections}
            for connection, since in self._since.items():
                if now - since > _SECONDS:
                    connection.force_close()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "CONNECT":
            return _response(405)
        body = bytearray()
        target, headers = _target(request), _headers(request.raw_headers)
        visit = self._book.find(target, (value for _, value in headers))
        if "Expect" in request.headers:
            if (
                visit is None and (request.content_length or 0) > BODY_BYTES
            ):  # it is told before it sends any of it (RFC 9110, 10.1.1)
                return await self._respond(request, b"", cut=True)
            if request.transport is not None:
                request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if visit is not None:
            return await serve(request, target, headers, visit, self._told)
        try:
            while len(body) <= BODY_BYTES and (piece := await request.content.readany()):
                body += piece
        except web.RequestPayloadError:
            return _response(400)
        self._since[request.protocol] = self._loop.time()
        return await self._respond(request, bytes(body[:BODY_BYTES]), cut=len(body) > BODY_BYTES)

    def _told(
        self, visit: Visit, method: str, target: str, headers: Headers, body: Measure, status: int
    ) -> Callback:
        cut = body.size > len(body.excerpt)
        received = Received(method=method, target=target, headers=headers, body=bytes(body.excerpt), cut=cut)
        return self._visited(visit, received, status)

    async def _respond(self, request: web.BaseRequest, body: bytes, *, cut: bool) -> web.StreamResponse:
        received = Received(
            method=request.method,
            target=_target(request),
            headers=_headers(request.raw_headers),
            body=body,
            cut=cut,
        )
        try:
            reaction = self._answer(received)
        except Exception as error:
            self._loop.call_exception_handler({"message": "a callback was not taken", "exception": error})
            raise
        if reaction.after_seconds:
            await asyncio.sleep(min(reaction.after_seconds, HANG_SECONDS))
        if reaction.drop and request.transport is not None:
            request.transport.abort()
        return _response(reaction.status or 503, reaction.body)


class _Surplus(asyncio.Protocol):
    """A connection more than there may be."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


def _response(status: int, body: bytes = b"{}") -> web.Response:
    return web.Response(status=status, body=body, content_type="application/json")


def _target(request: web.BaseRequest) -> str:
    return _text(request.raw_path.encode("utf-8", "surrogateescape"))


def _headers(fields: Sequence[tuple[bytes, bytes]]) -> Headers:
    try:
        return tuple([(name.decode(), value.decode()) for name, value in fields])
    except UnicodeDecodeError:
        return tuple([(_text(name), _text(value)) for name, value in fields])


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
