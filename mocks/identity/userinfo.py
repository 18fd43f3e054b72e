"""The claims about a person, signed and then encrypted for the client (GovStack Identity, GET /oidc/userinfo)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from joserfc import jwe

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .authorize_request import SCOPE_CLAIMS
from .grants import Access
from .keys import stray_key
from .people import Person
from .state import State
from .subjects import Subjects
from .tokens import Tokens

__all__ = ["UserInfo"]

_HEADER = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT"}
_ALGORITHMS = (_HEADER["alg"], _HEADER["enc"])
_LOCALISED = frozenset({"name", "given_name", "family_name", "middle_name", "nickname", "address"})
"""Claims that may differ by language."""

_SPOILT: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    "email-verified-as-text": ("email_verified", lambda value: str(value).lower()),
    "birthdate-local": ("birthdate", lambda value: "/".join(reversed(value.split("-")))),
    "phone-number-local": ("phone_number", lambda value: value.replace("+225", "0")),
    "zoneinfo-as-offset": ("zoneinfo", lambda _: "+00:00"),
    "locale-with-underscore": ("locale", lambda value: value.replace("-", "_")),
    "gender-as-number": ("gender", lambda value: 2 if value == "female" else 1),
    "email-with-name": ("email", lambda value: f"Test Person <{value}>"),
    "picture-as-base64": ("picture", lambda _: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"),
    "address-as-text": ("address", lambda value: value["formatted"].replace("\n", ", ")),
}
"""By fault: the claim that is written wrongly, and how."""


class UserInfo:
    """Answers with what the person consented to, what the client may have, and what there is."""

    def __init__(
        self, state: State, issuer: str, tokens: Tokens, subjects: Subjects, on: FaultSwitches
    ) -> None:
        """Take the memory, the issuer's URL, the tokens, the subjects' names, and the faults."""
        self._state = state
        self._issuer = issuer
        self._tokens = tokens
        self._subjects = subjects
        self._on = on

    def answer(self, call: Call) -> Answer:
        """Give the claims for an access token; raises Refused (401)."""
        access = self._tokens.access(bearer(call))
        grant = access.grant
        if self._on("userinfo-needs-profile") and "profile" not in grant.wanted.scopes:
            raise Refused("The scope does not hold profile.", status=403)
        if self._on("userinfo-of-last-login"):
            grant = replace(grant, uin=self._last_person(grant.client_id))
        client = self._state.clients.find(grant.client_id) or grant.wanted.client
        person = self._state.people.find(grant.uin)
        subject = self._subjects.of("" if self._on("userinfo-other-subject") else grant.uin, client)
        claims = {"sub": subject, "iss": self._issuer, "aud": grant.client_id}
        claims |= self._claims(access, person) if person is not None else {}
        if self._on("userinfo-as-json"):
            return Answer(status=200, body=claims, headers={"cache-control": "no-store"})
        if self._on("userinfo-for-anybody"):
            del claims["aud"]
        signed = self._tokens.signed_claims(claims)
        body = signed.encode()
        if self._on("userinfo-signature-left-out"):
            signed = json.dumps(claims)
        if not self._on("userinfo-not-encrypted"):
            key = stray_key().key if self._on("userinfo-key-of-stranger") else client.key("enc")
            body = jwe.encrypt_compact(_HEADER, signed, key, _ALGORITHMS).encode()
        return Answer(
            status=200, body=body, media_type="application/jwt", headers={"cache-control": "no-store"}
        )

    def _last_person(self, client_id: str) -> str:
        """Give who was given the last access token for a client."""
        return [one.grant.uin for one in self._state.access.values() if one.grant.client_id == client_id][-1]

    def _claims(self, access: Access, person: Person) -> dict[str, Any]:
        grant = access.grant
        client = self._state.clients.find(grant.client_id) or grant.wanted.client
        names = set(grant.claims)
        if self._on("claims-beyond-consent"):
            names |= set(grant.wanted.offered)
        if self._on("claims-for-openid") and grant.wanted.scopes == ("openid",) and not names:
            names |= {"name", "birthdate"}
        if self._on("claims-by-scope-without-consent"):
            names |= {name for scope in grant.wanted.scopes for name in SCOPE_CLAIMS.get(scope, ())}
        if self._on("claims-beyond-request"):
            names |= client.claims
        allowed = grant.wanted.client.claims if self._on("client-claims-cached") else client.claims
        if not self._on("claims-beyond-client"):
            names &= allowed
        found: dict[str, Any] = {}
        for name in sorted(names & person.claims.keys()):
            found |= self._in_languages(person, name, grant.wanted.claims_locales)
        return self._spoilt(found)

    def _in_languages(self, person: Person, name: str, languages: tuple[str, ...]) -> Mapping[str, Any]:
        """Give a claim in each language that was asked for and is there (OpenID Connect Core 5.2)."""
        plain = {name: person.claims[name]}
        if name not in _LOCALISED or self._on("claims-locales-ignored"):
            return plain
        tagged: dict[str, Any] = {}
        for tag in languages:
            language = tag.partition("-")[0].lower()
            value = person.localised.get(language, {}).get(name)
            if value is None and language == person.language:
                value = person.claims[name]
            if value is not None:
                tagged[f"{name}#{tag}"] = value
        return tagged or plain

    def _spoilt(self, claims: dict[str, Any]) -> dict[str, Any]:
        """Write some claims as a product with a fault does."""
        for fault, (name, write) in _SPOILT.items():
            if name in claims and self._on(fault):
                claims[name] = write(claims[name])
        if self._on("missing-claims-as-null"):
            claims |= {name: None for name in ("nickname", "website") if name not in claims}
        return claims


def bearer(call: Call) -> str:
    """Give the access token that a request bears (RFC 6750, 2.1); empty without one."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
