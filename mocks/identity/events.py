"""What has been asked for about credentials, kept as the person's history."""

import secrets
from dataclasses import dataclass, field

__all__ = ["Event"]


def _sixteen_digits() -> str:
    return str(10**15 + secrets.randbelow(9 * 10**15))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One request about a credential and what became of it."""

    kind: str
    """SERVICE_REQUEST, DATA_SHARE_REQUEST, DATA_UPDATE_REQUEST, ID_MANAGEMENT_REQUEST or AUTHENTICATION_REQUEST."""
    summary: str
    at: float
    """Seconds since the epoch."""
    info: dict[str, str] = field(default_factory=dict)
    status: str = "SUCCESS"
    id: str = field(default_factory=_sixteen_digits)
