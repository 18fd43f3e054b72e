"""What the source is told of its batch: how many are paid, how many failed, and how much money each (8.1.4 b)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from urllib.parse import quote, urlencode

from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .batches import Batch, InstructionStatus
from .identifiers import fresh_identifier
from .state import State, stamp

__all__ = ["BatchReports"]

_OVERTAKEN_SECONDS = 0.3
_NAMES: Mapping[str, InstructionStatus] = {
    "completed": InstructionStatus.COMPLETED,
    "failed": InstructionStatus.FAILED,
    "ongoing": InstructionStatus.IN_PROGRESS,
}


class BatchReports:
    """Writes the status updates of batches."""

    def __init__(self, state: State, on: FaultSwitches) -> None:
        """Take the memory and the faults."""
        self._state = state
        self._on = on

    def of(self, batch: Batch) -> Iterator[Outgoing | Later]:
        """Give one update a currency, for sums do not mix; none without an address to send them to."""
        currencies = [""] if self._on("currencies-summed") else batch.currencies or [""]
        for currency in currencies if batch.callback else ():
            yield self._status(batch, self._update(batch, currency))
            if self._on("batch-status-overtaken"):
                yield Later(seconds=_OVERTAKEN_SECONDS, then=partial(self._overtaken, batch, currency))

    def _status(self, batch: Batch, body: dict[str, object]) -> Outgoing:
        query = urlencode({"batchId": batch.id, "X-CorrelationID": batch.correlation}, quote_via=quote)
        url = f"{batch.callback}{'&' if '?' in batch.callback else '?'}{query}"
        return Outgoing(url=url, body=body, headers={"X-Callback-URL": batch.callback}, result="batch-status")

    def _overtaken(self, batch: Batch, currency: str) -> tuple[Outgoing, ...]:
        """Give the status from before the bank released the funds, which only a fault sends now."""
        body = self._update(batch, currency)
        count, amount = body["TotalTransactions"], body["totalAmount"]
        nothing = {"completed": 0, "failed": 0, "completed_amount": 0, "failed_amount": 0}
        stale = {**body, **nothing, "ongoing": count, "ongoing_amount": amount}
        return (self._status(batch, stale),)

    def _update(self, batch: Batch, currency: str) -> dict[str, object]:
        counts, amounts = self._figures(batch, currency)
        ongoing = counts["ongoing"]
        return {
            "requestId": fresh_identifier(),
            "batchId": batch.id,
            "TotalTransactions": self._count(counts),
            **counts,
            "totalAmount": self._sum(batch, amounts),
            **({"currency": currency} if currency else {}),
            **{f"{name}_amount": amount for name, amount in amounts.items()},
            "result_file": None,
            "resultGeneratedAt": stamp(self._state.clock() + self._ahead()),
            "note": "The batch is settled." if not ongoing else "The batch is under way.",
        }

    def _ahead(self) -> timedelta:
        return timedelta(days=1) if self._on("callback-a-day-ahead") else timedelta()

    def _figures(self, batch: Batch, currency: str) -> tuple[dict[str, int], dict[str, Decimal]]:
        """Count and sum a batch's instructions of a currency by how they stand."""
        currencies = [currency] if currency else batch.currencies
        counts, amounts = dict.fromkeys(_NAMES, 0), dict.fromkeys(_NAMES, Decimal(0))
        for name, status in _NAMES.items():
            for one in currencies:
                count, amount = batch.total(one, status)
                counts[name] += count
                amounts[name] += amount
        if self._on("totals-go-back") and not counts["ongoing"]:
            counts = {"completed": counts["completed"] + counts["failed"], "failed": 0, "ongoing": 0}
            lost = amounts["completed"] + amounts["failed"]
            amounts = {"completed": lost, "failed": Decimal(0), "ongoing": Decimal(0)}
        return counts, amounts

    def _count(self, counts: Mapping[str, int]) -> int:
        return sum(counts.values()) - (counts["failed"] if self._on("totals-forget-failed") else 0)

    def _sum(self, batch: Batch, amounts: Mapping[str, Decimal]) -> object:
        if self._on("total-amount-of-paid"):
            return amounts["completed"]
        if self._on("amounts-in-float"):
            return sum(float(one.amount) for one in batch.instructions)
        return sum(amounts.values(), Decimal(0))
