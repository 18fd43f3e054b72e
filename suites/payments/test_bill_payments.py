"""Bills: paid once, marked by the biller until it answers, and its word told to the payer (properties B3, B4, B8)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.reactions import ACCEPTED, DROPPED, Reaction, refusing

from .bill_rules import correlated, found, marked, nothing, outcome, outcome_once, seconds_declared, word
from .biller import Biller, mark_id
from .bills import Payment, fresh_bill, inquire, pay
from .participants import missed
from .payer_fi import PayerFi, is_outcome

_AT_ONCE = 3
_HANG_SECONDS = 3.0
"""A biller that hangs is gone after so long: no document says how long a product may wait for it."""
_UNDER_WAY_SECONDS = 1.0
"""What the product sent before it could know of the biller's answer is no fault."""
_REPEATS = "mark-bill-paid.repeat-seconds"
_REASONS = ("Def", "Dup", "Und")


@case("B3/bill-not-inquired", clause="GovStack Payments 8.3.3, 9.3.3", functions=["p2g"])
async def test_a_bill_that_was_not_inquired_is_not_paid(scene: Scene) -> None:
    """The payment of a bill under an inquiry that was made for another bill is refused, and marks nothing."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await found(scene, biller, payer)
    await _expect_refused(scene, biller, await pay(scene, inquiry, bill=fresh_bill(scene)))


@case("B3/unknown-inquiry", clause="GovStack Payments 8.3.3, 9.3.3", functions=["p2g"])
async def test_an_unknown_inquiry_pays_nothing(scene: Scene) -> None:
    """The payment of a bill under a billInquiryRequestId that was never used is refused, and marks nothing."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await found(scene, biller, payer)
    await _expect_refused(scene, biller, await pay(scene, inquiry, under=scene.fresh.identifier(12)))


@case("B3/bill-not-found", clause="GovStack Payments 8.3.3, 9.3.3", functions=["p2g"])
async def test_a_bill_that_was_not_found_is_not_paid(scene: Scene) -> None:
    """The payment of a bill that the biller said it does not have is refused, and marks nothing."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await biller.asked(inquiry.bill)
    if asked is None:
        raise missed(scene, "inquire-bill", "biller")
    await biller.denies(asked, inquiry)
    await payer.hears_of(inquiry.request, scene.callback_seconds)
    await _expect_refused(scene, biller, await pay(scene, inquiry))


async def _expect_refused(scene: Scene, biller: Biller, payment: Payment) -> None:
    """Expect that a payment is refused, at once or by its outcome, and that the biller hears nothing of it."""
    told = payment.answer.refused
    hearing = payment.payer.hears(is_outcome, payment.bill, 0 if told else scene.callback_seconds)
    mark, call = await asyncio.gather(biller.told_to_mark(payment.bill, scene.quiet_seconds), hearing)
    accepted = mark is not None or word(call).startswith("ACK")
    scene.expect(
        not accepted,
        code="bill.inquired-before-payment",
        message=Message(
            text=N_(
                "A payment was taken in for a bill that no inquiry had found: the money goes to a bill that nobody has "
                "seen, for an amount that no biller named."
            )
        ),
        expected="a refusal, or bill-payment-result RJC, and no mark-bill-paid",
        actual="mark-bill-paid to the biller" if mark else f"bill-payment-result {word(call)}",
        seen=mark or call or payment.answer,
        advice=Message(
            text=N_(
                "Take in a payment only if billInquiryRequestId names an inquiry of the same bill that the biller answered "
                "with code 00."
            )
        ),
    )
    if not accepted:
        scene.expect(
            told or call is not None,
            code="bill.refusal-told",
            message=Message(
                text=N_(
                    "A payment was not carried out, and the payer's institution was not told: it keeps the citizen's money "
                    "and does not know that it has to give it back."
                )
            ),
            expected="a refusal, or bill-payment-result RJC",
            actual=nothing(scene.callback_seconds),
            seen=payment.answer,
            advice=Message(
                text=N_("Answer each payment that is not carried out with bill-payment-result RJC.")
            ),
        )


@case("B4/marked-and-confirmed", clause="GovStack Payments 8.3.3, 8.3.4, 9.3.3", functions=["p2g"])
async def test_a_payment_is_marked_and_confirmed(scene: Scene) -> None:
    """The biller is asked to mark a paid bill, and its acknowledgement reaches the payer's institution once."""
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is not None and await outcome(scene, payment, after=await biller.confirms(mark)):
        await outcome_once(scene, payment)


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


@case("B4/repeated-after-503", clause="GovStack Payments 9.3.3", functions=["p2g"])
async def test_a_mark_is_repeated_after_a_503(scene: Scene) -> None:
    """A biller that is out of order (503) is asked again to mark a bill, under the same identifier."""
    await _repeated(scene, refusing(503))


@case("B4/repeated-after-lost-connection", clause="GovStack Payments 9.3.3", functions=["p2g"])
async def test_a_mark_is_repeated_after_a_lost_connection(scene: Scene) -> None:
    """A biller that closes the connection without an answer is asked again, under the same identifier."""
    await _repeated(scene, DROPPED)


@case("B4/repeated-after-silence", clause="GovStack Payments 9.3.3", functions=["p2g"])
async def test_a_mark_is_repeated_after_a_hang(scene: Scene) -> None:
    """A biller that hangs, and is gone after some seconds, is asked again, under the same identifier."""
    await _repeated(scene, Reaction(status=0, drop=True, after_seconds=_HANG_SECONDS), hang=_HANG_SECONDS)


@case("B4/repeated-until-answered", clause="GovStack Payments 9.3.3", functions=["p2g"])
async def test_a_mark_is_repeated_until_the_biller_says_its_word(scene: Scene) -> None:
    """A biller that receives the request (202) and does not say its word is asked again, under the same identifier."""
    await _repeated(scene, ACCEPTED)


async def _repeated(scene: Scene, trouble: Reaction, hang: float = 0.0) -> None:
    """Be in trouble when a bill is to be marked, expect to be asked again, and answer then."""
    seconds = seconds_declared(scene, _REPEATS) + hang + scene.callback_seconds
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await found(scene, biller, payer)
    biller.is_in_trouble(inquiry.bill, trouble)
    payment = await pay(scene, inquiry)
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    again = await biller.told_to_mark(payment.bill, seconds)
    scene.expect(
        again is not None,
        code="bill.mark-repeated",
        message=Message(
            text=N_(
                "The biller was asked once to mark the bill {bill}, said nothing about it, and was not asked again: the "
                "citizen has paid and stays in debt until somebody notices."
            ),
            values={"bill": payment.bill},
        ),
        expected="mark-bill-paid again, until the biller says ACK or RJC",
        actual=nothing(seconds),
        seen=again or mark,
        advice=Message(
            text=N_(
                "Keep what has to be marked, and repeat the request until the biller's own mark-paid answer is there; a "
                "202 says only that the request was received."
            )
        ),
    )
    if again is None:
        return
    names = mark_id(scene, mark), mark_id(scene, again)
    scene.expect(
        names[0] == names[1],
        code="bill.mark-same-id",
        message=Message(
            text=N_(
                "A repeated request to mark a bill has another requestID than the first: the biller takes it for a second "
                "payment."
            )
        ),
        expected=f"requestID {names[0]}",
        actual=f"requestID {names[1]}",
        seen=again,
        advice=Message(
            text=N_("Give a request its identifier once, when it is made, and not each time it is sent.")
        ),
    )
    await outcome(scene, payment, after=await biller.confirms(again))


@case("B4/stops-after-answer", clause="GovStack Payments 9.3.3", functions=["p2g"])
async def test_marking_stops_when_the_biller_has_answered(scene: Scene) -> None:
    """Once the biller has acknowledged, it is not asked again to mark the bill."""
    seconds = seconds_declared(scene, _REPEATS)
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    said = await biller.confirms(mark)
    after = said.at + _UNDER_WAY_SECONDS
    again = await biller.told_to_mark(payment.bill, seconds + scene.quiet_seconds, after=after)
    scene.expect(
        again is None,
        code="bill.mark-stops",
        message=Message(
            text=N_(
                "The biller acknowledged that the bill {bill} is marked as paid, and was asked to mark it again: it may "
                "book a second payment."
            ),
            values={"bill": payment.bill},
        ),
        expected="no further mark-bill-paid",
        actual="another one" if again else "none",
        seen=again or mark,
        advice=Message(text=N_("End the repetition when the biller's ACK or RJC comes in.")),
    )


@case("B4/silent-biller", clause="GovStack Payments 8.3.4, 9.3.3", functions=["p2g"])
async def test_no_outcome_is_told_before_the_biller_speaks(scene: Scene) -> None:
    """Until the biller has said its word, the payer's institution is not told that the bill is marked as paid."""
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    early = await payer.hears(is_outcome, payment.bill, scene.quiet_seconds)
    scene.expect(
        not word(early).startswith("ACK"),
        code="bill.outcome-not-invented",
        message=Message(
            text=N_(
                "The payer's institution was told that the bill {bill} is marked as paid, and the biller had not said so: "
                "if it refuses, the citizen holds a receipt for a debt that goes on."
            ),
            values={"bill": payment.bill},
        ),
        expected="no ACK before the biller's",
        actual=word(early) or "none",
        seen=early or mark,
        advice=Message(text=N_("Send bill-payment-result only when the biller's ACK or RJC is there.")),
    )
    if early is None:
        await outcome(scene, payment, after=await biller.confirms(mark))


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
        await outcome_once(scene, payment)


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
    async with biller.marks_once(inquiry.bill):
        if await outcome(scene, await pay(scene, inquiry)) is None:
            return
        second = await pay(scene, inquiry, payer=PayerFi(scene, "payer-fi-again"))
        call = None
        if not second.answer.refused:
            call = await second.payer.hears(is_outcome, second.bill, scene.callback_seconds)
    _expect_one(scene, inquiry.bill, 1 + word(call).startswith("ACK"), call)
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
    acknowledged = [call for call in calls if word(call).startswith("ACK")]
    _expect_one(scene, inquiry.bill, len(acknowledged), acknowledged[-1] if acknowledged else None)
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


def _expect_one(scene: Scene, bill: str, count: int, seen: Callback | None) -> None:
    scene.expect(
        count == 1,
        code="bill.paid-once",
        message=Message(
            text=N_(
                "{count} payments of the bill {bill} were acknowledged where one should be: for each of them a citizen's "
                "money is gone, and the biller knows of one."
            ),
            values={"count": count, "bill": bill},
        ),
        expected="one bill-payment-result ACK",
        actual=f"{count} ACK",
        seen=seen,
        advice=Message(
            text=N_("Tell each payment the biller's word on its own request; one bill takes one payment.")
        ),
    )


@case(
    "B8/payment",
    clause="GovStack cross-functional requirements, govstack-cfr-architecture#req-13",
    functions=["p2g"],
)
async def test_a_payment_keeps_its_correlation(scene: Scene) -> None:
    """The X-CorrelationID of a payment goes to the biller and back to the payer's institution."""
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    correlated(scene, mark, payment.correlation, "mark-bill-paid")
    call = await outcome(scene, payment, after=await biller.confirms(mark))
    correlated(scene, call, payment.correlation, "bill-payment-result")
