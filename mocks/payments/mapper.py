"""The identity-to-account mapper: how each beneficiary of an institution is paid (GovStack Payments 6.3, 9.1.1)."""

import re
from dataclasses import dataclass, replace

__all__ = ["Account", "AccountMapper"]

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
"""ISO 9362."""
_MODALITIES = frozenset({"00", "01", "02", "03", "04"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One beneficiary's means of payment, as far as it is known."""

    identity: str
    modality: str = ""
    address: str = ""
    bank: str = ""
    """The institution's BIC."""


class AccountMapper:
    """Accounts by the institution that registered them: two institutions may register the same identity."""

    def __init__(self) -> None:
        """Start empty."""
        self._accounts: dict[tuple[str, str], Account] = {}

    def find(self, institution: str, identity: str) -> Account | None:
        """Look one up; changes nothing."""
        return self._accounts.get((institution, identity))

    def names(self, identity: str) -> bool:
        """Tell whether any institution has registered this identity."""
        return any(known == identity for _, known in self._accounts)

    def register(self, institution: str, account: Account) -> str | None:
        """Enter an account; gives the reason if it cannot be entered. A second registration changes nothing."""
        if not account.identity:
            return "payeeIdentity is missing"
        if (institution, account.identity) in self._accounts:
            return "already registered by this institution"
        if account.modality and account.modality not in _MODALITIES:
            return "PaymentModality is none of 00 to 04"
        self._accounts[institution, account.identity] = account
        return None

    def entries(self, identity: str) -> list[tuple[str, Account]]:
        """Give everybody's entries of an identity, each with its institution: only a fault asks for them."""
        return [(by, one) for (by, known), one in self._accounts.items() if known == identity]

    def at(self, institution: str, address: str) -> list[Account]:
        """Give an institution's accounts that have this address."""
        return [
            one for (by, _), one in self._accounts.items() if by == institution and one.address == address
        ]

    def put(self, institution: str, account: Account) -> None:
        """Enter an account whatever is there: only a fault does."""
        self._accounts[institution, account.identity] = account

    def remove(self, institution: str, identity: str) -> None:
        """Take an account out: only a fault does."""
        self._accounts.pop((institution, identity), None)

    def update(self, institution: str, change: Account) -> str | None:
        """Change what ``change`` gives of a registered account; gives the reason if it cannot be changed."""
        known = self._accounts.get((institution, change.identity))
        if known is None:
            return "not registered by this institution"
        if change.bank and not _BIC.fullmatch(change.bank):
            return "bankingInstitutionCode is no BIC (ISO 9362)"
        self._accounts[institution, change.identity] = replace(
            known,
            modality=change.modality or known.modality,
            address=change.address or known.address,
            bank=change.bank or known.bank,
        )
        return None
