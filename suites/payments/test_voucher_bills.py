"""Bills paid with vouchers (property V13, GovStack Payments 9.3.6)."""

import asyncio
import secrets
from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .participants import fields
from .voucher_bills import DUE, Bill, Paying, bill_due, mark_confirmed, marked, paid, pay, told
from .voucher_reads import settled
from .voucher_requests import Voucher
from .voucher_rules import changed
from .vouchers import Standing, active, cancel, created, outcome, redeem, require_secret, standing

_EQUAL = Decimal(DUE)
_LESS, _MORE = Decimal(60), Decimal(160)


@case("V13/pays-and-consumes", clause="GovStack Payments 9.3.6", functions=["p2g", "vouchers"])
async def test_a_voucher_pays_a_bill_and_is_used_up(scene: Scene) -> None:
    """A voucher of a bill's amount pays it: the biller is asked to mark it as paid, the voucher is consumed, and no
    merchant can redeem it any more."""
    bill, (voucher,) = await bill_due(scene), await active(scene, amounts=[_EQUAL])
    before = await settled(scene, voucher)
    paying = await pay(scene, bill, voucher)
    if not _taken_in(scene, paying):
        return
    mark = await marked(scene, paying, scene.callback_seconds)
    scene.expect(
        mark is not None,
        code="voucher-bill.marked",
        message=Message(
            text=N_(
                "A bill was paid with a voucher, and the biller was not asked to mark it as paid: the citizen has lost the "
                "voucher and still owes the bill."
            )
        ),
        expected=f"a request to mark {bill.number} within {scene.callback_seconds:.0f} s",
        actual=f"none; the payment was answered with {paying.answer}",
        seen=paying.answer,
        advice=Message(text=N_("Send markBillPayment to the biller as for any other payment.")),
    )
    if mark is not None:
        await mark_confirmed(scene, mark)
        if "payer-fi" in scene.counterparties:
            await told(scene, paying)
        await _used_up(scene, voucher, before)


def _taken_in(scene: Scene, paying: Paying) -> bool:
    return scene.expect_served(
        paying.answer,
        code="voucher-bill.served",
        message=Message(
            text=N_(
                "A payment of a bill with an active voucher of the same amount was not served: nobody can pay a bill with a "
                "voucher."
            )
        ),
        advice=Message(
            text=N_(
                "Take in a payment whose inquiry the biller has answered, whose voucher is active and worth the bill, and "
                "whose VoucherSecretHash is made as declares: voucher.secret-hash in product.yaml says."
            )
        ),
    )


async def _used_up(scene: Scene, voucher: Voucher, before: Standing) -> None:
    after = await changed(scene, voucher, before)
    again = await redeem(scene, voucher)
    scene.expect(
        after.number != before.number and again.refused,
        code="voucher-bill.consumes",
        message=Message(
            text=N_("A voucher that paid a bill is still good: its value can be had a second time.")
        ),
        expected=f"another status than {before.number}; a redemption is refused",
        actual=f"{after}; redemption: {again}",
        seen=again,
        advice=Message(text=N_("Consume the voucher in the same step in which the bill counts as paid.")),
    )


@case(
    "V13/outcome-told", clause="GovStack Payments 9.3.6 (billPaymentResponse)", functions=["p2g", "vouchers"]
)
async def test_the_payer_is_told_how_it_ended(scene: Scene) -> None:
    """The payer's institution is told ACK for a bill that a voucher paid, and RJC, or nothing but a refusal, for one that
    it could not pay."""
    scene.counterparty("payer-fi")
    bill = await bill_due(scene)
    good, small = await active(scene, amounts=[_EQUAL, _LESS])
    refused = await pay(scene, bill, small)
    if not refused.answer.refused:
        _told(scene, refused, await told(scene, refused), "RJC")
    paying = await paid(scene, bill, good)
    _told(scene, paying, await told(scene, paying), "ACK")


def _told(scene: Scene, paying: Paying, call: Callback | None, wanted: str) -> None:
    said = fields(call).get("status") if call else None
    scene.expect(
        said == wanted,
        code="voucher-bill.outcome-told",
        message=Message(
            text=N_(
                "The payer's institution was not told {wanted} after a payment with a voucher: it cannot tell the citizen "
                "whether the bill is settled."
            ),
            values={"wanted": wanted},
        ),
        expected=f"{wanted} for {paying.request} within {scene.callback_seconds:.0f} s",
        actual=said or "nothing",
        seen=call or paying.answer,
        advice=Message(text=N_("Send billPaymentResponse also where the voucher is not good for the bill.")),
    )


@case(
    "V13/other-amount",
    clause="GovStack Payments 9.3.6 (amounts must be equal)",
    functions=["p2g", "vouchers"],
)
async def test_a_voucher_of_another_amount_pays_no_bill(scene: Scene) -> None:
    """A voucher that is worth less or more than the bill does not pay it and stays good; one of the same amount does."""
    bill = await bill_due(scene)
    small, large, equal = await active(scene, amounts=[_LESS, _MORE, _EQUAL])
    for voucher in (small, large):
        await _pays_nothing(
            scene,
            bill,
            voucher,
            code="voucher-bill.equal-amounts",
            message=Message(
                text=N_(
                    "A bill of {due} was paid with a voucher of {amount}: either the biller gets too little, or the citizen "
                    "loses the rest."
                ),
                values={"due": DUE, "amount": str(voucher.amount)},
            ),
        )
    if not scene.findings:
        await paid(scene, bill, equal)


@case(
    "V13/amount-of-the-biller",
    clause="GovStack Payments 9.3.6 (amounts must be equal)",
    functions=["p2g", "vouchers"],
)
async def test_the_biller_says_what_a_bill_comes_to(scene: Scene) -> None:
    """A voucher pays no bill only because the payer's request repeats the bill with the voucher's amount: what the biller
    answered to the inquiry counts."""
    bill = await bill_due(scene)
    small, equal = await active(scene, amounts=[_LESS, _EQUAL])
    await _pays_nothing(
        scene,
        bill,
        small,
        said=int(_LESS),
        code="voucher-bill.biller-says",
        message=Message(
            text=N_(
                "A bill of {due} was paid with a voucher of {amount}, because the payer said that the bill was as much: "
                "everybody pays what they like."
            ),
            values={"due": DUE, "amount": str(_LESS)},
        ),
    )
    if not scene.findings:
        await paid(scene, bill, equal)


async def _pays_nothing(  # noqa: PLR0913 -- a finding, by keyword
    scene: Scene,
    bill: Bill,
    voucher: Voucher,
    *,
    code: str,
    message: Message,
    shown: str | None = "",
    said: int = DUE,
    state: str = "activated",
) -> None:
    """Expect that a try to pay leads to no request to the biller, and leaves the voucher as it is."""
    before = await settled(scene, voucher, state)
    paying = await pay(scene, bill, voucher, shown=shown, said=said)
    mark = await marked(scene, paying, scene.quiet_seconds)
    if mark is not None:
        await mark_confirmed(scene, mark)
    scene.expect(
        mark is None,
        code=code,
        message=message,
        expected="no request to the biller",
        actual=f"{bill.number} was to be marked as paid" if mark else "-",
        seen=mark or paying.answer,
        advice=Message(
            text=N_("Check the voucher and the bill before either is touched; then do both or neither.")
        ),
    )
    if mark is None:
        _stays(scene, before, await standing(scene, voucher), paying)


def _stays(scene: Scene, before: Standing, after: Standing, paying: Paying) -> None:
    scene.expect(
        after.same_as(before),
        code="voucher-bill.refused-keeps-voucher",
        message=Message(
            text=N_(
                "A voucher that did not pay a bill stands differently than before: the citizen has lost it for nothing."
            )
        ),
        expected=before,
        actual=after,
        seen=paying.answer,
        advice=Message(text=N_("Consume the voucher only if the bill is paid with it.")),
    )


@case("V13/active-only", clause="GovStack Payments 9.3.6, 6.1", functions=["p2g", "vouchers"])
async def test_only_an_active_voucher_pays_a_bill(scene: Scene) -> None:
    """A voucher that is not activated, or cancelled, pays no bill, though its amount is right; an active one does."""
    bill = await bill_due(scene)
    early, stopped = await created(scene, amounts=[_EQUAL] * 2)
    require_secret(early)
    order = await cancel(scene, stopped.batch, [stopped.serial])
    await outcome(scene, order)
    for voucher, state in ((early, "pre-activated"), (stopped, "cancelled")):
        await _pays_nothing(
            scene,
            bill,
            voucher,
            state=state,
            code="voucher-bill.active-only",
            message=Message(
                text=N_(
                    "A bill was paid with a voucher that is not active; it was not released, or was stopped."
                )
            ),
        )
    if not scene.findings:
        await paid(scene, bill, (await active(scene, amounts=[_EQUAL]))[0])


@case(
    "V13/proof-checked", clause="GovStack Payments 9.3.6 (VoucherSecretHash)", functions=["p2g", "vouchers"]
)
async def test_a_bill_is_not_paid_without_the_secret(scene: Scene) -> None:
    """A bill is not paid with the hash of something that is no voucher's secret; with the right one it is."""
    bill, (voucher,) = await bill_due(scene), await active(scene, amounts=[_EQUAL])
    await _pays_nothing(
        scene,
        bill,
        voucher,
        shown=secrets.token_hex(32),
        code="voucher-bill.proof-checked",
        message=Message(text=N_("A bill was paid although the payer proved to hold no voucher at all.")),
    )
    if not scene.findings:
        await paid(scene, bill, voucher)


@case(
    "V13/proof-left-out", clause="GovStack Payments 9.3.6 (VoucherSecretHash)", functions=["p2g", "vouchers"]
)
async def test_a_bill_is_not_paid_without_any_proof(scene: Scene) -> None:
    """A bill is not paid by a request that names no voucher at all, though active ones of its amount exist; with the right
    proof it is."""
    bill, (voucher,) = await bill_due(scene), await active(scene, amounts=[_EQUAL])
    await _pays_nothing(
        scene,
        bill,
        voucher,
        shown=None,
        code="voucher-bill.proof-asked-for",
        message=Message(
            text=N_(
                "A bill was paid though the payer named no voucher: somebody else's was used up, or nobody paid."
            )
        ),
    )
    if not scene.findings:
        await paid(scene, bill, voucher)


@case(
    "V13/one-voucher-one-bill",
    clause="GovStack Payments 9.3.6, 6.2.3; CWE-367",
    functions=["p2g", "vouchers"],
)
async def test_one_voucher_pays_one_thing(scene: Scene) -> None:
    """Of two bills that one voucher is to pay at the same moment one is paid; of a bill and a merchant who take one
    voucher at the same moment, one gets it."""
    bills = [await bill_due(scene) for _ in range(3)]
    first, second = await active(scene, amounts=[_EQUAL] * 2)
    one, other, third, redemption = await asyncio.gather(
        pay(scene, bills[0], first),
        pay(scene, bills[1], first),
        pay(scene, bills[2], second),
        redeem(scene, second),
    )
    marks = await asyncio.gather(
        *(marked(scene, paying, scene.quiet_seconds) for paying in (one, other, third))
    )
    for mark in marks:
        if mark is not None:
            await mark_confirmed(scene, mark)
    _spent_once(scene, [mark is not None for mark in marks[:2]], one)
    _spent_once(scene, [marks[2] is not None, redemption.served], third)


def _spent_once(scene: Scene, spent: list[bool], paying: Paying) -> None:
    if not any(spent):
        text = N_("A voucher that was presented twice at the same moment paid nothing at all.")
        raise Prerequisite(Message(text=text))
    scene.expect(
        sum(spent) == 1,
        code="voucher-bill.spent-once",
        message=Message(
            text=N_(
                "One voucher paid {count} times by requests that came at the same moment; its value may be had once."
            ),
            values={"count": sum(spent)},
        ),
        expected="1 payment",
        actual=f"{sum(spent)} payments",
        seen=paying.answer,
        advice=Message(
            text=N_("Let a bill payment consume the voucher by the same atomic step as a redemption.")
        ),
    )


@case("V13/bill-paid-already", clause="GovStack Payments 9.3.6, 9.3.3", functions=["p2g", "vouchers"])
async def test_a_paid_bill_uses_up_no_second_voucher(scene: Scene) -> None:
    """A bill that one voucher has paid is not paid with a second one, which stays good."""
    bill = await bill_due(scene)
    first, second = await active(scene, amounts=[_EQUAL] * 2)
    await paid(scene, bill, first)
    before = await settled(scene, second)
    paying = await pay(scene, bill, second)
    if not paying.answer.refused and "payer-fi" in scene.counterparties:
        await told(scene, paying)
    _stays(scene, before, await standing(scene, second), paying)
