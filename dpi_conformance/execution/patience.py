"""A case's time, which stands still while a person logs in: logins have limits of their own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

__all__ = ["Patience"]


class Patience:
    """How long one case may take."""

    def __init__(self) -> None:
        """Begin without a limit."""
        self._limit: asyncio.Timeout | None = None
        self._left = 0.0
        self._pauses = 0

    @contextlib.asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """Raise TimeoutError after so many seconds, pauses left out."""
        async with asyncio.timeout(seconds) as self._limit:
            yield

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the time stand still, also where several pauses overlap."""
        limit, now = self._limit, asyncio.get_running_loop().time
        if limit is None or limit.expired():
            yield
            return
        if (until := limit.when()) is not None:
            self._left = until - now()
            limit.reschedule(None)
        self._pauses += 1
        try:
            yield
        finally:
            self._pauses -= 1
            if self._pauses == 0 and not limit.expired():
                limit.reschedule(now() + self._left)
