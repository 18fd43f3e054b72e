"""Client management: a relying party's clients are made and changed (GovStack Identity, /client-mgmt)."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .clients import Client
from .envelopes import Envelopes
from .state import State

__all__ = ["ClientOperations", "read_key"]

_LEAST_BITS = 2048
_MOST_BITS = 8192
_SHORT_COLUMN = 100
_FIELDS = frozenset(
    {
        "clientId",
        "clientName",
        "relyingPartyId",
        "logoUri",
        "redirectUris",
        "authContextRefs",
        "publicKey",
        "userClaims",
        "grantTypes",
        "clientAuthMethods",
    }
)
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})


class ClientOperations:
    """Makes and changes clients."""

    def __init__(self, state: State, envelopes: Envelopes, on: FaultSwitches) -> None:
        """Take the memory, the envelope of answers, and the faults."""
        self._state = state
        self._envelopes = envelopes
        self._on = on

    def create(self, call: Call) -> Answer:
        """Make a client, which is active at once; an identifier that is taken is refused and changes nothing."""
        self._envelopes.check_time(call)
        request = call.body["request"]
        client_id = request["clientId"]
        if not client_id.isprintable() or client_id.strip() != client_id:
            raise Refused(
                "clientId holds characters that cannot be sent in a query.", code="invalid_client_id"
            )
        if self._on("registration-refused-always") and client_id != client_id.lower():
            raise Refused("clientId has capital letters.", code="invalid_client_id")
        self._check_faulty(request)
        if self._taken(client_id) and not self._on("duplicate-client-overwrites"):
            self._overwritten(client_id, request)
            raise Refused("clientId is taken.", code="duplicate_client_id")
        if self._on("refused-registration-kept"):
            self._state.clients.keep(_unchecked(request))
        client = Client(
            client_id=client_id,
            relying_party=request["relyingPartyId"],
            public_key=self._key(request["publicKey"]),
            **_details(request),
        )
        self._state.clients.keep(client)
        if call.headers.get("authorization", "") in self._state.turned_away:
            raise Refused("The Authorization header bears no valid token.", status=401)
        echoed = client_id.lower() if self._on("client-id-lowered") else client_id
        return self._envelopes.answer(call, {"clientId": echoed})

    def _check_faulty(self, request: Mapping[str, Any]) -> None:
        """Refuse what is valid, as a product with a fault does."""
        if self._on("client-name-short-column") and len(request["clientName"]) > _SHORT_COLUMN:
            raise Refused("clientName is too long for its column.", code="invalid_client_name")
        if self._on("registration-field-refused") and request.keys() - _FIELDS:
            raise Refused("request has an unknown field.", code="invalid_input")

    def _overwritten(self, client_id: str, request: Mapping[str, Any]) -> None:
        """Write a refused registration's addresses, as a product with a fault does."""
        known = self._state.clients.find(client_id)
        if known is not None and self._on("duplicate-refused-yet-written"):
            self._state.clients.keep(replace(known, redirect_uris=tuple(request["redirectUris"])))

    def _taken(self, client_id: str) -> bool:
        if self._state.clients.find(client_id) is not None:
            return True
        return self._on("client-id-unique-without-case") and any(
            client.client_id.lower() == client_id.lower() for client in self._state.clients
        )

    def _key(self, jwk: Mapping[str, Any]) -> Mapping[str, Any]:
        return dict(jwk) if self._on("public-key-not-checked") else read_key(jwk)

    def update(self, call: Call) -> Answer:
        """Change a client, all but its key and its relying party; the same request again changes nothing more."""
        self._envelopes.check_time(call)
        request = call.body["request"]
        client = self._state.clients.find(call.path["client_id"])
        if client is None:
            if self._on("update-of-nothing-succeeds"):
                return self._envelopes.answer(call, {"clientId": call.path["client_id"]})
            if self._on("update-of-unknown-other-code"):
                raise Refused("clientName names no client.", code="invalid_client_name")
            raise Refused("client_id names no client.", code="invalid_client_id")
        details = _details(request)
        changed = self._spoilt(
            client, replace(client, active=request["status"] == "active", **details), request
        )
        self._state.clients.keep(changed)
        return self._envelopes.answer(call, {"clientId": client.client_id})

    def _spoilt(self, client: Client, changed: Client, request: Mapping[str, Any]) -> Client:
        """Give a changed client as a product with a fault keeps it."""
        if self._on("update-changes-key") and "publicKey" in request:
            changed = replace(changed, public_key=read_key(request["publicKey"]))
        if self._on("update-adds-redirects"):
            both = dict.fromkeys((*client.redirect_uris, *changed.redirect_uris))
            changed = replace(changed, redirect_uris=tuple(both))
        if self._on("update-drops-new-redirects"):
            changed = replace(changed, redirect_uris=client.redirect_uris)
        if self._on("inactive-for-ever") and not client.active:
            changed = replace(changed, active=False)
        if self._on("update-refused-when-same") and changed == client:
            raise Refused("Nothing is changed.", code="invalid_request")
        if self._on("update-ignores-status"):
            changed = replace(changed, active=client.active)
        if self._on("update-keeps-claims"):
            changed = replace(changed, claims=client.claims)
        return changed


def _unchecked(request: Mapping[str, Any]) -> Client:
    """Make a client of a registration whose key nobody has looked at."""
    return Client(
        client_id=request["clientId"],
        relying_party=request["relyingPartyId"],
        public_key=dict(request["publicKey"]),
        **_details(request),
    )


def _details(request: Mapping[str, Any]) -> dict[str, Any]:
    for uri in request["redirectUris"]:
        _check_redirect(uri)
    return {
        "name": request["clientName"],
        "logo": request["logoUri"],
        "redirect_uris": tuple(request["redirectUris"]),
        "acrs": tuple(dict.fromkeys(request["authContextRefs"])),
        "claims": frozenset(request["userClaims"]),
    }


def _check_redirect(uri: str) -> None:
    """Refuse what no redirect may lead to (RFC 6749, 3.1.2: absolute, no fragment)."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise Refused("redirectUris holds what is no URI.", code="invalid_redirect_uri") from None
    if not parts.scheme or parts.fragment or "#" in uri or parts.scheme in {"javascript", "data"}:
        raise Refused(
            "redirectUris holds a URI that is not absolute or has a fragment.", code="invalid_redirect_uri"
        )


def read_key(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Give a public RSA key of 2048 bits or more (RFC 7518, 3.3); raises Refused (invalid_public_key)."""
    if jwk.get("kty") != "RSA" or _PRIVATE & jwk.keys():
        raise Refused("publicKey is no public RSA key.", code="invalid_public_key")
    if jwk.get("use", "sig") not in {"sig", "enc"} or jwk.get("alg", "RS256") not in {
        "RS256",
        "RSA-OAEP-256",
    }:
        raise Refused("publicKey is not meant for RS256.", code="invalid_public_key")
    if not _LEAST_BITS <= _bits(jwk.get("n")) <= _MOST_BITS:
        raise Refused(f"publicKey does not have {_LEAST_BITS} bits or more.", code="invalid_public_key")
    try:
        RSAKey.import_key({name: jwk[name] for name in ("kty", "n", "e")})
    except (JoseError, ValueError, KeyError, TypeError):
        raise Refused("publicKey is no JWK.", code="invalid_public_key") from None
    return dict(jwk)


def _bits(modulus: object) -> int:
    """Count the bits of a modulus as a JWK has it (RFC 7518, 6.3.1.1); 0 if it is none."""
    if not isinstance(modulus, str) or len(modulus) > _MOST_BITS:
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    except ValueError:
        return 0
