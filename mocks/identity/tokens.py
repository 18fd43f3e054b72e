"""Makes ID tokens and access tokens, and recognises the latter."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from dpi_conformance.mockkit.calls import Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .grants import Access, Code, Grant, life
from .keys import Certified, signing_key, stray_key, weak_key
from .state import State
from .subjects import Subjects

__all__ = ["TOKEN_SECONDS", "Tokens"]

TOKEN_SECONDS = 600.0
_STRONG = "idbb:acr:linked-wallet-static-code"


class Tokens:
    """The product's tokens, signed with RS256."""

    def __init__(self, state: State, issuer: str, subjects: Subjects, on: FaultSwitches) -> None:
        """Take the memory, the issuer's URL, the subjects' names, and the faults."""
        self._state = state
        self._issuer = issuer
        self._subjects = subjects
        self._on = on
        self._first_nonces: dict[str, str] = {}

    def key(self) -> Certified:
        """Give the key that signs."""
        return weak_key() if self._on("jwks-weak-key") else signing_key()

    def made(self, code: Code) -> dict[str, Any]:
        """Give the body of a token answer (OpenID Connect Core 3.1.3.3)."""
        seconds = life(code.grant.client_id, TOKEN_SECONDS)
        access = self._access_token(code, seconds)
        if self._on("expires-in-milliseconds"):
            seconds *= 1000
        kind = {} if self._on("token-type-missing") else {"token_type": "Bearer"}
        return {
            "id_token": self._id_token(code, access),
            "access_token": access,
            **kind,
            "expires_in": f"PT{int(seconds)}S" if self._on("expires-in-as-text") else int(seconds),
        }

    def _access_token(self, code: Code, seconds: float) -> str:
        now = self._state.clock()
        grant = code.grant
        jti = "1" if self._on("access-token-jti-repeats") else secrets.token_urlsafe(16)
        self._state.access[jti] = Access(grant=grant, expires=now + seconds)
        code.access.append(jti)
        claims = {
            "iss": self._issuer,
            "sub": self._subjects.of(grant.uin, grant.wanted.client),
            "aud": f"{self._issuer}/oidc/userinfo",
            "client_id": grant.wanted.client.relying_party
            if self._on("access-token-of-provider")
            else grant.client_id,
            "iat": int(now * 1000) if self._on("access-token-milliseconds") else int(now),
            "exp": int(now + seconds),
            "jti": jti,
            "scope": " ".join(grant.wanted.scopes),
        }
        if self._on("access-token-without-expiry"):
            del claims["exp"]
        if self._on("access-token-opaque"):
            return jti
        return self._signed(claims, "at+jwt")

    def _id_token(self, code: Code, access: str) -> str:
        grant, now = code.grant, int(self._state.clock())
        claims: dict[str, Any] = {
            "iss": f"{self._issuer}/" if self._on("id-token-issuer-slash") else self._issuer,
            "sub": self._subjects.of(grant.uin, grant.wanted.client),
            "aud": grant.wanted.client.relying_party
            if self._on("id-token-audience-wrong")
            else grant.client_id,
            "iat": now,
            "exp": now + int(TOKEN_SECONDS),
            "auth_time": now if self._on("auth-time-of-token") else grant.since,
            "acr": self._acr(code),
            "at_hash": self._half_hash(access),
        }
        claims |= self._nonce(code)
        self._spoil(claims, grant)
        for name, fault in (("auth_time", "auth-time-missing"), ("at_hash", "at-hash-missing")):
            if self._on(fault):
                del claims[name]
        if self._on("subject-by-login"):
            claims["sub"] = secrets.token_hex(32)
        if self._on("id-token-unsigned"):
            return _unsigned(claims)
        token = self._signed(claims, "JWT", self._other_key())
        return token.replace(".", "==.") if self._on("id-token-padded") else token

    def _spoil(self, claims: dict[str, Any], grant: Grant) -> None:
        """Write claims of an ID token as a product with a fault does."""
        person = self._state.people.find(grant.uin)
        if self._on("id-token-tells-all") and person is not None:
            claims |= {name: person.claims[name] for name in ("name", "birthdate")}
        if self._on("id-token-lives-backwards"):
            claims["exp"] = claims["iat"] - 1
        if self._on("id-token-expiry-milliseconds"):
            claims["exp"] *= 1000
        if self._on("id-token-authorized-party-other"):
            claims["azp"] = grant.wanted.client.relying_party
        if self._on("id-token-subject-long"):
            claims["sub"] = claims["sub"] * 5
        if self._on("id-token-milliseconds"):
            claims["iat"] *= 1000

    def _other_key(self) -> Certified | None:
        """Give the key that a product with a fault signs with; None for the right one."""
        if self._on("id-token-key-swapped"):
            return replace(stray_key(), kid=self.key().kid)
        return stray_key() if self._on("id-token-kid-unknown") else None

    def _acr(self, code: Code) -> str:
        wanted = code.grant.wanted
        if self._on("acr-strongest"):
            return _STRONG
        if self._on("acr-as-asked"):
            return wanted.client.acrs[0] if len(wanted.client.acrs) > 1 else wanted.acrs[0]
        return code.grant.acr

    def _nonce(self, code: Code) -> dict[str, str]:
        nonce = code.grant.wanted.nonce
        if nonce is None:
            return {"nonce": ""} if self._on("nonce-invented") else {}
        if self._on("nonce-missing"):
            return {}
        if self._on("nonce-stale"):
            self._first_nonces.setdefault(code.grant.uin, nonce)
            return {"nonce": self._first_nonces[code.grant.uin]}
        return {"nonce": nonce[:64] if self._on("nonce-cut") else nonce}

    def _half_hash(self, access: str) -> str:
        """Give at_hash (OpenID Connect Core 3.1.3.6)."""
        digest = hashlib.sha256(access.encode("ascii")).digest()
        half = digest if self._on("at-hash-whole") else digest[:16]
        return base64.urlsafe_b64encode(half).rstrip(b"=").decode()

    def _signed(self, claims: Mapping[str, Any], kind: str, certified: Certified | None = None) -> str:
        used = certified or self.key()
        return jwt.encode({"alg": "RS256", "kid": used.kid, "typ": kind}, dict(claims), used.key)

    def access(self, token: str) -> Access:
        """Give what a token gives access to; raises Refused (invalid_token) if it is no good."""
        if self._on("access-token-opaque") and token in self._state.access:
            return self._state.access[token]
        claims = self._claims_of(token)
        access = self._state.access.get(str(claims.get("jti", "")))
        if access is None and self._on("id-token-as-bearer"):
            access = self._access_of_person(claims)
        if access is None:
            raise _invalid("was not issued here")
        if access.expires <= self._state.clock() and not self._on("expired-access-token-accepted"):
            raise _invalid("has expired")
        if access.revoked:
            raise _invalid("was revoked")
        client = self._state.clients.find(access.grant.client_id)
        if client is None or not client.active:
            raise _invalid("belongs to a client that is not active")
        return access

    def _claims_of(self, token: str) -> Mapping[str, Any]:
        try:
            if self._on("access-token-signature-not-checked"):
                return _payload(token)
            decoded = jwt.decode(token, self.key().key, algorithms=["RS256"])
        except (JoseError, ValueError, TypeError, RecursionError):
            raise _invalid("is not signed by this product") from None
        if decoded.header.get("typ") != "at+jwt" and not self._on("id-token-as-bearer"):
            raise _invalid("is no access token")
        return decoded.claims

    def _access_of_person(self, claims: Mapping[str, Any]) -> Access | None:
        """Give the access of whoever the claims are about, as a product with a fault does."""
        for access in reversed(self._state.access.values()):
            if self._subjects.of(access.grant.uin, access.grant.wanted.client) == claims.get("sub"):
                return access
        return None

    def signed_claims(self, claims: Mapping[str, Any]) -> str:
        """Sign a userinfo answer."""
        return self._signed(claims, "JWT")


def _payload(token: str) -> Mapping[str, Any]:
    """Read a token's claims without a look at its signature."""
    part = token.split(".")[1] if "." in token else ""
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return value if isinstance(value, dict) else {}


def _unsigned(claims: Mapping[str, Any]) -> str:
    return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(dict(value)).encode()).rstrip(b"=").decode()


def _invalid(why: str) -> Refused:
    return Refused(f"The access token {why}.", status=401, code="invalid_token")
