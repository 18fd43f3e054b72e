"""What a block gives the kit to be served: its specification, its operations, its spellings, its faults."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.model.spec import BodyDeclared, Spec, Variant

__all__ = ["Operation", "Page", "Service"]

Operation = Callable[[Call], Answer | Awaitable[Answer]]
"""Carries out one valid request; raises Refused. One that does not wait is atomic; a long poll waits."""

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A route that a product has beside its specification, such as the pages that people see in a browser."""

    id: str
    method: str
    """Lower case."""
    path: str
    operation: Operation
    media_type: str = FORM
    """What it takes as a body, if its method has one."""

    def variant(self) -> Variant:
        """Give it as a variant without constraints and without credentials."""
        body = BodyDeclared(schema={}, media_type=self.media_type) if self.method != "get" else None
        return Variant(id=self.id, method=self.method, path=self.path, body=body, secured=False)


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
    pages: tuple[Page, ...] = ()
    """What it serves beside the specification."""
    admit: Callable[[Arrival, Variant], None] | None = None
    """Lets a caller in or raises Refused; None: every operation takes the settings' token."""
    refuse: Callable[[Refused, Variant | None, Arrival], Answer] | None = None
    """Says how a refusal is answered; None: in the operation's declared shape."""
    self_checking: frozenset[str] = frozenset()
    """Variants whose operations hold a request to the specification by themselves, because they refuse by redirect
    or by names of errors that go by the order of the checks."""
