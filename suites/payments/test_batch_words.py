"""Words about a batch that nobody asked for release nothing and fail nothing (property G9)."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import orjson

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Request

from .batch_rules import (
    WAIT_FOR_THE_WORD,
    authorization_asked,
    completed,
    ended,
    nothing_paid,
    payable,
    payment_seen,
    unpaid,
)
from .batches import Batch, drafted, payment, payments, taken
from .payer_bank import NAME, Bank, Programme, decision
from .voucher_requests import in_currency

FIGURES = "batch.bank-figures"
_AUTHORISED, _ALWAYS = "when-authorised", "always"
_COUNT = 3
_TRIES = 3
"""A product that takes such a word for the batch which it asked about last may have asked about others meanwhile."""
_SMALL = "1.00"
_SMALL_PAID = Message(
    text=N_(
        "A small batch was paid before the payer's bank released its funds: whoever divides a sum into many small batches "
        "needs no approval at all."
    )
)
_INVENTED = Message(
    text=N_(
        "A batch that waits for its bank was paid on a word that nobody had asked for: whoever can reach the product "
        "releases the state's money."
    )
)
_REPORTED = Message(
    text=N_(
        "A batch whose funds the bank has not released counts as paid because a status update said so: the treasury's "
        "approval is passed by."
    )
)


@case("G9/word-nobody-asked-for", clause="GovStack Payments 5.3.1, 9.1.3", functions=["g2p"])
async def test_a_word_that_nobody_asked_for_changes_nothing(scene: Scene) -> None:
    """A Y, an N, and failed accounts under an invented identifier neither release a batch nor fail a payment of it; on the
    bank's own word all of it is paid."""
    scene.counterparty(NAME)
    await payable(scene)
    async with Bank(scene, Programme(word="")) as bank:
        batch = await taken(scene, drafted(scene, payments(scene, _COUNT)))
        bank.attend(batch)
        asked = await authorization_asked(scene, bank)
        for _ in range(_TRIES):
            await scene.send("authorization-result", _under_another(scene, decision(asked, "Y")))
        if not await nothing_paid(scene, batch, _INVENTED, code="batch.released-by-its-own-word"):
            return
        await scene.send("authorization-result", _under_another(scene, decision(asked, "N")))
        await scene.send("account-validation-result", _failed_accounts(scene, batch))
        await _paid_whole(scene, bank, batch, asked)


async def _paid_whole(scene: Scene, bank: Bank, batch: Batch, asked: Callback) -> None:
    """Release a batch, and expect that all of it is paid: what a stranger said of it did not count."""
    answer = await scene.send("authorization-result", decision(asked, "Y"))
    last = await bank.settled(batch.draft)
    scene.expect(
        completed(last) == _COUNT,
        code="batch.failed-by-its-own-word",
        message=Message(
            text=N_(
                "After words that came under identifiers which the product never gave the bank released a batch, and not "
                "all of it was paid: a stranger decides who goes without money."
            )
        ),
        expected=f"completed {_COUNT}",
        actual="; ".join(map(str, last)) or f"no status update within {scene.callback_seconds:.0f} s",
        seen=last[-1].callback if last else answer,
        advice=Message(
            text=N_("Find what an answer is about by the clientCorrelationId that the product gave, once.")
        ),
    )


@case("G9/small-batch", clause="GovStack Payments 5.3.1, 9.1.3", functions=["g2p"])
async def test_a_small_batch_is_not_paid_without_the_bank_s_word(scene: Scene) -> None:
    """A batch of one small payment is released by the bank's word as well: 5.3.1 knows no sum below which none is needed."""
    scene.counterparty(NAME)
    async with Bank(scene, Programme(word="")) as bank:
        (amount,) = in_currency(scene, _SMALL)
        batch = await taken(scene, drafted(scene, [payment(scene, amount)]))
        bank.attend(batch)
        if not await nothing_paid(scene, batch, _SMALL_PAID, code="batch.small-unpaid"):
            return
        await scene.call("authorization-result", decision(await authorization_asked(scene, bank), "Y"))
        last = await ended(scene, bank, batch.draft)
    if completed(last) != 1:
        raise unpaid(last)


def _under_another(scene: Scene, word: Request) -> Request:
    """Give the bank's answer under an identifier that the product never gave."""
    body = {**orjson.loads(word.body), "clientCorrelationId": scene.fresh.identifier(12)}
    return replace(word, body=orjson.dumps(body))


def _failed_accounts(scene: Scene, batch: Batch) -> Request:
    listed = [{"instructionID": one.id, "failureReason": "account closed"} for one in batch.draft.payments]
    body = {
        "clientCorrelationId": scene.fresh.identifier(12),
        "batchId": batch.id,
        "numberOfFailedCases": len(listed),
        "failedAccountLookups": listed,
    }
    headers = {"X-Callback-URL": scene.listener.counterparty(NAME).url}
    return json_request("POST", "/callbacks/account-validation", body, headers)


@case("G9/figures-before-the-word", clause="GovStack Payments 5.3.1, 8.1.4 b", functions=["g2p"])
async def test_figures_release_no_batch(scene: Scene) -> None:
    """A status update which says that a batch is completed does not stand for the release of its funds.

    That an update counts only after the release no document says; a product that takes the bank's figures whenever they
    come declares that as ``batch.bank-figures``.
    """
    scene.counterparty(NAME)
    async with Bank(scene, Programme(word="")) as bank:
        batch = await taken(scene, drafted(scene, payments(scene, _COUNT)))
        bank.attend(batch)
        asked = await authorization_asked(scene, bank)
        await scene.send("batch-status-update", _all_completed(scene, batch))
        seen = await payment_seen(scene, batch, scene.quiet_seconds)
        scene.expect(
            seen is None,
            code="batch.released-by-its-own-word",
            message=_REPORTED,
            expected="completed 0",
            actual="-" if seen is None else seen[1],
            seen=batch.answer if seen is None else seen[0],
            advice=WAIT_FOR_THE_WORD,
            advisory=seen is not None and _declared(scene) == _ALWAYS,
        )
        if seen is None:
            await scene.call("authorization-result", decision(asked, "Y"))
            await ended(scene, bank, batch.draft)


def _declared(scene: Scene) -> str:
    declared = scene.declares(FIGURES)
    if declared not in {_AUTHORISED, _ALWAYS}:
        text = N_("declares: {name} in product.yaml is “{value}”; write when-authorised or always.")
        raise Prerequisite(Message(text=text, values={"name": FIGURES, "value": declared}))
    return declared


def _all_completed(scene: Scene, batch: Batch) -> Request:
    """Make the status update that says that each payment of a batch is made (BulkPaymentStatusUpdate)."""
    total = orjson.Fragment(format(batch.draft.total, "f"))
    body = {
        "requestId": scene.fresh.identifier(12),
        "batchId": batch.id,
        "TotalTransactions": _COUNT,
        "ongoing": 0,
        "failed": 0,
        "completed": _COUNT,
        "totalAmount": total,
        "currency": batch.draft.payments[0].currency,
        "completed_amount": total,
        "ongoing_amount": 0,
        "failed_amount": 0,
        "result_file": None,
        "resultGeneratedAt": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "note": "",
    }
    query = urlencode({"batchId": batch.id, "X-CorrelationID": batch.draft.correlation})
    headers = {"X-Callback-URL": batch.draft.address.url}
    return json_request("POST", f"/api/v1/batch?{query}", body, headers)
