"""The status of a voucher says how it stands, and reading it changes nothing (property V11)."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import pairwise

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message

from .voucher_requests import Voucher, in_currency
from .voucher_rules import (
    expect_same_worth,
    number_of,
    ordered,
    redeemed,
    shown,
    until,
)
from .vouchers import (
    Standing,
    activated,
    active,
    another_serial,
    cancel,
    created,
    require_secret,
    standing,
    status,
)

_READS = 6
_MADE_UP = 8
_AMOUNT = "60.57"


@case("V11/reading-changes-nothing", clause="GovStack Payments 8.2.4 (VoucherStatus)", functions=["vouchers"])
async def test_reading_the_status_changes_nothing(scene: Scene) -> None:
    """However often and however many at once ask for a voucher's status, it stays as it is, before its activation and
    after, and can then be redeemed; and it stays redeemed."""
    (voucher,) = await created(scene)
    before = await _read(scene, voucher)
    _all_same(scene, before)
    if voucher.showable:
        await activated(scene, [voucher])
        first = await shown(scene, voucher, "activated", unlike=before[0])
    else:  # one that was prepared can be redeemed
        (voucher,) = await active(scene)
        first = await shown(scene, voucher, "activated")
    if _all_same(scene, [first, *await _read(scene, voucher)]):
        await redeemed(scene, voucher)
        used = await shown(scene, voucher, "consumed", unlike=first)
        await asyncio.sleep(scene.quiet_seconds)
        _all_same(scene, [used, *await _read(scene, voucher)])


async def _read(scene: Scene, voucher: Voucher) -> list[Standing]:
    one = await standing(scene, voucher)
    others = await asyncio.gather(*(standing(scene, voucher) for _ in range(_READS)))
    return [one, *others, await standing(scene, voucher)]


_CHANGED = N_("A voucher stands differently only because its status was asked for.")
_BY_TURNS = N_(
    "A voucher's status is read by turns as one state and as another: processes or copies of the data that answer side by "
    "side do not agree, and it is a matter of chance what a merchant is told."
)


def _all_same(scene: Scene, readings: Sequence[Standing]) -> bool:
    other = next((one for one in readings if not one.same_as(readings[0])), None)
    changes = sum(not one.same_as(before) for before, one in pairwise(readings))
    return scene.expect(
        other is None,
        code="voucher.reading-changes-nothing",
        message=Message(text=_CHANGED if changes < 2 else _BY_TURNS),
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
    await ordered(scene, cancel, [stopped])
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
    made_up = await _made_up(scene, voucher.serial)
    for answer in (
        made_up,
        *[await status(scene, one) for one in ("0", f"{voucher.serial[:-1]}'", "9" * 20)],
    ):
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


async def _made_up(scene: Scene, like: str) -> Answer:
    """Ask for serial numbers that are made up until one is not served; gives the last answer where each is.

    One may belong to somebody by chance, and so many in a row do not.
    """
    for _ in range(_MADE_UP):
        answer = await status(scene, another_serial(like))
        if not answer.served:
            break
    return answer


@case("V11/states-told-apart", clause="GovStack Payments 8.2.4, 8.2.5", functions=["vouchers"])
async def test_the_states_of_a_voucher_can_be_told_apart(scene: Scene) -> None:
    """A voucher's status number is from 1 to 6, and another one before activation, after it, after redemption and after
    cancellation."""
    spent, stopped = await created(scene, 2)
    seen = {"pre-activated": await standing(scene, spent)}
    await activated(scene, [spent, stopped])
    seen["activated"] = await _another(scene, spent, seen)
    await ordered(scene, cancel, [stopped])
    seen["cancelled"] = await _another(scene, stopped, seen)
    require_secret(spent)
    await redeemed(scene, spent)
    seen["consumed"] = await _another(scene, spent, seen)
    shown = ", ".join(f"{state}: {one.number}" for state, one in seen.items())
    scene.expect(
        len({one.number for one in seen.values()}) == len(seen),
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
        all(one.number in range(1, 7) for one in seen.values()),
        code="voucher.status-in-range",
        message=Message(text=N_("A status number is outside 1 to 6, the published range.")),
        expected="numbers from 1 to 6",
        actual=shown,
        seen=seen["pre-activated"].answer,
        advice=Message(text=N_("Use the numbers from 1 to 6 for states, and 9 for an error.")),
    )


async def _another(scene: Scene, voucher: Voucher, seen: Mapping[str, Standing]) -> Standing:
    """Wait for a status that was not seen yet; gives the last one if none comes."""
    known = {one.number for one in seen.values()}
    now, _ = await until(scene, voucher, lambda one: one.number not in known, scene.quiet_seconds)
    return now


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
    await ordered(scene, cancel, [stopped])
    await _in_state(scene, stopped, "cancelled")
    require_secret(spent)
    await redeemed(scene, spent)
    await _in_state(scene, spent, "consumed")


async def _in_state(scene: Scene, voucher: Voucher, state: str) -> None:
    number = number_of(scene, state)
    now, _ = await until(scene, voucher, lambda one: one.number == number, scene.quiet_seconds)
    scene.expect(
        now.number == number,
        code="voucher.status-as-declared",
        message=Message(
            text=N_(
                "A voucher that is {state} has the status {number}; declared for that state is {declared}."
            ),
            values={"state": state, "number": str(now.number), "declared": str(number)},
        ),
        expected=f"status {number}",
        actual=now,
        seen=now.answer,
        advice=Message(
            text=N_("Change the state when the step is carried out, or mend declares in product.yaml.")
        ),
    )
