"""Client management: each wrong field has its own code, and nothing is changed by what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.mocks.identity.conftest import (
    ISSUER,
    NOW,
    REDIRECT,
    Product,
    code_of,
    enveloped,
    parameters,
    registration,
    rsa_key,
)

Play = Callable[..., None]
PATH = "/client-mgmt/oidc-client"
_SHORT = rsa_key().as_dict(private=False)["n"][:170]
ADMISSION = "mocks.identity.admission"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"clientId": ""}, "invalid_client_id"),
        ({"clientId": "x" * 51}, "invalid_client_id"),
        ({"clientId": " c"}, "invalid_client_id"),
        ({"clientName": ""}, "invalid_client_name"),
        ({"clientName": "x" * 257}, "invalid_client_name"),
        ({"relyingPartyId": "x" * 51}, "invalid_rp_id"),
        ({"logoUri": "no uri"}, "invalid_uri"),
        ({"redirectUris": []}, "invalid_redirect_uri"),
        ({"redirectUris": [REDIRECT, REDIRECT]}, "invalid_redirect_uri"),
        ({"redirectUris": [f"{REDIRECT}#f"]}, "invalid_redirect_uri"),
        ({"redirectUris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"authContextRefs": ["idbb:acr:telepathy"]}, "invalid_acr"),
        ({"userClaims": []}, "invalid_claim"),
        ({"grantTypes": ["implicit"]}, "invalid_grant_type"),
        ({"clientAuthMethods": ["none"]}, "invalid_client_auth"),
        ({"publicKey": {}}, "invalid_public_key"),
        ({"publicKey": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}}, "invalid_public_key"),
    ],
)
def test_each_wrong_field_has_its_code(play: Play, changes: dict[str, Any], code: str) -> None:
    async def steps(product: Product) -> None:
        assert code_of(await product.register(**{"clientId": "c1", **changes})) == code
        assert not list(product.state.clients)

    play(steps)


def test_a_private_or_short_key_is_refused(play: Play) -> None:
    async def steps(product: Product) -> None:
        for key in (rsa_key().as_dict(private=True), {**rsa_key().as_dict(private=False), "n": _SHORT}):
            assert code_of(await product.register(publicKey=key)) == "invalid_public_key"

    play(steps)


def test_an_identifier_is_given_once_and_letter_case_counts(play: Play) -> None:
    async def steps(product: Product) -> None:
        assert (await product.register("Rp")).json()["response"] == {"clientId": "Rp"}
        taken = await product.register("Rp", redirectUris=["https://evil.example/"])
        assert code_of(taken) == "duplicate_client_id"
        assert product.state.clients.find("Rp").redirect_uris == (REDIRECT,)
        assert (await product.register("rP")).json()["response"] == {"clientId": "rP"}

    play(steps)


def test_a_change_shows_at_once_and_spares_the_key(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        other = f"{REDIRECT}/new"
        changed = {**registration(), "status": "active", "redirectUris": [other], "userClaims": ["name"]}
        changed["publicKey"] = rsa_key("stranger").as_dict(private=False)
        for _ in range(2):
            answer = await product.manage("PUT", f"{PATH}/c1", changed)
            assert product.valid(answer, "client-update")["errors"] == []
        assert (await product.authorize()).status_code == 400
        assert (await product.authorize(redirect_uri=other)).status_code == 200
        assert product.state.clients.find("c1").public_key == rsa_key().as_dict(private=False)
        missing = await product.manage("PUT", f"{PATH}/nobody", changed)
        assert code_of(missing) == "invalid_client_id"

    play(steps)


def test_an_inactive_client_is_refused_everywhere(play: Play) -> None:
    async def steps(product: Product) -> None:
        await product.register()
        code = await product.code()
        inactive = {**registration(), "status": "inactive"}
        await product.manage("PUT", f"{PATH}/c1", inactive)
        assert parameters(await product.authorize())["error"] == ["unauthorized_client"]
        assert (await product.exchange(code)).status_code == 400
        await product.manage("PUT", f"{PATH}/c1", {**inactive, "status": "active"})
        assert (await product.exchange(code)).status_code == 200

    play(steps)


def test_only_the_trusted_system_with_the_right_scope_manages(play: Play) -> None:
    from dpi_conformance.catalogue.packs import Pack

    iam_token = Pack.builtin().load(ADMISSION).iam_token

    async def steps(product: Product) -> None:
        now = product.clock()
        refused = (
            "",
            "Bearer nobody",
            f"Bearer {iam_token('secret', 'update_oidc_client', now)}",
            f"Bearer {iam_token('secret', 'add_oidc_client', now - 99999, 60)}",
            f"Bearer {iam_token('other', 'add_oidc_client', now)}",
        )
        for header in refused:
            headers = {"Authorization": header} if header else {}
            body = enveloped(**registration())
            assert (await product.client.post(PATH, json=body, headers=headers)).status_code == 401, header
        assert not list(product.state.clients)
        good = {"Authorization": f"Bearer {iam_token('secret', 'x add_oidc_client', now)}"}
        served = await product.client.post(PATH, json=enveloped(**registration()), headers=good)
        assert served.json()["errors"] == []

    play(steps)


@pytest.mark.parametrize("written", ["", "yesterday", "2026-02-30T00:00:00Z", "2026-11-25T08:00:00"])
def test_a_request_says_when_it_was_sent(play: Play, written: str) -> None:
    async def steps(product: Product) -> None:
        answer = await product.manage("POST", PATH, registration(), requestTime=written)
        assert code_of(answer) == "invalid_request"
        assert (await product.manage("POST", PATH, registration(), requestTime=NOW)).json()["errors"] == []
        assert ISSUER not in answer.text

    play(steps)
