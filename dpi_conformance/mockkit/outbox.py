"""Sends what a product has to say later: callbacks and calls to counterparties, after its answer is out."""

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from dpi_conformance.mockkit.calls import Outgoing, encode
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.sending import LATE_SECONDS, Sending

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Carrier", "Later", "Outbox"]

_AT_ONCE = 32
_WAITING = 50_000
"""Calls that may wait, for their turn or for another attempt; what comes beyond is dropped and logged."""
_PAUSES = (0.05, 0.2, 0.8, 2.0)
"""Seconds before each further attempt after a 5xx or a broken connection."""
_SECONDS = 5.0
_CONNECT_SECONDS = 2.0
_READ = 65536
"""Bytes of an answer that are read; they decide nothing."""
_JSON = {"Content-Type": "application/json"}
_SILENT_SECONDS = 1.0
"""An origin to which no attempt of a call could connect is asked by one call at a time, so long apart, and the others
wait as if they had tried: it must not keep the workers from all others, and the next run may listen at its port.

One that answers with 5xx or breaks connections is there: what it does to one call says nothing of the others.
"""

_CLEAN = FaultSwitches((), ())

_log = logging.getLogger(__name__)

Carrier = Callable[[Outgoing], Awaitable[bool | None]]
"""Sends a call once; tells whether the matter is settled, None where nobody is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Something to decide after ``seconds``: what is sent then."""

    seconds: float
    then: "Callable[[], Iterable[Outgoing | Later]]"


class Outbox:
    """A bounded queue of outgoing calls with a few workers; use it as an async context."""

    def __init__(self, carrier: "Carrier | None" = None, sending: Sending | None = None) -> None:
        """Start empty; the client is imported beside the first requests, because that takes time.

        ``carrier`` carries the calls in its place: a mock in a vendor's own tests calls nobody over the network.
        ``sending`` has the faults of a product that calls back wrongly.
        """
        self._carrier = carrier
        self._sending = sending or Sending(FaultSwitches((), ()))
        self._queue: asyncio.Queue[tuple[Outgoing, int]] = asyncio.Queue(_WAITING)
        self._workers: list[asyncio.Task[None]] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._retries = 0
        """Calls among the timers."""
        self._silent: dict[str, float] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Take the running loop."""
        self._loop = asyncio.get_running_loop()
        self._warm = self._loop.run_in_executor(None, _warm if self._carrier is None else _nothing)
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
        if self._session is not None:
            await self._session.close()

    def put(self, messages: "Iterable[Outgoing | Later]") -> None:
        """Take messages to send, or to decide on later; returns at once."""
        for message in messages:
            if isinstance(message, Later):
                self._set_timer(message.seconds, partial(self._decide, message))
                continue
            for sent in self._sending.sent(message):
                if sent.result and self._sending.on("callback-late", sent.result):
                    self._queued_after(LATE_SECONDS, sent, 0)
                else:
                    self._queued(sent, 0)

    async def sent_early(self, messages: "Iterable[Outgoing | Later]") -> "tuple[Outgoing | Later, ...]":
        """Send results within the request that asks for them, as only a product with a fault does; give the rest."""
        rest = list[Outgoing | Later]()
        for message in messages:
            if isinstance(message, Later) or not message.result:
                rest.append(message)
            else:
                await (self._carrier or self._carry)(message)
        return tuple(rest)

    def _decide(self, later: Later) -> None:
        self.put(tuple(later.then()))

    def _queued(self, message: Outgoing, attempt: int) -> None:
        if self._queue.qsize() + self._retries >= _WAITING:
            _dropped(message, f"{_WAITING} calls wait already")
        else:
            self._queue.put_nowait((message, attempt))
        most = 1 if self._sending.on("callbacks-one-at-a-time") else _AT_ONCE
        if len(self._workers) < most and self._queue.qsize() > 0:
            self._workers.append(self._loop.create_task(self._work(), name="outbox"))

    def _queued_after(self, seconds: float, message: Outgoing, attempt: int) -> None:
        self._retries += 1

        def due() -> None:
            self._retries -= 1
            self._queued(message, attempt)

        self._set_timer(seconds, due)

    def _set_timer(self, seconds: float, then: Callable[[], None]) -> None:
        def due() -> None:
            self._timers.discard(timer)
            then()

        timer = self._loop.call_later(seconds, due)
        self._timers.add(timer)

    async def _work(self) -> None:
        carry = self._carrier or self._carry
        while True:
            message, attempt = await self._queue.get()
            await self._deliver(carry, message, attempt)

    async def _carry(self, message: Outgoing) -> bool | None:
        if self._session is None:
            self._session = _session()
        on = self._sending.on if message.result else _CLEAN
        return await _attempt(self._session, message, on)

    async def _deliver(self, carry: "Carrier", message: Outgoing, attempt: int) -> None:
        """Try once, and again after a pause until the address answers below 500; give up on an origin that is not there."""
        origin = _origin(message.url)
        if not origin:
            return
        if (silence := self._silence(origin)) > 0:
            self._put_off(message, attempt, silence)
            return
        settled = await carry(message)
        if settled is not None:
            self._silent.pop(origin, None)
        if message.once or (
            settled and not (message.result and self._sending.on("callback-resent-after-200"))
        ):
            return
        if settled is None and attempt >= len(_PAUSES):
            self._give_up(origin)
        if not settled or attempt < len(_PAUSES):
            pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
            self._put_off(self._sending.again(message), attempt, pause)

    def _put_off(self, message: Outgoing, attempt: int, seconds: float) -> None:
        """Have a call wait for its next attempt, or drop it after the last."""
        if attempt < len(_PAUSES):
            self._queued_after(seconds, message, attempt + 1)
        else:
            _dropped(message, f"not taken in {attempt + 1} attempts")

    def _silence(self, origin: str) -> float:
        """Give for how long an origin is left alone; where that is over, its next call is the only one."""
        if origin not in self._silent:
            return 0.0
        silence = self._silent[origin] - monotonic()
        if silence <= 0:
            self._give_up(origin)
        return silence

    def _give_up(self, origin: str) -> None:
        if len(self._silent) > _AT_ONCE * 64:
            self._silent.clear()
        self._silent[origin] = monotonic() + _SILENT_SECONDS


def _dropped(message: Outgoing, why: str) -> None:
    _log.warning("Dropped: %s %s (%s).", message.method, message.url, why)


def _nothing() -> None:
    """Stand in for the client's import where it is not needed."""


def _origin(url: str) -> str:
    """Give scheme and authority of an address that can be called; empty for any other text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else ""


async def _attempt(session: "aiohttp.ClientSession", message: Outgoing, on: FaultSwitches) -> bool | None:
    """Send once; tell whether the matter is settled, None where nothing answered."""
    import aiohttp  # noqa: PLC0415 -- see _warm

    content = message.body if isinstance(message.body, bytes | None) else encode(message.body)
    headers = {**({} if content is None else _JSON), **message.headers}
    try:
        async with session.request(
            message.method, message.url, data=content, headers=headers, allow_redirects=False
        ) as response:
            await response.content.read(_READ)
            return response.status < 500 or on("callback-not-retried-on-503")
    except ValueError as error:
        _log.debug("%s %s is no address: %s", message.method, message.url, error)
        return True
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        _log.debug("%s %s: %s", message.method, message.url, error)
        if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return on("callback-not-retried-on-error") or None
        return on("callback-not-retried-on-error")


def _warm() -> None:
    """Import the client beside the first requests: it takes longer than the rest of the start."""
    importlib.import_module("aiohttp")


def _session() -> "aiohttp.ClientSession":
    """Make the client: aiohttp itself, for httpx before it costs half as much again, on the core that also serves."""
    import aiohttp  # noqa: PLC0415 -- see _warm

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_AT_ONCE),
        timeout=aiohttp.ClientTimeout(total=_SECONDS, sock_connect=_CONNECT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
