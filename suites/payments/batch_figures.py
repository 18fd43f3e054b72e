"""What a product says of a batch, read to the last digit: status updates, and details page by page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from dpi_conformance.execution.scene import Answer
from dpi_conformance.model.evidence import Callback

from .participants import tolerant

__all__ = ["Page", "Report", "Transaction", "exact", "number"]

_DIGITS = 20
"""A figure with more digits before or after the point is no sum of money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a status update says of a batch."""

    callback: Callback
    batch: str
    currency: str
    counts: Mapping[str, Decimal | None]
    """``total``, ``completed``, ``failed`` and ``ongoing``."""
    amounts: Mapping[str, Decimal | None]
    generated: str

    @classmethod
    def read(cls, callback: Callback) -> "Report":
        """Read a status update; a figure that is no number is None."""
        body = exact(callback.request.body)
        said = body if isinstance(body, Mapping) else {}
        counts = {name: number(said.get(key)) for name, key in _COUNTS.items()}
        if "ongoing" not in said:  # the published file does not demand it
            counts["ongoing"] = _rest(counts)
        return cls(
            callback=callback,
            batch=str(said.get("batchId", "")),
            currency=str(said.get("currency") or ""),
            counts=counts,
            amounts={name: number(said.get(key)) for name, key in _AMOUNTS_OF.items()},
            generated=str(said.get("resultGeneratedAt", "")),
        )

    @property
    def final(self) -> bool:
        """Tell whether nothing is under way any more."""
        return self.counts["ongoing"] == 0

    def __str__(self) -> str:
        """Give its figures, for ``expected`` and ``actual``."""
        parts = (f"{name} {self.counts[name]} ({self.amounts[name]})" for name in _COUNTS)
        return f"{self.currency} {', '.join(parts)}".strip()


_COUNTS = {
    "total": "TotalTransactions",
    "completed": "completed",
    "failed": "failed",
    "ongoing": "ongoing",
}
_AMOUNTS_OF = {
    "total": "totalAmount",
    "completed": "completed_amount",
    "failed": "failed_amount",
    "ongoing": "ongoing_amount",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One entry of a batch's details."""

    id: str
    status: str
    amount: Decimal | None
    currency: str
    batch: str

    @property
    def key(self) -> str:
        """Give what tells it from the others of its batch: its identifier, or its amount, which no other has."""
        return self.id or f"{self.amount}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer with details of a batch."""

    answer: Answer
    entries: Sequence[Transaction] = field(default=())

    @classmethod
    def read(cls, answer: Answer) -> "Page":
        """Read an answer with details."""
        return cls(answer=answer, entries=tuple(_entries(answer)))

    def having(self, status: str) -> list[Transaction]:
        """Give those that have this status."""
        return [one for one in self.entries if one.status == status]


def _entries(answer: Answer) -> Iterator[Transaction]:
    response = answer.exchange.response
    listed = exact(response.body) if answer.served and response is not None else ()
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping):
            yield Transaction(
                id=str(one.get("transactionId", "")),
                status=str(one.get("status", "")),
                amount=number(one.get("amount")),
                currency=str(one.get("currency", "")),
                batch=str(one.get("batchId", "")),
            )


def exact(body: bytes) -> Any:
    """Parse JSON with each number as it is written; None if it is none."""
    try:
        return tolerant(json.loads(body, parse_float=Decimal, parse_int=Decimal))
    except (ValueError, RecursionError):
        return None


def number(value: object) -> Decimal | None:
    """Give a figure that was parsed with ``exact``; None if it is none."""
    try:
        figure = Decimal(value) if isinstance(value, str | Decimal) else None
    except InvalidOperation:
        return None
    sound = figure is not None and figure.is_finite() and abs(figure.adjusted()) < _DIGITS
    return figure if sound else None


def _rest(counts: Mapping[str, Decimal | None]) -> Decimal | None:
    total, completed, failed = counts["total"], counts["completed"], counts["failed"]
    return None if total is None or completed is None or failed is None else total - completed - failed
