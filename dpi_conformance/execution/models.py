"""Stateful models: the product meets drawn sequences of steps, and must agree with the model after each step.

All sequences are drawn before the first is met (``sequences.py``), in the deciding tier with a seed that never changes
(``agree``), in exploring with a fresh one (``failing``); the run's loop carries them out, several side by side. One that
fails is made shorter, and then replayed: only what comes again counts.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Final

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.sequences import Drawing, Taken, sequences_of, step
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


class Machine:
    """A model of something that the product keeps; its steps are coroutines, marked with ``step``."""

    def __init__(self, scene: Scene) -> None:
        """Begin a sequence on a scene."""
        self.scene = scene

    @classmethod
    def told(cls, taken: Taken) -> str:
        """Give a step in the words of a finding; a model may say what its arguments mean."""
        return str(taken)

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
    shown = ", ".join(map(model.told, sequence))
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
    machine = model(scene)
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
    """Let the product meet sequences of a model; give the first that fails, made shorter, or None where it agreed.

    Raises Prerequisite where a step could not be carried out.
    """
    walk = _Walk(scene, model)
    failed = await walk.through(await asyncio.to_thread(sequences_of, model, drawing))
    return None if failed is None else await _shorter(scene, model, *failed)


async def replayed(scene: Scene, model: type[Machine], sequence: Sequence[Taken]) -> Deviation | None:
    """Carry a sequence out once more, without hypothesis; gives what the product did wrong, or None."""
    failed = await _tried(scene, model, sequence)
    return None if failed is None else failed[1]
