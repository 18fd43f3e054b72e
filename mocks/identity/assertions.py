"""Checks that a client is who it says, by a JWT that it signed (OpenID Connect Core 9; RFC 7523, 3)."""

import base64
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from dpi_conformance.mockkit.calls import Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .clients import Client
from .state import State

__all__ = ["ASSERTION_TYPE", "Assertions"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW = 5.0
"""Seconds that a client's clock may be ahead."""
_LONGEST = 3600.0
"""Seconds for which an assertion may be good."""
_KNOWN = frozenset({"iss", "sub", "aud", "exp", "iat", "nbf", "jti"})


class Assertions:
    """Verifies client assertions: by the client's own key, by RS256 alone, for this product alone, once."""

    def __init__(self, state: State, issuer: str, on: FaultSwitches) -> None:
        """Take the memory, the issuer's URL, and the faults."""
        self._state = state
        self._audiences = frozenset({issuer, f"{issuer}/oauth/token"})
        self._on = on

    def check(self, client: Client, assertion: str) -> None:
        """Raise Refused (invalid_assertion) unless the client made this assertion for us."""
        if self._on("assertion-of-any-client"):
            client = self._state.clients.find(str(_unverified(assertion)[1].get("iss", ""))) or client
        claims = self._verified(client, assertion)
        self._check_names(client, claims)
        self._check_times(claims)
        if self._on("assertion-extra-claim-refused") and claims.keys() - _KNOWN:
            raise _refused("holds a claim that is not known")
        jti = claims.get("jti")
        if jti is None:
            return
        used = (client.client_id, str(jti))
        if used in self._state.assertions and not self._on("assertion-replay-accepted"):
            raise _refused("was used before")
        self._state.assertions.add(used)

    def _verified(self, client: Client, assertion: str) -> Mapping[str, Any]:
        if self._on:
            claims = self._overlooked(client, assertion)
            if claims is not None:
                return claims
        try:
            return jwt.decode(assertion, client.key("sig"), algorithms=["RS256"]).claims
        except (JoseError, ValueError, TypeError, RecursionError):
            raise _refused("is not signed by the client's key") from None

    def _overlooked(self, client: Client, assertion: str) -> Mapping[str, Any] | None:
        """Give the claims of an assertion that only a product with a fault believes."""
        header, payload = _unverified(assertion)
        unread = self._on("assertion-signature-not-checked") and header.get("alg") == "RS256"
        if unread or self._on("assertion-checked-later"):
            return payload
        if self._on("assertion-critical-ignored") and "crit" in header:
            return _signed_by(client.key("sig"), assertion, payload)
        if self._on("assertion-alg-none-accepted") and str(header.get("alg", "")).lower() == "none":
            return payload
        if self._on("assertion-key-from-header") and isinstance(header.get("jwk"), dict):
            return _signed_by(RSAKey.import_key(header["jwk"]), assertion, payload)
        shared = header.get("alg") == "HS256" and _signed_by_one_of(self._secrets(client), assertion)
        return payload if shared else None

    def _secrets(self, client: Client) -> Iterator[bytes]:
        """Give what a product with a fault takes for a secret that it shares with the client."""
        if self._on("assertion-hs256-empty-secret"):
            yield b""
        if self._on("assertion-hs256-public-key"):
            yield from _written(client)

    def _check_names(self, client: Client, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != client.client_id and not self._on("assertion-issuer-not-checked"):
            raise _refused("is not issued by the client")
        if claims.get("sub") != client.client_id and not self._on("assertion-subject-not-checked"):
            raise _refused("is not about the client")
        audience = claims.get("aud")
        given = audience if isinstance(audience, list) else [audience]
        ours = any(isinstance(one, str) and self._is_ours(one) for one in given)
        if not ours and not self._on("assertion-audience-not-checked"):
            raise _refused("is not meant for this product")

    def _is_ours(self, audience: str) -> bool:
        begins = self._on("assertion-audience-by-prefix") and audience.startswith(tuple(self._audiences))
        return audience in self._audiences or begins

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._state.clock()
        expires, issued, begins = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
        if expires is None:
            if not self._on("assertion-without-expiry-accepted"):
                raise _refused("does not say when it expires")
        elif expires <= now and not self._on("assertion-expiry-not-checked"):
            raise _refused("has expired")
        elif expires > now + _LONGEST:
            raise _refused("is good for longer than an hour")
        if issued is None:
            if not self._on("assertion-without-iat-accepted"):
                raise _refused("does not say when it was issued")
        elif issued > now + _SKEW and not self._on("assertion-from-future-accepted"):
            raise _refused("was issued in the future")
        late = self._on("assertion-from-future-accepted")
        if begins is not None and begins > now + _SKEW and not late:
            raise _refused("is not good yet")


def _written(client: Client) -> Iterator[bytes]:
    """Give a client's public key in each of the forms that it goes around in."""
    key, public = client.key("sig").public_key, serialization.PublicFormat.SubjectPublicKeyInfo
    written = key.public_bytes(serialization.Encoding.PEM, public)
    yield from (written, written.rstrip(b"\n"), key.public_bytes(serialization.Encoding.DER, public))
    yield json.dumps(dict(client.public_key)).encode()
    yield json.dumps(dict(client.public_key), separators=(",", ":")).encode()
    yield str(client.public_key["n"]).encode()


def _signed_by_one_of(secrets: Iterable[bytes], assertion: str) -> bool:
    start, _, signature = assertion.rpartition(".")
    made = (hmac.digest(secret, start.encode(), "sha256") for secret in secrets)
    return any(base64.urlsafe_b64encode(one).decode().rstrip("=") == signature for one in made)


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"has an {name} that is no number")
    return float(value)


def _refused(why: str) -> Refused:
    return Refused(f"client_assertion {why}.", code="invalid_assertion")


def _unverified(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        header, payload = (_part(part) for part in assertion.split(".")[:2])
    except (ValueError, RecursionError):
        raise _refused("is no JWT") from None
    return header, payload


def _part(part: str) -> dict[str, Any]:
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(value, dict):
        raise _refused("is no JWT")
    return value


class _Uncritical(jws.JWSRegistry):
    """Reads headers as a product with a fault does: whatever stands there, however long."""

    max_header_length = 4096

    def check_header(self, header: dict[str, Any]) -> None:
        """Look at nothing."""


def _signed_by(key: RSAKey, assertion: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        jws.deserialize_compact(assertion, key, registry=_Uncritical(algorithms=["RS256"]))
    except (JoseError, ValueError):
        return None
    return payload
