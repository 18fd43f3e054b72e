"""Identifiers that the product gives out."""

import itertools
import secrets
from collections.abc import Container, Iterator

from dpi_conformance.mockkit.faults import FaultSwitches

__all__ = ["VoucherNumbers", "fresh_identifier"]

_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without the characters that a person confuses on a slip of paper."""
_LENGTH = 6
"""Characters of a secret, the most that a redemption carries."""
_MOST = 10**_LENGTH


def fresh_identifier() -> str:
    """Give an identifier of 12 characters, the most that the published request identifiers have."""
    return secrets.token_hex(6).upper()


class VoucherNumbers:
    """Gives vouchers their serial numbers and secrets: no two are alike, and none tells of another."""

    def __init__(self, on: FaultSwitches) -> None:
        """Take the faults that are switched on."""
        self._on = on
        self._secrets = itertools.count(secrets.randbelow(_MOST // 2))
        self._by_currency: dict[str, Iterator[int]] = {}

    def serial(self, taken: Container[str], currency: str) -> str:
        """Give a serial number of 10 digits that is not taken."""
        if self._on("serials-by-currency"):
            counter = self._by_currency.setdefault(currency, itertools.count(10**9))
            return str(next(counter))
        while True:
            serial = str(10**9 + secrets.randbelow(9 * 10**9))
            if serial not in taken:
                return serial

    def secret(self, taken: Container[str], serial: str) -> str:
        """Give a secret that is not taken."""
        if self._on("numbers-count-up"):
            return f"{next(self._secrets) % _MOST:0{_LENGTH}}"
        if self._on("number-from-serial"):
            return serial[: -_LENGTH - 1 : -1]
        if self._on("numbers-repeat"):
            return "".join(secrets.choice(_READABLE) for _ in range(2)) * 3
        while True:
            secret = "".join(secrets.choice(_READABLE) for _ in range(_LENGTH))
            if secret not in taken:
                return secret
