"""What is sent later is sent to the address once it takes it, and never holds up anything else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
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


def test_a_full_queue_drops_what_comes_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "_WAITING", 10)
    receiver = Receiver(202)

    async def steps(outbox: Outbox) -> None:
        outbox.put([Outgoing(url=receiver.url, body=number) for number in range(100)])

    delivered(receiver, steps, count=10)


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
