"""Measures whether the harness itself gets to run: what is late while it does not, says nothing of the product."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from dpi_conformance.i18n import N_, Message

__all__ = ["SHORTAGE", "Beat", "Pulse", "Shortage", "processor_time"]

SHORTAGE: Final = N_(
    "The harness itself did not get to run while it waited: the processor was taken for {lost} of {seconds} s. What came "
    "late then, or not at all, says nothing of the product. Run it again on a machine that has less to do."
)
"""Why a case is undecided that rests on time."""

_BEAT_SECONDS: Final = 0.05
_KEPT: Final = 40_000
"""Beats that are kept: half an hour, longer than any case waits."""
_STALL_SECONDS: Final = 1.0
"""The event loop stood still for so long in one piece; a run on two cores that nobody else uses stays below 0.1 s."""
_LATE_SHARE: Final = 0.5
"""The event loop was late for this share of a wait; it is for less than a tenth where nobody else is at work."""
_UNSERVED_SHARE: Final = 0.85
"""Of the processor's time that the loop's thread asked for, it waited for this share: seven or more on each core.

Measured: at most 0.3 where nobody else is at work, 0.4 to 0.8 in ``selftest``, 0.9 beside sixteen busy programs on two
cores.
"""
_LEAST_UNSERVED: Final = 0.1
"""Share of a wait; a thread that wants next to nothing soon waits for more than it wants (0.15 beside the sixteen)."""
_LEAST_SECONDS: Final = 0.1
"""What is lost below this decides nothing, however short the wait."""
_SCHEDULE: Final = Path("/proc/thread-self/schedstat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One turn of the measuring task, in seconds: when it was due to begin and ended, and what the thread got meanwhile."""

    began: float
    ended: float
    used: float = 0.0
    """The processor's time that the thread had."""
    unserved: float = 0.0
    """The time for which the thread was ready and had no processor."""

    @property
    def late(self) -> float:
        """Give by how much it came too late."""
        return max(self.ended - self.began - _BEAT_SECONDS, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """How much the harness was kept from running during a wait, in seconds."""

    waited: float
    lost: float

    @property
    def message(self) -> Message:
        """Say why a wait decides nothing."""
        return Message(
            text=SHORTAGE,
            values={"lost": f"{self.lost:.1f}", "seconds": f"{self.waited:.1f}"},
        )


def processor_time() -> tuple[float, float]:
    """Give for how long this thread had a processor and for how long it waited for one, in seconds (Linux, schedstat).

    Where the system does not tell, zeros: then only the loop's own lateness shows a shortage.
    """
    with suppress(OSError, ValueError):
        used, unserved, _ = _SCHEDULE.read_text(encoding="ascii").split()
        return int(used) / 1e9, int(unserved) / 1e9
    return 0.0, 0.0


class Pulse:
    """Beats in the event loop of a run, within ``async with``; one that was never entered knows of no shortage."""

    def __init__(
        self,
        clock: Callable[[], float] = time.perf_counter,
        processor: Callable[[], tuple[float, float]] = processor_time,
    ) -> None:
        """Take the clock by which waits are told, and what tells of the processor; both in seconds."""
        self._clock, self._processor = clock, processor
        self._beats: deque[Beat] = deque(maxlen=_KEPT)
        self._begun: tuple[float, float, float] | None = None
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to measure."""
        self._begin()
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Measure no longer; what was measured is kept."""
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            self._end()
            self._begin()

    def _begin(self) -> None:
        self._begun = (self._clock(), *self._processor())

    def _end(self) -> None:
        beat = self._under_way()
        if beat is not None:
            self.take(beat)

    def _under_way(self) -> Beat | None:
        if self._begun is None:
            return None
        began, used, unserved = self._begun
        used_now, unserved_now = self._processor()
        return Beat(began=began, ended=self._clock(), used=used_now - used, unserved=unserved_now - unserved)

    def take(self, beat: Beat) -> None:
        """Take a beat that was measured."""
        self._beats.append(beat)

    def shortage(self, began: float, ended: float) -> Shortage | None:
        """Tell what the harness was short of between two moments of the clock; None where it had what it needed."""
        beats = [beat for beat in self._all() if beat.ended > began and beat.began < ended]
        waited = max(ended - began, _BEAT_SECONDS)
        late = sum(beat.late for beat in beats)
        used, unserved = sum(beat.used for beat in beats), sum(beat.unserved for beat in beats)
        stalled = max((beat.late for beat in beats), default=0.0) >= _STALL_SECONDS
        least = max(_LEAST_UNSERVED * waited, _LEAST_SECONDS)
        crowded = unserved >= _UNSERVED_SHARE * (used + unserved) and unserved >= least
        if stalled or late >= _LATE_SHARE * waited or crowded:
            return Shortage(waited=waited, lost=min(max(late, unserved), waited))
        return None

    def _all(self) -> list[Beat]:
        """Give all beats, the one under way too: whoever woke the loop up may ask before it ends."""
        under_way = self._under_way()
        return [*self._beats, *([under_way] if under_way is not None else [])]
