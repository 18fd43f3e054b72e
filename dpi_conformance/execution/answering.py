"""Sends a vector with what it needs, and judges its answer."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dpi_conformance.errors import TargetError
from dpi_conformance.execution.slots import filled
from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps
from dpi_conformance.execution.tally import (
    NO_CREDENTIALS,
    Judged,
    judge_closed,
    judge_vector,
    refused_by_closing,
    standing,
)
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.cases import Case
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.vectors import Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.pulse import Shortage

__all__ = ["Answered", "Answering"]

_TRIES = 2
_TOO_FEW = N_(
    "This request names several of {resource}, and there are fewer; name more of them under fixtures in product.yaml."
)
_LATE = "time.limit"
"""The check on how long an answer took."""
_LOST_AFTER = 40
"""So many vectors in a row that could not be sent end the run: the product is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One vector and what came of it; no exchange where it could not be sent."""

    vector: Vector
    judged: Judged
    exchange: Exchange | None = None
    findings: tuple[Finding, ...] = ()
    closed: bool = False
    """It was refused by the connection's end, which is worth nothing unless the product still serves."""


@dataclass
class _Past:
    """What became of one step so far."""

    works: bool = False
    """Its last call succeeded."""
    troubles: list[Prerequisite] = field(default_factory=list)
    """Failures in a row."""
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(kw_only=True)
class Answering:
    """Sends vectors of one block to one product, at most ``concurrency`` at once."""

    stage: Stage
    steps: Steps
    cases: Mapping[str, Case]
    concurrency: int
    proves: Callable[[str], bool]
    """Tells whether credentials are configured for a security scheme; without, their absence cannot be tried."""
    _past: dict[str, "_Past"] = field(default_factory=dict)
    _bearing: set[str] = field(default_factory=set)
    """Variants whose requests bear a token that a step got."""
    _unreached: int = 0
    _controls: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Take the address that vectors name for their callbacks."""
        self._sending = asyncio.Semaphore(self.concurrency)
        self._sink = self.stage.listener.address("contract", lasting=True)

    async def answer(
        self, vector: Vector, resource: Resource | Prerequisite, *, controlled: bool
    ) -> Answered:
        """Send one vector and judge its answer; raises TargetError if the product is lost."""
        if isinstance(resource, Prerequisite):
            return _undecided(vector, resource.message)
        if vector.credentials == "own" and any(name == "Authorization" for name, _ in vector.headers):
            self._bearing.add(vector.variant)
        if vector.credentials != "own" and not self._proves(vector.variant):
            return _undecided(vector, NO_CREDENTIALS)
        sent, exchange = await self._send(vector, resource)
        if refused_by_closing(vector, exchange, self.stage.closing):
            judged = judge_closed(controlled=controlled)
            return Answered(vector=vector, exchange=exchange, judged=judged, closed=True)
        case = self.cases.get(vector.case)
        looked, unseen = self.stage.answers.look(sent, exchange, clause=case.clause if case else "")
        findings = standing(looked, exchange, controlled=controlled)
        if _rests_on_time(exchange, findings) and (shortage := self._shortage(exchange)) is not None:
            return _in_doubt(vector, exchange, findings, shortage.message)
        judged = judge_vector(
            vector,
            exchange,
            findings,
            controlled=controlled,
            unseen=unseen,
            proof=self.stage.answers.asks_for_proof(vector.variant, vector.case),
        )
        self._watch(exchange)
        return Answered(vector=vector, exchange=exchange, judged=judged, findings=findings)

    def _proves(self, variant: str) -> bool:
        return variant in self._bearing or self.proves(self.stage.answers.scheme(variant) or "")

    async def all(self, vectors: Sequence[Vector], *, controlled: bool) -> list[Answered]:
        """Send vectors beside each other, each with resources of its own."""
        resources = await self.resources(vectors)
        answers = (self.answer(v, r, controlled=controlled) for v, r in zip(vectors, resources, strict=True))
        return list(await asyncio.gather(*answers))

    async def control(
        self, control: Vector, resource: Resource | Prerequisite
    ) -> tuple[bool, Exchange | None]:
        """Send a positive control again; tell whether it was served."""
        if isinstance(resource, Prerequisite):
            return False, None
        _, exchange = await self._send(control, resource, suffix=f".control-{next(self._controls)}")
        return self.stage.answers.served(control.variant, exchange), exchange

    def served(self, one: Answered) -> bool:
        """Tell whether the product served a vector, and so may have used up what it referred to."""
        return one.exchange is not None and self.stage.answers.served(one.vector.variant, one.exchange)

    async def resources(self, vectors: Iterable[Vector]) -> list[Resource | Prerequisite]:
        """Create what each vector needs; where a step fails, its trouble stands in the resource's place."""
        asked = list(vectors)
        counts = Counter(_kind(need) for vector in asked for need in vector.needs)
        steps = await asyncio.gather(*(self._made(need, count) for need, count in counts.items()))
        made = {need: iter(resources) for need, resources in zip(counts, steps, strict=True)}
        return [_merged([(need, next(made[_kind(need)])) for need in vector.needs]) for vector in asked]

    async def _made(self, need: str, count: int) -> Sequence[Resource | Prerequisite]:
        """Carry out a step, one call at a time until one succeeds; one that failed twice in a row is given up."""
        past = self._past.setdefault(need, _Past())
        if past.works:
            return await self._tried(need, count, past)
        async with past.alone:
            if len(past.troubles) >= _TRIES:
                return [past.troubles[-1]] * count
            return await self._tried(need, count, past)

    async def _tried(self, need: str, count: int, past: "_Past") -> Sequence[Resource | Prerequisite]:
        """Carry out a step; of calls that fail beside each other one is counted."""
        worked = past.works
        try:
            made = await self.steps[need](self.stage, count)
        except Prerequisite as trouble:
            if not worked or past.works:
                past.troubles.append(trouble)
            past.works = False
            return [trouble] * count
        past.works = True
        past.troubles.clear()
        return made

    async def _send(self, vector: Vector, resource: Resource, suffix: str = "") -> tuple[Vector, Exchange]:
        """Send a vector; gives it back with the echo that this very request must have."""
        sent, request = filled(vector, self.stage.fresh, self._sink.url, resource)
        async with self._sending:
            return sent, await self.stage.wire.send(
                request,
                credentials=vector.credentials,
                scheme=self.stage.answers.scheme(vector.variant),
                exchange_id=f"{vector.id}{suffix}",
            )

    def _shortage(self, exchange: Exchange) -> Shortage | None:
        """Tell what the harness was short of while it waited for an answer that has just come, or did not."""
        now = time.perf_counter()
        return self.stage.pulse.shortage(now - exchange.elapsed_ms / 1000, now)

    def _watch(self, exchange: Exchange) -> None:
        lost = exchange.trouble is not None and exchange.trouble.kind in {"refused", "unreachable"}
        self._unreached = self._unreached + 1 if lost else 0
        if self._unreached >= _LOST_AFTER and exchange.trouble is not None:
            raise TargetError(
                Message(
                    text=N_(
                        "The product was lost during the run: {detail}. What was seen until then is kept."
                    ),
                    values={"detail": exchange.trouble.detail},
                )
            )


def _undecided(vector: Vector, reason: Message) -> Answered:
    return Answered(vector=vector, judged=Judged(verdict=Verdict.INCONCLUSIVE, reason=reason))


def _rests_on_time(exchange: Exchange, findings: Iterable[Finding]) -> bool:
    late = exchange.trouble is not None and exchange.trouble.kind == "timeout"
    return late or any(finding.code == _LATE for finding in findings)


def _in_doubt(vector: Vector, exchange: Exchange, findings: Iterable[Finding], reason: Message) -> Answered:
    """Leave a vector undecided whose answer was late while the harness did not get to run; what it shows is kept."""
    shown = tuple(replace(finding, advisory=True) for finding in findings)
    return replace(_undecided(vector, reason), exchange=exchange, findings=shown)


def _kind(need: str) -> str:
    """Give what is needed, whichever of several: ``voucher-created`` of ``voucher-created:2``."""
    return need.partition(":")[0]


def _merged(parts: Sequence[tuple[str, Resource | Prerequisite]]) -> Resource | Prerequisite:
    """Give all slots together; several of one kind must not be the same one."""
    merged: dict[str, str] = {}
    seen: list[tuple[str, Resource]] = []
    for need, part in parts:
        if isinstance(part, Prerequisite):
            return part
        if (_kind(need), part) in seen:
            return Prerequisite(Message(text=_TOO_FEW, values={"resource": _kind(need)}))
        seen.append((_kind(need), part))
        if need == _kind(need):
            merged.update(part)
        else:
            merged.update({f"{need}{name.removeprefix(_kind(need))}": value for name, value in part.items()})
    return merged
