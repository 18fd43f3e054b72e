"""Bills: asked for, answered by the biller, and nobody else's business (properties B1–B3, B7, B8)."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_rules import answered, correlated, found, marked, nothing, outcome, put_to_biller, seconds_declared
from .biller import Biller
from .bills import Inquiry, bill_details, fresh_bill, inquire, pay
from .participants import content
from .payer_fi import PayerFi, is_answer

_FOUND = {"00", "0"}
_SCRIPTS = {"Arabic": "مياه عدن", "Amharic": "ውሃ አዲስ"}
_TIME_OUT = "biller.timeout-seconds"


@case("B1/answer-passed-on", clause="GovStack Payments 8.3.1, 8.3.2, 9.3.3.1", functions=["p2g"])
async def test_the_answer_of_the_biller_is_passed_on(scene: Scene) -> None:
    """The product asks the biller for a bill and gives its answer, unchanged, to the payer's institution."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    said = await biller.answers(asked, inquiry)
    call = await answered(scene, inquiry, said)
    if call is not None:
        _expect_found(scene, call, found=True)
        _expect_details(scene, call, bill_details(scene))


@case("B1/due-date", clause="GovStack Payments 8.3.2; billInquiryResponse.yml", functions=["p2g"])
async def test_the_due_date_stays_the_same_moment(scene: Scene) -> None:
    """The due date, which the biller writes as text and the answer as a number without a published unit, stays it."""
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
        given = _details(call).get("dueDate")
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


@case("B1/text-in-any-script", clause="GovStack Payments 8.3.2; RFC 8259, 8.1", functions=["p2g"])
async def test_text_in_any_script_is_passed_on(scene: Scene) -> None:
    """What the biller writes in Arabic or Amharic reaches the payer's institution letter by letter."""
    await asyncio.gather(*(_written(scene, script, text) for script, text in _SCRIPTS.items()))


async def _written(scene: Scene, script: str, text: str) -> None:
    biller, payer = Biller(scene), PayerFi(scene, f"payer-fi-{script}")
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    call = await answered(scene, inquiry, await biller.answers(asked, inquiry, billerName=text))
    if call is None:
        return
    given = _details(call).get("billerName")
    scene.expect(
        given == text,
        code="bill.text-unchanged",
        message=Message(
            text=N_(
                "The biller's name in {script} script did not reach the payer's institution as it was written."
            ),
            values={"script": script},
        ),
        expected=text,
        actual=given,
        seen=call,
        place="body.billDetails.billerName",
        advice=Message(
            text=N_("Read and write JSON in UTF-8 at each hop, and keep text in columns that hold it all.")
        ),
    )


@case("B1/bill-not-found", clause="GovStack Payments 8.3.2", functions=["p2g"])
async def test_a_bill_that_the_biller_does_not_have_is_not_found(scene: Scene) -> None:
    """Where the biller has no such bill, the payer's institution is told so, and not that there is one."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    call = await answered(scene, inquiry, await biller.denies(asked, inquiry))
    if call is not None:
        _expect_found(scene, call, found=False)


@case("B1/answered-twice", clause="GovStack Payments 8.3.2", functions=["p2g"])
async def test_a_biller_that_answers_twice_is_passed_on_once(scene: Scene) -> None:
    """A biller that gives its answer twice, as after a lost receipt, is passed on to the payer's institution once."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    call = await answered(scene, inquiry, await biller.answers(asked, inquiry))
    await biller.answers(asked, inquiry)
    again = await payer.hears(is_answer, inquiry.bill, scene.quiet_seconds) if call else None
    scene.expect(
        again is None,
        code="bill.inquiry-answered-once",
        message=Message(
            text=N_(
                "The payer's institution got two answers to one inquiry, because the biller repeated its own: it cannot "
                "tell whether the bill changed in between."
            )
        ),
        expected="one bill-inquiry-result",
        actual="another one" if again else "one",
        seen=again,
        advice=Message(text=N_("Take the biller's first answer to an inquiry and ignore what it repeats.")),
    )


@case("B1/late-answer", clause="GovStack Payments 8.3.1, 8.3.2", functions=["p2g"])
async def test_nothing_is_told_before_the_biller_answers_late(scene: Scene) -> None:
    """Until a biller that takes its time has answered, the payer's institution is told nothing; then it is."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    early = await payer.hears(is_answer, inquiry.bill, scene.quiet_seconds)
    if early is not None and not _says_found(early):
        _require_longer(scene)
    scene.expect(
        early is None,
        code="bill.answer-not-invented",
        message=Message(
            text=N_(
                "The payer's institution was told about the bill {bill} before the biller had answered: what it shows its "
                "customer is not the biller's word."
            ),
            values={"bill": inquiry.bill},
        ),
        expected="no bill-inquiry-result before the biller's answer",
        actual=content(early) if early else "none",
        seen=early,
        advice=Message(text=N_("Answer an inquiry from nothing but the biller's answer to it.")),
    )
    if early is None:
        await answered(scene, inquiry, await biller.answers(asked, inquiry))


@case("B1/silent-biller", clause="GovStack Payments 8.3.2", functions=["p2g"])
async def test_a_biller_that_never_answers_is_told_of(scene: Scene) -> None:
    """Where the biller never answers, the product says so in its own time, which no document publishes."""
    seconds = seconds_declared(scene, _TIME_OUT)
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    call = await payer.hears(is_answer, inquiry.bill, seconds + scene.callback_seconds / 2)
    scene.expect(
        call is not None and not _says_found(call),
        code="bill.silence-told",
        message=Message(
            text=N_(
                "The biller did not answer an inquiry, and the payer's institution was not told that it failed within the "
                "{seconds} s that the product declares: its customer waits in vain."
            ),
            values={"seconds": f"{seconds:g}"},
        ),
        expected=f"bill-inquiry-result with code 01 after {seconds:g} s",
        actual=content(call) if call else nothing(seconds + scene.callback_seconds / 2),
        seen=call or asked,
        advice=Message(
            text=N_("Give up on a silent biller after the declared time and answer the inquiry with code 01.")
        ),
    )


@case("B1/each-payer-its-answer", clause="GovStack Payments 8.3.2", functions=["p2g"])
async def test_each_payer_gets_its_own_answer(scene: Scene) -> None:
    """Two payers' institutions that ask for the same bill at once each get the answer to their own inquiry."""
    biller, bill = Biller(scene), fresh_bill(scene)
    payers = [PayerFi(scene, f"payer-fi-{number}") for number in (1, 2)]
    inquiries = await asyncio.gather(*(inquire(scene, payer, bill) for payer in payers))
    for inquiry in inquiries:
        asked = await put_to_biller(scene, biller, inquiry)
        if asked is None:
            return
        await biller.answers(asked, inquiry)
    calls = await asyncio.gather(
        *(one.payer.hears_of(one.request, scene.callback_seconds) for one in inquiries)
    )
    for inquiry, call, other in zip(inquiries, calls, reversed(inquiries), strict=True):
        strange = inquiry.payer.was_told_of(other.request)
        scene.expect(
            call is not None and strange is None,
            code="bill.answer-to-its-payer",
            message=Message(
                text=N_(
                    "Two payers' institutions asked for one bill at the same time, and one of them did not get the answer "
                    "to its inquiry at its own address, or got the other's: what a citizen owes went to strangers."
                )
            ),
            expected=f"the answer to {inquiry.request} only",
            actual=f"the answer to {other.request}" if strange else nothing(scene.callback_seconds),
            seen=strange or call or inquiry.answer,
            advice=Message(text=N_("Keep the address of the answer with each inquiry, not with the bill.")),
        )


@case("B2/unknown-prefix", clause="GovStack Payments 9.3.3.1", functions=["p2g"])
async def test_a_bill_of_no_biller_is_refused_and_no_biller_is_asked(scene: Scene) -> None:
    """A bill whose prefix belongs to no biller is answered with an error, and no biller is asked for it."""
    prefix = scene.declares("bill.unknown-prefix")
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer, fresh_bill(scene, prefix))
    call = None
    if not inquiry.answer.refused:
        call = await payer.hears(is_answer, inquiry.bill, scene.callback_seconds)
    scene.expect(
        inquiry.answer.refused or (call is not None and not _says_found(call)),
        code="bill.unknown-told",
        message=Message(
            text=N_(
                "The bill {bill} belongs to no biller, and the payer's institution was not told that: its customer waits "
                "for a bill that cannot come."
            ),
            values={"bill": inquiry.bill},
        ),
        expected="a refusal, or bill-inquiry-result with code 01",
        actual=content(call) if call else nothing(scene.callback_seconds, inquiry.answer),
        seen=call or inquiry.answer,
        advice=Message(
            text=N_("Look the biller up by the bill's prefix before anything else, and answer with code 01.")
        ),
    )
    asked = await biller.asked(inquiry.bill, scene.quiet_seconds)
    scene.expect(
        asked is None,
        code="bill.unknown-not-asked",
        message=Message(
            text=N_(
                "The product asked a biller for {bill}, which belongs to no biller: who owes what is nobody else's."
            ),
            values={"bill": inquiry.bill},
        ),
        expected="no call to the biller",
        actual=f"{asked.request.method} {asked.request.url}" if asked else "none",
        seen=asked,
        advice=Message(text=N_("Ask only the biller that the bill's prefix belongs to.")),
    )


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
        await biller.answers(asked, inquiry)
    call = await answered(scene, inquiry)
    if call is None:
        return
    details = _details(call)
    on_time, late = details.get("amountonDueDate"), details.get("amountAfterDueDate")
    if isinstance(on_time, int | float) and isinstance(late, int | float):
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
        again.answer.refused or (shown is not None and not (_says_found(shown) and _status(shown) == unpaid)),
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
        return await again.payer.hears(is_answer, again.bill, scene.callback_seconds)
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


@case(
    "B8/inquiry",
    clause="GovStack cross-functional requirements, govstack-cfr-architecture#req-13",
    functions=["p2g"],
)
async def test_an_inquiry_keeps_its_correlation(scene: Scene) -> None:
    """The X-CorrelationID of an inquiry goes to the biller and back to the payer's institution."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    correlated(scene, asked, inquiry.correlation, "inquire-bill")
    call = await answered(scene, inquiry, await biller.answers(asked, inquiry))
    correlated(scene, call, inquiry.correlation, "bill-inquiry-result")


def _details(call: Callback) -> Mapping[str, Any]:
    details = content(call).get("billDetails")
    return details if isinstance(details, Mapping) else {}


def _status(call: Callback) -> Any:
    return _details(call).get("billStatus")


def _says_found(call: Callback) -> bool:
    return str(content(call).get("code")) in _FOUND


def _require_longer(scene: Scene) -> None:
    """Raise Prerequisite where the product may have given up on the biller already."""
    seconds = seconds_declared(scene, _TIME_OUT)
    if seconds <= scene.quiet_seconds:
        raise Prerequisite(
            Message(
                text=N_(
                    "The product gives up on a biller after {seconds} s (declares: {name} in product.yaml), too soon for a "
                    "late answer."
                ),
                values={"seconds": f"{seconds:g}", "name": _TIME_OUT},
            )
        )


def _expect_found(scene: Scene, call: Callback, *, found: bool) -> None:
    said = _says_found(call)
    scene.expect(
        said is found,
        code="bill.finding-kept",
        message=Message(
            text=N_(
                "The biller said code {said}, and the payer's institution was told code {told}: a bill that does not exist "
                "can be paid, or one that does cannot."
            ),
            values={"said": "00" if found else "01", "told": str(content(call).get("code"))},
        ),
        expected=f"code {'00' if found else '01'}",
        actual=f"code {content(call).get('code')}",
        seen=call,
        place="body.code",
        advice=Message(text=N_("Hand the biller's code on unchanged.")),
    )


def _expect_details(scene: Scene, call: Callback, said: Mapping[str, Any]) -> None:
    """Expect the biller's details; the due date is another case's, as it changes its type."""
    told = _details(call)
    names = [name for name in said if name != "dueDate"]
    changed = [name for name in names if told.get(name) != said[name]]
    scene.expect(
        not changed,
        code="bill.details-unchanged",
        message=Message(
            text=N_(
                "Of what the biller says of the bill, the payer's institution was told something else in {fields}: the "
                "citizen pays what the biller did not ask for."
            ),
            values={"fields": ", ".join(changed)},
        ),
        expected={name: said[name] for name in changed or names},
        actual={name: told.get(name) for name in changed or names},
        seen=call,
        place="body.billDetails",
        advice=Message(text=N_("Hand the biller's billDetails on field by field, without a change.")),
    )


def _readings(written: str) -> Iterator[tuple[str, int]]:
    """Give the numbers that a date can become, by how ``declares`` calls them."""
    moment = datetime.fromisoformat(written)
    yield "seconds", int(moment.timestamp())
    yield "milliseconds", int(moment.timestamp()) * 1000
    yield "yyyymmdd", int(moment.strftime("%Y%m%d"))
