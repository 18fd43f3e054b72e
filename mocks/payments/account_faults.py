"""Faults of the account mapper (properties G1–G5, G14, G15)."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["ACCOUNT_FAULTS"]

ACCOUNT_FAULTS: tuple[Fault, ...] = ()
