"""Findings gathered by what they say: one group a check, within it one an operation or a suite's property."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from dpi_conformance.i18n import N_
from dpi_conformance.model.report import CaseReport, FindingReport, Report, Sentence
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting.sentences import alike, joined

__all__ = [
    "SEVERITIES",
    "CheckGroup",
    "OperationGroup",
    "Severity",
    "check_groups",
]

Found = tuple[CaseReport, FindingReport]
_NAMES = 3
"""Names in the sentence over a group that is about several."""


class Severity(IntEnum):
    """How much a group of findings weighs."""

    FAILURE = 0
    RECOMMENDATION = 1
    ADVISORY = 2


SEVERITIES = {
    Severity.FAILURE: N_("Denies conformance"),
    Severity.RECOMMENDATION: N_("Recommendation not met"),
    Severity.ADVISORY: N_("Worth knowing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationGroup:
    """The findings of one check on one operation, or under one property of a suite."""

    place: str
    title: str
    """What the property is about; empty for an operation."""
    found: tuple[Found, ...]

    @property
    def cases(self) -> tuple[CaseReport, ...]:
        """Give the cases that it touches, each once."""
        return tuple({case.id: case for case, _ in self.found}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckGroup:
    """The findings of one check, of one weight."""

    severity: Severity
    code: str
    message: Sentence
    """Of its first finding, with the names in those that say the same."""
    alike: str
    advice: Sentence | None
    clauses: tuple[str, ...]
    operations: tuple[OperationGroup, ...]

    @property
    def findings(self) -> int:
        """Count its findings."""
        return sum(len(operation.found) for operation in self.operations)

    @property
    def cases(self) -> int:
        """Count the cases that it touches."""
        return sum(len(operation.cases) for operation in self.operations)

    @property
    def behaves(self) -> bool:
        """Tell whether it is about what the product does, such as paying twice, and not about a single answer."""
        return any(case.kind == "suite" for operation in self.operations for case in operation.cases)

    def says(self, finding: FindingReport) -> bool:
        """Tell whether the group's sentence says what a finding's own does."""
        return alike(finding.message) == self.alike

    @property
    def anchor(self) -> str:
        """Give its place within the page."""
        return f"group-{self.severity.name.lower()}-{self.code}"


def severity(case: CaseReport, finding: FindingReport) -> Severity:
    """Weigh a finding: advisory ones never fail, and a case below REQUIRED does not decide."""
    if finding.advisory or case.verdict is not Outcome.FAILED:
        return Severity.ADVISORY
    return Severity.FAILURE if case.decides else Severity.RECOMMENDATION


def check_groups(report: Report) -> tuple[CheckGroup, ...]:
    """Gather all findings: the heaviest first, behaviour before single answers, then the most frequent check."""
    gathered: dict[tuple[Severity, str], dict[tuple[str, str], list[Found]]] = {}
    for case in report.cases:
        for finding in case.findings:
            operations = gathered.setdefault((severity(case, finding), finding.code), {})
            operations.setdefault((case.block, case.place), []).append((case, finding))
    titles = {block.id: block.properties for block in report.blocks}
    groups = (
        _check_group(weight, code, operations, titles) for (weight, code), operations in gathered.items()
    )
    return tuple(
        sorted(groups, key=lambda group: (group.severity, not group.behaves, -group.cases, group.code))
    )


def _check_group(
    weight: Severity,
    code: str,
    operations: Mapping[tuple[str, str], list[Found]],
    titles: Mapping[str, Mapping[str, str]],
) -> CheckGroup:
    found = [pair for pairs in operations.values() for pair in pairs]
    first = found[0][1]
    same = [finding.message for _, finding in found if alike(finding.message) == alike(first.message)]
    return CheckGroup(
        severity=weight,
        code=code,
        message=joined(same, _NAMES),
        alike=alike(first.message),
        advice=first.advice,
        clauses=tuple(dict.fromkeys(finding.clause for _, finding in found if finding.clause)),
        operations=tuple(
            sorted(
                (
                    OperationGroup(place=place, title=titles[block].get(place, ""), found=tuple(pairs))
                    for (block, place), pairs in operations.items()
                ),
                key=lambda operation: (-len(operation.cases), operation.place),
            )
        ),
    )
