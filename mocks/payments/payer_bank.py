"""The payer's bank: validation of accounts, release of funds, and what the source is told in the end."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from urllib.parse import quote, urlencode

from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .batches import Batch, Batches, Instruction, InstructionStatus
from .identifiers import fresh_identifier
from .state import State, stamp

__all__ = ["PayerBank"]

_SECONDS = 30.0
"""How long the bank may take for an answer; then the instructions that wait for it fail (9.1.3)."""
_ACCOUNT_LIMIT = 20
"""Characters that a validation, and the payer of an authorization, have room for."""
_UNNAMED = "UNSPECIFIED"
"""Stands for the payee's bank where an instruction names none; a validation must name one."""

_OVERTAKEN_SECONDS = 0.3

Sent = Iterator[Outgoing | Later]


class PayerBank:
    """Asks a configured bank and takes its answers; where none is configured, an inner bank says yes at once."""

    def __init__(self, state: State, address: str, public_url: str, on: FaultSwitches) -> None:
        """Take the memory, the bank's base address (empty: the inner bank), and the product's own."""
        self._on = on
        self._state = state
        self._address = address.rstrip("/")
        self._public_url = public_url.rstrip("/")

    @property
    def _batches(self) -> Batches:
        return self._state.batches

    def begin(self, batch: Batch) -> Sent:
        """Start on a batch that was just taken over."""
        if not self._address:
            self._batches.settle(batch.open, InstructionStatus.COMPLETED)
            yield from self._report(batch)
            return
        for bank, instructions in _by_bank(batch):
            correlation = fresh_identifier()
            batch.validations.add(correlation)
            self._batches.asked(batch, correlation)
            yield self._validation(batch, bank, instructions, correlation)
        if batch.validations:
            yield Later(seconds=_SECONDS, then=lambda: self._overdue(batch))
        else:
            yield from self._authorize(batch)

    def validated(self, correlation: str, failed: Mapping[str, str]) -> Sent | None:
        """Take in the invalid accounts by instruction; None if nobody asked."""
        batch = self._batches.answered(correlation)
        if batch is None or correlation not in batch.validations:
            return None
        batch.validations.discard(correlation)
        self._batches.fail(batch, failed)
        return iter(()) if batch.validations else self._authorize(batch)

    def authorized(self, correlation: str, refusal: str) -> Sent | None:
        """Pay what the bank releases, fail what it refuses; None if nobody asked."""
        batch = self._batches.answered(correlation)
        currency = batch.authorizations.pop(correlation, None) if batch else None
        if batch is None or currency is None:
            return None
        concerned = [one for one in batch.open if one.currency == currency]
        status = InstructionStatus.FAILED if refusal else InstructionStatus.COMPLETED
        self._batches.settle(concerned, status, refusal)
        return iter(()) if batch.authorizations else self._report(batch)

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
        for currency in batch.currencies:
            count, amount = batch.total(currency, InstructionStatus.IN_PROGRESS)
            if count:
                correlation = fresh_identifier()
                batch.authorizations[correlation] = currency
                self._batches.asked(batch, correlation)
                payer = next(one.payer for one in batch.open if one.currency == currency)
                yield Outgoing(
                    url=f"{self._address}/batches/{quote(batch.id, safe='')}?command=authorize",
                    headers={"X-Client-Correlation-ID": correlation},
                    body={
                        "batchID": batch.id,
                        "payerIdentifier": payer if len(payer) <= _ACCOUNT_LIMIT else batch.institution,
                        "currency": currency,
                        "amount": amount,
                    },
                )
        if batch.authorizations:
            yield Later(seconds=_SECONDS, then=lambda: self._overdue(batch))
        else:
            yield from self._report(batch)

    def _overdue(self, batch: Batch) -> Sent:
        """Without the bank's word nothing is paid."""
        if batch.open:
            batch.validations.clear()
            batch.authorizations.clear()
            self._batches.settle(batch.open, InstructionStatus.FAILED, "the bank did not answer in time")
            yield from self._report(batch)

    def _report(self, batch: Batch) -> Sent:
        """Tell the source what became of its batch: one report a currency, for sums do not mix."""
        for currency in batch.currencies or [""]:
            if batch.callback:
                yield self._status(batch, self._totals(batch, currency))
                if self._on("batch-status-overtaken"):
                    yield Later(seconds=_OVERTAKEN_SECONDS, then=partial(self._overtaken, batch, currency))

    def _status(self, batch: Batch, body: dict[str, object]) -> Outgoing:
        query = urlencode({"batchId": batch.id, "X-CorrelationID": batch.correlation}, quote_via=quote)
        url = f"{batch.callback}{'&' if '?' in batch.callback else '?'}{query}"
        return Outgoing(url=url, body=body, headers={"X-Callback-URL": batch.callback}, result="batch-status")

    def _overtaken(self, batch: Batch, currency: str) -> tuple[Outgoing, ...]:
        """Give the status from before the bank released the funds, which only a fault sends now."""
        body = self._totals(batch, currency)
        count, amount = body["TotalTransactions"], body["totalAmount"]
        nothing = {"completed": 0, "failed": 0, "completed_amount": 0, "failed_amount": 0}
        stale = {**body, **nothing, "ongoing": count, "ongoing_amount": amount}
        return (self._status(batch, stale),)

    def _totals(self, batch: Batch, currency: str) -> dict[str, object]:
        failed, failed_amount = batch.total(currency, InstructionStatus.FAILED)
        completed, completed_amount = batch.total(currency, InstructionStatus.COMPLETED)
        ongoing, ongoing_amount = batch.total(currency, InstructionStatus.IN_PROGRESS)
        return {
            "requestId": fresh_identifier(),
            "batchId": batch.id,
            "TotalTransactions": failed + completed + ongoing,
            "ongoing": ongoing,
            "failed": failed,
            "completed": completed,
            "totalAmount": failed_amount + completed_amount + ongoing_amount,
            **({"currency": currency} if currency else {}),
            "completed_amount": completed_amount,
            "ongoing_amount": ongoing_amount,
            "failed_amount": failed_amount,
            "result_file": None,
            "resultGeneratedAt": stamp(self._state.clock()),
            "note": "The batch is settled." if not ongoing else "The batch is under way.",
        }


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
