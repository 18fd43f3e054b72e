"""Suites: cases written in Python, many of which wait at the same time.

A case is an ``async def test_…(scene)`` in ``suites/<block>/test_*.py``, marked with ``@case``; its docstring is its
purpose. They are run side by side in one event loop, so that a suite takes as long as its slowest wait, not their sum.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any, TypeVar

from dpi_conformance.errors import DpiError, TargetError
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import SUITE, Case
from dpi_conformance.model.vectors import Profile
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.pulse import SHORTAGE, Pulse
from dpi_conformance.wire.waits import Wait, noted

__all__ = [
    "SUITE",
    "Performed",
    "SuiteCase",
    "case",
    "perform",
    "suite_cases",
    "with_requirements",
]

_CASE_SECONDS = 8.0
"""A case may take so many callback deadlines in all; then it is given up, undecided."""
_TURNS = 1200
"""Where the product limits the rate, a case may also wait for so many turns: others of the suite take most of them."""
_MARK = "__dpi_case__"

Run = Callable[[Scene], Awaitable[None]]
_Written = TypeVar("_Written", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteCase:
    """A case with the function that carries it out."""

    case: Case
    profile: Profile
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    name: str
    clause: str
    functions: tuple[str, ...]
    requirements: tuple[str, ...]
    profile: Profile
    given: Mapping[str, object]


def case(
    name: str,
    *,
    clause: str,
    functions: Collection[str] = (),
    requirements: Collection[str] = (),
    profile: Profile = Profile.QUICK,
    given: Mapping[str, object] | None = None,
) -> Callable[[_Written], _Written]:
    """Mark a function as the case ``<block>/suite/<name>``; its docstring, one sentence, is the case's purpose.

    Stacked, the marks make one case each: ``given`` are the function's further arguments, and what its docstring
    names in braces.
    """
    mark = _Mark(
        name=name,
        clause=clause,
        functions=tuple(functions),
        requirements=tuple(requirements),
        profile=profile,
        given=given or {},
    )

    def marked(run: _Written) -> _Written:
        setattr(run, _MARK, (mark, *getattr(run, _MARK, ())))
        return run

    return marked


def suite_cases(block: str, modules: Iterable[ModuleType], profile: Profile) -> Iterator[SuiteCase]:
    """Give the cases of a block's suite modules that a profile holds, in the order in which they are written."""
    ranks = list(Profile)
    for module in modules:
        for run in list(vars(module).values()):
            marks: tuple[_Mark, ...] = getattr(run, _MARK, ())
            for mark in marks if marks and run.__module__ == module.__name__ else ():
                if ranks.index(mark.profile) <= ranks.index(profile):
                    yield SuiteCase(
                        case=_case(block, mark, run), profile=mark.profile, run=partial(run, **mark.given)
                    )


def _case(block: str, mark: _Mark, run: Any) -> Case:
    return Case(
        id=f"{block}/{SUITE}/{mark.name}",
        block=block,
        kind=SUITE,
        purpose=Message(
            text=" ".join((run.__doc__ or mark.name).split()),
            values={name: str(value) for name, value in mark.given.items()},
        ),
        functions=mark.functions,
        requirements=mark.requirements,
        clause=mark.clause,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """What one case saw and came to."""

    scene: Scene
    verdict: Verdict
    reason: Message | None
    duration_ms: float

    @property
    def starved(self) -> bool:
        """Tell whether it is undecided only because the harness itself did not get to run."""
        return (
            self.verdict is Verdict.INCONCLUSIVE and self.reason is not None and self.reason.text == SHORTAGE
        )


async def perform(one: SuiteCase, stage: Stage) -> Performed:
    """Carry out one case; raises TargetError if no token can be had."""
    scene = Scene.of(stage, one.case)
    started = time.perf_counter()
    with noted() as waits:
        try:
            ended = await _carried_out(one, scene)
        finally:
            await scene.end()
    verdict, reason = _verdict(scene, ended)
    if verdict is not Verdict.ERROR:
        verdict, reason = _in_doubt(scene, stage.pulse, waits, verdict, reason)
    duration = round((time.perf_counter() - started) * 1000, 3)
    return Performed(scene=scene, verdict=verdict, reason=reason, duration_ms=duration)


async def _carried_out(one: SuiteCase, scene: Scene) -> tuple[Verdict, Message | None]:
    """Run a case; give how it ended and why where that is not its natural end."""
    rate = scene.wire.requests_per_second
    seconds = _CASE_SECONDS * max(scene.callback_seconds, 1) + (_TURNS / rate if rate else 0.0)
    try:
        async with scene.patience.within(seconds):
            await one.run(scene)
    except Prerequisite as missing:
        return Verdict.INCONCLUSIVE, missing.message
    except TimeoutError:
        text = N_("The case did not come to its end within {seconds} s.")
        return Verdict.INCONCLUSIVE, Message(text=text, values={"seconds": f"{seconds:.0f}"})
    except TargetError:
        raise
    except DpiError as error:
        return Verdict.ERROR, error.message
    except Exception as error:  # noqa: BLE001 -- a case's own fault must not end the others
        text = N_("The case itself failed: {error}. Report this to us.")
        return Verdict.ERROR, Message(text=text, values={"error": f"{type(error).__name__}: {error}"})
    return Verdict.PASS, None


def _verdict(scene: Scene, trouble: tuple[Verdict, Message | None]) -> tuple[Verdict, Message | None]:
    """Give a case's verdict: what was found counts although the case did not come to its end."""
    ended, reason = trouble
    if ended is Verdict.ERROR:
        return ended, reason
    if any(not finding.advisory for finding in scene.findings):
        return Verdict.FAIL, None
    if ended is not Verdict.PASS:
        return ended, reason
    if scene.judged == 0:
        return Verdict.INCONCLUSIVE, Message(text=N_("Nothing was seen that the case could judge."))
    return Verdict.PASS, scene.remark


def _in_doubt(
    scene: Scene, pulse: Pulse, waits: Sequence[Wait], verdict: Verdict, reason: Message | None
) -> tuple[Verdict, Message | None]:
    """Leave a case undecided that rests on a time in which the harness itself did not get to run.

    What was found before the first such time stands, and so does the question for a declaration.
    """
    if scene.wants_declaration and verdict is Verdict.INCONCLUSIVE:
        return verdict, reason
    for wait in sorted(waits, key=lambda one: one.ended):
        shortage = pulse.shortage(wait.began, wait.ended)
        if shortage is not None:
            scene.doubt(wait.ended)
            if any(not finding.advisory for finding in scene.findings):
                return verdict, reason
            return Verdict.INCONCLUSIVE, shortage.message
    return verdict, reason


def with_requirements(one: SuiteCase, requirements: Sequence[str]) -> SuiteCase:
    """Give the case with the requirements that name it, besides those that it names."""
    merged = tuple(dict.fromkeys((*requirements, *one.case.requirements)))
    return replace(one, case=replace(one.case, requirements=merged))
