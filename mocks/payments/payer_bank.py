"""The payer's bank: validation of accounts, release of funds, and what the source is told in the end."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from urllib.parse import quote

from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .batch_reports import BatchReports
from .batches import Batch, Batches, Instruction, InstructionStatus
from .identifiers import fresh_identifier
from .state import State

__all__ = ["PayerBank"]

_SECONDS = 30.0
"""How long the bank may take for an answer; then the instructions that wait for it fail (9.1.3)."""
_HURRIED: Mapping[str, float] = {"HURRIED-BANK": 4.0}
"""Programmes whose bank has other limits: one to try them out with."""
_ACCOUNT_LIMIT = 20
"""Characters that a validation, and the payer of an authorization, have room for."""
_UNNAMED = "UNSPECIFIED"
"""Stands for the payee's bank where an instruction names none; a validation must name one."""

_SMALL = Decimal(50)
"""A fault pays what is below without asking the bank."""
_ALL = "*"
"""Stands for all currencies of a batch: only a fault mixes them."""

Sent = Iterator[Outgoing | Later]


class PayerBank:
    """Asks a configured bank and takes its answers; where none is configured, an inner bank says yes at once."""

    def __init__(self, state: State, address: str, public_url: str, on: FaultSwitches) -> None:
        """Take the memory, the bank's base address (empty: the inner bank), and the product's own."""
        self._on = on
        self._state = state
        self._reports = BatchReports(state, on)
        self._address = address.rstrip("/")
        self._public_url = public_url.rstrip("/")

    @property
    def _batches(self) -> Batches:
        return self._state.batches

    def begin(self, batch: Batch) -> Sent:
        """Start on a batch that was just taken over."""
        if not self._address:
            self._batches.settle(batch.open, InstructionStatus.COMPLETED)
            yield from self._reports.of(batch)
            return
        for bank, instructions in [] if self._on("accounts-not-validated") else self._parts(batch):
            correlation = fresh_identifier()
            batch.validations.add(correlation)
            self._batches.asked(batch, correlation)
            yield self._validation(batch, bank, instructions, correlation)
        if batch.validations:
            yield self._deadline(batch, batch.validations)
        else:
            yield from self._authorize(batch)

    def told_of(self, batch: Batch) -> Sent:
        """Tell the source how a batch stands."""
        return self._reports.of(batch)

    def _parts(self, batch: Batch) -> Iterator[tuple[str, list[Instruction]]]:
        """Divide a batch by the payees' banks."""
        first = batch.open[0] if batch.open else None
        for bank, instructions in _by_bank(batch):
            if self._on("sub-batch-drops-last") and len(instructions) > 1:
                instructions.pop()
            if self._on("sub-batches-overlap") and first is not None and first not in instructions:
                instructions.append(first)
            yield (
                (first.bank or _UNNAMED if first and self._on("destination-of-first") else bank),
                instructions,
            )

    def validated(self, correlation: str, failed: Mapping[str, str]) -> Sent | None:
        """Take in the invalid accounts by instruction; None if nobody asked."""
        batch = self._batches.answered(correlation)
        if batch is None or correlation not in batch.validations:
            return None
        batch.validations.discard(correlation)
        if failed and self._on("invalid-account-sinks-batch"):
            failed = dict.fromkeys((one.id for one in batch.open), "an account of the batch is not valid")
        if not self._on("invalid-accounts-paid"):
            self._batches.fail(batch, failed)
        return self._validated(batch, told=bool(failed))

    def _validated(self, batch: Batch, *, told: bool) -> Sent:
        """Go on when all accounts are looked at; the source is told at once of those that fail."""
        if told and batch.open:
            yield from self._reports.of(batch)
        if not batch.validations:
            yield from self._authorize(batch)

    def authorized(self, correlation: str, refusal: str) -> Sent | None:
        """Pay what the bank releases, fail what it refuses; None if nobody asked."""
        if self._on("word-not-matched") and not self._batches.awaits(correlation):
            correlation = self._batches.latest_asked()
        batch = self._batches.answered(correlation)
        currency = batch.authorizations.pop(correlation, None) if batch else None
        if batch is None or currency is None:
            return None
        if refusal and self._on("no-leaves-pending"):
            return iter(())
        if refusal and self._on("pays-on-no"):
            refusal = ""
        concerned = [one for one in batch.instructions if currency in {one.currency, _ALL}]
        self._decided(batch, concerned, refusal)
        return iter(()) if batch.authorizations else self._reports.of(batch)

    def _decided(self, batch: Batch, concerned: list[Instruction], refusal: str) -> None:
        status = InstructionStatus.FAILED if refusal else InstructionStatus.COMPLETED
        if not batch.open and not refusal and self._on("late-yes-pays"):
            self._batches.reopen(concerned)
        if self._on("last-left-pending"):
            concerned = concerned[:-1]
        if self._on("last-of-batch-fails"):
            self._batches.settle(concerned[1:][-1:], InstructionStatus.FAILED, "out of order")
        self._batches.settle(concerned, status, refusal)

    def _validation(
        self, batch: Batch, bank: str, instructions: list[Instruction], correlation: str
    ) -> Outgoing:
        return Outgoing(
            url=f"{self._address}/beneficiaries?command=validate",
            headers={
                "X-Client-Correlation-ID": correlation,
                "X-Registering-Institution-ID": batch.institution,
                **self._where_to_answer(),
            },
            body={
                "batchId": batch.id,
                "destinationDFSPID": bank[:11],
                "creditInstructions": [_to_validate(one) for one in instructions],
            },
        )

    def _where_to_answer(self) -> dict[str, str]:
        if self._on("bank-not-told-where"):
            return {}
        return {"X-Callback-URL": f"{self._public_url}/callbacks/account-validation"}

    def _authorize(self, batch: Batch) -> Sent:
        """Ask for the funds, currency by currency: nothing is converted (5.1.16)."""
        if self._on("small-batches-unasked") and sum(one.amount for one in batch.open) < _SMALL:
            self._batches.settle(batch.open, InstructionStatus.COMPLETED)
            yield from self._reports.of(batch)
            return
        for currency, amount in self._sums(batch):
            correlation = fresh_identifier()
            batch.authorizations[correlation] = currency
            self._batches.asked(batch, correlation)
            yield self._authorization(batch, currency, amount, correlation)
        if not batch.authorizations:
            yield from self._reports.of(batch)
            return
        yield self._deadline(batch, batch.authorizations)
        if self._on("paid-while-asking"):
            self._batches.settle(batch.open, InstructionStatus.COMPLETED)
            yield from self._reports.of(batch)

    def _sums(self, batch: Batch) -> Iterator[tuple[str, object]]:
        """Give what is to be released, by currency."""
        if self._on("authorised-across-currencies") and batch.open:
            yield _ALL, sum((one.amount for one in batch.open), Decimal(0))
            return
        for currency in batch.currencies:
            count, amount = batch.total(currency, InstructionStatus.IN_PROGRESS)
            if count and self._on("authorised-in-float"):
                yield currency, sum(float(one.amount) for one in batch.open if one.currency == currency)
            elif count:
                yield currency, amount

    def _authorization(self, batch: Batch, currency: str, amount: object, correlation: str) -> Outgoing:
        concerned = next(one for one in batch.open if currency in {one.currency, _ALL})
        payer = concerned.payer
        return Outgoing(
            url=f"{self._address}/batches/{quote(batch.id, safe='')}?command=authorize",
            headers={"X-Client-Correlation-ID": correlation},
            body={
                "batchID": batch.id,
                "payerIdentifier": payer if len(payer) <= _ACCOUNT_LIMIT else batch.institution,
                "currency": concerned.currency,
                "amount": amount,
            },
        )

    def _deadline(self, batch: Batch, asked: Iterable[str]) -> Later:
        """Give up on what is asked now when the bank has been silent for too long."""
        seconds, waiting = _HURRIED.get(batch.programme, _SECONDS), frozenset(asked)
        return Later(seconds=seconds, then=lambda: self._overdue(batch, waiting))

    def _overdue(self, batch: Batch, waiting: frozenset[str]) -> Sent:
        """Without the bank's word nothing is paid."""
        silent = waiting & {*batch.validations, *batch.authorizations}
        if not batch.open or not silent or self._on("silence-leaves-pending"):
            return
        batch.validations.clear()
        if not self._on("late-yes-pays"):
            batch.authorizations.clear()
        paid = self._on("pays-on-silence")
        status = InstructionStatus.COMPLETED if paid else InstructionStatus.FAILED
        self._batches.settle(batch.open, status, "" if paid else "the bank did not answer in time")
        yield from self._reports.of(batch)


def _by_bank(batch: Batch) -> Iterator[tuple[str, list[Instruction]]]:
    """Group what can be validated by the payee's bank; an account longer than a validation takes is left out."""
    fitting = [one for one in batch.open if 0 < len(one.payee) <= _ACCOUNT_LIMIT]
    for bank, instructions in groupby(sorted(fitting, key=lambda one: one.bank), key=lambda one: one.bank):
        yield bank or _UNNAMED, list(instructions)


def _to_validate(one: Instruction) -> dict[str, object]:
    return {
        "instructionID": one.id,
        "financialAddress": one.payee,
        "amount": one.amount,
        "currency": one.currency,
        **({"narration": one.note} if one.note else {}),
    }
