"""The driver ``browser``: pages that need JavaScript, in the system's Chromium."""

import asyncio
import json
import shutil
import ssl
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
from aiohttp import web

from dpi_conformance.catalogue.login import Login
from dpi_conformance.login.browser import BrowserDriver
from dpi_conformance.login.landing import Diary, Landing, LoginError, Session, Wish
from tests.login.vendor import CLIENT, Seen, Vendor, page, to, vendor

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="make browser installs Chromium")

APP = """<div id="app">Loading</div><script>
const app = document.getElementById("app");
const state = new URLSearchParams(location.search).get("state");
const say = (html) => { app.innerHTML = html; };
async function ask(path, body) {
  const answer = await fetch(path, {method: "POST", body: JSON.stringify(body)});
  return answer.json();
}
function login(said) {
  say(said + '<input id="username"><input id="password" type="password">' +
      '<button id="in">Sign in</button><a id="no">Cancel</a>');
  document.getElementById("no").onclick = () => { location = CLIENT + "?error=access_denied&state=" + state; };
  document.getElementById("in").onclick = async () => {
    const answer = await ask("/api/login", {username: username.value, password: password.value});
    if (answer.ok) { consent(answer.claims); } else { login("Wrong password."); }
  };
}
function consent(claims) {
  say(claims.map((c) => `<input type="checkbox" name="claim-${c}">${c}`).join("") +
      '<div role="button" id="yes">Allow</div><button id="refuse">Deny</button>');
  const chosen = () => claims.filter((c) => document.getElementsByName("claim-" + c)[0].checked);
  document.getElementById("yes").onclick = () => { location = "/done?code=" + chosen().join("-") + "&state=" + state; };
  document.getElementById("refuse").onclick = () => { location = CLIENT + "?error=access_denied&state=" + state; };
}
setTimeout(async () => {
  const me = await ask("/api/me", {});
  if (me.claims) { consent(me.claims); } else { login(""); }
}, 400);
</script>""".replace("CLIENT", json.dumps(CLIENT))
CLAIMS = ["email", "phone_number"]
CONSENTING = {
    "driver": "browser",
    "consent": {"claims": "claim-{claim}", "accept": ["#yes"], "refuse": ["Deny", "#no"]},
}


async def api_login(seen: Seen) -> web.Response:
    given = json.loads(seen.body)
    if given["password"] != "correct horse 9":
        return web.json_response({"ok": False})
    answer = web.json_response({"ok": True, "claims": CLAIMS})
    answer.set_cookie("session", given["username"])
    return answer


def me(seen: Seen) -> web.Response:
    return web.json_response({"claims": CLAIMS} if seen.cookies.get("session") else {})


def done(seen: Seen) -> web.Response:
    return to(f"{CLIENT}?code={seen.query['code']}&state={seen.query['state']}")


PRODUCT: dict[str, Any] = {
    "/authorize": lambda _: page(APP),
    "/api/login": api_login,
    "/api/me": me,
    "/done": done,
}


def land(pages: dict[str, Any], **keys: Any) -> tuple[Landing, Vendor]:
    async def landed() -> tuple[Landing, Vendor]:
        async with vendor(pages) as product:
            return await product.land("/authorize?state=s-1", **{"login": CONSENTING, **keys}), product

    return asyncio.run(landed())


def test_a_page_that_needs_scripts_is_gone_through() -> None:
    landing, product = land(PRODUCT, wish=Wish(claims=frozenset({"email"})))
    assert landing.url == f"{CLIENT}?code=email&state=s-1"
    assert landing.asked == ("login", "consent")
    assert landing.offered == frozenset(CLAIMS)
    assert [hop.url.removeprefix(product.url).partition("?")[0] for hop in landing.hops][:3] == [
        "/authorize",
        "/api/me",
        "/api/login",
    ]
    assert landing.exchanges == tuple(product.exchanges)


def test_the_driver_form_says_that_this_page_needs_a_browser() -> None:
    with pytest.raises(LoginError, match="driver: browser"):
        land(PRODUCT, login={**CONSENTING, "driver": "form"})


def test_consent_is_refused_the_login_cancelled_and_a_wrong_secret_comes_back() -> None:
    refused, _ = land(PRODUCT, wish=Wish(refuse=True))
    assert (refused.get("error"), refused.asked, refused.refused) == (
        "access_denied",
        ("login", "consent"),
        True,
    )
    cancelled, product = land(PRODUCT, wish=Wish(cancel=True))
    assert (cancelled.get("error"), cancelled.asked) == ("access_denied", ("login",))
    assert all(seen.path != "/api/login" for seen in product.seen)
    wrong, _ = land(PRODUCT, wish=Wish(wrong_secret=True))
    assert wrong.page is not None
    assert "Wrong password." in wrong.page.text


def test_a_session_is_a_window() -> None:
    async def landed() -> list[Landing]:
        async with vendor(PRODUCT) as product:
            return await product.lands([Session(), Session()], [0, 0, 1], login=CONSENTING)

    first, again, another = asyncio.run(landed())
    assert first.asked == ("login", "consent")
    assert again.asked == ("consent",)
    assert another.asked == ("login", "consent")


@pytest.mark.parametrize("how", ["redirect", "script", "form", "307"])
def test_nothing_is_sent_to_another_host(how: str) -> None:
    async def landed() -> tuple[Landing, list[Seen]]:
        async with vendor({}) as evil:
            elsewhere = f"{evil.url}/take"
            form = (
                f'<form method=post action="{elsewhere if how == "form" else "/post"}"><input name=username>'
            )
            body = f"{form}<input name=password type=password><button>Go</button></form>"
            pages: dict[str, Any] = {
                "/authorize": lambda _: page(body),
                "/post": lambda _: to(elsewhere, status=307),
            }
            if how == "redirect":
                pages["/authorize"] = lambda _: to(elsewhere)
            if how == "script":
                pages["/authorize"] = lambda _: page(f"<script>location = {json.dumps(elsewhere)}</script>")
            async with vendor(pages) as product:
                landing = await product.land(login=CONSENTING)
                assert landing.left == elsewhere
            return landing, evil.seen

    _, seen = asyncio.run(landed())
    assert seen == []


def test_an_answer_that_is_posted_is_given_and_not_sent() -> None:
    body = f'<form method=post action="{CLIENT}"><input type=hidden name=code value=9></form>'
    landing, _ = land({"/authorize": lambda _: page(f"{body}<script>document.forms[0].submit()</script>")})
    assert landing.url == CLIENT
    assert landing.get("code") == "9"


def test_an_error_page_is_an_end() -> None:
    landing, _ = land({"/authorize": lambda _: page("<h1>bad request</h1><button>Home</button>", status=400)})
    assert landing.page is not None
    assert landing.page.status == 400
    assert "bad request" in landing.page.text


def test_fields_that_nobody_declared_are_listed() -> None:
    with pytest.raises(LoginError, match="asks for uin"):
        land({"/authorize": lambda _: page("<form><input name=uin><button>Go</button></form>")})


def test_pages_that_go_round_in_circles_end() -> None:
    circle = page("<script>setTimeout(() => location.reload(), 50)</script>")
    with pytest.raises(LoginError, match=r"login.seconds|come to its end"):
        land({"/authorize": lambda _: circle}, login={**CONSENTING, "seconds": 3})


@pytest.mark.parametrize("trusted", [True, False])
def test_the_authority_of_product_yaml_is_trusted_and_no_other(tmp_path: Path, *, trusted: bool) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(ca_file))

    async def landed() -> Landing:
        async with vendor({"/authorize": lambda _: to(f"{CLIENT}?code=1")}, tls=tls) as product:
            return await product.land(login=CONSENTING, tls={"ca_file": ca_file})

    if trusted:
        assert asyncio.run(landed()).get("code") == "1"
    else:
        with pytest.raises(LoginError, match="ERR_CERT_AUTHORITY_INVALID"):
            asyncio.run(landed())


def test_a_browser_that_is_not_there() -> None:
    with pytest.raises(LoginError, match=r"login\.browser"):
        land(PRODUCT, login={**CONSENTING, "browser": "no-such-browser"})


def test_a_browser_that_ends_on_the_way_is_told() -> None:
    async def landed() -> None:
        async with vendor({"/authorize": lambda _: page("<p>wait</p>")}) as product:
            target = product.target(CONSENTING)
            driver = BrowserDriver(cast("Login", target.login), target)
            shown = asyncio.Event()
            diary = Diary(number=lambda: "step-1", seen=lambda _: shown.set())
            landing = asyncio.ensure_future(
                driver.land(f"{product.url}/authorize", CLIENT, Wish(), diary=diary)
            )
            await shown.wait()
            await driver.aclose()
            await landing

    with pytest.raises(LoginError, match="did not come to the end of the login"):
        asyncio.run(landed())
