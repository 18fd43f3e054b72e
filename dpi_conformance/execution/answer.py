"""What came of one request of a case."""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from dpi_conformance.model.evidence import Exchange

__all__ = ["Answer", "plainly"]


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


def plainly(value: object) -> str:
    """Give a value as a reader of ``expected`` and ``actual`` sees it: nothing as “-”, what has parts as JSON."""
    if value is None:
        return "-"
    if isinstance(value, (Mapping, Set, list, tuple)):
        return json.dumps(_plain(value), ensure_ascii=False)
    return str(value)


def _plain(value: object) -> Any:
    """Give a value in JSON's own kinds; the members of a set in order."""
    match value:
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case Set():
            return sorted(map(str, value))
        case list() | tuple():
            return [_plain(part) for part in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
