"""A mock in a process of its own: reads its settings from standard input, and ends when that ends.

Run as ``python -m dpi_conformance.mockkit.child``. The first line of standard input is a JSON object with
``block``, ``pack`` (name and root), ``port`` and ``settings``; the only line that it prints is one with
``url``, or with ``error``. However its parent dies, its standard input ends, so that no process is left over.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import DpiError
from dpi_conformance.mockkit.servers import bind, make_server, serve, url_of
from dpi_conformance.mockkit.settings import MockSettings

__all__ = ["main"]


def main() -> None:
    """Serve one mock until standard input ends or SIGTERM comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True, name="parent").start()
    try:
        _serve(order)
    except DpiError as error:
        _say({"error": str(error)})
        sys.exit(error.exit_code)


def _serve(order: Mapping[str, Any]) -> None:
    pack = Pack(name=order["pack"]["name"], root=Path(order["pack"]["root"]))
    with bind(order["port"]) as listening:
        settings = MockSettings.from_json(order["settings"])
        url = url_of(listening)
        server = make_server(pack, order["block"], settings, listening, lambda: _say({"url": url}))

        def on_start(stop: Callable[[], None]) -> None:
            signal.signal(signal.SIGTERM, lambda _signal, _frame: stop())

        serve([(server, listening)], on_start)


def _end_with_parent() -> None:
    """Wait for the end of standard input, and end at once: a mock has nothing to lose."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)


def _say(line: Mapping[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
