"""Sends the exchange behind a finding again, or carries its whole case out again, with all that it needs made anew."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.certify import open_ground, redactor_for
from dpi_conformance.campaign.directory import existing_run
from dpi_conformance.campaign.examination import examined, require_judgeable
from dpi_conformance.campaign.ground import make_ground
from dpi_conformance.campaign.ordering import recorded_order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import UsageError
from dpi_conformance.execution.behaviour import SUITE, SuiteCase, perform
from dpi_conformance.execution.scene import Evidence
from dpi_conformance.execution.slots import filled
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.execution.tally import Judged, judge_closed, judge_vector, refused_by_closing, standing
from dpi_conformance.i18n import N_, Message
from dpi_conformance.judge import judge
from dpi_conformance.model.evidence import Exchange, Finding
from dpi_conformance.model.report import CaseReport, FindingReport, Report
from dpi_conformance.model.vectors import Profile, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import read_journal
from dpi_conformance.wire.redaction import Redactor
from dpi_conformance.wire.showing import shown

__all__ = ["Replayed", "replay", "send_again"]


_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A finding, and what the same vector, or the same case of a suite, comes to now; as it may be shown."""

    case: CaseReport
    finding: FindingReport
    evidence: tuple[Evidence, ...]
    """What was sent and what came: of a vector its exchange, of a suite's case all, in order of time."""
    findings: tuple[Finding, ...]
    judged: Judged
    whole: bool
    """A suite's case was carried out again from its beginning."""
    tries: int = 1
    """How often it was; what it saw is the last one's."""

    @property
    def again(self) -> tuple[Finding, ...]:
        """Give the findings of the same check that came again."""
        return tuple(finding for finding in self.findings if finding.code == self.finding.code)

    @property
    def instead(self) -> tuple[Finding, ...]:
        """Give what other checks found: then it is not mended either."""
        return tuple(one for one in self.findings if one.code != self.finding.code and not one.advisory)

    @property
    def showing(self) -> tuple[Evidence, ...]:
        """Give the evidence that shows what came: of a vector its exchange, whatever it shows."""
        cited = {finding.exchange for finding in (*self.again, *self.instead)}
        return tuple(one for one in self.evidence if not self.whole or one.id in cited)

    @property
    def unseen(self) -> bool:
        """Tell that nothing can be said: no answer came, or none that says anything about this finding."""
        if self.whole:  # what a case found counts although it did not come to its end
            found = self.again or self.instead
            return not found and self.judged.verdict in {Verdict.INCONCLUSIVE, Verdict.ERROR}
        answered = any(isinstance(one, Exchange) and one.response is not None for one in self.evidence)
        if (
            self.judged.verdict is Verdict.PASS
        ):  # without an answer, where the connection's end was the refusal
            return False
        return self.judged.verdict is Verdict.INCONCLUSIVE or (not answered and not self.again)

    @property
    def exit_code(self) -> int:
        """Give 1 where it, or another in its place, came again; 0 where it is mended; 3 where nothing was seen."""
        if self.unseen:
            return 3
        return 1 if self.again or self.instead else 0


async def replay(folder: Path, finding_id: str) -> Replayed:
    """Replay a finding of a run, by its id in the report; UsageError if the report has none of that id.

    Raises TargetError where the product cannot be judged as it is reached now.
    """
    journal = existing_run(folder)
    report = judge(read_journal(journal))
    case, finding = _find(report, finding_id, folder)
    order, pack = recorded_order(journal), Pack.builtin()
    vector = "" if case.kind == SUITE else _vector_id(journal, finding)
    with make_ground(order, pack, case.block) as ground:
        work = read_assignment(pack, case.block, Profile.FULL)
        async with open_ground(ground, work) as (stage, stages):
            if case.kind == SUITE:
                one = _suite_case(work, case.id)
                for place, part in stages.items():
                    target = ground.benches[place].target()
                    require_judgeable(await examined(part, target, work.places[place]))
                replayed = await _case_again(stage, one, case, finding)
            else:
                replayed = await _vector_again(stage, work, case, finding, _vector(work, vector))
            redactor = redactor_for([bench.target() for bench in ground.benches.values()], [work])
            for part in stages.values():
                redactor.learn(part.wire.secrets)
    return _showable(replayed, redactor)


def _showable(replayed: Replayed, redactor: Redactor) -> Replayed:
    """Give it without secrets and personal data."""
    evidence, findings, reason = shown(redactor, replayed.evidence, replayed.findings, replayed.judged.reason)
    return dataclasses.replace(
        replayed,
        evidence=evidence,
        findings=findings,
        judged=dataclasses.replace(replayed.judged, reason=reason),
    )


async def _vector_again(
    stage: Stage, work: Assignment, case: CaseReport, finding: FindingReport, vector: Vector
) -> Replayed:
    controlled = not vector.expect.needs_control or await _served(stage, work, vector.variant)
    exchange, findings = await _answered(stage, work, vector, case.clause)
    if refused_by_closing(vector, exchange, stage.closing):
        findings = ()
        judged = judge_closed(controlled=controlled and await _served(stage, work, vector.variant))
    else:
        findings = standing(findings, exchange, controlled=controlled)
        judged = judge_vector(vector, exchange, findings, controlled=controlled)
    return Replayed(
        case=case, finding=finding, evidence=(exchange,), findings=findings, judged=judged, whole=False
    )


async def _case_again(stage: Stage, one: SuiteCase, case: CaseReport, finding: FindingReport) -> Replayed:
    """Carry out a whole case again: what it arranges is made anew, with identifiers and addresses of its own.

    What depends on the moment may not show at once: only several good tries say that nothing comes any more.
    """
    for tries in range(1, _TRIES + 1):  # noqa: B007 -- told when it is over
        performed = await perform(one, stage)
        evidence = tuple(sorted(performed.scene.evidence(), key=_began))
        performed.scene.let_go()
        if performed.verdict is not Verdict.PASS or performed.scene.findings:
            break
    return Replayed(
        case=case,
        finding=finding,
        evidence=evidence,
        findings=tuple(performed.scene.findings),
        judged=Judged(verdict=performed.verdict, reason=performed.reason),
        whole=True,
        tries=tries,
    )


def _began(seen: Evidence) -> tuple[str, bool]:
    """Order as a report does: in the same millisecond a callback first, for which the case waited."""
    return (seen.started_at, True) if isinstance(seen, Exchange) else (seen.received_at, False)


def _suite_case(work: Assignment, case_id: str) -> SuiteCase:
    for one in work.suite:
        if one.case.id == case_id:
            return one
    text = N_(
        "The case {case} is not among this release's; replay with the release that made the run (see run.tool in "
        "report.json)."
    )
    raise UsageError(Message(text=text, values={"case": case_id}))


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
    judged = judge_vector(control, exchange, findings, controlled=True)
    return stage.answers.served(variant, exchange) and judged.verdict is not Verdict.INCONCLUSIVE


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
