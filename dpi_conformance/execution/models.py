"""Stateful models: hypothesis draws sequences of steps, and the product must agree with the model after each.

The model runs in a thread of its own, for hypothesis is synchronous; each step is carried out in the run's event loop.
A sequence that fails is made shorter and then replayed: only what comes again counts. In the deciding tier (``agree``)
the sequences are drawn before the first is met, so that they are the same for every product, however slow it is.
"""

import asyncio
import math
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, settings, strategies
from hypothesis import seed as seeded
from hypothesis.configuration import set_hypothesis_home_dir
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
_AT_ONCE: Final = 12
"""So many sequences are met side by side; they have nothing in common but the product."""
_BEGIN_SECONDS: Final = 20.0
"""Later no further sequence is begun: a slow product meets the first of them only."""
_DEADLINES: Final = 7.0
"""After so many callback deadlines those under way are given up."""
_TURNS: Final = 1000
"""Where the product limits the rate, they may also wait for so many turns, which other cases take as well."""
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
    examples: int = 50
    steps: int = 15
    least: int = 8
    """So many sequences a product has to meet before it is said to agree with its model."""


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

    A slow product meets the first of the same sequences, ``drawing.least`` at least. Raises Prerequisite where these
    were not met in time, or where what failed once does not fail again.
    """
    sequences = await asyncio.to_thread(sequences_of, model, drawing)
    walk = _Walk(scene, model)
    failed = await walk.through(sequences)
    if failed is None:
        least = min(drawing.least, len(sequences))
        if walk.met < least:
            text = N_(
                "The product is too slow for its model: only {met} sequences of steps were met in time, and at least "
                "{least} have to be."
            )
            raise Prerequisite(Message(text=text, values={"met": walk.met, "least": least}))
        scene.expected += 1
        text = N_("The product agreed with its model in {met} of {drawn} sequences of steps.")
        scene.remark = Message(text=text, values={"met": walk.met, "drawn": len(sequences)})
        return
    scene.expected += 1
    sequence = await _shorter(scene, model, *failed)
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


def sequences_of(model: type[Machine], drawing: Drawing) -> list[tuple[Taken, ...]]:
    """Draw all sequences, none of which depends on what a product does: the same for every product."""
    drawn: list[list[Taken]] = []

    def begun(machine: RuleBasedStateMachine) -> None:
        RuleBasedStateMachine.__init__(machine)
        drawn.append([])

    def take(_machine: RuleBasedStateMachine, taken: Taken) -> None:
        drawn[-1].append(taken)

    members = {"__init__": begun, "take": rule(taken=_any_step(model))(take)}
    bound = type(model.__name__, (RuleBasedStateMachine,), members)
    _run(bound, drawing)
    return list({", ".join(map(str, one)): tuple(one) for one in drawn if one}.values())


class _Walk:
    """Meets drawn sequences side by side, in their order, for as long as there is time."""

    def __init__(self, scene: Scene, model: type[Machine]) -> None:
        self.met = 0
        self._scene, self._model = scene, model
        self._under_way: dict[int, Scene] = {}
        self._latest: Scene | None = None

    async def through(self, sequences: Sequence[Sequence[Taken]]) -> tuple[Sequence[Taken], Deviation] | None:
        """Give the first that fails, up to where it does; what was seen last becomes the case's evidence."""
        left = iter(enumerate(sequences))
        ends = time.monotonic() + _BEGIN_SECONDS
        tasks = {asyncio.create_task(self._next(left, ends)) for _ in range(_AT_ONCE)}
        waiting, limit = tasks, time.monotonic() + self._patience()
        try:
            while waiting and (remaining := limit - time.monotonic()) > 0:
                done, waiting = await asyncio.wait(
                    waiting, timeout=remaining, return_when=asyncio.FIRST_COMPLETED
                )
                for failed in [task.result() for task in done]:
                    if failed is not None:
                        return failed
            return None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._keep()

    async def _next(
        self, left: Iterator[tuple[int, Sequence[Taken]]], ends: float
    ) -> tuple[Sequence[Taken], Deviation] | None:
        """Meet one after the other of those that are left."""
        for number, sequence in left:
            if time.monotonic() > ends:
                return None
            trial = self._under_way[number] = Scene.of(self._scene, self._scene.case)
            failed = await _tried(trial, self._model, sequence)
            if failed is not None:
                return failed
            self.met += 1
            del self._under_way[number]
            if self._latest is not None:
                self._latest.begin_again()
            self._latest = trial
        return None

    def _patience(self) -> float:
        rate = self._scene.wire.requests_per_second
        return _DEADLINES * max(self._scene.callback_seconds, 1) + (_TURNS / rate if rate else 0.0)

    def _keep(self) -> None:
        """Take over what those saw that are under way, or the last that was met."""
        for trial in self._under_way.values() or ([self._latest] if self._latest else []):
            self._scene.seen += trial.evidence()
            trial.let_go()


async def _tried(
    scene: Scene, model: type[Machine], sequence: Sequence[Taken]
) -> tuple[Sequence[Taken], Deviation] | None:
    """Carry a sequence out; gives what of it was carried out when the product deviated, and how."""
    machine = _bound(model, scene, lambda coroutine: coroutine.close())()
    for number, one in enumerate(sequence):
        try:
            await getattr(machine, one.name)(**one.arguments)
        except Deviation as deviation:
            return sequence[: number + 1], deviation
    return None


async def _shorter(
    scene: Scene, model: type[Machine], sequence: Sequence[Taken], found: Deviation
) -> Sequence[Taken]:
    """Leave out every step without which a sequence fails in the same way, for as long as there is time."""
    ends = time.monotonic() + _MINIMISING_SECONDS
    shortest = list(sequence)
    for place in reversed(range(len(sequence))):
        if time.monotonic() > ends:
            break
        candidate = shortest[:place] + shortest[place + 1 :]
        trial = Scene.of(scene, scene.case)
        try:
            failed = await _tried(trial, model, candidate)
        finally:
            trial.begin_again()
        if failed is not None and failed[1].code == found.code:
            shortest = list(failed[0])
    return shortest


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


def _settings(drawing: Drawing) -> settings:
    return settings(
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


def _run(bound: type[RuleBasedStateMachine], drawing: Drawing) -> None:
    """Have hypothesis draw; else it leaves a folder where the user stands."""
    with tempfile.TemporaryDirectory(prefix="dpi-hypothesis-") as home:
        set_hypothesis_home_dir(home)
        run_state_machine_as_test(seeded(drawing.seed)(bound), settings=_settings(drawing))


def _drawn(bound: type[Machine], drawing: Drawing, shortest: "_Shortest") -> Sequence[Taken] | None:
    try:
        _run(bound, drawing)
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
    failed = await _tried(scene, model, sequence)
    return None if failed is None else failed[1]


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

    return type(
        model.__name__, (model,), {"scene": scene, "taken": [], "take": rule(taken=_any_step(model))(take)}
    )


def _any_step(model: type[Machine]) -> SearchStrategy[Taken]:
    """Draw any step of a model, and what it is given."""
    steps = _steps(model)

    def given(name: str) -> SearchStrategy[Taken]:
        return strategies.fixed_dictionaries(steps[name]).map(lambda drawn: Taken(name=name, arguments=drawn))

    return strategies.sampled_from(sorted(steps)).flatmap(given)


def _steps(model: type[Machine]) -> Mapping[str, dict[str, SearchStrategy[Any]]]:
    """Give the strategies of each step of a model, those of its bases too."""
    members = {name: value for base in reversed(model.__mro__) for name, value in vars(base).items()}
    return {name: getattr(member, _MARK) for name, member in members.items() if hasattr(member, _MARK)}
