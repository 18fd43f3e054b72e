"""The product is shown who calls: rightly, not at all, or wrongly; and nothing of it gets lost."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson
import pytest
import trustme
import uvloop

from dpi_conformance.errors import HarnessError, TargetError, UsageError
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.wire.authentication import wrong
from dpi_conformance.wire.client import Wire

if TYPE_CHECKING:
    from tests.wire.conftest import Loop, Read, Serving

BASIC = "Basic " + base64.b64encode(b"operator:s3cret").decode()


def sent(serving: Serving, ok: bytes, auth: Any, credentials: str = "own", **target: Any) -> Any:
    """Send one request; give its head as the product saw it, and the exchange."""

    async def run() -> Any:
        async with serving(ok) as product, Wire(product.target(auth=auth, **target)) as wire:
            request = Request(method="GET", url="/bills/1?fields=inquiry")
            exchange = await wire.send(request, credentials=credentials, exchange_id="x")
            return product.requests[0].decode(), exchange

    return asyncio.run(run())


def header(head: str, name: str) -> Any:
    lines = [line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith(f"{name}:")]
    assert len(lines) < 2
    return lines[0] if lines else None


SECRETS = [
    ({"type": "bearer", "token": "eyJhbGc.A1b2.C3"}, "authorization", "Bearer eyJhbGc.A1b2.C3"),
    ({"type": "api_key", "name": "X-Key", "in": "header", "value": "k-123"}, "x-key", "k-123"),
    ({"type": "headers", "headers": {"X-Gateway": "pass 42"}}, "x-gateway", "pass 42"),
    ({"type": "headers", "headers": {"Authorization": BASIC}}, "authorization", BASIC),
]


@pytest.mark.parametrize(("auth", "name", "value"), SECRETS)
def test_our_own_credentials(serving: Serving, ok: bytes, auth: Any, name: str, value: str) -> None:
    head, exchange = sent(serving, ok, auth)
    assert header(head, name) == value
    assert any((key.lower(), text) == (name, value) for key, text in exchange.request.headers)


@pytest.mark.parametrize(("auth", "name", "value"), SECRETS)
def test_no_credentials(serving: Serving, ok: bytes, auth: Any, name: str, value: str) -> None:
    head, exchange = sent(serving, ok, auth, "none", headers={"X-Client": "A"})
    assert header(head, name) is None
    assert header(head, "x-client") == "A"
    assert value not in str(exchange.request)


@pytest.mark.parametrize(("auth", "name", "value"), SECRETS)
def test_wrong_credentials_of_the_same_kind(
    serving: Serving, ok: bytes, auth: Any, name: str, value: str
) -> None:
    head, _ = sent(serving, ok, auth, "wrong")
    shown = header(head, name)
    assert shown not in {None, value}
    assert len(shown) == len(value)
    assert shown.partition(" ")[0] == value.partition(" ")[0] or " " not in value


def test_an_api_key_in_the_query(serving: Serving, ok: bytes) -> None:
    auth = {"type": "api_key", "name": "api_key", "in": "query", "value": "k+1/&"}
    assert sent(serving, ok, auth)[0].startswith("GET /bills/1?fields=inquiry&api_key=k%2B1%2F%26 HTTP/1.1")
    assert sent(serving, ok, auth, "none")[0].startswith("GET /bills/1?fields=inquiry HTTP/1.1")
    head, _ = sent(serving, ok, auth, "wrong")
    assert "&api_key=" in head
    assert "api_key=k%2B1" not in head


def test_where_there_are_no_credentials_none_are_invented(serving: Serving, ok: bytes) -> None:
    heads = {
        sent(serving, ok, {"type": "none"}, kind)[0].partition("User")[2] for kind in ("own", "none", "wrong")
    }
    assert len(heads) == 1


def test_a_request_that_names_the_header_itself_goes_as_given(serving: Serving, ok: bytes) -> None:
    async def run() -> Any:
        async with serving(ok) as product:
            async with Wire(product.target(auth={"type": "bearer", "token": "own"})) as wire:
                given = Request(method="GET", url="/", headers=(("authorization", "Bearer"),))
                await wire.send(given, exchange_id="x")
            return product.requests[0].decode()

    assert header(asyncio.run(run()), "authorization") == "Bearer"


def test_other_words_for_credentials_are_the_harness_own_error(serving: Serving, ok: bytes) -> None:
    with pytest.raises(HarnessError, match="own, none or wrong"):
        sent(serving, ok, {"type": "none"}, "forged")


@pytest.mark.parametrize(
    "secret",
    ["", "-", "..", "a", "0", "Bearer ", "eyJ.ab-c_d", "ሰላም", "pässword", "x" * 8, "Basic !!", BASIC],
)
def test_a_wrong_secret_is_never_the_real_one(secret: str) -> None:
    guesses = {wrong(secret) for _ in range(50)}
    assert secret not in guesses
    assert all(len(guess) == len(secret) for guess in guesses if len(secret) > 2 and secret.strip() == secret)


def test_a_wrong_secret_has_the_shape_and_tells_nothing(serving: Serving) -> None:
    first, second = wrong("Abc-123_xyz." * 4), wrong("Abc-123_xyz." * 4)
    assert first != second
    for guess in (first, second):
        assert [(c.isdigit(), c.islower(), c.isupper()) for c in guess] == [
            (c.isdigit(), c.islower(), c.isupper()) for c in "Abc-123_xyz." * 4
        ]


def test_wrong_basic_credentials_keep_the_name() -> None:
    name, _, password = base64.b64decode(wrong(BASIC).removeprefix("Basic ")).partition(b":")
    assert name == b"operator"
    assert password != b"s3cret"
    assert len(password) == 6


# OAuth 2


class Gateway:
    """An authorization server and the product behind it, in one: it takes the newest token only."""

    def __init__(self, read: Read, *, lifetime: Any = 3600, says: Any = None) -> None:
        self.read, self.lifetime, self.says = read, lifetime, says
        self.asked: list[tuple[str, str]] = []
        self.served: list[str] = []
        self.tokens: list[str] = []
        self.takes: Callable[[str], bool] = lambda token: bool(self.tokens) and token == self.tokens[-1]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, _, body = (await self.read(reader)).decode().partition("\r\n\r\n")
            if head.startswith("POST /token"):
                writer.write(self._token(head, body))
            else:
                token = (header(head, "authorization") or "").removeprefix("Bearer ")
                self.served.append(token)
                writer.write(_json("200 OK" if self.takes(token) else "401 Unauthorized", {}))

    def _token(self, head: str, body: str) -> Any:
        self.asked.append((head, body))
        if self.says:
            return self.says
        self.tokens.append(f"token-{len(self.tokens)}-abc")
        answer = {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": self.lifetime}
        return _json("200 OK", answer)


def _json(status: str, body: Any) -> Any:
    text = orjson.dumps(body)
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text


def oauth(
    serving: Serving, gateway: Gateway, steps: Callable[..., Any], *, loop: Loop = asyncio.run, **auth: Any
) -> Any:
    async def run() -> Any:
        async with serving(gateway) as product:
            settings = {
                "type": "oauth2_client_credentials",
                "token_url": f"{product.url}/token",
                "client_id": "me",
                "client_secret": "s3cret",
                **auth,
            }
            async with Wire(product.target(auth=settings)) as wire:
                return await steps(wire)

    return loop(run())


def call(wire: Wire, credentials: str = "own") -> Any:
    return wire.send(Request(method="POST", url="/vouchers"), credentials=credentials, exchange_id="x")


def statuses(exchanges: list[Exchange]) -> Any:
    return [exchange.response and exchange.response.status for exchange in exchanges]


@pytest.mark.parametrize("loop", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_a_token_is_fetched_once_for_many_requests(serving: Serving, read: Read, loop: Loop) -> None:
    gateway = Gateway(read)

    async def steps(wire: Wire) -> Any:
        return await asyncio.gather(*(call(wire) for _ in range(30))), wire.secrets

    exchanges, secrets = oauth(serving, gateway, steps, loop=loop, scope="pay read", audience="payments")
    assert set(statuses(exchanges)) == {200}
    assert len(gateway.asked) == 1
    assert secrets == {"token-0-abc"}
    head, form = gateway.asked[0]
    assert head.startswith("POST /token HTTP/1.1")
    assert header(head, "authorization") == "Basic " + base64.b64encode(b"me:s3cret").decode()
    assert parse_qs(form) == {
        "grant_type": ["client_credentials"],
        "scope": ["pay read"],
        "audience": ["payments"],
    }


def test_nothing_is_asked_of_the_authorization_server_without_need(serving: Serving, read: Read) -> None:
    gateway = Gateway(read)
    exchange = oauth(serving, gateway, lambda wire: call(wire, "none"))
    assert statuses([exchange]) == [401]
    assert gateway.asked == []


def test_the_client_may_prove_itself_in_the_form(serving: Serving, read: Read) -> None:
    gateway = Gateway(read)
    oauth(serving, gateway, call, client_auth="post")
    head, form = gateway.asked[0]
    assert header(head, "authorization") is None
    assert parse_qs(form) == {
        "grant_type": ["client_credentials"],
        "client_id": ["me"],
        "client_secret": ["s3cret"],
    }


def test_a_refused_token_is_renewed_once(serving: Serving, read: Read) -> None:
    gateway = Gateway(read)

    async def steps(wire: Wire) -> Any:
        first = await call(wire)
        gateway.tokens.append("revoked by the gateway")
        later = await asyncio.gather(*(call(wire) for _ in range(8)))
        return [first, *later]

    assert set(statuses(oauth(serving, gateway, steps))) == {200}
    assert len(gateway.asked) == 2


def test_a_product_that_refuses_every_token_is_not_asked_for_ever(serving: Serving, read: Read) -> None:
    gateway = Gateway(read)
    gateway.takes = lambda _token: False

    async def steps(wire: Wire) -> Any:
        return [await call(wire) for _ in range(5)]

    assert statuses(oauth(serving, gateway, steps)) == [401] * 5
    assert len(gateway.asked) == 2
    assert len(gateway.served) == 6


def test_after_an_accepted_token_it_may_be_renewed_again(serving: Serving, read: Read) -> None:
    gateway = Gateway(read)

    async def steps(wire: Wire) -> Any:
        exchanges = []
        for _ in range(3):
            exchanges.append(await call(wire))
            gateway.tokens.append("revoked")
        return exchanges

    assert statuses(oauth(serving, gateway, steps)) == [200, 200, 200]
    assert len(gateway.asked) == 3


@pytest.mark.parametrize(("lifetime", "asked"), [(-1, 3), (0, 3), ("1", 3), (30, 1), (None, 1), ("soon", 1)])
def test_a_token_is_kept_until_it_expires(
    serving: Serving, read: Read, lifetime: Any, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(read, lifetime=lifetime)
    now = [1_000_000.0]
    monkeypatch.setattr("authlib.oauth2.rfc6749.wrappers.time.time", lambda: now[0])

    async def steps(wire: Wire) -> Any:
        exchanges = []
        for _ in range(3):
            exchanges.append(await call(wire))
            now[0] += 5
        return exchanges

    assert statuses(oauth(serving, gateway, steps)) == [200, 200, 200]
    assert len(gateway.asked) == asked


def test_a_wrong_token_has_the_shape_of_the_real_one(serving: Serving, read: Read) -> None:
    gateway = Gateway(read)
    exchange = oauth(serving, gateway, lambda wire: call(wire, "wrong"))
    assert statuses([exchange]) == [401]
    assert len(gateway.served[0]) == len("token-0-abc")
    assert len(gateway.served) == 1


@pytest.mark.parametrize(
    ("says", "reads"),
    [
        (
            _json("401 Unauthorized", {"error": "invalid_client", "error_description": "no s3cret"}),
            "invalid_client",
        ),
        (_json("200 OK", {"token": "x"}), "auth.token_url"),
        (_json("200 OK", [1]), "no token"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot here!", "HTTP 404 not here!"),
        (_json("200 OK", {"access_token": "x", "token_type": "mac"}), "mac"),
        (b"garbage\r\n\r\n", "protocol"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", "HTTP 302"),
    ],
)
def test_trouble_with_the_authorization_server_says_what_to_change(
    serving: Serving, read: Read, says: Any, reads: str
) -> None:
    with pytest.raises(TargetError) as caught:
        oauth(serving, Gateway(read, says=says), call)
    text = str(caught.value)
    assert reads in text
    assert "product.yaml" in text
    assert "s3cret" not in text
    assert caught.value.exit_code == 3


def test_an_authorization_server_that_is_not_there(serving: Serving, read: Read) -> None:
    with pytest.raises(TargetError, match="refused.*auth.token_url"):
        oauth(serving, Gateway(read), call, token_url="http://127.0.0.1:1/token")


# Mutual TLS


@pytest.fixture(scope="module")
def authority() -> Any:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Any:
    """Give the ``tls`` part of a target whose client certificate the product's authority issued."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = authority.issue_cert("client.example")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    return {"ca_file": tmp_path / "ca.pem", "client_certificate": tmp_path / "client.pem"}


def asking(authority: trustme.CA) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.mark.parametrize("loop", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_the_client_certificate_is_our_own_none_or_a_wrong_one(
    serving: Serving, ok: bytes, authority: trustme.CA, files: dict[str, Any], loop: Loop
) -> None:
    kinds = ("own", "none", "wrong", "own")
    mutual = {"auth": {"type": "mutual_tls"}, "tls": files}

    async def run() -> Any:
        async with serving(ok, tls=asking(authority)) as product, Wire(product.target(**mutual)) as wire:
            return [await call(wire, kind) for kind in kinds]

    own, none, wrong_one, again = loop(run())
    assert statuses([own, again]) == [200, 200]
    for refused in (none, wrong_one):
        assert refused.trouble is not None
        assert refused.trouble.kind in {"tls", "cut-off"}


def test_without_credentials_no_certificate_is_shown_beside_a_token_either(
    serving: Serving, ok: bytes, authority: trustme.CA, files: dict[str, Any]
) -> None:
    async def run() -> Any:
        async with serving(ok, tls=asking(authority)) as product:
            target = product.target(auth={"type": "bearer", "token": "abc"}, tls=files)
            async with Wire(target) as wire:
                return [await call(wire, kind) for kind in ("own", "wrong", "none")]

    own, wrong_token, none = asyncio.run(run())
    assert statuses([own, wrong_token]) == [200, 200]
    assert none.response is None


def test_only_the_named_authority_is_trusted(serving: Serving, ok: bytes, files: dict[str, Any]) -> None:
    async def run() -> Any:
        async with serving(ok, tls=asking(trustme.CA())) as product, Wire(product.target(tls=files)) as wire:
            return await call(wire)

    assert asyncio.run(run()).trouble.kind == "tls"


@pytest.mark.parametrize("key", ["ca_file", "client_certificate"])
def test_a_faulty_pem_file_is_named_before_anything_is_sent(
    serving: Serving, ok: bytes, files: dict[str, Any], tmp_path: Path, key: str
) -> None:
    (tmp_path / "faulty.pem").write_text("no PEM")

    async def run() -> Any:
        async with serving(ok) as product:
            target = product.target(
                base_url="https://127.0.0.1:1", tls={**files, key: tmp_path / "faulty.pem"}
            )
            async with Wire(target):
                return product

    with pytest.raises(UsageError, match=rf"tls.{key}.*faulty.pem"):
        asyncio.run(run())


def test_an_encrypted_key_is_not_asked_about_at_the_terminal(files: dict[str, Any], tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from dpi_conformance.catalogue.target import Tls
    from dpi_conformance.wire.tls import context

    key = load_pem_private_key(files["client_certificate"].read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    (tmp_path / "locked.pem").write_bytes(locked)
    with pytest.raises(UsageError, match="encrypted"):
        context(Tls(**files, client_key=tmp_path / "locked.pem"), "own")
