"""Who may call what: tokens of the trusted IAM with scopes, partners with keys, pages with XSRF tokens."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from dpi_conformance.mockkit.calls import Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.model.spec import Variant

from .sessions import XSRF
from .state import State

__all__ = ["PARTNER", "Admission", "iam_token", "partner_key"]

PARTNER = "wallet-partner"
_SCOPES = {
    "client-create": "add_oidc_client",
    "client-update": "update_oidc_client",
    "wallet-binding": "wallet_binding",
    "enroll": "enrollment",
}
_SKEW = 5.0
_CREDENTIALS = "credential_management"
_FROM_PAGES = frozenset({"link-code", "link-status", "link-auth-code"})


def _shared(token: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(token.encode()).digest())


def iam_token(token: str, scope: str, now: float, seconds: float = 86400.0) -> str:
    """Make a token as the trusted IAM system does, good from ``now``; ``token`` is the secret that both share."""
    begin = int(now)
    claims = {"iss": "test-iam", "scope": scope, "iat": begin, "nbf": begin, "exp": int(now + seconds)}
    return jwt.encode({"alg": "HS256"}, claims, _shared(token), algorithms=["HS256"])


def partner_key(token: str) -> str:
    """Give the API key of the wallet's partner."""
    return hmac.new(token.encode(), PARTNER.encode(), hashlib.sha256).hexdigest()


class Admission:
    """Lets callers in, operation by operation."""

    def __init__(self, state: State, token: str, on: FaultSwitches) -> None:
        """Take the memory, for its clock, the secret that proves a caller (empty: all are let in), and the faults."""
        self._state = state
        self._token = token
        self._on = on

    def admit(self, arrived: Arrival, variant: Variant) -> None:
        """Raise Refused (401 or 403) for a caller who may not call this operation."""
        if variant.id in _FROM_PAGES:
            self._check_xsrf(arrived, variant)
        if not variant.secured or variant.id == "userinfo" or not self._token:
            return
        if self._on("open-to-everybody", variant.id):
            return
        if variant.id == "wallet-binding" and self._on("binding-token-not-checked"):
            self._check_partner(arrived)
            return
        try:
            self._check_scope(arrived, _SCOPES.get(variant.id, _CREDENTIALS))
        except Refused:
            if variant.id == "client-create" and self._on("unauthorised-yet-created"):
                self._state.turned_away.add(arrived.headers.get("authorization", ""))
                return
            raise
        if variant.id == "wallet-binding":
            self._check_partner(arrived)

    def _check_scope(self, arrived: Arrival, scope: str) -> None:
        if self._on("no-auth-check") or arrived.bears(self._token):
            return
        _, _, given = arrived.headers.get("authorization", "").partition(" ")
        if given and self._on("wrong-token-accepted"):
            return
        challenge = {} if self._on("no-www-authenticate") else {"www-authenticate": 'Bearer realm="identity"'}
        try:
            claims = self._claims(given.strip())
        except (JoseError, ValueError, TypeError, RecursionError):
            raise Refused(
                "The Authorization header bears no valid token.", status=401, headers=challenge
            ) from None
        self._check_times(claims, challenge)
        if scope not in str(claims.get("scope", "")).split() and not self._on("scope-not-checked"):
            raise Refused(f"The token does not have the scope {scope}.", status=401, headers=challenge)

    def _check_times(self, claims: Mapping[str, Any], challenge: Mapping[str, str]) -> None:
        """Compare a token's times with the clock (RFC 7519, 4.1.4 and 4.1.5)."""
        now = self._state.clock()
        if float(claims.get("exp", 0)) <= now and not self._on("iam-expiry-not-checked"):
            raise Refused("The token has expired.", status=401, headers=challenge)
        if float(claims.get("nbf", 0)) > now + _SKEW and not self._on("iam-not-before-not-checked"):
            raise Refused("The token is not good yet.", status=401, headers=challenge)

    def _claims(self, given: str) -> Mapping[str, Any]:
        if self._on("iam-signature-not-checked"):
            part = given.split(".")[1] if "." in given else ""
            return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))
        return jwt.decode(given, _shared(self._token), algorithms=["HS256"]).claims

    def _check_partner(self, arrived: Arrival) -> None:
        key = arrived.headers.get("partner-api-key")
        if key is None or "partner-id" not in arrived.headers or self._on("partner-not-checked"):
            return
        known = arrived.headers["partner-id"] == PARTNER
        if not known or not hmac.compare_digest(key.encode(), partner_key(self._token).encode()):
            raise Refused("PARTNER-ID and PARTNER-API-KEY name no partner.", code="invalid_request")

    def _check_xsrf(self, arrived: Arrival, variant: Variant) -> None:
        """Compare the header with the cookie, which another site's page cannot read (GovStack Identity 8.1)."""
        header = arrived.headers.get("x-xsrf-token", "")
        cookie = Call(variant=variant, headers=arrived.headers).cookie(XSRF)
        if not header and self._on("xsrf-not-checked") and isinstance(arrived.headers, dict):
            arrived.headers["x-xsrf-token"] = cookie  # the cookie alone will do
            return
        if header and self._on("xsrf-cookie-not-compared"):
            return
        if not header or not hmac.compare_digest(header.encode(), cookie.encode()):
            raise Refused("X-XSRF-TOKEN is not what the cookie XSRF-TOKEN holds.", status=403)
