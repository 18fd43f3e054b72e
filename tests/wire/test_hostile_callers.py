"""Whatever calls the listener: floods, 100 MB, garbage, wrong paths; and an address that is closed at first."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from dpi_conformance.wire import listener as listener_module
from dpi_conformance.wire.doors import Door, can_close
from dpi_conformance.wire.listener import CallbackListener

Steps = Callable[[CallbackListener], Awaitable[Any]]


def listening(steps: Steps, **settings: Any) -> Any:
    async def run() -> Any:
        async with CallbackListener(**settings) as listener:
            return await steps(listener)

    return asyncio.run(run())


def post(path: str, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def connected(listener: CallbackListener) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(listener.public_url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def flood(listener: CallbackListener, path: str, count: int) -> None:
    """Send so many calls over one connection, and read their answers away."""
    reader, writer = await connected(listener)
    reading = asyncio.ensure_future(answered(reader, count))
    request = post(path, b'{"flood":true}')
    for _ in range(count // 100):
        writer.write(request * 100)
        await writer.drain()
    await reading
    writer.close()


async def answered(reader: asyncio.StreamReader, count: int) -> None:
    """Read until so many answers came."""
    rest = b""
    while count > 0:
        piece = rest + await asyncio.wait_for(reader.read(1 << 16), 10)
        count -= piece.count(b"HTTP/1.1 ")
        rest = piece[-8:]


@pytest.mark.parametrize("stray", [False, True], ids=["at an address", "astray"])
def test_a_flood_keeps_no_other_callback_waiting_and_costs_bounded_memory(
    monkeypatch: pytest.MonkeyPatch, *, stray: bool
) -> None:
    monkeypatch.setattr(listener_module, "_FLOOD", 3000)

    async def steps(listener: CallbackListener) -> Any:
        flooded, quiet = listener.address("flooded"), listener.address("quiet")
        path = "/nowhere" if stray else urlsplit(flooded.url).path
        floods = [asyncio.ensure_future(flood(listener, path, 3000)) for _ in range(4)]
        await asyncio.sleep(0.1)
        started = time.perf_counter()
        async with httpx.AsyncClient(trust_env=False) as product:
            waiting = asyncio.create_task(quiet.wait(1, 10))
            status = (await product.post(quiet.url, content=b"{}")).status_code
            (callback,) = await waiting
        took = time.perf_counter() - started
        await asyncio.gather(*floods)
        return listener, flooded, callback, status, took

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    listener, flooded, callback, status, took = listening(steps)
    kept = listener.astray if stray else flooded
    assert (callback.address, status) == ("quiet", 202)
    assert took < 5
    assert kept.arrived == 12_000
    assert listener.unknown == (12_000 if stray else 0)
    assert len(kept.callbacks) <= 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_beyond_a_flood_calls_are_refused_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "_FLOOD", 3)

    async def steps(listener: CallbackListener) -> Any:
        address, bank = listener.address("x"), listener.counterparty("bank")
        async with httpx.AsyncClient(trust_env=False) as product:
            mine = [(await product.post(address.url)).status_code for _ in range(5)]
            theirs = [(await product.post(bank.url)).status_code for _ in range(5)]
        return mine, theirs, address

    mine, theirs, address = listening(steps)
    assert mine == [202, 202, 202, 429, 429]
    assert theirs == [202] * 5, "a bank is called by all cases"
    assert (address.arrived, len(address.callbacks)) == (5, 3)


def test_a_hundred_megabytes_are_refused_and_the_beginning_is_kept() -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        reader, writer = await connected(listener)
        head = post(urlsplit(address.url).path, b"").replace(
            b"Content-Length: 0", b"Content-Length: 104857600"
        )
        started = time.perf_counter()
        writer.write(head)
        with contextlib.suppress(ConnectionError):
            for _ in range(1600):
                writer.write(b"a" * 65536)
                await writer.drain()
        answer = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            answer = await asyncio.wait_for(reader.read(4096), 5)
        writer.transport.abort()
        return address.callbacks, answer, time.perf_counter() - started

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (callback,), answer, took = listening(steps)
    assert (callback.answered, len(callback.request.body)) == (413, 1 << 20)
    assert answer[:13] in {b"HTTP/1.1 413 ", b""}
    assert took < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


@pytest.mark.parametrize("garbage", [b"\x00\xff" * 50_000, b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00"])
def test_what_is_no_http_is_no_callback_and_hurts_nobody(garbage: bytes) -> None:
    async def steps(listener: CallbackListener) -> Any:
        address = listener.address("x")
        reader, writer = await connected(listener)
        writer.write(garbage)
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(reader.read(4096), 2)
        writer.transport.abort()
        async with httpx.AsyncClient(trust_env=False) as product:
            await product.post(address.url)
        return len(await address.wait(1, 2)), listener.unknown

    assert listening(steps) == (1, 0)


def test_what_went_astray_is_refused_and_found_by_what_it_says() -> None:
    async def steps(listener: CallbackListener) -> Any:
        mine, other, bank = listener.address("mine"), listener.address("other"), listener.counterparty("bank")
        async with httpx.AsyncClient(trust_env=False) as product:
            lost = await product.post(
                f"{listener.public_url}/callback", content=b'{"id":"REQ1"}' + b" " * 9000
            )
            await product.post(other.url, content=b'{"id":"REQ1"}')
            await product.post(f"{bank.url}/batches/REQ1", content=b"{}")
            await product.post(mine.url, content=b'{"id":"REQ1"}')
        return lost.status_code, list(listener.mentioning("REQ1", apart_from=[mine]))

    status, found = listening(steps)
    assert status == 404
    assert {callback.address for callback in found} == {"other", "bank", "astray"}
    (stray,) = [callback for callback in found if callback.address == "astray"]
    assert (stray.answered, len(stray.request.body)) == (404, 4096)


def test_a_closed_address_refuses_until_it_is_opened() -> None:
    async def steps(listener: CallbackListener) -> Any:
        before = listener.address("before")
        async with Door(listener, "closed") as door, httpx.AsyncClient(trust_env=False) as product:
            with pytest.raises(httpx.ConnectError):
                await product.post(door.address.url)
            await product.post(before.url)
            await door.open()
            status = (await product.post(door.address.url)).status_code
            (opened,) = await door.address.wait(1, 2)
            port = urlsplit(door.address.url).port
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
        return status, opened.id, before.callbacks[0].id

    status, opened, before = listening(steps)
    assert status == 202
    assert opened != before, "the evidence of a run has each id once"


def test_only_on_the_own_machine_an_address_can_be_closed() -> None:
    async def direct(listener: CallbackListener) -> bool:
        return can_close(listener)

    assert listening(direct)
    assert not listening(direct, public_url="https://hooks.example")
    assert not listening(direct, bind="0.0.0.0")  # noqa: S104 -- nothing is served


def test_a_caller_who_asks_first_is_told_before_it_sends_too_much() -> None:
    async def steps(listener: CallbackListener) -> tuple[bytes, int, int, int]:
        address = listener.address("x")
        reader, writer = await connected(listener)
        path = urlsplit(address.url).path
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 104857600\r\n\r\n"
        writer.write(head.encode())
        status = await asyncio.wait_for(reader.readline(), 5)
        writer.close()
        (call,) = address.callbacks
        return status, call.answered, len(call.request.body), listener.unknown

    assert listening(steps) == (b"HTTP/1.1 413 Request Entity Too Large\r\n", 413, 0, 0)
