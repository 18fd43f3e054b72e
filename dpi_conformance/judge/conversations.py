"""What a suite's case sent and was sent, kept while it may have led to a finding."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from dpi_conformance.judge import lines as journal
from dpi_conformance.judge.lines import Line
from dpi_conformance.model.report import Evidence

__all__ = ["STEPS_OF_A_RUN", "Conversation"]

_STEPS: Final = 40
"""Requests and callbacks kept of what led to the findings of one case."""
STEPS_OF_A_RUN: Final = 4000
"""Those kept of all cases together; a case beyond keeps only what shows its findings."""


@dataclass(slots=True)
class Conversation:
    """The first requests and callbacks of one case that the journal has in full."""

    kept: list[Evidence] = field(default_factory=list)

    def hear(self, line: Line) -> None:
        """Take in the next exchange or callback."""
        if line.get("request") is not None and len(self.kept) < _STEPS:
            self.kept.append(journal.evidence(line))

    def led_to(self, shown: Collection[Evidence]) -> list[Evidence]:
        """Give the steps that led to what was shown, in the order of time; of too many, what shows it and the first.

        Empty where nothing else was seen.
        """
        every = {one.id: one for one in (*self.kept, *shown)}
        if not self.kept or len(every) == 1:
            return []
        showing = {one.id for one in shown}
        chosen = sorted(every.values(), key=lambda one: one.id not in showing)[:_STEPS]
        places = {name: place for place, name in enumerate(every)}
        # In the same millisecond: a case that waited for a callback sends its next request at once.
        return sorted(chosen, key=lambda one: (one.started_at, one.kind == "exchange", places[one.id]))
