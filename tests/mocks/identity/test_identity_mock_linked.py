"""The login by a wallet: its one way, and what turns it back."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt

from dpi_conformance.catalogue.packs import Pack
from tests.mocks.identity.conftest import (
    ISSUER,
    PEOPLE,
    REDIRECT,
    TOKEN,
    Product,
    asked,
    code_of,
    enveloped,
    parameters,
    rsa_key,
)

Play = Callable[..., None]
MARIE = PEOPLE["marie"]
PIN = {"authFactorType": "PIN", "challenge": MARIE.pin, "format": "number"}
BINDING_HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "PARTNER-ID": Pack.builtin().load("mocks.identity.admission").PARTNER,
    "PARTNER-API-KEY": Pack.builtin().load("mocks.identity.admission").partner_key(TOKEN),
}


class Wallet:
    """The page and the wallet of one linked login."""

    def __init__(self, product: Product, transaction: str) -> None:
        self.product = product
        self.transaction = transaction
        self.code = ""
        self.id = ""

    @classmethod
    async def begun(cls, product: Product, **changes: Any) -> "Wallet":
        page = await product.authorize(**changes)
        found = re.search(r'name="transactionId" value="([^"]+)"', page.text)
        assert found
        return cls(product, found[1])

    async def page(
        self, operation: str, headers: dict[str, str] | None = None, **request: str
    ) -> httpx.Response:
        own = {"X-XSRF-TOKEN": self.product.client.cookies["XSRF-TOKEN"]}
        body = enveloped(transactionId=self.transaction, **request)
        answer = await self.product.client.post(
            f"/linked-authorization/{operation}", json=body, headers=own if headers is None else headers
        )
        if answer.status_code == 200:
            self.product.valid(answer, operation)
        return answer

    async def wallet(self, operation: str, variant: str = "", **request: Any) -> httpx.Response:
        answer = await self.product.client.post(
            f"/linked-authorization/{operation}", json=enveloped(**request)
        )
        self.product.valid(answer, variant or operation)
        return answer

    async def linked(self) -> "Wallet":
        self.code = (await self.page("link-code")).json()["response"]["linkCode"]
        answer = await self.wallet("link-transaction", linkCode=self.code)
        self.id = answer.json()["response"]["linkTransactionId"]
        return self

    async def authenticate(self, *challenges: dict[str, str], individual: str = MARIE.uin) -> httpx.Response:
        return await self.wallet(
            "authenticate",
            "linked-authenticate",
            linkedTransactionId=self.id,
            individualId=individual,
            challengeList=list(challenges or (PIN,)),
        )

    async def consent(self, **request: Any) -> httpx.Response:
        return await self.wallet("consent", "linked-consent", linkedTransactionId=self.id, **request)


def test_a_linked_login_brings_tokens(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        wallet = await Wallet.begun(product, claims=asked(name=True, email=False))
        await wallet.linked()
        status = (await wallet.page("link-status", linkCode=wallet.code)).json()
        assert status["response"]["linkStatus"] == "LINKED"
        assert "responseTIme" in status, "as it is published"
        assert (await wallet.authenticate()).json()["response"] == {"linkedTransactionId": wallet.id}
        await wallet.consent(acceptedClaims=["email"])
        done = (await wallet.page("link-auth-code", linkedCode=wallet.code)).json()["response"]
        assert (done["redirectUri"], done["state"], done["nonce"]) == (REDIRECT, "s", "n")
        tokens = (await product.exchange(done["code"])).json()
        told = await product.userinfo(tokens["access_token"])
        assert told["email"] == MARIE.claims["email"]
        assert "name" not in told
        again = await wallet.page("link-auth-code", linkedCode=wallet.code)
        assert code_of(again) == "invalid_transaction"
        assert code_of(await wallet.page("link-code")) == "invalid_transaction"

    play(steps)


def test_long_polls_end_as_soon_as_something_happens(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        wallet = await Wallet.begun(product)
        wallet.code = (await wallet.page("link-code")).json()["response"]["linkCode"]
        waiting = asyncio.ensure_future(wallet.page("link-status", linkCode=wallet.code))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        began = time.monotonic()
        answer = await wallet.wallet("link-transaction", linkCode=wallet.code)
        assert (await waiting).json()["response"]["linkStatus"] == "LINKED"
        assert time.monotonic() - began < 1
        wallet.id = answer.json()["response"]["linkTransactionId"]
        await wallet.authenticate()
        waiting = asyncio.ensure_future(wallet.page("link-auth-code", linkedCode=wallet.code))
        await asyncio.sleep(0.05)
        await wallet.consent()
        assert (await waiting).json()["response"]["code"]

    play(steps)


def test_a_long_poll_says_when_nothing_happened(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pack.builtin().load("mocks.identity.linked_operations"), "POLL_SECONDS", 0.05)

    async def steps(product: Product) -> None:
        await product.register()
        wallet = await Wallet.begun(product)
        code = (await wallet.page("link-code")).json()["response"]["linkCode"]
        assert code_of(await wallet.page("link-status", linkCode=code)) == "response_timeout"
        assert code_of(await wallet.page("link-auth-code", linkedCode=code)) == "invalid_link_code"

    play(steps)


def test_codes_are_of_one_login_serve_once_and_expire(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        one = await (await Wallet.begun(product)).linked()
        two = await (await Wallet.begun(product)).linked()
        assert code_of(await one.page("link-status", linkCode=two.code)) == "invalid_link_code"
        assert code_of(await one.page("link-auth-code", linkedCode=two.code)) == "invalid_link_code"
        assert code_of(await one.wallet("link-transaction", linkCode=one.code)) == "invalid_link_code"
        late = (await one.page("link-code")).json()["response"]
        product.clock.ahead = 121
        assert code_of(await one.wallet("link-transaction", linkCode=late["linkCode"])) == "invalid_link_code"
        one.transaction = "nothing"
        assert code_of(await one.page("link-code")) == "invalid_transaction_id"

    play(steps)


def test_the_wallet_keeps_to_the_order(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        wallet = await (await Wallet.begun(product, claims=asked(name=True))).linked()
        assert code_of(await wallet.consent()) == "invalid_transaction"
        assert code_of(await wallet.authenticate({**PIN, "challenge": "000000"})) == "auth_failed"
        assert code_of(await wallet.consent()) == "invalid_transaction"
        assert code_of(await wallet.authenticate(PIN, PIN)) == "invalid_no_of_challenges"
        assert code_of(await wallet.authenticate(individual="0000000000")) == "invalid_identifier"
        await wallet.authenticate()
        assert code_of(await wallet.authenticate()) == "invalid_transaction"
        assert code_of(await wallet.consent(acceptedClaims=["email"])) == "invalid_accepted_claim"
        wrong = await wallet.consent(permittedAuthorizeScopes=["offline_access"])
        assert code_of(wrong) == "invalid_permitted_scope"
        assert (await wallet.consent(acceptedClaims=["name"])).json()["errors"] == []
        assert code_of(await wallet.consent()) == "invalid_transaction"
        wallet.id = "nothing"
        assert code_of(await wallet.consent()) == "invalid_transaction_id"

    play(steps)


@pytest.mark.parametrize("header", [{}, {"X-XSRF-TOKEN": ""}, {"X-XSRF-TOKEN": "x" * 32}])
def test_a_page_proves_that_it_is_its_own(play: Play, header: dict[str, str]) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        wallet = await Wallet.begun(product)
        refused = await wallet.page("link-code", header)
        assert refused.status_code == 403
        assert (await wallet.page("link-code")).json()["errors"] == []

    play(steps)


def test_another_browser_cannot_carry_a_login_on(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        wallet = await Wallet.begun(product)
        product.client.cookies.clear()
        await product.authorize()
        assert code_of(await wallet.page("link-code")) == "invalid_transaction_id"

    play(steps)


def test_a_bound_wallet_signs_its_person_in(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        key, stranger = rsa_key("wallet"), rsa_key("stranger")
        body = enveloped(
            individualId=MARIE.uin,
            authFactorType="WLA",
            format="jwt",
            challengeList=[PIN],
            publicKey=key.as_dict(private=False),
        )
        bound = await product.client.post("/wallet-binding", json=body, headers=BINDING_HEADERS)
        assert product.valid(bound, "wallet-binding")["errors"] == []
        wallet = await (await Wallet.begun(product, acr_values="idbb:acr:linked-wallet")).linked()
        now = int(product.clock())
        good = {"sub": MARIE.uin, "aud": ISSUER, "iat": now, "exp": now + 60}

        async def proof(signer: Any, **claims: Any) -> httpx.Response:
            challenge = jwt.encode({"alg": "RS256"}, {**good, **claims}, signer)
            return await wallet.authenticate(
                {"authFactorType": "WLA", "challenge": challenge, "format": "jwt"}
            )

        assert code_of(await proof(stranger)) == "auth_failed"
        assert code_of(await proof(key, aud="https://other.example")) == "auth_failed"
        assert code_of(await proof(key, exp=now - 1)) == "auth_failed"
        assert (await proof(key)).json()["errors"] == []
        await wallet.consent()
        done = (await wallet.page("link-auth-code", linkedCode=wallet.code)).json()["response"]
        tokens = (await product.exchange(done["code"])).json()
        assert (await product.claims(tokens["id_token"]))["acr"] == "idbb:acr:linked-wallet"

    play(steps)


def test_a_login_that_ended_in_the_browser_cannot_be_linked(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize()
        found = re.search(r'name="transactionId" value="([^"]+)"', page.text)
        assert found
        wallet = Wallet(product, found[1])
        code = (await wallet.page("link-code")).json()["response"]["linkCode"]
        back = await product.press(page, "action=login", individual_id=MARIE.uin, pin=MARIE.pin)
        assert "code" in parameters(back)
        assert code_of(await wallet.wallet("link-transaction", linkCode=code)) == "invalid_transaction"

    play(steps)
