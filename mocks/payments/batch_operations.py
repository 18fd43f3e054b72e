"""The batch operations: taking over, and the bank's answers (GovStack Payments 8.1.4, 9.1.2, 9.1.3)."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused, encode
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .batches import Batch, Instruction, InstructionStatus
from .currencies import MINOR_UNITS, money_trouble
from .payer_bank import PayerBank
from .replies import reply_address
from .state import State

__all__ = ["BatchOperations"]

_PAYEE_KEYS = frozenset({"payeeidentity", "payeefunctionalid", "functionalid", "beneficiaryid"})
"""Keys of a credit party (lower case) that name a person whose account the mapper knows."""
_BANK_KEYS = frozenset({"bankinginstitutioncode", "bic", "payeefspid", "payeedfspid"})
_RACE_SECONDS = 0.3
_HUNDRED = 100
"""So many entries of a list a fault takes in."""
_HOME, _RATE = "EUR", Decimal("0.9")
"""What a fault pays everything in."""


class BatchOperations:
    """The operations on batches."""

    def __init__(self, state: State, bank: PayerBank, on: FaultSwitches) -> None:
        """Take the product's memory, its way to the payer's bank, and its faults."""
        self._on = on
        self._state = state
        self._bank = bank

    def submit(self, call: Call) -> Answer:
        """Take a batch over, once; what is wrong with an instruction fails that instruction only (9.1.2)."""
        address = reply_address(call)
        tenant, correlation = call.headers["platform-tenantid"], call.headers["x-correlationid"]
        content = encode(call.body)
        known = self._state.batches.again(tenant, correlation, content)
        if known is not None and not self._on("retry-paid-again"):
            again = str(uuid.uuid4()) if self._on("repeat-gets-new-id") else known.id
            return Answer(status=202, body={"batchId": again})
        if self._on("currency-refused") and any(one["currency"] == "EUR" for one in call.body):
            raise Refused("currency is none of KES, UGX.")
        batch = Batch(
            id=str(uuid.uuid4()),
            tenant=tenant,
            correlation=correlation,
            callback=address,
            institution=call.headers.get("x-registering-institution-id", tenant),
            programme=call.headers.get("x-program-id", ""),
            instructions=[],
        )
        given = self._without_doubles(call.body)
        batch.instructions.extend(self._instruction(batch.institution, one) for one in given)
        self._state.batches.add(batch)
        remembered = self._remembered(batch, content)
        return Answer(status=202, body={"batchId": batch.id}, then=(*remembered, *self._bank.begin(batch)))

    def _remembered(self, batch: Batch, content: bytes) -> tuple[Later, ...]:
        """Remember what made the batch, in the same step as it is taken over."""
        remember = partial(self._state.batches.remember, batch, content)
        if self._on("identical-batches-race"):
            return (Later(seconds=_RACE_SECONDS, then=remember),)
        return remember()

    def _without_doubles(self, given: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Give the instructions back; a batch that holds a payment twice is not processed (5.3.4)."""
        if self._on("doubles-dropped"):
            return list({one["requestId"]: one for one in given}.values())
        if self._on("batch-first-hundred"):
            return given[:_HUNDRED]
        _refuse_doubles(given)
        return given

    def accounts_validated(self, call: Call) -> Answer:
        """Take in which accounts are not valid; these are not paid."""
        failed = {
            one["instructionID"]: one.get("failureReason", "the account is not valid")
            for one in call.body.get("failedAccountLookups", [])
        }
        if self._on("strangers-accounts-fail"):
            self._failed_unasked(call.body.get("batchId", ""), failed)
        then = self._bank.validated(call.body["clientCorrelationId"], failed)
        return Answer(status=202 if then is None else 200, body=None, then=tuple(then or ()))

    def authorized(self, call: Call) -> Answer:
        """Take in whether the bank releases the funds; nothing is paid before it does (5.3.1)."""
        yes = call.body["status"] == "Y"
        reason = call.body.get("reason") or "the bank did not authorise the batch"
        then = self._bank.authorized(call.body["clientCorrelationId"], "" if yes else reason)
        if then is None:
            return Answer(
                status=202, body={"message": "The decision was received and concerns no open request."}
            )
        return Answer(status=200, body={"message": "The decision was taken in."}, then=tuple(then))

    def status_updated(self, call: Call) -> Answer:
        """Take in the bank's own figures; ours come from each instruction, so these change nothing."""
        if self._state.batches.known(call.query["batchId"]):
            if self._on("bank-s-figures-release"):
                return self._figures_taken(call.query["batchId"])
            return Answer(status=200, body={"message": "The update was taken in."})
        return Answer(status=202, body=None)

    def _failed_unasked(self, batch_id: str, failed: Mapping[str, str]) -> None:
        """Fail what somebody says of a batch without having been asked: only a fault does."""
        batch = self._state.batches.find(batch_id, None)
        if batch is not None:
            self._state.batches.fail(batch, failed)

    def _figures_taken(self, batch_id: str) -> Answer:
        """Believe a status update that all is paid: only a fault does."""
        batch = self._state.batches.find(batch_id, None)
        if batch is None or not batch.open:
            return Answer(status=200, body={"message": "The update was taken in."})
        self._state.batches.settle(batch.open, InstructionStatus.COMPLETED)
        return Answer(status=200, body={"message": "Taken in."}, then=tuple(self._bank.told_of(batch)))

    def _instruction(self, institution: str, given: Mapping[str, Any]) -> Instruction:
        """Make an instruction of what was given; one that cannot be paid has failed from the beginning."""
        payee_kind, payee = _party(given["creditParty"])
        payer_kind, payer = _party(given["debitParty"])
        amount, currency = self._money(Decimal(given["amount"]), given["currency"])
        made = Instruction(
            id=given["requestId"],
            amount=amount,
            currency=currency,
            payee=payee,
            payee_kind=payee_kind,
            payer=payer,
            payer_kind=payer_kind,
            bank=_bank(given["creditParty"]),
            note=given.get("descriptionText", ""),
            started=self._state.clock(),
        )
        trouble = self._money_trouble(amount, currency) or self._resolved(made, institution)
        if trouble:
            self._state.batches.settle([made], InstructionStatus.FAILED, trouble)
        return made

    def _money(self, amount: Decimal, currency: str) -> tuple[Decimal, str]:
        """Give an instruction's money as it came."""
        if self._on("amounts-rounded"):
            return round(amount, MINOR_UNITS.get(currency, 2)), currency
        if self._on("converted-to-home-currency") and currency != _HOME:
            return round(amount * _RATE, 2), _HOME
        return amount, currency

    def _money_trouble(self, amount: Decimal, currency: str) -> str | None:
        trouble = money_trouble(amount, currency)
        if currency not in MINOR_UNITS and self._on("currency-unchecked"):
            return None
        return None if amount <= 0 and self._on("amount-sign-unchecked") else trouble

    def _resolved(self, made: Instruction, institution: str) -> str | None:
        """Find the account of a payee that is named by its identity; gives the reason if there is none."""
        if made.payee_kind.lower() not in _PAYEE_KEYS:
            return None if made.payee else "creditParty names nobody"
        account = self._state.mapper.find(institution, made.payee)
        if account is None and self._on("unknown-payee-sinks-batch"):
            raise Refused("creditParty names somebody who is not registered.")
        if account is None:
            return None if self._on("unknown-payee-paid") else "the payee is not registered"
        made.payee, made.bank = account.address or made.payee, account.bank or made.bank
        return None


def _refuse_doubles(instructions: Sequence[Mapping[str, Any]]) -> None:
    """A batch that holds a payment twice is not processed (5.3.4)."""
    seen: set[str] = set()
    for index, one in enumerate(instructions):
        if one["requestId"] in seen:
            raise Refused(f"{index}.requestId is there twice.")
        seen.add(one["requestId"])


def _party(pairs: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    chosen = next((pair for pair in pairs if pair["key"].lower() not in _BANK_KEYS), None)
    return (chosen["key"], chosen["value"]) if chosen else ("", "")


def _bank(pairs: Sequence[Mapping[str, str]]) -> str:
    return next((pair["value"] for pair in pairs if pair["key"].lower() in _BANK_KEYS), "")
