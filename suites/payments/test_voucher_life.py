"""Vouchers expire when they should (properties V3, V5 and V9, as far as time is in them)."""

from decimal import Decimal
from time import perf_counter

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .participants import together
from .voucher_requests import AMOUNT, Voucher, in_currency
from .voucher_rules import (
    changed,
    expect_same_worth,
    number_of,
    ordered,
    short_lived,
    shown,
    until,
)
from .vouchers import (
    Standing,
    activate,
    activated,
    active,
    cancel,
    created,
    redeem,
    standing,
)

_AMOUNT = "60.5"
_TOLERANCE = 0.25
"""Share of a declared life by which a product's clock and ours may differ."""
_MIDST = 0.5
"""The share of its life after which a voucher is activated again: it would outlive the tolerance by far."""
_LATEST = 0.9
"""An activation that goes out later may come too late to extend anything."""
_TRIES = 3
"""On a busy machine a case may come too late for a short life."""


@case("V3/life-from-activation", clause="GovStack Payments 6.2.1, 6.2.4", functions=["vouchers"])
async def test_the_life_of_a_voucher_begins_with_its_activation(scene: Scene) -> None:
    """Two vouchers created together, of which one is activated when the other has expired, are both good for the declared
    time after their own activation."""
    programme, life = short_lived(scene)
    number = number_of(scene, "expired")
    for voucher in await created(scene, 2, programme=programme):
        asked = perf_counter()
        await activated(scene, [voucher])
        gone = await _expired(scene, voucher, life)
        if gone.number != number:
            raise _never_expires(gone, life)
        lived = gone.answer.at - asked
        scene.timed(asked)
        scene.expect(
            lived >= life * (1 - _TOLERANCE),
            code="voucher.life-from-activation",
            message=Message(
                text=N_(
                    "A voucher expired {lived} s after its activation, although it is good for {life} s: its life was not "
                    "counted from the activation, and a beneficiary who gets it late cannot use it."
                ),
                values={"lived": f"{lived:.1f}", "life": f"{life:.0f}"},
            ),
            expected=f"good for {life:.0f} s",
            actual=f"{gone} after {lived:.1f} s",
            seen=gone.answer,
            advice=Message(text=N_("Compute the moment of expiry when the voucher is activated.")),
        )


async def _expired(scene: Scene, voucher: Voucher, life: float) -> Standing:
    """Wait until an active voucher says that it is expired, or should have long since; gives its last status."""
    number = number_of(scene, "expired")
    seconds = life * (1 + _TOLERANCE) + scene.quiet_seconds
    now, _ = await until(scene, voucher, lambda one: one.number == number, seconds)
    return now


def _never_expires(seen: Standing, life: float) -> Prerequisite:
    """Say that a voucher was not seen to expire, which another case judges (V9)."""
    text = N_(
        "A voucher that is good for {life} s is not shown as expired after them ({standing}), so that its life cannot be "
        "measured. If it does expire, mend in product.yaml under declares: voucher-status.expired, "
        "voucher.short-lived-programme, voucher.short-life-seconds."
    )
    return Prerequisite(Message(text=text, values={"life": f"{life:.0f}", "standing": str(seen)}))


@case(
    "V9/expired-not-redeemable", clause="GovStack Payments 6.2.1; 9.2.3 (459 expired)", functions=["vouchers"]
)
async def test_an_expired_voucher_is_not_redeemed(scene: Scene) -> None:
    """A voucher whose time is over says so in its status and is refused, also after a further activation, though one of
    the same programme was redeemed in time; the vendor declares a programme whose vouchers expire soon."""
    programme, life = short_lived(scene)
    number = number_of(scene, "expired")
    (amount,) = in_currency(scene, _AMOUNT)
    late = await _beside_one_redeemed_in_time(scene, programme, amount)
    gone = await _expired(scene, late, life)
    scene.expect(
        gone.number == number,
        code="voucher.expired-shown",
        message=Message(
            text=N_("The status of a voucher whose time is over does not say that it is expired.")
        ),
        expected=f"status {number} after {life:.0f} s",
        actual=gone,
        seen=gone.answer,
        advice=Message(text=N_("Compare with the moment of expiry whenever the status is read.")),
    )
    expect_same_worth(scene, amount, gone, "after its expiry")
    scene.expect_refused(
        await redeem(scene, late),
        code="voucher.expired-refused",
        message=Message(
            text=N_(
                "A voucher was redeemed after its time was over: the programme pays from a budget that was closed."
            )
        ),
        advice=Message(text=N_("Compare with the moment of expiry at the redemption, not in a nightly job.")),
    )
    await ordered(scene, activate, [late])
    scene.expect_refused(
        await redeem(scene, late),
        code="voucher.expired-not-renewed",
        message=Message(text=N_("The activation of an expired voucher made it good again.")),
        advice=Message(text=N_("Activate vouchers in the state pre-activated only.")),
    )


@case("V8/outlives-its-time", clause="GovStack Payments 8.2.5, 6.2.3", functions=["vouchers"])
async def test_a_cancelled_or_redeemed_voucher_does_not_expire(scene: Scene) -> None:
    """When their time is over a voucher that was cancelled stays cancelled and one that was redeemed stays consumed, and
    neither is good again, where a third one of their programme expires."""
    programme, life = short_lived(scene)
    left, stopped, spent = await _ended_in_time(scene, programme)
    before = {one.serial: await standing(scene, one) for one in (stopped, spent)}
    gone = await _expired(scene, left, life)
    if gone.number != number_of(scene, "expired"):
        raise _never_expires(gone, life)
    ended = (stopped, spent)
    after = await together(*(changed(scene, one, before[one.serial]) for one in ended))
    for voucher, now in zip(ended, after, strict=True):
        was = before[voucher.serial]
        again = await redeem(scene, voucher)
        scene.expect(
            now.number == was.number and not again.served,
            code="voucher.end-outlives-its-time",
            message=Message(
                text=N_(
                    "A voucher that was cancelled or redeemed stands differently when its time is over: the books no longer "
                    "say whether its money went out, or it is good again."
                )
            ),
            expected=f"{was}; a redemption is refused",
            actual=f"{now}; redemption: {again}",
            seen=now.answer if now.number != was.number else again,
            advice=Message(
                text=N_(
                    "Let only vouchers expire that are active; nothing leads out of cancelled and consumed."
                )
            ),
        )


async def _ended_in_time(scene: Scene, programme: str) -> tuple[Voucher, Voucher, Voucher]:
    """Give three vouchers that were active: one left so, one cancelled, one redeemed, before their time was over."""
    for _ in range(_TRIES):
        left, stopped, spent = await active(scene, amounts=[AMOUNT] * 3, programme=programme)
        said = await ordered(scene, cancel, [stopped])
        if (await redeem(scene, spent)).served and not (said and said.failed):
            await shown(scene, stopped, "cancelled")
            await shown(scene, spent, "consumed", unlike=await standing(scene, left))
            return left, stopped, spent
    raise _too_late(programme)


async def _beside_one_redeemed_in_time(scene: Scene, programme: str, amount: Decimal) -> Voucher:
    """Give an active voucher beside which another was redeemed in time; on a busy machine the first try may be late."""
    for _ in range(_TRIES):
        late, early = await active(scene, amounts=[amount] * 2, programme=programme)
        if (await redeem(scene, early)).served:
            return late
    raise _too_late(programme)


def _too_late(programme: str) -> Prerequisite:
    text = N_("No voucher of the programme {programme} could be redeemed before its time was over.")
    return Prerequisite(Message(text=text, values={"programme": programme}))


@case("V5/second-activation-extends-nothing", clause="GovStack Payments 6.2.1, 8.2.2", functions=["vouchers"])
async def test_a_second_activation_does_not_extend_the_life(scene: Scene) -> None:
    """A voucher that is activated again in the midst of its life expires when one that was activated only once does."""
    programme, life = short_lived(scene)
    number = number_of(scene, "expired")
    voucher, once, known = await _activated_twice(scene, programme, life)
    rest = max(known + life * (1 + _TOLERANCE) - perf_counter(), 0)
    now, at = await until(scene, voucher, lambda one: one.number == number, rest)
    other = await standing(scene, once)
    if other.number != number:
        raise _never_expires(other, life)
    scene.expect(
        now.number == number,
        code="voucher.life-not-extended",
        message=Message(
            text=N_(
                "A voucher that was activated a second time is not shown as expired {lived} s after its first activation; "
                "its life is {life} s, and another voucher, activated with it and only once, has expired: whoever may "
                "activate vouchers can keep them good for ever."
            ),
            values={"lived": f"{at - known:.1f}", "life": f"{life:.0f}"},
        ),
        expected=f"status {number} after {life:.0f} s",
        actual=f"{now} after {at - known:.1f} s",
        seen=now.answer,
        advice=Message(text=N_("Set the moment of expiry at the first activation only.")),
    )


async def _activated_twice(scene: Scene, programme: str, life: float) -> tuple[Voucher, Voucher, float]:
    """Give a voucher that was activated again in the midst of its life, one that was activated with it but only once,
    and when the first activation was known."""
    number = number_of(scene, "expired")
    vouchers = await created(scene, 2 * _TRIES, programme=programme)
    for voucher, once in zip(vouchers[::2], vouchers[1::2], strict=True):
        await activated(scene, [voucher, once])
        known = perf_counter()
        await until(scene, voucher, lambda one: one.number == number, life * _MIDST)
        sent = perf_counter()
        await ordered(scene, activate, [voucher])
        if sent - known < life * _LATEST:
            return voucher, once, known
    text = N_("No voucher could be activated again before its time was over.")
    raise Prerequisite(Message(text=text))
