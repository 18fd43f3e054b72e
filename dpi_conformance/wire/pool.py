"""The connections to one origin under one TLS context: kept alive, and used again only where that is safe."""

import asyncio
import errno
import socket
import ssl
from collections import deque
from dataclasses import dataclass, field
from functools import partial

from dpi_conformance.model.evidence import TransportTrouble
from dpi_conformance.wire.connection import Connection
from dpi_conformance.wire.pace import Pace

__all__ = ["Pool"]

_EYEBALLS_SECONDS = 0.25
"""Between attempts at the addresses of one name (RFC 8305, 5)."""
_CLOSE_SECONDS = 1.0


@dataclass(kw_only=True)
class Pool:
    """Connections to ``host``:``port``; as many as exchanges are under way at once."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    connect_seconds: float
    pace: Pace | None = None
    hasty: bool = False
    """The product has closed a connection that it had promised to keep."""
    _idle: deque[Connection] = field(default_factory=deque)
    _all: set[Connection] = field(default_factory=set)

    def __post_init__(self) -> None:
        """See whether there is a name to resolve."""
        self._literal = ":" in self.host or self.host.replace(".", "").isdigit()

    async def ready(self, *, fresh: bool) -> Connection | TransportTrouble:
        """Give a connection to send on, when it is its turn; a ``fresh`` one carried nothing before."""
        connection = await self._opened(fresh=fresh)
        if self.pace is not None and isinstance(connection, Connection):
            await self.pace.turn()
            if not connection.usable():
                return await self._opened(fresh=fresh)
        return connection

    async def _opened(self, *, fresh: bool) -> Connection | TransportTrouble:
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.usable():
                return connection
            self.hasty = self.hasty or connection.dropped
            connection.abort()
        return await self._connected()

    def release(self, connection: Connection) -> None:
        """Take back a connection after its exchange."""
        if connection.open:
            self._idle.append(connection)
        else:
            connection.abort()

    async def close(self) -> None:
        """Close all connections and wait until they are."""
        ending = list(self._all)
        for connection in ending:
            connection.abort()
        if ending:
            await asyncio.wait([connection.closed for connection in ending], timeout=_CLOSE_SECONDS)

    async def _connected(self) -> Connection | TransportTrouble:
        try:
            async with asyncio.timeout(self.connect_seconds):
                connection = await self._connect()
        except (OSError, UnicodeError) as error:
            return self._trouble(error)
        self._all.add(connection)
        connection.closed.add_done_callback(lambda _: self._all.discard(connection))
        return connection

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        connect = loop.create_connection
        if isinstance(loop, asyncio.BaseEventLoop) and not self._literal:  # uvloop tries one after the other
            connect = partial(connect, happy_eyeballs_delay=_EYEBALLS_SECONDS)
        name = self.host if self.tls else None
        _, connection = await connect(Connection, self.host, self.port, ssl=self.tls, server_hostname=name)
        return connection

    def _trouble(self, error: Exception) -> TransportTrouble:
        where = f"{self.host}:{self.port}"
        match error:
            case TimeoutError():
                kind, what = "timeout", f"no connection to {where} within {self.connect_seconds:g} s"
            case ssl.SSLError():
                kind, what = "tls", f"no TLS with {where}: {error}"
            case socket.gaierror():
                kind, what = "unreachable", f"the name {self.host} is not known: {error.strerror}"
            case ConnectionError() if self.tls and not isinstance(error, ConnectionRefusedError):
                kind, what = "tls", f"no TLS with {where}: the connection was closed ({error})"
            case _:
                refused = f"[Errno {errno.ECONNREFUSED}]" in str(error)  # several addresses: one text of all
                kind = "refused" if refused else "unreachable"
                what = f"no connection to {where}: {error}"
        return TransportTrouble(kind=kind, detail=what)
