"""The doctor against living targets: each thing that can be wrong, and what it says to change."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from dpi_conformance.catalogue.product import (
    ApiKeyAuth,
    Auth,
    BearerAuth,
    Limits,
    MutualTlsAuth,
    NoAuth,
    OAuth2Auth,
    Target,
    Tls,
)
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import BodyRefusal, RefusalRules
from dpi_conformance.execution.doctor import examine
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.execution.sampling import probe_request, probe_variants
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Prerequisite, Stage, Steps
from dpi_conformance.i18n import Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.spec import BodyDeclared, Parameter, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener

TOKEN = "right-token"
OWN = BearerAuth(type="bearer", token=TOKEN)
READ = Variant(
    id="read",
    method="get",
    path="/things/{thing}",
    function="things",
    select=(("fields", "status"),),
    parameters=(
        Parameter(name="thing", location="path", required=True, schema={"type": "string", "maxLength": 6}),
        Parameter(name="X-Tenant", location="header", required=True, schema={"enum": ["t1"]}),
    ),
)
OTHER = Variant(id="other", method="get", path="/others", function="others")
MAKE = Variant(
    id="make",
    method="post",
    path="/things",
    function="things",
    body=BodyDeclared(schema={"type": "object"}),
    callbacks=("made",),
)
SPEC = Spec(title="things", version="1", variants=(READ, OTHER))
CALLING = replace(SPEC, variants=(READ, MAKE))
BLOCK = Block(id="things", title="Things", specification="Ours", probe="read", canary="/no-such-thing")
CONTROL = Vector(
    id="c",
    case="things/contract/make/positive",
    variant="make",
    method="POST",
    target="/things",
    expect=Expectation.ACCEPTED,
    headers=(("Content-Type", "application/json"), ("X-Callback-URL", "{{callback}}")),
    body="{}",
    control=True,
)


@dataclass
class Work:
    """What is asked of a block."""

    block: Block = BLOCK
    spec: Spec = SPEC
    controls: tuple[Vector, ...] = (CONTROL,)
    made: Steps = field(default_factory=dict)

    def vectors(self) -> Iterator[Vector]:
        return iter(self.controls)

    def steps(self) -> Steps:
        return self.made


@dataclass
class Asked:
    """A request as a product of the tests sees it."""

    method: str
    path: str
    headers: dict[str, str]


Answer = tuple[int, bytes] | tuple[int, bytes, dict[str, str]]
Product = Callable[[Asked], Answer | Awaitable[Answer]]


def good(asked: Asked) -> Answer:
    """Serve things to who has the token; all else is refused."""
    if asked.headers.get("authorization") != f"Bearer {TOKEN}":
        return 401, b"{}", {"WWW-Authenticate": 'Bearer realm="things"'}
    if asked.path.startswith("/things/"):
        return (200, b'{"a": 1}') if asked.headers.get("x-tenant") == "t1" else (400, b"{}")
    return 404, b'{"error": "not found"}'


def open_to_all(asked: Asked) -> Answer:
    return good(replace(asked, headers={**asked.headers, "authorization": f"Bearer {TOKEN}"}))


@contextlib.asynccontextmanager
async def served(
    product: Product, tls: ssl.SSLContext | None = None, date: str | None = "now"
) -> AsyncIterator[int]:
    """Serve a product on a free port, one exchange a connection."""

    handling: set[asyncio.Task[None]] = set()

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handling.add(asyncio.ensure_future(handle(reader, writer)))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with (
            contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError),
            contextlib.closing(writer),
        ):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])
            }
            await reader.readexactly(int(headers.get("content-length", 0)))
            method, path, _ = head[0].split(" ")
            told = product(Asked(method, path, headers))
            status, body, more = (*(await told if isinstance(told, Awaitable) else told), {})[:3]
            moment = format_datetime(datetime.now(UTC), usegmt=True) if date == "now" else date
            sent = {"Content-Type": "application/json", **({"Date": moment} if moment else {}), **more}
            lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in sent.items())]
            lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + body)
            await writer.drain()

    server = await asyncio.start_server(start, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling, return_exceptions=True)


async def examined(target: Target, work: Work, ask: Any = None) -> tuple[Observation, ...]:
    rules = RefusalRules(bodies=(BodyRefusal(fields=frozenset({"code"}), values=frozenset({"01"})),))
    async with Wire(target) as wire, CallbackListener() as listener:
        stage = Stage(
            wire=wire,
            listener=listener,
            answers=Answers(spec=work.spec, rules=rules),
            fresh=Fresh(),
            callback_seconds=0.3,
        )
        return await examine(stage, target, work, ask_callback=ask)


def doctor(
    product: Product,
    *,
    auth: Auth = OWN,
    path: str = "",
    work: Work | None = None,
    date: str | None = "now",
    claims: tuple[str, ...] = (),
    ask: Any = None,
) -> dict[str, Observation]:
    """Examine a product; observations by probe."""

    async def run() -> tuple[Observation, ...]:
        async with served(product, date=date) as port:
            target = Target(
                base_url=f"http://127.0.0.1:{port}{path}", auth=auth, limits=Limits(answer_seconds=0.5)
            )
            return await examined(target.model_copy(update={"claims": claims}), work or Work(), ask)

    return {one.probe: one for one in asyncio.run(run())}


def troubles(observations: dict[str, Observation]) -> dict[str, str]:
    return {
        name: f"{one.message} {one.advice}"
        for name, one in observations.items()
        if one.health is Health.TROUBLE
    }


def test_a_good_product_has_no_trouble_and_every_probe_in_order() -> None:
    seen = doctor(good)
    assert list(seen) == [
        *("name-resolution", "connection", "tls", "clock"),
        *("base-path", "credentials", "no-credentials", "canary"),
    ]
    assert {one.health for one in seen.values()} == {Health.OK}
    assert str(seen["base-path"].message) == "GET /things/{thing} is there (HTTP 200)."


def test_wrong_credentials_are_trouble_and_say_what_was_asked_for() -> None:
    seen = troubles(doctor(good, auth=BearerAuth(type="bearer", token="wrong")))
    assert list(seen) == ["credentials"]
    assert 'does not take the credentials (bearer): HTTP 401, Bearer realm="things"' in seen["credentials"]
    assert "Check auth in product.yaml" in seen["credentials"]
    assert "wrong" not in seen["credentials"]


def test_missing_credentials_name_the_key_and_the_variable() -> None:
    seen = troubles(doctor(good, auth=NoAuth()))
    assert (
        "Write auth in product.yaml; with --target, set a bearer token in the environment"
        in seen["credentials"]
    )


def test_one_operation_that_takes_the_credentials_is_enough() -> None:
    def partly(asked: Asked) -> Answer:
        return (200, b"{}") if asked.path == "/others" else (403, b"{}")

    assert troubles(doctor(partly)) == {}


def test_an_unprotected_product_is_warned_about_not_refused() -> None:
    seen = doctor(open_to_all)
    assert seen["no-credentials"].health is Health.WARNING
    assert "govstack-cfr-security#req-3" in str(seen["no-credentials"].advice)
    assert troubles(seen) == {}


def test_without_configured_credentials_their_absence_cannot_be_judged() -> None:
    seen = doctor(open_to_all, auth=NoAuth())
    assert seen["no-credentials"].health is Health.WARNING
    assert troubles(seen) == {}


def test_a_wrong_base_path_is_trouble() -> None:
    seen = troubles(doctor(good, path="/api/v9"))
    assert list(seen) == ["base-path"]
    assert "/api/v9 (HTTP 404, as for an operation that does not exist)" in seen["base-path"]
    assert "base_url (product.yaml)" in seen["base-path"]


@pytest.mark.parametrize("echo", [False, True])
def test_an_unknown_thing_is_not_taken_for_an_unknown_path(*, echo: bool) -> None:
    def honest(asked: Asked) -> Answer:
        if asked.path.startswith("/things/"):
            return (
                (405, b"{}", {"Allow": "GET"})
                if asked.method == "PATCH"
                else (404, b'{"error": "not found"}')
            )
        return 404, b'{"error": "not found"}' if not echo else f'{{"path": "{asked.path}"}}'.encode()

    assert "base-path" not in troubles(doctor(honest))


def test_a_404_that_echoes_its_path_is_still_an_unknown_path() -> None:
    seen = troubles(doctor(lambda asked: (404, f'{{"path": "{asked.path.partition("?")[0]}"}}'.encode())))
    assert "base-path" in seen


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((502, b"bad gateway"), "answered by a gateway in the product's place (HTTP 502)"),
        (
            (200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}),
            "as for an operation that does not exist",
        ),
        (
            (301, b"", {"Location": "https://elsewhere/x"}),
            "leads elsewhere (HTTP 301 to https://elsewhere/x)",
        ),
    ],
)
def test_what_answers_in_the_products_place_is_trouble(answer: Answer, told: str) -> None:
    assert told in troubles(doctor(lambda _asked: answer))["base-path"]


def test_only_claimed_functions_are_probed() -> None:
    asked: list[str] = []

    def partly(one: Asked) -> Answer:
        asked.append(one.path)
        return (200, b"{}") if one.path == "/others" else (404, b"{}")

    assert troubles(doctor(partly, claims=("others",))) == {}
    assert not [path for path in asked if path.startswith("/things")]


def test_an_address_that_serves_everything_is_trouble() -> None:
    seen = troubles(doctor(lambda _asked: (200, b"{}")))
    assert "this address answers everything" in seen["canary"]
    assert "a catch-all, a proxy or a mock without routes" in seen["canary"]


def test_a_canary_may_be_refused_in_the_blocks_own_way() -> None:
    seen = doctor(lambda asked: (200, b'{"code": "01"}') if asked.path == "/no-such-thing" else good(asked))
    assert seen["canary"].health is Health.OK


def test_a_canary_that_crashes_the_product_is_a_warning() -> None:
    seen = doctor(lambda asked: (500, b"oops") if asked.path == "/no-such-thing" else good(asked))
    assert seen["canary"].health is Health.WARNING


@pytest.mark.parametrize(
    ("seconds", "health"),
    [(0, Health.OK), (50, Health.OK), (-120, Health.WARNING), (120, Health.WARNING), (4000, Health.TROUBLE)],
)
def test_the_clock_is_compared(seconds: int, health: Health) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    clock = doctor(good, date=moment)["clock"]
    assert clock.health is health
    assert abs(float(clock.message.values["seconds"]) - seconds) <= 2


@pytest.mark.parametrize("date", [None, "yesterday"])
def test_no_date_is_a_warning(date: str | None) -> None:
    assert doctor(good, date=date)["clock"].health is Health.WARNING


def test_an_api_key_in_the_query_is_examined_too() -> None:
    def keyed(asked: Asked) -> Answer:
        if "key=k-123" not in asked.path:
            return 403, b"{}"
        return (200, b"{}") if asked.path.startswith("/things/") else (404, b"{}")

    auth = ApiKeyAuth.model_validate({"type": "api_key", "name": "key", "in": "query", "value": "k-123"})
    seen = doctor(keyed, auth=auth)
    assert {seen[name].health for name in ("credentials", "no-credentials", "canary")} == {Health.OK}


def test_a_token_that_is_not_given_is_trouble_with_the_credentials() -> None:
    async def run() -> tuple[Observation, ...]:
        async with served(lambda _asked: (400, b'{"error": "invalid_client"}')) as port:
            url = f"http://127.0.0.1:{port}"
            auth = OAuth2Auth(
                type="oauth2_client_credentials",
                token_url=f"{url}/token",
                client_id="i",
                client_secret="s3cret",
            )
            return await examined(Target(base_url=url, auth=auth), Work())

    last = asyncio.run(run())[-1]
    assert (last.probe, last.health) == ("credentials", Health.TROUBLE)
    assert "invalid_client" in str(last.message)
    assert "s3cret" not in str(last.message)


# Callbacks.


def test_a_callback_that_arrives_is_seen() -> None:
    async def calling(asked: Asked) -> Answer:
        if asked.method == "POST" and asked.path == "/things":
            address = asked.headers["x-callback-url"]
            host, _, path = address.removeprefix("http://").partition("/")
            name, _, port = host.partition(":")
            reader, writer = await asyncio.open_connection(name, int(port))
            writer.write(f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
            await reader.readline()
            writer.close()
            return 202, b"{}"
        return good(asked)

    assert doctor(calling, work=Work(spec=CALLING))["callback"].health is Health.OK


def test_a_callback_that_does_not_arrive_is_a_warning_that_explains() -> None:
    seen = doctor(
        lambda asked: (202, b"{}") if asked.method == "POST" else good(asked), work=Work(spec=CALLING)
    )
    assert seen["callback"].health is Health.WARNING
    assert "did not arrive at http://127.0.0.1:" in str(seen["callback"].message)
    assert "callbacks.public_url in product.yaml" in str(seen["callback"].advice)


def test_a_request_that_is_not_served_asks_for_no_callback() -> None:
    seen = doctor(
        lambda asked: (400, b"{}") if asked.method == "POST" else good(asked), work=Work(spec=CALLING)
    )
    assert "(make) was not served (HTTP 400)" in str(seen["callback"].message)


def test_what_a_callback_needs_is_created_by_the_blocks_steps() -> None:
    async def lacking(_stage: Stage, _count: int) -> list[Prerequisite]:
        return [Prerequisite(Message(text="No such fixture."))]

    work = Work(spec=CALLING, controls=(replace(CONTROL, needs=("member",)),), made={"member": lacking})
    seen = doctor(good, work=work)["callback"]
    assert (seen.health, str(seen.message)) == (Health.WARNING, "No such fixture.")


def test_the_caller_may_ask_for_the_callback_itself() -> None:
    async def ask() -> bool:
        return True

    assert doctor(good, ask=ask)["callback"].health is Health.OK


def test_a_callback_that_was_refused_is_told_with_what_to_change() -> None:
    async def ask() -> bool:
        raise Prerequisite(Message(text="No request was served (make: HTTP 403)."))

    seen = doctor(good, ask=ask)["callback"]
    assert (seen.health, str(seen.message)) == (Health.WARNING, "No request was served (make: HTTP 403).")
    assert "did not arrive" not in str(seen.message)
    assert "credentials (auth)" in str(seen.advice)
    assert "fixtures" in str(seen.advice)


def test_where_nothing_claimed_is_answered_by_a_callback_nothing_is_said_of_it() -> None:
    async def ask() -> None:
        return None

    assert "callback" not in doctor(good, ask=ask)


# Below HTTP.


def _alone(target: Target) -> tuple[Observation, ...]:
    return asyncio.run(examined(target, Work()))


def test_a_name_that_leads_nowhere_ends_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    (last,) = _alone(Target(base_url="http://nowhere.invalid"))
    assert (last.probe, last.health) == ("name-resolution", Health.TROUBLE)
    assert "nowhere.invalid leads nowhere (Name or service not known)" in str(last.message)


def test_a_closed_port_ends_the_examination(unused_port: int) -> None:
    last = _alone(Target(base_url=f"http://127.0.0.1:{unused_port}"))[-1]
    assert (last.probe, last.health) == ("connection", Health.TROUBLE)
    assert "Connection refused" in str(last.message)
    assert "base_url" in str(last.advice)


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_product_that_never_answers_costs_one_time_limit_only() -> None:
    async def silent(_asked: Asked) -> Answer:
        await asyncio.sleep(30)
        return 200, b""

    started = time.monotonic()
    seen = troubles(doctor(silent))
    assert time.monotonic() - started < 4
    assert "got no answer" in seen["base-path"]
    assert "limits.answer_seconds" in seen["base-path"]


def test_a_port_that_speaks_no_http_is_trouble() -> None:
    async def run() -> tuple[Observation, ...]:
        async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example.org ESMTP\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await examined(Target(base_url=f"http://127.0.0.1:{port}"), Work())

    last = asyncio.run(run())[-1]
    assert (last.probe, last.health) == ("base-path", Health.TROUBLE)


# TLS.


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _tls(
    authority: trustme.CA, tmp_path: Path, *names: str, trusted: bool = True, **options: Any
) -> tuple[Observation, ...]:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names, **options.pop("issued", {})).configure_cert(serving)
    if options.pop("mutual", False):
        authority.configure_trust(serving)
        serving.verify_mode = ssl.CERT_REQUIRED
    serving.maximum_version = options.pop("version", ssl.TLSVersion.MAXIMUM_SUPPORTED)
    if trusted:
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        options.setdefault("ca_file", tmp_path / "ca.pem")

    async def run() -> tuple[Observation, ...]:
        async with served(good, serving) as port:
            auth = options.pop("auth", OWN)
            target = Target(base_url=f"https://127.0.0.1:{port}", auth=auth, tls=Tls(**options))
            return await examined(target, Work())

    return asyncio.run(run())


def _probe(seen: tuple[Observation, ...], name: str) -> Observation:
    return next(one for one in seen if one.probe == name)


def test_tls_is_well_with_the_latest_version_and_a_known_authority(
    authority: trustme.CA, tmp_path: Path
) -> None:
    seen = _tls(authority, tmp_path, "127.0.0.1")
    tls = _probe(seen, "tls")
    assert (tls.health, tls.message.values["version"]) == (Health.OK, "TLSv1.3")
    assert int(tls.message.values["days"]) > 14
    assert seen[-1].probe == "canary"


def test_tls_1_2_is_warned_about_with_its_clause(authority: trustme.CA, tmp_path: Path) -> None:
    tls = _probe(_tls(authority, tmp_path, "127.0.0.1", version=ssl.TLSVersion.TLSv1_2), "tls")
    assert tls.health is Health.WARNING
    assert "govstack-cfr-security#req-1 asks for TLS 1.3" in str(tls.message)


def test_a_certificate_that_ends_soon_is_warned_about(authority: trustme.CA, tmp_path: Path) -> None:
    soon = {"not_after": datetime.now(UTC) + timedelta(days=3)}
    tls = _probe(_tls(authority, tmp_path, "127.0.0.1", issued=soon), "tls")
    assert (tls.health, tls.message.values["days"]) == (Health.WARNING, 2)


def test_an_unknown_authority_names_ca_file(authority: trustme.CA, tmp_path: Path) -> None:
    last = _tls(authority, tmp_path, "127.0.0.1", trusted=False)[-1]
    assert (last.probe, last.health) == ("tls", Health.TROUBLE)
    assert "tls.ca_file in product.yaml" in str(last.advice)


def test_a_certificate_for_another_name_names_base_url(authority: trustme.CA, tmp_path: Path) -> None:
    last = _tls(authority, tmp_path, "other.example.org")[-1]
    assert (last.probe, last.health) == ("tls", Health.TROUBLE)
    assert "for another name: write the name that it holds in base_url" in str(last.advice)


def test_an_expired_certificate_is_to_be_renewed(authority: trustme.CA, tmp_path: Path) -> None:
    past = {
        "not_before": datetime.now(UTC) - timedelta(days=9),
        "not_after": datetime.now(UTC) - timedelta(days=1),
    }
    last = _tls(authority, tmp_path, "127.0.0.1", issued=past)[-1]
    assert "has expired: renew it" in str(last.advice)


def test_an_unchecked_certificate_is_warned_about(authority: trustme.CA, tmp_path: Path) -> None:
    tls = _probe(_tls(authority, tmp_path, "other.example.org", trusted=False, verify=False), "tls")
    assert tls.health is Health.WARNING
    assert "tls.verify" in str(tls.message)


def test_mutual_tls_is_examined_with_and_without_our_certificate(
    authority: trustme.CA, tmp_path: Path
) -> None:
    authority.issue_cert("us@example.org").private_key_and_cert_chain_pem.write_to_path(tmp_path / "us.pem")
    seen = _tls(
        authority,
        tmp_path,
        "127.0.0.1",
        mutual=True,
        client_certificate=tmp_path / "us.pem",
        auth=MutualTlsAuth(type="mutual_tls"),
    )
    assert (
        _probe(seen, "base-path").health is Health.OK
    )  # the certificate got through; the product wants a token too
    assert _probe(seen, "credentials").health is Health.TROUBLE


def test_a_product_without_tls_behind_https_is_trouble() -> None:
    async def run() -> tuple[Observation, ...]:
        async with served(good) as port:
            limits = Limits(connect_seconds=0.5)
            return await examined(Target(base_url=f"https://127.0.0.1:{port}", limits=limits), Work())

    last = asyncio.run(run())[-1]
    assert (last.probe, last.health) == ("tls", Health.TROUBLE)
    assert "write http:// in base_url" in str(last.advice)


@pytest.mark.parametrize("mutual", [False, True])
def test_a_product_with_tls_behind_http_is_told_to_write_https(authority: trustme.CA, mutual: bool) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    if mutual:
        authority.configure_trust(serving)
        serving.verify_mode = ssl.CERT_REQUIRED

    async def run() -> tuple[Observation, ...]:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        async with served(good, serving) as port:
            limits = Limits(connect_seconds=2, answer_seconds=0.5)
            return await examined(
                Target(base_url=f"http://127.0.0.1:{port}", auth=OWN, limits=limits), Work()
            )

    last = asyncio.run(run())[-1]
    assert (last.probe, last.health) == ("tls", Health.TROUBLE)
    assert "This port speaks TLS: write https:// in base_url (product.yaml)." in str(last.advice)


def test_a_proxy_that_answers_400_and_speaks_tls_on_the_same_port_is_told_too(authority: trustme.CA) -> None:
    """As nginx and Go's server do: plain HTTP at their TLS port is answered with 400."""
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(serving)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1024)
        if first.startswith(b"GET "):
            writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
        else:
            come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
            session = serving.wrap_bio(come, go, server_side=True)
            while first:
                come.write(first)
                with contextlib.suppress(ssl.SSLWantReadError):
                    session.do_handshake()
                    session.read()
                writer.write(go.read())
                first = await reader.read(65536)
        writer.close()

    async def run() -> tuple[Observation, ...]:
        async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await examined(Target(base_url=f"http://127.0.0.1:{port}", auth=OWN), Work())

    assert "This port speaks TLS" in str(asyncio.run(run())[-1].message)


def test_a_product_that_answers_400_and_speaks_no_tls_is_not_told_so() -> None:
    seen = doctor(lambda asked: (400, b"{}") if asked.path == "/no-such-thing" else good(asked))
    assert troubles(seen) == {}


# The requests.


def test_a_probe_fills_what_is_required_from_the_schema() -> None:
    request = probe_request(READ)
    assert (request.method, request.url) == ("GET", "/things/DPICON?fields=status")
    assert request.headers == (("X-Tenant", "t1"),)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer", "minimum": 7}, "7"),
        ({"type": "boolean"}, "true"),
        ({"type": "string", "examples": ["x/y"]}, "x%2Fy"),
        ({"type": "string", "minLength": 25}, "DPICONFORMANCEDOCTORDPICO"),
        ({}, "DPICONFORMAN"),
    ],
)
def test_a_sample_is_what_the_schema_admits(schema: dict[str, Any], value: str) -> None:
    parameter = Parameter(name="p", location="path", required=True, schema=schema)
    assert (
        probe_request(Variant(id="v", method="get", path="/{p}", parameters=(parameter,))).url == f"/{value}"
    )


def test_the_blocks_own_probe_comes_first_and_writing_operations_never() -> None:
    assert [one.id for one in probe_variants(BLOCK, replace(SPEC, variants=(MAKE, OTHER, READ)), ())] == [
        "read",
        "other",
    ]


def test_where_nothing_that_is_claimed_has_an_operation_what_is_unlisted_is_asked() -> None:
    own = replace(READ, id="own", function="else")
    assert probe_variants(BLOCK, SPEC, ("else",), lambda: own) == (own,)
    assert own not in probe_variants(BLOCK, SPEC, (), lambda: own)
