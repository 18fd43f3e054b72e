"""A voucher needs its own secret, and nobody finds it by trying (property V7)."""

import asyncio
import secrets
import statistics
from dataclasses import replace
from time import perf_counter

import orjson

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Request

from .participants import name_of
from .voucher_requests import Voucher, redemption
from .voucher_rules import expect_untouched, redeemed
from .vouchers import active, redeem, standing, unknown_serial

_MORE_GUESSES = 3
_SLOWER = 5
"""So many times longer than the first ones the last guesses have to take, to count as slowed down."""
_SLOW_MS = 300.0


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


@case("V7/secret-in-another-order", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_the_characters_of_a_secret_in_another_order_redeem_nothing(scene: Scene) -> None:
    """A redemption that shows the characters of the secret in another order is refused, and the voucher stays good."""
    (voucher,) = await active(scene)
    stood = await standing(scene, voucher)
    turned = [voucher.secret[at:] + voucher.secret[:at] for at in range(1, len(voucher.secret))]
    other = next((one for one in turned if one != voucher.secret), "")
    if not other:
        text = N_("All characters of a voucher number are the same, so that they have one order only.")
        raise Prerequisite(Message(text=text))
    answer = await redeem(scene, voucher, secret=other)
    scene.expect_refused(
        answer,
        code="voucher.secret-in-order",
        message=Message(
            text=N_(
                "A voucher was redeemed with the characters of its secret in another order: hundreds of secrets fit each "
                "voucher."
            )
        ),
        advice=Message(text=N_("Compare the secret character by character.")),
    )
    if not answer.served:
        expect_untouched(scene, stood, await standing(scene, voucher), answer)
        await redeemed(scene, voucher)


@case("V7/no-secret", clause="GovStack Payments 8.2.3, 9.2.3", functions=["vouchers"])
async def test_no_secret_redeems_nothing(scene: Scene) -> None:
    """A redemption without a secret, or with an empty one, is refused, and the voucher stays good."""
    (voucher,) = await active(scene)
    stood = await standing(scene, voucher)
    for secret in (None, ""):
        answer = await scene.send("voucher-redeem", _showing(scene, voucher, secret))
        scene.expect_refused(
            answer,
            code="voucher.secret-asked-for",
            message=Message(
                text=N_(
                    "A voucher was redeemed by somebody who showed no secret: whoever knows a serial number, which is no "
                    "secret, takes its money."
                )
            ),
            advice=Message(
                text=N_(
                    "Refuse a redemption whose voucherSecretNumber is missing or empty; no field of the published file "
                    "is required, so that a schema does not do it."
                )
            ),
        )
        now = await standing(scene, voucher)
        if not answer.served:
            expect_untouched(scene, stood, now, answer)
        stood = now
    if not scene.findings:
        await redeemed(scene, voucher)


def _showing(scene: Scene, voucher: Voucher, secret: str | None) -> Request:
    """Make a redemption that shows ``secret``, or has no field for it."""
    request = redemption(scene, voucher.serial, secret or "", name_of(scene, "agent"))
    body = orjson.loads(request.body)
    if secret is None:
        del body["voucherSecretNumber"]
    return replace(request, body=orjson.dumps(body))


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
    voucher, other = await active(scene, 2)
    await redeemed(scene, other)
    took, began = list[float](), perf_counter()
    for _ in range(limit + _MORE_GUESSES):
        answer, blocked = await _guess(scene, voucher)
        took.append(answer.exchange.elapsed_ms if answer else 0.0)
        if blocked or _slowed(took):
            break
    else:
        blocked = False
    scene.timed(began)
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
