"""Whatever a product answers costs one exchange: no exception, no hang, no memory, no second payment."""

from __future__ import annotations

import asyncio
import gzip
import resource
import socket
import threading
import time
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import trustme
import uvloop

from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.wire.answers import unpacked
from dpi_conformance.wire.client import Wire

if TYPE_CHECKING:
    from tests.wire.conftest import Loop, Read, Serving

LOOPS = pytest.mark.parametrize("loop", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


def answered(serving: Serving, answer: Any, *, loop: Loop = asyncio.run, **settings: Any) -> Any:
    async def run() -> Any:
        async with serving(answer) as product:
            return await product.send(**settings)

    started = time.perf_counter()
    exchange = loop(run())
    assert time.perf_counter() - started < 5
    return exchange


def after_request(read: Read, *pieces: Any, pause: float = 0.0, forever: bool = False) -> Any:
    """Give a product that writes these pieces, then closes, or goes on with the last one for ever."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        while forever:
            writer.write(pieces[-1])
            await writer.drain()
            await asyncio.sleep(pause)

    return connected


def told(exchange: Exchange) -> Any:
    assert exchange.response is None
    assert exchange.trouble is not None
    return exchange.trouble.kind


# No connection


@LOOPS
def test_nobody_listens(loop: Loop) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    exchange = loop(_sent(Target(base_url=f"http://127.0.0.1:{port}")))
    assert told(exchange) == "refused"
    assert str(port) in exchange.trouble.detail


def test_a_name_of_which_no_address_answers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert told(asyncio.run(_sent(Target(base_url=f"http://localhost:{port}")))) == "refused"


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_args: Any, **_kwargs: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", unknown)
    exchange = asyncio.run(_sent(Target(base_url="http://product.invalid")))
    assert told(exchange) == "unreachable"
    assert "product.invalid" in exchange.trouble.detail


def test_a_name_that_no_host_can_have() -> None:
    exchange = asyncio.run(_sent(Target(base_url=f"http://{'a' * 70}.example")))
    assert told(exchange) == "unreachable"


def test_an_address_that_swallows_every_packet() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for one in (first, second):
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        port = full.getsockname()[1]
        limits = Limits(connect_seconds=0.2)
        exchange = asyncio.run(_sent(Target(base_url=f"http://127.0.0.1:{port}", limits=limits)))
    assert told(exchange) == "timeout"


async def _sent(target: Any) -> Any:
    async with Wire(target) as wire:
        return await wire.send(Request(method="GET", url="/"), exchange_id="x")


# TLS


@LOOPS
def test_a_certificate_that_nobody_vouches_for(serving: Serving, ok: bytes, loop: Loop) -> None:
    tls = _server_context(trustme.CA())

    async def run() -> Any:
        async with serving(ok, tls=tls) as product:
            return await product.send()

    exchange = loop(run())
    assert told(exchange) == "tls"
    assert "certificate verify failed" in exchange.trouble.detail


def test_a_certificate_that_nobody_vouches_for_passes_where_it_is_not_verified(
    serving: Serving, ok: bytes
) -> None:
    tls = _server_context(trustme.CA())

    async def run() -> Any:
        async with serving(ok, tls=tls) as product:
            return await _sent(product.target(tls={"verify": False}))

    assert asyncio.run(run()).response is not None


@LOOPS
def test_a_port_that_speaks_no_tls(serving: Serving, loop: Loop) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async def run() -> Any:
        async with serving(plain) as product:
            return await _sent(product.target(base_url=product.url.replace("http:", "https:")))

    assert told(loop(run())) == "tls"


def _server_context(authority: trustme.CA) -> Any:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


# No answer, or one that never ends


@LOOPS
def test_no_answer(serving: Serving, loop: Loop) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    exchange = answered(serving, silent, loop=loop)
    assert told(exchange) == "timeout"
    assert 300 <= exchange.elapsed_ms < 600


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nX: a", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\na"]
)
def test_an_answer_that_drips_byte_by_byte(serving: Serving, read: Read, start: bytes) -> None:
    slowly = [bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 99] if not start else [b"a"] * 99
    dripping = after_request(read, start, *slowly, pause=0.01)
    exchange = answered(serving, dripping)
    assert told(exchange) == "timeout"
    assert ("bytes of its body came" if b"Content" in start else "headers did not") in exchange.trouble.detail
    assert exchange.elapsed_ms < 600


@LOOPS
@pytest.mark.parametrize("framing", [b"", b"Content-Length: 2147483648\r\n"])
def test_an_endless_body_is_read_to_the_limit_and_dropped(
    serving: Serving, read: Read, loop: Loop, framing: bytes
) -> None:
    written = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n")
        while True:
            writer.write(b"a" * 65536)
            written += 65536
            await writer.drain()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    exchange = answered(serving, endless, loop=loop)
    assert exchange.response is not None, exchange.trouble
    assert exchange.response.truncated
    assert exchange.response.body == b"a" * 4096
    assert written < 32 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_endless_chunks_of_one_byte(serving: Serving, read: Read) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    exchange = answered(serving, after_request(read, head, b"1\r\na\r\n" * 1000, forever=True))
    assert exchange.response is not None
    assert exchange.response.truncated


def test_a_body_of_exactly_the_limit_is_whole(serving: Serving) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n" + b"a" * 4096
    exchange = answered(serving, answer)
    assert exchange.response is not None
    assert not exchange.response.truncated
    assert len(exchange.response.body) == 4096


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"a" * 8000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a" * 8000),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 100,),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: ", b"a" * 8000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a" * 8000),
    ],
    ids=["headers", "header", "interim", "trailer", "chunk extension"],
)
def test_framing_that_never_ends(serving: Serving, read: Read, pieces: Any) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert told(answered(serving, after_request(read, *pieces, forever=True))) in {"protocol", "timeout"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


# What unpacks


def test_a_packed_answer_is_unpacked_though_nobody_asked_for_it(serving: Serving) -> None:
    for coding, packed in (("gzip", gzip.compress(b"{}")), ("deflate", zlib.compress(b"{}"))):
        exchange = answered(serving, _coded(coding, packed))
        assert exchange.response is not None
        assert exchange.response.body == b"{}"
    exchange = answered(serving, _coded("deflate", zlib.compress(b"{}")[2:-4]))
    assert exchange.response is not None
    assert exchange.response.body == b"{}"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
def test_a_bomb_is_unpacked_to_the_limit(serving: Serving, coding: str) -> None:
    bomb = gzip.compress(b"0" * (16 << 20)) if coding == "gzip" else zlib.compress(b"0" * (16 << 20))
    if coding == "gzip, gzip":
        bomb = gzip.compress(gzip.compress(b"0" * (16 << 20)))
    started = time.perf_counter()
    exchange = answered(serving, _coded(coding, bomb), limits={"response_bytes": 1 << 17})
    assert exchange.response is not None, exchange.trouble
    assert exchange.response.truncated
    assert exchange.response.body == b"0" * (1 << 17)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", b"\x0b\x00\x80{}\x03"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(b"{}" * 500, mtime=0)[:-12]),
        ("deflate", b"\xff\xff"),
        ("gzip" + ", gzip" * 40, gzip.compress(b"{}", mtime=0)),
    ],
)
def test_what_cannot_be_unpacked_is_named(serving: Serving, coding: str, body: bytes) -> None:
    exchange = answered(serving, _coded(coding, body))
    assert told(exchange) == "undecodable"
    assert "coding" in exchange.trouble.detail.lower()


def _coded(coding: str, body: bytes) -> Any:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


# Cut off, or no HTTP


@LOOPS
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nConte",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_an_answer_that_is_cut_off(serving: Serving, read: Read, loop: Loop, answer: Any) -> None:
    exchange = answered(serving, after_request(read, answer), loop=loop, method="POST")
    assert told(exchange) == "cut-off"


def test_a_connection_that_is_reset(serving: Serving, read: Read) -> None:
    async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nab")
        await asyncio.sleep(0.05)
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    exchange = answered(serving, resetting)
    assert told(exchange) == "cut-off"
    assert "reset" in exchange.trouble.detail.lower()


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"<html>no head</html>",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_what_is_no_http(serving: Serving, read: Read, answer: Any) -> None:
    assert told(answered(serving, after_request(read, answer))) == "protocol"


def test_the_first_bytes_of_what_is_no_http_are_told(serving: Serving, read: Read) -> None:
    exchange = answered(serving, after_request(read, b"SSH-2.0-OpenSSH_9.9\r\n"))
    assert "SSH-2.0" in exchange.trouble.detail


@LOOPS
@pytest.mark.parametrize("more", [b"HTTP/1.1 500 Not Yours\r\nContent-Length: 1\r\n\r\nx", b"x", b"\0\0\0"])
@pytest.mark.parametrize("at_once", [True, False])
def test_bytes_after_an_answer_are_never_taken_for_the_next_one(
    serving: Serving, read: Read, loop: Loop, more: bytes, at_once: bool
) -> None:
    async def generous(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read(reader):
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + request.split()[1][1:]
            writer.write(answer + more if at_once else answer)
            if not at_once:
                writer.write(more)

    async def run() -> Any:
        async with serving(generous) as product, Wire(product.target()) as wire:
            sent = [
                await wire.send(Request(method="POST", url=f"/{n}"), exchange_id=str(n)) for n in range(4)
            ]
            return product.connections, sent

    connections, exchanges = loop(run())
    if more.startswith(b"HTTP"):
        assert [one.response and one.response.body for one in exchanges] == [b"0", b"1", b"2", b"3"]
    else:
        assert [told(one) for one in exchanges] == ["protocol"] * 4
    assert connections == 4


def test_bytes_that_come_while_nobody_asks_end_the_connection(
    serving: Serving, read: Read, ok: bytes
) -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read(reader):
            writer.write(ok)
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n")

    async def run() -> Any:
        async with serving(late) as product, Wire(product.target()) as wire:
            first = await wire.send(Request(method="POST", url="/"), exchange_id="1")
            await asyncio.sleep(0.1)
            return product, first, await wire.send(Request(method="POST", url="/"), exchange_id="2")

    product, first, second = asyncio.run(run())
    assert [first.response.status, second.response.status] == [200, 200]
    assert product.connections == 2


@LOOPS
def test_an_early_refusal_of_a_large_body_is_read(serving: Serving, loop: Loop) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    exchange = answered(serving, refusing, loop=loop, method="POST", body=b"a" * (16 << 20))
    assert exchange.response is not None, exchange.trouble
    assert exchange.response.status == 413


# A kept connection that is closed


class Stale:
    """Answers the first request of each connection, and closes it when a second one comes."""

    def __init__(self, read: Read, ok: bytes) -> None:
        self.read, self.ok = read, ok
        self.seen: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen.append(await self.read(reader))
        writer.write(self.ok)
        self.seen.append(await self.read(reader))


@pytest.mark.parametrize(
    ("method", "sent"), [("GET", 3), ("HEAD", 3), ("POST", 2), ("PUT", 2), ("DELETE", 2)]
)
def test_only_a_safe_request_is_sent_again_where_a_kept_connection_is_lost(
    serving: Serving, read: Read, ok: bytes, method: str, sent: int
) -> None:
    stale = Stale(read, ok.removesuffix(b"{}") if method == "HEAD" else ok)

    async def run() -> Any:
        async with serving(stale) as product, Wire(product.target()) as wire:
            return [
                await wire.send(Request(method=method, url=f"/{n}"), exchange_id=str(n)) for n in range(2)
            ]

    first, second = asyncio.run(run())
    assert first.response is not None
    assert len(stale.seen) == sent
    if method in {"GET", "HEAD"}:
        assert second.response is not None
    else:
        assert told(second) == "cut-off"
        assert [request.split()[1] for request in stale.seen] == [b"/0", b"/1"]


def test_after_a_lost_connection_what_changes_something_goes_on_fresh_ones(
    serving: Serving, read: Read, ok: bytes
) -> None:
    stale = Stale(read, ok)

    async def run() -> Any:
        async with serving(stale) as product, Wire(product.target()) as wire:
            return [
                await wire.send(Request(method="POST", url=f"/{n}"), exchange_id=str(n)) for n in range(6)
            ]

    exchanges = asyncio.run(run())
    assert [exchange.response is not None for exchange in exchanges] == [True, False, True, True, True, True]
    assert [request.split()[1] for request in stale.seen] == [b"/0", b"/1", b"/2", b"/3", b"/4", b"/5"]


def test_a_safe_request_is_sent_again_once_only(serving: Serving, read: Read, ok: bytes) -> None:
    seen = []

    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read(reader))
        if len(seen) == 1:
            writer.write(ok)
            seen.append(await read(reader))

    async def run() -> Any:
        async with serving(dying) as product, Wire(product.target()) as wire:
            return [await wire.send(Request(method="GET", url="/"), exchange_id=str(n)) for n in range(2)]

    first, second = asyncio.run(run())
    assert first.response is not None
    assert told(second) == "cut-off"
    assert len(seen) == 3


def test_a_connection_closed_between_requests_is_noticed_before_the_next(
    serving: Serving, read: Read, ok: bytes
) -> None:
    seen = []

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read(reader))
        writer.write(ok)

    async def run() -> Any:
        async with serving(closing) as product, Wire(product.target()) as wire:
            exchanges = []
            for number in range(5):
                exchanges.append(await wire.send(Request(method="POST", url="/"), exchange_id=str(number)))
                await asyncio.sleep(0.02)
            return exchanges

    assert all(exchange.response is not None for exchange in asyncio.run(run()))
    assert len(seen) == 5


def test_nothing_is_sent_again_once_a_byte_of_an_answer_came(serving: Serving, read: Read, ok: bytes) -> None:
    seen = []

    async def halting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read(reader))
        writer.write(ok)
        seen.append(await read(reader))
        writer.write(b"HTTP")

    async def run() -> Any:
        async with serving(halting) as product, Wire(product.target()) as wire:
            return [await wire.send(Request(method="GET", url="/"), exchange_id=str(n)) for n in range(2)]

    assert told(asyncio.run(run())[1]) == "cut-off"
    assert len(seen) == 2


def test_a_connection_closed_behind_the_event_loops_back_is_noticed_too(ok: bytes) -> None:
    closed = threading.Event()

    def product(listening: socket.socket) -> None:
        for _ in range(2):
            connection, _ = listening.accept()
            connection.recv(65536)
            connection.sendall(ok)
            connection.close()
            closed.set()

    async def run(port: int) -> Any:
        async with Wire(Target(base_url=f"http://127.0.0.1:{port}")) as wire:
            first = await wire.send(Request(method="POST", url="/"), exchange_id="1")
            closed.wait(2)  # the loop sleeps through the end of the connection
            return first, await wire.send(Request(method="POST", url="/"), exchange_id="2")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=product, args=(listening,))
        thread.start()
        first, second = asyncio.run(run(listening.getsockname()[1]))
        thread.join(2)
    assert [first.trouble, second.trouble] == [None, None]


def test_after_a_kept_connection_was_closed_while_idle_payments_go_on_fresh_ones(
    serving: Serving, read: Read, ok: bytes
) -> None:
    async def closing_the_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = not seen
        while request := await read(reader):
            seen.append(request)
            writer.write(ok)
            if first:
                return

    seen: list[bytes] = []

    async def run(method: str) -> int:
        seen.clear()
        async with serving(closing_the_first) as product, Wire(product.target()) as wire:
            for number in range(4):
                exchange = await wire.send(Request(method=method, url="/"), exchange_id=str(number))
                assert exchange.response is not None
                await asyncio.sleep(0.02)
            return product.connections

    assert asyncio.run(run("POST")) == 4
    assert asyncio.run(run("GET")) == 2


def test_a_connection_idle_for_long_is_not_used_again(
    serving: Serving, ok: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dpi_conformance.wire.connector._IDLE_SECONDS", 0.05)

    async def run() -> int:
        async with serving(ok) as product, Wire(product.target()) as wire:
            for pause in (0, 0.1, 0):
                await wire.send(Request(method="GET", url="/"), exchange_id="x")
                await asyncio.sleep(pause)
            return product.connections

    assert asyncio.run(run()) == 2


def test_a_connection_with_a_body_half_sent_is_not_used_again(serving: Serving, ok: bytes) -> None:
    async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(ok)
        await asyncio.sleep(5)

    async def run() -> Any:
        async with serving(hasty) as product, Wire(product.target()) as wire:
            large = Request(method="POST", url="/", body=b"a" * (32 << 20))
            first = await wire.send(large, exchange_id="1")
            second = await wire.send(Request(method="GET", url="/"), exchange_id="2")
            return product.connections, first.response, second.response

    connections, first, second = asyncio.run(run())
    assert first is not None
    assert second is not None
    assert connections == 2


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_unpacking_takes_no_more_memory_than_the_limit(coding: str) -> None:
    packer = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    bomb = b"".join(packer.compress(b"0" * (1 << 20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    try:
        body, more = unpacked(bomb, coding, 1 << 16)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(body), more) == (1 << 16, True)
    assert peak < 1 << 20
