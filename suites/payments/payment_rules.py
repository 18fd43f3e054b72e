"""What must hold of payments of bills: that the biller is asked to mark them, and its word told once."""

from collections.abc import Mapping
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_rules import found, nothing
from .biller import Biller
from .bills import Payment, pay
from .participants import content, fields, missed, spelt
from .payer_fi import PayerFi, is_outcome

__all__ = [
    "marked",
    "outcome",
    "outcome_once",
    "paid_once",
    "refused_payment",
    "require_payments",
    "require_taken_in",
    "word",
]

_AT_ONCE_SECONDS = 0.1
"""What the payer's institution was told before is there by then."""


def word(call: Callback | None) -> str:
    """Give what an outcome says, e.g. ``RJC Dup``; empty without one."""
    body: Any = content(call) if call is not None else {}
    given = body if isinstance(body, Mapping) else {}
    return " ".join(str(given[name]) for name in ("status", "rejectReason") if given.get(name))


def require_taken_in(payment: Payment) -> None:
    """Raise Prerequisite where a payment that is valid was refused."""
    if not payment.answer.served:
        raise Prerequisite(
            Message(
                text=N_(
                    "The product did not take in the payment of a bill that its inquiry had found: {answer} (see {case})."
                ),
                values={"answer": str(payment.answer), "case": "B4/marked-and-confirmed"},
            )
        )


async def require_payments(scene: Scene, biller: Biller) -> None:
    """Pay a bill of its own, and see it marked; raises Prerequisite where valid payments are not carried out."""
    payment = await pay(scene, await found(scene, biller, PayerFi(scene, "payer-fi-control")))
    require_taken_in(payment)
    mark = await biller.told_to_mark(payment.bill)
    if mark is None:
        raise missed(scene, "mark-bill-paid", "biller")
    await biller.confirms(mark)


async def marked(scene: Scene, biller: Biller, payment: Payment) -> Callback | None:
    """Expect that the biller is asked to mark a bill whose payment was taken in, and told which payment it is."""
    require_taken_in(payment)
    mark = await biller.told_to_mark(payment.bill)
    said = await payment.payer.hears(is_outcome, payment.bill, _AT_ONCE_SECONDS) if mark is None else None
    text = (
        N_(
            "The payment of the bill {bill}, which its inquiry had found, was decided ({said}) without the biller: the "
            "biller was not asked to mark it, and only it knows whether the bill can be paid."
        )
        if said
        else N_(
            "The payment of the bill {bill} was taken in, and the biller was not asked to mark it: the citizen has paid "
            "and stays in debt."
        )
    )
    scene.expect(
        mark is not None,
        code="bill.marked-paid",
        message=Message(
            text=text, values={"bill": payment.bill, **({"said": word(said) or "-"} if said else {})}
        ),
        expected=f"mark-bill-paid for {payment.bill} to the biller",
        actual=f"bill-payment-result {word(said)}" if said else nothing(scene.callback_seconds),
        seen=mark or said or payment.answer,
        advice=Message(
            text=N_("Send mark-bill-paid to the biller as soon as a payment was taken in (9.3.3).")
        ),
    )
    if mark is not None:
        reference = fields(mark).get("PaymentReferenceID")
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
    if call is None:
        payment.payer.require_played()
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
    given = (spelt(scene, call, "requestId"), str(fields(call).get("billId")))
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


async def outcome_once(scene: Scene, payment: Payment, told: Callback) -> None:
    """Expect that the payer's institution, which was ``told`` the outcome of its payment, is not told another.

    The same delivered again is no second outcome: a product that got no receipt has to repeat it.
    """
    again = await payment.payer.hears(is_outcome, payment.bill, scene.quiet_seconds, unlike=told)
    scene.expect(
        again is None,
        code="bill.outcome-once",
        message=Message(
            text=N_(
                "The payer's institution was told two different outcomes of one payment, first {first} and then {word}: it "
                "may book or refund it twice."
            ),
            values={"first": word(told) or "-", "word": word(again) or "-"},
        ),
        expected="one bill-payment-result, or the same again",
        actual=content(again) if again else "no other",
        seen=again,
        advice=Message(
            text=N_(
                "Take the biller's first answer to a request for the last word, and ignore what it says later."
            )
        ),
    )


def paid_once(scene: Scene, bill: str, count: int, seen: Callback | None) -> None:
    """Expect that of several payments of a bill one was acknowledged; ``count``: how many were."""
    text = (
        N_(
            "{count} payments of the bill {bill} were acknowledged where one should be: for each of them a citizen's "
            "money is gone, and the biller knows of one."
        )
        if count
        else N_(
            "Of several payments of the bill {bill} none was acknowledged, and the bill was not paid before."
        )
    )
    scene.expect(
        count == 1,
        code="bill.paid-once",
        message=Message(text=text, values={"count": count, "bill": bill}),
        expected="one bill-payment-result ACK",
        actual=f"{count} ACK",
        seen=seen,
        advice=Message(
            text=N_("Tell each payment the biller's word on its own request; one bill takes one payment.")
        ),
    )


async def refused_payment(scene: Scene, biller: Biller, payment: Payment) -> None:
    """Expect that a payment is refused, at once or by its outcome, and that the biller hears nothing of it."""
    told, call = payment.answer.refused, None
    mark = await biller.told_to_mark(payment.bill, scene.quiet_seconds)
    if not told and mark is None:
        call = await payment.payer.hears(is_outcome, payment.bill, scene.callback_seconds)
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
        if not told and call is None:
            payment.payer.require_played()
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
