"""The details of a batch, page by page (GovStack Payments 8.1, BatchDetails)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .batches import Batch, Instruction, InstructionStatus
from .state import State, stamp

__all__ = ["BatchDetails"]

_PAGE = 100


class BatchDetails:
    """Shows a tenant the transactions of its own batches."""

    def __init__(self, state: State, on: FaultSwitches) -> None:
        """Take the memory and the faults."""
        self._state = state
        self._on = on

    def details(self, call: Call) -> Answer:
        """Give one page of a batch's transactions; a batch of another tenant has none."""
        page, size = int(call.query.get("pageNo", "0")), int(call.query.get("pageSize", str(_PAGE)))
        if page < 0 or size < 1:
            name = "pageNo is below 0." if page < 0 else "pageSize is below 1."
            raise Refused(f"query.{name}")
        tenant = None if self._on("tenant-not-checked") else call.headers["platform-tenantid"]
        batch = self._state.batches.find(call.query["batchId"], tenant)
        if batch is None:
            return Answer(status=200, body=[])
        shown = self._page(self._chosen(batch, call.query), page, size)
        return Answer(status=200, body=[self._transaction(batch, one) for one in shown])

    def _page(self, chosen: Sequence[Instruction], page: int, size: int) -> Sequence[Instruction]:
        if self._on("page-size-ignored"):
            return chosen[page * _PAGE : (page + 1) * _PAGE]
        start = page * size
        if self._on("pages-overlap"):
            start = page * max(size - 1, 1)
        elif self._on("pages-skip"):
            start = page * (size + 1)
        return chosen[start : start + size]

    def _chosen(self, batch: Batch, query: Mapping[str, str]) -> list[Instruction]:
        if query.get("X-CorrelationID", batch.correlation) != batch.correlation:
            return []
        if query.get("direction", "OUTGOING").upper() != "OUTGOING":
            return []
        wanted = "" if self._on("status-filter-ignored") else query.get("status", "").upper()
        known = batch.instructions[:_PAGE] if self._on("details-first-hundred") else batch.instructions
        return [one for one in known if wanted in {"", self._status(one)}]

    def _status(self, one: Instruction) -> str:
        behind = one.status is InstructionStatus.FAILED and self._on("details-behind")
        return str(InstructionStatus.IN_PROGRESS if behind else one.status)

    def _transaction(self, batch: Batch, one: Instruction) -> dict[str, object]:
        fields = {
            "workflowInstanceKey": one.transaction,
            "transactionId": one.transaction,
            "startedAt": stamp(one.started),
            "completedAt": stamp(one.ended) if one.ended else "",
            "status": self._status(one),
            "statusDetail": one.note,
            "payeeDfspId": one.bank,
            "payeePartyId": one.payee,
            "payeePartyIdType": one.payee_kind,
            "payerPartyId": one.payer,
            "payerPartyIdType": one.payer_kind,
            "amount": self._amount(one.amount),
            "currency": one.currency,
            "direction": "OUTGOING",
            "errorInformation": one.reason,
            "batchId": batch.id,
        }
        return {name: value for name, value in fields.items() if value != ""}

    def _amount(self, amount: Decimal) -> Decimal:
        return round(amount, 1) if self._on("details-rounded") else amount
