"""Batches of payments: taken over, validated, authorised, paid (GovStack Payments 8.1.4, 9.1.2, 9.1.3)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .identifiers import fresh_identifier

__all__ = ["Batch", "Batches", "Instruction", "InstructionStatus"]


class InstructionStatus(StrEnum):
    """How an instruction stands, as batch details say it."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(slots=True, kw_only=True)
class Instruction:
    """One credit instruction."""

    id: str
    """The caller's requestId."""
    amount: Decimal
    currency: str
    payee: str
    payee_kind: str
    payer: str
    payer_kind: str
    bank: str
    """The payee's institution, as far as it is known."""
    note: str
    started: datetime
    transaction: str = field(default_factory=fresh_identifier)
    status: InstructionStatus = InstructionStatus.IN_PROGRESS
    ended: datetime | None = None
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class Batch:
    """One batch; what the bank is still asked for is kept by correlation identifier."""

    id: str
    tenant: str
    correlation: str
    callback: str
    institution: str
    programme: str
    instructions: list[Instruction]
    validations: set[str] = field(default_factory=set)
    """Correlation identifiers of validations that the bank has not answered."""
    authorizations: dict[str, str] = field(default_factory=dict)
    """Currencies by the correlation identifiers of authorizations that the bank has not answered."""

    @property
    def open(self) -> list[Instruction]:
        """Give the instructions that are neither paid nor failed."""
        return [one for one in self.instructions if one.status is InstructionStatus.IN_PROGRESS]

    @property
    def currencies(self) -> list[str]:
        """Name the currencies of the batch, in the order of their first instruction."""
        return list(dict.fromkeys(one.currency for one in self.instructions))

    def total(self, currency: str, *statuses: InstructionStatus) -> tuple[int, Decimal]:
        """Count and sum the instructions of a currency that have one of these statuses."""
        amounts = [
            one.amount for one in self.instructions if one.currency == currency and one.status in statuses
        ]
        return len(amounts), sum(amounts, Decimal(0))


class Batches:
    """All batches; a tenant sees its own only."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Take the clock that stamps instructions."""
        self._clock = clock
        self._batches: dict[str, Batch] = {}
        self._submissions: dict[tuple[str, str, bytes], str] = {}
        self._asked: dict[str, str] = {}

    def again(self, tenant: str, correlation: str, content: bytes) -> Batch | None:
        """Find the batch that this very submission made before: it is not paid twice (5.3.4)."""
        known = self._submissions.get((tenant, correlation, hashlib.sha256(content).digest()))
        return self._batches[known] if known else None

    def add(self, batch: Batch) -> None:
        """Take a batch over."""
        self._batches[batch.id] = batch

    def remember(self, batch: Batch, content: bytes) -> tuple[()]:
        """Remember what made a batch; gives nothing that were to be sent."""
        key = (batch.tenant, batch.correlation, hashlib.sha256(content).digest())
        self._submissions[key] = batch.id
        return ()

    def find(self, batch_id: str, tenant: str | None) -> Batch | None:
        """Look a batch up for one tenant; None, which only a fault asks for, is any."""
        batch = self._batches.get(batch_id)
        return batch if batch is not None and tenant in {batch.tenant, None} else None

    def known(self, batch_id: str) -> bool:
        """Tell whether there is such a batch, whosever it is."""
        return batch_id in self._batches

    def asked(self, batch: Batch, correlation: str) -> None:
        """Remember that the bank's answer with this correlation identifier is about this batch."""
        self._asked[correlation] = batch.id

    def awaits(self, correlation: str) -> bool:
        """Tell whether the bank was asked under this identifier and has not answered."""
        return correlation in self._asked

    def latest_asked(self) -> str:
        """Give the identifier under which the bank was asked last; empty if it was not: only a fault needs it."""
        return next(reversed(self._asked), "")

    def answered(self, correlation: str) -> Batch | None:
        """Give the batch that a bank's answer is about, once."""
        batch_id = self._asked.pop(correlation, None)
        return self._batches[batch_id] if batch_id else None

    def settle(
        self, instructions: Iterable[Instruction], status: InstructionStatus, reason: str = ""
    ) -> None:
        """End instructions; one that has ended stays as it is."""
        for one in instructions:
            if one.status is InstructionStatus.IN_PROGRESS:
                one.status, one.reason, one.ended = status, reason, self._clock()

    def reopen(self, instructions: Iterable[Instruction]) -> None:
        """Take back that instructions have ended: only a fault does."""
        for one in instructions:
            one.status, one.reason, one.ended = InstructionStatus.IN_PROGRESS, "", None

    def fail(self, batch: Batch, reasons: Mapping[str, str]) -> None:
        """Fail the instructions of a batch that are named by their id, each for its reason."""
        for one in batch.open:
            if one.id in reasons:
                self.settle([one], InstructionStatus.FAILED, reasons[one.id])
