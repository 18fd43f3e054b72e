"""Steps for tokens: a login by the driver that product.yaml names, and what comes of it."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode

import orjson

from dpi_conformance.execution.slots import Anew
from dpi_conformance.execution.steps import Prerequisite, Resource, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Request

from .assertions import ASSERTION_TYPE, Assertion
from .client_steps import contract_client
from .clients import Client, once

__all__ = ["access", "authorization", "login"]

_AT_ONCE = 8
"""So many people log in at the same moment."""
_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


async def login(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Give the codes of so many logins, each with an assertion that is signed anew for each request."""
    client = await contract_client(stage)
    audience = await _audience(stage)
    places = asyncio.Semaphore(_AT_ONCE)

    async def one() -> Resource:
        async with places:
            return await _logged_in(stage, client, audience)

    done = await asyncio.gather(*(one() for _ in range(count)), return_exceptions=True)
    return [_settled(result) for result in done]


async def access(stage: Stage, count: int) -> Sequence[Resource]:
    """Give an access token, the same for all requests: reading claims uses nothing up."""
    token = await once(stage, "identity.contract.access", lambda: _token(stage))
    return [{"access.token": token}] * count


def authorization(stage: Stage, client: Client, **more: str) -> str:
    """Give the address at which a login for this client begins, by the published path."""
    pairs = {
        "scope": "openid",
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "state": stage.fresh.identifier(24),
        "nonce": stage.fresh.identifier(24),
        **more,
    }
    return f"{stage.base_url.rstrip('/')}/authorize?{urlencode(pairs, quote_via=quote, safe='')}"


def _settled(result: Resource | BaseException) -> Resource | Prerequisite:
    if isinstance(result, BaseException) and not isinstance(result, Prerequisite):
        raise result
    return result


async def _logged_in(stage: Stage, client: Client, audience: str) -> Resource:
    landing = await stage.land(authorization(stage, client), client.redirect_uri)
    code = landing.get("code")
    if not code:
        error = f"{landing.get('error')} {landing.get('error_description')}".strip()
        page = f"HTTP {landing.page.status} {landing.page.url}" if landing.page else "-"
        text = N_("A login in its valid form brought no code: {landing}.")
        raise Prerequisite(Message(text=text, values={"landing": (error or page)[:200]}))
    return {
        "login.code": code,
        "login.client": client.id,
        "login.redirect": client.redirect_uri,
        "login.assertion": Anew(lambda: _assertion(client, audience)),
    }


def _assertion(client: Client, audience: str) -> str:
    assert client.key is not None, "contract_client gives none without a key"
    identifier = secrets.token_urlsafe(18)
    return Assertion.of(client.id, audience, client.key, jti=identifier, algorithm=client.algorithm).signed()


async def _audience(stage: Stage) -> str:
    """Give whom assertions are for: the token endpoint, or the issuer where the vendor declares so."""
    if stage.declared.get("assertion.audience") != "issuer":
        return f"{stage.base_url.rstrip('/')}/oauth/token"
    asked = Request(method="GET", url="/.well-known/openid-configuration")
    return str(_members(await stage.call("discovery", asked)).get("issuer", ""))


async def _token(stage: Stage) -> str:
    (given,) = await login(stage, 1)
    if isinstance(given, Prerequisite):
        raise given
    assertion = given["login.assertion"]
    form = {
        "grant_type": "authorization_code",
        "code": given["login.code"],
        "client_id": given["login.client"],
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion.make() if isinstance(assertion, Anew) else assertion,
        "redirect_uri": given["login.redirect"],
    }
    request = Request(method="POST", url="/oauth/token", headers=_FORM, body=urlencode(form).encode())
    token = str(_members(await stage.call("token", request)).get("access_token", ""))
    if not token:
        raise Prerequisite(Message(text=N_("A token request in its valid form brought no access token.")))
    stage.wire.learn(token)
    return token


def _members(exchange: Exchange) -> Mapping[str, object]:
    try:
        members = orjson.loads(exchange.response.body) if exchange.response else {}
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}
