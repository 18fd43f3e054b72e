"""Sends the exchange behind a finding again, with everything that it needs made anew."""

from dataclasses import dataclass
from pathlib import Path

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage
from dpi_conformance.campaign.directory import existing_run
from dpi_conformance.campaign.ordering import recorded_order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import HarnessError, UsageError
from dpi_conformance.execution.slots import fill
from dpi_conformance.execution.steps import Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.judge import judge
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.report import CaseReport, FindingReport, Report
from dpi_conformance.model.vectors import Profile, Vector
from dpi_conformance.wire.journal import read_journal

__all__ = ["Replayed", "replay", "send_again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A finding, and what the same vector comes to now."""

    finding: FindingReport
    exchange: Exchange
    findings: tuple[Finding, ...]

    @property
    def again(self) -> tuple[Finding, ...]:
        """Give the findings of the same check that came again."""
        return tuple(finding for finding in self.findings if finding.code == self.finding.code)


async def replay(folder: Path, finding_id: str) -> Replayed:
    """Replay a finding of a run, by its id in the report; UsageError if the report has none of that id."""
    journal = existing_run(folder)
    report = judge(read_journal(journal))
    case, finding = _find(report, finding_id, folder)
    order, pack = recorded_order(journal), Pack.builtin()
    with make_bench(order, pack, case.block) as bench:
        work = read_assignment(pack, case.block, Profile.FULL)
        vector = _vector(work, _vector_id(journal, finding))
        async with open_stage(bench, work) as stage:
            exchange = await send_again(stage, work, vector)
            findings = stage.answers.check(vector, exchange, clause=case.clause)
    return Replayed(finding=finding, exchange=exchange, findings=findings)


def _find(report: Report, finding_id: str, folder: Path) -> tuple[CaseReport, FindingReport]:
    for case in report.cases:
        for finding in case.findings:
            if finding.id.lower() == finding_id.lower():
                return case, finding
    raise UsageError(
        Message(
            text=N_("{run}: has no finding “{finding}”; its report names them, e.g. F0001."),
            values={"run": str(folder), "finding": finding_id},
        )
    )


def _vector_id(journal: Path, finding: FindingReport) -> str:
    for line in read_journal(journal):
        if line["type"] == "exchange" and line["id"] == finding.exchange:
            return str(line["vector"])
    raise HarnessError(f"the journal has no exchange {finding.exchange}")


def _vector(work: Assignment, vector_id: str) -> Vector:
    for vector in work.vectors():
        if vector.id == vector_id:
            return vector
    raise UsageError(
        Message(
            text=N_(
                "The vector {vector} is not among this release's; replay with the release that made the run (see "
                "run.tool in report.json)."
            ),
            values={"vector": vector_id},
        )
    )


async def send_again(stage: Stage, work: Assignment, vector: Vector) -> Exchange:
    """Make what the vector needs, and send it; Prerequisite if a step cannot."""
    steps, made = work.steps(), dict[str, str]()
    for need in vector.needs:
        (resource,) = await steps[need](stage, 1)
        if isinstance(resource, Exception):
            raise resource
        made.update(resource)
    request = fill(vector, stage.fresh, stage.address("replay").url, made)
    return await stage.wire.send(request, credentials=vector.credentials, exchange_id=f"{vector.id}.replay")
