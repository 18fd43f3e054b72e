"""Products for whole runs: the mock behind an address that stays, and what may stand between it and us."""

import asyncio
import contextlib
import json
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.wire.journal import read_journal

TOKEN = "a-token-of-the-test-system"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def report_of(folder: Path) -> Any:
    """Read a run's report.json."""
    return json.loads((folder / "report.json").read_bytes())


def journal_of(folder: Path) -> list[dict[str, Any]]:
    """Read a run's journal."""
    return list(read_journal(folder / JOURNAL))


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds; fail where it does not in time."""
    pause, ends = threading.Event(), time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come to hold in time"
        pause.wait(0.005)


@dataclass
class Front:
    """Stands before a product at an address that stays: passes requests on, or answers itself where ``hostile`` says."""

    upstream: str
    hostile: Answer | None = None
    path: str | tuple[str, ...] = ""
    """Begin of the paths that ``hostile`` answers, or several."""
    port: int = 0
    arrived: list[float] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        starting = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._connected, "127.0.0.1", self.port), self._loop
        )
        self._server = starting.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self.port}"

    async def _end(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._answered(reader, writer)
        finally:
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.arrived.append(time.monotonic())
        target = head.split(b" ", 2)[1].decode()
        self.targets.append(target)
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if self.hostile is not None and target.startswith(self.path):
            await self.hostile(writer)
            return
        place = urlsplit(self.upstream)
        product, sink = await asyncio.open_connection(place.hostname, place.port)
        sink.write(head[:-2] + b"Connection: close\r\n\r\n" + body)
        while piece := await product.read(65536):
            writer.write(piece)
            await writer.drain()
        sink.close()


@pytest.fixture
def product_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a product.yaml for a payments product."""

    def write(url: str, token: str = TOKEN, **settings: Any) -> Path:
        path = tmp_path / "product.yaml"
        payments = {
            "base_url": url,
            "auth": {"type": "bearer", "token": token},
            "limits": {"connect_seconds": 2, "answer_seconds": 2, "callback_seconds": 2},
        }
        product = {"vendor": "Test", "name": "Tested", "version": "1"}
        path.write_text(json.dumps({"product": product, "blocks": {"payments": {**payments, **settings}}}))
        return path

    return write


@pytest.fixture(scope="session")
def mock() -> Iterator[MockProcess]:
    """Give a mock that keeps the standard and takes ``TOKEN``."""
    with MockProcess.start("payments", token=TOKEN) as process:
        yield process
