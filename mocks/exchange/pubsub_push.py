"""Pushes events to their subscribers' services: tried again after growing pauses, dropped after the last (6.5)."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from dpi_conformance.mockkit import calls
from dpi_conformance.mockkit.calls import encode
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Carrier

from .bodies import pieces_of
from .forwarding import Address, Outgoing, ProviderError, asked
from .identifiers import Application
from .pubsub_state import Event, Subscription

__all__ = ["ATTEMPTS", "Pusher"]

_PAUSES = (0.05, 0.2, 0.6, 1.2, 1.6)
"""Seconds before each further attempt."""
ATTEMPTS = len(_PAUSES) + 1
"""So often an event is tried before it is dropped."""
_SECONDS = 1.5
"""A service that takes an event and does not answer is given up after so long, for this attempt."""
_AT_ONCE = 16
"""Events that are under way to one subscriber at the same time, where no order was asked for."""

_log = logging.getLogger(__name__)


class Pusher:
    """Hands events to queues, and empties those whose subscribers want them pushed; use it as an async context."""

    def __init__(
        self, base: str, show: Callable[[Event], dict[str, Any]], on: FaultSwitches, carrier: Carrier | None
    ) -> None:
        """Take below which address each subscriber's service is, how an event is written, and the faults.

        ``carrier`` carries the calls in the network's place.
        """
        self._base = base
        self._show = show
        self._on = on
        self._carrier = carrier
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: dict[tuple[str, bool], asyncio.Semaphore] = {}
        self._one_line = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Push within this; at its end what is under way is dropped."""
        try:
            yield
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def hand(self, subscription: Subscription, event: Event) -> None:
        """Put an event into a queue, and begin to push it if it is to be pushed."""
        subscription.waiting[event.id] = event
        if self._on("last-published-first"):
            subscription.waiting.move_to_end(event.id, last=False)
        if subscription.pushed:
            self._begin(subscription, event)

    def push_waiting(self, subscription: Subscription) -> None:
        """Begin to push all that waits, as the subscriber wants it pushed from now on."""
        for event in subscription.waiting.values():
            self._begin(subscription, event)

    def end(self, subscription: Subscription) -> None:
        """Deliver nothing more of a subscription."""
        if not self._on("retried-after-unsubscribing"):
            subscription.waiting.clear()
        for in_order in (True, False):
            self._lines.pop((subscription.id, in_order), None)

    def _begin(self, subscription: Subscription, event: Event) -> None:
        if (not self._base and self._carrier is None) or event.id in subscription.under_way:
            return
        subscription.under_way.add(event.id)
        task = asyncio.get_running_loop().create_task(self._in_turn(subscription, event), name="push")
        self._tasks.add(task)

        def done(_task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            subscription.under_way.discard(event.id)

        task.add_done_callback(done)

    async def _in_turn(self, subscription: Subscription, event: Event) -> None:
        """Deliver one event when its turn has come: at once, or after those before it."""
        async with self._one_line if self._on("slow-subscriber-blocks-all") else _nothing():
            key = (subscription.id, subscription.in_order)
            line = self._lines.setdefault(key, asyncio.Semaphore(1 if subscription.in_order else _AT_ONCE))
            if self._on("order-lost-on-retry") and subscription.in_order:
                await self._delivered_somehow(subscription, event, line)
                return
            async with line:
                await self._delivered(subscription, event)

    async def _delivered(self, subscription: Subscription, event: Event) -> None:
        """Try until it is taken, withdrawn, outlived, or given up."""
        for attempt in self._attempts():
            if not await self._wanted_after(self._pause(attempt), subscription, event):
                return
            shown = event if attempt == 0 or not self._on("push-retried-as-new") else _renewed(event)
            if await self._taken(subscription.subscriber, shown):
                subscription.waiting.pop(event.id, None)
                if self._on("push-repeated-after-success"):
                    await self._taken(subscription.subscriber, event)
                return
            if self._on("push-not-retried"):
                break
        subscription.waiting.pop(event.id, None)
        _log.debug("Dropped: event %s for %s.", event.id, subscription.subscriber)

    async def _delivered_somehow(
        self, subscription: Subscription, event: Event, line: asyncio.Semaphore
    ) -> None:
        """Let those behind it pass while a failed event waits for its next attempt, as a fault does."""
        async with line:
            if await self._taken(subscription.subscriber, event):
                subscription.waiting.pop(event.id, None)
                return
        await self._delivered(subscription, event)

    def _attempts(self) -> range:
        return range(1000) if self._on("push-without-end") else range(ATTEMPTS)

    def _pause(self, attempt: int) -> float:
        if attempt == 0:
            return 0.0
        if self._on("push-retried-at-once"):
            return _PAUSES[0]
        return _PAUSES[min(attempt, len(_PAUSES)) - 1]

    async def _wanted_after(self, seconds: float, subscription: Subscription, event: Event) -> bool:
        """Wait, and tell whether the event is still to be delivered."""
        await asyncio.sleep(seconds)
        if not self._on("outlived-event-delivered") and not subscription.alive(event, self._now()):
            subscription.waiting.pop(event.id, None)
        return subscription.pushed and event.id in subscription.waiting

    async def _taken(self, subscriber: Application, event: Event) -> bool:
        """Send an event once; tell whether it was answered with 2xx."""
        body = self._show(event)
        url = f"{self._base}/{quote(subscriber.code, safe='')}"
        if self._carrier is not None:
            return bool(await self._carrier(calls.Outgoing(url=url, body=body)))
        try:
            async with asyncio.timeout(_SECONDS):
                return 200 <= await _posted(url, encode(body)) < 300
        except (ProviderError, TimeoutError) as error:
            _log.debug("%s: %s", url, error)
            return False

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _posted(url: str, body: bytes) -> int:
    address = Address.of(url)
    headers = (
        (b"host", address.authority.encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    )
    target = urlsplit(url).path.encode()
    reply = await asked(
        address, Outgoing(method="POST", target=target, headers=headers, body=pieces_of(body))
    )
    await reply.aclose()
    return reply.status


def _renewed(event: Event) -> Event:
    return replace(event, id=str(uuid4()))


@contextlib.asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield
