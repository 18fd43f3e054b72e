"""X-CorrelationID on every hop of an inquiry, a payment and a request to pay (property B8)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_rules import answered, correlated, found, put_to_biller
from .biller import Biller
from .bills import inquire, pay
from .participants import header
from .payer_fi import PayerFi
from .payment_rules import marked, outcome
from .request_to_pay_rules import answer_told, put_before_payer
from .requests_to_pay import RequestToPay, ask_to_pay, by_institution, payer_says


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


@case(
    "B8/request-to-pay",
    clause="GovStack cross-functional requirements, govstack-cfr-architecture#req-13",
    functions=["p2g"],
)
async def test_a_request_to_pay_keeps_its_correlation(scene: Scene) -> None:
    """The X-CorrelationID of a request to pay goes to the payer's institution and back to the biller."""
    made = await ask_to_pay(scene, by_institution(scene))
    asked = await put_before_payer(scene, made)
    if asked is None:
        return
    _expect_correlated(scene, made, asked, "forward-request-to-pay")
    told = await answer_told(scene, made, "00", await payer_says(scene, made, asked))
    if told is not None:
        _expect_correlated(scene, made, told, "request-to-pay-result")


def _expect_correlated(scene: Scene, made: RequestToPay, call: Callback, hop: str) -> None:
    given = header(call, "X-CorrelationID")
    scene.expect(
        given == made.correlation,
        code="rtp.correlation-kept",
        message=Message(
            text=N_(
                "The call {hop} does not carry the X-CorrelationID of the biller's request to pay: nobody can follow it "
                "from one party to the next."
            ),
            values={"hop": hop},
        ),
        expected=f"X-CorrelationID {made.correlation}",
        actual=f"X-CorrelationID {given or '-'}",
        seen=call,
        place="header.X-CorrelationID",
        advice=Message(
            text=N_("Carry the biller's X-CorrelationID on with each call that follows from its request.")
        ),
    )
