"""What a token request brought, and what is read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from .jose import KeyRing, PrivateKey, TokenError, decrypted, segments, verified
from .replies import Reply

__all__ = ["Tokens", "UserInfo", "lifetime", "userinfo_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A served token request (RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3)."""

    reply: Reply
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    """Empty if none came."""

    @classmethod
    def of(cls, reply: Reply) -> "Tokens | None":
        """Read a reply; None if it brought no token at all."""
        access, identity = reply.get("access_token"), reply.get("id_token")
        if not reply.served or not (access or identity):
            return None
        return cls(reply=reply, access_token=str(access or ""), id_token=str(identity or ""))


def lifetime(reply: Reply) -> float | None:
    """Give ``expires_in`` in seconds; None if it is no number (RFC 6749, 5.1)."""
    value = reply.get("expires_in")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo:
    """The claims of a UserInfo answer, and how they came: ``plain``, ``signed``, ``encrypted`` or ``nested``."""

    kind: str
    claims: Mapping[str, Any]


def userinfo_of(reply: Reply, ring: KeyRing, keys: Sequence[PrivateKey]) -> UserInfo:
    """Read a UserInfo answer (OpenID Connect Core 1.0, 5.3.2): decrypt, then verify; raises TokenError."""
    if reply.media_type != "application/jwt":
        if not isinstance(reply.body, Mapping) or not reply.body:
            raise TokenError("form", f"it is no JSON object ({reply.media_type or 'no Content-Type'})")
        return UserInfo(kind="plain", claims=reply.body)
    text, outer = reply.text.strip(), ""
    if segments(text) == 5:
        text, outer = decrypted(text, keys).strip(), "encrypted"
    if segments(text) == 3 and not text.startswith("{"):
        return UserInfo(kind="nested" if outer else "signed", claims=verified(text, ring).claims)
    if not outer:
        raise TokenError("form", "it is no compact token")
    try:
        claims = orjson.loads(text)
    except ValueError as error:
        raise TokenError("form", f"what is encrypted is no JSON: {error}") from error
    if not isinstance(claims, dict):
        raise TokenError("form", "what is encrypted is no JSON object")
    return UserInfo(kind="encrypted", claims=claims)
