"""The contract tier: sends frozen vectors, in blocks between two positive controls, many at once."""

import asyncio
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dpi_conformance.execution.answering import Answered, Answering
from dpi_conformance.execution.lanes import in_lane, lanes_of
from dpi_conformance.execution.observer import Observer
from dpi_conformance.execution.steps import Stage, Steps
from dpi_conformance.execution.tally import NO_CONTROL, Judged, Tally
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.vectors import Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import Journal

__all__ = ["ContractTier"]

_BLOCK = 128
"""Vectors between two positive controls: few enough that a product that stops serving is noticed soon."""
_BLOCKS_AT_ONCE = 4


@dataclass(kw_only=True)
class ContractTier:
    """Runs one block's vectors against one product."""

    journal: Journal
    stage: Stage
    steps: Steps
    cases: Mapping[str, Case]
    observer: Observer
    concurrency: int
    proves: Callable[[str], bool] = lambda _scheme: True
    """Tells whether credentials are configured for a security scheme; without, their absence cannot be tried."""
    free: Collection[str] = ()
    """Resources that cost no request."""
    last: Collection[str] = ()
    """Variants that change what all others rest on: each is sent when nothing else is under way."""
    _tallies: dict[str, Tally] = field(default_factory=dict)

    async def run(self, vectors: Iterable[Vector]) -> None:
        """Send all vectors, in canonical order, a few blocks at once; raises TargetError if the product is lost."""
        self._answering = Answering(
            stage=self.stage,
            steps=self.steps,
            cases=self.cases,
            concurrency=self.concurrency,
            proves=self.proves,
        )
        places = asyncio.Semaphore(_BLOCKS_AT_ONCE)
        kept: dict[str, list[Vector]] = {}
        try:
            async with asyncio.TaskGroup() as tasks:
                for variant, own in itertools.groupby(vectors, key=lambda vector: vector.variant):
                    if variant in self.last:
                        kept[variant] = list(own)
                    else:
                        await self._variant(variant, own, places, tasks)
            for variant, waiting in kept.items():
                async with asyncio.TaskGroup() as tasks:
                    await self._variant(variant, iter(waiting), places, tasks)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group

    async def _variant(
        self, variant: str, vectors: Iterator[Vector], places: asyncio.Semaphore, tasks: asyncio.TaskGroup
    ) -> None:
        """Start a variant's blocks; its opening control goes on beside those of the variant before."""
        blocks = _blocks(vectors)
        first = next(blocks, [])
        control = next((vector for vector in first if vector.control), None)
        opening = tasks.create_task(self._opening(control), name=f"{variant} control")
        for block in itertools.chain([first], blocks):
            await places.acquire()
            rest = [vector for vector in block if vector is not control]
            task = tasks.create_task(self._block(rest, control, opening), name=f"{variant} block")
            task.add_done_callback(lambda _task: places.release())

    async def _opening(self, control: Vector | None) -> bool:
        """Send a variant's first control and count it; tell whether it was served.

        An answer that is served and wrong in its form is a finding of its own, and no reason to leave refusals undecided;
        a success that shows nothing is.
        """
        opening = await self._answering.all([control] if control else [], controlled=True)
        self._settle(opening)
        return any(
            self._answering.served(one) and one.judged.verdict is not Verdict.INCONCLUSIVE for one in opening
        )

    async def _block(
        self, block: Sequence[Vector], control: Vector | None, opening: asyncio.Task[bool]
    ) -> None:
        """Send one block; refusals count only between two served controls."""
        if control is None or not await opening:
            self._settle(await self._answering.all(block, controlled=False))
            return
        lanes, alone = lanes_of(block, control, self.free)
        parts = await asyncio.gather(
            self._alone(alone, control), *(in_lane(self._answering, lane, control) for lane in lanes)
        )
        answered = list(itertools.chain.from_iterable(parts))
        if any(one.closed for one in answered) and not await self._still_served(control):
            answered = [_unproven(one) if one.closed else one for one in answered]
        self._settle(answered)

    async def _alone(self, vectors: Sequence[Vector], control: Vector) -> list[Answered]:
        """Send vectors each with resources of its own, then the control again if one of them rests on it."""
        answered = await self._answering.all(vectors, controlled=True)
        if any(vector.expect.needs_control for vector in vectors) and not await self._still_served(control):
            return [_unproven(one) for one in answered]
        return answered

    async def _still_served(self, control: Vector) -> bool:
        (resource,) = await self._answering.resources([control])
        served, exchange = await self._answering.control(control, resource)
        if exchange is not None and not served:
            self.journal.exchange(
                exchange, case="", vector=control.id, verdict=Verdict.FAIL, findings=(), step="control"
            )
        return served

    def _settle(self, answered: Iterable[Answered]) -> None:
        """Journal answers, count them into their cases, and journal each case that is complete.

        A control whose own case is not planned (``--only``, ``--resume``) is sent and not counted.
        """
        for one in answered:
            self._journal(one)
            case = self.cases.get(one.vector.case)
            if case is None:
                continue
            tally = self._tallies.setdefault(case.id, Tally(case=case))
            tally.add(one.judged, one.exchange)
            if tally.complete:
                self.finish(self._tallies.pop(case.id).result())

    def _journal(self, one: Answered) -> None:
        if one.exchange is not None:
            self.journal.exchange(
                one.exchange,
                case=one.vector.case,
                vector=one.vector.id,
                verdict=one.judged.verdict,
                findings=one.findings,
                note=one.vector.note,
            )
            self.observer.answered()

    def finish(self, result: CaseResult) -> None:
        """Journal a finished case and tell the observer."""
        self.journal.outcome(result)
        self.observer.finished(result)


def _blocks(vectors: Iterator[Vector]) -> Iterator[list[Vector]]:
    while block := list(itertools.islice(vectors, _BLOCK)):
        yield block


def _unproven(one: Answered) -> Answered:
    """Take back a pass that rests on a refusal after which the valid form was no longer served."""
    if one.judged.verdict is Verdict.PASS and one.vector.expect.needs_control:
        return replace(one, judged=Judged(verdict=Verdict.INCONCLUSIVE, reason=NO_CONTROL))
    return one
