"""What a block gives the kit to be served: its specification, its operations, its spellings, its faults."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.model.spec import Spec, Variant

__all__ = ["Operation", "Service"]

Operation = Callable[[Call], Answer]
"""Carries out one valid request; raises Refused. It does not wait, so that each is atomic."""


def _first(variants: Sequence[Variant], _body: Any) -> Variant:
    return variants[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One block's product."""

    spec: Spec
    operations: Mapping[str, Operation]
    """By the variant's id."""
    spellings: Spellings
    faults: tuple[Fault, ...] = ()
    correlation: tuple[str, ...] = ()
    """Header names (lower case) that are given back as they came."""
    tell_apart: Callable[[Sequence[Variant], Any], Variant] = field(default=_first)
    """Chooses between variants that only the body tells apart."""
