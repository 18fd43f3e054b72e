"""Faults in bills and requests to pay (properties B1–B8)."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["BILL_FAULTS"]

BILL_FAULTS: tuple[Fault, ...] = ()
