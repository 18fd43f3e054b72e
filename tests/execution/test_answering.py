"""What vectors need is created by steps: one failure is not held against a product for the rest of the run."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from dpi_conformance.checks.answers import Answers
from dpi_conformance.execution.answering import Answering
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import NotCalledBack, Prerequisite, Resource, Stage
from dpi_conformance.i18n import Message
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackAddress, CallbackListener


class _Listener:
    def address(self, name: str, *, lasting: bool = False) -> object:
        return name


class _Stage:
    listener = _Listener()


VECTOR = Vector(
    id="v", case="c", variant="x", method="GET", target="/", expect=Expectation.ACCEPTED, needs=("thing",)
)


def _served(outcomes: Callable[[int], bool], rounds: Sequence[int]) -> tuple[list[int], int]:
    """Ask for one thing in so many calls at once, round after round; give how many came a round, and all calls."""
    calls = 0

    async def thing(_stage: Stage, _count: int) -> Sequence[Resource]:
        nonlocal calls
        calls += 1
        number = calls
        await asyncio.sleep(0)
        if not outcomes(number):
            raise Prerequisite(Message(text="no"))
        return [{"thing.id": "1"}]

    async def work() -> list[int]:
        answering = Answering(
            stage=cast("Stage", _Stage()),
            steps={"thing": thing},
            cases={},
            concurrency=4,
            proves=lambda _scheme: True,
        )
        came = []
        for at_once in rounds:
            made = await asyncio.gather(*(answering.resources([VECTOR]) for _ in range(at_once)))
            came.append(sum(not isinstance(one, Prerequisite) for (one,) in made))
        return came

    return asyncio.run(work()), calls


def test_a_step_that_never_works_is_called_twice_however_many_ask_at_once() -> None:
    assert _served(lambda _number: False, [8, 8]) == ([0, 0], 2)


def test_failures_beside_each_other_count_once_and_a_success_clears_them() -> None:
    fails = {2, 3, 4, 5}  # one good call, then four that fail together, then all is well again
    assert _served(lambda number: number not in fails, [1, 4, 1, 4]) == ([1, 0, 1, 4], 10)


def test_two_failures_apart_from_each_other_do_not_end_a_need() -> None:
    assert _served(lambda number: number % 2 == 1, [1] * 10)[0] == [1, 0] * 5


def _several(things: Sequence[Resource]) -> Resource | Prerequisite:
    """Ask for two things in one vector, of a step that has these."""

    async def thing(_stage: Stage, count: int) -> Sequence[Resource]:
        assert count == 2  # all of one kind by one call
        return things

    answering = Answering(
        stage=cast("Stage", _Stage()),
        steps={"thing": thing},
        cases={},
        concurrency=4,
        proves=lambda _scheme: True,
    )
    (made,) = asyncio.run(answering.resources([replace(VECTOR, needs=("thing", "thing:2"))]))
    return made


def test_several_resources_of_one_kind_are_told_apart_by_number() -> None:
    assert _several([{"thing.id": "1"}, {"thing.id": "2"}]) == {"thing.id": "1", "thing:2.id": "2"}


def test_the_same_resource_twice_is_not_several() -> None:
    trouble = _several([{"thing.id": "1"}, {"thing.id": "1"}])
    assert isinstance(trouble, Prerequisite)
    assert "several of thing" in str(trouble)


def _waited(arrivals: Sequence[bool], rounds: Sequence[int]) -> tuple[list[int], int]:
    """Wait for one callback in so many steps at once, round after round; give how many came a round, and all waits."""
    waits = 0

    class Address:
        async def wait(self, _count: int, _seconds: float) -> list[str]:
            nonlocal waits
            came = arrivals[min(waits, len(arrivals) - 1)]
            waits += 1
            await asyncio.sleep(0.001)
            return ["callback"] if came else []

    async def one(stage: Stage) -> bool:
        try:
            await stage.called_back(cast("CallbackAddress", Address()), "made")
        except NotCalledBack:
            return False
        return True

    async def work() -> list[int]:
        stage = Stage(
            wire=cast("Wire", None),
            listener=cast("CallbackListener", _Listener()),
            answers=cast("Answers", None),
            fresh=Fresh(),
            callback_seconds=1,
        )
        return [sum(await asyncio.gather(*(one(stage) for _ in range(at_once)))) for at_once in rounds]

    return asyncio.run(work()), waits


def test_a_callback_that_never_comes_is_waited_for_twice_whichever_steps_need_it() -> None:
    assert _waited([False], [3, 3, 3, 3]) == ([0, 0, 0, 0], 6)


def test_a_callback_that_comes_clears_those_that_did_not() -> None:
    assert _waited([False, True, False, True, False, True], [1] * 6)[0] == [0, 1, 0, 1, 0, 1]
