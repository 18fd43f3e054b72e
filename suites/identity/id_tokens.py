"""ID tokens as a relying party reads and verifies them (OpenID Connect Core 1.0, 2 and 3.1.3.7)."""

import hashlib
import time

from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .jose import SIGNATURES, Signed, TokenError, encoded, read, verified
from .relying_party import Party
from .sentences import say
from .tokens import Tokens

__all__ = [
    "SKEW_SECONDS",
    "algorithms",
    "audiences",
    "id_token",
    "moment",
    "number_of",
    "own_hash",
    "verified_id_token",
]

SKEW_SECONDS = 300
"""So far a product's clock may be from ours; the doctor tells of less."""
_DIGESTS = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512, "EdDSA": hashlib.sha512}


def algorithms(party: Party) -> frozenset[str]:
    """Give what the provider may sign ID tokens by: what it lists, and RS256; never a symmetric one or none."""
    return SIGNATURES & {*party.provider.listed("id_token_signing_alg_values_supported"), "RS256"}


def id_token(tokens: Tokens) -> Signed:
    """Read an ID token without its signature, which E4 is about; raises Prerequisite if it cannot be read."""
    try:
        return read(tokens.id_token)
    except TokenError as error:
        text = N_("No ID token came that can be read: {error}.")
        raise Prerequisite(say(text, error=str(error))) from error


async def verified_id_token(party: Party, tokens: Tokens) -> Signed:
    """Verify an ID token as a relying party must; raises TokenError."""
    return verified(tokens.id_token, await party.keys(), algorithms(party))


def audiences(token: Signed) -> list[str]:
    """Give whom a token is for: ``aud`` as a list (RFC 7519, 4.1.3)."""
    value = token.claims.get("aud")
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def number_of(token: Signed, name: str) -> float | None:
    """Give a time claim in seconds since 1970; None if it is no number (RFC 7519, 2)."""
    value = token.claims.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def moment(seconds: float | None) -> str:
    """Write how far a time claim is from now."""
    return "no number" if seconds is None else f"{seconds - time.time():+.0f} s from now"


def own_hash(token: Signed, value: str) -> str:
    """Give the left half of a value's hash, by the hash of the token's algorithm (OpenID Connect Core 1.0, 3.1.3.6)."""
    name = token.algorithm
    digest = _DIGESTS.get(name[-3:], _DIGESTS["EdDSA"])(value.encode()).digest()
    return encoded(digest[: len(digest) // 2])
