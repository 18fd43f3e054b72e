"""A building block as its ``block.yaml`` describes it: what the harness must know beyond its specification."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CANARY", "Block", "Named", "RefusalBody", "RefusalRedirect"]

CANARY = "/dpi-conformance/no-such-operation"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalBody:
    """A body that refuses although its status says success, by a field's value or by a field that is filled."""

    fields: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    """What one of ``fields`` says."""
    filled: frozenset[str] = frozenset()
    """Fields of which one holds a list or an object that is not empty."""
    statuses: frozenset[int] = frozenset({200, 202})
    variants: frozenset[str] = frozenset()
    """The variants that it holds for; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRedirect:
    """A redirect that operations answer with as a matter of course, and that refuses if its query has ``parameter``."""

    parameter: str
    variants: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a vendor can write by one name under ``fixtures`` or ``declares``: what it is, and an example."""

    title: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One building block: its names, its way of refusing, what echoes, what is personal."""

    id: str
    title: str
    specification: str
    """What it is a block of, e.g. ``GovStack Payments BB``."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """Claimable functions: id → title."""
    properties: Mapping[str, str] = field(default_factory=dict)
    """What the cases of its suites are about: id, e.g. ``V6`` → title."""
    optional: frozenset[str] = frozenset()
    """Functions that bind only a vendor who claims them by name."""
    counterparties: Mapping[str, str] = field(default_factory=dict)
    """Roles that the harness can play towards the product: id → title."""
    fixtures: Mapping[str, Named] = field(default_factory=dict)
    """All prepared data that its suites read, by name; empty: any name may be written."""
    declares: Mapping[str, Named] = field(default_factory=dict)
    """All that its suites let a vendor declare, by name; empty: any name may be written."""
    scenario: tuple[str, ...] = ()
    """The blocks that take part, in order, where this is no block but a scenario over several."""
    bodies: tuple[RefusalBody, ...] = ()
    redirects: tuple[RefusalRedirect, ...] = ()
    success_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Fields that, with one of these values, say success."""
    undeclared: frozenset[int] = frozenset()
    """Refusing statuses that no operation needs to declare."""
    echo: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What an answer must give back, and the names that it may have there."""
    aliases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Further names of one field each, which only answers have: any of them is as good as the declared one."""
    personal: frozenset[str] = frozenset()
    """Keys whose values are personal data: redacted in what the product sends, however they are spelt there."""
    secret: frozenset[str] = frozenset()
    """Keys whose values are worth something to whoever has them: redacted in what we send too."""
    proofs: frozenset[str] = frozenset()
    """Headers that prove who calls beside the credentials: a 401 to another value of one is an answer."""
    introduced: frozenset[str] = frozenset()
    """Functions whose operations publish no security, and to which we show who we are all the same."""
    probe: str = ""
    """The variant that ``doctor`` sends with and without credentials."""
    canary: str = CANARY
    """A path that no product serves: it must be refused."""
