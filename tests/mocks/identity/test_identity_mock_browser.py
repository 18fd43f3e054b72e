"""The identity product's pages in a real browser: scripts run under their own policy, and Arabic goes right to left."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from dpi_conformance.mockkit.process import MockProcess
from tests.mocks.identity.conftest import NOW, PEOPLE, TOKEN, asked, enveloped, registration
from tests.mocks.identity.test_identity_mock_linked import PIN

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="make browser installs Chromium")

REDIRECT = "http://127.0.0.1:9/back"
MARIE = PEOPLE["marie"]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Any]:
    """Open a browser's page; what it complains of is an error."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.route(f"{REDIRECT}**", lambda route: route.fulfill(status=200, body="back"))
        await page.goto(url)
        yield page
        await browser.close()
    assert complaints == []


def in_browser(steps: Callable[[Any, httpx.AsyncClient], Awaitable[None]], **changes: str) -> None:
    """Register a client at a mock of its own, begin a login in a browser, and run the steps there."""
    with MockProcess.start("identity", token=TOKEN) as mock:
        wanted = {
            "scope": "openid",
            "response_type": "code",
            "client_id": "c1",
            "redirect_uri": REDIRECT,
            "state": "a b",
            **changes,
        }

        async def run() -> None:
            async with httpx.AsyncClient(base_url=mock.url) as client:
                body = {"requestTime": NOW, "request": registration(redirectUris=[REDIRECT])}
                headers = {"Authorization": f"Bearer {TOKEN}"}
                await client.post("/client-mgmt/oidc-client", json=body, headers=headers)
                async with opened(f"{mock.url}/authorize?{urlencode(wanted)}") as page:
                    await steps(page, client)

        asyncio.run(run())


def test_a_script_builds_the_form_that_nobody_sees_without_it() -> None:
    async def steps(page: Any, _client: httpx.AsyncClient) -> None:
        await page.fill("[name=individual_id]", MARIE.uin)
        await page.fill("[name=pin]", MARIE.pin)
        await page.click("[value=login]")
        await page.locator("[value=allow]").wait_for()
        assert await page.locator("[name=essential]").is_checked()
        assert not await page.locator("[name=claims]").is_checked()

    in_browser(steps, display="touch", claims=asked(name=True, email=False))


def test_an_arabic_page_goes_from_right_to_left() -> None:
    async def steps(page: Any, _client: httpx.AsyncClient) -> None:
        assert await page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        first, second = [await page.locator(f"[value={name}]").bounding_box() for name in ("login", "cancel")]
        assert first["x"] > second["x"], "the main button is where reading begins"
        box = await page.locator("main").bounding_box()
        assert box["width"] <= 450

    in_browser(steps, ui_locales="ar")


def test_a_wallet_brings_the_browser_back_to_the_client() -> None:
    async def steps(page: Any, client: httpx.AsyncClient) -> None:
        shown = re.compile("^[2-9A-Z]{10}$")
        await page.locator("#link-code", has_text=shown).wait_for()
        code = await page.inner_text("#link-code")

        async def wallet(name: str, **request: Any) -> dict[str, Any]:
            answer = await client.post(f"/linked-authorization/{name}", json=enveloped(**request))
            return dict(answer.json()["response"])

        linked = (await wallet("link-transaction", linkCode=code))["linkTransactionId"]
        await page.locator("#wallet-state", has_text="relié").wait_for()
        challenge = {"individualId": MARIE.uin, "challengeList": [PIN]}
        await wallet("authenticate", linkedTransactionId=linked, **challenge)
        await wallet("consent", linkedTransactionId=linked)
        await page.wait_for_url(f"{REDIRECT}**")
        back = parse_qs(urlsplit(page.url).query)
        assert back["state"] == ["a b"]
        assert back["code"]

    in_browser(steps, acr_values="idbb:acr:linked-wallet idbb:acr:static-code", ui_locales="fr")
