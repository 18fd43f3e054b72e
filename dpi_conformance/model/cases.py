"""Cases: what one verdict is about."""

from dataclasses import dataclass

from dpi_conformance.i18n import Message
from dpi_conformance.model.verdicts import Verdict

__all__ = ["Case", "CaseResult"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What came of a case: the worst verdict of its parts, and why where it is not a pass."""

    case: str
    verdict: Verdict
    reason: Message | None = None
    exchanges: int = 0
    duration_ms: float = 0.0
