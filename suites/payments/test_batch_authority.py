"""Nothing is paid without the bank's word, and what it says is kept (property G9)."""

from collections.abc import Sequence
from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .batch_figures import Report
from .batch_rules import (
    WAIT_FOR_THE_WORD,
    authorization_asked,
    completed,
    ended,
    nothing_paid,
    payable,
    tells_of_payment,
)
from .batches import Batch, drafted, payments, reports, taken
from .payer_bank import NAME, Bank, Programme, decision

_LONGEST_SECONDS = 45
"""A case waits no longer for a bank's silence to end."""
_SLACK_SECONDS = 3.0
"""So much later than it declares may a product give up on its bank, or a callback deadline if that is longer."""
_UNASKED = Message(
    text=N_(
        "A batch was paid before the payer's bank released its funds: the state's money leaves without the approval that "
        "the treasury has to give."
    )
)


@case("G9/before-the-bank-s-word", clause="GovStack Payments 5.3.1, 9.1.3", functions=["g2p"])
async def test_nothing_is_paid_before_the_bank_s_word(scene: Scene) -> None:
    """While the bank has not released a batch's funds nothing of it is paid; when it does, all of it is."""
    scene.counterparty(NAME)
    await payable(scene)
    async with Bank(scene, Programme(word="")) as bank:
        batch = await taken(scene, drafted(scene, payments(scene, 3)))
        bank.attend(batch)
        asked = await authorization_asked(scene, bank)
        await nothing_paid(scene, batch, _UNASKED, code="batch.unauthorised-unpaid")
        await scene.call("authorization-result", decision(asked, "Y"))
        last = await ended(scene, bank, batch.draft)
    scene.expect(
        completed(last) == len(batch.draft.payments),
        code="batch.authorised-is-paid",
        message=Message(
            text=N_(
                "The bank released a batch's funds, and not all of it was paid: people go without their money."
            )
        ),
        expected=f"completed {len(batch.draft.payments)}",
        actual="; ".join(map(str, last)),
        seen=last[-1].callback,
    )


@case("G9/bank-refuses", clause="GovStack Payments 9.1.3, 5.3.1", functions=["g2p"])
async def test_a_batch_that_the_bank_refuses_is_not_paid(scene: Scene) -> None:
    """When the bank refuses a batch nothing of it is paid, and all of it is reported as failed."""
    scene.counterparty(NAME)
    await payable(scene)
    async with Bank(scene, Programme(word="N")) as bank:
        batch = await taken(scene, drafted(scene, payments(scene, 3)))
        bank.attend(batch)
        await authorization_asked(scene, bank)
        last = await bank.settled(batch.draft)
    made = max((one.counts["completed"] or Decimal(0) for one in reports(batch.draft)), default=Decimal(0))
    scene.expect(
        made == 0,
        code="batch.refused-unpaid",
        message=Message(
            text=N_("The payer's bank refused to release a batch's funds, and it was paid all the same.")
        ),
        expected="completed 0",
        actual="; ".join(map(str, last)) or "-",
        seen=last[-1].callback if last else batch.answer,
        advice=Message(text=N_("Look at status of the bank's answer: only Y releases anything.")),
    )
    _all_failed(scene, batch, last, code="batch.refused-is-failed")


def _all_failed(scene: Scene, batch: Batch, last: Sequence[Report], *, code: str) -> None:
    count = len(batch.draft.payments)
    failed = sum((one.counts["failed"] or Decimal(0) for one in last), Decimal(0))
    scene.expect(
        failed == count,
        code=code,
        message=Message(
            text=N_(
                "The payer's bank did not release a batch's funds, and the caller is not told that it failed: it waits for "
                "money that will not come."
            )
        ),
        expected=f"failed {count}, ongoing 0",
        actual="; ".join(map(str, last)) or "no status update",
        seen=last[-1].callback if last else batch.answer,
        advice=Message(text=N_("End each instruction as failed, and send the last status update.")),
    )


@case("G9/bank-stays-silent", clause="GovStack Payments 9.1.3", functions=["g2p"])
async def test_a_batch_on_which_the_bank_is_silent_fails(scene: Scene) -> None:
    """When the bank stays silent a batch is not paid, fails after the product's own time limit, and stays failed.

    How long a product waits is not published; the vendor declares it as ``bank.timeout-seconds``, for batches of the
    programme ``bank.timeout-programme`` where only these have so short a limit.
    """
    scene.counterparty(NAME)
    seconds = _limit(scene)
    programme = scene.declared.get("bank.timeout-programme", "")
    async with Bank(scene, Programme(word="")) as bank:
        batch = await taken(scene, drafted(scene, payments(scene, 3), programme=programme))
        bank.attend(batch)
        asked = await authorization_asked(scene, bank)
        last = await bank.settled(batch.draft, seconds + max(_SLACK_SECONDS, scene.callback_seconds))
        made = [one for one in reports(batch.draft) if one.counts["completed"]]
        scene.expect(
            not made,
            code="batch.silence-unpaid",
            message=Message(text=N_("The payer's bank never answered, and the batch was paid all the same.")),
            expected="completed 0",
            actual="; ".join(map(str, made)) or "-",
            seen=made[0].callback if made else batch.answer,
            advice=WAIT_FOR_THE_WORD,
        )
        _all_failed(scene, batch, last, code="batch.silence-is-failed")
        if last and not made:
            await _stays(scene, batch, asked)


def _limit(scene: Scene) -> float:
    declared = scene.declares("bank.timeout-seconds")
    try:
        seconds = float(declared)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= _LONGEST_SECONDS:
        text = N_(
            "bank.timeout-seconds under declares in product.yaml is {seconds}; a case can wait {most} s. Declare a "
            "programme with a shorter limit as bank.timeout-programme, and its seconds."
        )
        raise Prerequisite(Message(text=text, values={"seconds": declared, "most": _LONGEST_SECONDS}))
    return seconds


async def _stays(scene: Scene, batch: Batch, asked: Callback) -> None:
    """Say Y too late, and expect that a batch which was reported as failed stays so."""
    answer = await scene.send("authorization-result", decision(asked, "Y"))
    told = await batch.draft.address.wait_for(tells_of_payment, scene.quiet_seconds)
    scene.expect(
        told is None,
        code="batch.failed-stays-failed",
        message=Message(
            text=N_(
                "A batch was reported as failed, and then paid when the bank's Y came late: by then the caller may have "
                "paid it another way."
            )
        ),
        expected="completed 0",
        actual="-" if told is None else Report.read(told),
        seen=told or answer,
        advice=Message(
            text=N_("Close the request to the bank when you give up on it, and ignore what comes later.")
        ),
    )


@case(
    "G9/authorised-amount", clause="GovStack Payments 8.1 (GetAuthorizationRequest), 9.1.3", functions=["g2p"]
)
async def test_the_bank_is_asked_for_the_sum_of_the_batch(scene: Scene) -> None:
    """The bank is asked to release the sum of a batch, to the last decimal, and in its currency."""
    scene.counterparty(NAME)
    async with Bank(scene) as bank:
        batch = await taken(scene, drafted(scene, payments(scene, 6)))
        bank.attend(batch)
        last = await ended(scene, bank, batch.draft)
        asked = bank.authorised()
        calls = bank.calls("authorize")
    (currency, total), *_ = batch.draft.currencies.items()
    made = sum((one.amounts["completed"] or Decimal(0) for one in last), Decimal(0))
    scene.expect(
        set(asked) == {currency} and asked[currency] in {total, made},
        code="batch.authorised-sum",
        message=Message(
            text=N_(
                "The bank was not asked to release the sum of the batch: it releases too little and people go unpaid, or "
                "too much and nobody knows where the rest is."
            )
        ),
        expected=f"{total} {currency}",
        actual=", ".join(f"{amount} {code}" for code, amount in asked.items()) or "-",
        seen=calls[-1] if calls else batch.answer,
        place="amount",
        advice=Message(
            text=N_("Add the amounts as decimals, and ask for the sum in the currency of the batch.")
        ),
    )
