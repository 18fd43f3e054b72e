"""Proves to the product who calls: its own credentials, none, or wrong ones of the same kind."""

import base64
import binascii
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from dpi_conformance.catalogue.target import (
    ApiKeyAuth,
    Auth,
    BearerAuth,
    HeadersAuth,
    MutualTlsAuth,
    OAuth2Auth,
)
from dpi_conformance.errors import HarnessError
from dpi_conformance.model.evidence import Headers
from dpi_conformance.wire.oauth import Post, TokenSource
from dpi_conformance.wire.tls import Certificate

__all__ = ["Authentication", "Proof", "wrong"]

_ALPHABETS = (string.digits, string.ascii_lowercase, string.ascii_uppercase)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a request carries to prove who calls."""

    headers: Headers = ()
    query: str = ""
    """One encoded ``name=value``."""
    certificate: Certificate = "own"
    """The client certificate that the connection shows, where ``tls`` names one."""


class Authentication:
    """The ways to prove who calls one target: ``own``, ``none``, ``wrong``."""

    def __init__(self, auth: Auth, post: Post) -> None:
        """Take the target's ``auth``; ``post`` sends a form to the authorization server."""
        self._tokens = TokenSource(auth, post) if isinstance(auth, OAuth2Auth) else None
        self._proofs = {
            "own": _proof(auth, lambda secret: secret),
            "none": Proof(certificate="none"),
            "wrong": _proof(auth, wrong),
        }

    async def proof(self, credentials: str) -> Proof:
        """Give the proof; raises TargetError where the authorization server gives no token."""
        if credentials not in self._proofs:
            raise HarnessError(f"credentials are own, none or wrong, not {credentials!r}")
        if self._tokens is None or credentials == "none":
            return self._proofs[credentials]
        token = await self._tokens.token()
        return _bearer(token if credentials == "own" else wrong(token))

    async def renewed(self, refused: Proof) -> Proof | None:
        """Give another proof of our own after a 401, once; None where there is none. Raises TargetError."""
        if self._tokens is None:
            return None
        token = await self._tokens.renewed(refused.headers[0][1].removeprefix("Bearer "))
        return None if token is None else _bearer(token)

    def accepted(self) -> None:
        """Take note that our own proof was not refused: the next refusal may be an expired token again."""
        if self._tokens is not None:
            self._tokens.accepted()

    @property
    def secrets(self) -> frozenset[str]:
        """Give the tokens got so far; like the target's secrets, they may not reach the evidence."""
        return frozenset(self._tokens.seen) if self._tokens is not None else frozenset()


def _bearer(token: str) -> Proof:
    return Proof(headers=(("Authorization", f"Bearer {token}"),))


def _proof(auth: Auth, change: Callable[[str], str]) -> Proof:
    match auth:
        case BearerAuth(token=token):
            return _bearer(change(token))
        case ApiKeyAuth(name=name, in_="header", value=value):
            return Proof(headers=((name, change(value)),))
        case ApiKeyAuth(name=name, value=value):
            return Proof(query=f"{quote(name, safe='')}={quote(change(value), safe='')}")
        case HeadersAuth(headers=headers):
            return Proof(headers=tuple((name, change(value)) for name, value in headers.items()))
        case MutualTlsAuth():
            return Proof(certificate="own" if change("0") == "0" else "wrong")
        case _:
            return Proof()


def wrong(secret: str) -> str:
    """Give a credential of the same length and shape that is not ``secret`` and tells nothing about it.

    The word of the scheme stays (``Basic``, ``Bearer``), and in Basic the user's name, so that the product meets
    a wrong secret and not a malformed one.
    """
    scheme, space, rest = secret.partition(" ")
    if space and rest:
        name = _basic_name(rest) if scheme.lower() == "basic" else None
        if name is not None:
            plain = base64.b64decode(rest)[len(name) :].decode("utf-8", "replace")
            return f"{scheme} {base64.b64encode(name + wrong(plain).encode()).decode()}"
        return f"{scheme} {wrong(rest)}"
    guess = "".join(map(_other, secret))
    return guess if guess != secret else "x" * max(len(secret), 1)


def _basic_name(text: str) -> bytes | None:
    """Give ``name:`` of Basic credentials (RFC 7617); None if they are none."""
    try:
        name, colon, _ = base64.b64decode(text, validate=True).partition(b":")
    except binascii.Error:
        return None
    return name + colon if colon else None


def _other(character: str) -> str:
    """Give another character of the same alphabet, drawn at random: a fixed step would give the secret away."""
    for alphabet in _ALPHABETS:
        if character in alphabet:
            return secrets.choice(alphabet.replace(character, ""))
    return character
