"""Vouchers: their states, and what may happen in each (GovStack Payments 6.1, 6.2, 8.2)."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum

from dpi_conformance.mockkit.faults import FaultSwitches

from .identifiers import VoucherNumbers, fresh_identifier

__all__ = [
    "LIFE",
    "SHORT_LIFE",
    "Redemption",
    "TooManyGuesses",
    "Voucher",
    "VoucherRefusal",
    "VoucherStatus",
    "Vouchers",
]

LIFE = timedelta(days=90)
"""How long a voucher is good from its activation; the same for all of a programme (6.2.1)."""
SHORT_LIFE = timedelta(seconds=3)
"""The life of a voucher of the programme that exists for tests."""
_GROUPS: Mapping[str, frozenset[str]] = {"AGENT-0002": frozenset({"HLT"})}
"""The groups that an agent belongs to (9.2.1); one that is not named belongs to all."""
_GUESSES = 10
"""Wrong secrets for one voucher in a row, after which each further try has to wait."""
_PAUSE = timedelta(seconds=1)
_NO_FAULTS = FaultSwitches((), ())


class VoucherStatus(IntEnum):
    """The numbers that status answers carry; only 3 is published with its meaning (8.2.5)."""

    PRE_ACTIVATED = 1
    ACTIVATED = 2
    CANCELLED = 3
    CONSUMED = 4
    EXPIRED = 5


_REDEEMED_THOUGH: Mapping[VoucherStatus, str] = {
    VoucherStatus.PRE_ACTIVATED: "redeemed-before-activation",
    VoucherStatus.CONSUMED: "redeemed-again",
    VoucherStatus.CANCELLED: "cancelled-redeemed",
    VoucherStatus.EXPIRED: "expired-redeemed",
}
"""The fault with which a voucher of this state is paid out."""
_ACTIVATED_THOUGH: Mapping[VoucherStatus, str] = {
    VoucherStatus.ACTIVATED: "activation-extends",
    VoucherStatus.CONSUMED: "activation-refills",
    VoucherStatus.CANCELLED: "activation-revives",
    VoucherStatus.EXPIRED: "activation-renews",
}
"""The fault with which a voucher of this state becomes active."""


class VoucherRefusal(Exception):  # noqa: N818 -- not an error: the state does not allow it
    """The voucher's state does not allow what was asked for; the text has at most 20 characters."""


class TooManyGuesses(VoucherRefusal):
    """So many wrong secrets came for a voucher that the next try has to wait."""


@dataclass(slots=True, kw_only=True)
class Voucher:
    """One voucher; its serial number is public, its secret belongs to the holder."""

    serial: str
    secret: str
    amount: Decimal
    currency: str
    group: str = ""
    life: timedelta = LIFE
    status: VoucherStatus = VoucherStatus.PRE_ACTIVATED
    expires: datetime | None = None
    """Set when it is activated."""
    guesses: int = 0
    """Wrong secrets in a row."""
    closed_until: datetime | None = None
    """No secret is tried before."""


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

    def __init__(self, clock: Callable[[], datetime], on: FaultSwitches = _NO_FAULTS) -> None:
        """Take the clock that decides what has expired, and the faults that are switched on."""
        self._clock = clock
        self.misbehave(on)
        self._by_serial: dict[str, Voucher] = {}
        self._by_secret: dict[str, Voucher] = {}
        self._by_hash: dict[str, Voucher] = {}
        self.redemptions: dict[str, Redemption] = {}
        """By serial number: a voucher has at most one."""

    def misbehave(self, on: FaultSwitches) -> None:
        """Take the faults that are switched on."""
        self._on = on
        self._numbers = VoucherNumbers(on)

    def create(self, amount: Decimal, currency: str, group: str = "", life: timedelta = LIFE) -> Voucher:
        """Create a voucher, pre-activated."""
        serial = self._numbers.serial(self._by_serial, currency)
        secret = self._numbers.secret(self._by_secret, serial)
        voucher = Voucher(
            serial=serial, secret=secret, amount=amount, currency=currency, group=group, life=life
        )
        if self._on("life-from-creation"):
            voucher.expires = self._clock() + life
        self._by_serial[serial] = self._by_secret[secret] = voucher
        self._by_hash[hashlib.sha256(secret.encode()).hexdigest()] = voucher
        return voucher

    def find(self, serial: str) -> Voucher | None:
        """Look one up by its serial number; one whose time is over is expired from now on."""
        voucher = self._by_serial.get(serial)
        ends = voucher is not None and (
            voucher.status is VoucherStatus.ACTIVATED or self._on("time-ends-everything")
        )
        if voucher is not None and ends and self._over(voucher):
            voucher.status = VoucherStatus.EXPIRED
        return voucher

    def _over(self, voucher: Voucher) -> bool:
        return voucher.expires is not None and self._clock() >= voucher.expires

    def proven(self, proof: str) -> Voucher | None:
        """Look one up by its secret, or by the SHA-256 of it (hexadecimal); which of the two is not published."""
        voucher = self._by_hash.get(proof.lower()) or self._by_secret.get(proof)
        return self.find(voucher.serial) if voucher else None

    def newest(self) -> Voucher | None:
        """Give the active voucher that was created last, whosever it is: only a fault asks for it."""
        found = (one for one in reversed(self._by_serial.values()) if one.status is VoucherStatus.ACTIVATED)
        return next(found, None)

    def activate(self, serial: str) -> str | None:
        """Make a voucher usable; gives the reason if it cannot be. A second time extends nothing."""
        voucher = self.find(serial)
        if voucher is None:
            return "serialNumber is not known"
        fresh = voucher.status is VoucherStatus.PRE_ACTIVATED
        if not fresh and not self._on(_ACTIVATED_THOUGH[voucher.status]):
            return f"the voucher is {_word(voucher.status)}"
        voucher.status = VoucherStatus.ACTIVATED
        if not self._on("life-from-creation"):
            voucher.expires = self._clock() + voucher.life
        return None

    def cancel(self, serial: str) -> str | None:
        """Cancel a voucher for good; gives the reason if it cannot be."""
        reason = self.cancellable(serial)
        if reason is None:
            self._by_serial[serial].status = VoucherStatus.CANCELLED
        return reason

    def cancellable(self, serial: str) -> str | None:
        """Give the reason why a voucher cannot be cancelled; None if it can."""
        voucher = self.find(serial)
        if voucher is None:
            return "serialNumber is not known"
        if voucher.status is VoucherStatus.CANCELLED and self._on("second-cancellation-silent"):
            return None
        spent = voucher.status is VoucherStatus.CONSUMED and self._on("spent-cancelled")
        if voucher.status not in {VoucherStatus.PRE_ACTIVATED, VoucherStatus.ACTIVATED} and not spent:
            return f"the voucher is {_word(voucher.status)}"
        return None

    def redeem(self, serial: str, secret: str, agent: str) -> Redemption:
        """Redeem the whole of an active voucher, once; raises VoucherRefusal."""
        voucher = self.find(serial)
        if voucher is None:
            hmac.compare_digest(b"", secret.encode())
            if not self._on("serial-not-checked") or (voucher := self.proven(secret)) is None:
                raise VoucherRefusal("voucher not valid")
        if not self._proves(secret, voucher):
            self._wrong(voucher)
            raise VoucherRefusal("voucher not valid")
        voucher.guesses = 0
        if not self._takes(agent, voucher):
            raise VoucherRefusal("agent not in group")
        return self.consume(voucher, agent)

    def _proves(self, secret: str, voucher: Voucher) -> bool:
        """Tell whether this is the voucher's secret; raises TooManyGuesses."""
        if voucher.closed_until is not None and self._clock() < voucher.closed_until:
            raise TooManyGuesses("too many guesses")
        if self._on("any-secret") or (not secret and self._on("secret-not-asked-for")):
            return True
        if self._on("secret-in-any-order") and sorted(secret) == sorted(voucher.secret):
            return True
        if self._on("secret-of-another") and secret in self._by_secret:
            return True
        return hmac.compare_digest(voucher.secret.encode(), secret.encode())

    def _wrong(self, voucher: Voucher) -> None:
        voucher.guesses += 1
        if voucher.guesses >= _GUESSES and not self._on("guessing-unlimited"):
            voucher.closed_until = self._clock() + _PAUSE
        if self._on("wrong-secret-consumes") and voucher.status is VoucherStatus.ACTIVATED:
            voucher.status = VoucherStatus.CONSUMED

    def _takes(self, agent: str, voucher: Voucher) -> bool:
        """Tell whether the voucher's group holds the agent (9.2.1)."""
        groups = _GROUPS.get(agent)
        return not voucher.group or groups is None or voucher.group in groups or self._on("group-ignored")

    def consume(self, voucher: Voucher, agent: str) -> Redemption:
        """Use an active voucher up; raises VoucherRefusal."""
        usable = voucher.status is VoucherStatus.ACTIVATED
        if not usable and not self._on(_REDEEMED_THOUGH[voucher.status]):
            raise VoucherRefusal(_word(voucher.status))
        voucher.status = VoucherStatus.CONSUMED
        redemption = Redemption(
            transaction=fresh_identifier(),
            serial=voucher.serial,
            agent=agent,
            amount=voucher.amount / 2 if self._on("redeemed-in-part") else voucher.amount,
            at=self._clock(),
        )
        self.redemptions[voucher.serial] = redemption
        return redemption

    def put(self, serial: str, status: VoucherStatus) -> tuple[()]:
        """Put a voucher into a state, whatever it was in; gives nothing that were to be sent. Only faults do."""
        self._by_serial[serial].status = status
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
