"""The relying party's own requests: each way to prove a client, keys from files, and what is written into a URL."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from joserfc.jwk import import_key

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import Client as Configured
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.model.evidence import Exchange, Request, Response

PACK = Pack.builtin()
CLIENTS: Any = PACK.load("suites.identity.clients")
DISCOVERY: Any = PACK.load("suites.identity.discovery")
JOSE: Any = PACK.load("suites.identity.jose")
PARTY: Any = PACK.load("suites.identity.relying_party")
TOKENS: Any = PACK.load("suites.identity.tokens")
REPLIES: Any = PACK.load("suites.identity.replies")
URL = "https://idp.example/realm"
METADATA = {
    "issuer": URL,
    "authorization_endpoint": f"{URL}/authorize?tenant=a%20b",
    "token_endpoint": f"{URL}/token",
    "userinfo_endpoint": f"{URL}/me",
}
KEY = asyncio.run(JOSE.own_key("party"))
KEYS: Mapping[str, Any] = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


@dataclass(kw_only=True)
class Recorder:
    """A scene of which only this is used: it records requests and gives one answer."""

    answer: Response = field(default_factory=lambda: Response(status=200, body=b"{}"))
    declared: dict[str, str] = field(default_factory=dict)
    fresh: Fresh = field(default_factory=Fresh)
    sent: list[Request] = field(default_factory=list)

    async def visit(self, request: Request, _name: str) -> Exchange:
        """Record a request."""
        self.sent.append(request)
        return Exchange(id="1", request=request, response=self.answer)


def party(scene: Recorder, metadata: dict[str, Any] | None = None, **client: Any) -> Any:
    provider = DISCOVERY.Provider(
        base_url=URL,
        metadata={**METADATA, **(metadata or {})},
        exchange=Exchange(id="0", request=Request(method="GET", url=URL), response=None),
    )
    given = {"id": "client:1", "redirect_uris": ("https://rp.example/back",), **client}
    return PARTY.Party(scene=scene, provider=provider, client=CLIENTS.Client(**given))


def exchanged(scene: Recorder, one: Any, **changes: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Exchange a code, and give the form and the headers that went out."""
    asyncio.run(one.exchange("the code", one.ask(), **changes))
    request = scene.sent[-1]
    assert request.url == METADATA["token_endpoint"]
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True)), dict(request.headers)


def test_a_client_with_a_key_signs_an_assertion() -> None:
    scene = Recorder()
    form, headers = exchanged(scene, party(scene, key=KEY))
    claims = JOSE.verified(form["client_assertion"], JOSE.KeyRing([KEY.as_dict(private=False)])).claims
    assert claims["iss"] == claims["sub"] == form["client_id"] == "client:1"
    assert claims["aud"] == METADATA["token_endpoint"]
    assert claims["exp"] > claims["iat"]
    assert form["client_assertion_type"].endswith(":jwt-bearer")
    assert "Authorization" not in headers
    again, _ = exchanged(scene, party(scene, key=KEY))
    assert JOSE.read(again["client_assertion"]).claims["jti"] != claims["jti"]


def test_an_assertion_is_made_for_the_issuer_where_that_is_declared() -> None:
    scene = Recorder(declared={"assertion.audience": "issuer"})
    form, _ = exchanged(scene, party(scene, key=KEY))
    assert JOSE.read(form["client_assertion"]).claims["aud"] == URL


def test_a_client_with_a_secret_proves_itself_as_registered() -> None:
    scene = Recorder()
    form, headers = exchanged(scene, party(scene, method="client_secret_basic", secret="s p:a+c%é"))
    name, _, secret = (
        base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
    )
    assert (name, secret) == ("client%3A1", "s%20p%3Aa%2Bc%25%C3%A9"), (
        "RFC 6749, 2.3.1: each half is form-encoded"
    )
    assert "client_secret" not in form
    form, headers = exchanged(scene, party(scene, method="client_secret_post", secret="s3cret"))
    assert (form["client_id"], form["client_secret"]) == ("client:1", "s3cret")
    assert "Authorization" not in headers


def test_a_public_client_brings_a_verifier() -> None:
    scene = Recorder()
    one = party(scene, method="none")
    asked = one.ask()
    assert asked.get("code_challenge") == PARTY.challenge(asked.verifier)
    asyncio.run(one.exchange("the code", asked))
    form = dict(parse_qsl(scene.sent[-1].body.decode()))
    assert form["code_verifier"] == asked.verifier
    assert form["client_id"] == "client:1"


def test_pkce_goes_along_where_it_is_offered() -> None:
    offered = party(Recorder(), {"code_challenge_methods_supported": ["plain", "S256"]}, key=KEY)
    assert offered.ask().get("code_challenge_method") == "S256"
    assert offered.ask(verifier="").verifier == ""
    assert party(Recorder(), key=KEY).ask().verifier == ""


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    assert (
        PARTY.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_what_is_asked_for_is_written_once_and_whole() -> None:
    state = "a+b&c=ሰላም %20"
    asked = party(Recorder(), key=KEY).ask(
        state=state, nonce=None, more=[("redirect_uri", "https://second.example/")]
    )
    query = parse_qs(urlsplit(asked.url).query)
    assert query["state"] == [state]
    assert query["tenant"] == ["a b"], "the endpoint's own query stays"
    assert query["redirect_uri"] == ["https://rp.example/back", "https://second.example/"]
    assert "nonce" not in query
    assert asked.redirect_uri == "https://rp.example/back"


def test_changes_take_the_place_of_fields() -> None:
    scene = Recorder()
    form, _ = exchanged(
        scene, party(scene, key=KEY), redirect_uri=None, grant_type="password", assertion="forged"
    )
    assert "redirect_uri" not in form
    assert (form["grant_type"], form["client_assertion"]) == ("password", "forged")


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_an_answer_that_says_nothing_is_no_refusal(status: int) -> None:
    scene = Recorder(answer=Response(status=status))
    with pytest.raises(Prerequisite):
        asyncio.run(party(scene, key=KEY).exchange("c", party(scene, key=KEY).ask()))


@pytest.mark.parametrize("algorithm", sorted(KEYS))
@pytest.mark.parametrize("form", ["pem", "jwk", "jwk-with-use"])
def test_a_key_is_read_from_its_file(tmp_path: Path, algorithm: str, form: str) -> None:
    pem = KEYS[algorithm].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kind = {"R": "RSA", "E": "EC"}[algorithm[0]] if algorithm != "EdDSA" else "OKP"
    jwk = import_key(pem, kind).as_dict(private=True, **({"use": "sig"} if form == "jwk-with-use" else {}))  # type: ignore[call-overload]
    file = tmp_path / "key"
    file.write_bytes(pem if form == "pem" else json.dumps(jwk).encode())
    client = CLIENTS.by_hand(
        Configured(client_id="c", redirect_uris=("https://rp.example/",), private_key=file)
    )
    assert client.algorithm == algorithm
    assertion = party(Recorder(), key=client.key, algorithm=algorithm).assertion().signed()
    assert JOSE.verified(assertion, JOSE.KeyRing([client.key.as_dict(private=False)]))


@pytest.mark.parametrize(
    "written",
    [b"", b"{", b"{}", b"[]", b"\xff\xfe", b"-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n"],
)
def test_a_key_that_cannot_be_read_is_told(tmp_path: Path, written: bytes) -> None:
    file = tmp_path / "the-key"
    file.write_bytes(written)
    with pytest.raises(Prerequisite, match=r"the-key.*PKCS #8"):
        CLIENTS.by_hand(Configured(client_id="c", redirect_uris=("https://rp.example/",), private_key=file))


@pytest.mark.parametrize("kind", ["public", "with-a-password"])
def test_a_key_that_cannot_sign_is_told(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "the-key"
    locked = KEYS["RS256"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    file.write_bytes(KEY.as_pem(private=False) if kind == "public" else locked)
    with pytest.raises(Prerequisite, match="the-key"):
        CLIENTS.by_hand(Configured(client_id="c", redirect_uris=("https://rp.example/",), private_key=file))


def reply(body: object, media_type: str = "application/json", status: int = 200) -> Any:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    response = Response(status=status, headers=(("content-type", media_type),), body=raw)
    exchange = Exchange(id="1", request=Request(method="GET", url=URL), response=response)
    return REPLIES.Reply(exchange=exchange, body=body if not isinstance(body, str) else {})


@pytest.mark.parametrize(
    ("body", "status", "granted"),
    [
        ({"access_token": "a", "id_token": "i"}, 200, True),
        ({"access_token": "a"}, 200, True),
        ({"error": "invalid_grant"}, 200, False),
        ({"access_token": "a"}, 400, False),
        ([], 200, False),
        ({"access_token": ""}, 200, False),
    ],
)
def test_what_brings_tokens_is_told_from_what_does_not(body: Any, status: int, granted: bool) -> None:
    assert (TOKENS.Tokens.of(reply(body, status=status)) is not None) is granted


def test_claims_are_read_however_they_come() -> None:
    claims = {"sub": "1", "name": "ሰላም"}
    ring = JOSE.KeyRing([KEY.as_dict(private=False)])
    signed = JOSE.signed({"alg": "RS256", "kid": KEY.kid}, claims, KEY)
    assert TOKENS.userinfo_of(reply(claims), ring, []).kind == "plain"
    info = TOKENS.userinfo_of(reply(signed, "application/jwt"), ring, [])
    assert (info.kind, info.claims) == ("signed", claims)
    for text in ("", "a.b", "{}", "a.b.c", "a.b.c.d.e"):
        with pytest.raises(JOSE.TokenError):
            TOKENS.userinfo_of(reply(text, "application/jwt"), ring, [KEY])
    with pytest.raises(JOSE.TokenError):
        TOKENS.userinfo_of(reply("<html>", "text/html"), ring, [])
