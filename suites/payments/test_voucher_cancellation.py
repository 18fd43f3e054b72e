"""Cancelled vouchers stay cancelled, spent ones stay spent (property V8)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .voucher_reads import settled
from .voucher_requests import Voucher
from .voucher_rules import (
    CANCELLED,
    TOO_MANY_LOST,
    UNKNOWN_LOST,
    expect_answers,
    expect_cancelled,
    expect_counted,
    expect_no_other_reported,
    expect_reported,
    number_of,
    ordered,
    redeemed,
    shown,
    shown_redeemed,
    until,
    untold,
)
from .vouchers import (
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
    unknown_serial,
)

_RACES = 4


@case("V8/cancelled-before-activation", clause="GovStack Payments 8.2.5, 9.2.4", functions=["vouchers"])
async def test_a_pre_activated_voucher_can_be_cancelled(scene: Scene) -> None:
    """A voucher that is cancelled before its activation is cancelled for good: its status says so, and neither an
    activation nor a redemption brings it back."""
    voucher, other = await created(scene, 2)
    await activated(scene, [other])
    await _cancelled_for_good(scene, voucher, other)


@case("V8/cancelled-when-active", clause="GovStack Payments 8.2.5, 9.2.4", functions=["vouchers"])
async def test_an_active_voucher_can_be_cancelled(scene: Scene) -> None:
    """An active voucher that is cancelled is cancelled for good: its status says so, and neither an activation nor a
    redemption brings it back."""
    voucher, other = await created(scene, 2)
    await activated(scene, [voucher, other])
    cancelled = await _cancelled_for_good(scene, voucher, other)
    if number_of(scene, "cancelled") != CANCELLED:
        _as_published(scene, cancelled)


def _as_published(scene: Scene, cancelled: Standing) -> None:
    """Expect 3 of a product whose vendor declares another number, in one case for all."""
    scene.expect(
        cancelled.number == CANCELLED,
        code="voucher.cancelled-is-3",
        message=Message(
            text=N_(
                "A cancelled voucher has the status {number}, as product.yaml declares it; 3 is the one number that is "
                "published with its meaning, and who knows only the documents takes the voucher for a good one."
            ),
            values={"number": str(cancelled.number)},
        ),
        expected=f"status {CANCELLED}",
        actual=cancelled,
        seen=cancelled.answer,
        advice=Message(text=N_("Give 3 as the status of each cancelled voucher.")),
    )


async def _cancelled_for_good(scene: Scene, voucher: Voucher, other: Voucher) -> Standing:
    """Cancel a voucher; ``other``, active, shows that a redemption is served at all."""
    order = await cancel(scene, voucher.batch, [voucher.serial])
    await outcome(scene, order)
    after = await _stopped(scene, voucher)
    expect_cancelled(scene, after)
    if not voucher.showable or await _unusable(scene, voucher, other):
        await _not_revived(scene, voucher, after)
    require_secret(voucher)
    return after


async def _stopped(scene: Scene, voucher: Voucher) -> Standing:
    """Wait until a voucher is shown as cancelled; gives the last status if it never is."""
    number = number_of(scene, "cancelled")
    now, _ = await until(scene, voucher, lambda one: one.number == number, scene.quiet_seconds)
    return now


async def _unusable(scene: Scene, voucher: Voucher, other: Voucher) -> bool:
    await redeemed(scene, other)
    return scene.expect_refused(
        await redeem(scene, voucher),
        code="voucher.cancelled-unusable",
        message=Message(
            text=N_("A cancelled voucher was redeemed: stolen and lost vouchers cannot be stopped.")
        ),
        advice=Message(text=N_("Refuse a cancelled voucher, whatever state it was in before.")),
    )


async def _not_revived(scene: Scene, voucher: Voucher, cancelled: Standing) -> None:
    said = await ordered(scene, activate, [voucher])
    now = await standing(scene, voucher)
    again = await redeem(scene, voucher) if voucher.showable else None
    back = again is not None and again.served
    scene.expect(
        now.number == cancelled.number and not back,
        code="voucher.cancelled-stays",
        message=Message(text=_REVIVED if back else _CHANGED),
        expected=cancelled,
        actual=f"{now}; redemption: {again or '-'}",
        seen=again or (said.callback if said else now.answer),
        advice=Message(text=N_("Let nothing lead out of the state cancelled.")),
    )
    if said is not None:
        expect_reported(scene, said, voucher.serial, _ACTIVATION_LOST)


_REVIVED = N_(
    "The activation of a cancelled voucher brought it back; a cancellation is for good, or it protects nobody."
)
_CHANGED = N_(
    "A cancelled voucher has another status after its activation was ordered: who asks takes it for a good one."
)
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
    await ordered(scene, cancel, [voucher])
    before = await shown(scene, voucher, "cancelled")
    said = await ordered(scene, cancel, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(before),
        code="voucher.cancelled-stays",
        message=Message(text=N_("A second cancellation changed how a cancelled voucher stands.")),
        expected=before,
        actual=after,
        seen=after.answer,
        advice=Message(text=N_("Let nothing lead out of the state cancelled.")),
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
            advice=Message(text=N_("Name a voucher that was cancelled before in failedCases.")),
            advisory=True,
        )


@case("V8/cancelled-after-redemption", clause="GovStack Payments 8.2.5, 9.2.4", functions=["vouchers"])
async def test_a_redeemed_voucher_cannot_be_cancelled(scene: Scene) -> None:
    """The cancellation of a redeemed voucher is refused and reported, and it stays consumed."""
    (voucher,) = await active(scene)
    used = await shown_redeemed(scene, voucher)
    said = await ordered(scene, cancel, [voucher])
    after = await standing(scene, voucher)
    scene.expect(
        after.same_as(used),
        code="voucher.spent-stays",
        message=Message(
            text=_SPENT_CANCELLED if after.number == number_of(scene, "cancelled") else _SPENT_CHANGED
        ),
        expected=used,
        actual=after,
        seen=after.answer,
        advice=Message(text=N_("Cancel vouchers in the states pre-activated and activated only.")),
    )
    if said is not None:
        expect_reported(scene, said, voucher.serial, _CANCELLATION_LOST)


_SPENT_CANCELLED = N_(
    "A redeemed voucher is shown as cancelled: its money was paid out, and the books say that it was not; it will be "
    "issued again."
)
_SPENT_CHANGED = N_(
    "A redeemed voucher stands differently after its cancellation was ordered: the books no longer say that its money "
    "was paid out."
)
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
    """A cancellation that also names an unknown serial number reports that one, and only that one, as failed and cancels
    the others."""
    (voucher,) = await created(scene)
    unknown = await unknown_serial(scene, voucher.serial)
    order = await cancel(scene, voucher.batch, [unknown, voucher.serial])
    said = await outcome(scene, order)
    now = await _stopped(scene, voucher)
    expect_cancelled(scene, now)
    if said is None:
        raise untold("cancellation")
    expect_reported(scene, said, unknown, UNKNOWN_LOST)
    undone = [] if now.number == number_of(scene, "cancelled") else [voucher.serial]
    expect_no_other_reported(scene, said, [unknown, *undone], TOO_MANY_LOST)
    expect_counted(scene, said)
    expect_answers(scene, said, order.request)


@case("V8/cancelled-while-redeemed", clause="GovStack Payments 8.2.3, 8.2.5; CWE-367", functions=["vouchers"])
async def test_a_cancellation_and_a_redemption_do_not_both_succeed(scene: Scene) -> None:
    """Of a cancellation and a redemption at the same moment one wins: a voucher that was paid out is not cancelled, and
    a cancelled one was not paid out."""
    plain, other, *vouchers = await active(scene, _RACES + 2)
    await redeemed(scene, other)
    usable = await settled(scene, plain)
    await ordered(scene, cancel, [plain])
    stopped, _ = await until(scene, plain, lambda one: one.number != usable.number, scene.quiet_seconds)
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
    now, _ = await until(scene, voucher, lambda one: one.number == stopped.number, scene.quiet_seconds)
    return paid, now
