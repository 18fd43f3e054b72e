"""What a user asked a run for."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from dpi_conformance.catalogue.product import ProductFile, Target
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.vectors import Profile

__all__ = ["Order", "claimed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run: which blocks, which product, how deep, and in which language it reports."""

    blocks: tuple[str, ...]
    product: ProductFile | None = None
    """None: the built-in mock of each block."""
    product_path: Path | None = None
    profile: Profile = Profile.STANDARD
    only: tuple[str, ...] = ()
    language: str = "en"
    faults: frozenset[str] = frozenset()
    """Faults of the built-in mock, for ``selftest``; in a scenario each as ``<block>/<fault>``."""
    parts: frozenset[str] = frozenset()
    """Blocks that take part in a scenario: the built-in mock plays those that the product does not have."""

    def faults_of(self, block: str) -> frozenset[str]:
        """Give the faults that a block's mock is to have."""
        own = {name.removeprefix(f"{block}/") for name in self.faults if name.startswith(f"{block}/")}
        return frozenset(own | {name for name in self.faults if "/" not in name})

    def target(self, block: str) -> Target | None:
        """Give the block's target; None: the built-in mock; UsageError if the product has no such block."""
        if self.product is None or (block in self.parts and block not in self.product.blocks):
            return None
        if block not in self.product.blocks:
            raise UsageError(
                Message(
                    text=N_(
                        "{path}: blocks: has no “{block}”; add blocks.{block}.base_url, or run one of: {blocks}."
                    ),
                    values={
                        "path": str(self.product_path or "--target"),
                        "block": block,
                        "blocks": ", ".join(self.product.blocks),
                    },
                )
            )
        return self.product.blocks[block]


def claimed(target: Target, block: Block) -> Collection[str]:
    """Give the functions that a vendor claims; where product.yaml names none, all but those that must be claimed."""
    return target.claims or tuple(name for name in block.functions if name not in block.optional)
