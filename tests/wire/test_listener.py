"""What the product sends back arrives at the address that it was meant for, whatever else comes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import resource
import socket
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvloop

from dpi_conformance.errors import UsageError
from dpi_conformance.wire.addresses import CallbackAddress
from dpi_conformance.wire.listener import CallbackListener, reserve

if TYPE_CHECKING:
    from tests.wire.conftest import Loop

LOOPS = pytest.mark.parametrize("loop", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


def listening(steps: Callable[..., Any], *, loop: Loop = asyncio.run, **settings: Any) -> Any:
    async def run() -> Any:
        async with CallbackListener(**settings) as listener:
            return await steps(listener)

    return loop(run())


async def raw(listener: CallbackListener, data: bytes, *, pieces: int = 1, answers: int = 1) -> Any:
    """Send bytes to the listener's port and read until it closes or says nothing more."""
    _, _, authority = listener.public_url.partition("//")
    host, _, port = authority.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port.partition("/")[0]))
    size = max(len(data) // pieces, 1)
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await asyncio.sleep(0)
    answer = b""
    while answer.count(b"HTTP/1.1 ") < answers or not answer.endswith(b"}"):
        more = await asyncio.wait_for(reader.read(65536), 2)
        if not more:
            break
        answer += more
    writer.close()
    await writer.wait_closed()
    return answer


def post(url: str, body: bytes = b"{}", **headers: Any) -> Any:
    path = "/" + url.split("/", 3)[3]
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@LOOPS
def test_a_callback_arrives_at_its_own_address(loop: Loop) -> None:
    async def steps(listener: CallbackListener) -> Any:
        mine, other = listener.address("voucher-create"), listener.address("bill-payment")
        async with httpx.AsyncClient(trust_env=False) as product:
            answer = await product.put(
                f"{mine.url}/sub?x=%41", content=b'{"a":1}', headers=[("X-Twice", "1"), ("x-twice", "2")]
            )
        return listener, mine, await mine.wait(1, 1), await other.wait(1, 0.05), answer

    listener, mine, (callback,), nothing, answer = listening(steps, loop=loop)
    assert nothing == []
    assert (answer.status_code, answer.json()) == (202, {})
    assert answer.headers["content-type"] == "application/json"
    assert (callback.address, callback.answered) == ("voucher-create", 202)
    assert (callback.request.method, callback.request.body) == ("PUT", b'{"a":1}')
    assert callback.request.url == f"{mine.url}/sub?x=%41"
    assert [value for name, value in callback.request.headers if name.lower() == "x-twice"] == ["1", "2"]
    assert 0 < callback.after_ms < 1000
    assert callback.received_at.endswith("+00:00")
    assert listener.unknown == 0


@LOOPS
@pytest.mark.parametrize("reset", [False, True])
def test_a_callback_counts_whose_sender_does_not_wait_for_the_answer(loop: Loop, reset: bool) -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        for _ in range(20):
            with socket.create_connection(listener._socket.getsockname()) as sender:
                sender.sendall(post(address.url))
                if reset:
                    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        return await address.wait(20, 1)

    assert len(listening(steps, loop=loop)) == 20


def test_addresses_are_short_and_nobody_guesses_them() -> None:
    async def steps(listener: CallbackListener) -> Any:
        return [listener.address("x").url for _ in range(1000)], listener.counterparty("biller").url

    urls, biller = listening(steps)
    assert len(set(urls)) == 1000
    assert max(map(len, urls)) <= 60
    assert len({url.rpartition("/")[2][:8] for url in urls}) == 1000
    assert biller.endswith("/counterparty/biller")


@LOOPS
def test_waiting_ends_with_the_last_callback_and_not_later(loop: Loop) -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        waiting = asyncio.create_task(address.wait(3, 5))
        started = time.perf_counter()
        for _ in range(3):
            assert not waiting.done()
            await raw(listener, post(address.url))
        return await waiting, time.perf_counter() - started

    callbacks, took = listening(steps, loop=loop)
    assert len(callbacks) == 3
    assert [callback.id for callback in callbacks] == [
        "callback-000001",
        "callback-000002",
        "callback-000003",
    ]
    assert took < 1


def test_waiting_in_vain_gives_what_there_is_on_time() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        await raw(listener, post(address.url))
        started = time.perf_counter()
        some = await address.wait(2, 0.1)
        took = time.perf_counter() - started
        await raw(listener, post(address.url, b"late"))
        return some, took, address.callbacks

    some, took, all_ = listening(steps)
    assert len(some) == 1
    assert 0.1 <= took < 0.3
    assert [callback.request.body for callback in all_] == [b"{}", b"late"]


@LOOPS
def test_a_counterparty_hears_what_is_meant_for_it_also_below_its_address(loop: Loop) -> None:
    async def steps(listener: CallbackListener) -> Any:
        bank = listener.counterparty("payer-bank")
        assert listener.counterparty("payer-bank") is bank
        early = await raw(listener, post(f"{bank.url}/validate", b'{"batch":"early"}'))
        bank.answers(200, {"accepted": True})
        wanted = asyncio.create_task(bank.wait_for(lambda callback: b"late" in callback.request.body, 2))
        await asyncio.sleep(0)
        await raw(listener, post(f"{bank.url}/authorize?x=1", b'{"batch":"other"}'))
        late = await raw(listener, post(f"{bank.url}/authorize", b'{"batch":"late"}', Connection="close"))
        early_one = await bank.wait_for(lambda callback: b"early" in callback.request.body, 0)
        never = await bank.wait_for(lambda _callback: False, 0.05)
        return early, late, await wanted, early_one, never

    early, late, found, early_one, never = listening(steps, loop=loop)
    assert early.startswith(b"HTTP/1.1 202 Accepted\r\n")
    assert late.startswith(b"HTTP/1.1 200 OK\r\n")
    assert late.endswith(b'{"accepted":true}')
    assert found.request.body == b'{"batch":"late"}'
    assert found.request.url.endswith("/counterparty/payer-bank/authorize")
    assert early_one.request.body == b'{"batch":"early"}'
    assert never is None


def test_a_condition_that_fails_tells_whoever_set_it() -> None:
    async def steps(listener: CallbackListener) -> Any:
        bank = listener.counterparty("biller")
        waiting = asyncio.create_task(
            bank.wait_for(lambda callback: 1 // len(callback.request.headers[:0]) > 0, 2)
        )
        await asyncio.sleep(0)
        answer = await raw(listener, post(bank.url))
        with pytest.raises(ZeroDivisionError):
            await waiting
        return answer

    assert listening(steps).startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize(
    "path", ["/", "/x", "/counterparty/nobody", "/counterparty", "/../x", "*", "//", "/%00"]
)
def test_an_address_that_was_never_handed_out_is_refused_and_counted(path: str) -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        answer = await raw(listener, f"OPTIONS {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return answer, listener.unknown, address.callbacks

    answer, unknown, callbacks = listening(steps)
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert (unknown, callbacks) == (1, ())


@pytest.mark.parametrize(
    "received", ["/hooks/dpi/{token}", "/{token}", "http://proxy.example/hooks/dpi/{token}"]
)
def test_behind_a_public_url_with_or_without_its_path(received: str) -> None:
    async def steps(listener: CallbackListener) -> Any:
        port = listener._socket.getsockname()[1]
        address = listener.address("x")
        target = received.format(token=address.url.rpartition("/")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return address, answer

    address, answer = listening(steps, public_url="https://gw.example/hooks/dpi/")
    assert address.url.startswith("https://gw.example/hooks/dpi/")
    assert answer.startswith(b"HTTP/1.0 202 ")
    assert [callback.address for callback in address.callbacks] == ["x"]


# Bad input


def test_a_body_too_long_is_refused_cut_and_kept() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        answer = await raw(listener, post(address.url, b"a" * (3 << 20)))
        after = await raw(listener, post(address.url, b"a" * (1 << 20)))
        return answer, after, address.callbacks

    answer, after, (cut, whole) = listening(steps)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert after.startswith(b"HTTP/1.1 202 ")
    assert (cut.answered, len(cut.request.body)) == (413, 1 << 20)
    assert (whole.answered, len(whole.request.body)) == (202, 1 << 20)


def test_an_endless_body_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpi_conformance.wire.receiving._LINGER_SECONDS", 0.3)

    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        _reader, writer = await asyncio.open_connection("127.0.0.1", listener._socket.getsockname()[1])
        writer.write(post(address.url)[:-2].replace(b"Content-Length: 2", b"Content-Length: 99999999999"))
        started = time.perf_counter()
        with contextlib.suppress(OSError):
            while time.perf_counter() - started < 3:
                writer.write(b"a" * 65536)
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.transport.abort()
        return time.perf_counter() - started, address.callbacks

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took, (callback,) = listening(steps)
    assert took < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10
    assert (callback.answered, len(callback.request.body)) == (413, 1 << 20)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x00\x05hello", b"400"),
        (b"FLY / HTTP/1.1\r\n\r\n", b"400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 200_000, b"400"),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 50_000, b"400"),
        (b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
    ],
    ids=["tls", "method", "http-2", "length", "smuggled", "header", "headers", "connect"],
)
def test_what_is_no_request_is_refused_and_the_next_one_served(data: bytes, status: Any) -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        try:
            refused = await raw(listener, data)
        except ConnectionResetError:  # it was still sending headers when the connection was closed
            refused = b"HTTP/1.1 400 " if len(data) > 100_000 else b"HTTP/1.1 reset"
        return refused, await raw(listener, post(address.url)), address.callbacks

    refused, served, callbacks = listening(steps)
    assert refused.split()[1] == status
    assert served.startswith(b"HTTP/1.1 202 ")
    assert len(callbacks) == 1


@LOOPS
@pytest.mark.parametrize("pieces", [1, 7, 400])
def test_requests_in_any_pieces(loop: Loop, pieces: Any) -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        chunked = post(address.url, b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        chunked += b"2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n"
        one = post(address.url, b"one") + chunked + post(address.url, b"{}")
        _reader, writer = await asyncio.open_connection("127.0.0.1", listener._socket.getsockname()[1])
        for start in range(0, len(one), max(len(one) // pieces, 1)):
            writer.write(one[start : start + max(len(one) // pieces, 1)])
            await asyncio.sleep(0)
        callbacks = await address.wait(3, 2)
        writer.close()
        return callbacks

    assert [c.request.body for c in listening(steps, loop=loop)] == [b"one", b"{}", b"{}"]


def test_the_clients_of_java_offer_http_2_and_are_heard_all_the_same() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAEAAEAA"}
        answers = [
            await raw(listener, post(address.url, b'{"a":1}', **offer), pieces=pieces)
            for pieces in (1, 2, 300)
        ]
        reader, writer = await asyncio.open_connection(*listener._socket.getsockname())
        for request in (post(address.url, b"1st", **offer), post(address.url, b"2nd")):
            writer.write(request)
            await asyncio.wait_for(reader.readuntil(b"{}"), 2)
        writer.close()
        await writer.wait_closed()
        return answers, address.callbacks

    answers, callbacks = listening(steps)
    assert all(answer.startswith(b"HTTP/1.1 202 ") for answer in answers)
    assert [c.request.body for c in callbacks] == [b'{"a":1}'] * 3 + [b"1st", b"2nd"]
    assert {c.request.method for c in callbacks} == {"POST"}
    assert ("Upgrade", "h2c") in callbacks[0].request.headers
    assert len([name for name, _ in callbacks[0].request.headers if name == "Content-Length"]) == 1


def test_whoever_waits_to_be_asked_for_the_body_is_asked() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        return await raw(listener, post(address.url, b"{}", Expect="100-continue")), address.callbacks

    answer, callbacks = listening(steps)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 ")
    assert callbacks[0].request.body == b"{}"


def test_a_flood_costs_bounded_memory() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address, quiet = listener.address("x"), listener.address("quiet")
        await raw(listener, post(quiet.url))
        for number in range(90):
            await raw(listener, post(address.url, f"{number:03d}".encode() + b"a" * ((1 << 20) - 3)))
        return listener._bytes, address, quiet

    kept, address, quiet = listening(steps)
    assert kept < 65 << 20
    assert address.arrived == 90
    assert len(address.callbacks) < 65
    assert address.callbacks[-1].request.body.startswith(b"089")
    assert len(quiet.callbacks) == 1


def test_the_oldest_of_too_many_callbacks_give_way() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        many = b"".join(post(address.url, f"{number}".encode()) for number in range(1500))
        await raw(listener, many, answers=1500)
        return await address.wait(1500, 2), address.arrived, listener._bytes

    callbacks, arrived, kept = listening(steps)
    assert arrived == 1500
    assert [callback.request.body for callback in callbacks] == [f"{n}".encode() for n in range(476, 1500)]
    assert kept < 2 << 20


def test_too_many_connections_are_closed_and_the_listener_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpi_conformance.wire.receiving._CONNECTIONS", 20)

    async def steps(listener: CallbackListener) -> Any:
        port = listener._socket.getsockname()[1]
        many = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        await asyncio.sleep(0.05)
        open_ones = listener._receiver.connections if listener._receiver else 0
        for _, writer in many:
            writer.transport.abort()
        await asyncio.sleep(0.05)
        address = listener.address("x")
        return open_ones, await raw(listener, post(address.url))

    open_ones, answer = listening(steps)
    assert open_ones == 20
    assert answer.startswith(b"HTTP/1.1 202 ")


def test_a_connection_on_which_nothing_ends_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dpi_conformance.wire.receiving._SECONDS", 0.1)

    async def steps(listener: CallbackListener) -> Any:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener._socket.getsockname()[1])
        started = time.perf_counter()
        for byte in b"POST / HTTP/1.1\r\n" * 10:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.01)
            if reader.at_eof() or writer.is_closing():
                break
        writer.transport.abort()
        return time.perf_counter() - started

    assert listening(steps) < 0.5


# Ports and addresses


def test_a_port_in_use_names_the_key_and_what_to_write() -> None:
    with reserve("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"callbacks\.port.*{port}.*Write 0") as caught:
            reserve("127.0.0.1", port)
    assert caught.value.exit_code == 2


def test_a_port_that_needs_a_privilege(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", denied)
    with pytest.raises(UsageError, match=r"callbacks\.port.*80.*above 1023"):
        reserve("127.0.0.1", 80)


@pytest.mark.parametrize("bind", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine(bind: str) -> None:
    with pytest.raises(UsageError, match=r"callbacks\.bind.*127\.0\.0\.1"):
        reserve(bind, 0)


def test_a_public_url_too_long_for_the_specification() -> None:
    with pytest.raises(UsageError, match=r"callbacks\.public_url.*at most 83"):
        CallbackListener(public_url="https://" + "a" * 80 + ".example")
    CallbackListener(public_url="https://" + "a" * 67 + ".example")._socket.close()


def test_a_reserved_socket_is_served_and_the_port_is_free_afterwards() -> None:
    bound = reserve("127.0.0.1", 0)
    port = bound.getsockname()[1]

    async def steps(listener: CallbackListener) -> Any:
        return listener.public_url, await raw(listener, post(listener.address("x").url))

    url, answer = listening(steps, socket=bound)
    assert url == f"http://127.0.0.1:{port}"
    assert answer.startswith(b"HTTP/1.1 202 ")
    reserve("127.0.0.1", port).close()


def test_it_starts_at_once() -> None:
    async def steps(_listener: CallbackListener) -> Any:
        return time.perf_counter()

    started = time.perf_counter()
    assert listening(steps) - started < 0.1


def test_nobody_waits_for_a_cancelled_waiter() -> None:
    async def run() -> Any:
        address = CallbackAddress("x", "http://x")
        waiting = asyncio.create_task(address.wait(1, 5))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        return address._waiting

    assert asyncio.run(run()) == {}


@LOOPS
@pytest.mark.parametrize("turns", range(8))
def test_a_connection_that_is_taken_while_the_port_closes_is_closed_too(turns: int, loop: Loop) -> None:
    async def run() -> list[socket.socket]:
        bound = reserve("127.0.0.1", 0)
        callers = []
        async with CallbackListener(socket=bound):
            for _ in range(6):
                callers.append(socket.create_connection(bound.getsockname()))
                callers[-1].sendall(b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
            for _ in range(turns):
                await asyncio.sleep(0)
        return callers

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        callers = loop(run())
        gc.collect()
    for caller in callers:
        caller.close()
    assert [str(one.message) for one in told] == []
