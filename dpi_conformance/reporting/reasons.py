"""Why cases were not decided, gathered as a vendor reads it: one reason a sentence, and what to write in product.yaml."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dpi_conformance.model.report import CaseReport, Sentence
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting.sentences import alike, is_name, joined

__all__ = ["ReasonGroup", "reason_groups", "undeclared"]

_DECLARES = re.compile(r"declares: \{(\w+)\}")
_NAMES = 12
_ORDER = (Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """Cases that were not decided, for one reason; where only names in it differ, the sentence has them all."""

    outcome: Outcome
    reason: Sentence | None
    cases: tuple[CaseReport, ...]


def reason_groups(cases: Iterable[CaseReport]) -> tuple[ReasonGroup, ...]:
    """Gather the cases that are neither passed nor failed by their reason, the most frequent first."""
    gathered: dict[tuple[Outcome, str], list[CaseReport]] = {}
    for case in cases:
        if case.verdict in _ORDER:
            gathered.setdefault((case.verdict, alike(case.reason)), []).append(case)
    groups = (
        ReasonGroup(
            outcome=outcome,
            reason=_told([case.reason for case in own if case.reason is not None]),
            cases=tuple(own),
        )
        for (outcome, _), own in gathered.items()
    )
    return tuple(sorted(groups, key=lambda group: (_ORDER.index(group.outcome), -len(group.cases))))


def undeclared(cases: Iterable[CaseReport]) -> Mapping[str, int]:
    """Give the names that product.yaml has to declare before cases can be decided, and how many cases wait for each."""
    waiting: Counter[str] = Counter()
    for case in cases:
        if case.verdict is Outcome.INCONCLUSIVE and case.reason is not None:
            names = {str(case.reason.values.get(key, "")) for key in _DECLARES.findall(case.reason.text)}
            waiting.update(name for name in names if is_name(name))
    return dict(waiting.most_common())


def _told(reasons: Sequence[Sentence]) -> Sentence | None:
    return joined(reasons, _NAMES) if reasons else None
