"""What the product says of itself (OpenID Connect Discovery 3; RFC 7517, 5)."""

import base64
import json
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call
from dpi_conformance.mockkit.faults import FaultSwitches

from .clients import ACRS, USER_CLAIMS
from .keys import stray_key
from .people import PEOPLE
from .texts import LANGUAGES
from .tokens import Tokens

__all__ = ["Discovery"]


class Discovery:
    """Serves the description and the key set."""

    def __init__(self, issuer: str, tokens: Tokens, on: FaultSwitches) -> None:
        """Take the issuer's URL, whose tokens are verified by the keys, and the faults."""
        self._issuer = issuer
        self._tokens = tokens
        self._on = on

    def describe(self, _call: Call) -> Answer:
        """Give the description."""
        body = self._description()
        if self._on("discovery-other-issuer"):
            body["issuer"] = f"{self._issuer}/identity"
        if self._on("discovery-without-subject-types"):
            del body["subject_types_supported"]
        if self._on("discovery-without-signing-algorithms"):
            del body["id_token_signing_alg_values_supported"]
        if self._on("discovery-endpoint-relative"):
            body["token_endpoint"] = "/oauth/token"  # noqa: S105 -- a path
        if self._on("discovery-endpoint-dead"):
            body["userinfo_endpoint"] = f"{self._issuer}/oidc/user-info"
        self._spoil(body)
        if self._on("discovery-as-text"):
            return Answer(status=200, body=json.dumps(body).encode(), media_type="text/plain")
        return Answer(status=200, body=body)

    def _spoil(self, body: dict[str, Any]) -> None:
        """Write what only a product with a fault writes."""
        if self._on("discovery-issuer-with-query"):
            body["issuer"] = f"{self._issuer}?tenant=1"
        for fault, name, values in _OTHER_LISTS:
            if self._on(fault):
                body[name] = list(values)

    def _description(self) -> dict[str, Any]:
        at = self._issuer
        languages = {person.language for person in PEOPLE}.union(*(p.localised for p in PEOPLE))
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/oauth/token",
            "userinfo_endpoint": f"{at}/oidc/userinfo",
            "jwks_uri": f"{at}/.well-known/jwks.json",
            "registration_endpoint": f"{at}/client-mgmt/oidc-client",
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "userinfo_signing_alg_values_supported": ["RS256"],
            "userinfo_encryption_alg_values_supported": ["RSA-OAEP-256"],
            "userinfo_encryption_enc_values_supported": ["A256GCM"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": list(ACRS),
            "display_values_supported": ["page", "popup", "touch", "wap"],
            "claim_types_supported": ["normal"],
            "claims_supported": ["sub", *USER_CLAIMS],
            "claims_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "claims_locales_supported": sorted(languages),
            "ui_locales_supported": list(LANGUAGES),
        }

    def keys(self, _call: Call) -> Answer:
        """Give the key set."""
        used = self._tokens.key()
        key = used.public()
        if self._on("jwks-private-members"):
            key = {**used.key.as_dict(private=True), **key}
        if self._on("jwks-certificate-mismatch"):
            other = stray_key().public()
            key |= {name: other[name] for name in ("x5c", "x5t#S256")}
        if self._on("jwks-thumbprint-wrong"):
            key["x5t#S256"] = base64.urlsafe_b64encode(bytes(32)).rstrip(b"=").decode()
        if self._on("jwks-expired"):
            key["exp"] = "2024-02-05T13:43:07.979Z"
        keys = [key]
        if self._on("jwks-kid-repeated"):
            keys.append({**stray_key().public(), "kid": key["kid"]})
        if self._on("jwks-never-pruned"):
            old = used.key.as_dict(private=False)
            keys += [{**old, "kid": f"{used.kid}-{number}", "use": "sig"} for number in range(10_000)]
        return Answer(status=200, body={"keys": keys})


_OTHER_LISTS = (
    ("discovery-without-code", "response_types_supported", ("id_token",)),
    ("discovery-without-rs256", "id_token_signing_alg_values_supported", ("RS512",)),
    ("discovery-without-openid", "scopes_supported", ("profile", "email")),
    ("discovery-without-private-key-jwt", "token_endpoint_auth_methods_supported", ("client_secret_basic",)),
    ("discovery-subject-type-invented", "subject_types_supported", ("psut",)),
)
"""Fault, member of the description, and what a product with that fault lists there."""
