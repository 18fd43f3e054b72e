"""Runs the contract tier as a user's run does, and times only its requests and checks."""

import contextlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.product import Product, ProductFile, Target
from dpi_conformance.execution.observer import Silent
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.model.cases import Case
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.client import Wire

__all__ = ["TOKEN", "Timed", "mocked", "recorded", "run_tier"]

COUNTERPARTIES = tuple(load_block(Pack.builtin().spec("payments", "block.yaml")).counterparties)
TOKEN = "benchmark-token-0123456789"  # noqa: S105 -- of a mock on this machine


@dataclass
class Timed(Silent):
    """Counts answered vectors, and when the tier began and ended, by the clock and by our own process's CPU."""

    vectors: int = 0
    began: float = 0.0
    ended: float = field(default=0.0)
    worked: float = field(default=0.0)
    """Seconds of CPU from the first vector to the last; a busy machine hardly changes them."""
    _idle: float = 0.0

    def planned(self, cases: Sequence[Case], vectors: int) -> None:
        """Start the clock: the doctor is done."""
        del cases, vectors
        self.began = time.perf_counter()
        self._idle = time.process_time()

    def answered(self) -> None:
        """Count a vector that was answered and checked."""
        self.vectors += 1
        self.ended = time.perf_counter()
        self.worked = time.process_time() - self._idle

    @property
    def seconds(self) -> float:
        """Give the time from the first vector to the last."""
        return self.ended - self.began


@contextlib.contextmanager
def mocked(latency_ms: float = 0.0, listening: int = 0) -> Iterator[MockProcess]:
    """Start the clean payments mock; its counterparties are the harness at a port of this machine."""
    counterparties = {name: f"http://127.0.0.1:{listening}/counterparty/{name}" for name in COUNTERPARTIES}
    started = MockProcess.start(
        "payments", token=TOKEN, latency_ms=latency_ms, counterparties=counterparties if listening else {}
    )
    with started as process:
        yield process


def run_tier(
    url: str,
    profile: Profile = Profile.FULL,
    *,
    only: tuple[str, ...] = (),
    concurrency: int = 32,
    port: int = 0,
) -> Timed:
    """Certify the mock at ``url`` into a folder that is thrown away; give the time of the tier."""
    target = Target.model_validate(
        {
            "base_url": url,
            "auth": {"type": "bearer", "token": TOKEN},
            "limits": {"concurrency": concurrency},
            "callbacks": {"port": port},
            "counterparties": {name: {"identifier": name} for name in COUNTERPARTIES} if port else {},
        }
    )
    order = Order(
        blocks=("payments",),
        product=ProductFile(product=Product(name="mock"), blocks={"payments": target}),
        profile=profile,
        only=only,
    )
    timed = Timed()
    with tempfile.TemporaryDirectory() as folder:
        run_to_end(certify(order, Path(folder), timed))
    return timed


@contextlib.contextmanager
def recorded() -> Iterator[list[Request]]:
    """Record every request that goes out while the context is open, as it went."""
    requests: list[Request] = []
    send = Wire.send

    async def recording(
        self: Wire, request: Request, *, credentials: str = "own", exchange_id: str
    ) -> Exchange:
        exchange = await send(self, request, credentials=credentials, exchange_id=exchange_id)
        requests.append(exchange.request)
        return exchange

    with mock.patch.object(Wire, "send", recording):
        yield requests
