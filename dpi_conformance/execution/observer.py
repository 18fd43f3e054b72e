"""Who watches a run: the terminal's progress, a test, nobody. The runner knows no reporter."""

from collections.abc import Sequence
from typing import Protocol

from dpi_conformance.execution.observations import Observation
from dpi_conformance.model.cases import Case, CaseResult

__all__ = ["Observer", "Silent"]


class Observer(Protocol):
    """Is told what happens, in order; must not block."""

    def planned(self, cases: Sequence[Case], vectors: int) -> None:
        """Say what the run will do."""

    def observed(self, observation: Observation) -> None:
        """Report one probe of the doctor."""

    def answered(self) -> None:
        """Report one answered vector."""

    def finished(self, result: CaseResult) -> None:
        """Report one finished case."""


class Silent:
    """Watches and says nothing."""

    def planned(self, cases: Sequence[Case], vectors: int) -> None:
        """Ignore it."""

    def observed(self, observation: Observation) -> None:
        """Ignore it."""

    def answered(self) -> None:
        """Ignore it."""

    def finished(self, result: CaseResult) -> None:
        """Ignore it."""
