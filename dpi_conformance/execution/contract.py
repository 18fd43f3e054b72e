"""The contract tier: sends frozen vectors, in blocks between two positive controls, many at once."""

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dpi_conformance.checks.answers import Answers
from dpi_conformance.errors import TargetError
from dpi_conformance.execution.observer import Observer
from dpi_conformance.execution.slots import Fresh, filled
from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps
from dpi_conformance.execution.tally import NO_CONTROL, NO_CREDENTIALS, Judged, Tally, judge_vector
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.vectors import Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.journal import Journal
from dpi_conformance.wire.listener import CallbackListener

__all__ = ["ContractTier"]

_BLOCK = 128
"""Vectors between two positive controls: few enough that a product that stops serving is noticed soon."""
_BLOCKS_AT_ONCE = 4
_TRIES = 2
_LOST_AFTER = 40
"""So many vectors in a row that could not be sent end the run: the product is gone."""


@dataclass(frozen=True, slots=True)
class _Answered:
    vector: Vector
    exchange: Exchange | None
    judged: Judged


@dataclass(kw_only=True)
class ContractTier:
    """Runs one block's vectors against one product."""

    wire: Wire
    listener: CallbackListener
    journal: Journal
    answers: Answers
    stage: Stage
    steps: Steps
    cases: Mapping[str, Case]
    fresh: Fresh
    observer: Observer
    concurrency: int
    authenticated: bool = True
    """The target is configured with credentials; without, their absence cannot be tried."""
    _missing: dict[str, list[Prerequisite]] = field(default_factory=dict)
    _tallies: dict[str, Tally] = field(default_factory=dict)
    _unreached: int = 0
    _controls: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def run(self, vectors: Iterable[Vector]) -> None:
        """Send all vectors, in canonical order, a few blocks at once; raises TargetError if the product is lost."""
        self._sending = asyncio.Semaphore(self.concurrency)
        self._sink = self.listener.address("contract")
        places = asyncio.Semaphore(_BLOCKS_AT_ONCE)
        try:
            async with asyncio.TaskGroup() as tasks:
                for variant, own in itertools.groupby(vectors, key=lambda vector: vector.variant):
                    await self._variant(variant, own, places, tasks)
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
        """Send a variant's first control and count it; tell whether it passed."""
        opening = await self._control(control)
        self._settle([opening] if opening else [])
        return opening is not None and opening.judged.verdict is Verdict.PASS

    async def _control(self, control: Vector | None) -> _Answered | None:
        """Send a variant's positive control; None where it has none."""
        if control is None:
            return None
        (resource,) = await self._resources([control])
        return await self._answer(control, resource, controlled=True)

    async def _block(
        self, block: Sequence[Vector], control: Vector | None, opening: asyncio.Task[bool]
    ) -> None:
        """Send one block, then the control again: refusals count only between two served controls."""
        resources, controlled = await asyncio.gather(self._resources(block), opening)
        answered = await asyncio.gather(
            *(self._answer(v, r, controlled=controlled) for v, r in zip(block, resources, strict=True))
        )
        if controlled and control is not None and not await self._still_served(control):
            answered = [_unproven(one) for one in answered]
        self._settle(answered)

    async def _still_served(self, control: Vector) -> bool:
        (resource,) = await self._resources([control])
        if isinstance(resource, Prerequisite):
            return False
        _, exchange = await self._send(control, resource, suffix=f".control-{next(self._controls)}")
        served = self.answers.served(control.variant, exchange)
        if not served:
            self.journal.exchange(
                exchange, case="", vector=control.id, verdict=Verdict.FAIL, findings=(), step="control"
            )
        return served

    async def _resources(self, block: Sequence[Vector]) -> list[Resource | Prerequisite]:
        """Create what each vector needs; where a step fails, its trouble stands in the resource's place."""
        counts: dict[str, int] = {}
        for vector in block:
            for need in vector.needs:
                counts[need] = counts.get(need, 0) + 1
        steps = await asyncio.gather(*(self._made(need, count) for need, count in counts.items()))
        made = {need: iter(resources) for need, resources in zip(counts, steps, strict=True)}
        return [_merged([next(made[need]) for need in vector.needs]) for vector in block]

    async def _made(self, need: str, count: int) -> Sequence[Resource | Prerequisite]:
        """Carry out a step; one that failed twice is not waited for again."""
        troubles = self._missing.setdefault(need, [])
        if len(troubles) >= _TRIES:
            return [troubles[-1]] * count
        try:
            return await self.steps[need](self.stage, count)
        except Prerequisite as trouble:
            troubles.append(trouble)
            return [trouble] * count

    async def _answer(
        self, vector: Vector, resource: Resource | Prerequisite, *, controlled: bool
    ) -> _Answered:
        if isinstance(resource, Prerequisite):
            return _Answered(vector, None, Judged(verdict=Verdict.INCONCLUSIVE, reason=resource.message))
        if vector.credentials != "own" and not self.authenticated:
            return _Answered(vector, None, Judged(verdict=Verdict.INCONCLUSIVE, reason=NO_CREDENTIALS))
        sent, exchange = await self._send(vector, resource)
        case = self.cases.get(vector.case)
        findings = self.answers.check(sent, exchange, clause=case.clause if case else "")
        judged = judge_vector(vector, exchange, findings, controlled=controlled)
        self._watch(exchange)
        self._journal(vector, exchange, judged.verdict, findings)
        self.observer.answered()
        return _Answered(vector, exchange, judged)

    async def _send(self, vector: Vector, resource: Resource, suffix: str = "") -> tuple[Vector, Exchange]:
        """Send a vector; gives it back with the echo that this very request must have."""
        sent, request = filled(vector, self.fresh, self._sink.url, resource)
        async with self._sending:
            return sent, await self.wire.send(
                request, credentials=vector.credentials, exchange_id=f"{vector.id}{suffix}"
            )

    def _watch(self, exchange: Exchange) -> None:
        lost = exchange.trouble is not None and exchange.trouble.kind in {"refused", "unreachable"}
        self._unreached = self._unreached + 1 if lost else 0
        if self._unreached >= _LOST_AFTER and exchange.trouble is not None:
            raise TargetError(
                Message(
                    text=N_(
                        "The product was lost during the run: {detail}. What was seen is kept; see --resume."
                    ),
                    values={"detail": exchange.trouble.detail},
                )
            )

    def _journal(
        self, vector: Vector, exchange: Exchange, verdict: Verdict, findings: Sequence[Finding]
    ) -> None:
        self.journal.exchange(
            exchange, case=vector.case, vector=vector.id, verdict=verdict, findings=findings, note=vector.note
        )

    def _settle(self, answered: Iterable[_Answered]) -> None:
        """Count answers into their cases, and journal each case that is complete.

        A control whose own case is not planned (``--only``, ``--resume``) is sent and not counted.
        """
        for one in answered:
            case = self.cases.get(one.vector.case)
            if case is None:
                continue
            tally = self._tallies.setdefault(case.id, Tally(case=case))
            tally.add(one.judged, one.exchange)
            if tally.complete:
                self.finish(self._tallies.pop(case.id).result())

    def finish(self, result: CaseResult) -> None:
        """Journal a finished case and tell the observer."""
        self.journal.outcome(result)
        self.observer.finished(result)


def _blocks(vectors: Iterator[Vector]) -> Iterator[list[Vector]]:
    while block := list(itertools.islice(vectors, _BLOCK)):
        yield block


def _merged(parts: Sequence[Resource | Prerequisite]) -> Resource | Prerequisite:
    merged: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Prerequisite):
            return part
        merged.update(part)
    return merged


def _unproven(one: _Answered) -> _Answered:
    """Take back a pass that rests on a refusal after which the valid form was no longer served."""
    if one.judged.verdict is Verdict.PASS and one.vector.expect.needs_control:
        return _Answered(one.vector, one.exchange, Judged(verdict=Verdict.INCONCLUSIVE, reason=NO_CONTROL))
    return one
