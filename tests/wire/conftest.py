"""A server of one's own making, for products that behave and products that do not."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest

from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.wire.client import Wire

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Loop = Callable[[Coroutine[Any, Any, Any]], Any]
Read = Callable[[asyncio.StreamReader], Awaitable[bytes]]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Product:
    """A server on a free port, with what it saw."""

    port: int = 0
    scheme: str = "http"
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def target(self, **settings: Any) -> Target:
        """Reach it, with limits that let a test end soon."""
        limits = {
            "connect_seconds": 0.4,
            "answer_seconds": 0.3,
            "response_bytes": 4096,
            **settings.pop("limits", {}),
        }
        return Target(**{"base_url": self.url, "limits": Limits(**limits), **settings})

    async def send(
        self, method: str = "GET", url: str = "/", *, body: bytes = b"", limits: dict[str, Any] | None = None
    ) -> Exchange:
        """Send one request over a wire of its own."""
        async with Wire(self.target(limits=limits or {})) as wire:
            return await wire.send(Request(method=method, url=url, body=body), exchange_id="x")


Serving = Callable[..., AbstractAsyncContextManager[Product]]


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one whole request, as it came."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = dict(line.lower().partition(b":")[::2] for line in head.split(b"\r\n")[1:-2])
    return head + await reader.readexactly(int(lines.get(b"content-length", b"0")))


@contextlib.asynccontextmanager
async def _serving(answer: bytes | Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Product]:
    """Serve: bytes are the answer to every request; a function is given the connection."""
    product = Product(scheme="https" if tls else "http")

    tasks: set[asyncio.Task[Any] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        product.connections += 1
        tasks.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if not isinstance(answer, bytes):
                await answer(reader, writer)
            else:
                while True:
                    product.requests.append(await read_request(reader))
                    writer.write(answer)
        writer.close()
        with contextlib.suppress(OSError):
            await asyncio.wait_for(writer.wait_closed(), 1)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls, limit=1 << 24)
    product.port = server.sockets[0].getsockname()[1]
    try:
        yield product
    finally:
        server.close()
        running = [task for task in tasks if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@pytest.fixture
def serving() -> Serving:
    return _serving


@pytest.fixture
def ok() -> bytes:
    return OK


@pytest.fixture
def read() -> Read:
    return read_request
