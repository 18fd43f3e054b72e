"""Codes, assertions, tokens and claims."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import pytest

from tests.mocks.identity.conftest import ISSUER, REDIRECT, Product, asked, parameters, registration, rsa_key

Play = Callable[..., None]
VERIFIER = "v" * 64


def _by_public_key(claims: str) -> str:
    """Sign by HS256, with the public key as the secret (RFC 8725, 3.1)."""
    start = f"eyJhbGciOiJIUzI1NiJ9.{claims}"
    made = hmac.digest(rsa_key().as_pem(private=False), start.encode(), "sha256")
    return f"{start}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def test_tokens_say_who_for_whom_and_how(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        answer = await product.exchange(await product.code())
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        tokens = answer.json()
        told = await product.claims(tokens["id_token"])
        assert (told["iss"], told["aud"], told["nonce"], told["acr"]) == (
            ISSUER,
            "c1",
            "n",
            "idbb:acr:static-code",
        )
        half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        assert told["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        access = await product.claims(tokens["access_token"])
        assert access["exp"] - access["iat"] == tokens["expires_in"]
        assert access["sub"] == told["sub"]

    play(steps)


def test_a_code_serves_once_also_at_the_same_instant(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code()
        tries = [product.exchange(code, client_assertion=product.assertion(jti=str(n))) for n in range(5)]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*tries))
        assert statuses == [200, 400, 400, 400, 400]

    play(steps)


def test_a_second_use_revokes_what_the_first_brought(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code()
        tokens = (await product.exchange(code)).json()
        await product.userinfo(tokens["access_token"])
        assert (await product.exchange(code)).json()["error"] == "invalid_transaction"
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        refused = await product.client.get("/oidc/userinfo", headers=headers)
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused.headers["www-authenticate"]

    play(steps)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_assertion": None}, "invalid_assertion"),
        ({"client_assertion": "a.b.c"}, "invalid_assertion"),
        ({"client_assertion_type": None}, "invalid_assertion_type"),
        ({"redirect_uri": None}, "invalid_redirect_uri"),
        ({"redirect_uri": f"{REDIRECT}x"}, "invalid_redirect_uri"),
        ({"code": "unknown"}, "invalid_transaction"),
        ({"grant_type": "password"}, "invalid_request"),
        ({"code_verifier": VERIFIER}, "invalid_transaction"),
    ],
)
def test_a_refused_exchange_leaves_the_code_good(play: Play, changes: dict[str, Any], error: str) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code()
        refused = await product.exchange(code, **changes)
        assert (refused.status_code, refused.json()["error"]) == (400, error)
        assert (await product.exchange(code)).status_code == 200

    play(steps)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "c2"},
        {"sub": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"exp": None},
        {"exp": 1_700_000_000},
        {"exp": "soon"},
        {"exp": 99_999_999_999},
        {"iat": None},
        {"iat": 9_000_000_000},
        {"nbf": 9_000_000_000},
    ],
)
def test_an_assertion_that_says_the_wrong_thing_is_refused(play: Play, claims: dict[str, Any]) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code()
        refused = await product.exchange(code, client_assertion=product.assertion(**claims))
        assert refused.json()["error"] == "invalid_assertion"

    play(steps)


def test_an_assertion_by_another_key_or_algorithm_is_refused(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code()
        stranger = rsa_key("stranger")
        claims = product.assertion().split(".")[1]
        forged = (
            product.assertion(stranger),
            product.assertion(stranger, {"jwk": stranger.as_dict(private=False)}),
            f"eyJhbGciOiJub25lIn0.{claims}.",
            _by_public_key(claims),
            "." * 3,
            "é.é.é",
        )
        for assertion in forged:
            refused = await product.exchange(code, client_assertion=assertion)
            assert refused.json()["error"] == "invalid_assertion", assertion

    play(steps)


def test_an_assertion_with_a_jti_serves_once(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        used = product.assertion(jti="j1", extra={"a": 1})
        assert (await product.exchange(await product.code(), client_assertion=used)).status_code == 200
        code = await product.code(prompt="login")
        assert (await product.exchange(code, client_assertion=used)).json()["error"] == "invalid_assertion"

    play(steps)


def test_a_code_is_its_clients_and_expires(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        await product.register("c2")
        code = await product.code()
        other = product.assertion(iss="c2", sub="c2")
        stolen = await product.exchange(code, client_id="c2", client_assertion=other)
        assert stolen.json()["error"] == "invalid_transaction"
        product.clock.ahead = 61
        assert (await product.exchange(code)).json()["error"] == "invalid_transaction"

    play(steps)


def test_a_challenge_needs_its_verifier(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code(code_challenge=CHALLENGE, code_challenge_method="S256")
        for wrong in (None, CHALLENGE, "w" * 64):
            refused = await product.exchange(code, code_verifier=wrong)
            assert refused.json()["error"] == "invalid_transaction"
        assert (await product.exchange(code, code_verifier=VERIFIER)).status_code == 200

    play(steps)


def test_claims_come_in_the_languages_that_were_asked_for(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        page = await product.log_in(claims=asked(name=True, birthdate=True), claims_locales="en ar de")
        back = await product.press(page, "decision=allow", essential=["name", "birthdate"])
        told = await product.userinfo(
            (await product.exchange(parameters(back)["code"][0])).json()["access_token"]
        )
        assert {"name#en", "name#ar", "birthdate"} == set(told) - {"sub", "iss", "aud"}

    play(steps)


def test_relying_parties_know_a_person_by_different_subjects(play: Play) -> None:
    async def steps(product: Product) -> None:
        subjects = {}
        for name, party in (("c1", "party"), ("c2", "party"), ("c3", "other")):
            await product.register(name, relyingPartyId=party)
            code = await product.code(client_id=name)
            own = product.assertion(iss=name, sub=name)
            tokens = (await product.exchange(code, client_id=name, client_assertion=own)).json()
            subjects[name] = (await product.claims(tokens["id_token"]))["sub"]
        assert subjects["c1"] == subjects["c2"] != subjects["c3"]

    play(steps)


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer garbage", "Basic eDp5"])
def test_claims_need_an_access_token(play: Play, bearer: str) -> None:
    async def steps(product: Product) -> None:
        headers = {"Authorization": bearer} if bearer else {}
        refused = await product.client.get("/oidc/userinfo", headers=headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer ")

    play(steps)


def test_an_id_token_an_old_token_and_an_inactive_client_get_no_claims(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        tokens = (await product.exchange(await product.code())).json()

        async def status(token: str) -> int:
            answer = await product.client.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})
            return answer.status_code

        assert await status(tokens["id_token"]) == 401
        assert await status(tokens["access_token"]) == 200
        inactive = {**registration(), "status": "inactive"}
        await product.manage("PUT", "/client-mgmt/oidc-client/c1", inactive)
        assert await status(tokens["access_token"]) == 401
        await product.manage("PUT", "/client-mgmt/oidc-client/c1", {**inactive, "status": "active"})
        product.clock.ahead = 601
        assert await status(tokens["access_token"]) == 401

    play(steps)


def test_the_description_and_the_keys_fit_the_tokens(play: Play) -> None:
    async def steps(product: Product) -> None:
        description = product.valid(
            await product.client.get("/.well-known/openid-configuration"), "discovery"
        )
        assert description["issuer"] == ISSUER
        keys = product.valid(await product.client.get("/.well-known/jwks.json"), "jwks")["keys"]
        assert len(keys) == 1
        assert not {"d", "p", "q"} & keys[0].keys()
        leaf = base64.b64decode(keys[0]["x5c"][0])
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(leaf).digest()).rstrip(b"=").decode()
        assert keys[0]["x5t#S256"] == thumbprint

    play(steps)
