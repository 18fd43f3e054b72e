"""Faults in how the product calls back (properties C1–C6)."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["CALLBACK_FAULTS"]

CALLBACK_FAULTS: tuple[Fault, ...] = ()
