"""Vouchers: their states, and what may happen in each (GovStack Payments 6.1, 6.2, 8.2)."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum

from .identifiers import fresh_identifier, fresh_secret, fresh_serial

__all__ = ["Redemption", "Voucher", "VoucherRefusal", "VoucherStatus", "Vouchers"]

_LIFE = timedelta(days=90)
"""How long a voucher is good from its activation; the same for all (6.2.1)."""


class VoucherStatus(IntEnum):
    """The numbers that status answers carry; only 3 is published with its meaning (8.2.5)."""

    PRE_ACTIVATED = 1
    ACTIVATED = 2
    CANCELLED = 3
    CONSUMED = 4
    EXPIRED = 5


class VoucherRefusal(Exception):  # noqa: N818 -- not an error: the state does not allow it
    """The voucher's state does not allow what was asked for; the text has at most 20 characters."""


@dataclass(slots=True, kw_only=True)
class Voucher:
    """One voucher; its serial number is public, its secret belongs to the holder."""

    serial: str
    secret: str
    amount: Decimal
    currency: str
    group: str = ""
    status: VoucherStatus = VoucherStatus.PRE_ACTIVATED
    expires: datetime | None = None
    """Set when it is activated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One voucher turned into money, for one agent."""

    transaction: str
    serial: str
    agent: str
    amount: Decimal
    at: datetime


class Vouchers:
    """The voucher engine; each call is one atomic step."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Take the clock that decides what has expired."""
        self._clock = clock
        self._by_serial: dict[str, Voucher] = {}
        self._by_secret: dict[str, Voucher] = {}
        self._by_hash: dict[str, Voucher] = {}
        self.redemptions: dict[str, Redemption] = {}
        """By serial number: a voucher has at most one."""

    def create(self, amount: Decimal, currency: str, group: str = "") -> Voucher:
        """Create a voucher, pre-activated."""
        serial = fresh_serial(self._by_serial)
        secret = fresh_secret(self._by_secret)
        voucher = Voucher(serial=serial, secret=secret, amount=amount, currency=currency, group=group)
        self._by_serial[serial] = self._by_secret[secret] = voucher
        self._by_hash[hashlib.sha256(secret.encode()).hexdigest()] = voucher
        return voucher

    def find(self, serial: str) -> Voucher | None:
        """Look one up by its serial number; one whose time is over is expired from now on."""
        voucher = self._by_serial.get(serial)
        if voucher is not None and voucher.status is VoucherStatus.ACTIVATED and self._over(voucher):
            voucher.status = VoucherStatus.EXPIRED
        return voucher

    def _over(self, voucher: Voucher) -> bool:
        return voucher.expires is not None and self._clock() >= voucher.expires

    def proven(self, proof: str) -> Voucher | None:
        """Look one up by its secret, or by the SHA-256 of it (hexadecimal); which of the two is not published."""
        voucher = self._by_hash.get(proof.lower()) or self._by_secret.get(proof)
        return self.find(voucher.serial) if voucher else None

    def activate(self, serial: str) -> str | None:
        """Make a voucher usable; gives the reason if it cannot be. A second time extends nothing."""
        voucher = self.find(serial)
        if voucher is None:
            return "serialNumber is not known"
        if voucher.status is not VoucherStatus.PRE_ACTIVATED:
            return f"the voucher is {_word(voucher.status)}"
        voucher.status = VoucherStatus.ACTIVATED
        voucher.expires = self._clock() + _LIFE
        return None

    def cancel(self, serial: str) -> str | None:
        """Cancel a voucher for good; gives the reason if it cannot be."""
        voucher = self.find(serial)
        if voucher is None:
            return "serialNumber is not known"
        if voucher.status not in {VoucherStatus.PRE_ACTIVATED, VoucherStatus.ACTIVATED}:
            return f"the voucher is {_word(voucher.status)}"
        voucher.status = VoucherStatus.CANCELLED
        return None

    def redeem(self, serial: str, secret: str, agent: str) -> Redemption:
        """Redeem the whole of an active voucher, once; raises VoucherRefusal."""
        voucher = self.find(serial)
        known = voucher.secret if voucher is not None else ""
        same = hmac.compare_digest(known.encode(), secret.encode())
        if voucher is None or not same:
            raise VoucherRefusal("voucher not valid")
        return self.consume(voucher, agent)

    def consume(self, voucher: Voucher, agent: str) -> Redemption:
        """Use an active voucher up; raises VoucherRefusal."""
        if voucher.status is not VoucherStatus.ACTIVATED:
            raise VoucherRefusal(_word(voucher.status))
        voucher.status = VoucherStatus.CONSUMED
        redemption = Redemption(
            transaction=fresh_identifier(),
            serial=voucher.serial,
            agent=agent,
            amount=voucher.amount,
            at=self._clock(),
        )
        self.redemptions[voucher.serial] = redemption
        return redemption

    def put_back(self, serial: str) -> None:
        """Make a consumed voucher active again: only a fault does."""
        self._by_serial[serial].status = VoucherStatus.ACTIVATED

    def mark_consumed(self, serial: str) -> tuple[()]:
        """Mark a voucher as consumed; gives nothing that were to be sent."""
        self._by_serial[serial].status = VoucherStatus.CONSUMED
        return ()


def _word(status: VoucherStatus) -> str:
    words = {
        VoucherStatus.PRE_ACTIVATED: "not activated",
        VoucherStatus.ACTIVATED: "already activated",
        VoucherStatus.CANCELLED: "cancelled",
        VoucherStatus.CONSUMED: "already redeemed",
        VoucherStatus.EXPIRED: "expired",
    }
    return words[status]
