"""How a suite's case came to its findings: what was sent and what came, in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from dpi_conformance.model.report import CaseReport, Evidence

__all__ = ["Conversation", "Step", "conversation", "target_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of the harness, or one call of the product."""

    evidence: Evidence
    findings: tuple[str, ...]
    """The findings of the case that it shows."""
    after_seconds: float
    """How long after the first step it began."""

    @property
    def target(self) -> str:
        """Give what was asked for, without the host."""
        return target_of(self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The steps of a case that the report has, and how many there were."""

    steps: tuple[Step, ...]
    count: int

    @property
    def more(self) -> int:
        """Count those that only the journal has."""
        return max(0, self.count - len(self.steps))


def conversation(case: CaseReport, exchanges: Mapping[str, Evidence]) -> Conversation | None:
    """Give how a case came to its findings; None where one exchange shows them by itself."""
    if not case.steps:
        return None
    began = exchanges[case.steps[0]].started_at
    steps = tuple(
        Step(
            evidence=exchanges[name],
            findings=tuple(own.id for own in case.findings if own.exchange == name),
            after_seconds=_between(began, exchanges[name].started_at),
        )
        for name in case.steps
    )
    return Conversation(steps=steps, count=case.exchanges)


def _between(began: str, then: str) -> float:
    try:
        return (datetime.fromisoformat(then) - datetime.fromisoformat(began)).total_seconds()
    except (ValueError, TypeError):  # a journal that somebody wrote by hand
        return 0.0


def target_of(evidence: Evidence) -> str:
    """Give the path and query that a request asked for."""
    url = str((evidence.request or {}).get("url", ""))
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
