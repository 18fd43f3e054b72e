"""What is sent later is sent to the address once it takes it, and never holds up anything else."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import orjson
import pytest

from dpi_conformance.mockkit import outbox as outbox_module
from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.outbox import Later, Outbox


class Receiver:
    """Answers with the statuses that it is given, the last one for ever; 0 breaks the connection."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[Any] = []
        self.heads: list[bytes] = []
        self.url = ""
        self.wanted = 0
        self.enough = asyncio.Event()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(h[16:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length: ")
                )
                self.heads.append(head)
                self.bodies.append(orjson.loads(await reader.readexactly(length)))
                if len(self.bodies) >= self.wanted:
                    self.enough.set()
                status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
                if not status:
                    return
                writer.write(b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n" % status)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


def delivered(
    receiver: Receiver, steps: Callable[[Outbox], Awaitable[None]], *, count: int, settle: float = 0.3
) -> None:
    """Run steps on an outbox, wait for so many deliveries, then see that no more come."""

    receiver.wanted = count

    async def run() -> None:
        server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
        receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callbacks/x"
        async with server, Outbox() as outbox:
            await steps(outbox)
            async with asyncio.timeout(10):
                await receiver.enough.wait()
            await asyncio.sleep(settle)

    asyncio.run(run())
    assert len(receiver.bodies) == count


def test_a_callback_is_sent_once_with_its_headers_and_text_unharmed() -> None:
    receiver = Receiver(202)

    async def steps(outbox: Outbox) -> None:
        outbox.put(
            [Outgoing(url=receiver.url, body={"name": "محمد e\u0301 😀"}, headers={"X-CorrelationID": "C1"})]
        )

    delivered(receiver, steps, count=1)
    assert receiver.bodies == [{"name": "محمد e\u0301 😀"}]
    assert receiver.heads[0].startswith(b"POST /callbacks/x HTTP/1.1")
    assert b"X-CorrelationID: C1" in receiver.heads[0]
    assert b"Content-Type: application/json" in receiver.heads[0]


@pytest.mark.parametrize(
    ("statuses", "count"),
    [((503, 500, 200), 3), ((0, 202), 2), ((400,), 1), ((302,), 1), ((500,), 4)],
)
def test_a_5xx_and_a_broken_connection_are_tried_again_and_nothing_else(
    statuses: tuple[int, ...], count: int
) -> None:
    receiver = Receiver(*statuses)

    async def steps(outbox: Outbox) -> None:
        outbox.put([Outgoing(url=receiver.url, body=1)])

    delivered(receiver, steps, count=count)
    assert receiver.bodies == [1] * count


def test_dead_addresses_and_no_addresses_hold_nothing_up() -> None:
    receiver = Receiver(202)

    async def steps(outbox: Outbox) -> None:
        for number in range(200):
            outbox.put([Outgoing(url=f"http://127.0.0.1:9/{number}", body=number)])
            outbox.put(
                [Outgoing(url=("", "ftp://a/", "http://", "no address", "http://[::1")[number % 5], body=1)]
            )
        outbox.put([Outgoing(url=receiver.url, body="after")])

    delivered(receiver, steps, count=1)
    assert receiver.bodies == ["after"]


def test_putting_never_waits_for_sending() -> None:
    receiver = Receiver(202)

    async def steps(outbox: Outbox) -> None:
        started = time.perf_counter()
        for number in range(1000):
            outbox.put([Outgoing(url=receiver.url, body=number)])
        assert time.perf_counter() - started < 0.5

    delivered(receiver, steps, count=1000)
    assert sorted(receiver.bodies) == list(range(1000))


def test_a_full_queue_drops_what_comes_beyond_and_logs_each(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox_module, "_WAITING", 10)
    receiver = Receiver(202)

    async def steps(outbox: Outbox) -> None:
        outbox.put([Outgoing(url=receiver.url, body=number) for number in range(100)])

    delivered(receiver, steps, count=10)
    assert [record.args for record in caplog.records] == [
        ("POST", receiver.url, "10 calls wait already") for _ in range(90)
    ]


def test_calls_that_wait_for_another_attempt_count_among_those_that_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox_module, "_WAITING", 10)
    monkeypatch.setattr(outbox_module, "_PAUSES", (5.0,))
    tried: list[str] = []

    async def nobody(message: Outgoing) -> bool:
        tried.append(message.url)
        return False

    async def run() -> None:
        async with Outbox(nobody) as outbox:
            for number in range(20):
                outbox.put([Outgoing(url=f"http://127.0.0.1:9/{number}", body=1)])
                await asyncio.sleep(0.01)

    asyncio.run(run())
    assert len(tried) == 10
    assert len(caplog.records) == 10


class Dropped(logging.Handler):
    """Waits for the first call that is dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.first = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())
        self.first.set()


@pytest.fixture
def dropped() -> Iterator[Dropped]:
    handler, log = Dropped(), logging.getLogger(outbox_module.__name__)
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


def test_a_call_that_nobody_takes_is_logged_once(monkeypatch: pytest.MonkeyPatch, dropped: Dropped) -> None:
    monkeypatch.setattr(outbox_module, "_PAUSES", (0.01, 0.01))

    async def run() -> None:
        async with Outbox() as outbox, asyncio.timeout(5):
            outbox.put([Outgoing(url="http://127.0.0.1:9/gone", body=1)])
            await dropped.first.wait()
            await asyncio.sleep(0.1)

    asyncio.run(run())
    assert dropped.told == ["Dropped: POST http://127.0.0.1:9/gone (not taken in 3 attempts)."]


def test_calls_to_a_port_where_nobody_listened_a_moment_ago_arrive(
    monkeypatch: pytest.MonkeyPatch, dropped: Dropped
) -> None:
    """A mock is certified again, by a run that listens at the port of one that has just ended."""
    monkeypatch.setattr(outbox_module, "_PAUSES", (0.01, 0.01))
    receiver = Receiver(202)
    receiver.wanted = 20

    async def run() -> None:
        server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        async with Outbox() as outbox, asyncio.timeout(5):
            outbox.put([Outgoing(url=f"http://127.0.0.1:{port}/old", body=-1)])
            await dropped.first.wait()
            again = await asyncio.start_server(receiver.take, "127.0.0.1", port)
            outbox.put([Outgoing(url=f"http://127.0.0.1:{port}/new", body=number) for number in range(20)])
            async with again:
                await receiver.enough.wait()

    asyncio.run(run())
    assert sorted(receiver.bodies) == list(range(20))
    assert len(dropped.told) == 1


def test_a_receiver_in_trouble_does_not_delay_its_neighbours(
    monkeypatch: pytest.MonkeyPatch, dropped: Dropped
) -> None:
    """All addresses of a run have one origin; that one of them answers 503 for ever says nothing of the others."""
    monkeypatch.setattr(outbox_module, "_PAUSES", (0.01, 0.01))
    receiver = Receiver(503, 503, 503, 202)

    async def steps(outbox: Outbox) -> None:
        outbox.put([Outgoing(url=receiver.url, body="in trouble")])
        await dropped.first.wait()
        outbox.put([Outgoing(url=receiver.url, body="well")])

    started = time.monotonic()
    delivered(receiver, steps, count=4, settle=0)
    assert receiver.bodies[-1] == "well"
    assert time.monotonic() - started < 0.9


def test_a_silent_origin_is_asked_by_one_call_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "_PAUSES", (0.01, 0.01, 0.01))
    monkeypatch.setattr(outbox_module, "_SILENT_SECONDS", 0.05)
    asked: list[str] = []

    async def nobody(message: Outgoing) -> None:
        asked.append(message.url)
        await asyncio.sleep(0.01)

    async def run() -> None:
        async with Outbox(nobody) as outbox:
            outbox.put([Outgoing(url="http://127.0.0.1:9/first", body=1)])
            await asyncio.sleep(0.15)
            del asked[:]
            outbox.put([Outgoing(url=f"http://127.0.0.1:9/{n}", body=1) for n in range(100)])
            await asyncio.sleep(0.5)

    asyncio.run(run())
    assert len(asked) < 20


def test_what_is_decided_later_is_decided_then() -> None:
    receiver = Receiver(202)
    left = 3

    def again() -> list[Outgoing | Later]:
        nonlocal left
        left -= 1
        sent = Outgoing(url=receiver.url, body=left)
        return [sent, Later(seconds=0.05, then=again)] if left else [sent]

    async def steps(outbox: Outbox) -> None:
        outbox.put([Later(seconds=0.05, then=again)])
        assert receiver.bodies == []

    delivered(receiver, steps, count=3)
    assert receiver.bodies == [2, 1, 0]
