"""``mock``: a block's product to try things on, with or without faults."""

import secrets
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack

import click
from rich.console import Console
from rich.markup import escape

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.mockkit.faults import require_faults
from dpi_conformance.mockkit.servers import MockServer, bind, make_server, serve, url_of
from dpi_conformance.mockkit.settings import MockSettings

__all__ = ["command"]


@click.command(name="mock")
@click.argument("block", metavar="BLOCK|all")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one."
)
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Have this fault; may be repeated.")
@click.option(
    "--token", metavar="TOKEN", help="Take this bearer token; “” takes everybody. Default: a fresh one."
)
@click.option(
    "--counterparty",
    "parties",
    multiple=True,
    metavar="NAME=URL",
    help="Call this party there; may be repeated.",
)
@click.option(
    "--latency",
    "latency_ms",
    type=click.FloatRange(0),
    default=0.0,
    metavar="MS",
    help="Let each answer wait.",
)
def command(
    *,
    block: str,
    port: int,
    faults: tuple[str, ...],
    token: str | None,
    parties: tuple[str, ...],
    latency_ms: float,
) -> None:
    """Start a block's mock (or all, on ports that follow each other) and serve until Ctrl-C.

    It keeps the standard, or breaks it in the ways that --fault names; `list faults` shows them.
    """
    pack = Pack.builtin()
    blocks = _mocked(pack) if block == "all" else (pack.require(block),)
    settings = MockSettings(
        token=secrets.token_urlsafe(12) if token is None else token,
        faults=_faults(pack, blocks, faults),
        counterparties=dict(map(_counterparty, parties)),
        latency_ms=latency_ms,
    )
    _serve(pack, blocks, port, settings)


def _mocked(pack: Pack) -> tuple[str, ...]:
    return tuple(block for block in pack.blocks if (pack.root / "mocks" / block / "app.py").is_file())


def _faults(pack: Pack, blocks: tuple[str, ...], names: tuple[str, ...]) -> frozenset[str]:
    known = (
        [fault for block in blocks for fault in pack.load(f"mocks.{block}.faults").FAULTS] if names else []
    )
    return require_faults(names, known)


def _counterparty(pair: str) -> tuple[str, str]:
    name, _, url = pair.partition("=")
    if not name or not url.startswith(("http://", "https://")):
        raise UsageError(
            Message(
                text=N_("--counterparty {pair}: write NAME=URL, e.g. payer-bank=http://127.0.0.1:9000"),
                values={"pair": pair},
            )
        )
    return name, url


def _serve(pack: Pack, blocks: tuple[str, ...], port: int, settings: MockSettings) -> None:
    console = Console(stderr=True)
    with ExitStack() as sockets:
        servers: list[tuple[MockServer, socket.socket]] = []
        for index, block in enumerate(blocks):
            listening = sockets.enter_context(bind(port + index if port else 0))
            announce = _announcement(console, block, url_of(listening), settings)
            servers.append((make_server(pack, block, settings, listening, announce), listening))

        def on_start(stop: Callable[[], None]) -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda _signal, _frame: stop())

        serve(servers, on_start)
    console.print(N_("The mock has stopped."))


def _announcement(console: Console, block: str, url: str, settings: MockSettings) -> Callable[[], None]:
    """Give what is printed once the mock serves: where it is, its token, its faults, and how to certify it."""

    def announce() -> None:
        secret = f"DPI_CONFORMANCE_TOKEN={settings.token} " if settings.token else ""
        faults = ", ".join(sorted(settings.faults)) or N_("none")
        console.print(f"[bold]{block}[/]  {url}", highlight=False)
        console.print(
            f"  token    {escape(settings.token) or N_('none: it takes everybody')}", highlight=False
        )
        console.print(f"  faults   {faults}", highlight=False, soft_wrap=True)
        console.print(
            f"  certify  {secret}dpi-conformance run {block} --target {url}", highlight=False, soft_wrap=True
        )

    return announce
