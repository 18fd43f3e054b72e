"""How one mock is set up: who may call it, whom it calls, and which faults it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MockSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MockSettings:
    """The settings of a mock; the defaults are a product without a fault that is open to everybody."""

    token: str = ""
    """The bearer token that it takes; empty: it asks for none."""
    faults: frozenset[str] = frozenset()
    """Names of the faults that are switched on."""
    counterparties: Mapping[str, str] = field(default_factory=dict)
    """Base addresses of the parties that it calls, e.g. ``{"payer-bank": "http://…"}``; an absent one is played inside."""
    latency_ms: float = 0.0
    """Each answer waits so long, in milliseconds."""
    public_url: str = ""
    """Where counterparties reach the mock; empty: where it listens."""

    def as_json(self) -> dict[str, Any]:
        """Give the settings as plain JSON values, for another process."""
        return {
            "token": self.token,
            "faults": sorted(self.faults),
            "counterparties": dict(self.counterparties),
            "latency_ms": self.latency_ms,
            "public_url": self.public_url,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "MockSettings":
        """Read what ``as_json`` gave."""
        return cls(**{**values, "faults": frozenset(values["faults"])})
