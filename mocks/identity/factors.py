"""Checks what a person gives to prove who they are."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .people import TEST_OTP, Person

__all__ = ["AUTH_FACTORS", "FACTORS", "FORMATS", "Challenge", "matching_acr", "proven"]

FACTORS: Mapping[str, tuple[str, ...]] = {
    "idbb:acr:static-code": ("PIN",),
    "idbb:acr:generated-code": ("OTP",),
    "idbb:acr:linked-wallet": ("WLA",),
    "idbb:acr:biometrics": ("BIO",),
    "idbb:acr:biometrics-generated-code": ("BIO", "OTP"),
    "idbb:acr:linked-wallet-static-code": ("WLA", "PIN"),
}
"""What each authentication context asks for (GovStack Identity 7.2.3)."""

AUTH_FACTORS: Mapping[str, Mapping[str, object]] = {
    "PIN": {"type": "PIN"},
    "OTP": {"type": "OTP"},
    "WLA": {"type": "Wallet"},
    "BIO": {"type": "L1-bio-device", "count": 1, "bioSubTypes": ["Right IndexFinger"]},
}
"""The factors as a wallet is told of them."""

FORMATS: Mapping[str, frozenset[str]] = {
    "PIN": frozenset({"number", "alpha-numeric"}),
    "OTP": frozenset({"number", "alpha-numeric"}),
    "BIO": frozenset({"encoded-json", "alpha-numeric"}),
    "WLA": frozenset({"jwt"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One proof that was given."""

    kind: str
    """PIN, OTP, BIO or WLA."""
    value: str
    format: str = "alpha-numeric"


def matching_acr(acrs: Sequence[str], kinds: frozenset[str]) -> str | None:
    """Give the first allowed context that these factors make up; None if there is none."""
    return next((acr for acr in acrs if frozenset(FACTORS[acr]) == kinds), None)


def proven(person: Person, challenge: Challenge, *, otp_sent: bool) -> bool:
    """Tell whether a proof other than a wallet's is the person's; takes the same time for every wrong one."""
    if challenge.format not in FORMATS[challenge.kind]:
        return False
    right = {"PIN": person.pin, "OTP": TEST_OTP, "BIO": person.template}[challenge.kind]
    same = hmac.compare_digest(challenge.value.encode(), right.encode())
    return same and (challenge.kind != "OTP" or otp_sent)
