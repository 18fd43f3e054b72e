"""Stateful models: what goes wrong is minimised, replayed, and counts only where it comes again."""

import asyncio
from typing import Any, ClassVar, cast

import pytest
from hypothesis import strategies as st

from dpi_conformance.execution.models import (
    Deviation,
    Drawing,
    Machine,
    Taken,
    failing,
    replayed,
    sequences_of,
    step,
)
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import Message


class Nowhere:
    """A scene that nothing is sent on."""

    def begin_again(self) -> None:
        pass


SCENE = cast("Scene", Nowhere())
DRAWING = Drawing(seed=7, examples=60, steps=12)
ODD = Message(text="The sum is beyond its limit.")
LESS = Message(text="Add less.")


class Sum(Machine):
    """A product that adds up, and goes wrong above a limit."""

    limit = 10**9
    total = 0

    @step(amount=st.integers(1, 9))
    async def add(self, amount: int) -> None:
        await asyncio.sleep(0)
        self.total += amount
        self.expect(
            self.total <= self.limit,
            code="sum.limit",
            message=ODD,
            expected=1,
            actual=self.total,
            seen=cast("Any", None),
            advice=LESS,
        )

    @step()
    async def look(self) -> None:
        await asyncio.sleep(0)


class Faulty(Sum):
    limit = 20


def test_a_product_that_agrees_has_no_failing_sequence() -> None:
    assert asyncio.run(failing(SCENE, Sum, DRAWING)) is None


def test_a_failing_sequence_is_minimised_and_fails_again_in_each_replay() -> None:
    async def run() -> tuple[tuple[Taken, ...], list[Deviation | None]]:
        sequence = await failing(SCENE, Faulty, DRAWING)
        assert sequence is not None
        return tuple(sequence), [await replayed(SCENE, Faulty, sequence) for _ in range(3)]

    sequence, replays = asyncio.run(run())
    assert {one.name for one in sequence} == {"add"}, "steps that do not matter are left out"
    assert sum(one.arguments["amount"] for one in sequence) > 20
    assert len(sequence) <= 9
    assert [(one.code, one.advice) for one in replays if one] == [("sum.limit", LESS)] * 3
    assert str(sequence[0]).startswith("add(amount=")


def test_the_same_seed_draws_the_same_sequences() -> None:
    first, second = (asyncio.run(failing(SCENE, Faulty, DRAWING)) for _ in range(2))
    assert first == second


def test_sequences_are_drawn_before_any_product_is_met_and_are_the_same_for_all() -> None:
    first, second = sequences_of(Faulty, DRAWING), sequences_of(Sum, DRAWING)
    assert first == second
    assert len(first) >= DRAWING.least
    assert {one.name for sequence in first for one in sequence} == {"add", "look"}


def test_what_cannot_be_carried_out_is_no_failure_of_the_product() -> None:
    class Missing(Sum):
        @step()
        async def prepare(self) -> None:
            raise Prerequisite(Message(text="The bank is not there."))

    with pytest.raises(Prerequisite, match="The bank is not there"):
        asyncio.run(failing(SCENE, Missing, DRAWING))


def test_what_goes_wrong_once_only_is_not_proven() -> None:
    class Once(Sum):
        left: ClassVar = [1]

        @step()
        async def wobble(self) -> None:
            if self.left:
                self.left.pop()
                self.expect(False, code="once", message=ODD, expected=1, actual=2, seen=cast("Any", None))

    with pytest.raises(Prerequisite, match="once and not again"):
        asyncio.run(failing(SCENE, Once, DRAWING))


def test_a_run_that_is_stopped_stops_the_model_too() -> None:
    class Endless(Sum):
        @step()
        async def wait(self) -> None:
            await asyncio.sleep(30)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await failing(SCENE, Endless, DRAWING)

    asyncio.run(run())
