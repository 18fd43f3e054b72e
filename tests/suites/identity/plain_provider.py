"""A plain OpenID provider, small and honest: what certification allows and GovStack does not do, and what a test spoils.

Its clients have secrets, its subjects are public, its claims come as JSON, there is no at_hash, no Pragma, no session,
no lifetime in its answers, and its access tokens are opaque.
"""

import base64
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

from dpi_conformance.login.landing import Diary, Hop, Landing, Page, Session, Wish

__all__ = ["CLIENTS", "PlainProvider", "Walker", "serving"]

CLIENTS: Mapping[str, tuple[str, str]] = {
    "first": ("s3cret:of/first", "https://first.example/back"),
    "second": ("s3cret-of-second", "https://second.example/app/back?kept=1"),
}
"""By identifier: its secret and its redirect URI."""
_KEY = RSAKey.generate_key(2048, {"kid": "plain-1", "use": "sig"})


@dataclass(kw_only=True)
class PlainProvider:
    """The provider; ``spoilt`` replaces what an endpoint answers, by its name."""

    url: str = ""
    spoilt: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _access: dict[str, str] = field(default_factory=dict)
    """By access token: whose it is."""

    def application(self) -> web.Application:
        """Give its routes."""
        app = web.Application(client_max_size=2**20)
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._described),
                web.get("/keys", self._keys),
                web.get("/login", self._authorize),
                web.post("/login/done", self._logged_in),
                web.post("/token", self._token),
                web.get("/me", self._claims),
            ]
        )
        return app

    def _answer(self, name: str, body: object) -> web.Response:
        value = self.spoilt.get(name, lambda same: same)(body)
        if isinstance(value, web.Response):
            return value
        headers = {"Cache-Control": "no-store"} if name == "token" else {}
        return web.json_response(value, headers=headers)

    async def _described(self, request: web.Request) -> web.Response:
        self.requests.append(("discovery", request.path))
        body = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/login",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/me",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code", "token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }
        return self._answer("discovery", body)

    async def _keys(self, request: web.Request) -> web.Response:
        self.requests.append(("jwks", request.path))
        return self._answer("jwks", {"keys": [_KEY.as_dict(private=False)]})

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        several = [name for name in request.query if len(request.query.getall(name)) > 1]
        asked = dict(request.query)
        client = CLIENTS.get(asked.get("client_id", ""))
        if client is None or several or asked.get("redirect_uri") != client[1]:
            page = web.Response(status=400, text="<p>This link is broken.</p>", content_type="text/html")
            return self.spoilt["broken"](page) if "broken" in self.spoilt else page
        if asked.get("response_type") != "code":
            return _back(asked, error="unsupported_response_type")
        prompts = set(asked.get("prompt", "").split())
        if "none" in prompts:
            return _back(asked, error="login_required" if len(prompts) == 1 else "invalid_request")
        ticket = urlencode(asked)
        return web.Response(
            text=f'<form><input name="ticket" value="{ticket}"></form>', content_type="text/html"
        )

    async def _logged_in(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        asked = dict(parse_qsl(str(form["ticket"]), keep_blank_values=True))
        if form.get("refused"):
            return _back(asked, error="access_denied")
        if form.get("wrong"):
            return web.Response(text="<p>Wrong password.</p>", content_type="text/html")
        code = secrets.token_urlsafe(24)
        self._codes[code] = {**asked, "at": str(int(time.time())), "person": f"person-{form['person']!s}"}
        return _back(asked, code=code)

    async def _token(self, request: web.Request) -> web.Response:
        self.requests.append(("token", request.path))
        form = dict(await request.post())
        client_id = _authenticated(request)
        if client_id is None:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") != "authorization_code":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        asked = self._codes.pop(str(form.get("code")), None)
        if (
            asked is None
            or asked["client_id"] != client_id
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = secrets.token_urlsafe(24)
        self._access[access] = asked["person"]
        body = {"access_token": access, "token_type": "bearer", "id_token": self._id_token(asked)}
        return self._answer("token", body)

    def _id_token(self, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": asked["person"],
            "aud": [asked["client_id"]],
            "iat": now,
            "exp": now + 300,
            **({"nonce": asked["nonce"]} if "nonce" in asked else {}),
            **({"auth_time": int(asked["at"])} if "max_age" in asked else {}),
        }
        claims = self.spoilt.get("id_token", lambda same: same)(claims)
        return jwt.encode({"alg": "RS256", "kid": "plain-1"}, claims, _KEY)

    async def _claims(self, request: web.Request) -> web.Response:
        self.requests.append(("userinfo", request.path))
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token and "no_token" in self.spoilt:
            return self._answer("no_token", {})
        if scheme != "Bearer" or token not in self._access:
            told = 'Bearer error="invalid_token"' if token else "Bearer"
            return web.Response(status=401, headers={"WWW-Authenticate": told})
        return self._answer("userinfo", {"sub": self._access[token]})


def _authenticated(request: web.Request) -> str | None:
    """Read Basic credentials as RFC 6749 (2.3.1) writes them: each half is form-encoded."""
    scheme, _, pair = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    name, _, secret = base64.b64decode(pair).decode().partition(":")
    known = CLIENTS.get(unquote(name))
    return unquote(name) if known is not None and known[0] == unquote(secret) else None


def _back(asked: Mapping[str, str], **answer: str) -> web.Response:
    uri = asked["redirect_uri"]
    query = urlencode({**answer, **({"state": asked["state"]} if "state" in asked else {})})
    return web.Response(status=302, headers={"Location": f"{uri}{'&' if '?' in uri else '?'}{query}"})


@dataclass(kw_only=True)
class Walker:
    """A person at the plain provider's page: a login driver without a form reader."""

    fetch: Callable[[str, str, bytes], Any]

    async def land(
        self, url: str, redirect_uri: str, wish: Wish, session: Session | None = None, *, diary: Diary
    ) -> Landing:
        """Open the page, send its form, and give the redirect."""
        location, text = await self.fetch("GET", url, b"")
        hops = (Hop(method="GET", url=url, status=200),)
        if not location and 'value="' in text:
            ticket = text.partition('value="')[2].partition('"')[0]
            form = {
                "ticket": ticket,
                "person": wish.person or "first",
                **({"refused": "1"} if wish.refuse else {}),
                **({"wrong": "1"} if wish.wrong_secret else {}),
            }
            location, text = await self.fetch(
                "POST", url.partition("/login")[0] + "/login/done", urlencode(form).encode()
            )
        if location.startswith(redirect_uri):
            return Landing(url=location, refused=wish.refuse, asked=("login",), hops=hops)
        return Landing(left=location, page=Page(status=200, url=url, text=text))

    async def aclose(self) -> None:
        """Let go of nothing."""


@contextlib.asynccontextmanager
async def serving(provider: PlainProvider) -> AsyncIterator[str]:
    """Serve it on a free port of this machine; gives its address."""
    runner = web.AppRunner(provider.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield provider.url
    finally:
        await runner.cleanup()
