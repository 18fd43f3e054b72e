"""What cases and requirements add up to: counts, shares of requirements, and the verdict."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.judge.reading import BlockRead, Reading
from dpi_conformance.model.report import (
    BlockReport,
    CaseReport,
    Conformance,
    Counts,
    Levels,
    RequirementReport,
    Run,
    Share,
)
from dpi_conformance.model.requirements import Level
from dpi_conformance.model.verdicts import Outcome, RequirementVerdict

__all__ = ["block_report", "conformance", "counts_of", "levels_of"]


def counts_of(cases: Sequence[CaseReport]) -> Counts:
    """Count cases by outcome; raises HarnessError if they do not add up to the planned ones."""
    seen = Counter(case.verdict for case in cases)
    if seen.total() != len({case.id for case in cases}):
        raise HarnessError(Message(text=N_("The report does not add up: a case was counted twice.")))
    return Counts(expected=len(cases), **{outcome.value: seen[outcome] for outcome in Outcome})


def conformance(cases: Sequence[CaseReport], run: Run) -> Conformance:
    """Give the verdict: a failure that decides denies it; without a whole run and a pass there is none.

    A recommendation that is not met, or could not be decided, changes nothing; our own error always does.
    """
    deciding = Counter(case.verdict for case in cases if case.decides)
    if deciding[Outcome.FAILED]:
        return Conformance.NOT_CONFORMANT
    undecided = deciding[Outcome.INCONCLUSIVE] or any(case.verdict is Outcome.ERROR for case in cases)
    if undecided or not deciding[Outcome.PASSED] or run.ended != "complete":
        return Conformance.INCONCLUSIVE
    return Conformance.CONFORMANT


def levels_of(requirements: Iterable[RequirementReport]) -> Levels:
    """Give the shares of REQUIRED and RECOMMENDED requirements that are met."""
    by_level: dict[Level, Counter[RequirementVerdict]] = {level: Counter() for level in Level}
    for requirement in requirements:
        by_level[requirement.level][requirement.verdict] += 1
    return Levels(required=_share(by_level[Level.REQUIRED]), recommended=_share(by_level[Level.RECOMMENDED]))


def block_report(
    block: BlockRead, reading: Reading, cases: Iterable[CaseReport], requirements: Iterable[RequirementReport]
) -> BlockReport:
    """Sum up one block."""
    own = [case for case in cases if case.block == block.id]
    claims = reading.claims[block.id]
    return BlockReport(
        id=block.id,
        title=block.title,
        specification=block.specification,
        functions=block.functions,
        properties=block.properties,
        claims=list(block.functions) if claims is None else list(claims),
        digests=block.digests,
        verdict=conformance(own, reading.run),
        counts=counts_of(own),
        levels=levels_of(requirement for requirement in requirements if requirement.block == block.id),
    )


def _share(seen: Counter[RequirementVerdict]) -> Share:
    met, failed = seen[RequirementVerdict.PASS], seen[RequirementVerdict.FAIL]
    undecided = seen[RequirementVerdict.INCONCLUSIVE]
    applicable = seen.total() - seen[RequirementVerdict.NOT_APPLICABLE]
    return Share(
        total=seen.total(),
        met=met,
        failed=failed,
        inconclusive=undecided,
        not_tested=seen[RequirementVerdict.NOT_TESTED],
        not_applicable=seen[RequirementVerdict.NOT_APPLICABLE],
        percent_met=_percent(met, applicable),
        percent_met_of_tested=_percent(met, met + failed + undecided),
    )


def _percent(part: int, whole: int) -> float | None:
    """Give a share in percent with one decimal, rounded down: 999 of 1,000 is not 100 %."""
    return (1000 * part // whole) / 10 if whole else None
