"""How the harness answers a call of the product: at once and well, or as a receiver in trouble does."""

from dataclasses import dataclass

__all__ = ["ACCEPTED", "DROPPED", "HANG_SECONDS", "Reaction", "refusing"]

HANG_SECONDS = 30.0
"""So long a call is left without an answer at most: longer than any client of sound mind waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One answer: status and JSON body, after so many seconds; or none at all, the connection closed."""

    status: int = 202
    body: bytes = b"{}"
    after_seconds: float = 0.0
    drop: bool = False
    """Close the connection without an answer."""


ACCEPTED = Reaction()
DROPPED = Reaction(status=0, drop=True)


def refusing(status: int = 503) -> Reaction:
    """Answer as a receiver that is out of order for the moment."""
    return Reaction(status=status, body=b'{"reason":"out of order"}')
