"""Starts a mock as a process of its own, waits until it serves, and ends it."""

import contextlib
import json
import selectors
import subprocess
import sys
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import IO, Any, Self

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.mockkit.settings import MockSettings

__all__ = ["MockProcess"]

_READY_SECONDS = 30.0
_END_SECONDS = 3.0


class MockProcess:
    """A running mock; use ``start``, then ``stop`` or the context. It ends when this process ends, however it ends."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str, token: str) -> None:
        """Take a process that is ready; ``url`` is its base address."""
        self._process = process
        self.url = url
        self.token = token

    @classmethod
    def start(
        cls,
        block: str,
        *,
        pack: Pack | None = None,
        faults: Iterable[str] = (),
        token: str = "",
        counterparties: Mapping[str, str] | None = None,
        latency_ms: float = 0.0,
    ) -> "MockProcess":
        """Start a block's mock on a free port of 127.0.0.1 and wait until it serves; raises HarnessError."""
        settings = MockSettings(
            token=token,
            faults=frozenset(faults),
            counterparties=counterparties or {},
            latency_ms=latency_ms,
        )
        chosen = pack or Pack.builtin()
        order = {
            "block": block,
            "pack": {"name": chosen.name, "root": str(chosen.root)},
            "port": 0,
            "settings": settings.as_json(),
        }
        process = _spawn(order)
        try:
            return cls(process, _ready(process, block), token)
        except BaseException:
            _end(process)
            raise

    @property
    def pid(self) -> int:
        """Give the process's identifier."""
        return self._process.pid

    def stop(self) -> None:
        """End the process; may be called again."""
        _end(self._process)

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def _spawn(order: Mapping[str, Any]) -> "subprocess.Popen[bytes]":
    """Start the child; the settings go by standard input, for a token must not show in a list of processes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dpi_conformance.mockkit.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with contextlib.suppress(BrokenPipeError):
        _stdin(process).write(json.dumps(order).encode() + b"\n")
        _stdin(process).flush()
    return process


def _stdin(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert process.stdin is not None  # noqa: S101 -- it was opened as a pipe
    return process.stdin


def _ready(process: "subprocess.Popen[bytes]", block: str) -> str:
    """Wait for the child's one line and give its URL."""
    assert process.stdout is not None  # noqa: S101 -- it was opened as a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(_READY_SECONDS) else b""
    said = json.loads(line) if line else {}
    if "url" in said:
        return str(said["url"])
    reason = said.get("error") or f"exit code {process.poll()}, no answer within {_READY_SECONDS:.0f} s"
    raise HarnessError(
        Message(
            text=N_("The mock of “{block}” did not start: {reason}"),
            values={"block": block, "reason": reason},
        )
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Close the child's standard input, which ends it; kill it if it does not."""
    with contextlib.suppress(BrokenPipeError):
        _stdin(process).close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
