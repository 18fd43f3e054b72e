"""The JWT by which a client proves itself (private_key_jwt): as it must be, and in each way to forge one."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.i18n import N_

from .jose import PrivateKey, signed, signed_by_secret, unsigned

__all__ = ["ASSERTION_TYPE", "FORGERIES", "Assertion", "Forgery"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECONDS = 120
_LONG_AGO = 86_400
_HALF_AN_HOUR = 1_800
"""Less than the hour for which many providers let an assertion be good at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A client assertion (RFC 7523, 3; OpenID Connect Core 1.0, 9) before it is signed."""

    claims: Mapping[str, Any]
    header: Mapping[str, Any]
    key: PrivateKey = field(repr=False)

    @classmethod
    def of(cls, client_id: str, audience: str, key: PrivateKey, *, jti: str, algorithm: str) -> "Assertion":
        """Make the valid one: good for two minutes, for this audience, with an identifier of its own."""
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "exp": now + _SECONDS,
            "iat": now,
            "jti": jti,
        }
        header = {"alg": algorithm, "typ": "JWT", **({"kid": key.kid} if key.kid else {})}
        return cls(claims=claims, header=header, key=key)

    def changed(self, **claims: Any) -> "Assertion":
        """Give it with other claims; None leaves one out."""
        merged = {**self.claims, **claims}
        kept = {name: value for name, value in merged.items() if value is not None}
        return Assertion(claims=kept, header=self.header, key=self.key)

    def headed(self, **fields: Any) -> "Assertion":
        """Give it with other header fields."""
        return Assertion(claims=self.claims, header={**self.header, **fields}, key=self.key)

    def signed(self, key: PrivateKey | None = None) -> str:
        """Sign it, by another key where one is given."""
        return signed(self.header, self.claims, key or self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """One way to make an assertion that proves nothing."""

    name: str
    told: str
    """What is wrong with it, marked for translation."""
    code: str
    """Of the finding where it is taken."""
    make: Callable[[Assertion, PrivateKey], str]
    """Given the valid one and a key that is not the client's."""


def _public_pem(assertion: Assertion) -> bytes:
    return assertion.key.as_pem(private=False)


def _public_modulus(assertion: Assertion) -> bytes:
    fields = assertion.key.as_dict(private=False)
    return str(fields.get("n") or fields.get("x")).encode()


def _hmac(secret: Callable[[Assertion], bytes]) -> Callable[[Assertion, PrivateKey], str]:
    def make(one: Assertion, _other: PrivateKey) -> str:
        return signed_by_secret({**one.header, "alg": "HS256"}, one.claims, secret(one))

    return make


def _with(**claims: Any) -> Callable[[Assertion, PrivateKey], str]:
    return lambda one, _other: one.changed(**claims).signed()


def _embedded(one: Assertion, other: PrivateKey) -> str:
    """Bring the key along that the signature holds for (CVE-2018-0114)."""
    return one.headed(jwk=other.as_dict(private=False), kid="of-the-harness").signed(other)


def _altered(one: Assertion, _other: PrivateKey) -> str:
    """Keep the signature of another payload."""
    head, _, signature = one.signed().split(".")
    _, payload, _ = one.changed(exp=one.claims["exp"] + 60).signed().split(".")
    return f"{head}.{payload}.{signature}"


def _stripped(one: Assertion, _other: PrivateKey) -> str:
    return one.signed().rpartition(".")[0] + "."


FORGERIES: Mapping[str, Forgery] = {
    one.name: one
    for one in (
        Forgery(
            name="other-key",
            told=N_("signed by a key that is not the client's"),
            code="assertion.signature-checked",
            make=lambda one, other: one.signed(other),
        ),
        Forgery(
            name="signature-left-out",
            told=N_("without its signature"),
            code="assertion.signature-checked",
            make=_stripped,
        ),
        Forgery(
            name="payload-altered",
            told=N_("changed after it was signed"),
            code="assertion.signature-checked",
            make=_altered,
        ),
        Forgery(
            name="own-key-embedded",
            told=N_("signed by the key that its own header brings along"),
            code="assertion.key-of-client",
            make=_embedded,
        ),
        Forgery(
            name="alg-none",
            told=N_("with alg none and no signature"),
            code="assertion.algorithm-checked",
            make=lambda one, _: unsigned({**one.header, "alg": "none"}, one.claims),
        ),
        Forgery(
            name="alg-none-in-capitals",
            told=N_("with alg NONE and no signature"),
            code="assertion.algorithm-checked",
            make=lambda one, _: unsigned({**one.header, "alg": "NONE"}, one.claims),
        ),
        Forgery(
            name="hs256-public-pem",
            told=N_("signed by HS256 with the public key, as PEM, as its secret"),
            code="assertion.algorithm-checked",
            make=_hmac(_public_pem),
        ),
        Forgery(
            name="hs256-public-modulus",
            told=N_("signed by HS256 with the modulus of the public key as its secret"),
            code="assertion.algorithm-checked",
            make=_hmac(_public_modulus),
        ),
        Forgery(
            name="hs256-empty-secret",
            told=N_("signed by HS256 with an empty secret"),
            code="assertion.algorithm-checked",
            make=_hmac(lambda _: b""),
        ),
        Forgery(
            name="critical-unknown",
            told=N_("with an unknown header that it calls critical"),
            code="assertion.critical-understood",
            make=lambda one, _: one.headed(crit=["x-unknown"], **{"x-unknown": 1}).signed(),
        ),
        Forgery(
            name="issuer-foreign",
            told=N_("issued by somebody else"),
            code="assertion.issuer-checked",
            make=_with(iss="https://somebody-else.example"),
        ),
        Forgery(
            name="issuer-missing",
            told=N_("without an issuer"),
            code="assertion.issuer-checked",
            make=_with(iss=None),
        ),
        Forgery(
            name="subject-foreign",
            told=N_("about somebody else"),
            code="assertion.subject-checked",
            make=_with(sub="somebody-else"),
        ),
        Forgery(
            name="subject-missing",
            told=N_("without a subject"),
            code="assertion.subject-checked",
            make=_with(sub=None),
        ),
        Forgery(
            name="audience-foreign",
            told=N_("made for another provider"),
            code="assertion.audience-checked",
            make=_with(aud="https://another-provider.example/token"),
        ),
        Forgery(
            name="audience-lookalike",
            told=N_("made for an address that only begins as the provider's"),
            code="assertion.audience-checked",
            make=lambda one, _: one.changed(aud=f"{one.claims['aud']}.dpi-evil.example").signed(),
        ),
        Forgery(
            name="audience-missing",
            told=N_("made for nobody"),
            code="assertion.audience-checked",
            make=_with(aud=None),
        ),
        Forgery(
            name="expired",
            told=N_("expired yesterday"),
            code="assertion.expiry-checked",
            make=lambda one, _: _aged(one).signed(),
        ),
        Forgery(
            name="expiry-missing",
            told=N_("without an expiry"),
            code="assertion.expiry-required",
            make=_with(exp=None),
        ),
        Forgery(
            name="not-yet-valid",
            told=N_("not valid for another half hour"),
            code="assertion.not-before-checked",
            make=lambda one, _: _early(one).signed(),
        ),
    )
}


def _early(one: Assertion) -> Assertion:
    """Give the assertion of half an hour later."""
    later = int(time.time()) + _HALF_AN_HOUR
    return one.changed(nbf=later, exp=later + _SECONDS)


def _aged(one: Assertion) -> Assertion:
    """Give the assertion of yesterday."""
    return one.changed(iat=one.claims["iat"] - _LONG_AGO, exp=one.claims["exp"] - _LONG_AGO)
