"""One block's test bench: the listener's socket, and the built-in mock where no product is named."""

import contextlib
import secrets
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.target import BearerAuth, Callbacks, Limits, PlayedCounterparty, Target
from dpi_conformance.errors import DpiError
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.wire.listener import reserve

__all__ = ["Bench", "make_bench"]

_PATIENT_SECONDS = 30.0
"""A connection to a mock may take so long: selftest starts many of them on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where one block is judged; the listener's socket is bound before a mock is told of it."""

    block: str
    socket: socket.socket
    target: Callable[[], Target]
    """Gives how the product is reached; waits for a mock that is still starting."""


@contextlib.contextmanager
def make_bench(order: Order, pack: Pack, block: str) -> Iterator[Bench]:
    """Bind the listener's socket and, where no product is named, start the block's mock beside other work."""
    target = order.target(block)
    callbacks = target.callbacks if target else Callbacks()
    with reserve(callbacks.bind, callbacks.port) as listening:
        if target is not None:
            yield Bench(block=block, socket=listening, target=lambda: target)
            return
        with _mock(order, pack, block, listening) as started:
            yield Bench(block=block, socket=listening, target=started)


@contextlib.contextmanager
def _mock(order: Order, pack: Pack, block: str, listening: socket.socket) -> Iterator[Callable[[], Target]]:
    token = secrets.token_urlsafe(24)
    host, port = listening.getsockname()[:2]
    parties = load_block(pack.spec(block, "block.yaml")).counterparties
    with ThreadPoolExecutor(max_workers=1) as beside:
        starting = beside.submit(
            MockProcess.start,
            block,
            pack=pack,
            faults=order.faults_of(block),
            token=token,
            counterparties={name: f"http://{host}:{port}/counterparty/{name}" for name in parties},
        )
        try:
            yield lambda: _target(order, pack, block, starting.result().url, token, parties)
        finally:
            with contextlib.suppress(
                DpiError
            ):  # a mock that did not start was told of by whoever asked for it
                starting.result().stop()


def _target(
    order: Order, pack: Pack, block: str, base_url: str, token: str, parties: Collection[str]
) -> Target:
    """Say how a mock is reached; its module may hold ``target(base_url, token)`` with further keys of Target."""
    further = getattr(pack.load(f"mocks.{block}.declared"), "target", None)
    keys: Mapping[str, Any] = {
        "base_url": base_url,
        "limits": Limits(connect_seconds=_PATIENT_SECONDS),
        "auth": BearerAuth(type="bearer", token=token),
        "counterparties": {name: PlayedCounterparty(identifier=name) for name in parties},
        "declares": _declared(order, pack, block),
    }
    return Target(**{**keys, **(further(base_url, token) if further is not None else {})})


def _declared(order: Order, pack: Pack, block: str) -> dict[str, str]:
    """Give what the block's mock declares, with the faults that are switched on."""
    faults: Sequence[Fault] = pack.load(f"mocks.{block}.faults").FAULTS
    declared = dict(pack.load(f"mocks.{block}.declared").DECLARED)
    for fault in faults:
        declared |= fault.declares if fault.name in order.faults_of(block) else {}
    return declared
