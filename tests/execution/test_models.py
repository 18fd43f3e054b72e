"""Stateful models: what goes wrong is minimised, replayed, and counts only where it comes again."""

import asyncio
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from hypothesis import strategies as st

from dpi_conformance.checks.answers import Answers
from dpi_conformance.execution.models import (
    Deviation,
    Drawing,
    Machine,
    Taken,
    agree,
    failing,
    replayed,
    step,
)
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.sequences import sequences_of
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import Case
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener


def scene() -> Scene:
    """Give a scene that nothing is sent on."""
    stage = Stage(
        wire=cast("Wire", SimpleNamespace(requests_per_second=None)),
        listener=cast("CallbackListener", None),
        answers=cast("Answers", None),
        fresh=Fresh(),
        callback_seconds=1,
    )
    return Scene.of(stage, Case(id="c", block="t", kind="suite", purpose=ODD))


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
    assert asyncio.run(failing(scene(), Sum, DRAWING)) is None


def test_a_failing_sequence_is_minimised_and_fails_again_in_each_replay() -> None:
    async def run() -> tuple[tuple[Taken, ...], list[Deviation | None]]:
        sequence = await failing(scene(), Faulty, DRAWING)
        assert sequence is not None
        return tuple(sequence), [await replayed(scene(), Faulty, sequence) for _ in range(3)]

    sequence, replays = asyncio.run(run())
    assert {one.name for one in sequence} == {"add"}, "steps that do not matter are left out"
    assert sum(one.arguments["amount"] for one in sequence) > 20
    assert len(sequence) <= 9
    assert [(one.code, one.advice) for one in replays if one] == [("sum.limit", LESS)] * 3
    assert str(sequence[0]).startswith("add(amount=")


def test_the_same_seed_draws_the_same_sequences_and_another_others() -> None:
    other = Drawing(seed=8, examples=60, steps=12)
    first, second, third = (sequences_of(Faulty, drawing) for drawing in (DRAWING, DRAWING, other))
    assert first == second
    assert first != third


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
        asyncio.run(failing(scene(), Missing, DRAWING))


def test_what_goes_wrong_once_only_is_not_proven() -> None:
    class Once(Sum):
        left: ClassVar = [1]

        @step()
        async def wobble(self) -> None:
            if self.left:
                self.left.pop()
                self.expect(False, code="once", message=ODD, expected=1, actual=2, seen=cast("Any", None))

    async def run() -> list[Deviation | None]:
        sequence = await failing(scene(), Once, DRAWING)
        assert sequence is not None
        return [await replayed(scene(), Once, sequence) for _ in range(3)]

    assert asyncio.run(run()) == [None] * 3
    Once.left.append(1)
    with pytest.raises(Prerequisite, match="once and not in each of 3 replays"):
        asyncio.run(agree(scene(), Once, DRAWING))


def test_a_run_that_is_stopped_stops_the_model_too() -> None:
    class Endless(Sum):
        @step()
        async def wait(self) -> None:
            await asyncio.sleep(30)

    async def run() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await failing(scene(), Endless, DRAWING)

    asyncio.run(run())
