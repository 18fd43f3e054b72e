"""The product's rate limit is obeyed, whatever the concurrency."""

import asyncio
import itertools

import pytest

from dpi_conformance.wire.pace import Pace


class Time:
    """A clock that moves when somebody sleeps, and then a little too far, as real ones do."""

    def __init__(self, late=0.0):
        self.now, self.late = 1000.0, late

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds + self.late
        await asyncio.sleep(0)


def departures(per_second, count, *, late=0.0, busy=0.0):
    """Let ``count`` requests go at once; give when each went."""
    time = Time(late)

    async def run():
        pace = Pace(per_second, clock=time.clock, sleep=time.sleep)
        gone = []

        async def request(number):
            await pace.turn()
            gone.append((number, time.now))
            time.now += busy

        await asyncio.gather(*(request(number) for number in range(count)))
        return gone

    return asyncio.run(run())


@pytest.mark.parametrize("per_second", [0.5, 1, 3, 10, 250, 7000])
@pytest.mark.parametrize("late", [0.0, 0.0007])
def test_no_window_of_any_length_sees_more_than_the_limit(per_second, late):
    moments = [moment for _, moment in departures(per_second, 200, late=late)]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert min(gaps) >= 1 / per_second - 1e-9


def test_without_delays_the_limit_is_used_in_full():
    moments = [moment for _, moment in departures(10, 101)]
    assert moments[-1] - moments[0] == pytest.approx(10.0)


def test_the_first_goes_at_once_and_all_in_their_order():
    gone = departures(4, 50)
    assert gone[0] == (0, 1000.0)
    assert [number for number, _ in gone] == list(range(50))


def test_a_pause_is_not_made_up_for():
    time = Time()

    async def run():
        pace = Pace(2, clock=time.clock, sleep=time.sleep)
        await pace.turn()
        time.now += 60
        moments = []
        for _ in range(3):
            await pace.turn()
            moments.append(time.now)
        return moments

    assert asyncio.run(run()) == [1060.0, 1060.5, 1061.0]


def test_whoever_gives_up_waiting_costs_the_others_nothing():
    time = Time()

    async def run():
        pace = Pace(1, clock=time.clock, sleep=time.sleep)
        waiting = [asyncio.create_task(pace.turn()) for _ in range(3)]
        waiting[1].cancel()
        await asyncio.wait(waiting)
        return time.now, waiting[1].cancelled()

    assert asyncio.run(run()) == (1001.0, True)
