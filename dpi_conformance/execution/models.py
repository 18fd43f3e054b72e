"""Stateful models: hypothesis draws sequences of steps, and the product must agree with the model after each.

The model runs in a thread of its own, for hypothesis is synchronous; each step is carried out in the run's event loop.
A sequence that fails is minimised by hypothesis and then replayed without it: only what comes again counts.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, settings, strategies
from hypothesis import seed as seeded
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

__all__ = ["REPLAYS", "Deviation", "Drawing", "Machine", "Taken", "agree", "failing", "replayed", "step"]

REPLAYS: Final = 3
_MINIMISING_SECONDS: Final = 10.0
"""So long a failing sequence is made shorter: a slow product must not use the case's whole time up."""
_MARK: Final = "__dpi_step__"

Step = TypeVar("Step", bound=Callable[..., Coroutine[Any, Any, None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step of a sequence: its name in the model, and what it was given."""

    name: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        """Give it as a call."""
        return f"{self.name}({', '.join(f'{key}={value}' for key, value in self.arguments.items())})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How sequences are drawn."""

    seed: int
    examples: int = 40
    steps: int = 20


class Deviation(Exception):  # noqa: N818 -- not an error: the product is not where the model is
    """The product did something else than the model says."""

    def __init__(
        self,
        *,
        code: str,
        message: Message,
        expected: object,
        actual: object,
        seen: Answer,
        advice: Message | None = None,
    ) -> None:
        """Take what a finding is made of."""
        super().__init__(str(message))
        self.code, self.message, self.seen, self.advice = code, message, seen, advice
        self.expected, self.actual = str(expected), str(actual)


class _Stopped(BaseException):
    """Ends hypothesis at once: it catches every Exception as a failure to be minimised."""


class Machine(RuleBasedStateMachine):
    """A model of something that the product keeps; its steps are coroutines, marked with ``step``."""

    scene: ClassVar[Scene]
    taken: ClassVar[list[Taken]]
    """The steps of the example under way."""

    def __init__(self) -> None:
        """Begin an example."""
        super().__init__()
        self.taken.clear()

    def expect(  # noqa: PLR0913 -- a finding, by keyword
        self,
        met: bool,
        *,
        code: str,
        message: Message,
        expected: object,
        actual: object,
        seen: Answer,
        advice: Message | None = None,
    ) -> None:
        """Say what must hold; raises Deviation where it does not, for an example ends there."""
        if not met:
            raise Deviation(
                code=code, message=message, expected=expected, actual=actual, seen=seen, advice=advice
            )


def step(**arguments: SearchStrategy[Any]) -> Callable[[Step], Step]:
    """Mark a coroutine as a step of a model; the strategies draw what it is given, by name."""

    def marked(function: Step) -> Step:
        setattr(function, _MARK, arguments)
        return function

    return marked


async def agree(scene: Scene, model: type[Machine], drawing: Drawing) -> None:
    """Let the product meet sequences of a model; the case has a finding only where one fails again each time.

    Raises Prerequisite where nothing could be seen, or where what failed once does not fail again.
    """
    trial = Scene.of(scene, scene.case)
    sequence = await failing(trial, model, drawing)
    scene.expected += 1
    if sequence is None:
        scene.seen += trial.seen
        return
    deviations = [await replayed(scene, model, sequence) for _ in range(REPLAYS)]
    shown = ", ".join(map(str, sequence))
    last = deviations[-1]
    if last is None or None in deviations:
        text = N_("A sequence of steps went wrong once and not in each of {times} replays: {steps}.")
        raise Prerequisite(Message(text=text, values={"times": REPLAYS, "steps": shown}))
    scene.expect(
        False,
        code=last.code,
        message=last.message,
        expected=last.expected,
        actual=f"{last.actual}; after {shown}",
        seen=last.seen,
        advice=last.advice,
    )


async def failing(scene: Scene, model: type[Machine], drawing: Drawing) -> Sequence[Taken] | None:
    """Draw sequences until one fails, and give it minimised; None where the product agreed with all.

    Raises Prerequisite where a step could not be carried out, or a failure did not come again while it was minimised.
    """
    loop, stop, troubles = asyncio.get_running_loop(), threading.Event(), list[BaseException]()
    shortest = _Shortest()

    def bridge(coroutine: Coroutine[Any, Any, None]) -> None:
        if stop.is_set() or shortest.overdue:
            coroutine.close()
            raise _Stopped
        try:
            asyncio.run_coroutine_threadsafe(coroutine, loop).result()
        except Deviation:
            shortest.offer(bound.taken)
            raise
        except BaseException as trouble:
            troubles.append(trouble)
            raise _Stopped from trouble

    bound = _bound(model, scene, bridge)
    try:
        sequence = await asyncio.to_thread(_drawn, bound, drawing, shortest)
    finally:
        stop.set()
    if troubles:
        raise troubles[0]
    return sequence or shortest.sequence


class _Shortest:
    """The shortest failing sequence so far, for as long as hypothesis may look for a shorter one."""

    def __init__(self) -> None:
        self.sequence: tuple[Taken, ...] | None = None
        self._ends = math.inf

    @property
    def overdue(self) -> bool:
        """Tell whether the time for minimising is over."""
        return time.monotonic() > self._ends

    def offer(self, sequence: Sequence[Taken]) -> None:
        """Take a sequence that failed."""
        if self.sequence is None:
            self._ends = time.monotonic() + _MINIMISING_SECONDS
        if self.sequence is None or len(sequence) < len(self.sequence):
            self.sequence = tuple(sequence)


def _drawn(bound: type[Machine], drawing: Drawing, shortest: _Shortest) -> Sequence[Taken] | None:
    chosen = settings(
        max_examples=drawing.examples,
        stateful_step_count=drawing.steps,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(seeded(drawing.seed)(bound), settings=chosen)
    except Deviation:
        return tuple(bound.taken)
    except Flaky:
        if shortest.overdue:  # it was stopped while it was made shorter, and not by the product
            return None
        text = N_("A sequence of steps went wrong once and not again while it was made shorter: {steps}.")
        steps = ", ".join(map(str, bound.taken))
        raise Prerequisite(Message(text=text, values={"steps": steps})) from None
    except _Stopped:
        return None
    return None


async def replayed(scene: Scene, model: type[Machine], sequence: Sequence[Taken]) -> Deviation | None:
    """Carry a sequence out once more, without hypothesis; gives what the product did wrong, or None."""
    machine = _bound(model, scene, lambda coroutine: coroutine.close())()
    try:
        for one in sequence:
            await getattr(machine, one.name)(**one.arguments)
    except Deviation as deviation:
        return deviation
    return None


async def _first(scene: Scene, coroutine: Coroutine[Any, Any, None]) -> None:
    """Carry out the first step of an example, with nothing left of the one before."""
    scene.begin_again()
    await coroutine


def _bound(
    model: type[Machine], scene: Scene, bridge: Callable[[Coroutine[Any, Any, None]], None]
) -> type[Machine]:
    """Give the model on a scene, with one rule that takes any of its steps.

    A rule for each step would be hypothesis' usual form; it then switches whole rules off in most examples, and finds
    a bug that takes four different steps in one walk of four; with one rule in nearly each.
    """

    def take(machine: Machine, taken: Taken) -> None:
        coroutine = getattr(machine, taken.name)(**taken.arguments)
        begins = not machine.taken
        machine.taken.append(taken)
        bridge(_first(scene, coroutine) if begins else coroutine)

    steps = _steps(model)

    def given(name: str) -> SearchStrategy[Taken]:
        return strategies.fixed_dictionaries(steps[name]).map(lambda drawn: Taken(name=name, arguments=drawn))

    drawn = strategies.sampled_from(sorted(steps)).flatmap(given)
    return type(model.__name__, (model,), {"scene": scene, "taken": [], "take": rule(taken=drawn)(take)})


def _steps(model: type[Machine]) -> Mapping[str, dict[str, SearchStrategy[Any]]]:
    """Give the strategies of each step of a model, those of its bases too."""
    members = {name: value for base in reversed(model.__mro__) for name, value in vars(base).items()}
    return {name: getattr(member, _MARK) for name, member in members.items() if hasattr(member, _MARK)}
