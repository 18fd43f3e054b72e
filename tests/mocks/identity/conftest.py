"""The identity mock in this process, with a browser, a relying party, and a clock that a test can move."""

import asyncio
import html
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jsonschema_rs
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import KeySet, RSAKey

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.mockkit.settings import MockSettings
from dpi_conformance.model.spec import Spec

ISSUER = "http://idp.test"
TOKEN = "secret"
REDIRECT = "https://rp.example/back"
ACRS = Pack.builtin().load("mocks.identity.clients").ACRS
PEOPLE = {person.key: person for person in Pack.builtin().load("mocks.identity.people").PEOPLE}
OTP = Pack.builtin().load("mocks.identity.people").TEST_OTP
NOW = "2026-11-25T08:00:00.000Z"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def rsa_key(name: str = "client") -> RSAKey:
    """Give a key of this name, made once."""
    del name
    return RSAKey.generate_key(2048)


def registration(client_id: str = "c1", **changes: Any) -> dict[str, Any]:
    return {
        "clientId": client_id,
        "clientName": "Health Service",
        "relyingPartyId": "party",
        "logoUri": "https://rp.example/logo.png",
        "redirectUris": [REDIRECT],
        "authContextRefs": list(ACRS),
        "publicKey": rsa_key().as_dict(private=False),
        "userClaims": ["name", "given_name", "email", "birthdate", "address", "phone_number"],
        "grantTypes": ["authorization_code"],
        "clientAuthMethods": ["private_key_jwt"],
        **changes,
    }


def enveloped(**request: Any) -> dict[str, Any]:
    return {"requestTime": NOW, "request": request}


def code_of(answer: httpx.Response) -> str:
    """Give the one error code of an envelope."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "response" not in body or body["response"] is None
    (error,) = body["errors"]
    return str(error["errorCode"])


def parameters(answer: httpx.Response) -> dict[str, list[str]]:
    """Give the parameters of a redirect to the client."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(REDIRECT), location
    return parse_qs(urlsplit(location).query, keep_blank_values=True)


@dataclass(kw_only=True)
class Product:
    """The product with its caller."""

    client: httpx.AsyncClient
    state: Any
    spec: Spec
    clock: "Clock"
    seen: list[tuple[str, httpx.Response]] = field(default_factory=list)

    async def manage(self, method: str, path: str, request: Mapping[str, Any], **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", **more.pop("headers", {})}
        body = {**enveloped(**request), **more}
        return await self.client.request(method, path, json=body, headers=headers)

    async def register(self, client_id: str = "c1", **changes: Any) -> httpx.Response:
        answer = await self.manage("POST", "/client-mgmt/oidc-client", registration(client_id, **changes))
        self.valid(answer, "client-create")
        return answer

    def valid(self, answer: httpx.Response, variant_id: str) -> Any:
        """Hold an answer to its schema and give its body."""
        declared = {r.status: r.content for r in self.spec.variant(variant_id).responses}
        schema = declared[str(answer.status_code)].get("application/json")
        body = answer.json()
        if schema is not None:
            jsonschema_rs.Draft202012Validator(dict(schema)).validate(body)
        return body

    async def authorize(self, **changes: Any) -> httpx.Response:
        wanted = {
            "scope": "openid",
            "response_type": "code",
            "client_id": "c1",
            "redirect_uri": REDIRECT,
            "state": "s",
            "nonce": "n",
            **changes,
        }
        return await self.client.get("/authorize", params={k: v for k, v in wanted.items() if v is not None})

    async def press(self, page: httpx.Response, button: str, **filled: Any) -> httpx.Response:
        """Fill a page's form in and press a button, then follow the product's own redirects."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action, page.text
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        name, value = button.split("=")
        data = {**{key: html.unescape(text) for key, text in hidden}, **filled, name: value}
        answer = await self.client.post(action[1], data=data)
        while answer.status_code == 303 and answer.headers["location"].startswith("/"):
            answer = await self.client.get(answer.headers["location"])
        return answer

    async def log_in(self, person: str = "marie", **changes: Any) -> httpx.Response:
        """Log a person in with the PIN; gives the consent page, or the redirect."""
        page = await self.authorize(**changes)
        if page.status_code == 303:
            return page
        someone = PEOPLE[person]
        return await self.press(page, "action=login", individual_id=someone.uin, pin=someone.pin)

    async def code(self, **changes: Any) -> str:
        return parameters(await self.log_in(**changes))["code"][0]

    def assertion(
        self, key: RSAKey | None = None, header: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        now = int(self.clock())
        said = {
            "iss": "c1",
            "sub": "c1",
            "aud": f"{ISSUER}/oauth/token",
            "iat": now,
            "exp": now + 60,
            **claims,
        }
        made = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": "RS256", **(header or {})}, made, key or rsa_key())

    async def exchange(self, given: str, /, **changes: Any) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": given,
            "client_id": "c1",
            "redirect_uri": REDIRECT,
            "client_assertion_type": JWT_BEARER,
            "client_assertion": self.assertion(),
            **changes,
        }
        answer = await self.client.post("/oauth/token", data={k: v for k, v in form.items() if v is not None})
        self.valid(answer, "token")
        return answer

    async def claims(self, token: str) -> dict[str, Any]:
        """Read a token by the published keys."""
        keys = KeySet.import_key_set((await self.client.get("/.well-known/jwks.json")).json())
        return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)

    async def userinfo(self, access: str) -> dict[str, Any]:
        answer = await self.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {access}"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt"), answer.text
        opened = jwe.decrypt_compact(answer.content, rsa_key(), algorithms=["RSA-OAEP-256", "A256GCM"])
        assert opened.plaintext is not None
        return await self.claims(opened.plaintext.decode())


class Clock:
    """Gives the time, and can be moved."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


Steps = Callable[[Product], Awaitable[None]]


async def _played(steps: Steps, faults: frozenset[str]) -> None:
    pack, clock = Pack.builtin(), Clock()
    state = pack.load("mocks.identity.state").State(clock)
    settings = MockSettings(token=TOKEN, faults=faults, public_url=ISSUER)
    app = pack.load("mocks.identity.app").create_app(settings, state)
    spec = load_spec(pack.spec("identity", "openapi.yaml"))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as client:
        await steps(Product(client=client, state=state, spec=spec, clock=clock))


@pytest.fixture
def play() -> Callable[..., None]:
    """Run the steps of a test on a fresh product: ``play(steps, "fault", …)``."""

    def run(steps: Steps, *faults: str) -> None:
        asyncio.run(_played(steps, frozenset(faults)))

    return run


def asked(**claims: Any) -> str:
    """Write the claims parameter: ``asked(name=True)`` is essential, ``asked(name=False)`` voluntary."""
    return json.dumps(
        {"userinfo": {name: {"essential": True} if must else None for name, must in claims.items()}}
    )
