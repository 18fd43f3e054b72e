"""What goes out is what was given, and what comes in is what was sent."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
import uvloop
from pydantic import ValidationError

from dpi_conformance import __version__
from dpi_conformance.catalogue.target import Target
from dpi_conformance.errors import HarnessError
from dpi_conformance.model.evidence import Request
from dpi_conformance.wire.client import Wire

if TYPE_CHECKING:
    from tests.wire.conftest import Loop, Read, Serving

TAIL = (
    f"Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: dpi-conformance/{__version__}\r\n"
)


def exchanged(serving: Serving, request: Request, answer: Any, **settings: Any) -> Any:
    async def run() -> Any:
        async with serving(answer) as product, Wire(product.target(**settings)) as wire:
            return product, await wire.send(request, exchange_id="payments/1")

    return asyncio.run(run())


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "TRACE", "QUERY", "DELETE", "BREW", "brew"])
def test_a_request_goes_out_byte_for_byte(serving: Serving, ok: bytes, method: str) -> None:
    request = Request(
        method=method,
        url="/vouchers/%41%7e%2F?command=cancel&command=&x=%C3%A9&y",
        headers=(("X-callback-URL", "http://127.0.0.1:1/a"), ("X-Twice", "1"), ("X-Twice", "2")),
        body=b'{"a":"\xff\x00"}',
    )
    product, exchange = exchanged(serving, request, ok)
    assert product.requests == [
        (
            f"{method} /vouchers/%41%7e%2F?command=cancel&command=&x=%C3%A9&y HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{product.port}\r\n"
            "X-callback-URL: http://127.0.0.1:1/a\r\nX-Twice: 1\r\nX-Twice: 2\r\n"
            f"{TAIL}Content-Length: 10\r\n\r\n"
        ).encode()
        + request.body
    ]
    assert exchange.trouble is None
    assert exchange.id == "payments/1"


def test_the_exchange_holds_what_was_sent(serving: Serving, ok: bytes) -> None:
    request = Request(method="POST", url="/a?b", headers=(("Content-Type", "text/plain"),), body=b"x")
    product, exchange = exchanged(serving, request, ok, headers={"X-Road-Client": "A/B"})
    head, _, body = product.requests[0].partition(b"\r\n\r\n")
    lines = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:]]
    assert list(exchange.request.headers) == lines
    assert ("X-Road-Client", "A/B") in lines
    assert (exchange.request.method, exchange.request.url) == ("POST", f"{product.url}/a?b")
    assert exchange.request.body == body == b"x"
    assert exchange.elapsed_ms > 0
    assert exchange.started_at.endswith("+00:00")


def test_a_base_url_with_a_path_comes_before_the_target(serving: Serving, ok: bytes) -> None:
    async def run() -> Any:
        async with serving(ok) as product:
            target = product.target(base_url=f"{product.url}/api/v1/")
            async with Wire(target) as wire:
                exchange = await wire.send(Request(method="GET", url="/a//b/../c"), exchange_id="x")
            return product, exchange

    product, exchange = asyncio.run(run())
    assert product.requests[0].startswith(b"GET /api/v1/a//b/../c HTTP/1.1\r\n")
    assert exchange.request.url == f"{product.url}/api/v1/a//b/../c"


def test_a_header_that_the_request_names_is_not_added_again(serving: Serving, ok: bytes) -> None:
    given = (("accept", "text/html"), ("User-Agent", ""), ("host", "other"), ("X-Fixed", "request's"))
    product, _ = exchanged(
        serving, Request(method="GET", url="/", headers=given), ok, headers={"x-fixed": "target's"}
    )
    head = product.requests[0].decode()
    assert head == (
        "GET / HTTP/1.1\r\nhost: other\r\naccept: text/html\r\nUser-Agent: \r\nX-Fixed: request's\r\n"
        "Accept-Encoding: identity\r\n\r\n"
    )


def test_text_beyond_ascii_goes_as_utf_8(serving: Serving, ok: bytes) -> None:
    request = Request(method="GET", url="/ü?የ", headers=(("X-Name", "አበበ"),))
    product, _ = exchanged(serving, request, ok)
    assert product.requests[0].startswith("GET /ü?የ HTTP/1.1\r\n".encode())
    assert "X-Name: አበበ\r\n".encode() in product.requests[0]


@pytest.mark.parametrize("target", ["/?", "/a?b#c", "//x//y?", "/a/../b/./c", "/%zz%", "/a;b=c?d[e]=|"])
def test_a_target_goes_as_given(serving: Serving, ok: bytes, target: str) -> None:
    product, exchange = exchanged(serving, Request(method="GET", url=target), ok)
    assert product.requests[0].startswith(f"GET {target} HTTP/1.1\r\n".encode())
    assert exchange.request.url == product.url + target


def test_a_name_spelt_in_two_ways_is_spelt_alike(serving: Serving, ok: bytes) -> None:
    given = (("X-Twice", "1"), ("X-Once", "a"), ("x-twice", "2"))
    product, exchange = exchanged(serving, Request(method="GET", url="/", headers=given), ok)
    assert b"X-Twice: 1\r\nX-Once: a\r\nX-Twice: 2\r\n" in product.requests[0]
    assert ("X-Twice", "2") in exchange.request.headers


def test_cookies_of_the_product_are_neither_kept_nor_sent(serving: Serving) -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n"

    async def run() -> Any:
        async with serving(answer) as product, Wire(product.target()) as wire:
            for number in range(2):
                await wire.send(Request(method="GET", url="/"), exchange_id=str(number))
            return product.requests

    assert all(b"ookie" not in request for request in asyncio.run(run()))


def test_a_large_body_goes_whole(serving: Serving, ok: bytes) -> None:
    body = bytes(range(256)) * 12_000
    product, exchange = exchanged(serving, Request(method="POST", url="/", body=body), ok)
    assert exchange.response is not None, exchange.trouble
    assert product.requests[0].partition(b"\r\n\r\n")[2] == body


@pytest.mark.parametrize(
    ("method", "body", "announced"),
    [("GET", b"", None), ("DELETE", b"", "0"), ("POST", b"", "0"), ("PUT", b"", "0"), ("GET", b"{}", "2")],
)
def test_the_body_is_announced(
    serving: Serving, ok: bytes, method: str, body: bytes, announced: str | None
) -> None:
    _, exchange = exchanged(serving, Request(method=method, url="/", body=body), ok)
    assert dict(exchange.request.headers).get("Content-Length") == announced


@pytest.mark.parametrize(
    "request_",
    [
        Request(method="GET", url="/", headers=(("X", "a\r\nInjected: 1"),)),
        Request(method="GET", url="/", headers=(("X", "a\0"),)),
        Request(method="GET", url="/ HTTP/1.1\r\nX: 1"),
        Request(method="GET", url="/a b"),
        Request(method="GE T", url="/"),
        Request(method="", url="/"),
        Request(method="GET", url="/", headers=(("X", b"\xff".decode("utf-8", "surrogateescape")),)),
        Request(method="GET", url="/", headers=(("X\nY", "a"),)),
        Request(method="POST", url="/", headers=(("Content-Length", "1"),), body=b"{}"),
        Request(method="POST", url="/", headers=(("transfer-encoding", "chunked"),), body=b"{}"),
        Request(method="GET", url="http://elsewhere/"),
    ],
)
def test_what_http_has_no_form_for_is_the_harness_own_error(
    serving: Serving, ok: bytes, request_: Request
) -> None:
    with pytest.raises(HarnessError):
        exchanged(serving, request_, ok)


def test_an_answer_comes_in_as_it_was_sent(serving: Serving) -> None:
    answer = (
        b"HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Utf8: \xc3\xa9\r\nX-Latin: \xe9\r\n"
        b"Content-Length: 3\r\n\r\n\xff\x00x"
    )
    _, exchange = exchanged(serving, Request(method="GET", url="/"), answer)
    assert exchange.response is not None
    assert exchange.response.status == 201
    assert exchange.response.headers == (
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("x-utf8", "é"),
        ("x-latin", "é"),
        ("content-length", "3"),
    )
    assert exchange.response.body == b"\xff\x00x"
    assert not exchange.response.truncated


@pytest.mark.parametrize(
    ("method", "answer", "status", "body"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 200, b""),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        ("GET", b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n", 202, b""),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n", 200, b"abc"),
        ("GET", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, b""),
        ("GET", b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n", 302, b""),
        ("GET", b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", 999, b""),
        ("GET", b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nzzz", 101, b""),
    ],
)  # fmt: skip
def test_every_way_to_frame_an_answer_is_read(
    serving: Serving, method: str, answer: Any, status: Any, body: bytes
) -> None:
    product, exchange = exchanged(serving, Request(method=method, url="/"), answer)
    assert exchange.response is not None, exchange.trouble
    assert (exchange.response.status, exchange.response.body) == (status, body)
    assert ("link", "a") not in exchange.response.headers
    assert ("t", "1") not in exchange.response.headers
    assert len(product.requests) == 1


def test_an_answer_may_end_with_its_connection(serving: Serving, read: Read) -> None:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")

    async def run() -> Any:
        async with serving(closing) as product:
            return await product.send()

    exchange = asyncio.run(run())
    assert exchange.response is not None
    assert exchange.response.body == b"until the end"


@pytest.mark.parametrize("loop", [asyncio.run, uvloop.run])
def test_connections_are_kept_and_never_more_than_the_limit(serving: Serving, ok: bytes, loop: Loop) -> None:
    async def run() -> Any:
        async with serving(ok) as product, Wire(product.target(limits={"concurrency": 4})) as wire:
            sent = [
                wire.send(Request(method="POST", url=f"/{number}"), exchange_id=str(number))
                for number in range(200)
            ]
            return product, await asyncio.gather(*sent)

    product, exchanges = loop(run())
    assert product.connections == 4
    assert [exchange.id for exchange in exchanges] == [str(number) for number in range(200)]
    assert all(exchange.response and exchange.response.status == 200 for exchange in exchanges)
    assert sorted(request.split()[1] for request in product.requests) == sorted(
        f"/{number}".encode() for number in range(200)
    )


def test_a_connection_that_the_product_ends_is_not_used_again(serving: Serving) -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    async def run() -> Any:
        async with serving(answer) as product, Wire(product.target()) as wire:
            for number in range(3):
                await wire.send(Request(method="POST", url="/"), exchange_id=str(number))
            return product.connections

    assert asyncio.run(run()) == 3


def test_the_rate_limit_is_obeyed(serving: Serving, ok: bytes) -> None:
    async def run() -> Any:
        target = {"limits": {"requests_per_second": 50}}
        async with serving(ok) as product, Wire(product.target(**target)) as wire:
            started = time.perf_counter()
            sent = [wire.send(Request(method="GET", url="/"), exchange_id=str(n)) for n in range(11)]
            await asyncio.gather(*sent)
            return time.perf_counter() - started

    assert 0.2 <= asyncio.run(run()) < 0.6


def test_a_cancelled_exchange_leaves_the_wire_fit_for_the_next(
    serving: Serving, ok: bytes, read: Read
) -> None:
    async def slow_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            if b" /slow " not in await read(reader):
                writer.write(ok)

    async def run() -> Any:
        async with serving(slow_once) as product, Wire(product.target(limits={"concurrency": 1})) as wire:
            slow = asyncio.create_task(wire.send(Request(method="GET", url="/slow"), exchange_id="1"))
            await asyncio.sleep(0.05)
            slow.cancel()
            with pytest.raises(asyncio.CancelledError):
                await slow
            exchange = await wire.send(Request(method="GET", url="/"), exchange_id="2")
            return product, exchange

    product, exchange = asyncio.run(run())
    assert exchange.response is not None
    assert product.connections == 2


def test_what_the_environment_says_about_proxies_is_not_heard(
    serving: Serving, ok: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    _, exchange = exchanged(serving, Request(method="GET", url="/"), ok)
    assert exchange.response is not None


def test_a_header_goes_by_the_name_that_the_product_declares(serving: Serving, ok: bytes) -> None:
    request = Request(method="GET", url="/", headers=(("x-govstack-client", "A/B/C/D"), ("X-Other", "1")))
    declares = {"header.X-GovStack-Client": "X-Road-Client", "other": "x"}
    product, exchange = exchanged(serving, request, ok, declares=declares)
    assert b"\r\nX-Road-Client: A/B/C/D\r\nX-Other: 1\r\n" in product.requests[0]
    assert b"govstack" not in product.requests[0].lower()
    assert ("X-Road-Client", "A/B/C/D") in exchange.request.headers


@pytest.mark.parametrize("name", ["", "X Road", "X-Road:", "X\r\nY"])
def test_a_declared_name_of_a_header_is_one(name: str) -> None:
    with pytest.raises(ValidationError, match="name of a header"):
        Target(base_url="http://127.0.0.1:1", declares={"header.X-GovStack-Client": name})
