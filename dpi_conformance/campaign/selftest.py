"""Proves that each fault of a block's mock is caught by the check that it names, and the clean mock by none."""

import asyncio
import fnmatch
import re
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import DpiError
from dpi_conformance.execution.behaviour import SUITE
from dpi_conformance.execution.observer import Silent
from dpi_conformance.i18n import Message
from dpi_conformance.judge import judge
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.model.report import CaseReport, FindingReport
from dpi_conformance.model.vectors import Profile
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.journal import read_journal
from dpi_conformance.wire.pulse import SHORTAGE

__all__ = ["Proof", "faults_of", "prove"]

_UNHARMED = {Outcome.PASSED, Outcome.NOT_APPLICABLE}
_AT_ONCE = 2
"""Mocks under test at the same time: one a core of the smallest machine that this is made for."""
_WAITING_AT_ONCE = 8
"""Mocks whose faults the suite has to catch: it waits for callbacks more than it works."""

_SCENARIOS_AT_ONCE = 4
"""Scenarios under test at the same time, each with a mock for every block that takes part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a fault came to: the cases in which its check saw it, and those that fell with it."""

    fault: Fault | None
    """None: the clean mock."""
    caught_by: tuple[str, ...]
    """Cases in which the named check found the fault; for the clean mock, cases with any finding."""
    instead: tuple[str, ...]
    """Other checks that found something in the cases that the fault names."""
    dragged: tuple[str, ...]
    """Cases that did not pass although they are not among those that the fault names."""
    starved: int
    """Cases that were undecided because the self-test's own machine had too much to do; not among ``dragged``."""
    cases: int
    duration_ms: float
    blamed: tuple[str, ...] = ()
    """In a scenario: sides that were blamed although another one has the fault."""
    tries: int = 1
    trouble: Message | None = None
    """What kept the run from its end, e.g. that no case matches the fault's."""

    @property
    def good(self) -> bool:
        """Tell whether the fault was caught, or the clean mock was not accused."""
        if self.fault is not None:
            return bool(self.caught_by) and not self.blamed
        return not (self.caught_by or self.dragged or self.starved) and self.trouble is None


def faults_of(pack: Pack, block: str) -> tuple[Fault, ...]:
    """Give the faults that a block's mock declares."""
    faults: tuple[Fault, ...] = pack.load(f"mocks.{block}.faults").FAULTS
    return faults


async def prove(block: str, faults: Sequence[Fault], *, all_cases: bool = False) -> AsyncIterator[Proof]:
    """Run the clean mock, then the faults, several at once; yield each proof in the order of the faults.

    The clean mock goes alone: beside many others its cases that rest on time would be undecided (``wire/pulse.py``). A
    fault meets the cases that claim to catch it; with ``all_cases``, every case of the quick profile.
    """
    scenario = block in Pack.builtin().scenarios
    at_once = _SCENARIOS_AT_ONCE if scenario else _WAITING_AT_ONCE
    working, waiting = asyncio.Semaphore(_AT_ONCE), asyncio.Semaphore(at_once)

    def places(fault: Fault | None) -> asyncio.Semaphore:
        return waiting if _waits(block, fault) and not all_cases else working

    yield await _proof(block, None, places(None), all_cases=all_cases)
    proofs = [
        asyncio.ensure_future(_proof(block, fault, places(fault), all_cases=all_cases)) for fault in faults
    ]
    try:
        for proof in proofs:
            yield await proof
    finally:
        for proof in proofs:
            proof.cancel()
        await asyncio.gather(*proofs, return_exceptions=True)


def _waits(block: str, fault: Fault | None) -> bool:
    """Tell whether a fault is the suite's to catch."""
    return fault is not None and fault.cases.startswith(f"{block}/{SUITE}/")


async def _proof(block: str, fault: Fault | None, places: asyncio.Semaphore, *, all_cases: bool) -> Proof:
    """Prove one fault; one that is missed is tried once more: races do not always show on a busy machine.

    So is the clean mock where nothing but such a machine keeps it from being decided.
    """
    proof = await _tried(block, fault, places, all_cases=all_cases)
    accused = fault is None and (proof.caught_by or proof.dragged)
    if proof.good or accused or proof.trouble is not None:
        return proof
    return replace(await _tried(block, fault, places, all_cases=all_cases), tries=2)


async def _tried(block: str, fault: Fault | None, places: asyncio.Semaphore, *, all_cases: bool) -> Proof:
    async with places:
        started = time.perf_counter()
        order = Order(
            blocks=(block,),
            profile=Profile.QUICK if all_cases and not _waits(block, fault) else Profile.STANDARD,
            only=(fault.cases,) if fault and not all_cases else (),
            faults=frozenset({fault.name} if fault else ()),
        )
        cases, trouble = await _cases(order)
        return _judged(fault, cases, (time.perf_counter() - started) * 1000, trouble)


async def _cases(order: Order) -> tuple[Sequence[CaseReport], Message | None]:
    """Run an order and judge it; with the trouble that ended it early, where there was one."""
    with tempfile.TemporaryDirectory(prefix="dpi-selftest-") as folder:
        trouble = None
        try:
            await certify(order, Path(folder), Silent())
        except DpiError as error:
            trouble = error.message
        journal = Path(folder) / JOURNAL
        return (await asyncio.to_thread(_judged_cases, journal) if journal.exists() else ()), trouble


def _judged_cases(journal: Path) -> Sequence[CaseReport]:
    return judge(read_journal(journal)).cases


def _judged(
    fault: Fault | None, cases: Sequence[CaseReport], duration_ms: float, trouble: Message | None
) -> Proof:
    meant = re.compile(fnmatch.translate(fault.cases if fault else "*"))
    inside = [case for case in cases if meant.match(case.id)]
    codes = {finding.code for case in inside for finding in case.findings}
    others = [case for case in cases if fault is None or not meant.match(case.id)]
    starved = [case for case in others if case.reason is not None and case.reason.text == SHORTAGE]
    return Proof(
        fault=fault,
        caught_by=tuple(case.id for case in inside if _found(case, fault)),
        instead=tuple(sorted(codes - {fault.check if fault else ""})),
        dragged=tuple(case.id for case in others if case.verdict not in _UNHARMED and case not in starved),
        starved=len(starved),
        cases=len(cases),
        blamed=_blamed_wrongly(cases, fault) if fault and fault.side else (),
        duration_ms=duration_ms,
        trouble=trouble,
    )


def _found(case: CaseReport, fault: Fault | None) -> bool:
    """Tell whether the fault's own check found it here; for the clean mock, whether anything was found."""
    return any(fault is None or _blamed(finding, fault) for finding in case.findings)


def _blamed(finding: FindingReport, fault: Fault) -> bool:
    """Tell whether a finding is the fault's own; in a scenario it has to name the side that has the fault, and no other."""
    return finding.code == fault.check and finding.side == fault.side


def _blamed_wrongly(cases: Sequence[CaseReport], fault: Fault) -> tuple[str, ...]:
    """Name the sides that findings blame for another one's fault; advisory findings blame nobody."""
    findings = (finding for case in cases for finding in case.findings if not finding.advisory)
    return tuple(sorted({finding.side or "-" for finding in findings} - {fault.side}))
