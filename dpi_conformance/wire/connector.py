"""The connections to the product: kept alive by aiohttp, and used again only where that is safe."""

import asyncio
import select
import ssl
import time
from collections import deque
from types import TracebackType

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from dpi_conformance.wire.pace import Pace

__all__ = ["SAFE_METHODS", "Connector", "Departure"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""Methods that change nothing at the product (RFC 9110, 9.2.1) and so may be sent again."""
_IDLE_SECONDS = 1.0
"""Servers close idle connections after two seconds at the earliest; an older one is not used again."""


class Departure:
    """When one request leaves: only then the time that its answer may take starts to run.

    ``async with`` bounds that time, by a TimeoutError.
    """

    __slots__ = ("_at", "_deadline", "_seconds", "fresh", "reused", "took")

    def __init__(self, seconds: float) -> None:
        """Take how long the answer may take."""
        self.reused = False
        """It left on a connection that had carried another before."""
        self.fresh = False
        """It may leave on a connection only that carried nothing before."""
        self.took = 0.0
        """The seconds from then to the end of ``async with``; 0 for a request that never left."""
        self._seconds = seconds
        self._deadline = asyncio.timeout(None)
        self._at = 0.0

    def now(self, *, reused: bool) -> None:
        """Take note that the request leaves, and let the clock run."""
        self.reused = reused
        self._at = time.perf_counter()
        self._deadline.reschedule(asyncio.get_running_loop().time() + self._seconds)

    async def __aenter__(self) -> None:
        """Make ready to interrupt the present task."""
        await self._deadline.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the clock; raises TimeoutError if the time was over."""
        self.took = time.perf_counter() - self._at if self._at else 0.0
        await self._deadline.__aexit__(kind, error, trace)


class Connector(aiohttp.TCPConnector):
    """Gives a connection to one origin when it is the request's turn, and never one on which an answer may lie already.

    aiohttp makes the connections; those that are free are kept here, and used again only after a look at them. On one
    that the product has ended, or on which anything came, the next request would take that for its own answer.
    """

    def __init__(
        self, origin: URL, *, tls: ssl.SSLContext | None, pace: Pace | None, connect_seconds: float
    ) -> None:
        """Take the origin, its TLS context, the rate limit, and how long a connection may take to stand.

        Needs a running event loop. How many there are at once is the business of who takes them.
        """
        super().__init__(ssl=tls or True, limit=0)
        self.hasty = False
        """The product has closed a connection that it had promised to keep: what changes something goes on fresh ones."""
        self._pace = pace
        self._seconds = aiohttp.ClientTimeout(connect=connect_seconds)
        self._any = aiohttp.ClientRequest("GET", origin, loop=asyncio.get_running_loop())
        """Says to aiohttp where to; it is never sent itself."""
        self._free: deque[tuple[Connection, float]] = deque()
        """Connections that the product has promised to keep (RFC 9112, 9.3), and since when, oldest first."""

    async def take(self, departure: Departure, method: str) -> Connection:
        """Give a connection fit for a request of this method, which then leaves at once."""
        fresh = departure.fresh or (self.hasty and method not in SAFE_METHODS)
        connection, reused = await self._fit(fresh=fresh)
        if self._pace is not None:
            try:
                await self._pace.turn()
            except BaseException:
                connection.close()
                raise
            if _spent(connection):
                connection.close()
                connection, reused = await self._fit(fresh=fresh)
        departure.now(reused=reused)
        return connection

    def give_back(self, connection: Connection) -> None:
        """Take a connection back after a whole answer, to be used again if the product has promised to keep it."""
        protocol = connection.protocol
        if protocol is None or protocol.should_close:
            connection.close()
        else:
            self._free.append((connection, time.monotonic()))

    async def aclose(self) -> None:
        """Close all connections."""
        while self._free:
            self._free.popleft()[0].close()
        await self.close()

    async def _fit(self, *, fresh: bool) -> tuple[Connection, bool]:
        """Give a connection, and whether it has carried a request before."""
        while self._free:
            connection, since = self._free.popleft()
            age = time.monotonic() - since
            if connection.closed and age < _IDLE_SECONDS:
                self.hasty = True
            elif not fresh and age < _IDLE_SECONDS and not _spent(connection):
                return connection, True
            connection.close()
        return await self.connect(self._any, [], self._seconds), False


def _spent(connection: Connection) -> bool:
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
