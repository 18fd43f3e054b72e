"""``report.html``: one file without external reference or script, for a minister, a vendor and an auditor."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpi_conformance.model.report import (
    CaseReport,
    Evidence,
    FindingReport,
    Report,
    RequirementReport,
    Sentence,
)
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting import headline, roles
from dpi_conformance.reporting.bodies import laid_out
from dpi_conformance.reporting.conversations import Conversation, Step, conversation
from dpi_conformance.reporting.curl import Command, curl
from dpi_conformance.reporting.groups import (
    SEVERITIES,
    CheckGroup,
    OperationGroup,
    check_groups,
)
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.reasons import reason_groups, undeclared
from dpi_conformance.reporting.sections import chapters
from dpi_conformance.reporting.sentences import alike
from dpi_conformance.reporting.templates import html_environment

__all__ = ["render"]

_SHOWN_CASES = 6
"""Cases shown of one check on one operation; the rest are in ``report.json``."""
_SHOWN_FINDINGS = 5
"""Findings shown of one check in one case."""
_BODY = 3_000
"""Characters of a body that are shown."""
_STEPS = 800
"""Steps shown on the whole page; what is beyond is in ``report.json``."""
_STEP_BODY = 1_200
"""Characters of a step's body that are shown, where it shows no finding itself."""
_CASES = 12
"""Cases that did not pass, shown under one requirement."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """An exchange as the page shows it."""

    evidence: Evidence
    findings: tuple[str, ...]
    request_body: str
    response_body: str
    command: Command | None


@dataclass(frozen=True, slots=True)
class _Told:
    """How a case came to its findings, as the page shows it."""

    conversation: Conversation
    steps: Sequence[tuple[Step, _Shown]]


@dataclass(frozen=True, slots=True)
class _Case:
    """A case and what one check found in it; ``messages`` and ``advice`` where they are not the check's first."""

    case: CaseReport
    found: Sequence[FindingReport]
    more: int
    expected: Sequence[str]
    places: Sequence[str]
    clauses: Sequence[str]
    messages: Sequence[Sentence]
    advice: Sequence[Sentence]
    exchange: _Shown | None
    told: _Told | None


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation or property of a check: some cases, fewer exchanges, and how many more there are."""

    place: str
    title: str
    count: int
    cases: Sequence[_Case]
    more: int
    more_exchanges: int


def render(report: Report, language: Language) -> str:
    """Give the page; pure, the same report and language give the same bytes."""
    environment = html_environment(Path(__file__).parent / "templates", language)
    groups = check_groups(report)
    operations = sum(len(group.operations) for group in groups)
    at_most = 3 if operations <= 40 else 2 if operations <= 120 else 1
    page = _Page({evidence.id: evidence for evidence in report.exchanges})
    cases = {case.id: case for case in report.cases}
    annex = _annex(report.cases)
    return environment.get_template("report.html.j2").render(
        report=report,
        product=headline.product_named(report),
        claims=headline.claims_named(report, language),
        specifications=headline.specifications(report),
        headline=headline.headline(report),
        because=headline.because(report, language),
        scope=list(headline.scope(report)),
        players=list(roles.players(report)),
        broken=list(roles.broken(report)),
        steps=list(headline.next_steps(report, language)),
        groups=[
            (group, [page.operation(group, own, at_most) for own in group.operations]) for group in groups
        ],
        group_of=_group_of(groups),
        severities=SEVERITIES,
        undecided=[
            group for group in reason_groups(report.cases) if group.outcome is not Outcome.NOT_APPLICABLE
        ],
        undeclared=_undeclared(report),
        chapters=chapters(report),
        requirement_anchors={own.id: f"r{n}" for n, own in enumerate(report.requirements)},
        case_anchors={case.id: f"c{n}" for n, case in enumerate(report.cases)},
        told_anchors={case: f"t{n}" for n, case in enumerate(page.told)},
        tested_by={own.id: _tested_by(own, cases) for own in report.requirements},
        annex=annex,
        titles={
            (block.id, name): title for block in report.blocks for name, title in block.properties.items()
        },
        operation_anchors={operation: f"o{n}" for n, operation in enumerate(annex)},
        sent=sum(case.exchanges for case in report.cases),
        targets={block: _pretty(target) for block, target in report.target.items()},
    )


class _Page:
    """What the page shows of each group; a conversation once, so that each case costs its length only once."""

    def __init__(self, exchanges: Mapping[str, Evidence]) -> None:
        self.exchanges = exchanges
        self.told: dict[str, None] = {}
        """The cases whose conversations are on the page."""
        self._steps = 0

    def operation(self, group: CheckGroup, operation: OperationGroup, at_most: int) -> _Operation:
        by_case: dict[str, list[FindingReport]] = {}
        for case, finding in operation.found:
            by_case.setdefault(case.id, []).append(finding)
        shown = operation.cases[:_SHOWN_CASES]
        cases = [
            self._case(group, case, by_case[case.id], evident=place < at_most)
            for place, case in enumerate(shown)
        ]
        cited = {finding.exchange for case, finding in operation.found if finding.exchange and not case.steps}
        return _Operation(
            place=operation.place,
            title=operation.title,
            count=len(operation.cases),
            cases=cases,
            more=len(operation.cases) - len(shown),
            more_exchanges=len(cited) - sum(case.exchange is not None for case in cases),
        )

    def _case(
        self, group: CheckGroup, case: CaseReport, found: Sequence[FindingReport], *, evident: bool
    ) -> _Case:
        cited = next((own.exchange for own in found if own.exchange in self.exchanges), None)
        of_it = [own.id for own in found if own.exchange == cited]
        alone = evident and cited and not case.steps
        return _Case(
            case=case,
            found=found[:_SHOWN_FINDINGS],
            more=len(found) - len(found[:_SHOWN_FINDINGS]),
            expected=_distinct(own.expected for own in found),
            places=_distinct(own.place for own in found),
            clauses=_distinct(own.clause for own in found),
            messages=_other(group.alike, (own.message for own in found)),
            advice=_other(alike(group.advice), (own.advice for own in found)),
            exchange=_shown(self.exchanges[cited], of_it, _BODY) if alone and cited else None,
            told=self._told(case),
        )

    def _told(self, case: CaseReport) -> _Told | None:
        talk = conversation(case, self.exchanges)
        if talk is None or case.id in self.told or self._steps + len(talk.steps) > _STEPS:
            return None
        self.told[case.id] = None
        self._steps += len(talk.steps)
        return _Told(
            talk,
            [
                (step, _shown(step.evidence, step.findings, _BODY if step.findings else _STEP_BODY))
                for step in talk.steps
            ],
        )


def _other(said: str, own: Iterable[Sentence | None]) -> list[Sentence]:
    """Give the sentences of a case that its group's heading does not say."""
    return list({str(one): one for one in own if one is not None and alike(one) != said}.values())[:3]


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))[:3]


def _shown(evidence: Evidence, findings: Iterable[str], body: int) -> _Shown:
    ours = evidence.kind == "exchange" and evidence.request is not None
    return _Shown(
        evidence=evidence,
        findings=tuple(findings),
        request_body=_body(evidence.request, body),
        response_body=_body(evidence.response, body),
        command=curl(evidence.request) if ours and evidence.request else None,
    )


def _body(message: Mapping[str, Any] | None, most: int) -> str:
    text = laid_out(str((message or {}).get("body") or ""))
    return text if len(text) <= most else f"{text[:most]} …"


def _undeclared(report: Report) -> dict[str, Mapping[str, int]]:
    """Give what product.yaml has to declare, by block."""
    named = {
        block.id: undeclared(case for case in report.cases if case.block == block.id)
        for block in report.blocks
    }
    return {block: names for block, names in named.items() if names}


def _group_of(groups: Iterable[CheckGroup]) -> dict[str, str]:
    """Map each case to the place of its heaviest group of findings."""
    places: dict[str, str] = {}
    for group in groups:
        for operation in group.operations:
            for case in operation.cases:
                places.setdefault(case.id, group.anchor)
    return places


@dataclass(frozen=True, slots=True)
class _TestedBy:
    """The cases of a requirement: how many by outcome, those that did not pass, and on which operations."""

    counts: Mapping[Outcome, int]
    open: Sequence[CaseReport]
    more: int
    operations: Mapping[tuple[str, str], int]


def _tested_by(requirement: RequirementReport, cases: Mapping[str, CaseReport]) -> _TestedBy:
    own = [cases[case] for case in requirement.cases]
    counts = {outcome: sum(case.verdict is outcome for case in own) for outcome in Outcome}
    worst = [Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE]
    unmet = sorted(
        (case for case in own if case.verdict in worst), key=lambda case: worst.index(case.verdict)
    )
    operations: dict[tuple[str, str], int] = {}
    for case in own:
        place = (case.block, case.place)
        operations[place] = operations.get(place, 0) + 1
    return _TestedBy(
        {outcome: count for outcome, count in counts.items() if count},
        unmet[:_CASES],
        len(unmet) - len(unmet[:_CASES]),
        operations,
    )


def _annex(cases: Iterable[CaseReport]) -> dict[tuple[str, str], list[CaseReport]]:
    """Gather all cases by block, and by operation or property."""
    annex: dict[tuple[str, str], list[CaseReport]] = {}
    for case in cases:
        annex.setdefault((case.block, case.place), []).append(case)
    return annex


def _pretty(target: Any) -> str:
    return json.dumps(target, indent=2, ensure_ascii=False)
