"""Vouchers live as the state model says (properties V5, V8, V9 and V11)."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from time import perf_counter

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .voucher_requests import Voucher, in_currency
from .voucher_rules import (
    expect_reported,
    expect_same_worth,
    number_of,
    redeemed,
    short_lived,
    until,
)
from .vouchers import (
    Outcome,
    Standing,
    activate,
    activated,
    active,
    cancel,
    created,
    outcome,
    redeem,
    require_secret,
    standing,
    status,
    unknown_serial,
)

_READS = 6
_RACES = 4
_AMOUNT = "60.5"
_TOLERANCE = 0.25
"""Share of a declared life by which a product's clock and ours may differ."""
_MIDST = 0.5
"""The share of its life after which a voucher is activated again: it would outlive the tolerance by far."""
_LATEST = 0.9
"""An activation that goes out later may come too late to extend anything."""
_TRIES = 3
"""On a busy machine a case may come too late for a short life."""


@case("V5/activation-makes-usable", clause="GovStack Payments 8.2.2, 6.2.2", functions=["vouchers"])
async def test_activation_makes_a_voucher_usable(scene: Scene) -> None:
    """Activation changes the status of a voucher, leaves its value, and from then on it can be redeemed."""
    (voucher,) = await created(scene)
    before = await standing(scene, voucher)
    await activated(scene, [voucher])
    after = await standing(scene, voucher)
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
    if voucher.showable:
        await redeemed(scene, voucher)


@case("V5/second-activation", clause="GovStack Payments 8.2.2, 6.2.1", functions=["vouchers"])
async def test_a_second_activation_changes_nothing(scene: Scene) -> None:
    """A second activation of an active voucher neither changes its status nor its value, and it is paid out once."""
    (voucher,) = await active(scene)
    before = await standing(scene, voucher)
    await _ordered(scene, activate, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(before),
        code="voucher.activation-once",
        message=Message(text=N_("A second activation of a voucher changed how it stands.")),
        expected=before,
        actual=after,
        seen=after.answer,
    )
    await redeemed(scene, voucher)


@case("V5/activation-of-a-redeemed-voucher", clause="GovStack Payments 8.2.2, 6.2.1", functions=["vouchers"])
async def test_activation_does_not_refill_a_redeemed_voucher(scene: Scene) -> None:
    """The activation of a voucher that was redeemed creates no value: it stays consumed and is refused."""
    (voucher,) = await active(scene)
    await redeemed(scene, voucher)
    used = await standing(scene, voucher)
    await _ordered(scene, activate, [voucher])
    after = await standing(scene, voucher)
    again = await redeem(scene, voucher)
    scene.expect(
        again.refused and after.same_as(used),
        code="voucher.activation-once",
        message=Message(
            text=N_(
                "A redeemed voucher was activated again: whoever may activate vouchers can pay them out as often as they "
                "like."
            )
        ),
        expected=f"{used}; a further redemption is refused",
        actual=f"{after}; a further redemption: {again}",
        seen=again,
        advice=Message(text=N_("Activate vouchers in the state pre-activated only.")),
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
    after = [await standing(scene, one) for one in (first, second)]
    _others_go_on(scene, before, after, said)
    if said is None:
        raise _untold("activation")
    expect_reported(scene, said, unknown, _UNKNOWN_LOST)
    _counted(scene, said)
    _answers_order(scene, said, order.request)


_UNKNOWN_LOST = Message(
    text=N_(
        "An order for vouchers named a serial number that does not exist, and its outcome does not say that it failed: "
        "the caller believes that a beneficiary was served."
    )
)


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


def _counted(scene: Scene, said: Outcome) -> None:
    count = said.body.get("numberFailedCases")
    scene.expect(
        count == len(said.failed),
        code="voucher.failed-cases-counted",
        message=Message(text=N_("The number of failed vouchers is not the number of those that are listed.")),
        expected=f"numberFailedCases {len(said.failed)}",
        actual=f"numberFailedCases {count}",
        seen=said.callback,
        advice=Message(text=N_("Count the entries of failedCases.")),
    )


def _answers_order(scene: Scene, said: Outcome, request: str) -> None:
    named = [said.body.get(name) for name in ("registerRequestID", "requestID")]
    scene.expect(
        request in named,
        code="voucher.outcome-named",
        message=Message(
            text=N_("The outcome of an order for vouchers does not say which request it answers.")
        ),
        expected=f"registerRequestID {request}",
        actual=f"registerRequestID {named[0]}, requestID {named[1]}",
        seen=said.callback,
        advice=Message(text=N_("Give the identifier of the order back as registerRequestID.")),
    )


def _untold(what: str) -> Prerequisite:
    return Prerequisite(
        Message(
            text=N_(
                "No outcome of the {what} came to the address in X-Callback-URL or to the source building block; no "
                "document has a field for it (payments-e049), so that what it would say cannot be judged."
            ),
            values={"what": what},
        )
    )


async def _ordered(scene: Scene, order: object, vouchers: Sequence[Voucher]) -> Outcome | None:
    """Order an activation or a cancellation and wait for its outcome; a refused order has none, and is none."""
    act = activate if order is activate else cancel
    sent = await act(scene, vouchers[0].batch, [one.serial for one in vouchers])
    return await outcome(scene, sent) if sent.answer.served else None


@case("V8/cancelled-before-activation", clause="GovStack Payments 8.2.5, 9.2.4", functions=["vouchers"])
async def test_a_pre_activated_voucher_can_be_cancelled(scene: Scene) -> None:
    """A voucher that is cancelled before its activation is cancelled for good: status 3, and neither an activation nor a
    redemption brings it back."""
    (voucher,) = await created(scene)
    await _cancelled_for_good(scene, voucher)


@case("V8/cancelled-when-active", clause="GovStack Payments 8.2.5, 9.2.4", functions=["vouchers"])
async def test_an_active_voucher_can_be_cancelled(scene: Scene) -> None:
    """An active voucher that is cancelled is cancelled for good: status 3, and neither an activation nor a redemption
    brings it back."""
    (voucher,) = await created(scene)
    await activated(scene, [voucher])
    await _cancelled_for_good(scene, voucher)


async def _cancelled_for_good(scene: Scene, voucher: Voucher) -> None:
    order = await cancel(scene, voucher.batch, [voucher.serial])
    await outcome(scene, order)
    after = await standing(scene, voucher)
    scene.expect(
        str(after.number) == number_of(scene, "cancelled"),
        code="voucher.cancelled-is-3",
        message=Message(
            text=N_(
                "A voucher was cancelled and its status is not 3, the one number that is published with its meaning: who "
                "asks takes it for a good one."
            )
        ),
        expected="status 3",
        actual=after,
        seen=after.answer,
        advice=Message(text=N_("Give 3 as the status of each cancelled voucher.")),
    )
    if await _unusable(scene, voucher):
        await _not_revived(scene, voucher, after)


async def _unusable(scene: Scene, voucher: Voucher) -> bool:
    if not voucher.showable:
        return True
    return scene.expect_refused(
        await redeem(scene, voucher),
        code="voucher.cancelled-unusable",
        message=Message(
            text=N_("A cancelled voucher was redeemed: stolen and lost vouchers cannot be stopped.")
        ),
        advice=Message(text=N_("Refuse a cancelled voucher, whatever state it was in before.")),
    )


async def _not_revived(scene: Scene, voucher: Voucher, cancelled: Standing) -> None:
    said = await _ordered(scene, activate, [voucher])
    now = await standing(scene, voucher)
    again = await redeem(scene, voucher) if voucher.showable else None
    scene.expect(
        now.number == cancelled.number and (again is None or not again.served),
        code="voucher.cancelled-stays",
        message=Message(
            text=N_(
                "The activation of a cancelled voucher brought it back; a cancellation is for good, or it protects nobody."
            )
        ),
        expected=cancelled,
        actual=f"{now}; redemption: {again or '-'}",
        seen=again or (said.callback if said else now.answer),
        advice=Message(text=N_("Let nothing lead out of the state cancelled.")),
    )
    if said is not None:
        expect_reported(scene, said, voucher.serial, _ACTIVATION_LOST)


_ACTIVATION_LOST = Message(
    text=N_(
        "The activation of a cancelled voucher is not reported as failed: its holder is told that it is good."
    )
)


@case(
    "V8/cancelled-twice",
    clause="GovStack Payments 8.2.5, 9.2.4 (464 already cancelled)",
    functions=["vouchers"],
)
async def test_a_second_cancellation_changes_nothing(scene: Scene) -> None:
    """A voucher that is cancelled twice stays cancelled, and the second cancellation is reported as not carried out;
    only the older error codes say so, so that the report is advice."""
    (voucher,) = await created(scene)
    await _ordered(scene, cancel, [voucher])
    before = await standing(scene, voucher)
    said = await _ordered(scene, cancel, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(before),
        code="voucher.cancelled-stays",
        message=Message(text=N_("A second cancellation changed how a cancelled voucher stands.")),
        expected=before,
        actual=after,
        seen=after.answer,
    )
    if said is not None:
        scene.expect(
            voucher.serial in said.failed,
            code="voucher.second-cancellation-told",
            message=Message(
                text=N_(
                    "The second cancellation of a voucher is reported like the first: two callers believe it was theirs."
                )
            ),
            expected=f"failedCases with {voucher.serial}",
            actual=f"failedCases: {', '.join(said.failed) or '-'}",
            seen=said.callback,
            advisory=True,
        )


@case("V8/cancelled-after-redemption", clause="GovStack Payments 8.2.5, 9.2.4", functions=["vouchers"])
async def test_a_redeemed_voucher_cannot_be_cancelled(scene: Scene) -> None:
    """The cancellation of a redeemed voucher is refused and reported, and it stays consumed."""
    (voucher,) = await active(scene)
    await redeemed(scene, voucher)
    used = await standing(scene, voucher)
    said = await _ordered(scene, cancel, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(used),
        code="voucher.spent-stays",
        message=Message(
            text=N_(
                "A redeemed voucher was cancelled: its money was paid out, and the books say that it was not; it will be "
                "issued again."
            )
        ),
        expected=used,
        actual=after,
        seen=after.answer,
        advice=Message(text=N_("Cancel vouchers in the states pre-activated and activated only.")),
    )
    if said is not None:
        expect_reported(scene, said, voucher.serial, _CANCELLATION_LOST)


_CANCELLATION_LOST = Message(
    text=N_(
        "The cancellation of a redeemed voucher is not reported as failed: the caller believes that no money went out."
    )
)


@case(
    "V8/unknown-serial",
    clause="GovStack Payments 8.2.5 (VoucherCancellationResponse)",
    functions=["vouchers"],
)
async def test_the_cancellation_of_an_unknown_voucher_is_reported(scene: Scene) -> None:
    """A cancellation that also names an unknown serial number reports that one as failed and cancels the others."""
    (voucher,) = await created(scene)
    unknown = await unknown_serial(scene, voucher.serial)
    order = await cancel(scene, voucher.batch, [unknown, voucher.serial])
    said = await outcome(scene, order)
    after = await standing(scene, voucher)
    scene.expect(
        str(after.number) == number_of(scene, "cancelled"),
        code="voucher.cancelled-is-3",
        message=Message(text=N_("A voucher was not cancelled because the order also named an unknown one.")),
        expected="status 3",
        actual=after,
        seen=after.answer,
    )
    if said is None:
        raise _untold("cancellation")
    expect_reported(scene, said, unknown, _UNKNOWN_LOST)
    _counted(scene, said)
    _answers_order(scene, said, order.request)


@case("V8/cancelled-while-redeemed", clause="GovStack Payments 8.2.3, 8.2.5; CWE-367", functions=["vouchers"])
async def test_a_cancellation_and_a_redemption_do_not_both_succeed(scene: Scene) -> None:
    """Of a cancellation and a redemption at the same moment one wins: a voucher that was paid out is not cancelled, and
    a cancelled one was not paid out."""
    plain, *vouchers = await active(scene, _RACES + 1)
    usable = await standing(scene, plain)
    await _ordered(scene, cancel, [plain])
    stopped = await standing(scene, plain)
    if stopped.number == usable.number:
        text = N_(
            "The status of a voucher does not show that it was cancelled, so that a race cannot be judged."
        )
        raise Prerequisite(Message(text=text))
    both = await asyncio.gather(*(_raced(scene, one, stopped) for one in vouchers))
    wrong = [(paid, now) for paid, now in both if paid.served == (now.number == stopped.number)]
    scene.expect(
        not wrong,
        code="voucher.cancelled-or-spent",
        message=Message(
            text=N_(
                "{count} of {all} vouchers, each cancelled and redeemed at the same moment, ended both paid out and "
                "cancelled, or neither: the books do not say where the money is."
            ),
            values={"count": len(wrong), "all": len(both)},
        ),
        expected=f"redeemed, or status {stopped.number}",
        actual="; ".join(f"redemption {paid}, then {now}" for paid, now in wrong[:2]),
        seen=wrong[0][1].answer if wrong else both[0][1].answer,
        advice=Message(
            text=N_(
                "Decide on the state and write the new one in one step, for a cancellation as for a redemption."
            )
        ),
    )


async def _raced(scene: Scene, voucher: Voucher, stopped: Standing) -> tuple[Answer, Standing]:
    order, paid = await asyncio.gather(cancel(scene, voucher.batch, [voucher.serial]), redeem(scene, voucher))
    if order.answer.served:
        await outcome(scene, order)
    seconds = min(scene.quiet_seconds, 1.0) if paid.served else 0.0
    now, _ = await until(scene, voucher, lambda one: one.number == stopped.number, seconds)
    return paid, now


@case("V3/life-from-activation", clause="GovStack Payments 6.2.1, 6.2.4", functions=["vouchers"])
async def test_the_life_of_a_voucher_begins_with_its_activation(scene: Scene) -> None:
    """Two vouchers created together, of which one is activated when the other has expired, are both good for the declared
    time after their own activation."""
    programme, life = short_lived(scene)
    number_of(scene, "expired")
    for voucher in await created(scene, 2, programme=programme):
        asked = perf_counter()
        await activated(scene, [voucher])
        gone = await _expired(scene, voucher, life)
        lived = gone.answer.at - asked
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
    now, _ = await until(scene, voucher, lambda one: str(one.number) == number, life * (1 + _TOLERANCE))
    return now


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
        str(gone.number) == number,
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
    await _ordered(scene, activate, [late])
    scene.expect_refused(
        await redeem(scene, late),
        code="voucher.expired-not-renewed",
        message=Message(text=N_("The activation of an expired voucher made it good again.")),
        advice=Message(text=N_("Activate vouchers in the state pre-activated only.")),
    )


async def _beside_one_redeemed_in_time(scene: Scene, programme: str, amount: Decimal) -> Voucher:
    """Give an active voucher beside which another was redeemed in time; on a busy machine the first try may be late."""
    for _ in range(_TRIES):
        late, early = await active(scene, amounts=[amount] * 2, programme=programme)
        if (await redeem(scene, early)).served:
            return late
    text = N_("No voucher of the programme {programme} could be redeemed before its time was over.")
    raise Prerequisite(Message(text=text, values={"programme": programme}))


@case("V5/second-activation-extends-nothing", clause="GovStack Payments 6.2.1, 8.2.2", functions=["vouchers"])
async def test_a_second_activation_does_not_extend_the_life(scene: Scene) -> None:
    """A voucher that is activated again in the midst of its life expires when it would have expired without."""
    programme, life = short_lived(scene)
    number = number_of(scene, "expired")
    voucher, known = await _activated_twice(scene, programme, life)
    rest = max(known + life * (1 + _TOLERANCE) - perf_counter(), 0)
    now, at = await until(scene, voucher, lambda one: str(one.number) == number, rest)
    scene.expect(
        str(now.number) == number,
        code="voucher.life-not-extended",
        message=Message(
            text=N_(
                "A second activation extended the life of a voucher: {lived} s after the first one it is still good, and "
                "its life is {life} s."
            ),
            values={"lived": f"{at - known:.1f}", "life": f"{life:.0f}"},
        ),
        expected=f"status {number} after {life:.0f} s",
        actual=f"{now} after {at - known:.1f} s",
        seen=now.answer,
        advice=Message(text=N_("Set the moment of expiry at the first activation only.")),
    )


async def _activated_twice(scene: Scene, programme: str, life: float) -> tuple[Voucher, float]:
    """Give a voucher that was activated again in the midst of its life, and when the first activation was known."""
    number = number_of(scene, "expired")
    for voucher in await created(scene, _TRIES, programme=programme):
        await activated(scene, [voucher])
        known = perf_counter()
        await until(scene, voucher, lambda one: str(one.number) == number, life * _MIDST)
        sent = perf_counter()
        await _ordered(scene, activate, [voucher])
        if sent - known < life * _LATEST:
            return voucher, known
    text = N_("No voucher could be activated again before its time was over.")
    raise Prerequisite(Message(text=text))


@case("V11/reading-changes-nothing", clause="GovStack Payments 8.2.4 (VoucherStatus)", functions=["vouchers"])
async def test_reading_the_status_changes_nothing(scene: Scene) -> None:
    """However often and however many at once ask for a voucher's status, it stays as it is, before its activation and
    after, and can then be redeemed."""
    (voucher,) = await created(scene)
    _all_same(scene, await _read(scene, voucher))
    await activated(scene, [voucher])
    if _all_same(scene, await _read(scene, voucher)) and voucher.showable:
        await redeemed(scene, voucher)


async def _read(scene: Scene, voucher: Voucher) -> list[Standing]:
    one = await standing(scene, voucher)
    others = await asyncio.gather(*(standing(scene, voucher) for _ in range(_READS)))
    return [one, *others, await standing(scene, voucher)]


def _all_same(scene: Scene, readings: Sequence[Standing]) -> bool:
    other = next((one for one in readings if not one.same_as(readings[0])), None)
    return scene.expect(
        other is None,
        code="voucher.reading-changes-nothing",
        message=Message(text=N_("A voucher stands differently only because its status was asked for.")),
        expected=readings[0],
        actual=other or readings[0],
        seen=(other or readings[0]).answer,
        advice=Message(
            text=N_("Let a GET write nothing: others, caches and monitors repeat it as they like.")
        ),
    )


@case("V11/value-constant", clause="GovStack Payments 6.2.1 (fixed amount), 8.2.4", functions=["vouchers"])
async def test_the_value_of_a_voucher_is_constant(scene: Scene) -> None:
    """The status of a voucher gives the amount that was ordered, before and after activation, redemption and
    cancellation."""
    (amount,) = in_currency(scene, _AMOUNT)
    spent, stopped = await created(scene, amounts=[amount, amount])
    expect_same_worth(scene, amount, await standing(scene, spent), "after its creation")
    await activated(scene, [spent, stopped])
    expect_same_worth(scene, amount, await standing(scene, spent), "after its activation")
    await _ordered(scene, cancel, [stopped])
    expect_same_worth(scene, amount, await standing(scene, stopped), "after its cancellation")
    require_secret(spent)
    await redeemed(scene, spent)
    expect_same_worth(scene, amount, await standing(scene, spent), "after its redemption")


@case(
    "V11/unknown-serial",
    clause="GovStack Payments 8.2.4 (VoucherStatus: 400, 9 for an error)",
    functions=["vouchers"],
)
async def test_the_status_of_an_unknown_voucher_is_refused(scene: Scene) -> None:
    """The status of a serial number that does not exist is refused, with 400 or with the number 9, and never with a
    server error."""
    (voucher,) = await created(scene)
    await standing(scene, voucher)
    for serial in (await unknown_serial(scene, voucher.serial), "0", f"{voucher.serial[:-1]}'", "9" * 20):
        answer = await status(scene, serial)
        scene.expect_refused(
            answer,
            code="voucher.unknown-refused",
            message=Message(
                text=N_(
                    "The status of a voucher that does not exist was not refused in the way that is published."
                )
            ),
            advice=Message(
                text=N_("Answer 400, or 200 with status 9, for a serial number that is not known.")
            ),
        )


@case("V11/states-told-apart", clause="GovStack Payments 8.2.4, 8.2.5", functions=["vouchers"])
async def test_the_states_of_a_voucher_can_be_told_apart(scene: Scene) -> None:
    """A voucher's status number is from 1 to 6, and another one before activation, after it, after redemption and after
    cancellation."""
    spent, stopped = await created(scene, 2)
    seen = {"pre-activated": await standing(scene, spent)}
    await activated(scene, [spent, stopped])
    seen["activated"] = await standing(scene, spent)
    await _ordered(scene, cancel, [stopped])
    seen["cancelled"] = await standing(scene, stopped)
    require_secret(spent)
    await redeemed(scene, spent)
    seen["consumed"] = await standing(scene, spent)
    shown = ", ".join(f"{state}: {one.number}" for state, one in seen.items())
    scene.expect(
        len({str(one.number) for one in seen.values()}) == len(seen),
        code="voucher.states-told-apart",
        message=Message(
            text=N_(
                "Two states of a voucher have the same status number; nobody can tell a used voucher from a good one."
            )
        ),
        expected="four different numbers",
        actual=shown,
        seen=seen["consumed"].answer,
        advice=Message(text=N_("Give each state a number of its own, and 3 to cancelled.")),
    )
    scene.expect(
        all(str(one.number) in "123456" for one in seen.values()),
        code="voucher.status-in-range",
        message=Message(text=N_("A status number is outside 1 to 6, the published range.")),
        expected="numbers from 1 to 6",
        actual=shown,
        seen=seen["pre-activated"].answer,
        advice=Message(text=N_("Use the numbers from 1 to 6 for states, and 9 for an error.")),
    )


@case("V11/status-follows-life", clause="GovStack Payments 8.2.4, 8.2.5", functions=["vouchers"])
async def test_the_status_follows_the_life_of_a_voucher(scene: Scene) -> None:
    """After each step of a voucher's life its status is the number that stands for the new state; only 3, cancelled, is
    published, the others are as the vendor declares them."""
    for state in ("pre-activated", "activated", "consumed"):
        number_of(scene, state)
    spent, stopped = await created(scene, 2)
    await _in_state(scene, spent, "pre-activated")
    await activated(scene, [spent, stopped])
    await _in_state(scene, spent, "activated")
    await _ordered(scene, cancel, [stopped])
    await _in_state(scene, stopped, "cancelled")
    require_secret(spent)
    await redeemed(scene, spent)
    await _in_state(scene, spent, "consumed")


async def _in_state(scene: Scene, voucher: Voucher, state: str) -> None:
    now = await standing(scene, voucher)
    scene.expect(
        str(now.number) == number_of(scene, state),
        code="voucher.status-as-declared",
        message=Message(
            text=N_(
                "A voucher that is {state} has the status {number}; declared for that state is {declared}."
            ),
            values={"state": state, "number": str(now.number), "declared": number_of(scene, state)},
        ),
        expected=f"status {number_of(scene, state)}",
        actual=now,
        seen=now.answer,
        advice=Message(
            text=N_("Change the state before the step is answered, or mend declares in product.yaml.")
        ),
    )
