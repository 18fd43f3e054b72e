"""Why cases were not decided, gathered as a vendor reads it: one reason a sentence, and what to write in product.yaml."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dpi_conformance.model.report import CaseReport, Sentence
from dpi_conformance.model.verdicts import Outcome

__all__ = ["ReasonGroup", "reason_groups", "undeclared"]

_NAME = re.compile(r"[\w./-]{1,60}")
"""A value that is a name, so that several can stand in one sentence: ``vouchers-created, batch-status``."""
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
            gathered.setdefault((case.verdict, _alike(case.reason)), []).append(case)
    groups = (
        ReasonGroup(outcome=outcome, reason=_joined([case.reason for case in own]), cases=tuple(own))
        for (outcome, _), own in gathered.items()
    )
    return tuple(sorted(groups, key=lambda group: (_ORDER.index(group.outcome), -len(group.cases))))


def undeclared(cases: Iterable[CaseReport]) -> Mapping[str, int]:
    """Give the names that product.yaml has to declare before cases can be decided, and how many cases wait for each."""
    waiting: Counter[str] = Counter()
    for case in cases:
        if case.verdict is Outcome.INCONCLUSIVE and case.reason is not None:
            names = {str(case.reason.values.get(key, "")) for key in _DECLARES.findall(case.reason.text)}
            waiting.update(name for name in names if _NAME.fullmatch(name))
    return dict(waiting.most_common())


def _alike(reason: Sentence | None) -> str:
    """Give what reasons of one group have in common: all but the names in them."""
    if reason is None:
        return ""
    kept = {name: "" if _is_name(name, value) else value for name, value in reason.values.items()}
    return str(Sentence(text=reason.text, values=kept))


def _is_name(key: str, value: object) -> bool:
    translated = key.endswith("_text")
    return not translated and isinstance(value, str) and _NAME.fullmatch(value) is not None


def _joined(reasons: Sequence[Sentence | None]) -> Sentence | None:
    """Give one sentence for all, the most frequent names first."""
    first = reasons[0]
    if first is None or len({str(reason) for reason in reasons}) == 1:
        return first
    values: dict[str, str | int | float] = dict(first.values)
    for key in values:
        seen = Counter(str(reason.values[key]) for reason in reasons if reason is not None)
        if len(seen) > 1:
            values[key] = ", ".join(name for name, _ in seen.most_common(_NAMES) if name) + (
                " …" if len(seen) > _NAMES else ""
            )
    return Sentence(text=first.text, values=values)
