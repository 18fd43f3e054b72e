"""The login pages: each way to log in, what they refuse, and what the client gets."""

from collections.abc import Callable

import pytest

from tests.mocks.identity.conftest import OTP, PEOPLE, REDIRECT, Product, asked, parameters

Play = Callable[..., None]
MARIE = PEOPLE["marie"]


def test_a_pin_leads_back_with_code_and_state(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        back = parameters(await product.log_in(state="a %2f é +&="))
        assert back["state"] == ["a %2f é +&="]
        assert len(back["code"]) == 1

    play(steps)


@pytest.mark.parametrize("acr", ["generated-code", "biometrics", "biometrics-generated-code"])
def test_each_way_to_log_in_is_the_acr(play: Play, acr: str) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize(acr_values=f"idbb:acr:{acr}")
        given = {"individual_id": MARIE.uin}
        if acr.startswith("biometrics"):
            given["biometric"] = MARIE.template
        page = await product.press(page, "action=login", **given)
        if acr.endswith("generated-code"):
            page = await product.press(page, "action=login", otp=OTP)
        tokens = (await product.exchange(parameters(page)["code"][0])).json()
        assert (await product.claims(tokens["id_token"]))["acr"] == f"idbb:acr:{acr}"

    play(steps)


def test_a_code_that_was_sent_opens_no_other_way(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize(acr_values="idbb:acr:generated-code idbb:acr:biometrics")
        page = await product.press(page, "action=login", individual_id=MARIE.uin)
        assert 'name="otp"' in page.text
        wrong = await product.press(page, "action=login", acr="idbb:acr:biometrics", biometric="")
        assert wrong.status_code == 200
        assert 'id="wrong"' in wrong.text

    play(steps)


def test_five_wrong_pins_end_the_login(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize()
        for _ in range(4):
            page = await product.press(page, "action=login", individual_id=MARIE.uin, pin="000000")
            assert 'role="alert"' in page.text
        last = await product.press(page, "action=login", individual_id=MARIE.uin, pin="000000")
        assert parameters(last)["error"] == ["access_denied"]
        gone = await product.press(page, "action=login", individual_id=MARIE.uin, pin=MARIE.pin)
        assert gone.status_code == 400

    play(steps)


def test_the_form_of_another_browser_is_refused(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize()
        forged = await product.press(
            page, "action=login", csrf="x" * 32, individual_id=MARIE.uin, pin=MARIE.pin
        )
        assert forged.status_code == 403
        product.client.cookies.clear()
        stolen = await product.press(page, "action=login", individual_id=MARIE.uin, pin=MARIE.pin)
        assert stolen.status_code == 403

    play(steps)


@pytest.mark.parametrize("button", ["action=cancel", "decision=refuse"])
def test_who_cancels_or_refuses_is_sent_back_without_a_code(play: Play, button: str) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        wish = {"claims": asked(name=True)}
        page = await (product.authorize(**wish) if "cancel" in button else product.log_in(**wish))
        back = parameters(await product.press(page, button))
        assert (back["error"], back["state"]) == (["access_denied"], ["s"])
        assert "code" not in back

    play(steps)


def test_only_what_was_ticked_is_given(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.log_in(
            scope="openid profile", claims=asked(name=True, email=False, gender=False)
        )
        assert 'name="essential" value="name" checked' in page.text
        assert 'value="gender"' not in page.text, "the client may not have it"
        back = await product.press(page, "decision=allow", claims=["email", "address"])
        tokens = (await product.exchange(parameters(back)["code"][0])).json()
        told = await product.userinfo(tokens["access_token"])
        assert set(told) == {"sub", "iss", "aud", "email"}, "name was not ticked, address not offered"

    play(steps)


def test_a_session_serves_silently_and_as_long_as_it_is_young(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        fresh = parameters(await product.authorize(prompt="none"))
        assert fresh["error"] == ["login_required"]
        await product.log_in()
        assert "code" in parameters(await product.authorize(prompt="none"))
        assert parameters(await product.authorize(prompt="none", claims=asked(name=True)))["error"] == [
            "consent_required"
        ]
        product.clock.ahead = 120
        assert "code" in parameters(await product.authorize(max_age="300"))
        assert parameters(await product.authorize(prompt="none", max_age="60"))["error"] == ["login_required"]
        assert (await product.authorize(max_age="60")).status_code == 200
        assert (await product.authorize(prompt="login")).status_code == 200

    play(steps)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"display": "wall"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://rp.example/r"}, "request_uri_not_supported"),
        ({"code_challenge": "a" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"acr_values": "idbb:acr:telepathy"}, "invalid_request"),
        ({"state": "x" * 257}, "invalid_request"),
    ],
)
def test_a_wrong_request_is_redirected_with_its_error(
    play: Play, changes: dict[str, str], error: str
) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        back = parameters(await product.authorize(**changes))
        assert back["error"] == [error]
        assert back["state"] == [changes.get("state", "s")]

    play(steps)


@pytest.mark.parametrize(
    "bent",
    ["", f"{REDIRECT}/", f"{REDIRECT}?a=1", f"{REDIRECT}#a", REDIRECT.upper(), "https://evil.example/back"],
)
def test_nobody_is_sent_to_an_unregistered_address(play: Play, bent: str) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        answer = await product.authorize(redirect_uri=bent, response_type="token")
        assert (answer.status_code, answer.headers.get("location")) == (400, None)
        twice = await product.client.get(
            "/authorize",
            params=[("client_id", "c1"), ("redirect_uri", REDIRECT), ("redirect_uri", "https://x")],
        )
        assert (twice.status_code, twice.headers.get("location")) == (400, None)

    play(steps)


def test_authorize_takes_a_form_too(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        form = {"scope": "openid", "response_type": "code", "client_id": "c1", "redirect_uri": REDIRECT}
        page = await product.client.post("/authorize", data=form)
        back = await product.press(page, "action=login", individual_id=MARIE.uin, pin=MARIE.pin)
        assert "code" in parameters(back)

    play(steps)


@pytest.mark.parametrize(
    ("tags", "language", "direction"), [("am ar-MA", "ar", "rtl"), ("fr-CA en", "fr", "ltr")]
)
def test_pages_come_in_the_language_that_was_asked_for(
    play: Play, tags: str, language: str, direction: str
) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize(ui_locales=tags)
        assert f'<html lang="{language}" dir="{direction}">' in page.text
        assert page.headers["content-language"] == language
        error = await product.client.get("/authorize", headers={"Accept-Language": f"{language};q=0.9"})
        assert f'lang="{language}"' in error.text

    play(steps)


def test_a_page_of_scripts_has_no_form_without_them(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.authorize(display="touch")
        assert "<form" not in page.text
        assert "<noscript>" in page.text

    play(steps)


def test_pages_cannot_be_framed_and_show_names_as_text(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register(clientName="<script>alert(1)</script>")
        page = await product.authorize()
        assert "<script>alert" not in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"

    play(steps)


def test_a_login_gets_a_session_of_a_new_name(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        await product.log_in()
        first = product.client.cookies["IDBB-SESSION"]
        await product.log_in(prompt="login")
        assert product.client.cookies["IDBB-SESSION"] != first

    play(steps)
