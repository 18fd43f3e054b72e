"""Reads an authentication request, and says what is wrong with it in the right place."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from dpi_conformance.mockkit.calls import Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .clients import ACRS, Client
from .grants import Wanted
from .redirects import Redirects
from .state import State

__all__ = ["SCOPE_CLAIMS", "AuthorizeRequests", "SentBack"]

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "preferred_username",
        "nickname",
        "gender",
        "birthdate",
        "picture",
        "locale",
        "zoneinfo",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}
"""OpenID Connect Core 5.4."""

_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_DISPLAYS = frozenset({"page", "popup", "touch", "wap"})
_UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
"""OpenID Connect Core 3.1.2.6."""
_LONGEST_STATE = 256
_CHALLENGE_LENGTHS = range(43, 129)
"""RFC 7636, 4.2."""


class SentBack(Exception):  # noqa: N818 -- it is the answer to a request that is not valid
    """The request is refused by a redirect to the client."""

    def __init__(self, error: str, description: str, redirect_uri: str, state: str | None) -> None:
        """Take the error's code and description, and where it goes."""
        super().__init__(description)
        self.error = error
        self.description = description
        self.redirect_uri = redirect_uri
        self.state = state


class _Wrong(Exception):  # noqa: N818 -- turned into SentBack
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class AuthorizeRequests:
    """Reads authentication requests; what comes before the redirect URI is established is never redirected."""

    def __init__(self, state: State, redirects: Redirects, on: FaultSwitches) -> None:
        """Take the memory, the comparison of redirect URIs, and the faults."""
        self._state = state
        self._redirects = redirects
        self._on = on

    def read(self, values: Mapping[str, Any], call: Call) -> Wanted:
        """Give the request; raises Refused (a page) or SentBack (a redirect)."""
        client = self._client(values)
        state = values.get("state")
        redirect_uri = values.get("redirect_uri") or ""
        if not (self._on("redirect-errors-anywhere") and redirect_uri):
            redirect_uri = self._redirect_uri(client, values, call)
        try:
            wanted = self._wanted(client, redirect_uri, values)
        except _Wrong as wrong:
            if self._on("error-page-for-errors"):
                raise Refused(wrong.description) from None
            raise SentBack(wrong.error, wrong.description, redirect_uri, state) from None
        return replace(wanted, redirect_uri=self._redirect_uri(client, values, call))

    def _client(self, values: Mapping[str, Any]) -> Client:
        client_id = values.get("client_id") or ""
        client = self._state.clients.find(client_id)
        if client is None and self._on("client-id-case-ignored"):
            client = next((c for c in self._state.clients if c.client_id.lower() == client_id.lower()), None)
        if client is None:
            raise Refused("client_id names no client.")
        return client

    def _redirect_uri(self, client: Client, values: Mapping[str, Any], call: Call) -> str:
        if call.trouble and not self._on("redirect-last-wins"):
            raise Refused(call.trouble)
        given = values.get("redirect_uri") or ""
        if not given and self._on("redirect-default-used"):
            return client.redirect_uris[0]
        if self._on("redirect-last-wins"):
            return self._last_redirect_uri(client, given, call)
        if not self._redirects.registered(client, given):
            raise Refused("redirect_uri is not one that the client has registered.")
        return given

    def _last_redirect_uri(self, client: Client, given: str, call: Call) -> str:
        """Check the first of several redirect URIs and use the last, as two layers that read a query differently do."""
        several = parse_qs(call.query_string.decode("latin-1")).get("redirect_uri", [given])
        if not self._redirects.registered(client, several[0]):
            raise Refused("redirect_uri is not one that the client has registered.")
        return several[-1]

    def _wanted(self, client: Client, redirect_uri: str, values: Mapping[str, Any]) -> Wanted:
        if self._on("response-type-defaulted"):
            values = {"response_type": "code", **values}
        self._basics(client, values)
        prompts = frozenset(str(values.get("prompt", "")).split())
        if self._on("prompt-none-with-others") and len(prompts) > 1:
            prompts -= {"none"}
        if prompts - _PROMPTS or ("none" in prompts and len(prompts) > 1):
            raise _Wrong("invalid_request", "prompt is not a list of declared values, or none with others.")
        display = values.get("display", "page")
        if display not in _DISPLAYS:
            raise _Wrong("invalid_request", f"display is none of {', '.join(sorted(_DISPLAYS))}.")
        claims = _claims(values.get("claims"))
        essential, voluntary = self._claims_offered(client, values, claims)
        return Wanted(
            client=client,
            redirect_uri=redirect_uri,
            state=values.get("state"),
            nonce=values.get("nonce"),
            scopes=tuple(dict.fromkeys(values["scope"].split())),
            prompts=prompts,
            max_age=_max_age(values.get("max_age")),
            ui_locales=tuple(values.get("ui_locales", "").split()),
            claims_locales=tuple(values.get("claims_locales", "").split()),
            acrs=_acrs(client, values.get("acr_values", ""), claims),
            essential=essential,
            voluntary=voluntary,
            subject=_only_value(_member(claims, "id_token").get("sub")),
            display=display,
            **self._challenge(values),
        )

    def _basics(self, client: Client, values: Mapping[str, Any]) -> None:
        for name, error in _UNSUPPORTED.items():
            if values.get(name):
                raise _Wrong(error, f"{name} is not supported.")
        if not client.active and not self._on("inactive-client-served"):
            raise _Wrong("unauthorized_client", "The client is not active.")
        if "response_type" not in values:
            raise _Wrong("invalid_request", "response_type is missing.")
        if values["response_type"] != "code" and not self._on("response-type-not-checked"):
            raise _Wrong("unsupported_response_type", "response_type is not code.")
        if values.get("response_mode", "query") != "query":
            raise _Wrong("invalid_request", "response_mode is not query.")
        if not values.get("scope"):
            raise _Wrong("invalid_request", "scope is missing.")
        if "openid" not in values["scope"].split() and not self._on("openid-scope-not-needed"):
            raise _Wrong("invalid_scope", "scope does not hold openid.")
        if len(values.get("state") or "") > _LONGEST_STATE:
            raise _Wrong("invalid_request", f"state has more than {_LONGEST_STATE} characters.")

    def _claims_offered(
        self, client: Client, values: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the essential and the voluntary claims that are requested and that the client may have."""
        asked = {**_member(claims, "id_token"), **_member(claims, "userinfo")}
        essential = {
            name.partition("#")[0]
            for name, wish in asked.items()
            if isinstance(wish, dict) and wish.get("essential") is True
        }
        names = dict.fromkeys(name.partition("#")[0] for name in asked)
        for scope in values["scope"].split():
            names.update(dict.fromkeys(SCOPE_CLAIMS.get(scope, ())))
        unknown = [name for name in essential if not any(name in own for own in SCOPE_CLAIMS.values())]
        if unknown and self._on("essential-unknown-is-error"):
            raise _Wrong("invalid_request", "claims holds an essential claim that there is none of.")
        if self._on("claims-beyond-client") or self._on("consent-offers-too-much"):
            allowed = [name for name in names if any(name in own for own in SCOPE_CLAIMS.values())]
        else:
            allowed = [name for name in names if name in client.claims]
        return (
            tuple(name for name in allowed if name in essential),
            tuple(name for name in allowed if name not in essential),
        )

    def _challenge(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Read RFC 7636, 4.3; only S256 is taken (RFC 9700, 2.1.1)."""
        challenge = values.get("code_challenge")
        if challenge is None:
            return {}
        fault = "pkce-plain-accepted" if "code_challenge_method" in values else "pkce-plain-by-default"
        method = values.get("code_challenge_method", "plain")
        if method != "S256" and not (method == "plain" and self._on(fault)):
            raise _Wrong("invalid_request", "code_challenge_method is not S256.")
        if len(challenge) not in _CHALLENGE_LENGTHS:
            raise _Wrong("invalid_request", "code_challenge does not have 43 to 128 characters.")
        return {"challenge": challenge, "method": method}


def _claims(text: str | None) -> Mapping[str, Any]:
    """Parse the claims parameter (OpenID Connect Core 5.5)."""
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _Wrong("invalid_request", "claims is not JSON.") from None
    if not isinstance(value, dict) or any(
        not isinstance(value.get(part, {}), dict | None) for part in ("userinfo", "id_token")
    ):
        raise _Wrong("invalid_request", "claims is not an object of objects.")
    return value


def _member(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return claims.get(name) or {}


def _only_value(wish: Any) -> str:
    value = wish.get("value") if isinstance(wish, dict) else None
    return value if isinstance(value, str) else ""


def _max_age(text: str | None) -> float | None:
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 12:
        raise _Wrong("invalid_request", "max_age is not a number of seconds.")
    return float(text)


def _acrs(client: Client, asked: str, claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the contexts that will do: the requested ones that the client may use, else all of the client's."""
    wish = _member(claims, "id_token").get("acr")
    values = wish.get("values", [wish.get("value")]) if isinstance(wish, dict) else []
    wanted = [*asked.split(), *(value for value in values if isinstance(value, str))]
    own = [acr for acr in dict.fromkeys(wanted) if acr in client.acrs and acr in ACRS]
    if wanted and not own:
        raise _Wrong("invalid_request", "acr_values holds none that the client may use.")
    return tuple(own or client.acrs)
