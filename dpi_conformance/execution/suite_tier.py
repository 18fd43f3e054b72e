"""Carries out a block's suite against one product: its cases wait side by side."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from dpi_conformance.execution.behaviour import Performed, SuiteCase, perform
from dpi_conformance.execution.observer import Observer
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Stage
from dpi_conformance.model.cases import CaseResult
from dpi_conformance.model.evidence import Exchange
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import Journal

__all__ = ["SuiteTier"]

_AT_ONCE = 48
"""So many cases are begun at once; as many again whenever all that are under way only wait."""
_AT_ONCE_AGAIN = 8
"""So many of those that are tried once more."""
_IDLE_SECONDS = 1.0
"""For so long nothing was sent and nothing is to be answered: all cases under way wait for the product's calls."""


@dataclass(kw_only=True)
class SuiteTier:
    """Runs a block's suite against one product."""

    journal: Journal
    stage: Stage
    observer: Observer

    async def run(self, cases: Sequence[SuiteCase]) -> None:
        """Carry out all cases side by side; raises TargetError if no token can be had.

        What the harness was too short of the processor to judge is tried once more, after all others and fewer at once.
        """
        starved = await self._side_by_side(cases, _AT_ONCE, last=False)
        await self._side_by_side(starved, _AT_ONCE_AGAIN, last=True)

    async def _side_by_side(self, cases: Sequence[SuiteCase], at_once: int, *, last: bool) -> list[SuiteCase]:
        """Carry out cases, so many at once; give those to be tried again, none if it is the last time."""
        places = asyncio.Semaphore(at_once)
        starved: list[SuiteCase] = []

        async def placed(one: SuiteCase) -> None:
            async with places:
                performed = await perform(one, self.stage)
            if performed.starved and not last:
                performed.scene.let_go()
                starved.append(one)
            else:
                self._take_down(one, performed)

        opening = asyncio.create_task(self._open_more(places, at_once))
        try:
            async with asyncio.TaskGroup() as tasks:
                for one in cases:
                    tasks.create_task(placed(one), name=one.case.id)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            opening.cancel()
        return starved

    async def _open_more(self, places: asyncio.Semaphore, at_once: int) -> None:
        """Begin more cases while those under way only wait: with a product that never calls back, all of them do."""
        wire, before = self.stage.wire, -1
        while True:
            await asyncio.sleep(_IDLE_SECONDS)
            if places.locked() and wire.begun == before and not wire.under_way:
                for _ in range(at_once):
                    places.release()
            before = wire.begun

    def _take_down(self, one: SuiteCase, performed: "Performed") -> None:
        """Write what a case saw and came to."""
        evidence = self._journal(performed.scene, performed.verdict)
        performed.scene.let_go()
        result = CaseResult(
            case=one.case.id,
            verdict=performed.verdict,
            reason=performed.reason,
            exchanges=evidence,
            duration_ms=performed.duration_ms,
        )
        self.journal.outcome(result)
        self.observer.finished(result)

    def _journal(self, scene: Scene, verdict: Verdict) -> int:
        """Write all that a case saw, findings beside what shows them; give how much it was."""
        evidence = list(scene.evidence())
        for seen in evidence:
            findings = [one for one in scene.findings if one.exchange == seen.id]
            own = Verdict.FAIL if any(not one.advisory for one in findings) else Verdict.PASS
            if isinstance(seen, Exchange):
                self.journal.exchange(
                    seen,
                    case=scene.case.id,
                    vector="",
                    verdict=own,
                    findings=findings,
                    full=verdict is not Verdict.PASS or bool(scene.findings),
                )
            else:
                self.journal.callback(seen, case=scene.case.id, findings=findings, verdict=own)
        return len(evidence)
