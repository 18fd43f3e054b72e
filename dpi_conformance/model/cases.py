"""Cases: what one verdict is about."""

from dataclasses import dataclass

from dpi_conformance.i18n import Message
from dpi_conformance.model.verdicts import Verdict

__all__ = ["SUITE", "Case", "CaseResult", "place_of"]

SUITE = "suite"
"""The kind of cases that are written in Python."""


def place_of(block: str, kind: str, variant: str, case: str) -> str:
    """Give what a case is told under: its operation, or, in a suite, the property that its id names, e.g. ``V6``."""
    if kind == SUITE:
        return case.removeprefix(f"{block}/{SUITE}/").partition("/")[0]
    return variant or block


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: its id, its purpose in one sentence, and what it belongs to."""

    id: str
    block: str
    kind: str
    """``contract``, ``callback``, ``transport`` or ``suite``."""
    purpose: Message
    variant: str = ""
    functions: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    clause: str = ""
    vectors: int = 0
    """How many vectors of the chosen profile decide it; 0 for a case that is not made of vectors."""

    @property
    def place(self) -> str:
        """Give the operation, or the property of a suite, that it is told under."""
        return place_of(self.block, self.kind, self.variant, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What came of a case: the worst verdict of its parts, and why where it is not a pass."""

    case: str
    verdict: Verdict
    reason: Message | None = None
    exchanges: int = 0
    duration_ms: float = 0.0
