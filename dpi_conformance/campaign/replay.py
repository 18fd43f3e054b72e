"""Sends the exchange behind a finding again, with everything that it needs made anew."""

from dataclasses import dataclass
from pathlib import Path

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage, redactor_for
from dpi_conformance.campaign.directory import existing_run
from dpi_conformance.campaign.ordering import recorded_order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import UsageError
from dpi_conformance.execution.slots import filled
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.execution.tally import Judged, judge_vector
from dpi_conformance.i18n import N_, Message
from dpi_conformance.judge import judge
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.report import CaseReport, FindingReport, Report
from dpi_conformance.model.vectors import Profile, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import read_journal
from dpi_conformance.wire.showing import shown

__all__ = ["Replayed", "replay", "send_again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A finding, and what the same vector comes to now, as it may be shown."""

    finding: FindingReport
    exchange: Exchange
    findings: tuple[Finding, ...]
    judged: Judged

    @property
    def again(self) -> tuple[Finding, ...]:
        """Give the findings of the same check that came again."""
        return tuple(finding for finding in self.findings if finding.code == self.finding.code)

    @property
    def instead(self) -> tuple[Finding, ...]:
        """Give what other checks found: then it is not mended either."""
        return tuple(one for one in self.findings if one.code != self.finding.code and not one.advisory)

    @property
    def unseen(self) -> bool:
        """Tell that nothing can be said: no answer came, or none that says anything about this finding."""
        return self.judged.verdict is Verdict.INCONCLUSIVE or (
            self.exchange.response is None and not self.again
        )

    @property
    def exit_code(self) -> int:
        """Give 1 where it, or another in its place, came again; 0 where it is mended; 3 where nothing was seen."""
        if self.unseen:
            return 3
        return 1 if self.again or self.instead else 0


async def replay(folder: Path, finding_id: str) -> Replayed:
    """Replay a finding of a run, by its id in the report; UsageError if the report has none of that id."""
    journal = existing_run(folder)
    report = judge(read_journal(journal))
    case, finding = _find(report, finding_id, folder)
    order, pack = recorded_order(journal), Pack.builtin()
    vector_id = _vector_id(journal, finding)
    with make_bench(order, pack, case.block) as bench:
        work = read_assignment(pack, case.block, Profile.FULL)
        vector = _vector(work, vector_id)
        async with open_stage(bench, work) as stage:
            controlled = not vector.expect.needs_control or await _served(stage, work, vector.variant)
            exchange, findings = await _answered(stage, work, vector, case.clause)
            redactor = redactor_for([bench.target()], [work])
            redactor.learn(stage.wire.secrets)
    judged = judge_vector(vector, exchange, findings, controlled=controlled)
    exchange, findings = shown(redactor, exchange, findings)
    return Replayed(finding=finding, exchange=exchange, findings=findings, judged=judged)


def _find(report: Report, finding_id: str, folder: Path) -> tuple[CaseReport, FindingReport]:
    for case in report.cases:
        for finding in case.findings:
            if finding.id.lower() == finding_id.lower():
                return case, finding
    first = next((finding.id for case in report.cases for finding in case.findings), None)
    if first is None:
        text = N_("{run}: this run has no findings, so there is nothing to replay.")
    else:
        text = N_("{run}: has no finding “{finding}”; its report names them, e.g. {first}.")
    values = {"run": str(folder), "finding": finding_id, "first": first or ""}
    raise UsageError(Message(text=text, values=values))


def _vector_id(journal: Path, finding: FindingReport) -> str:
    for line in read_journal(journal):
        if line["type"] == "exchange" and line["id"] == finding.exchange and line["vector"]:
            return str(line["vector"])
    raise UsageError(
        Message(
            text=N_(
                "{finding} is about a call that the product made, which cannot be sent again by itself; run its case: "
                "dpi-conformance run --only …"
            ),
            values={"finding": finding.id},
        )
    )


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


async def _served(stage: Stage, work: Assignment, variant: str) -> bool:
    """Send the variant's positive control first: without it, a refusal proves nothing (design, 2)."""
    control = next((one for one in work.vectors() if one.control and one.variant == variant), None)
    if control is None:
        return False
    exchange, findings = await _answered(stage, work, control, "")
    return judge_vector(control, exchange, findings, controlled=True).verdict is Verdict.PASS


async def _answered(
    stage: Stage, work: Assignment, vector: Vector, clause: str
) -> tuple[Exchange, tuple[Finding, ...]]:
    sent, exchange = await send_again(stage, work, vector)
    return exchange, tuple(stage.answers.check(sent, exchange, clause=clause))


async def send_again(stage: Stage, work: Assignment, vector: Vector) -> tuple[Vector, Exchange]:
    """Make what a vector needs and send it; gives it back with the echo that this very request must have.

    Raises Prerequisite if a step cannot make it.
    """
    steps, made = work.steps(), dict[str, str]()
    for need in vector.needs:
        (resource,) = await steps[need](stage, 1)
        if isinstance(resource, Prerequisite):
            raise resource
        made.update(resource)
    sent, request = filled(vector, stage.fresh, stage.address("replay").url, made)
    exchange = await stage.wire.send(
        request, credentials=vector.credentials, exchange_id=f"{vector.id}.replay"
    )
    return sent, exchange
