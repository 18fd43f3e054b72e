"""The connections to the product: kept alive by aiohttp, and used again only where that is safe."""

import asyncio
import select
import ssl
import time
import weakref
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from dpi_conformance.wire.pace import Pace

__all__ = ["DEPARTURE", "SAFE_METHODS", "Connector", "Departure"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""Methods that change nothing at the product (RFC 9110, 9.2.1) and so may be sent again."""
_IDLE_SECONDS = 1.0
"""Servers close idle connections after two seconds at the earliest; an older one is not used again."""


@dataclass(slots=True, kw_only=True)
class Departure:
    """When one request leaves: only then the time that its answer may take starts to run."""

    seconds: float
    """How long the answer may take."""
    deadline: asyncio.Timeout | None = None
    at: float = 0.0
    """The moment, by ``time.perf_counter``; 0 for a request that never left."""
    reused: bool = False
    """It left on a connection that had carried another before."""
    protocol: ResponseHandler | None = None
    """The end of the connection on which it left."""
    fresh: bool = False
    """It may leave on a connection only that carried nothing before."""

    def now(self, protocol: ResponseHandler | None, *, reused: bool) -> None:
        """Take note that the request leaves, and let the clock run."""
        self.protocol = protocol
        self.reused = reused
        self.at = time.perf_counter()
        if self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.seconds)

    @property
    def elapsed(self) -> float:
        """Give the seconds since then; 0 for a request that never left."""
        return time.perf_counter() - self.at if self.at else 0.0


DEPARTURE: ContextVar[Departure] = ContextVar("departure")
"""The departure of the request that the present task sends."""


class Connector(aiohttp.TCPConnector):
    """Gives a connection when it is the request's turn, and never one on which an answer may lie already.

    aiohttp hands out a kept connection without a look at what came on it meanwhile, and the next request would take
    that for its own answer. Here such a connection, and one that the product has ended, is closed instead.
    """

    def __init__(self, *, tls: ssl.SSLContext | None, limit: int, pace: Pace | None) -> None:
        """Take the TLS context, the most connections at once, and the rate limit; needs a running event loop."""
        super().__init__(ssl=tls or True, limit=limit, keepalive_timeout=_IDLE_SECONDS)
        self.hasty = False
        """The product has closed a connection that it had promised to keep: what changes something goes on fresh ones."""
        self._pace = pace
        self._used: weakref.WeakSet[ResponseHandler] = weakref.WeakSet()
        self._promised: dict[ResponseHandler, float] = {}

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 -- aiohttp's signature
    ) -> Connection:
        """Give a connection fit for the request, which then leaves at once."""
        departure = DEPARTURE.get()
        fresh = departure.fresh or (self.hasty and req.method not in SAFE_METHODS)
        connect = partial(super().connect, req, traces, timeout)
        connection = await self._fit(connect, fresh=fresh)
        if self._pace is not None:
            try:
                await self._pace.turn()
            except BaseException:
                connection.close()
                raise
            if self._spent(connection):
                connection.close()
                connection = await self._fit(connect, fresh=fresh)
        protocol = connection.protocol
        departure.now(protocol, reused=protocol in self._used)
        if protocol is not None:
            self._used.add(protocol)
            connection.add_callback(partial(self._released, protocol))
        return connection

    def _released(self, protocol: ResponseHandler) -> None:
        """Keep in mind that the product has promised to keep this connection (RFC 9112, 9.3), and since when."""
        if not protocol.should_close:
            self._promised[protocol] = time.monotonic()

    def _look_for_broken_promises(self) -> None:
        now = time.monotonic()
        for protocol, since in list(self._promised.items()):
            if not protocol.is_connected():
                del self._promised[protocol]
                self.hasty = self.hasty or now - since < _IDLE_SECONDS

    async def _fit(self, connect: Callable[[], Awaitable[Connection]], *, fresh: bool) -> Connection:
        while True:
            connection = await connect()
            if connection.protocol not in self._used:
                self._look_for_broken_promises()
            if connection.protocol not in self._used or not (fresh or self._spent(connection)):
                return connection
            connection.close()

    def _spent(self, connection: Connection) -> bool:
        """Tell whether it has ended, or anything came on it that nobody asked for."""
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or transport is None or protocol.should_close or transport.is_closing():
            return True
        return bool(_readable(transport.get_extra_info("socket").fileno()))


def _readable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):
        return False
    watch = select.poll()
    watch.register(descriptor, select.POLLIN)
    return bool(watch.poll(0))
