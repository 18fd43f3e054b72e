"""Bills: paid once and after an inquiry, the biller's word told to the payer (properties B3 and B4)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .bill_rules import found, nothing
from .biller import Biller
from .bills import fresh_bill, inquire, pay
from .participants import missed
from .payer_fi import PayerFi, is_outcome
from .payment_rules import (
    marked,
    outcome,
    outcome_once,
    paid_once,
    refused_payment,
    require_payments,
    require_taken_in,
    word,
)

_AT_ONCE = 3
_REASONS = ("Def", "Dup", "Und")


@case("B3/bill-not-inquired", clause="GovStack Payments 8.3.3, 9.3.3", functions=["p2g"])
async def test_a_bill_that_was_not_inquired_is_not_paid(scene: Scene) -> None:
    """The payment of a bill under an inquiry that was made for another bill is refused, and marks nothing."""
    biller, payer = Biller(scene), PayerFi(scene)
    await require_payments(scene, biller)
    inquiry = await found(scene, biller, payer)
    await refused_payment(scene, biller, await pay(scene, inquiry, bill=fresh_bill(scene)))


@case("B3/unknown-inquiry", clause="GovStack Payments 8.3.3, 9.3.3", functions=["p2g"])
async def test_an_unknown_inquiry_pays_nothing(scene: Scene) -> None:
    """The payment of a bill under a billInquiryRequestId that was never used is refused, and marks nothing."""
    biller, payer = Biller(scene), PayerFi(scene)
    await require_payments(scene, biller)
    inquiry = await found(scene, biller, payer)
    await refused_payment(scene, biller, await pay(scene, inquiry, under=scene.fresh.identifier(12)))


@case("B3/bill-not-found", clause="GovStack Payments 8.3.3, 9.3.3", functions=["p2g"])
async def test_a_bill_that_was_not_found_is_not_paid(scene: Scene) -> None:
    """The payment of a bill that the biller said it does not have is refused, and marks nothing."""
    biller, payer = Biller(scene), PayerFi(scene)
    await require_payments(scene, biller)
    inquiry = await inquire(scene, payer)
    asked = await biller.asked(inquiry.bill)
    if asked is None:
        raise missed(scene, "inquire-bill", "biller")
    await biller.denies(asked, inquiry)
    await payer.hears_of(inquiry.request, scene.callback_seconds)
    await refused_payment(scene, biller, await pay(scene, inquiry))


@case("B4/marked-and-confirmed", clause="GovStack Payments 8.3.3, 8.3.4, 9.3.3", functions=["p2g"])
async def test_a_payment_is_marked_and_confirmed(scene: Scene) -> None:
    """The biller is asked to mark a paid bill, and its acknowledgement reaches the payer's institution once."""
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    taken_in = scene.expect_served(
        payment.answer,
        code="bill.payment-taken-in",
        message=Message(
            text=N_(
                "The product did not take in the payment of the bill {bill}, which its inquiry had found: nobody can pay a "
                "bill with it."
            ),
            values={"bill": payment.bill},
        ),
        advice=Message(
            text=N_(
                "Take in a payment whose billInquiryRequestId names an inquiry of this bill that the biller answered with "
                "code 00."
            )
        ),
    )
    mark = await marked(scene, biller, payment) if taken_in else None
    if mark is None:
        return
    told = await outcome(scene, payment, after=await biller.confirms(mark))
    if told is not None:
        await outcome_once(scene, payment, told)


@case("B4/rejected", clause="GovStack Payments 8.3.4, 9.3.3", functions=["p2g"])
async def test_a_rejection_is_told_with_its_reason(scene: Scene) -> None:
    """Each rejection of the biller, Def, Dup or Und, reaches the payer's institution as it is."""
    await asyncio.gather(*(_rejected(scene, reason) for reason in _REASONS))


async def _rejected(scene: Scene, reason: str) -> None:
    biller, payer = Biller(scene), PayerFi(scene, f"payer-fi-{reason}")
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is not None:
        await outcome(scene, payment, f"RJC {reason}", after=await biller.rejects(mark, reason))


@case("B4/answered-twice", clause="GovStack Payments 8.3.4, 9.3.3", functions=["p2g"])
async def test_a_biller_that_contradicts_itself_is_told_once(scene: Scene) -> None:
    """Where the biller answers twice, ACK and then RJC, its first word reaches the payer's institution, once."""
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    told = await outcome(scene, payment, after=await biller.confirms(mark))
    await biller.rejects(mark, "Dup")
    if told is not None:
        await outcome_once(scene, payment, told)


@case("B4/each-payer-its-outcome", clause="GovStack Payments 8.3.4", functions=["p2g"])
async def test_each_payer_gets_its_own_outcome(scene: Scene) -> None:
    """Of two payments that wait for the biller at the same time, each payer's institution is told about its own."""
    biller = Biller(scene)
    payers = [PayerFi(scene, f"payer-fi-{number}") for number in (1, 2)]
    inquiries = await asyncio.gather(*(found(scene, biller, payer) for payer in payers))
    payments = [await pay(scene, inquiry) for inquiry in inquiries]
    marks = [await marked(scene, biller, payment) for payment in payments]
    for mark in marks:
        if mark is None:
            return
        await biller.confirms(mark)
    calls = await asyncio.gather(
        *(one.payer.hears_of(one.request, scene.callback_seconds) for one in payments)
    )
    for payment, call, other in zip(payments, calls, reversed(payments), strict=True):
        strange = payment.payer.was_told_of(other.request)
        if call is None and strange is None:
            payment.payer.require_played()
        scene.expect(
            call is not None and strange is None,
            code="bill.outcome-to-its-payer",
            message=Message(
                text=N_(
                    "Two payers' institutions paid bills at the same time, and one of them was not told the outcome of its "
                    "payment at its own address, or was told the other's."
                )
            ),
            expected=f"the outcome of {payment.request} only",
            actual=f"the outcome of {other.request}" if strange else nothing(scene.callback_seconds),
            seen=strange or call or payment.answer,
            advice=Message(text=N_("Keep the address of the outcome with each payment.")),
        )


@case("B4/second-payment", clause="GovStack Payments 8.3.4, 9.3.3", functions=["p2g"])
async def test_a_paid_bill_is_not_paid_again(scene: Scene) -> None:
    """The second payment of a bill is rejected as a duplicate, by the product or by the biller that it asks."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await found(scene, biller, payer)
    async with biller.marks_once(inquiry.bill) as marks:
        first = await pay(scene, inquiry)
        require_taken_in(first)
        told = await first.payer.hears(is_outcome, first.bill, scene.callback_seconds)
        if told is None:
            raise missed(
                scene, *(("bill-payment-result", "payer-fi") if marks else ("mark-bill-paid", "biller"))
            )
        if not word(told).startswith("ACK"):
            raise Prerequisite(
                Message(
                    text=N_(
                        "The first payment of a bill was not acknowledged ({said}), so that a second one is not a duplicate."
                    ),
                    values={"said": word(told)},
                )
            )
        second = await pay(scene, inquiry, payer=PayerFi(scene, "payer-fi-again"))
        call = None
        if not second.answer.refused:
            call = await second.payer.hears(is_outcome, second.bill, scene.callback_seconds)
            if call is None:
                second.payer.require_played()
    paid_once(scene, inquiry.bill, 1 + word(call).startswith("ACK"), call)
    scene.expect(
        second.answer.refused or word(call) == "RJC Dup",
        code="bill.duplicate-named",
        message=Message(
            text=N_(
                "The second payment of a bill was not rejected as a duplicate: the payer's institution does not know that "
                "it has to give the money back."
            )
        ),
        expected="bill-payment-result RJC Dup, or a refusal",
        actual=word(call) or nothing(scene.callback_seconds),
        seen=call or second.answer,
        advice=Message(text=N_("Answer the payment of a bill that is paid with RJC and the reason Dup.")),
    )


@case("B4/simultaneous-payments", clause="GovStack Payments 8.3.4, 9.3.3; CWE-367", functions=["p2g"])
async def test_of_simultaneous_payments_one_counts(scene: Scene) -> None:
    """Of several payments of one bill at the same moment exactly one is acknowledged, and the others are rejected."""
    biller, payer = Biller(scene), PayerFi(scene)
    await require_payments(scene, biller)
    inquiry = await found(scene, biller, payer)
    payers = [PayerFi(scene, f"payer-fi-{number}") for number in range(_AT_ONCE)]
    async with biller.marks_once(inquiry.bill) as marks:
        payments = await asyncio.gather(*(pay(scene, inquiry, payer=each) for each in payers))
        calls = await asyncio.gather(
            *(
                one.payer.hears_of(one.request, scene.callback_seconds)
                for one in payments
                if not one.answer.refused
            )
        )
    if all(call is None for call in calls):
        payer.require_played()
    acknowledged = [call for call in calls if word(call).startswith("ACK")]
    paid_once(scene, inquiry.bill, len(acknowledged), acknowledged[-1] if acknowledged else None)
    scene.expect(
        len(marks) <= 1,
        code="bill.marked-once",
        message=Message(
            text=N_(
                "Of payments of one bill that came at the same moment the biller was asked to mark {count}; that none "
                "counts twice is left to the biller."
            ),
            values={"count": len(marks)},
        ),
        expected="one request to mark the bill",
        actual=f"{len(marks)} requests under different identifiers",
        advice=Message(
            text=N_(
                "Make the check that a bill is unpaid and the note that it is being paid one atomic step."
            )
        ),
        advisory=True,
    )
