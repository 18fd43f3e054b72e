"""Faults of publish and subscribe (properties P1 to P13)."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["PUBSUB_FAULTS"]

PUBSUB_FAULTS: tuple[Fault, ...] = ()
