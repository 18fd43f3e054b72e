"""What must hold of bills in more than one case: that the parties are asked and told, under the right identifiers."""

from collections.abc import Mapping
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .biller import Biller
from .bills import Inquiry, Payment, inquire
from .participants import content, header, missed, spelt
from .payer_fi import PayerFi, is_answer, is_outcome

__all__ = [
    "answered",
    "correlated",
    "found",
    "marked",
    "nothing",
    "outcome",
    "outcome_once",
    "put_to_biller",
    "seconds_declared",
    "word",
]

_LONGEST_SECONDS = 30.0
"""A declared time beyond this keeps a case from its end; a test system is set up with shorter ones."""


def seconds_declared(scene: Scene, name: str) -> float:
    """Give a declared number of seconds; raises Prerequisite without one, or with one that no case can wait for."""
    text = scene.declares(name)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 < seconds <= _LONGEST_SECONDS:
        return seconds
    raise Prerequisite(
        Message(
            text=N_(
                "declares: {name} in product.yaml is “{given}”. Write a number of seconds of at most {most}, and set the "
                "product up to keep it while it is tested."
            ),
            values={"name": name, "given": text, "most": f"{_LONGEST_SECONDS:g}"},
        )
    )


def nothing(seconds: float, answer: Answer | None = None) -> str:
    """Say that nothing came, and what the request before was answered where that explains it."""
    silence = f"nothing within {seconds:g} s"
    return silence if answer is None or answer.served else f"{silence}; before it {answer}"


def word(call: Callback | None) -> str:
    """Give what an outcome says, e.g. ``RJC Dup``; empty without one."""
    body: Any = content(call) if call is not None else {}
    given = body if isinstance(body, Mapping) else {}
    return " ".join(str(given[name]) for name in ("status", "rejectReason") if given.get(name))


async def found(scene: Scene, biller: Biller, payer: PayerFi, bill: str | None = None) -> Inquiry:
    """Arrange a bill that was asked for and that the biller has; raises Prerequisite where that is not possible."""
    inquiry = await inquire(scene, payer, bill)
    asked = await biller.asked(inquiry.bill)
    if asked is None:
        raise missed(scene, "inquire-bill", "biller")
    await biller.answers(asked, inquiry)
    if await payer.hears(is_answer, inquiry.bill, scene.callback_seconds) is None:
        raise missed(scene, "bill-inquiry-result", "payer-fi")
    return inquiry


async def put_to_biller(scene: Scene, biller: Biller, inquiry: Inquiry) -> Callback | None:
    """Expect that the product asks the biller for a bill."""
    asked = await biller.asked(inquiry.bill) if inquiry.answer.served else None
    scene.expect(
        asked is not None,
        code="bill.biller-asked",
        message=Message(
            text=N_(
                "A payer asked for the bill {bill}, and the product did not ask the biller for it: only the biller knows "
                "what is due."
            ),
            values={"bill": inquiry.bill},
        ),
        expected=f"GET /bills/{inquiry.bill} to the biller",
        actual=nothing(scene.callback_seconds, inquiry.answer),
        seen=asked or inquiry.answer,
        advice=Message(
            text=N_(
                "Send inquire-bill to the biller that the bill's prefix belongs to, at the address that "
                "counterparties in product.yaml names."
            )
        ),
    )
    return asked


async def answered(scene: Scene, inquiry: Inquiry, after: Answer | None = None) -> Callback | None:
    """Expect that the payer's institution gets its answer, under its own identifiers; ``after``: the biller's call."""
    call = await inquiry.payer.hears(is_answer, inquiry.bill, scene.callback_seconds)
    scene.expect(
        call is not None,
        code="bill.inquiry-answered",
        message=Message(
            text=N_(
                "The biller answered for the bill {bill}, and the payer's institution that asked was not told."
            ),
            values={"bill": inquiry.bill},
        ),
        expected="bill-inquiry-result to the payer's institution",
        actual=nothing(scene.callback_seconds, after),
        seen=call or after,
        advice=Message(
            text=N_(
                "Pass the biller's answer on to the X-Callback-URL of the inquiry or, without one, to the payer's "
                "institution that the product is configured with."
            )
        ),
    )
    if call is not None:
        given = (spelt(scene, call, "requestId"), content(call).get("billId"))
        scene.expect(
            given == (inquiry.request, inquiry.bill),
            code="bill.inquiry-identified",
            message=Message(
                text=N_(
                    "The answer to an inquiry names another request or another bill than the inquiry did: the payer's "
                    "institution cannot tell which of its customers asked."
                )
            ),
            expected=f"requestId {inquiry.request}, billId {inquiry.bill}",
            actual=f"requestId {given[0]}, billId {given[1]}",
            seen=call,
            advice=Message(text=N_("Give requestId and billId back as the inquiry had them.")),
        )
    return call


async def marked(scene: Scene, biller: Biller, payment: Payment) -> Callback | None:
    """Expect that the biller is asked to mark a paid bill, and told which payment it is."""
    mark = await biller.told_to_mark(payment.bill) if payment.answer.served else None
    scene.expect(
        mark is not None,
        code="bill.marked-paid",
        message=Message(
            text=N_(
                "The bill {bill} was paid, and the biller was not asked to mark it: the citizen has paid and stays in debt."
            ),
            values={"bill": payment.bill},
        ),
        expected=f"mark-bill-paid for {payment.bill} to the biller",
        actual=nothing(scene.callback_seconds, payment.answer),
        seen=mark or payment.answer,
        advice=Message(
            text=N_("Send mark-bill-paid to the biller as soon as a payment was taken in (9.3.3).")
        ),
    )
    if mark is not None:
        reference = content(mark).get("PaymentReferenceID")
        scene.expect(
            reference == payment.reference,
            code="bill.mark-names-payment",
            message=Message(
                text=N_(
                    "The biller was asked to mark the bill under another payment reference than the payment had: it "
                    "cannot match the money with the bill."
                )
            ),
            expected=f"PaymentReferenceID {payment.reference}",
            actual=f"PaymentReferenceID {reference}",
            seen=mark,
            advice=Message(text=N_("Hand the payment's paymentReferenceID on unchanged.")),
        )
    return mark


async def outcome(
    scene: Scene, payment: Payment, expected: str = "ACK", after: Answer | None = None
) -> Callback | None:
    """Expect that the payer's institution is told the biller's word, ``ACK`` or e.g. ``RJC Dup``, about its payment."""
    call = await payment.payer.hears(is_outcome, payment.bill, scene.callback_seconds)
    scene.expect(
        call is not None,
        code="bill.outcome-told",
        message=Message(
            text=N_(
                "The biller said what became of the payment of bill {bill}, and the payer's institution was not told: it "
                "can neither confirm the payment to its customer nor give the money back."
            ),
            values={"bill": payment.bill},
        ),
        expected=f"bill-payment-result {expected}",
        actual=nothing(scene.callback_seconds, after or payment.answer),
        seen=call or after or payment.answer,
        advice=Message(text=N_("Send bill-payment-result as soon as the biller has answered.")),
    )
    if call is not None:
        _identified(scene, payment, call)
        _kept(scene, call, expected)
    return call


def _identified(scene: Scene, payment: Payment, call: Callback) -> None:
    given = (spelt(scene, call, "requestId"), str(content(call).get("billId")))
    scene.expect(
        given == (payment.request, payment.bill),
        code="bill.outcome-identified",
        message=Message(
            text=N_(
                "The outcome of a payment names another request or another bill than the payment did: the payer's "
                "institution books it for the wrong customer, or not at all."
            )
        ),
        expected=f"requestId {payment.request}, billId {payment.bill}",
        actual=f"requestId {given[0]}, billId {given[1]}",
        seen=call,
        advice=Message(text=N_("Give requestId and billId back as the payment had them.")),
    )


def _kept(scene: Scene, call: Callback, expected: str) -> None:
    said = word(call)
    scene.expect(
        said.partition(" ")[0] == expected.partition(" ")[0],
        code="bill.outcome-kept",
        message=Message(
            text=N_(
                "The biller said {said}, and the payer's institution was told {told}: one of the two now believes in a "
                "payment that the other does not know."
            ),
            values={"said": expected, "told": said or "-"},
        ),
        expected=expected,
        actual=said or "-",
        seen=call,
        advice=Message(text=N_("Hand the biller's status on unchanged.")),
    )
    if expected.startswith("RJC") and said.startswith("RJC"):
        scene.expect(
            said == expected,
            code="bill.reject-reason-kept",
            message=Message(
                text=N_(
                    "The biller rejected the payment for the reason {said}, and the payer's institution was told {told}: "
                    "what it does with the money depends on the reason."
                ),
                values={"said": expected, "told": said},
            ),
            expected=expected,
            actual=said,
            seen=call,
            advice=Message(text=N_("Hand the biller's rejectReason on unchanged.")),
        )


async def outcome_once(scene: Scene, payment: Payment) -> None:
    """Expect that the payer's institution, which was told the outcome of its payment, is not told again."""
    again = await payment.payer.hears(is_outcome, payment.bill, scene.quiet_seconds)
    scene.expect(
        again is None,
        code="bill.outcome-once",
        message=Message(
            text=N_(
                "The payer's institution was told twice what became of one payment, the second time {word}: it may book or "
                "refund it twice."
            ),
            values={"word": word(again) or "-"},
        ),
        expected="one bill-payment-result",
        actual=f"another one: {word(again)}" if again else "one",
        seen=again,
        advice=Message(
            text=N_(
                "Take the biller's first answer to a request for the last word, and ignore what it repeats."
            )
        ),
    )


def correlated(scene: Scene, call: Callback | None, correlation: str, hop: str) -> None:
    """Expect that a call of the product carries the correlation identifier of the request that it goes back to."""
    if call is None:
        return
    given = header(call, "X-CorrelationID")
    scene.expect(
        given == correlation,
        code="bill.correlation-kept",
        message=Message(
            text=N_(
                "The call {hop} does not carry the X-CorrelationID of the request that it goes back to: nobody can follow "
                "the payment from one party to the next."
            ),
            values={"hop": hop},
        ),
        expected=f"X-CorrelationID {correlation}",
        actual=f"X-CorrelationID {given or '-'}",
        seen=call,
        place="header.X-CorrelationID",
        advice=Message(text=N_("Carry the caller's X-CorrelationID on with each call that follows from it.")),
    )
