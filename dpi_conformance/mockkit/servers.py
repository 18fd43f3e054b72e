"""Runs mocks as HTTP servers: their sockets, their life, and their end."""

import asyncio
import contextlib
import dataclasses
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.mockkit.settings import MockSettings

__all__ = ["HOST", "MockServer", "bind", "make_server", "serve", "url_of"]

HOST = "127.0.0.1"
_BACKLOG = 512


def bind(port: int) -> socket.socket:
    """Bind a port of this machine's loopback address, 0 for a free one; raises UsageError if it is in use."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise UsageError(
            Message(
                text=N_(
                    "Port {port} of {host} cannot be used ({reason}); give another --port, or 0 for a free one."
                ),
                values={"port": port, "host": HOST, "reason": error.strerror or str(error)},
            )
        ) from error
    return listening


def url_of(listening: socket.socket) -> str:
    """Give the base URL of a bound socket."""
    host, port = listening.getsockname()[:2]
    return f"http://{host}:{port}"


class _Protocol(HttpToolsProtocol):
    """Tells the application the request's target as it was written, which ASGI takes apart."""

    def on_headers_complete(self) -> None:
        """Add ``raw_target`` to the scope's extensions."""
        self.scope["extensions"] = {"raw_target": {"raw": self.url}}
        super().on_headers_complete()


class MockServer(uvicorn.Server):
    """A server that leaves signals to whoever runs it, and says when it is ready."""

    def __init__(self, app: Any, ready: Callable[[], None]) -> None:
        """Take the ASGI application, and what to call once requests are served.

        An application whose ``state.dates_itself`` is true adds the Date header itself: it may pass another's on.
        """
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=_Protocol,
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                log_level="critical",
                proxy_headers=False,
                server_header=False,
                date_header=not getattr(getattr(app, "state", None), "dates_itself", False),
                timeout_graceful_shutdown=1,
                backlog=_BACKLOG,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: several servers share one process."""
        yield


def make_server(
    pack: Pack, block: str, settings: MockSettings, listening: socket.socket, ready: Callable[[], None]
) -> MockServer:
    """Make the server of a block's mock; raises PackError if the pack has none."""
    here = dataclasses.replace(settings, public_url=settings.public_url or url_of(listening))
    return MockServer(pack.load(f"mocks.{block}.app").create_app(here), ready)


def serve(
    servers: Sequence[tuple[MockServer, socket.socket]], on_start: Callable[[Callable[[], None]], None]
) -> None:
    """Serve until stopped; ``on_start`` runs in the loop and is given the function that stops all servers."""

    async def run() -> None:
        def stop() -> None:
            for server, _ in servers:
                server.should_exit = True

        on_start(stop)
        await asyncio.gather(*(server.serve(sockets=[listening]) for server, listening in servers))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
