"""Moments as answers write them (govstack-cfr-data#req-2: ISO 8601, UTC)."""

from datetime import UTC, datetime
from typing import Any

__all__ = ["moment_of", "seconds_from_now"]


def moment_of(value: Any) -> datetime | None:
    """Read a moment of ISO 8601 that says its zone; None where it is none, or says none."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def seconds_from_now(moment: datetime) -> float:
    """Give how far a moment lies ahead; negative: it is over."""
    return (moment - datetime.now(UTC)).total_seconds()
