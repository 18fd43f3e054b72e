"""A voucher is paid out once, in full, to whom it may be (properties V4, V6, V7 and V10)."""

import asyncio
import secrets
import statistics

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange

from .voucher_requests import AMOUNT, Voucher, in_currency, money
from .voucher_rules import expect_untouched, redeemed, same_money
from .vouchers import activated, active, created, redeem, require_secret, standing, unknown_serial

_AT_ONCE = 8
_MORE_GUESSES = 3
_SLOWER = 5
"""So many times longer than the first ones the last guesses have to take, to count as slowed down."""
_SLOW_MS = 300.0


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
    used = await standing(scene, voucher)
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


@case("V7/wrong-secret", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_a_wrong_secret_redeems_nothing(scene: Scene) -> None:
    """A redemption with a secret that is wrong in one character, or cut short, is refused, and the voucher stays good."""
    (voucher,) = await active(scene)
    stood = await standing(scene, voucher)
    for secret in filter(None, (_off_by_one(voucher.secret), voucher.secret[:-1])):
        answer = await redeem(scene, voucher, secret=secret)
        scene.expect_refused(
            answer,
            code="voucher.secret-checked",
            message=Message(
                text=N_(
                    "A voucher was redeemed with a wrong secret: the serial number, which is no secret, is enough to take "
                    "its money."
                )
            ),
            advice=Message(text=N_("Compare the whole secret with the one of this very voucher.")),
        )
        now = await standing(scene, voucher)
        if not answer.served:
            expect_untouched(scene, stood, now, answer)
        stood = now
    if not scene.findings:
        await redeemed(scene, voucher)


def _off_by_one(secret: str) -> str:
    """Give the secret with another last character of its kind."""
    last = secret[-1]
    alphabet = "0123456789" if last.isdigit() else "ABCDEFGHJK" if last.isupper() else "abcdefghjk"
    return secret[:-1] + secrets.choice([one for one in alphabet if one != last])


@case("V7/secret-of-another-voucher", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_the_secret_of_another_voucher_redeems_nothing(scene: Scene) -> None:
    """Two active vouchers, each presented with the other's secret, are both refused and both stay good."""
    first, second = await active(scene, 2)
    pairs = ((first, second), (second, first))
    before = [await standing(scene, one) for one in (first, second)]
    for (voucher, other), stood in zip(pairs, before, strict=True):
        answer = await redeem(scene, voucher, secret=other.secret)
        scene.expect_refused(
            answer,
            code="voucher.secret-of-its-own",
            message=Message(
                text=N_(
                    "A voucher was redeemed with the secret of another one: whoever holds any voucher can redeem all whose "
                    "serial numbers are known."
                )
            ),
            advice=Message(
                text=N_("Look the voucher up by its serial number and compare with its own secret.")
            ),
        )
        if not answer.served:
            expect_untouched(scene, stood, await standing(scene, voucher), answer)
    if not scene.findings:
        await asyncio.gather(redeemed(scene, first), redeemed(scene, second))


@case("V7/unknown-serial", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_an_unknown_serial_redeems_nothing(scene: Scene) -> None:
    """A redemption that names a serial number which does not exist is refused, though the secret is a good one, and
    uses up nothing."""
    (voucher,) = await active(scene)
    before = await standing(scene, voucher)
    answer = await redeem(scene, voucher, serial=await unknown_serial(scene, voucher.serial))
    scene.expect_refused(
        answer,
        code="voucher.serial-checked",
        message=Message(
            text=N_(
                "A redemption whose serial number does not exist was not refused: either a voucher was used up that was "
                "not named, or money was paid for none."
            )
        ),
        advice=Message(
            text=N_("Refuse a serial number that is not known; serial number and secret have to match.")
        ),
    )
    if not answer.served:
        expect_untouched(scene, before, await standing(scene, voucher), answer)
        await redeemed(scene, voucher)


@case("V7/guessing-limited", clause="GovStack Payments 5.3.2, 9.2.3; CWE-307", functions=["vouchers"])
async def test_guessing_a_secret_is_slowed_down(scene: Scene) -> None:
    """After so many wrong secrets as the vendor declares, further tries are blocked or slowed down; no document demands
    it, so that this is advice, and the number is asked for because a block may hit the agent as a whole."""
    limit = _declared_guesses(scene)
    (voucher,) = await active(scene)
    took: list[float] = []
    for _ in range(limit + _MORE_GUESSES):
        answer, blocked = await _guess(scene, voucher)
        took.append(answer.exchange.elapsed_ms if answer else 0.0)
        if blocked or _slowed(took):
            break
    else:
        blocked = False
    scene.expect(
        blocked or _slowed(took),
        code="voucher.guessing-limited",
        message=Message(
            text=N_(
                "{count} wrong secrets in a row for one voucher were answered as quickly as the first: at this pace a "
                "secret of six characters is found by trying."
            ),
            values={"count": len(took)},
        ),
        expected=f"429, a lock, or a growing delay after {limit} wrong secrets",
        actual=f"{len(took)} answers; the last after {took[-1]:.0f} ms",
        advice=Message(
            text=N_(
                "Count wrong secrets by voucher and by agent; after a few, wait longer and longer, or lock."
            )
        ),
        advisory=True,
    )


def _declared_guesses(scene: Scene) -> int:
    declared = scene.declares("voucher.wrong-guesses")
    if declared.isdecimal() and 0 < int(declared) <= 100:
        return int(declared)
    text = N_("declares: voucher.wrong-guesses in product.yaml: {declared} is no whole number from 1 to 100.")
    raise Prerequisite(Message(text=text, values={"declared": declared}))


async def _guess(scene: Scene, voucher: Voucher) -> tuple[Answer | None, bool]:
    """Try a wrong secret; tell whether the product said that it does not even look at it."""
    before = len(scene.seen)
    try:
        answer = await redeem(scene, voucher, secret=_off_by_one(voucher.secret))
    except Prerequisite:
        seen = scene.seen[before:]
        if not any(isinstance(one, Exchange) and one.response and one.response.status == 429 for one in seen):
            raise
        return None, True
    return answer, answer.status in {403, 423}


def _slowed(took: list[float]) -> bool:
    if len(took) <= _MORE_GUESSES:
        return False
    first, last = statistics.median(took[:_MORE_GUESSES]), took[-1]
    return last > _SLOW_MS and last > _SLOWER * first


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
