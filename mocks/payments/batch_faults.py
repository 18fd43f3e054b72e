"""Faults in batches of payments (properties G6–G13)."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["BATCH_FAULTS"]

BATCH_FAULTS: tuple[Fault, ...] = ()
