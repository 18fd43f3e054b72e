"""The driver ``form``: what a browser without scripts does, and nothing more."""

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from dpi_conformance.login.landing import Landing, LoginError, Session, Wish
from tests.login.vendor import CLIENT, Seen, Vendor, page, to, vendor

LOGIN = """<form method="post" action="/login"><input type="hidden" name="csrf" value="t-1">
  <input name="username"><input type="password" name="password">
  <button name="do" value="in">Sign in</button><button name="do" value="cancel">Cancel</button></form>"""
CONSENT = """<form method="post" action="/consent">
  <label><input type="checkbox" name="claim" value="email"> E-mail</label>
  <label><input type="checkbox" name="claim" value="phone_number" checked> Phone</label>
  <input type="checkbox" name="claim" value="name" checked disabled> Name
  <button name="answer" value="yes">Allow</button><button name="answer" value="no">Deny</button></form>"""
CONSENTING = {"consent": {"claims": "claim", "accept": ["Allow"], "refuse": ["answer=no", "do=cancel"]}}


def login(seen: Seen) -> web.Response:
    """Take alice with the right password and the token of the page."""
    form, cookies = seen.form, seen.cookies
    if form.get("do") == ["cancel"]:
        return to(f"{CLIENT}?error=access_denied&state=a%2Fb")
    if form.get("csrf") != ["t-1"] or cookies.get("flow") != "f":
        return page("no token", status=403)
    if form.get("password") != ["correct horse 9"]:
        return page(f"<p>Wrong password.</p>{LOGIN}")
    return to("/consent", status=303, cookies={"session": "alice"})


def consent(seen: Seen) -> web.Response:
    if seen.method == "GET":
        return page(CONSENT) if seen.cookies.get("session") else to("/login")
    if seen.form["answer"] == ["no"]:
        return to(f"{CLIENT}?error=access_denied&state=a%2Fb")
    return to(f"{CLIENT}?code={'-'.join(seen.form.get('claim', []))}&state=a%2Fb")


def authorize(seen: Seen) -> web.Response:
    if seen.cookies.get("session"):
        return to("/consent")
    return page(LOGIN, cookies={"flow": "f"})


PRODUCT: dict[str, Any] = {"/authorize": authorize, "/login": login, "/consent": consent}


def land(pages: dict[str, Any], path: str = "/authorize?state=a%2Fb", **keys: Any) -> tuple[Landing, Vendor]:
    async def landed() -> tuple[Landing, Vendor]:
        async with vendor(pages) as product:
            return await product.land(path, **keys), product

    return asyncio.run(landed())


def told(pages: dict[str, Any], path: str = "/authorize", **keys: Any) -> str:
    with pytest.raises(LoginError) as error:
        land(pages, path, **keys)
    return str(error.value)


def test_a_person_logs_in_and_consents_to_everything() -> None:
    landing, product = land(PRODUCT, login=CONSENTING)
    assert landing.url == f"{CLIENT}?code=email-phone_number&state=a%2Fb"
    assert landing.get("code") == "email-phone_number"
    assert landing.parameters[1] == ("state", "a/b")
    assert landing.asked == ("login", "consent")
    assert landing.offered == frozenset({"email", "phone_number"})
    assert not landing.refused
    assert [(hop.method, hop.status) for hop in landing.hops] == [
        ("GET", 200),
        ("POST", 303),
        ("GET", 200),
        ("POST", 302),
    ]
    assert landing.exchanges == tuple(product.exchanges)
    posted = product.seen[1]
    assert posted.form == {
        "csrf": ["t-1"],
        "username": ["alice"],
        "password": ["correct horse 9"],
        "do": ["in"],
    }
    assert posted.headers["origin"] == product.url
    assert posted.headers["referer"] == f"{product.url}/authorize?state=a%2Fb"


def test_only_the_claims_that_are_wished_for_are_ticked() -> None:
    landing, _ = land(PRODUCT, login=CONSENTING, wish=Wish(claims=frozenset({"phone_number"})))
    assert landing.get("code") == "phone_number"
    landing, _ = land(PRODUCT, login=CONSENTING, wish=Wish(claims=frozenset()))
    assert landing.get("code") == ""


def test_claims_that_nobody_said_how_to_choose_are_not_chosen() -> None:
    said = told(PRODUCT, wish=Wish(claims=frozenset()), login={"consent": {"accept": ["Allow"]}})
    assert "login.consent.claims" in said


def test_a_consent_page_of_which_nothing_is_declared_says_what_to_write() -> None:
    said = told(PRODUCT)
    assert "the checkboxes claim" in said
    assert "answer=yes (Allow)" in said


def test_consent_is_refused_after_the_login_and_the_login_is_cancelled_before_it() -> None:
    refused, _ = land(PRODUCT, login=CONSENTING, wish=Wish(refuse=True))
    assert refused.get("error") == "access_denied"
    assert refused.refused
    assert refused.asked == ("login", "consent")
    cancelled, product = land(PRODUCT, login=CONSENTING, wish=Wish(cancel=True))
    assert cancelled.get("error") == "access_denied"
    assert cancelled.asked == ("login",)
    assert [seen.path for seen in product.seen] == ["/authorize", "/login"]
    assert product.seen[1].form["password"] == [""]


def test_a_page_that_cannot_be_refused_says_what_it_has() -> None:
    said = told(PRODUCT, wish=Wish(refuse=True), login={"consent": {"accept": ["Allow"], "claims": "claim"}})
    assert "login.consent.refuse" in said
    assert "answer=no (Deny)" in said


def test_a_wrong_secret_comes_back_to_the_page() -> None:
    landing, product = land(PRODUCT, wish=Wish(wrong_secret=True))
    assert landing.url == ""
    assert landing.page is not None
    assert "Wrong password" in landing.page.text
    (given,) = product.seen[1].form["password"]
    assert given != "correct horse 9"
    assert len(given) == len("correct horse 9")
    assert product.seen[1].form["username"] == ["alice"]


def test_credentials_that_are_not_taken_are_said_to_be_so() -> None:
    said = told(PRODUCT, login={"persons": {"bob": {"username": "bob", "password": "1234"}}})
    assert "login.persons.bob" in said
    assert "Wrong password." in said


def test_a_session_stays_and_a_fresh_one_knows_nobody() -> None:
    async def landed() -> list[Landing]:
        async with vendor(PRODUCT) as product:
            session = Session()
            return [await product.land(session=one, login=CONSENTING) for one in (session, session, None)]

    assert [landing.asked for landing in asyncio.run(landed())] == [
        ("login", "consent"),
        ("consent",),
        ("login", "consent"),
    ]


def test_fields_and_buttons_by_the_names_that_the_page_has() -> None:
    body = """<form method=post action=/go>
      <input name=uid><select name=factor><option value=otp>OTP<option value=pin>PIN</select>
      <input type=radio name=kind value=citizen><input type=radio name=kind value=resident checked>
      <input type=checkbox name=terms value=agreed><textarea name=note>n</textarea>
      <input name=secret type=password></form><button form=f id=other name=x>X</button><form id=f></form>
      """
    values = {"number": "42", "pin": "987654", "how": "pin", "kind": "citizen", "terms": "yes"}
    fields = {"uid": "number", "secret": "pin", "factor": "how", "kind": "kind", "terms": "terms"}
    landing, product = land(
        {"/authorize": lambda _: page(body), "/go": lambda _: to(f"{CLIENT}?code=1")},
        login={"persons": {"eve": values}, "fields": fields},
    )
    assert landing.get("code") == "1"
    assert product.seen[1].form == {
        "uid": ["42"],
        "factor": ["pin"],
        "kind": ["citizen"],
        "terms": ["agreed"],
        "note": ["n"],
        "secret": ["987654"],
    }


def test_a_form_of_several_parts_goes_as_such() -> None:
    body = "<form method=post enctype=multipart/form-data action=/go><input name=username><input name=password></form>"
    landing, product = land({"/authorize": lambda _: page(body), "/go": lambda _: to(f"{CLIENT}?code=1")})
    assert landing.get("code") == "1"
    assert product.seen[1].headers["content-type"].startswith("multipart/form-data")
    assert product.seen[1].form == {"username": ["alice"], "password": ["correct horse 9"]}


def test_a_page_that_leads_on_by_itself() -> None:
    refreshing = page("wait", head='<meta http-equiv="Refresh" content="0; URL=\'/next\'">')
    going = page(
        "<form method=post action=/last><input type=hidden name=k value=v></form><script>x()</script>"
    )
    landing, product = land(
        {
            "/authorize": lambda _: refreshing,
            "/next": lambda _: going,
            "/last": lambda _: to(f"{CLIENT}?code=7"),
        }
    )
    assert landing.get("code") == "7"
    assert landing.asked == ()
    assert product.seen[2].form == {"k": ["v"]}


def test_an_answer_that_is_posted_is_given_and_not_sent() -> None:
    hidden = "<input type=hidden name=code value=9><input type=hidden name=state value=s>"
    body = f'<form method=post action="{CLIENT}">{hidden}</form>'
    landing, _ = land({"/authorize": lambda _: page(body)})
    assert landing.url == CLIENT
    assert landing.posted == (("code", "9"), ("state", "s"))
    assert landing.get("state") == "s"


def test_an_answer_in_the_fragment_is_read() -> None:
    landing, _ = land({"/authorize": lambda _: to(f"{CLIENT}#code=5&state=s")})
    assert landing.url == f"{CLIENT}#code=5&state=s"
    assert landing.get("code") == "5"


def test_a_fragment_on_the_way_is_not_sent() -> None:
    landing, product = land(
        {"/authorize": lambda _: to("/next?a=b#frag"), "/next": lambda _: to(f"{CLIENT}?code=1")}
    )
    assert landing.get("code") == "1"
    assert product.seen[1].query == {"a": "b"}


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_is_sent_again_where_a_redirect_says_so(status: int) -> None:
    landing, product = land(
        {
            "/authorize": lambda _: page(LOGIN),
            "/login": lambda _: to("/again", status=status),
            "/again": lambda seen: to(f"{CLIENT}?code={seen.form['username'][0]}"),
        }
    )
    assert landing.get("code") == "alice"
    assert [seen.method for seen in product.seen] == ["GET", "POST", "POST"]


@pytest.mark.parametrize(
    ("place", "elsewhere"),
    [
        ("redirect", "https://evil.example/login?state=1"),
        ("redirect", "//evil.example/login"),
        ("redirect", f"{CLIENT}.evil.example/?code=1"),
        ("redirect", f"{CLIENT}/other?code=1"),
        ("redirect", "javascript:alert(1)"),
        ("redirect", "http://user:pass@127.0.0.1/"),
        ("redirect", "http://[::1/"),
        ("307", "https://evil.example/take"),
        ("form", "https://evil.example/take"),
        ("refresh", "https://evil.example/take"),
    ],
)
def test_nothing_is_sent_to_another_host(place: str, elsewhere: str) -> None:
    form = LOGIN.replace('action="/login"', f'action="{elsewhere}"')
    pages: dict[str, Any] = {
        "redirect": {"/authorize": lambda _: to(elsewhere)},
        "307": {"/authorize": lambda _: page(LOGIN), "/login": lambda _: to(elsewhere, status=307)},
        "form": {"/authorize": lambda _: page(form)},
        "refresh": {
            "/authorize": lambda _: page("x", head=f'<meta http-equiv=refresh content="0;url={elsewhere}">')
        },
    }[place]
    landing, product = land(pages)
    assert landing.url == ""
    assert landing.left == elsewhere
    assert all(one.request.url.startswith(product.url) for one in product.exchanges)


def test_a_host_that_is_named_may_have_the_login_page() -> None:
    async def landed(*, named: bool) -> tuple[Landing, Vendor, Vendor]:
        async with vendor(PRODUCT) as idp:
            path = f"{idp.url}/authorize".replace("127.0.0.1", "localhost")
            async with vendor({"/authorize": lambda _: to(path)}) as product:
                login = {**CONSENTING, "hosts": ["localhost"] if named else []}
                return await product.land(login=login, headers={"X-Key": "k"}), product, idp

    landing, _, idp = asyncio.run(landed(named=True))
    assert landing.get("code") == "email-phone_number"
    assert all("x-key" not in seen.headers and "authorization" not in seen.headers for seen in idp.seen)
    landing, _, idp = asyncio.run(landed(named=False))
    assert "localhost" in landing.left
    assert idp.seen == []


def test_pages_that_go_round_in_circles_end() -> None:
    said = told({"/authorize": lambda _: to("/other"), "/other": lambda _: to("/authorize")})
    assert "does not come to its end" in said
    assert "40" in said


def test_a_page_without_the_declared_fields_lists_its_own() -> None:
    body = "<form method=post><input name=uin><input type=password name=pin_code><input type=hidden name=h></form>"
    said = told({"/authorize": lambda _: page(body)})
    assert "pin_code, uin" in said
    assert "username, password" in said
    assert "login.fields" in said


def test_a_page_that_waits_for_a_button_lists_what_it_has() -> None:
    body = "<form method=post action=/y><button>Agree</button></form><form method=post action=/n><button>No</button></form>"
    said = told({"/authorize": lambda _: page(body)})
    assert "login.consent.accept" in said
    assert "Agree" in said


def test_a_page_that_needs_scripts_says_so() -> None:
    said = told({"/authorize": lambda _: page("<div id=app></div><script src=app.js></script>Loading")})
    assert "driver: browser" in said


def test_an_error_page_is_an_end() -> None:
    landing, _ = land({"/authorize": lambda _: page(f"bad request {LOGIN[:0]}", status=400)})
    assert landing.page is not None
    assert landing.page.status == 400
    assert "bad request" in landing.page.text


def test_a_page_of_a_hundred_megabytes_is_not_read() -> None:
    async def endless(_: Seen) -> web.StreamResponse:
        return web.Response(body=b"<p>" + b"x" * 100_000_000, content_type="text/html")

    assert "limits.response_bytes" in told({"/authorize": endless})


def test_a_page_of_nothing_but_forms_is_read_in_time() -> None:
    body = "<form><input name=a>" * 40_000
    landing, _ = land({"/authorize": lambda _: page(body)})
    assert landing.page is not None


def test_a_page_that_never_comes_ends_with_the_login() -> None:
    async def never(_: Seen) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    assert "login.seconds" in told({"/authorize": never}, login={"seconds": 1})


def test_a_person_whom_nobody_knows() -> None:
    assert "alice" in told(PRODUCT, wish=Wish(person="mallory"))


def test_a_product_that_is_not_there() -> None:
    async def landed() -> Landing:
        async with vendor({}) as product:
            pass
        return await product.land()

    with pytest.raises(LoginError, match="refused"):
        asyncio.run(landed())


def test_an_expired_certificate_is_told(tmp_path: Path) -> None:
    authority = trustme.CA()
    served = authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))

    async def landed() -> Landing:
        async with vendor(PRODUCT, tls=tls) as product:
            return await product.land(tls={"ca_file": ca_file})

    with pytest.raises(LoginError, match="tls: .*expired"):
        asyncio.run(landed())


def test_a_login_on_https_does_not_go_on_over_http(tmp_path: Path) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    plain = LOGIN.replace('action="/login"', 'action="http://127.0.0.1:1/login"')

    async def landed() -> Landing:
        async with vendor({"/authorize": lambda _: page(plain)}, tls=tls) as product:
            return await product.land(tls={"ca_file": ca_file}, login={"hosts": ["127.0.0.1"]})

    assert asyncio.run(landed()).left == "http://127.0.0.1:1/login"
