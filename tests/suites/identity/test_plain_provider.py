"""Plain OpenID providers: one that is honest is accused of nothing, one that is hostile costs a finding and no time."""

import asyncio
import base64
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.behaviour import Performed
from dpi_conformance.model.verdicts import Verdict
from tests.suites.identity.plain_provider import PlainProvider, serving
from tests.suites.identity.running import on_plain

JOSE: Any = Pack.builtin().load("suites.identity.jose")
DECLARED = {"E9/expired-code", "E16/refused-expired"}
"""Cases that wait for an expiry, which this provider does not declare."""
SECONDS = 20.0


def codes(results: Mapping[str, Performed]) -> set[str]:
    return {
        finding.code for one in results.values() for finding in one.scene.findings if not finding.advisory
    }


def test_an_honest_plain_provider_is_accused_of_nothing() -> None:
    results = on_plain(PlainProvider(), "E?/*", "E1[0-6]/*")
    undecided = {name for name, one in results.items() if one.verdict is not Verdict.PASS}
    assert codes(results) == set()
    assert undecided == DECLARED
    assert len(results) > 80
    assert {name.partition("/")[0] for name in results} >= {
        f"E{number}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 16)
    }


def test_what_certification_allows_is_accused_of_nothing() -> None:
    """A slash at the issuer's end (Discovery, 4.1), a missing token answered by 400 (RFC 6750, 3.1), claims with more."""
    bare = web.Response
    provider = PlainProvider(
        spoilt={
            "discovery": lambda body: {**body, "issuer": f"{body['issuer']}/", "vendor_extension": [1]},
            "id_token": lambda claims: {**claims, "iss": f"{claims['iss']}/", "amr": ["pwd"], "sid": "1"},
            "no_token": lambda _: bare(status=400, headers={"WWW-Authenticate": 'Bearer realm="plain"'}),
            "jwks": lambda body: {
                "keys": [
                    *body["keys"],
                    {"kty": "XMSS", "kid": "future"},
                    {"kty": "EC", "kid": "e", "use": "enc"},
                ]
            },
        }
    )
    results = on_plain(provider, "E?/*", "E1[0-6]/*")
    assert codes(results) == set()
    assert {name for name, one in results.items() if one.verdict is not Verdict.PASS} == DECLARED


def test_an_error_page_on_another_host_of_its_own_is_no_redirect_to_a_client() -> None:
    """RFC 6749 (4.1.2.1) forbids to redirect to the client, not to show the error elsewhere."""
    elsewhere = {"Location": "https://accounts.plain.example/error?error=invalid_client"}
    provider = PlainProvider(spoilt={"broken": lambda _: web.Response(status=302, headers=elsewhere)})
    results = on_plain(provider, "E12/*", "E14/*")
    assert codes(results) == set()
    assert {one.verdict for one in results.values()} == {Verdict.PASS}


def test_who_is_the_same_for_everybody_is_found() -> None:
    provider = PlainProvider(spoilt={"id_token": lambda claims: {**claims, "sub": "somebody"}})
    results = on_plain(provider, "E5/*", "E16/claims-*")
    assert {"id-token.subject-of-person", "userinfo.subject"} <= codes(results)
    assert verdict(results, "E16/claims-of-the-person")[0] is Verdict.INCONCLUSIVE


def test_who_names_one_person_is_told_so() -> None:
    results = on_plain(PlainProvider(), "E5/subject-of-person", persons=["first"])
    said, reason = verdict(results, "E5/subject-of-person")
    assert said is Verdict.INCONCLUSIVE
    assert "login.persons" in reason


def spoilt(*globs: str, **answers: Any) -> Mapping[str, Performed]:
    """Carry out cases against a provider that answers otherwise at some endpoints, within the time."""
    started = time.perf_counter()
    results = on_plain(PlainProvider(spoilt=answers), *globs)
    assert time.perf_counter() - started < SECONDS
    return results


def verdict(results: Mapping[str, Performed], name: str) -> tuple[Verdict, str]:
    return results[name].verdict, str(results[name].reason or "")


@pytest.mark.parametrize(
    "endpoint", ["token_endpoint", "userinfo_endpoint", "jwks_uri", "authorization_endpoint"]
)
def test_nothing_is_sent_to_another_host(endpoint: str) -> None:
    stranger = PlainProvider()
    provider = PlainProvider()

    async def acted() -> Mapping[str, Performed]:
        async with serving(stranger) as url:
            provider.spoilt["discovery"] = lambda body: {**body, endpoint: f"{url}/stolen"}
            return await asyncio.to_thread(on_plain, provider, "E8/*", "E16/*", "E1/endpoints-answer", "E4/*")

    results = asyncio.run(acted())
    assert stranger.requests == []
    decided = "E16/claims-for-a-token" if endpoint == "userinfo_endpoint" else "E4/signature"
    said, reason = verdict(results, decided)
    assert said is Verdict.INCONCLUSIVE
    assert endpoint in reason
    assert "base_url" in reason


@pytest.mark.parametrize(
    "place",
    [
        "https://user@{host}/token",
        "//{host}/token",
        "http://{host}\\@evil.example/token",
        "http://[",
        "token",
        7,
        None,
        "http://{host}:99999/token",
    ],
)
def test_an_endpoint_that_is_no_address_is_none(place: Any) -> None:
    def strange(body: dict[str, Any]) -> dict[str, Any]:
        host = body["issuer"].partition("//")[2]
        return {**body, "token_endpoint": place.format(host=host) if isinstance(place, str) else place}

    results = spoilt("E4/*", "E1/endpoints-absolute", "E1/endpoints-answer", discovery=strange)
    assert verdict(results, "E4/signature")[0] is Verdict.INCONCLUSIVE
    assert all(one.verdict is not Verdict.ERROR for one in results.values())


def test_a_description_that_leads_elsewhere_is_not_followed() -> None:
    where = {"Location": "http://127.0.0.1:1/elsewhere"}
    results = spoilt("E1/*", "E4/*", discovery=lambda _: web.Response(status=302, headers=where))
    assert "discovery.served" in codes(results)
    assert verdict(results, "E4/signature")[0] is Verdict.INCONCLUSIVE


NO_DESCRIPTIONS = {
    "deep": "[" * 400_000,
    "infinite": '{"issuer": 1e999}',
    "null": "null",
    "text": '"text"',
    "broken": "{" * 9,
    "odd": '{"issuer": {"a": []}, "jwks_uri": [1], "response_types_supported": "code"}',
}


@pytest.mark.parametrize("name", sorted(NO_DESCRIPTIONS))
def test_a_description_that_is_no_description(name: str) -> None:
    def answer(_body: object) -> web.Response:
        return web.Response(text=NO_DESCRIPTIONS[name], content_type="application/json")

    results = spoilt("E1/*", "E2/*", "E3/*", "E4/*", "E12/redirect-suffix", discovery=answer)
    assert all(one.verdict is not Verdict.ERROR for one in results.values())
    undecided = [one.verdict for case, one in results.items() if case.startswith(("E2/req", "E4/"))]
    assert Verdict.PASS not in undecided
    assert codes(results)


def test_ten_thousand_keys_are_a_finding() -> None:
    results = spoilt("E3/*", "E4/*", jwks=lambda body: {"keys": body["keys"] * 1500})
    assert "jwks.usable" in codes(results)
    assert results["E4/signature"].verdict is Verdict.PASS
    endless = spoilt("E3/*", "E4/*", jwks=lambda body: {"keys": body["keys"] * 10_000})
    assert "jwks.usable" in codes(endless)
    assert endless["E4/signature"].verdict is Verdict.INCONCLUSIVE, "no key set came whole"


def test_a_monstrous_key_is_a_finding() -> None:
    results = spoilt("E3/*", jwks=lambda body: {"keys": [{**body["keys"][0], "n": "_" * 900_000}]})
    assert {"jwks.key-strong", "jwks.usable"} <= codes(results)


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("x" * 900_000, "id-token.readable"),
        (f"{'eyJhIjoxfQ' * 30_000}.e30.x", "id-token.readable"),
        ("eyJhbGciOiJub25lIn0.e30.", "id-token.algorithm"),
        (
            JOSE.signed_by_secret({"alg": "HS256", "kid": "plain-1"}, {"sub": "1"}, b"secret"),
            "id-token.algorithm",
        ),
        (7, "id-token.readable"),
    ],
    ids=["long", "long-header", "unsigned", "by-a-secret", "number"],
)
def test_a_token_that_nobody_may_believe_is_a_finding(token: Any, code: str) -> None:
    results = spoilt("E4/*", "E5/*", "E6/*", token=lambda body: {**body, "id_token": token})
    assert code in codes(results)
    assert all(one.verdict is not Verdict.ERROR for one in results.values())


def test_a_token_answer_without_end_is_cut() -> None:
    results = spoilt("E4/*", token=lambda body: {**body, "id_token": "x" * 3_000_000})
    assert results["E4/signature"].verdict is Verdict.INCONCLUSIVE


def test_claims_for_another_key_are_a_finding() -> None:
    def encrypted(_body: object) -> web.Response:
        return web.Response(
            text="eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA", content_type="application/jwt"
        )

    results = spoilt("E16/claims-for-a-token", userinfo=encrypted)
    assert codes(results) == {"userinfo.readable"}


def certificate(key: Any, days: int) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key)
        .serial_number(7)
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
    )
    return base64.b64encode(built.sign(key.private_key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


@pytest.mark.parametrize(("days", "expected"), [(-1, {"jwks.not-expired"}), (30, set())])
def test_an_expired_certificate_is_a_finding(days: int, expected: set[str]) -> None:
    key = asyncio.run(JOSE.own_key("certified"))
    body = {"keys": [{**key.as_dict(private=False), "use": "sig", "x5c": [certificate(key, days)]}]}
    provider = PlainProvider(spoilt={"jwks": lambda _: body})
    results = on_plain(provider, "E3/*", claims=("openid-connect", "idbb-endpoints"))
    assert codes(results) == expected
