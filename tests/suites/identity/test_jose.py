"""The verifier: what it believes, what it never believes, and that nothing keeps it busy."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from dpi_conformance.catalogue.packs import Pack

JOSE: Any = Pack.builtin().load("suites.identity.jose")
ASSERTIONS: Any = Pack.builtin().load("suites.identity.assertions")
TOKENS: Any = Pack.builtin().load("suites.identity.tokens")
KEY = asyncio.run(JOSE.own_key("test"))
OTHER = asyncio.run(JOSE.own_key("test-other"))
CLAIMS = {"iss": "https://issuer.example", "sub": "1"}
HEADER = {"alg": "RS256", "kid": "k"}
QUICK_SECONDS = 3.0


def member(key: RSAKey = KEY, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": "k", **more}


def ring(*members: dict[str, Any]) -> Any:
    return JOSE.KeyRing(members or (member(),))


def kind_of(act: Callable[[], object]) -> str:
    started = time.perf_counter()
    with pytest.raises(JOSE.TokenError) as raised:
        act()
    assert time.perf_counter() - started < QUICK_SECONDS
    return str(raised.value.kind)


def test_a_good_token_is_believed() -> None:
    token = JOSE.signed(HEADER, CLAIMS, KEY)
    assert JOSE.verified(token, ring()).claims == CLAIMS
    assert JOSE.verified(token, ring(member(OTHER), member())).claims == CLAIMS, (
        "of two with one name, the one that fits"
    )


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (JOSE.unsigned({**HEADER, "alg": "none"}, CLAIMS), "algorithm"),
        (JOSE.unsigned({**HEADER, "alg": "None"}, CLAIMS), "algorithm"),
        (JOSE.signed_by_secret({**HEADER, "alg": "HS256"}, CLAIMS, KEY.as_pem(private=False)), "algorithm"),
        (JOSE.signed({**HEADER, "kid": "another"}, CLAIMS, KEY), "key"),
        (JOSE.signed(HEADER, CLAIMS, OTHER), "signature"),
        (JOSE.signed({**HEADER, "jwk": OTHER.as_dict(private=False)}, CLAIMS, OTHER), "signature"),
        (JOSE.unsigned(HEADER, CLAIMS), "signature"),
        (JOSE.signed({**HEADER, "crit": ["b64x"], "b64x": 1}, CLAIMS, KEY), "signature"),
        (JOSE.signed(HEADER, CLAIMS, KEY).replace(".", "=."), "form"),
        ("a.b", "form"),
        ("a.b.c.d.e", "form"),
        ("é.é.é", "form"),
        ("....", "form"),
        (None, "form"),
        ({"a": 1}, "form"),
        ("x" * 1_000_000, "size"),
        (f"{'x' * 500_000}.{'y' * 500_000}.z", "size"),
    ],
    ids=[
        "none", "None", "hs256-with-the-public-key", "kid-unknown", "other-key", "own-key-embedded", "signature-left-out",
        "critical", "padded", "two-parts", "five-parts", "no-ascii", "empty", "null", "object", "1-mb", "1-mb-in-parts",
    ],
)  # fmt: skip
def test_anything_else_is_not(token: object, kind: str) -> None:
    assert kind_of(lambda: JOSE.verified(token, ring())) == kind


def test_only_the_algorithms_that_were_agreed_on_count() -> None:
    token = JOSE.signed({**HEADER, "alg": "PS256"}, CLAIMS, KEY)
    assert JOSE.verified(token, ring(), {"PS256"})
    assert kind_of(lambda: JOSE.verified(token, ring(), {"RS256"})) == "algorithm"
    assert kind_of(lambda: JOSE.verified(token, ring(), {"HS256", "none"})) == "algorithm"


@pytest.mark.parametrize(
    "unfit",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"kty": "EC"},
        {"kid": "other"},
        {"n": "A" * 100_000},
        {"n": 7},
        {"e": "!"},
    ],
)
def test_a_key_that_is_not_for_it_is_not_taken(unfit: dict[str, Any]) -> None:
    token = JOSE.signed(HEADER, CLAIMS, KEY)
    assert kind_of(lambda: JOSE.verified(token, ring(member(**unfit)))) == "key"


def test_ten_thousand_keys_cost_nothing() -> None:
    many = [member(kid=f"k{number}") for number in range(10_000)]
    token = JOSE.signed({**HEADER, "kid": "k77"}, CLAIMS, KEY)
    started = time.perf_counter()
    assert JOSE.verified(token, ring(*many))
    assert (
        kind_of(lambda: JOSE.verified(JOSE.signed({**HEADER, "kid": "k9999"}, CLAIMS, KEY), ring(*many)))
        == "key"
    )
    nameless = JOSE.signed({"alg": "RS256"}, CLAIMS, OTHER)
    assert kind_of(lambda: JOSE.verified(nameless, ring(*many))) == "signature"
    assert time.perf_counter() - started < QUICK_SECONDS


@pytest.mark.parametrize("body", [None, [], {}, {"keys": {}}, {"keys": "x"}, "keys", 7])
def test_what_is_no_key_set_is_none(body: object) -> None:
    assert kind_of(lambda: JOSE.KeyRing.of(body)) == "form"


def test_deep_json_is_no_token() -> None:
    deep = JOSE.encoded(b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}")
    assert kind_of(lambda: JOSE.read(f"{JOSE.encoded(json.dumps(HEADER).encode())}.{deep}.x")) == "form"


def encrypted(plain: str, key: RSAKey = KEY, **header: str) -> str:
    fields = {"alg": "RSA-OAEP-256", "enc": "A256GCM", **header}
    return jwe.encrypt_compact(fields, plain, key, [*fields.values()])


def test_what_is_encrypted_for_us_is_read() -> None:
    assert JOSE.decrypted(encrypted("hello"), [OTHER, KEY]) == "hello"
    assert JOSE.decrypted(encrypted("hello", zip="DEF"), [KEY]) == "hello"
    assert kind_of(lambda: JOSE.decrypted(encrypted("hello", OTHER), [KEY])) == "encryption"
    assert kind_of(lambda: JOSE.decrypted(encrypted("hello"), [])) == "encryption"


def test_a_bomb_does_not_go_off() -> None:
    bomb = encrypted("0" * 30_000_000, zip="DEF")
    assert len(bomb) < JOSE.MOST_CHARACTERS, "it is small enough to be looked into"
    assert kind_of(lambda: JOSE.decrypted(bomb, [KEY])) == "size"


@pytest.mark.parametrize(
    "header",
    [{"alg": "RSA1_5"}, {"alg": "dir"}, {"alg": "PBES2-HS256+A128KW"}, {"enc": "none"}, {"alg": "none"}],
)
def test_weak_encryption_is_not_tried(header: dict[str, str]) -> None:
    fields = {"alg": "RSA-OAEP", "enc": "A256GCM", "p2c": 2**31, **header}
    token = ".".join([JOSE.encoded(json.dumps(fields).encode()), "AA", "AA", "AA", "AA"])
    assert kind_of(lambda: JOSE.decrypted(token, [KEY])) == "algorithm"


@pytest.mark.parametrize("name", sorted(ASSERTIONS.FORGERIES))
def test_no_forgery_is_a_good_assertion(name: str) -> None:
    """Each differs from the valid one in what it is called after, and our own verifier takes none of the forged ones."""
    one = ASSERTIONS.Assertion.of("client", "https://issuer.example/token", KEY, jti="1", algorithm="RS256")
    good = JOSE.verified(one.signed(), JOSE.KeyRing([KEY.as_dict(private=False)]))
    forged = ASSERTIONS.FORGERIES[name].make(one, OTHER)
    seen = JOSE.read(forged)
    assert (seen.header, seen.claims, forged) != (good.header, good.claims, one.signed())
    if not {"issuer", "subject", "audience", "expir", "not-yet"} & {
        part for part in ("issuer", "subject", "audience", "expir", "not-yet") if part in name
    }:
        kind_of(lambda: JOSE.verified(forged, JOSE.KeyRing([KEY.as_dict(private=False)])))
    else:
        assert dict(seen.claims) != dict(good.claims)
