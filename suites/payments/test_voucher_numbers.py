"""Nobody can guess a voucher, and no two are alike (property V2)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .guessing import entropy_bits, relation, step
from .participants import name_of
from .voucher_requests import AMOUNT, Voucher
from .voucher_rules import redeemed
from .vouchers import (
    Order,
    activate,
    cancel,
    create,
    created,
    handed_over,
    outcome,
    require_secret,
    standing,
)

_MANY = 200
"""Vouchers whose numbers are compared with each other."""
_BITS = 16.0
"""Less would be fewer than five random digits; six characters have room for 19.9 bits in digits alone."""
_BATCHES = 2
_CURRENCIES = ("EUR", "USD", "KES")


@case("V2/serials-unique", clause="GovStack Payments 6.2.1", functions=["vouchers"])
async def test_serial_numbers_are_unique(scene: Scene) -> None:
    """No two vouchers have the same serial number, whatever batch they come from and whatever their currency."""
    orders = [
        await create(scene, 20),
        await create(scene, 20),
        *[await create(scene, 20, currency=one) for one in _CURRENCIES if one != name_of(scene, "currency")],
    ]
    taken = [order for order in orders if order.answer.served]
    handed = await asyncio.gather(*(_whatever_comes(scene, order) for order in taken))
    serials = Counter(str(one.get("serialNumber")) for several in handed for one in several)
    if sum(map(bool, handed)) < _BATCHES:
        text = N_("Vouchers of fewer than two batches were handed over, so that there is nothing to compare.")
        raise Prerequisite(Message(text=text))
    twice = [serial for serial, times in serials.items() if times > 1]
    scene.expect(
        not twice,
        code="voucher.serial-unique",
        message=Message(
            text=N_(
                "{count} serial numbers were given to more than one voucher: a voucher is activated, cancelled and asked "
                "for by its serial number, so that one stands for the other."
            ),
            values={"count": len(twice)},
        ),
        expected=f"{serials.total()} different serial numbers in {len(taken)} batches",
        actual=f"{len(serials)} different ones; twice: {', '.join(twice[:5])}",
        seen=taken[-1].callback,
        advice=Message(text=N_("Let one sequence, or one unique index, serve all batches and currencies.")),
    )


async def _whatever_comes(scene: Scene, order: Order) -> list[Mapping[str, Any]]:
    """Give the vouchers of an order, none if none come: a country's product may know one currency."""
    try:
        return await handed_over(scene, order)
    except Prerequisite:
        return []


@case(
    "V2/numbers-unguessable",
    clause="GovStack Payments 5.3.2 (voucher pin unique and unpredictable), 6.2.1; CWE-330",
    functions=["vouchers"],
)
async def test_voucher_numbers_cannot_be_guessed(scene: Scene) -> None:
    """Of two hundred vouchers no two share a voucher number, and none can be guessed from another or from its serial."""
    order = await create(scene, _MANY)
    vouchers = [Voucher.told(one, order.batch) for one in await handed_over(scene, order)]
    vouchers = _in_order(order, [one for one in vouchers if one.secret])
    if len(vouchers) < _MANY // 2:
        text = N_("The product handed over {made} of {count} voucher numbers; they are too few to compare.")
        raise Prerequisite(Message(text=text, values={"made": len(vouchers), "count": _MANY}))
    _numbers_differ(scene, order, vouchers)
    _numbers_random(scene, order, vouchers)
    _numbers_apart_from_serials(scene, order, vouchers)


def _in_order(order: Order, vouchers: Sequence[Voucher]) -> list[Voucher]:
    places = {str(one["instructionID"]): place for place, one in enumerate(order.instructions)}
    return sorted(vouchers, key=lambda one: places.get(one.instruction, 0))


def _numbers_differ(scene: Scene, order: Order, vouchers: Sequence[Voucher]) -> None:
    numbers = Counter(one.secret for one in vouchers)
    scene.expect(
        len(numbers) == len(vouchers),
        code="voucher.number-unique",
        message=Message(
            text=N_(
                "{count} of {all} vouchers share their voucher number with another: who holds one can prove to hold the "
                "other."
            ),
            values={
                "count": sum(times for times in numbers.values() if times > 1),
                "all": len(vouchers),
            },
        ),
        expected=f"{len(vouchers)} different voucher numbers",
        actual=f"{len(numbers)} different ones",
        seen=order.callback,
        advice=Message(
            text=N_("Draw each number from a large enough space and keep it under a unique index.")
        ),
    )


def _numbers_random(scene: Scene, order: Order, vouchers: Sequence[Voucher]) -> None:
    numbers = [one.secret for one in vouchers]
    by_serial = [one.secret for one in sorted(vouchers, key=lambda one: one.serial)]
    pattern = step(numbers) or step(by_serial)
    bits = entropy_bits(numbers)
    scene.expect(
        not pattern and bits >= _BITS,
        code="voucher.number-unguessable",
        message=Message(
            text=N_(
                "Voucher numbers can be guessed from each other: who holds one voucher can redeem those of others."
            )
        ),
        expected=f"no order among {len(numbers)} numbers, and at least {_BITS:.0f} bits in each",
        actual=f"{pattern or 'no order'}; about {bits:.1f} bits",
        seen=order.callback,
        advice=Message(
            text=N_(
                "Draw each character from a cryptographic random source; no counter, no date, no part that all share."
            )
        ),
    )


def _numbers_apart_from_serials(scene: Scene, order: Order, vouchers: Sequence[Voucher]) -> None:
    found = relation([(one.serial, one.secret) for one in vouchers])
    scene.expect(
        not found,
        code="voucher.number-not-serial",
        message=Message(
            text=N_(
                "The voucher number, which is secret, follows from the serial number, which is not: whoever sees a serial "
                "number can redeem the voucher."
            )
        ),
        expected="no relation",
        actual=found,
        seen=order.callback,
        advice=Message(text=N_("Draw the voucher number at random, independently of the serial number.")),
    )


@case(
    "V2/number-stays-secret",
    clause="GovStack Payments 6.2.5, 8.2.4; CWE-200",
    functions=["vouchers"],
)
async def test_the_voucher_number_stays_secret(scene: Scene) -> None:
    """No answer and no outcome but the one that hands a voucher over tells its voucher number, in whatever state the
    voucher is."""
    vouchers = await created(scene, 3, amounts=[AMOUNT] * 3)
    for voucher in vouchers:
        require_secret(voucher)
    await _outcome_keeps(scene, activate, vouchers)
    stopped = await created(scene, 3)
    await _outcome_keeps(scene, cancel, stopped)
    texts = [[(await standing(scene, one)).answer] for one in vouchers]
    for voucher, seen in zip(vouchers, texts, strict=True):
        seen.append(await redeemed(scene, voucher))
        seen.append((await standing(scene, voucher)).answer)
    told = all(
        any(_tells(answer.body, voucher.secret) for answer in seen)
        for voucher, seen in zip(vouchers, texts, strict=True)
    )  # of a single one it might be chance: a number can look like a year
    leak = next(
        (one for one in texts[0] if _tells(one.body, vouchers[0].secret)),
        texts[0][0],
    )
    scene.expect(
        not told,
        code="voucher.number-secret",
        message=Message(
            text=N_(
                "The voucher number stands in an answer about the voucher: everybody who may read its status can redeem "
                "it."
            )
        ),
        expected="no voucher number",
        actual="the voucher number, in all of 3 vouchers",
        seen=leak,
        advice=_LEFT_OUT,
    )


_LEFT_OUT = Message(
    text=N_("Leave the number out of every answer; keep it encrypted, and out of objects that are printed.")
)


async def _outcome_keeps(
    scene: Scene, act: Callable[[Scene, str, Sequence[str]], Awaitable[Order]], vouchers: Sequence[Voucher]
) -> None:
    """Carry an order out, and expect that neither its receipt nor its outcome tells the numbers of its vouchers."""
    order = await act(scene, vouchers[0].batch, [one.serial for one in vouchers])
    said = await outcome(scene, order)
    told = [order.answer.body, said.body if said else {}]
    leaks = [all(one.secret and _tells(body, one.secret) for one in vouchers) for body in told]
    scene.expect(
        not any(leaks),
        code="voucher.number-secret",
        message=Message(
            text=N_(
                "What came of an order for vouchers tells their voucher numbers: whoever orders, or reads the messages of "
                "somebody who does, can redeem them."
            )
        ),
        expected="no voucher number",
        actual=f"the voucher numbers of all {len(vouchers)} vouchers",
        seen=said.callback if said and leaks[1] else order.answer,
        advice=_LEFT_OUT,
    )


def _tells(body: Any, secret: str) -> bool:
    """Tell whether a JSON value has this secret anywhere, alone or as a word of a text."""
    if isinstance(body, Mapping):
        return any(_tells(one, secret) for one in body.values())
    if isinstance(body, list):
        return any(_tells(one, secret) for one in body)
    return secret in str(body).replace(":", " ").replace(",", " ").split()
