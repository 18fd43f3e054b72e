"""Steps for the linked login: from the page that begins it to the consent that a wallet hands over.

How the login page shows its transaction is the vendor's own: ``linked-wallet.transaction`` under ``declares`` is a
regular expression with one group, which finds it in the page that /authorize ends at or in an address on the way.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urljoin

import orjson

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Request

from .client_steps import contract_client
from .clients import Client, stamp
from .discovery import on_the_target
from .login_steps import authorization
from .prepared_steps import wallet

__all__ = ["Transaction", "begun", "consented", "link", "linked", "proven", "transaction"]

_DECLARED = "linked-wallet.transaction"
_HOPS = 8
_AT_ONCE = 8
_PATH = "/linked-authorization"


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A login that waits for a wallet, as the browser knows it."""

    id: str
    cookies: Mapping[str, str] = field(repr=False)
    code: str = field(default="", repr=False)
    """The link code; empty: none was made."""
    linked: str = ""
    """What the wallet calls it; empty: no wallet has taken it over."""

    @property
    def xsrf(self) -> str:
        """Give what the page's own requests prove themselves by."""
        return self.cookies.get("XSRF-TOKEN", "")

    @property
    def cookie(self) -> str:
        """Give the browser's cookies as a header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @property
    def headers(self) -> Mapping[str, str]:
        """Give the headers of the page's own requests."""
        return {"X-XSRF-TOKEN": self.xsrf, "Cookie": self.cookie}


async def transaction(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Begin logins that wait for a wallet."""
    return await _each(
        stage,
        count,
        [],
        lambda one: {
            "transaction.id": one.id,
            "transaction.xsrf": one.xsrf,
            "transaction.cookie": one.cookie,
        },
    )


async def link(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Begin logins and make a link code for each."""
    return await _each(stage, count, [_coded], lambda one: _browser("link", one))


async def linked(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Begin logins that a wallet has taken over."""
    return await _each(
        stage, count, [_coded, _taken_over], lambda one: {**_browser("linked", one), "linked.id": one.linked}
    )


async def proven(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Begin logins in which the wallet has proven its person."""
    steps = [_coded, _taken_over, _authenticated]
    return await _each(stage, count, steps, lambda one: {"proven.id": one.linked})


async def consented(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Begin logins that wait for nothing but the browser to fetch the code."""
    steps = [_coded, _taken_over, _authenticated, _agreed]
    return await _each(stage, count, steps, lambda one: _browser("consented", one))


async def begun(stage: Stage, client: Client | None = None, **parameters: str) -> Transaction:
    """Begin a login as a browser does, and find its transaction; raises Prerequisite if it cannot be found."""
    client = client or await contract_client(stage)
    pattern = _pattern(stage)
    url, cookies = authorization(stage, client, **parameters), dict[str, str]()
    for _ in range(_HOPS):
        exchange = await stage.visit(_page(url, cookies), "authorize")
        cookies |= _cookies(exchange)
        response = exchange.response
        location = (response.header("location") or "") if response else ""
        text = response.body.decode("utf-8", "replace") if response else ""
        if found := pattern.search(f"{location}\n{text}"):
            return Transaction(id=found.group(1), cookies=cookies)
        url = urljoin(url, location)
        if not location or not on_the_target(url, stage.base_url):
            break
    text = N_(
        "The page that begins a login shows no transaction; check declares: {name} in product.yaml ({pattern})."
    )
    raise Prerequisite(Message(text=text, values={"name": _DECLARED, "pattern": pattern.pattern}))


def _pattern(stage: Stage) -> re.Pattern[str]:
    written = stage.declared.get(_DECLARED, "")
    try:
        pattern = re.compile(written)
    except re.error:
        pattern = re.compile("")
    if pattern.groups == 1:
        return pattern
    text = N_(
        "How a login page shows its transaction is published nowhere. Write declares: {name} in product.yaml: a regular "
        "expression with one group that finds it in the page."
    )
    raise Prerequisite(Message(text=text, values={"name": _DECLARED}))


def _page(url: str, cookies: Mapping[str, str]) -> Request:
    kept = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = (("Accept", "text/html"), *((("Cookie", kept),) if kept else ()))
    return Request(method="GET", url=url, headers=headers)


def _cookies(exchange: Exchange) -> Mapping[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for name, value in exchange.response.headers if exchange.response else ():
        if name.lower() == "set-cookie":
            try:
                jar.load(value)
            except CookieError:
                continue
    return {name: morsel.value for name, morsel in jar.items()}


_Step = Callable[[Stage, Transaction], Awaitable[None]]


async def _each(
    stage: Stage, count: int, steps: Sequence[_Step], shown: Callable[[Transaction], Resource]
) -> Sequence[Resource | Prerequisite]:
    """Carry out a login's steps so many times, a few side by side; where one fails, its trouble stands in its place."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one() -> Resource | Prerequisite:
        async with places:
            try:
                made = await begun(stage)
                for step in steps:
                    await step(stage, made)
            except Prerequisite as trouble:
                return trouble
            return shown(made)

    return await asyncio.gather(*(one() for _ in range(count)))


async def _coded(stage: Stage, one: Transaction) -> None:
    answer = await _called(stage, "link-code", {"transactionId": one.id}, one.headers)
    one.code = _said(answer, "link-code", "linkCode")


async def _taken_over(stage: Stage, one: Transaction) -> None:
    answer = await _called(stage, "link-transaction", {"linkCode": one.code})
    one.linked = _said(answer, "link-transaction", "linkTransactionId", "linkedTransactionId")


async def _authenticated(stage: Stage, one: Transaction) -> None:
    (person,) = await wallet(stage, 1)
    challenge = {
        "authFactorType": person["wallet.factor"],
        "challenge": person["wallet.challenge"],
        "format": person["wallet.format"],
    }
    fields = {
        "linkedTransactionId": one.linked,
        "individualId": person["wallet.individual"],
        "challengeList": [challenge],
    }
    await _called(stage, "linked-authenticate", fields)


async def _agreed(stage: Stage, one: Transaction) -> None:
    fields = {"linkedTransactionId": one.linked, "permittedAuthorizeScopes": [], "acceptedClaims": []}
    await _called(stage, "linked-consent", fields)


async def _called(
    stage: Stage, variant: str, fields: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """Send one of the linked login's requests, and give its response; raises Prerequisite if it is not served."""
    path = f"{_PATH}/{variant.removeprefix('linked-')}"
    body = {"requestTime": stamp(), "request": fields}
    exchange = await stage.call(variant, json_request("POST", path, body, headers))
    try:
        members = orjson.loads(exchange.response.body) if exchange.response else {}
    except ValueError:
        return {}
    response = members.get("response") if isinstance(members, dict) else None
    return response if isinstance(response, dict) else {}


def _said(answer: Mapping[str, Any], variant: str, *names: str) -> str:
    found = next((answer[name] for name in names if isinstance(answer.get(name), str)), "")
    if not found:
        text = N_("The answer to a preparing request ({variant}) says no {name}.")
        raise Prerequisite(Message(text=text, values={"variant": variant, "name": names[0]}))
    return str(found)


def _browser(resource: str, one: Transaction) -> Resource:
    """Give what the login page's own requests carry."""
    return {
        f"{resource}.transaction": one.id,
        f"{resource}.xsrf": one.xsrf,
        f"{resource}.cookie": one.cookie,
        f"{resource}.code": one.code,
    }
