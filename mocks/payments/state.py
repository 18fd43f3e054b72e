"""Everything that the product remembers."""

from collections.abc import Callable
from datetime import UTC, datetime

from .batches import Batches
from .bills import Bills
from .mapper import AccountMapper
from .vouchers import Vouchers

__all__ = ["State", "stamp"]


def _now() -> datetime:
    return datetime.now(UTC)


class State:
    """The product's memory: accounts, batches, vouchers and bills; nothing outside it is kept."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        """Start empty, with a clock in UTC."""
        self.clock = clock
        self.mapper = AccountMapper()
        self.batches = Batches(clock)
        self.vouchers = Vouchers(clock)
        self.bills = Bills()


def stamp(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
