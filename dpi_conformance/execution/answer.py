"""What came of one request of a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpi_conformance.model.evidence import Exchange

__all__ = ["Answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one request of a case."""

    exchange: Exchange
    served: bool
    """A success that the block's rules do not call a refusal."""
    refused: bool
    """The block's own refusal; a 5xx is none, and neither is silence."""
    body: Any
    """The JSON of the answer; an empty object if it is none."""
    at: float
    """``time.perf_counter()`` when the answer was complete."""

    @property
    def status(self) -> int:
        """Give the HTTP status; 0 if no answer came."""
        return self.exchange.response.status if self.exchange.response else 0

    def get(self, *names: str) -> Any:
        """Give the first field of this name that the answer has; None without one."""
        fields = self.body if isinstance(self.body, Mapping) else {}
        return next((fields[name] for name in names if name in fields), None)

    def __str__(self) -> str:
        """Give status and the begin of the body, for ``actual``."""
        if self.exchange.response is None:
            trouble = self.exchange.trouble
            return f"{trouble.kind}: {trouble.detail}" if trouble else "-"
        return f"HTTP {self.status} {self.exchange.response.body[:200].decode('utf-8', 'replace')}".rstrip()
