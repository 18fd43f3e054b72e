"""Everything that the product remembers."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from .bindings import Bindings
from .clients import Clients
from .enrollments import Enrollments
from .events import Event
from .grants import Access, Code, Link, Session, Transaction
from .people import PEOPLE, People

__all__ = ["State", "stamp"]


class State:
    """The product's memory; nothing outside it is kept."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start with the test people and nothing else; the clock gives seconds since the epoch."""
        self.clock = clock
        self.salt = secrets.token_bytes(32)
        self.people = People(PEOPLE)
        self.clients = Clients()
        self.sessions: dict[str, Session] = {}
        self.transactions: dict[str, Transaction] = {}
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Access] = {}
        """By the token's jti."""
        self.assertions: set[tuple[str, str]] = set()
        """Client and jti of each assertion that was taken."""
        self.turned_away: set[str] = set()
        """What those bore whom a product with a fault turns away only when their client is registered."""
        self.links: dict[str, Link] = {}
        """By link code."""
        self.linked: dict[str, Link] = {}
        """By the identifier that the wallet knows the transaction by."""
        self.bindings = Bindings()
        self.enrollments = Enrollments()
        self.events: dict[str, Event] = {}
        """By identifier, oldest first."""


def stamp(seconds: float) -> str:
    """Write a moment as ISO 8601 in UTC with milliseconds and Z."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
