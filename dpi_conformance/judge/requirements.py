"""The verdict of each requirement over the planned cases that test it."""

from collections.abc import Iterable, Mapping, Sequence

from dpi_conformance.i18n import N_
from dpi_conformance.judge.cases import claimed
from dpi_conformance.judge.reading import Reading
from dpi_conformance.model.report import CaseReport, RequirementReport, Sentence
from dpi_conformance.model.requirements import Observability, Requirement, RequirementSet
from dpi_conformance.model.verdicts import Outcome, RequirementVerdict, requirement_verdict

__all__ = ["requirement_reports"]

_NOT_CLAIMED = Sentence(text=N_("The vendor does not claim the function that this requirement is about."))
_NOT_PLANNED = Sentence(text=N_("Cases for it exist, but none of them was part of this run."))
_NO_CASE = Sentence(text=N_("No case tests it yet."))
_FOR_AN_AUDITOR = Sentence(
    text=N_(
        "What can be seen from outside speaks for it; whether it is met as a whole is for an auditor to say."
    )
)
_UNDECIDED = Sentence(text=N_("At least one of its cases could not be decided."))


def requirement_reports(reading: Reading, cases: Sequence[CaseReport]) -> list[RequirementReport]:
    """Judge every requirement of the run, in the order of the journal."""
    tested = _tested(reading, cases)
    claims = reading.claims
    return [
        _report(block, requirement, tested.get((block, requirement.id), []), claims.get(block))
        for block, requirement in reading.requirements
    ]


def _tested(reading: Reading, cases: Sequence[CaseReport]) -> Mapping[tuple[str, str], list[CaseReport]]:
    """Find the planned cases of each requirement: by its globs, or named by the case itself."""
    sets = {
        block: RequirementSet(
            block=block,
            dated="",
            digest="",
            requirements=tuple(own for where, own in reading.requirements if where == block),
        )
        for block in {block for block, _ in reading.requirements}
    }
    tested: dict[tuple[str, str], list[CaseReport]] = {}
    for case in cases:
        matched = sets[case.block].for_case(case.id) if case.block in sets else ()
        for requirement in dict.fromkeys((*matched, *case.requirements)):
            tested.setdefault((case.block, requirement), []).append(case)
    return tested


def _report(
    block: str, requirement: Requirement, cases: Sequence[CaseReport], claims: Iterable[str] | None
) -> RequirementReport:
    verdict, reason = _verdict(requirement, cases, applies=claimed(requirement.functions, _set(claims)))
    return RequirementReport(
        id=requirement.id,
        block=block,
        source=requirement.source,
        clause=requirement.clause,
        text=requirement.text,
        level=requirement.level,
        observability=requirement.observability,
        functions=list(requirement.functions),
        verdict=verdict,
        reason=reason,
        tested=requirement.tested,
        published=requirement.published,
        related=list(requirement.related),
        cases=[case.id for case in cases],
        checks=list(requirement.checks),
    )


def _verdict(
    requirement: Requirement, cases: Sequence[CaseReport], *, applies: bool
) -> tuple[RequirementVerdict, Sentence | None]:
    outcomes = (requirement.outcome(case.verdict, _codes(case)) for case in cases)
    verdict = requirement_verdict(outcomes, claimed=applies)
    if verdict is RequirementVerdict.NOT_APPLICABLE:
        return verdict, _NOT_CLAIMED
    if requirement.observability is Observability.AUDITABLE and verdict is not RequirementVerdict.FAIL:
        return RequirementVerdict.NOT_TESTED, _why_not_tested(requirement, cases)
    if verdict is RequirementVerdict.NOT_TESTED:
        return verdict, _why_not_tested(requirement, cases)
    return verdict, _UNDECIDED if verdict is RequirementVerdict.INCONCLUSIVE else None


def _why_not_tested(requirement: Requirement, cases: Sequence[CaseReport]) -> Sentence:
    if requirement.untestable:
        return Sentence(text=requirement.untestable)
    if any(case.verdict is Outcome.PASSED for case in cases):
        return _FOR_AN_AUDITOR
    if cases and all(case.verdict is Outcome.NOT_APPLICABLE for case in cases):
        return _NOT_CLAIMED
    if cases:
        return _UNDECIDED
    return _NOT_PLANNED if requirement.cases else _NO_CASE


def _codes(case: CaseReport) -> set[str]:
    return {finding.code for finding in case.findings if not finding.advisory}


def _set(claims: Iterable[str] | None) -> frozenset[str] | None:
    return None if claims is None else frozenset(claims)
