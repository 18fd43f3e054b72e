"""Activation makes vouchers usable, once, and one slip does not stop the others (property V5)."""

from collections.abc import Sequence

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message

from .voucher_rules import (
    TOO_MANY_LOST,
    UNKNOWN_LOST,
    changed,
    expect_answers,
    expect_counted,
    expect_no_other_reported,
    expect_reported,
    expect_same_worth,
    ordered,
    redeemed,
    shown,
    shown_redeemed,
    untold,
)
from .vouchers import (
    Outcome,
    Standing,
    activate,
    activated,
    active,
    created,
    outcome,
    redeem,
    require_secret,
    standing,
    unknown_serial,
)


@case("V5/activation-makes-usable", clause="GovStack Payments 8.2.2, 6.2.2", functions=["vouchers"])
async def test_activation_makes_a_voucher_usable(scene: Scene) -> None:
    """Activation changes the status of a voucher, leaves its value, and from then on it can be redeemed."""
    (voucher,) = await created(scene)
    before = await standing(scene, voucher)
    await activated(scene, [voucher])
    after = await changed(scene, voucher, before)
    scene.expect(
        after.number != before.number,
        code="voucher.activation-shown",
        message=Message(
            text=N_(
                "A voucher has the same status before and after its activation: nobody can tell whether the beneficiary "
                "can use it."
            )
        ),
        expected=f"another status than {before.number}",
        actual=after,
        seen=after.answer,
        advice=Message(text=N_("Write the new status before the outcome of the activation is sent.")),
    )
    expect_same_worth(scene, before.value, after, "after its activation")
    require_secret(voucher)
    await redeemed(scene, voucher)


@case("V5/second-activation", clause="GovStack Payments 8.2.2, 6.2.1", functions=["vouchers"])
async def test_a_second_activation_changes_nothing(scene: Scene) -> None:
    """A second activation of an active voucher neither changes its status nor its value, and it is paid out once."""
    (voucher,) = await active(scene)
    before = await shown(scene, voucher, "activated")
    await ordered(scene, activate, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(before),
        code="voucher.activation-once",
        message=Message(text=N_("A second activation of a voucher changed how it stands.")),
        expected=before,
        actual=after,
        seen=after.answer,
        advice=_ONCE,
    )
    await redeemed(scene, voucher)
    scene.expect_refused(
        await redeem(scene, voucher),
        code="voucher.spent-once",
        message=Message(
            text=N_(
                "A voucher that was activated twice was not refused at its second redemption: it may be paid out once for "
                "each activation."
            )
        ),
        advice=Message(text=N_("Refuse a voucher that was redeemed, however often it was activated before.")),
    )


_ONCE = Message(text=N_("Activate vouchers in the state pre-activated only."))


@case("V5/activation-of-a-redeemed-voucher", clause="GovStack Payments 8.2.2, 6.2.1", functions=["vouchers"])
async def test_activation_does_not_refill_a_redeemed_voucher(scene: Scene) -> None:
    """The activation of a voucher that was redeemed creates no value: it stays consumed and is refused."""
    (voucher,) = await active(scene)
    used = await shown_redeemed(scene, voucher)
    await ordered(scene, activate, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(used),
        code="voucher.activation-once",
        message=Message(
            text=N_(
                "A redeemed voucher stands differently after its activation was ordered: who reads its status takes it "
                "for one that is still good."
            )
        ),
        expected=used,
        actual=after,
        seen=after.answer,
        advice=_ONCE,
    )
    scene.expect_refused(
        await redeem(scene, voucher),
        code="voucher.activation-once",
        message=Message(
            text=N_(
                "A voucher that was redeemed and then activated again was not refused at a further redemption: whoever "
                "may activate vouchers can pay them out as often as they like."
            )
        ),
        advice=_ONCE,
    )


@case(
    "V5/partial-failure", clause="GovStack Payments 8.2.2 b (VoucherActivateResponse)", functions=["vouchers"]
)
async def test_one_unknown_serial_does_not_stop_the_others(scene: Scene) -> None:
    """An activation of several vouchers that also names an unknown serial number reports that one, and only that one, as
    failed, and activates all others."""
    first, second = await created(scene, 2)
    before = [await standing(scene, one) for one in (first, second)]
    unknown = await unknown_serial(scene, first.serial)
    order = await activate(scene, first.batch, [first.serial, unknown, second.serial])
    said = await outcome(scene, order)
    after = [await changed(scene, one, was) for one, was in zip((first, second), before, strict=True)]
    _others_go_on(scene, before, after, said)
    if said is None:
        raise untold("activation")
    expect_reported(scene, said, unknown, UNKNOWN_LOST)
    undone = [
        voucher.serial
        for voucher, was, now in zip((first, second), before, after, strict=True)
        if now.number == was.number
    ]
    expect_no_other_reported(scene, said, [unknown, *undone], TOO_MANY_LOST)
    expect_counted(scene, said)
    expect_answers(scene, said, order.request)


def _others_go_on(
    scene: Scene, before: Sequence[Standing], after: Sequence[Standing], said: Outcome | None
) -> None:
    stayed = [one for one, was in zip(after, before, strict=True) if one.number == was.number]
    scene.expect(
        not stayed,
        code="voucher.others-go-on",
        message=Message(
            text=N_(
                "{count} vouchers were not activated because the order also named a serial number that does not exist: one "
                "slip stops a whole payout."
            ),
            values={"count": len(stayed)},
        ),
        expected="all known vouchers activated",
        actual=f"{len(stayed)} of {len(after)} as before: {', '.join(map(str, stayed))}",
        seen=stayed[0].answer if stayed else said.callback if said else None,
        advice=Message(text=N_("Carry out each instruction on its own, and report those that fail.")),
    )
