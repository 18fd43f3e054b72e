"""A specification as the harness tests it: inbound variants, outbound calls, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.i18n import Message

__all__ = ["BodyDeclared", "Outbound", "Parameter", "ResponseDeclared", "Spec", "Trouble", "Variant"]

Schema = Mapping[str, Any]
"""A self-contained JSON Schema (2020-12): what it refers to lies in its own ``$defs``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A declared parameter; ``location`` is ``path``, ``query``, ``header`` or (foreign documents) ``cookie``."""

    name: str
    location: str
    required: bool
    schema: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyDeclared:
    """A declared body; only JSON ones and forms are tested."""

    schema: Schema
    required: bool = True
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDeclared:
    """What an operation declares for one status: ``200``, ``4XX`` or ``default``."""

    status: str
    content: Mapping[str, Schema] = field(default_factory=dict)
    """Schemas by media type; empty: no body is declared."""
    required_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The unit that the harness tests: method, path, query selector and body."""

    id: str
    method: str
    """Lower case, as OpenAPI writes it."""
    path: str
    """Template below the base URL, e.g. ``/vouchers/{serialNumber}``."""
    function: str = ""
    """The claimable function it belongs to, e.g. ``vouchers``."""
    initiator: str = ""
    """Who calls it: ``source-bb``, ``payer-bank``, ``biller``, ``payer-fi`` or ``merchant``."""
    select: tuple[tuple[str, str], ...] = ()
    """Fixed query pairs that tell this variant from others on the same method and path."""
    parameters: tuple[Parameter, ...] = ()
    """All but the selecting ones."""
    body: BodyDeclared | None = None
    responses: tuple[ResponseDeclared, ...] = ()
    secured: bool = True
    scheme: str = ""
    """The security scheme that it asks for first, by its name in the document; empty: none."""
    callbacks: tuple[str, ...] = ()
    """Ids of the outbound calls that answer it later."""
    published: Mapping[str, str] = field(default_factory=dict)
    """Where it was published: ``file``, ``method``, ``path``."""
    clause: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbound:
    """A call that the product makes: a ``callback`` to the caller's address, or a ``webhook``."""

    id: str
    kind: str
    method: str
    path: str
    """A callback's runtime expression, or the path below a counterparty's address."""
    function: str = ""
    counterparty: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: BodyDeclared | None = None
    responses: tuple[ResponseDeclared, ...] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something in a document that could not be used as it is: where, why, and what was made of it."""

    file: str
    place: str
    """A JSON pointer and where it lies, e.g. ``/paths/~1a (line 3, column 5)``; or the latter alone."""
    reason: Message
    used: bool
    """The rest of that place is used all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One block's or document's operations."""

    title: str
    version: str
    variants: tuple[Variant, ...]
    outbounds: tuple[Outbound, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    digest: str = ""
    """sha256 of the document's bytes, hexadecimal."""
    openapi: str = ""
    """The version of OpenAPI that it was read as, e.g. ``3.1``."""
    operations: int = 0
    """How many operations its paths hold."""
    usable: int = 0
    """How many of them can be tested."""

    def variant(self, variant_id: str) -> Variant:
        """Give a variant by its id; KeyError if there is none."""
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise KeyError(variant_id)
