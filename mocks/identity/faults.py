"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = ()
