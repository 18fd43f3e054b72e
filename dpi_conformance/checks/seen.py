"""What one check looks at: the vector, its variant, and the exchange, with the body parsed once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.checks.spellings import Spellings
from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Exchange, Finding, Response
from dpi_conformance.model.spec import ResponseDeclared, Variant
from dpi_conformance.model.vectors import Vector

__all__ = ["NOT_JSON", "Check", "Seen"]

NOT_JSON = object()
"""Stands for a body that is not JSON."""


@dataclass(kw_only=True)
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

    @cached_property
    def json(self) -> Any:
        """Give the parsed body; ``NOT_JSON`` if it is empty or not JSON."""
        try:
            return orjson.loads(self.response.body)
        except orjson.JSONDecodeError:
            return NOT_JSON

    @cached_property
    def declared(self) -> ResponseDeclared | None:
        """Give what the operation declares for this status: exact, then range (4XX), then default."""
        status = str(self.response.status)
        by_status = {declared.status: declared for declared in self.variant.responses}
        return by_status.get(status) or by_status.get(f"{status[0]}XX") or by_status.get("default")

    @cached_property
    def refused(self) -> bool:
        """Tell whether the product refused, in the block's own way."""
        return self.rules.refuses(self.variant.id, self.response.status, self.json)

    @property
    def served(self) -> bool:
        """Tell whether the product served the request: a 2xx, and no refusal in the body."""
        return 200 <= self.response.status < 300 and not self.refused

    @property
    def media_type(self) -> str:
        """Give the answer's media type without parameters, lower case; empty if none was sent."""
        return (self.response.header("content-type") or "").partition(";")[0].strip().lower()

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

    def findings(self, seen: Seen) -> Iterator[Finding]:
        """Give a Finding for each deviation that the check sees."""
        for place, expected, actual in self.run(seen):
            yield Finding(
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
