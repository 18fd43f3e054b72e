"""What the doctor saw of a target: one observation a probe."""

from dataclasses import dataclass
from enum import StrEnum

from dpi_conformance.i18n import Message

__all__ = ["Health", "Observation"]


class Health(StrEnum):
    """How a probe went; only TROUBLE keeps a run from starting."""

    OK = "ok"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One probe: what was seen, and what to change where it is not as it should be."""

    probe: str
    health: Health
    message: Message
    advice: Message | None = None
