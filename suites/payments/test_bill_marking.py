"""Bills: the biller is asked to mark them until it answers, and no longer (property B4)."""

from time import perf_counter

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.reactions import ACCEPTED, DROPPED, Reaction, refusing

from .bill_rules import found, nothing, seconds_declared
from .biller import Biller, mark_id
from .bills import pay
from .payer_fi import PayerFi, is_outcome
from .payment_rules import marked, outcome, word

_HANG_SECONDS = 3.0
"""A biller that hangs is gone after so long: no document says how long a product may wait for it."""
_UNDER_WAY_SECONDS = 3.0
"""What the product sent before it could know of the biller's answer is no fault, though it comes a moment later."""
_LATE_SECONDS = 5.0
"""So late comes the word of a biller that has to look something up."""
_REPEATS = "mark-bill-paid.repeat-seconds"


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
    """Once the biller has acknowledged, it is not asked again to mark the bill, but for a repetition under way."""
    seconds = seconds_declared(scene, _REPEATS)
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    said = await biller.confirms(mark)
    after = said.at + seconds + _UNDER_WAY_SECONDS
    waiting = after - perf_counter() + seconds + scene.quiet_seconds
    again = await biller.told_to_mark(payment.bill, waiting, after=after)
    scene.timed(said.at)
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


@case("B4/late-word", clause="GovStack Payments 8.3.4, 9.3.3", functions=["p2g"])
async def test_a_word_that_comes_late_is_told(scene: Scene) -> None:
    """A biller that received the request to mark a bill, and says its word seconds later, is listened to: the payer's
    institution is told. A product that has given up by then, and said so, is not judged: no limit is published."""
    biller, payer = Biller(scene), PayerFi(scene)
    payment = await pay(scene, await found(scene, biller, payer))
    mark = await marked(scene, biller, payment)
    if mark is None:
        return
    seconds = min(_LATE_SECONDS, scene.callback_seconds)
    early = await payer.hears(is_outcome, payment.bill, seconds)
    if early is not None:
        text = N_(
            "The product told an outcome ({said}) before the biller had said its word; see B4/silent-biller."
        )
        raise Prerequisite(Message(text=text, values={"said": word(early) or "-"}))
    await outcome(scene, payment, after=await biller.confirms(mark))


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
