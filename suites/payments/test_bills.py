"""Bills: asked for, answered by the biller, and nobody else's business (properties B1 and B2)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .bill_rules import (
    answer_told,
    answered,
    details_kept,
    details_told,
    finding_kept,
    found,
    not_given_up,
    nothing,
    put_to_biller,
    questions_of,
    says_found,
    says_not_found,
    seconds_declared,
)
from .bill_steps import require_found
from .biller import Biller
from .bills import bill_details, fresh_bill, inquire
from .participants import content
from .payer_fi import PayerFi, is_answer
from .voucher_steps import AMOUNT

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
        not_given_up(scene, asked, said, call)
        finding_kept(scene, call, found=True)
        details_kept(scene, call, bill_details(scene))


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
    require_found(call)
    given = details_told(call).get("billerName")
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
        finding_kept(scene, call, found=False)


@case("B1/answered-twice", clause="GovStack Payments 8.3.2", functions=["p2g"])
async def test_a_biller_that_answers_twice_is_passed_on_once(scene: Scene) -> None:
    """A biller that answers twice, the second time with another amount, is passed on with its first answer only."""
    biller, payer = Biller(scene), PayerFi(scene)
    inquiry = await inquire(scene, payer)
    asked = await put_to_biller(scene, biller, inquiry)
    if asked is None:
        return
    call = await answered(scene, inquiry, await biller.answers(asked, inquiry))
    if call is None:
        return
    await biller.answers(asked, inquiry, amountonDueDate=AMOUNT + 1, amountAfterDueDate=AMOUNT + 11)
    again = await payer.hears(is_answer, inquiry.bill, scene.quiet_seconds, unlike=call)
    scene.expect(
        again is None,
        code="bill.inquiry-answered-once",
        message=Message(
            text=N_(
                "The payer's institution got two answers to one inquiry that do not say the same: it cannot tell which of "
                "them its customer has to pay."
            )
        ),
        expected="one bill-inquiry-result, or the same again",
        actual=content(again) if again else "no other",
        seen=again,
        advice=Message(
            text=N_("Take the biller's first answer to an inquiry and ignore what it says later.")
        ),
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
    if early is not None and not says_found(early):
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
        actual=answer_told(early) if early else "none",
        seen=early,
        advice=Message(text=N_("Answer an inquiry from nothing but the biller's answer to it.")),
    )
    if early is None:
        await answered(scene, inquiry, await biller.answers(asked, inquiry))


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
    if call is None:
        payer.require_played()
    scene.expect(
        call is not None and says_not_found(call),
        code="bill.silence-told",
        message=Message(
            text=N_(
                "The biller did not answer an inquiry, and the payer's institution was not told that it failed within the "
                "{seconds} s that the product declares: its customer waits in vain."
            ),
            values={"seconds": f"{seconds:g}"},
        ),
        expected=f"bill-inquiry-result with code 01 after {seconds:g} s",
        actual=answer_told(call) if call else nothing(seconds + scene.callback_seconds / 2),
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
    asks = [asked for inquiry in inquiries if (asked := await put_to_biller(scene, biller, inquiry))]
    if len(asks) < len(inquiries):
        return
    questions = await questions_of(scene, biller, inquiries, asks)
    if not questions:
        return
    for inquiry, asked in zip(inquiries, questions, strict=True):
        await biller.answers(asked, inquiry)
    calls = await asyncio.gather(
        *(one.payer.hears_of(one.request, scene.callback_seconds) for one in inquiries)
    )
    for inquiry, call, other in zip(inquiries, calls, reversed(inquiries), strict=True):
        strange = inquiry.payer.was_told_of(other.request)
        if call is None and strange is None:
            inquiry.payer.require_played()
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
    await found(scene, biller, PayerFi(scene, "payer-fi-known"))
    inquiry = await inquire(scene, payer, fresh_bill(scene, prefix))
    call = None
    if not inquiry.answer.refused:
        call = await payer.hears(is_answer, inquiry.bill, scene.callback_seconds)
        if call is None:
            payer.require_played()
    scene.expect(
        inquiry.answer.refused or (call is not None and says_not_found(call)),
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
