"""A mediator of a few lines that has nothing of the built-in mock, honest or not."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CLIENT = "XX/COM/1/consumer"
PROVIDER = "XX/GOV/2/provider"
Head = tuple[str, list[tuple[str, str]]]
_PATH = re.compile(r"/r1/XX/GOV/2/provider/(?P<service>people|closed)(?P<below>.*)")
_TURNS = 200
"""So often a call goes round before it stands still."""
_HOP = {"host", "connection", "keep-alive", "te", "transfer-encoding", "content-length", "x-hop"}
_KEPT = {"keep-alive-passed-on": frozenset({"keep-alive"}), "named-passed-on": frozenset({"x-hop"})}
"""What proxies in use pass on of the caller's connection."""


@dataclass
class PlainMediator:
    """Passes on what is allowed; ``way`` is how it goes wrong."""

    provider: str = ""
    way: str = "honest"
    calls: int = 0
    url: str = ""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one call on a connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                line, headers = await _head(reader)
                body = await _body(reader, headers)
                self.calls += 1
                await self._answer(line, headers, body, writer)
        finally:
            await _closed(writer)
            self.tasks.discard(task)

    async def _answer(
        self, line: str, headers: list[tuple[str, str]], body: bytes, writer: asyncio.StreamWriter
    ) -> None:
        method, target, _ = line.split(" ")
        match = _PATH.fullmatch(target)
        if self.way == "silent":
            await asyncio.sleep(60)
        if self.way == "garbage":
            writer.write(b"\x16\x03\x01 no HTTP at all\r\n\r\n")
            return
        if self.way == "endless":
            await _endless(writer)
            return
        if self.way == "loops" and self.calls < _TURNS:
            writer.write(await self._asked(_written(method, target, headers, body), self.url))
            return
        if self.way == "loops":
            await asyncio.sleep(60)
        if match is None or (match["service"], dict(headers).get("x-govstack-client")) != ("people", CLIENT):
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if self.way == "served-by-itself":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            return
        service = "other" if self.way == "wrong-service" else match["service"]
        there = f"{urlsplit(self.provider).path}/{service}{match['below']}"
        hop = _HOP - _KEPT.get(self.way, frozenset())
        sent = _written(method, there, headers, self._bent(body), hop)
        for _ in range(2 if self.way == "twice" else 1):
            answer = await self._asked(sent, self.provider)
        writer.write(self._returned(answer, method))

    def _bent(self, body: bytes) -> bytes:
        half = len(body) // 2
        return body[half:] + body[:half] if self.way == "reordered" else body

    def _returned(self, answer: bytes, method: str) -> bytes:
        if self.way == "truncated" and method != "HEAD":
            head, _, body = answer.partition(b"\r\n\r\n")
            kept = body[: len(body) // 2]
            head = re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(kept), head)
            return head + b"\r\n\r\n" + kept
        if self.way == "headers-added":
            return answer.replace(b"\r\n", b"\r\nX-Node: im-7.internal\r\n", 1)
        return answer

    @staticmethod
    async def _asked(sent: bytes, where: str) -> bytes:
        parts = urlsplit(where)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(sent)
            return await reader.read(-1)
        finally:
            await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        await writer.wait_closed()


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"5\r\nagain\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


def _written(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes, hop: Collection[str] = _HOP
) -> bytes:
    kept = [f"{name}: {value}" for name, value in headers if name not in hop]
    framing = [f"Content-Length: {len(body)}"] if body or method not in {"GET", "HEAD"} else []
    lines = [f"{method} {target} HTTP/1.1", "Host: provider", *kept, *framing, "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


async def _head(reader: asyncio.StreamReader) -> Head:
    raw = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *fields = raw.rstrip("\r\n").split("\r\n")
    split = (one.partition(":") for one in fields)
    return line, [(name.lower(), value.strip()) for name, _, value in split]


async def _body(reader: asyncio.StreamReader, headers: list[tuple[str, str]]) -> bytes:
    named = dict(headers)
    if named.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(named.get("content-length", "0")))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body


@contextlib.asynccontextmanager
async def serving(mediator: PlainMediator) -> AsyncIterator[PlainMediator]:
    """Serve on a free port."""
    server = await asyncio.start_server(mediator.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mediator.url = f"http://127.0.0.1:{port}"
    try:
        yield mediator
    finally:
        server.close()
        for task in list(mediator.tasks):
            task.cancel()
        await asyncio.gather(*mediator.tasks, return_exceptions=True)
