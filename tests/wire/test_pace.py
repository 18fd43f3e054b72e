"""The product's rate limit is obeyed, whatever the concurrency."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from dpi_conformance.wire.pace import Pace


class Time:
    """A clock that moves when somebody sleeps, and then a little too far, as real ones do."""

    def __init__(self, late: float = 0.0) -> None:
        self.now, self.late = 1000.0, late

    def clock(self) -> Any:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds + self.late
        await asyncio.sleep(0)


def departures(per_second: float, count: int, *, late: float = 0.0, busy: float = 0.0) -> Any:
    """Let ``count`` requests go at once; give when each went."""
    time = Time(late)

    async def run() -> Any:
        pace = Pace(per_second, clock=time.clock, sleep=time.sleep)
        gone = []

        async def request(number: int) -> None:
            await pace.turn()
            gone.append((number, time.now))
            time.now += busy

        await asyncio.gather(*(request(number) for number in range(count)))
        return gone

    return asyncio.run(run())


@pytest.mark.parametrize("per_second", [0.5, 1, 3, 10, 250, 7000])
@pytest.mark.parametrize("late", [0.0, 0.0007])
def test_no_window_of_any_length_sees_more_than_the_limit(per_second: float, late: float) -> None:
    moments = [moment for _, moment in departures(per_second, 200, late=late)]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= 1 / per_second - 1e-9


def test_without_delays_the_limit_is_used_in_full() -> None:
    moments = [moment for _, moment in departures(10, 101)]
    assert moments[-1] - moments[0] == pytest.approx(10.0)


def test_the_first_goes_at_once_and_all_in_their_order() -> None:
    gone = departures(4, 50)
    assert gone[0] == (0, 1000.0)
    assert [number for number, _ in gone] == list(range(50))


def test_a_pause_is_not_made_up_for() -> None:
    time = Time()

    async def run() -> Any:
        pace = Pace(2, clock=time.clock, sleep=time.sleep)
        await pace.turn()
        time.now += 60
        moments = []
        for _ in range(3):
            await pace.turn()
            moments.append(time.now)
        return moments

    assert asyncio.run(run()) == [1060.0, 1060.5, 1061.0]


def test_whoever_gives_up_waiting_costs_the_others_nothing() -> None:
    time = Time()

    async def run() -> Any:
        pace = Pace(1, clock=time.clock, sleep=time.sleep)
        waiting = [asyncio.create_task(pace.turn()) for _ in range(3)]
        waiting[1].cancel()
        await asyncio.wait(waiting)
        return time.now, waiting[1].cancelled()

    assert asyncio.run(run()) == (1001.0, True)
