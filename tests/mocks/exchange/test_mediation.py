"""The mediation of the exchange mock: what is passed on is what was sent, byte for byte, both ways."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

if TYPE_CHECKING:
    from tests.mocks.exchange.conftest import Message, Stage

    Play = Callable[..., Any]

SERVICE = "/r1/GOV/GOV/70000/registry/people"
BASE = "/counterparty/provider/people"


def answer(status: str = "200 OK", body: bytes = b"", *headers: tuple[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_any_method_is_passed_on(play: Play, method: str) -> None:
    async def steps(stage: Stage) -> tuple[Message, Message]:
        got = await stage.send(method)
        return got, stage.seen[0]

    got, seen = play(steps)
    assert (got.status, seen.method, seen.target) == (200, method, BASE)
    assert got.body == (b"" if method == "HEAD" else b"served")
    assert got.value("content-length") == "6"


@pytest.mark.parametrize(
    "below",
    [
        "/",
        "/a/b",
        "//a///b",
        "/a/../b/./c",
        "/a%2Fb%2fc",
        "/%7Euser/%41",
        "/trailing/",
        "?",
        "/x?",
        "?a=1&b=2&a=1",
        "?q=a+b%20c&empty&also=&%C3%A9=%c3%a9",
        "?x=1;y=2&redirect=http://other/?a",
        "/api/v1/config",
        "/listMethods?serviceCode=people",
    ],
)
def test_path_and_query_are_passed_on_as_they_are_written(play: Play, below: str) -> None:
    async def steps(stage: Stage) -> str:
        assert (await stage.send("POST", SERVICE + below)).status == 200
        return stage.seen[0].target

    assert play(steps) == BASE + below


@pytest.mark.parametrize(
    "body",
    [b"", b'{ "a" : 1.0 }', "é".encode("latin-1"), gzip.compress(b"text", mtime=0), bytes(range(256)) * 300],
)
def test_a_body_is_the_same_both_ways(play: Play, body: bytes) -> None:
    async def steps(stage: Stage) -> tuple[Message, Message]:
        stage.answer = lambda seen: answer("201 Created", seen.body, ("Content-Type", "application/x-odd"))
        got = await stage.send("PUT", SERVICE, {"Content-Type": "text/plain; charset=latin1"}, body)
        return got, stage.seen[0]

    got, seen = play(steps)
    assert (got.status, got.body, seen.body) == (201, body, body)
    assert got.value("content-type") == "application/x-odd"
    assert seen.value("content-type") == "text/plain; charset=latin1"
    assert seen.value("content-length") == str(len(body))


def test_a_request_in_chunks_and_an_answer_in_chunks(play: Play) -> None:
    async def steps(stage: Stage) -> tuple[Message, Message]:
        stage.answer = lambda _seen: (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        )
        got = await stage.send("POST", chunks=[b"one", b"two" * 1000])
        return got, stage.seen[0]

    got, seen = play(steps)
    assert seen.body == b"one" + b"two" * 1000
    assert (got.body, got.whole) == (b"abcdefg", True)


def test_an_answer_that_ends_with_its_connection_is_whole(play: Play) -> None:
    async def steps(stage: Stage) -> Message:
        stage.answer = lambda _seen: b"HTTP/1.1 200 OK\r\n\r\nall of it"
        return await stage.send()

    got = play(steps)
    assert (got.body, got.whole) == (b"all of it", True)


def test_ten_megabytes_pass_both_ways(play: Play) -> None:
    body = hashlib.sha512(b"seed").digest() * (10 * 1024 * 1024 // 64)

    async def steps(stage: Stage) -> tuple[Message, Message]:
        stage.answer = lambda seen: answer("200 OK", seen.body)
        return await stage.send("POST", SERVICE, {}, body), stage.seen[0]

    got, seen = play(steps)
    assert seen.body == body
    assert got.body == body


def test_headers_pass_in_their_order_and_those_of_a_connection_do_not(play: Play) -> None:
    sent = [
        ("X-Twice", "one"),
        ("Accept", "text/html;q=0.5"),
        ("X-Twice", "two, three"),
        ("Cookie", "a=b"),
        ("If-None-Match", '"x"'),
        ("User-Agent", "ours/1.0"),
        ("TE", "trailers"),
        ("Keep-Alive", "timeout=5"),
        ("Connection", "x-hop"),
        ("X-Hop", "mine"),
    ]

    async def steps(stage: Stage) -> tuple[Message, Message]:
        stage.answer = lambda _seen: answer(
            "200 OK",
            b"",
            ("Set-Cookie", "a=1, b"),
            ("Server", "theirs"),
            ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("Set-Cookie", "c=2"),
            ("Keep-Alive", "timeout=9"),
            ("X-Odd", "é"),
        )
        return await stage.send("GET", SERVICE, sent), stage.seen[0]

    got, seen = play(steps)
    own = {"host", "via", "connection"}
    assert [field for field in seen.fields if field[0] not in own] == [
        ("x-govstack-client", "GOV/COM/1234/benefits"),
        *((name.lower(), value) for name, value in sent[:6]),
    ]
    assert got.fields == (
        ("set-cookie", "a=1, b"),
        ("server", "theirs"),
        ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("set-cookie", "c=2"),
        ("x-odd", "é"),
        ("content-length", "0"),
        ("connection", "close"),
    )


def test_the_mediators_token_stays_here_and_the_providers_passes(play: Play) -> None:
    async def steps(stage: Stage) -> list[list[str]]:
        await stage.send()
        headers = {"Proxy-Authorization": "Bearer secret", "Authorization": "Basic eDp5"}
        await stage.send("GET", SERVICE, headers, token="")
        refused = await stage.send("GET", SERVICE, {"Authorization": "Basic eDp5"}, token="")
        assert refused.status == 401
        assert all("Bearer" not in str(seen.fields) for seen in stage.seen)
        return [seen.values("authorization") for seen in stage.seen]

    assert play(steps) == [[], ["Basic eDp5"]]


@pytest.mark.parametrize(
    "status", ["201 Created", "202 Accepted", "404 Not Found", "418 Odd", "500 No", "503 Busy"]
)
def test_a_status_of_the_provider_is_passed_on_with_its_body(play: Play, status: str) -> None:
    async def steps(stage: Stage) -> Message:
        stage.answer = lambda _seen: answer(status, b"theirs")
        return await stage.send("POST", SERVICE, {}, b"x")

    got = play(steps)
    assert (got.status, got.body) == (int(status[:3]), b"theirs")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_has_none(play: Play, status: str) -> None:
    async def steps(stage: Stage) -> Message:
        stage.answer = lambda _seen: f"HTTP/1.1 {status}\r\nETag: x\r\n\r\n".encode()
        return await stage.send()

    got = play(steps)
    assert (got.status, got.body, got.value("etag"), got.whole) == (int(status[:3]), b"", "x", True)


def test_interim_answers_are_passed_over_and_redirects_are_not_followed(play: Play) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"

    async def steps(stage: Stage) -> tuple[Message, int]:
        stage.answer = lambda _seen: b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + moved
        return await stage.send(), len(stage.seen)

    got, calls = play(steps)
    assert (got.status, got.value("location"), got.values("link"), calls) == (302, "/elsewhere", [], 1)


def test_a_caller_who_waits_for_100_gets_it(play: Play) -> None:
    async def steps(stage: Stage) -> Message:
        return await stage.send("POST", SERVICE, {"Expect": "100-continue"}, b"body")

    assert play(steps).status == 200


def _give(raw: bytes | None, _seen: Message) -> bytes | None:
    return raw


def test_a_provider_that_is_not_there_breaks_off_or_says_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def steps(stage: Stage) -> list[Any]:
        forwarding = __import__("sys").modules["_dpi_pack_govstack.mocks.exchange.forwarding"]
        monkeypatch.setattr(forwarding, "_SILENT_SECONDS", 0.3)
        said = list[Any]()
        for raw in (None, b"hang", b"no HTTP\r\n\r\n"):
            stage.answer = partial(_give, raw)
            got = await stage.send("POST", SERVICE, {}, b"once")
            said.append((got.status, got.json()["type"]))
        assert len(stage.seen) == 3
        stage.answer = lambda _seen: b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        got = await stage.send()
        said.append((got.status, got.body, got.whole))
        return said

    assert play(steps) == [
        (502, "Server.ServerProxy.ServiceFailed"),
        (504, "Server.ServerProxy.ServiceTimeout"),
        (502, "Server.ServerProxy.ServiceFailed"),
        (200, b"half", False),
    ]


def test_many_calls_at_once_keep_their_answers(play: Play) -> None:
    async def steps(stage: Stage) -> list[bytes]:
        stage.answer = lambda seen: answer("200 OK", seen.target.encode())
        got = await asyncio.gather(*(stage.send("GET", f"{SERVICE}/{n}") for n in range(50)))
        return [one.body for one in got]

    assert play(steps) == [f"{BASE}/{n}".encode() for n in range(50)]


@pytest.mark.parametrize(
    ("target", "client", "status"),
    [
        (SERVICE, "", 400),
        (SERVICE, "GOV/COM/1234", 400),
        (SERVICE, "GOV/COM/1234/benefits/more", 400),
        (SERVICE, "GOV/COM//benefits", 400),
        (SERVICE, "GOV/COM/%zz/benefits", 400),
        (SERVICE, "GOV/COM/9999/benefits", 400),
        (SERVICE, "GOV/COM/5678/insurance", 403),
        (SERVICE, "GOV/COM/1234/statistics", 403),
        ("/r1/GOV/GOV/70000/registry/archive", "GOV/COM/1234/benefits", 403),
        ("/r1/GOV/GOV/70000/registry/nothing", "GOV/COM/1234/benefits", 404),
        ("/r1/GOV/GOV/70000/elections/people", "GOV/COM/1234/benefits", 404),
        ("/r1/GOV/GOV/1/registry/people", "GOV/COM/1234/benefits", 404),
        ("/r1/XX/GOV/70000/registry/people", "GOV/COM/1234/benefits", 404),
        ("/r1/GOV/GOV//registry/people", "GOV/COM/1234/benefits", 400),
        ("/r1/GOV/GOV/70000/regis%2/people", "GOV/COM/1234/benefits", 400),
        (f"{SERVICE}/{'x' * 20000}", "GOV/COM/1234/benefits", 400),
    ],
)
def test_a_call_that_may_not_be_made_is_refused(play: Play, target: str, client: str, status: int) -> None:
    async def steps(stage: Stage) -> tuple[Message, int]:
        return await stage.send("GET", target, client=client), len(stage.seen)

    got, calls = play(steps)
    assert (got.status, calls) == (status, 0)
    assert set(got.json()) == {"type", "message", "detail"}
    assert got.value("content-type") == "application/json; charset=utf-8"


def test_the_client_may_be_named_by_the_older_header(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        named = {"Information-Mediator-Client": "GOV/COM/1234/benefits"}
        both = {**named, "X-GovStack-Client": "GOV/COM/1234/statistics"}
        listed = await stage.send("GET", "/r1/GOV/GOV/70000/registry/listMethods", named, client="")
        calls = [await stage.send("GET", SERVICE, headers, client="") for headers in (named, both)]
        return [listed.status, *(call.status for call in calls)]

    assert play(steps) == [200, 200, 400]


def test_a_service_that_leads_back_here_ends(play: Play) -> None:
    async def steps(stage: Stage) -> Message:
        people = {
            "id": "people",
            "specUrl": "http://127.0.0.1:9/",
            "serviceUrl": f"{stage.url}/r1/GOV/GOV/70000/registry/people",
        }
        member = {"name": "Ministry of the Interior", "class": "GOV", "code": "70000"}
        applications = [{"id": "registry", "services": [people]}]
        change = {
            "domain": "d",
            "instance": "GOV",
            "members": [{**member, "applications": applications}],
        }
        assert (await stage.manage("PATCH", "/api/v1/config", change)).status == 201
        headers = {"Proxy-Authorization": "Bearer secret"}
        return await stage.send("GET", SERVICE, headers, token="")

    got = play(steps, token="")
    assert (got.status, got.json()["type"]) == (508, "Server.ServerProxy.LoopDetected")


def test_a_provider_is_let_go_when_its_caller_has_gone(play: Play) -> None:
    """A provider that never ends is not read for a caller who is no longer there."""

    async def steps(stage: Stage) -> bool:
        ended = asyncio.Event()

        async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            try:
                while True:
                    writer.write(b"x" * 65536)
                    await writer.drain()
            finally:
                ended.set()

        stage.serve = endless  # type: ignore[method-assign]
        host, port = stage.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        fields = "Host: x\r\nAuthorization: Bearer secret\r\nX-GovStack-Client: GOV/COM/1234/benefits\r\n\r\n"
        writer.write(f"GET {SERVICE} HTTP/1.1\r\n{fields}".encode())
        assert await reader.readexactly(1_000_000)
        writer.transport.abort()
        async with asyncio.timeout(3):
            return await ended.wait()

    assert play(steps)


def test_a_caller_who_breaks_off_leaves_no_call_behind(play: Play) -> None:
    async def steps(stage: Stage) -> int:
        host, port = stage.url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        fields = "Host: x\r\nAuthorization: Bearer secret\r\nX-GovStack-Client: GOV/COM/1234/benefits\r\n"
        writer.write(f"POST {SERVICE} HTTP/1.1\r\n{fields}Content-Length: 100\r\n\r\nhalf".encode())
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.transport.abort()
        served: Message = await stage.send("POST", SERVICE, {}, b"next")
        assert (served.status, served.body) == (200, b"served")
        return len(stage.seen)

    assert play(steps) == 1


@pytest.mark.parametrize(("trusted", "status"), [(True, 200), (False, 502)])
def test_a_provider_with_tls_is_reached_if_its_certificate_is_trusted(
    play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: bool, status: int
) -> None:
    authority, other = trustme.CA(), trustme.CA()
    (authority if trusted else other).cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def steps(stage: Stage) -> tuple[int, list[str]]:
        async with await asyncio.start_server(stage.accept, "127.0.0.1", 0, ssl=context) as provider:
            port = provider.sockets[0].getsockname()[1]
            service = {
                "id": "people",
                "specUrl": "http://127.0.0.1:9/",
                "serviceUrl": f"https://127.0.0.1:{port}/s",
            }
            member = {"name": "Ministry of the Interior", "class": "GOV", "code": "70000"}
            applications = [{"id": "registry", "services": [service]}]
            change = {"domain": "d", "instance": "GOV", "members": [{**member, "applications": applications}]}
            assert (await stage.manage("PATCH", "/api/v1/config", change)).status == 201
            got = await stage.send("GET", f"{SERVICE}/x")
            return got.status, [seen.target for seen in stage.seen]

    assert play(steps) == (status, ["/s/x"] if trusted else [])
