"""Tokens by OAuth 2 client credentials (RFC 6749, 4.4): fetched when first needed, kept, renewed once on a 401."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from dpi_conformance.catalogue.target import OAuth2Auth
from dpi_conformance.errors import TargetError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Response

__all__ = ["Post", "TokenSource"]

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[Exchange]]
"""Sends a form to an absolute URL with these headers."""

_LEEWAY_SECONDS = 60


class TokenSource:
    """Gives the token of one client; one request at a time asks the authorization server."""

    def __init__(self, auth: OAuth2Auth, post: Post) -> None:
        """Take the client's identity; nothing is sent yet."""
        self.seen: set[str] = set()
        self._auth = auth
        self._post = post
        self._token: Any = None
        self._asking = asyncio.Lock()
        self._renewed = False

    async def token(self) -> str:
        """Give a token that has not expired; raises TargetError where none is given."""
        if self._stale():
            async with self._asking:
                if self._stale():
                    self._token = await self._fetched()
        return str(self._token["access_token"])

    async def renewed(self, refused: str) -> str | None:
        """Give another token in place of a refused one; None where the last renewal did not help."""
        async with self._asking:
            if self._token is None or self._token["access_token"] != refused:
                return None if self._token is None else str(self._token["access_token"])
            if self._renewed:
                return None
            self._renewed = True
            self._token = await self._fetched()
            return str(self._token["access_token"])

    def accepted(self) -> None:
        """Allow another renewal."""
        self._renewed = False

    def _stale(self) -> bool:
        if self._token is None:
            return True
        lifetime = self._token.get("expires_in") or 0
        return bool(self._token.is_expired(leeway=min(_LEEWAY_SECONDS, int(lifetime) // 10)))

    async def _fetched(self) -> Any:
        from authlib.oauth2.rfc6749 import OAuth2Token  # type: ignore[import-untyped]  # noqa: PLC0415 -- 50 ms, for OAuth 2 only

        url, headers, body = _asked(self._auth)
        exchange = await self._post(url, headers, body)
        if exchange.response is None:
            raise self._trouble(
                N_("The authorization server did not answer: {said}. Check auth.token_url in product.yaml."),
                f"{exchange.trouble.kind}: {exchange.trouble.detail}" if exchange.trouble else "-",
            )
        answer = _members(exchange.response)
        if exchange.response.status != 200 or not isinstance(answer.get("access_token"), str):
            raise self._refused(exchange.response, answer)
        if str(answer.get("token_type", "bearer")).lower() != "bearer":
            raise self._trouble(
                N_(
                    "The authorization server gives tokens of type {said}; the harness sends bearer tokens only. "
                    "Ask for a client that gets bearer tokens, or use another auth.type in product.yaml."
                ),
                str(answer["token_type"]),
            )
        self.seen.add(answer["access_token"])
        return OAuth2Token({**answer, "expires_in": _seconds(answer.get("expires_in"))})

    def _refused(self, response: Response, answer: Mapping[str, Any]) -> TargetError:
        said = " ".join(str(answer[key]) for key in ("error", "error_description") if answer.get(key))
        return self._trouble(
            N_(
                "The authorization server gave no token: {said}. Check auth.client_id, auth.client_secret, auth.scope "
                "and auth.client_auth (basic or post) in product.yaml, and that auth.token_url is its token endpoint."
            ),
            f"HTTP {response.status} {said or response.body[:120].decode('utf-8', 'replace')}".rstrip(),
        )

    def _trouble(self, text: str, said: str) -> TargetError:
        return TargetError(
            Message(
                text=text,
                values={
                    "said": said.replace(self._auth.client_secret, "…")[:300],
                    "url": self._auth.token_url,
                },
            )
        )


def _asked(auth: OAuth2Auth) -> tuple[str, Mapping[str, str], bytes]:
    """Make the request for a token."""
    from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]  # noqa: PLC0415 -- 50 ms, for OAuth 2 only
    from authlib.oauth2.rfc6749.parameters import (  # type: ignore[import-untyped]  # noqa: PLC0415
        prepare_token_request,
    )

    form = prepare_token_request("client_credentials", scope=auth.scope, audience=auth.audience)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    client = ClientAuth(auth.client_id, auth.client_secret, f"client_secret_{auth.client_auth}")
    url, headers, form = client.prepare("POST", auth.token_url, headers, form)
    return url, headers, form.encode()


def _members(response: Response) -> Mapping[str, Any]:
    try:
        members = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return members if isinstance(members, dict) else {}


def _seconds(lifetime: object) -> int | None:
    """Read ``expires_in``, which some servers write as a text."""
    try:
        return max(int(str(lifetime)), 1)
    except ValueError:
        return None
