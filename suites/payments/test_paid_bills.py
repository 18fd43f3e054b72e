"""Bills: when they are due, what they cost, and whether they are paid (properties B1 and B7)."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_rules import answered, details_told, found, nothing, put_to_biller, says_found
from .bill_steps import require_found
from .biller import Biller
from .bills import Inquiry, bill_details, inquire, pay
from .participants import content, missed
from .payer_fi import PayerFi, is_answer
from .payment_rules import marked, outcome


@case("B1/due-date", clause="GovStack Payments 8.3.2; billInquiryResponse.yml", functions=["p2g"])
async def test_the_due_date_stays_the_same_moment(scene: Scene) -> None:
    """The due date, text from the biller and a number without a published unit in the answer, stays the same moment."""
    unit = scene.declares("bill.due-date")
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    written = "2027-12-30T22:15:00Z"
    call = await answered(scene, inquiry, await biller.answers(asked, inquiry, dueDate=written))
    readings = dict(_readings(written))
    if unit not in readings:
        raise Prerequisite(
            Message(
                text=N_("declares: bill.due-date in product.yaml is “{given}”. Write one of {known}."),
                values={"given": unit, "known": ", ".join(readings)},
            )
        )
    if call is not None:
        require_found(call)
        given = details_told(call).get("dueDate")
        scene.expect(
            given == readings[unit],
            code="bill.due-date-kept",
            message=Message(
                text=N_(
                    "The biller's due date {written} reached the payer's institution as {given}: a citizen who relies on "
                    "it pays late, or a fine that is not due."
                ),
                values={"written": written, "given": str(given)},
            ),
            expected=f"dueDate {readings[unit]} ({unit})",
            actual=f"dueDate {given}",
            seen=call,
            place="body.billDetails.dueDate",
            advice=Message(text=N_("Read the date with its own offset, here Z, never in local time.")),
        )


def _readings(written: str) -> Iterator[tuple[str, int]]:
    """Give the numbers that a date can become, by how ``declares`` calls them."""
    moment = datetime.fromisoformat(written)
    yield "seconds", int(moment.timestamp())
    yield "milliseconds", int(moment.timestamp()) * 1000
    yield "yyyymmdd", int(moment.strftime("%Y%m%d"))


@case("B7/late-amount", clause="GovStack Payments 8.3.2; billInquiryResponse.yml", functions=["p2g"])
async def test_a_late_payer_pays_no_less(scene: Scene) -> None:
    """What is due after the due date is no less than what is due until then."""
    payer = PayerFi(scene)
    inquiry = await inquire(scene, payer)
    if "biller" in scene.counterparties:
        biller = Biller(scene)
        asked = await put_to_biller(scene, biller, inquiry)
        if asked is None:
            return
        call = await answered(scene, inquiry, await biller.answers(asked, inquiry))
    else:
        call = await payer.hears(is_answer, inquiry.bill, scene.callback_seconds)
        if call is None:
            raise missed(scene, "bill-inquiry-result", "payer-fi")
    if call is None:
        return
    details = details_told(call)
    on_time, late = details.get("amountonDueDate"), details.get("amountAfterDueDate")
    if not isinstance(on_time, int | float) or not isinstance(late, int | float):
        raise Prerequisite(Message(text=N_("The product's answer to an inquiry names no two amounts.")))
    scene.expect(
        late >= on_time,
        code="bill.late-amount",
        message=Message(
            text=N_(
                "After its due date the bill costs less than before; the two amounts may have changed places."
            )
        ),
        expected=f"amountAfterDueDate of at least {on_time}",
        actual=late,
        seen=call,
        place="body.billDetails.amountAfterDueDate",
        advice=Message(text=N_("Compare the two amounts with those that the biller gave.")),
        advisory=True,
    )


@case("B7/paid-status", clause="GovStack Payments 8.3.2, 8.3.4", functions=["p2g"])
async def test_a_paid_bill_is_shown_as_paid(scene: Scene) -> None:
    """A bill that was marked as paid is no longer shown as unpaid to who asks for it again."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await found(scene, biller, payer)
    payment = await pay(scene, inquiry)
    mark = await marked(scene, biller, payment)
    if mark is None or await outcome(scene, payment, after=await biller.confirms(mark)) is None:
        return
    again = await inquire(scene, PayerFi(scene, "payer-fi-again"), inquiry.bill)
    shown = await _shown_again(scene, biller, again)
    unpaid = bill_details(scene)["billStatus"]
    scene.expect(
        again.answer.refused or (shown is not None and not (says_found(shown) and _billed(shown) == unpaid)),
        code="bill.paid-status",
        message=Message(
            text=N_(
                "The bill {bill} is paid and the biller says so, and who asks for it is still shown that it is not: it "
                "will be paid again."
            ),
            values={"bill": inquiry.bill},
        ),
        expected="billStatus PAID, as the biller says, or a refusal",
        actual=content(shown) if shown else nothing(scene.callback_seconds, again.answer),
        seen=shown or again.answer,
        advice=Message(
            text=N_("Ask the biller each time; a bill that was kept from an earlier inquiry is out of date.")
        ),
    )


async def _shown_again(scene: Scene, biller: Biller, again: Inquiry) -> Callback | None:
    """Answer as the biller, if it is asked, that a bill is paid; give what the payer's institution is told."""

    async def said() -> None:
        asked = await biller.asked(again.bill)
        if asked is not None:
            await biller.answers(asked, again, billStatus="PAID")

    saying = asyncio.ensure_future(said())
    try:
        shown = await again.payer.hears(is_answer, again.bill, scene.callback_seconds)
        if shown is None and not again.answer.refused:
            again.payer.require_played()
        return shown
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


def _billed(call: Callback) -> Any:
    return details_told(call).get("billStatus")
