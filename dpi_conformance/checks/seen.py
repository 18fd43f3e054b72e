"""What one check looks at: the vector, its variant, and the exchange, with the body parsed once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.checks.spellings import Spellings
from dpi_conformance.i18n import Message
from dpi_conformance.model.bodies import json_as_sent
from dpi_conformance.model.evidence import Exchange, Finding, Response
from dpi_conformance.model.spec import ResponseDeclared, Variant
from dpi_conformance.model.vectors import Vector

__all__ = ["NOT_JSON", "Check", "Seen", "parsed"]

NOT_JSON = object()
"""Stands for a body that is not JSON."""


@dataclass(kw_only=True, slots=True)
class Seen:
    """One answered vector, as the checks see it."""

    vector: Vector
    variant: Variant
    exchange: Exchange
    response: Response
    rules: RefusalRules
    validate: Callable[[str, object], Iterator[tuple[str, str]]]
    """Gives (place, complaint) pairs for a body against the schema declared for a status."""
    time_limit_ms: float
    clause: str = ""
    allowed_methods: frozenset[str] = frozenset()
    echo: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each group of spellings by its name: the names that one field goes by."""
    spellings: Spellings = field(default_factory=Spellings)
    """All groups, also those of fields that no request has."""
    json: Any = field(init=False)
    """The parsed body; ``NOT_JSON`` if it is empty or not JSON."""
    declared: ResponseDeclared | None = field(init=False)
    """What the operation declares for this status: exact, then range (4XX), then default."""
    refused: bool = field(init=False)
    """The product refused, in the block's own way."""
    served: bool = field(init=False)
    """The product served the request: a 2xx or a redirect that the block knows of, and no refusal in it."""
    media_type: str = field(init=False)
    """The answer's media type without parameters, lower case; empty if none was sent."""

    def __post_init__(self) -> None:
        """Look at the answer once, for all checks."""
        response = self.response
        self.json = parsed(response.body)
        self.declared = _declared(self.variant, str(response.status))
        location = response.header("location") or ""
        self.refused = self.rules.refuses(self.variant.id, response.status, self.json, location)
        self.served = self.rules.serves(self.variant.id, response.status, self.json, location)
        self.media_type = (response.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def summary(self) -> str:
        """Describe the answer in a few words: status, media type, and the start of the body."""
        start = self.response.body[:120].decode("utf-8", "replace").replace("\n", " ")
        return " ".join(part for part in (f"HTTP {self.response.status}", self.media_type, start) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: a stable id, what it asks, under which clause, and what to do where it fails."""

    id: str
    asks: Message
    clause: str
    """The clause of a general standard; empty: the clause of the constraint that the vector is about."""
    advice: Message
    run: Callable[[Seen], Iterator[tuple[str, str, str]]]
    """Yields (place, expected, actual) for each deviation."""
    advisory: bool = False

    def finding(self, seen: Seen, place: str, expected: str, actual: str) -> Finding:
        """Give the Finding for a deviation that ``run`` has yielded."""
        return Finding(
            code=self.id,
            message=self.asks,
            expected=expected,
            actual=actual,
            clause=self.clause or seen.clause,
            exchange=seen.exchange.id,
            place=place,
            advice=self.advice,
            advisory=self.advisory,
        )


def parsed(body: bytes) -> Any:
    """Give a parsed body; ``NOT_JSON`` if it is empty or not JSON."""
    try:
        return json_as_sent(body)
    except ValueError:
        return NOT_JSON


def _declared(variant: Variant, status: str) -> ResponseDeclared | None:
    by_status = {declared.status: declared for declared in variant.responses}
    return by_status.get(status) or by_status.get(f"{status[0]}XX") or by_status.get("default")
