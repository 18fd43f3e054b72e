"""Obeys the product's rate limit."""

import asyncio
import time
from collections.abc import Awaitable, Callable

__all__ = ["Pace"]


class Pace:
    """Lets one request go at a time, each at least ``1 / per_second`` after the one before; no bursts.

    A limiter that counts over any window of any length thus never counts more than the limit. Whoever comes late
    is not made up for: the limit is what the product takes at most, not what it is owed.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the limit; ``clock`` and ``sleep`` count seconds."""
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = clock()
        self._queue = asyncio.Lock()

    async def turn(self) -> None:
        """Return when the next request may go; in the order of the calls."""
        async with self._queue:
            while (wait := self._next - self._clock()) > 0:
                await self._sleep(wait)
            self._next = self._clock() + self._interval
