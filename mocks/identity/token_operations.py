"""The token endpoint (GovStack Identity, POST /oauth/token; RFC 6749, 4.1.3)."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .assertions import ASSERTION_TYPE, Assertions
from .clients import Client
from .grants import Code
from .state import State
from .tokens import Tokens

__all__ = ["TokenOperations"]

_UNCACHED = {"cache-control": "no-store", "pragma": "no-cache"}
_RACE_SECONDS = 0.1


class TokenOperations:
    """Exchanges codes for tokens."""

    def __init__(self, state: State, assertions: Assertions, tokens: Tokens, on: FaultSwitches) -> None:
        """Take the memory, the check of clients, the maker of tokens, and the faults."""
        self._state = state
        self._assertions = assertions
        self._tokens = tokens
        self._on = on

    async def exchange(self, call: Call) -> Answer:
        """Give tokens for a code; what is refused before the code is looked at leaves it good."""
        if call.trouble:
            raise Refused(call.trouble, code="invalid_request")
        form = _fields(call.body)
        if form.get("grant_type") != "authorization_code" and not self._unread(form, "grant_type"):
            raise _refused("invalid_request", "grant_type is not authorization_code.")
        client = self._authenticated(form)
        code = self._code(client, form)
        if self._on("code-race"):
            await asyncio.sleep(_RACE_SECONDS)
        code.used = True
        headers = {} if self._on("token-answer-cacheable") else dict(_UNCACHED)
        if self._on("token-pragma-missing"):
            headers.pop("pragma", None)
        body = self._tokens.made(code)
        if self._on("token-answer-as-text"):
            return Answer(
                status=200, body=json.dumps(body).encode(), media_type="text/plain", headers=headers
            )
        return Answer(status=200, body=body, headers=headers)

    def _unread(self, form: Mapping[str, str], name: str) -> bool:
        """Tell whether a product with a fault is content that a field is there."""
        return bool(form.get(name)) and self._on("token-fields-not-read")

    def _authenticated(self, form: Mapping[str, str]) -> Client:
        given = form.get("client_assertion_type")
        unread = self._unread(form, "client_assertion_type")
        if (
            given != ASSERTION_TYPE
            and not unread
            and not (given is None and self._on("assertion-type-not-needed"))
        ):
            raise _refused("invalid_assertion_type", "client_assertion_type is missing, or not jwt-bearer.")
        assertion = form.get("client_assertion", "")
        client = self._state.clients.find(form.get("client_id", ""))
        if not assertion and self._on("client-not-authenticated") and client is not None:
            return client
        if not assertion:
            raise _refused("invalid_assertion", "client_assertion is missing.")
        if client is None:
            raise _refused("invalid_assertion", "client_id is missing, or names no client.")
        self._assertions.check(client, assertion)
        if not client.active and not self._on("inactive-client-gets-tokens"):
            raise _refused("invalid_assertion", "The client is not active.")
        return client

    def _code(self, client: Client, form: Mapping[str, str]) -> Code:
        """Give the code that this client may exchange now."""
        code = self._state.codes.get(form.get("code", ""))
        if code is None and self._on("code-guess-accepted") and "code" in form:
            code = next(
                (
                    one
                    for one in reversed(self._state.codes.values())
                    if one.grant.client_id == client.client_id
                ),
                None,
            )
        if code is None:
            raise _refused("invalid_transaction", "code is missing, or was not given out.")
        grant = code.grant
        if grant.client_id != client.client_id and not self._shared(client, form):
            raise _refused("invalid_transaction", "code was given to another client.")
        if "redirect_uri" not in form and not self._on("token-redirect-not-needed"):
            raise _refused("invalid_redirect_uri", "redirect_uri is missing.")
        given = form.get("redirect_uri", grant.wanted.redirect_uri)
        if given != grant.wanted.redirect_uri and not self._taken_for(client, given):
            raise _refused(
                "invalid_redirect_uri", "redirect_uri is not the one of the authentication request."
            )
        if code.used and not self._on("code-reusable"):
            self._revoke(code)
            raise _refused("invalid_transaction", "code was used before.")
        if code.expires <= self._state.clock() and not self._on("code-never-expires"):
            raise _refused("invalid_transaction", "code has expired.")
        self._check_verifier(code, form)
        return code

    def _shared(self, client: Client, form: Mapping[str, str]) -> bool:
        """Tell whether a product with a fault exchanges another client's code for this one."""
        by_address = self._on("code-bound-to-address-only")
        return self._on("code-not-bound-to-client") or (
            by_address and form.get("redirect_uri") in client.redirect_uris
        )

    def _taken_for(self, client: Client, given: str) -> bool:
        """Tell whether a product with a fault takes another redirect URI for the code's own."""
        registered = self._on("code-bound-to-registration") and given in client.redirect_uris
        return registered or self._on("code-not-bound-to-redirect")

    def _revoke(self, code: Code) -> None:
        """Take back what a code was exchanged for: somebody else may have it (RFC 6749, 4.1.2)."""
        if self._on("tokens-survive-replay"):
            return
        for jti in code.access:
            self._state.access[jti].revoked = True

    def _check_verifier(self, code: Code, form: Mapping[str, str]) -> None:
        """Compare RFC 7636, 4.6."""
        wanted, verifier = code.grant.wanted, form.get("code_verifier")
        if not wanted.challenge:
            if verifier is not None and not self._on("pkce-verifier-without-challenge"):
                raise _refused("invalid_transaction", "code_verifier came for a code without a challenge.")
            return
        if self._on("pkce-verifier-not-checked") or (
            verifier is None and self._on("pkce-verifier-not-needed")
        ):
            return
        given = verifier or ""
        if wanted.method == "S256":
            if self._on("pkce-long-verifier-refused"):
                given = given[:64]
            digest = hashlib.sha256(given.encode()).digest()
            given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if verifier == wanted.challenge and self._on("pkce-challenge-as-verifier"):
                return
        if not hmac.compare_digest(given.encode(), wanted.challenge.encode()):
            raise _refused("invalid_transaction", "code_verifier does not fit the challenge.")


def _fields(body: Any) -> dict[str, str]:
    """Give a form's fields, each of which may come once (RFC 6749, 3.2)."""
    form = body or {}
    for name, value in form.items():
        if not isinstance(value, str):
            raise _refused("invalid_request", f"{name[:40]} came several times.")
    return {name: value for name, value in form.items() if value}


def _refused(code: str, text: str) -> Refused:
    return Refused(text, code=code)
