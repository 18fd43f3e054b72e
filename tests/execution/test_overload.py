"""While the harness itself does not get to run, what comes late accuses nobody and proves nothing."""

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dpi_conformance.checks.answers import Answers
from dpi_conformance.execution.answering import Answering
from dpi_conformance.execution.behaviour import Performed, SuiteCase, case, perform, suite_cases
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import NotCalledBack, Stage
from dpi_conformance.execution.suite_tier import SuiteTier
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import CaseResult
from dpi_conformance.model.evidence import Exchange, Finding, Request, TransportTrouble
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.journal import Journal
from dpi_conformance.wire.listener import CallbackListener
from dpi_conformance.wire.pulse import Pulse

LATE = Message(text="It came late.")
STARVED = "The harness itself did not get to run"


async def missing(scene: Scene) -> None:
    """The result comes."""
    came = await scene.address("x").wait(1, 0.4)
    scene.expect(bool(came), code="x.comes", message=LATE, expected=1, actual=0)


async def quiet(scene: Scene) -> None:
    """Nothing comes."""
    came = await scene.address("x").wait(1, 0.4)
    scene.expect(not came, code="x.quiet", message=LATE, expected=0, actual=len(came))


async def seen_before(scene: Scene) -> None:
    """Something is wrong before anything is waited for."""
    scene.expect(False, code="x.wrong", message=LATE, expected=1, actual=2)
    await missing(scene)


async def needed(scene: Scene) -> None:
    """A result that is needed comes."""
    if not await scene.address("x").wait(1, 0.4):
        raise NotCalledBack(Message(text="The product sent none."))


async def undeclared(scene: Scene) -> None:
    """The vendor says how it is."""
    await scene.address("x").wait(1, 0.4)
    scene.declares("x.how")


async def measured(scene: Scene) -> None:
    """Something is quick."""
    began = time.perf_counter()
    await asyncio.sleep(0.4)
    scene.timed(began)
    scene.expect(False, code="x.quick", message=LATE, expected=1, actual=2)


async def timeless(scene: Scene) -> None:
    """Something is so, whenever it is looked at."""
    await asyncio.sleep(0.4)
    scene.expect(False, code="x.so", message=LATE, expected=1, actual=2)


def one(run: Callable[[Scene], Any]) -> SuiteCase:
    marked = case("X/x", clause="1")(run)
    module = SimpleNamespace(run=marked, __name__=run.__module__)
    (found,) = suite_cases("x", [cast("Any", module)], Profile.QUICK)
    del cast("Any", run).__dpi_case__
    return found


def stage_of(listener: CallbackListener, pulse: Pulse) -> Stage:
    return Stage(
        wire=cast("Wire", SimpleNamespace(requests_per_second=None, begun=0, under_way=0)),
        listener=listener,
        answers=cast("Answers", None),
        fresh=Fresh(),
        callback_seconds=1,
        pulse=pulse,
    )


def carried_out(run: Callable[[Scene], Any], *, blocked: bool) -> Performed:
    """Carry a case out in a loop that stands still in its midst, or does not."""

    async def work() -> Performed:
        async with CallbackListener() as listener, Pulse() as pulse:
            stage = stage_of(listener, pulse)
            if blocked:
                asyncio.get_running_loop().call_later(0.2, time.sleep, 0.8)
            return await perform(one(run), stage)

    return asyncio.run(work())


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        (missing, Verdict.FAIL),
        (quiet, Verdict.PASS),
        (needed, Verdict.INCONCLUSIVE),
        (measured, Verdict.FAIL),
        (timeless, Verdict.FAIL),
    ],
)
def test_a_harness_that_gets_to_run_judges(run: Callable[[Scene], Any], verdict: Verdict) -> None:
    performed = carried_out(run, blocked=False)
    assert performed.verdict is verdict
    assert STARVED not in str(performed.reason)


@pytest.mark.parametrize("run", [missing, quiet, needed, measured])
def test_what_rests_on_time_is_undecided_in_a_loop_that_stood_still(run: Callable[[Scene], Any]) -> None:
    performed = carried_out(run, blocked=True)
    assert performed.verdict is Verdict.INCONCLUSIVE
    assert STARVED in str(performed.reason)
    assert all(finding.advisory for finding in performed.scene.findings)


def test_what_does_not_rest_on_time_is_judged_all_the_same() -> None:
    performed = carried_out(timeless, blocked=True)
    assert performed.verdict is Verdict.FAIL
    assert [(one.code, one.advisory) for one in performed.scene.findings] == [("x.so", False)]


def test_what_the_vendor_has_to_declare_is_asked_all_the_same() -> None:
    performed = carried_out(undeclared, blocked=True)
    assert performed.verdict is Verdict.INCONCLUSIVE
    assert "Write declares: x.how" in str(performed.reason)


class Outcomes:
    """A journal that keeps outcomes only."""

    def __init__(self) -> None:
        self.results: list[CaseResult] = []

    def outcome(self, result: CaseResult) -> None:
        self.results.append(result)


def test_what_was_undecided_for_want_of_the_processor_is_tried_once_more() -> None:
    async def work() -> list[Verdict]:
        async with CallbackListener() as listener, Pulse() as pulse:
            outcomes = Outcomes()
            tier = SuiteTier(
                journal=cast("Journal", outcomes), stage=stage_of(listener, pulse), observer=Silent()
            )
            asyncio.get_running_loop().call_later(0.2, time.sleep, 0.8)
            await tier.run([one(missing)])
            return [result.verdict for result in outcomes.results]

    assert asyncio.run(work()) == [Verdict.FAIL]


def test_what_is_undecided_the_second_time_too_stays_so() -> None:
    async def work() -> list[Verdict]:
        async with CallbackListener() as listener, Pulse() as pulse:
            outcomes = Outcomes()
            tier = SuiteTier(
                journal=cast("Journal", outcomes), stage=stage_of(listener, pulse), observer=Silent()
            )
            for moment in (0.2, 1.4):
                asyncio.get_running_loop().call_later(moment, time.sleep, 0.8)
            await tier.run([one(missing)])
            return [result.verdict for result in outcomes.results]

    assert asyncio.run(work()) == [Verdict.INCONCLUSIVE]


def test_what_was_found_before_stands() -> None:
    performed = carried_out(seen_before, blocked=True)
    assert performed.verdict is Verdict.FAIL
    assert [(one.code, one.advisory) for one in performed.scene.findings] == [
        ("x.wrong", False),
        ("x.comes", True),
    ]


VECTOR = Vector(id="v", case="c", variant="x", method="GET", target="/", expect=Expectation.ACCEPTED)
REQUEST = Request(method="GET", url="/")
SLOW = Finding(code="time.limit", message=LATE, expected="1", actual="2", clause="1", exchange="v")
OTHER = Finding(code="leak.sql", message=LATE, expected="1", actual="2", clause="1", exchange="v")
TIMEOUT = TransportTrouble(kind="timeout", detail="no whole answer within 1 s")
CLOSED = TransportTrouble(kind="cut-off", detail="the connection was closed")


def answered(finding: Finding, trouble: TransportTrouble, *, blocked: bool) -> tuple[Verdict, list[bool]]:
    """Send one vector whose answer comes late, in a loop that stood still meanwhile or did not."""

    async def send(request: Request, *, exchange_id: str, **_: str) -> Exchange:
        await asyncio.sleep(0.1)
        if blocked:
            time.sleep(0.7)  # noqa: ASYNC251 -- the loop shall stand still
        return Exchange(id=exchange_id, request=request, response=None, trouble=trouble, elapsed_ms=800)

    async def work() -> tuple[Verdict, list[bool]]:
        async with CallbackListener() as listener, Pulse() as pulse:
            stage = SimpleNamespace(
                listener=listener,
                fresh=Fresh(),
                closing=(),
                pulse=pulse,
                wire=SimpleNamespace(send=send),
                answers=SimpleNamespace(
                    look=lambda *_, **__: ((finding,), None),
                    scheme=lambda _: "",
                    asks_for_proof=lambda *_: False,
                ),
            )
            answering = Answering(
                stage=cast("Stage", stage), steps={}, cases={}, concurrency=1, proves=lambda _: True
            )
            one = await answering.answer(VECTOR, {}, controlled=True)
            return one.judged.verdict, [finding.advisory for finding in one.findings]

    return asyncio.run(work())


@pytest.mark.parametrize(("finding", "trouble"), [(SLOW, CLOSED), (OTHER, TIMEOUT)])
def test_a_vector_whose_answer_was_late_in_a_loop_that_stood_still_is_undecided(
    finding: Finding, trouble: TransportTrouble
) -> None:
    assert answered(finding, trouble, blocked=True) == (Verdict.INCONCLUSIVE, [True])
    assert answered(finding, trouble, blocked=False) == (Verdict.FAIL, [False])


def test_a_vector_whose_answer_is_wrong_in_itself_fails_all_the_same() -> None:
    assert answered(OTHER, CLOSED, blocked=True) == (Verdict.FAIL, [False])
