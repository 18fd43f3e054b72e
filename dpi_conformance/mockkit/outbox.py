"""Sends what a product has to say later: callbacks and calls to counterparties, after its answer is out."""

import asyncio
import importlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from dpi_conformance.mockkit.calls import Outgoing, encode

if TYPE_CHECKING:
    import httpx

__all__ = ["Later", "Outbox"]

_AT_ONCE = 32
_WAITING = 50_000
"""Calls that may wait; what comes beyond is dropped, so that a dead address never fills the memory."""
_PAUSES = (0.05, 0.2, 0.8)
"""Seconds before each further attempt after a 5xx or a broken connection."""
_SECONDS = 5.0
_SILENT_SECONDS = 10.0
"""An address that failed every attempt is not tried again for so long."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Something to decide after ``seconds``: what is sent then."""

    seconds: float
    then: "Callable[[], Iterable[Outgoing | Later]]"


class Outbox:
    """A bounded queue of outgoing calls with a few workers; use it as an async context."""

    def __init__(self) -> None:
        """Start empty; the client is imported beside the first requests, because that takes time."""
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue(_WAITING)
        self._workers: list[asyncio.Task[None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._silent: dict[str, float] = {}
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        """Take the running loop."""
        self._loop = asyncio.get_running_loop()
        self._warm = self._loop.run_in_executor(None, _warm)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drop what still waits and close connections."""
        await self._warm
        for timer in self._timers:
            timer.cancel()
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def put(self, messages: "Sequence[Outgoing | Later]") -> None:
        """Take messages to send, or to decide on later; returns at once."""
        for message in messages:
            if isinstance(message, Later):
                self._set_timer(message)
            elif not self._queue.full():
                self._queue.put_nowait(message)
        if len(self._workers) < _AT_ONCE and self._queue.qsize() > 0:
            self._workers.append(self._loop.create_task(self._work(), name="outbox"))

    def _set_timer(self, later: Later) -> None:
        def due() -> None:
            self._timers.discard(timer)
            self.put(tuple(later.then()))

        timer = self._loop.call_later(later.seconds, due)
        self._timers.add(timer)

    async def _work(self) -> None:
        if self._client is None:
            self._client = _client()
        while True:
            message = await self._queue.get()
            await self._deliver(self._client, message)

    async def _deliver(self, client: "httpx.AsyncClient", message: Outgoing) -> None:
        """Try until the address answers below 500; give up on it for a while if it never does."""
        origin = _origin(message.url)
        if not origin or self._silent.get(origin, 0.0) > monotonic():
            return
        for pause in (*_PAUSES, None):
            if await _attempt(client, message):
                return
            if pause is not None:
                await asyncio.sleep(pause)
        if len(self._silent) > _AT_ONCE * 64:
            self._silent.clear()
        self._silent[origin] = monotonic() + _SILENT_SECONDS


def _origin(url: str) -> str:
    """Give scheme and authority of an address that can be called; empty for any other text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""


async def _attempt(client: "httpx.AsyncClient", message: Outgoing) -> bool:
    """Send once; tell whether the matter is settled."""
    import httpx  # noqa: PLC0415 -- see __init__

    content = b"" if message.body is None else encode(message.body)
    headers = {"Content-Type": "application/json", **message.headers} if content else dict(message.headers)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    try:
        response = await client.request(message.method, message.url, content=content, headers=raw)
    except httpx.TransportError as error:
        _log.debug("%s %s: %s", message.method, message.url, error)
        return False
    except (httpx.InvalidURL, httpx.StreamError, ValueError) as error:
        _log.debug("%s %s is no address: %s", message.method, message.url, error)
        return True
    return response.status_code < 500


def _warm() -> None:
    importlib.import_module("httpx_aiohttp")


def _client() -> "httpx.AsyncClient":
    import httpx  # noqa: PLC0415 -- a mock that calls nobody starts without it
    from httpx_aiohttp import AiohttpTransport  # noqa: PLC0415

    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
    return httpx.AsyncClient(
        transport=AiohttpTransport(limits=limits, trust_env=False),
        timeout=httpx.Timeout(_SECONDS, connect=2.0),
        trust_env=False,
    )
