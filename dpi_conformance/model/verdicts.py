"""Verdicts of cases and of requirements (TTCN-3 order: a verdict only worsens)."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

__all__ = ["Outcome", "RequirementVerdict", "Verdict", "requirement_verdict"]


class Verdict(IntEnum):
    """NONE < PASS < INCONCLUSIVE < FAIL < ERROR; ERROR is the harness's own, never the product's."""

    NONE = 0
    PASS = 1
    INCONCLUSIVE = 2
    FAIL = 3
    ERROR = 4

    def worsened(self, other: "Verdict") -> "Verdict":
        """Give the worse of the two."""
        return max(self, other)


class Outcome(StrEnum):
    """What a case comes to in the report; the report's counts are over these."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"

    @classmethod
    def of(cls, verdict: Verdict) -> "Outcome":
        """Translate a verdict; NONE (nothing was seen) is inconclusive, never green."""
        return _OUTCOMES[verdict]


_OUTCOMES = {
    Verdict.NONE: Outcome.INCONCLUSIVE,
    Verdict.PASS: Outcome.PASSED,
    Verdict.INCONCLUSIVE: Outcome.INCONCLUSIVE,
    Verdict.FAIL: Outcome.FAILED,
    Verdict.ERROR: Outcome.ERROR,
}


class RequirementVerdict(StrEnum):
    """The verdict of one requirement over all the cases that test it."""

    PASS = "PASS"  # noqa: S105 -- a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_TESTED = "NOT_TESTED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


def requirement_verdict(outcomes: Iterable[Outcome], *, claimed: bool = True) -> RequirementVerdict:
    """Fold case outcomes: FAIL, else INCONCLUSIVE (or error), else PASS, else NOT_TESTED.

    NOT_APPLICABLE only where the requirement is about functions that the vendor does not claim.
    """
    if not claimed:
        return RequirementVerdict.NOT_APPLICABLE
    seen = set(outcomes) - {Outcome.NOT_APPLICABLE}
    if Outcome.FAILED in seen:
        return RequirementVerdict.FAIL
    if seen & {Outcome.INCONCLUSIVE, Outcome.ERROR}:
        return RequirementVerdict.INCONCLUSIVE
    return RequirementVerdict.PASS if seen else RequirementVerdict.NOT_TESTED
