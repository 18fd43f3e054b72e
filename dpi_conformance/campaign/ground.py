"""Where a block is judged: one bench; where a scenario is: a bench for each of its blocks, product or mock."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dpi_conformance.campaign.bench import Bench, make_bench
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack

__all__ = ["Ground", "make_ground"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The benches of one block or scenario, by the names of ``Assignment.places``."""

    benches: Mapping[str, Bench]
    close: Callable[[], None]
    """Ends the mocks and gives back the listeners' sockets, before the context does; may be called again."""

    @property
    def lead(self) -> Bench:
        """Give the first."""
        return next(iter(self.benches.values()))


@contextlib.contextmanager
def make_ground(order: Order, pack: Pack, name: str) -> Iterator[Ground]:
    """Make the benches of a block, or of all that take part in a scenario; UsageError where a product lacks its block."""
    parts = load_block(pack.description(name)).scenario
    with contextlib.ExitStack() as stack:
        yield Ground(
            benches={
                (f"{name}/{part}" if parts else part): stack.enter_context(make_bench(order, pack, part))
                for part in parts or (name,)
            },
            close=stack.close,
        )
