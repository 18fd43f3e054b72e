"""Identifiers that the product gives out."""

import secrets
from collections.abc import Container

__all__ = ["fresh_identifier", "fresh_secret", "fresh_serial"]

_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without the characters that a person confuses on a slip of paper."""


def fresh_identifier() -> str:
    """Give an identifier of 12 characters, the most that the published request identifiers have."""
    return secrets.token_hex(6).upper()


def fresh_serial(taken: Container[str]) -> str:
    """Give a serial number of 10 digits that is not taken."""
    while True:
        serial = str(10**9 + secrets.randbelow(9 * 10**9))
        if serial not in taken:
            return serial


def fresh_secret(taken: Container[str]) -> str:
    """Give a secret of 6 characters, the most that a redemption carries, that is not taken and tells of no other."""
    while True:
        secret = "".join(secrets.choice(_READABLE) for _ in range(6))
        if secret not in taken:
            return secret
