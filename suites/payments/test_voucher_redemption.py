"""A voucher is paid out once, in full, to whom it may be (properties V4, V6 and V10)."""

import asyncio
from datetime import UTC, datetime

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .voucher_requests import AMOUNT, in_currency, money
from .voucher_rules import changed, expect_untouched, redeemed, same_money
from .vouchers import activated, active, created, redeem, require_secret, standing

_AT_ONCE = 8
_CLOCKS_APART_SECONDS = 300
"""So far apart may two clocks be that are set by time servers."""


@case("V4/redeem-before-activation", clause="GovStack Payments 6.1, 8.2.2, 8.2.3", functions=["vouchers"])
async def test_a_voucher_is_not_redeemed_before_its_activation(scene: Scene) -> None:
    """A voucher cannot be redeemed before it is activated, stays as it is, and can be redeemed once it is activated."""
    (voucher,) = await created(scene)
    require_secret(voucher)
    before = await standing(scene, voucher)
    early = await redeem(scene, voucher)
    after = await standing(scene, voucher)
    scene.expect_refused(
        early,
        code="voucher.not-before-activation",
        message=Message(
            text=N_(
                "A voucher was redeemed before it was activated: whoever handles it on its way to the beneficiary can "
                "turn it into money."
            )
        ),
        advice=Message(
            text=N_("Redeem vouchers in the state activated only, and refuse in every other state.")
        ),
    )
    if early.served:
        return
    expect_untouched(scene, before, after, early)
    await activated(scene, [voucher])
    await redeemed(scene, voucher)


@case("V6/simultaneous-redemptions", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_of_simultaneous_redemptions_one_succeeds(scene: Scene) -> None:
    """Of several redemptions of one voucher at the same moment exactly one succeeds."""
    (voucher,) = await active(scene)
    answers = await asyncio.gather(*(redeem(scene, voucher) for _ in range(_AT_ONCE)))
    paid = [answer for answer in answers if answer.served]
    if not paid and len({str(answer.status) for answer in answers}) == 1:
        await redeemed(scene, voucher)
    scene.expect(
        len(paid) == 1,
        code="voucher.spent-once",
        message=Message(
            text=N_(
                "A voucher was redeemed {count} times by requests that came at the same moment; its value may be paid "
                "out once."
            ),
            values={"count": len(paid)},
        ),
        expected=f"1 of {_AT_ONCE} redemptions succeeds",
        actual=f"{len(paid)} of {_AT_ONCE} succeeded",
        seen=paid[-1] if paid else answers[0],
        advice=Message(
            text=N_(
                "Make the change from active to consumed one atomic step, e.g. an UPDATE that names the old state in "
                "its WHERE clause."
            )
        ),
    )


@case("V6/second-redemption", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_a_redeemed_voucher_is_not_redeemed_again(scene: Scene) -> None:
    """A voucher that was redeemed is refused from then on, and its status says something else than before."""
    (voucher,) = await active(scene)
    usable = await standing(scene, voucher)
    await redeemed(scene, voucher)
    used = await changed(scene, voucher, usable)
    again = await redeem(scene, voucher)
    after = await standing(scene, voucher)
    scene.expect_refused(
        again,
        code="voucher.spent-once",
        message=Message(
            text=N_("A voucher was redeemed a second time: the programme pays twice for one entitlement.")
        ),
        advice=Message(text=N_("Refuse a consumed voucher, also if the same merchant presents it again.")),
    )
    scene.expect(
        used.number != usable.number,
        code="voucher.spent-shown",
        message=Message(
            text=N_(
                "The status of a voucher is the same before and after its redemption: nobody can tell that it was used."
            )
        ),
        expected=f"another status than {usable.number}",
        actual=used,
        seen=used.answer,
        advice=Message(text=N_("Flag the voucher as consumed before the redemption is answered.")),
    )
    if not again.served:
        expect_untouched(scene, used, after, again)


@case(
    "V6/whole-amount", clause="GovStack Payments 8.2.3, 9.2.3 (entire voucher amount)", functions=["vouchers"]
)
async def test_a_voucher_is_redeemed_as_a_whole(scene: Scene) -> None:
    """A redemption pays out the entire amount of the voucher, to the cent, and names the voucher that it was for."""
    (amount,) = in_currency(scene, "73.25")
    (voucher,) = await active(scene, amounts=[amount])
    answer = await redeemed(scene, voucher)
    if answer.get("value") is None:
        raise Prerequisite(Message(text=N_("The answer to a redemption does not say what was paid out.")))
    scene.expect(
        same_money(money(answer.get("value")), amount),
        code="voucher.whole-amount",
        message=Message(
            text=N_(
                "A redemption paid out {paid} for a voucher of {amount}; the beneficiary has to get its whole value at "
                "once, and there is no remainder to come back for."
            ),
            values={"paid": str(answer.get("value")), "amount": str(amount)},
        ),
        expected=f"value {amount}",
        actual=f"value {answer.get('value')}",
        seen=answer,
        advice=Message(
            text=N_("Pay the amount that the voucher was created with; take fees from elsewhere.")
        ),
    )
    named = answer.get("serialNumber")
    scene.expect(
        named in {None, voucher.serial},
        code="voucher.redemption-names-voucher",
        message=Message(
            text=N_("The answer to a redemption is about another voucher than the one presented.")
        ),
        expected=voucher.serial,
        actual=named,
        seen=answer,
        advice=Message(
            text=N_("Build each answer from the request that it answers; share nothing between requests.")
        ),
    )


@case("V6/stamped-when-paid", clause="GovStack Payments 8.2.3 (VoucherRedemption)", functions=["vouchers"])
async def test_a_redemption_is_stamped_with_its_moment(scene: Scene) -> None:
    """The time stamp of a redemption is of now, by a clock that agrees with the agent's to five minutes."""
    (voucher,) = await active(scene)
    answer = await redeemed(scene, voucher)
    came, stamped = datetime.now(UTC), _moment(answer.get("timestamp"))
    if stamped is None:
        text = N_("The answer to a redemption has no time stamp with a time zone that can be read.")
        raise Prerequisite(Message(text=text))
    apart = (stamped - came).total_seconds()
    scene.expect(
        abs(apart) <= _CLOCKS_APART_SECONDS,
        code="voucher.stamped-when-paid",
        message=Message(
            text=N_(
                "A redemption is stamped with another time than when it was made: accounts are closed by it, and the money "
                "is booked on the wrong day."
            )
        ),
        expected=f"{came.isoformat(timespec='seconds')} ± {_CLOCKS_APART_SECONDS} s",
        actual=f"{stamped.isoformat()} ({apart:+.0f} s)",
        seen=answer,
        place="timestamp",
        advice=Message(
            text=N_("Set the clock by a time server (NTP), and stamp a redemption when it is made.")
        ),
    )


def _moment(text: object) -> datetime | None:
    """Read an ISO 8601 moment that says its time zone; None for any other value."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@case("V10/other-group", clause="GovStack Payments 9.2.1, 9.2.3", functions=["vouchers"])
async def test_an_agent_outside_the_group_cannot_redeem(scene: Scene) -> None:
    """A voucher of one group is refused to an agent outside it and stays good for those inside; which agent is outside
    no message says, so the vendor declares one (without the override of 9.2.3)."""
    outsider = scene.declares("voucher.agent-outside-group")
    (voucher,) = await active(scene, amounts=[AMOUNT])
    before = await standing(scene, voucher)
    answer = await redeem(scene, voucher, agent=outsider)
    scene.expect_refused(
        answer,
        code="voucher.group-kept",
        message=Message(
            text=N_(
                "A voucher was redeemed by an agent outside its group: money meant for one purpose is spent on another."
            )
        ),
        advice=Message(
            text=N_("Compare the voucher's groupCode with the groups that the agent is registered for.")
        ),
    )
    if not answer.served:
        expect_untouched(scene, before, await standing(scene, voucher), answer)
        await redeemed(scene, voucher)
