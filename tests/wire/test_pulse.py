"""The harness knows when it did not get to run itself."""

import asyncio
import time
from pathlib import Path

import pytest

from dpi_conformance.wire.addresses import CallbackAddress
from dpi_conformance.wire.pulse import Beat, Pulse, processor_time
from dpi_conformance.wire.waits import note, noted


def beats(
    pulse: Pulse, count: int, *, length: float = 0.05, used: float = 0.002, unserved: float = 0.0
) -> float:
    """Let so many beats of one kind follow each other from 0; give when the last one ended."""
    for number in range(count):
        pulse.take(Beat(began=number * length, ended=(number + 1) * length, used=used, unserved=unserved))
    return count * length


def test_a_pulse_that_measured_nothing_knows_of_no_shortage() -> None:
    assert Pulse().shortage(0, 100) is None


@pytest.mark.parametrize(
    ("length", "used", "unserved"),
    [
        (0.05, 0.05, 0.0),  # busy all the time, and served
        (0.09, 0.05, 0.03),  # late by 0.04 s of 0.09: a run's own work
        (0.05, 0.02, 0.03),  # three programs on two cores
        (0.05, 0.0001, 0.003),  # wants next to nothing, and waits for little
    ],
)
def test_what_a_busy_run_looks_like_is_no_shortage(length: float, used: float, unserved: float) -> None:
    pulse = Pulse()
    ended = beats(pulse, 40, length=length, used=used, unserved=unserved)
    assert pulse.shortage(0, ended) is None


@pytest.mark.parametrize(
    ("length", "used", "unserved"),
    [
        (0.11, 0.05, 0.05),  # the loop is late for more than half of the time
        (0.05, 0.005, 0.044),  # sixteen busy programs on two cores: nine tenths of what it asked for
        (0.05, 0.0001, 0.0085),  # so too while it only waits for callbacks
    ],
)
def test_what_a_crowded_machine_looks_like_is_a_shortage(length: float, used: float, unserved: float) -> None:
    pulse = Pulse()
    ended = beats(pulse, 40, length=length, used=used, unserved=unserved)
    shortage = pulse.shortage(0, ended)
    assert shortage is not None
    assert shortage.waited == pytest.approx(ended)
    assert shortage.lost > 0.02 * ended
    assert f"{shortage.lost:.1f} of {ended:.1f} s" in str(shortage.message)


def test_a_loop_that_stood_still_once_is_a_shortage_of_the_waits_that_it_fell_into_only() -> None:
    pulse = Pulse()
    beats(pulse, 20)
    pulse.take(Beat(began=1.0, ended=2.2))
    pulse.take(Beat(began=2.2, ended=2.25))
    assert pulse.shortage(0.0, 0.9) is None
    assert pulse.shortage(0.9, 1.2) is not None
    assert pulse.shortage(1.5, 9.0) is not None
    assert pulse.shortage(2.21, 9.0) is None


def test_a_loop_that_is_blocked_is_noticed_by_whoever_it_wakes_first() -> None:
    async def work() -> tuple[bool, bool]:
        async with Pulse(processor=lambda: (0.0, 0.0)) as pulse:
            began = time.perf_counter()
            await asyncio.sleep(0.2)
            before = pulse.shortage(began, time.perf_counter()) is None
            time.sleep(0.7)  # noqa: ASYNC251 -- the loop shall stand still
            return before, pulse.shortage(began, time.perf_counter()) is not None

    assert asyncio.run(work()) == (True, True)


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="the system does not tell")
def test_the_system_tells_of_the_processor_s_time_in_seconds() -> None:
    used, unserved = processor_time()
    ends = time.thread_time() + 0.05
    while time.thread_time() < ends:
        pass
    used_then, unserved_then = processor_time()
    assert 0.04 < used_then - used < 0.5
    assert unserved_then >= unserved >= 0


def test_a_wait_is_noted_if_its_time_ran_out_and_only_then() -> None:
    async def work() -> list[float]:
        address = CallbackAddress("x", "http://127.0.0.1/x")
        with noted() as waits:
            await asyncio.gather(address.wait(1, 0.05), address.wait(0, 0.05))
        await address.wait(1, 0.01)  # nobody's
        return [one.ended - one.began for one in waits]

    (length,) = asyncio.run(work())
    assert 0.05 <= length < 1


def test_waits_of_cases_side_by_side_are_kept_apart() -> None:
    async def one(times: int) -> int:
        with noted() as waits:
            for _ in range(times):
                note(0.0)
                await asyncio.sleep(0)
            return len(waits)

    async def work() -> list[int]:
        return list(await asyncio.gather(one(1), one(3)))

    assert asyncio.run(work()) == [1, 3]
