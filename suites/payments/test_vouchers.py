"""Vouchers are created as ordered, and nobody can guess one (properties V1–V3)."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .guessing import entropy_bits, relation, step
from .participants import content, name_of
from .voucher_requests import AMOUNT, Voucher, details, in_currency, money
from .voucher_rules import redeemed, same_money
from .vouchers import Order, active, create, handed_over, standing

_MANY = 200
"""Vouchers whose numbers are compared with each other."""
_BITS = 16.0
"""Less would be fewer than five random digits; six characters have room for 19.9 bits in digits alone."""
_BATCHES = 2
_CURRENCIES = ("EUR", "USD", "KES")


@case("V1/each-instruction-its-voucher", clause="GovStack Payments 8.2.1, 6.2.2", functions=["vouchers"])
async def test_each_instruction_gets_its_voucher(scene: Scene) -> None:
    """For each instruction of an order exactly one voucher is handed over, with its numbers, amount and currency."""
    amounts = in_currency(scene, "100", "73.25", "0.5", "100", "2500", "60.75")
    order = await create(scene, amounts=amounts)
    handed = await handed_over(scene, order)
    await order.address.wait(order.address.arrived + 1, scene.quiet_seconds)
    handed = _all_handed_over(order) or handed
    _one_each(scene, order, handed)
    _as_ordered(scene, order, handed)
    _with_numbers(scene, order, handed)
    _order_named(scene, order)


def _all_handed_over(order: Order) -> list[Mapping[str, Any]]:
    """Give every voucher that came, one that was told of twice only once."""
    found = {
        (str(one.get("serialNumber")), str(one.get("instructionID"))): one
        for call in order.address.callbacks
        for one in details(content(call))
    }
    return list(found.values())


def _one_each(scene: Scene, order: Order, handed: Sequence[Mapping[str, Any]]) -> None:
    asked = Counter(str(one["instructionID"]) for one in order.instructions)
    came = Counter(str(one.get("instructionID")) for one in handed)
    scene.expect(
        asked == came,
        code="voucher.one-for-each-instruction",
        message=Message(
            text=N_(
                "An order of {asked} instructions brought {came} vouchers (instructions without one: {missing}, vouchers "
                "too many: {surplus}): a beneficiary goes away empty, or money is issued that nobody ordered."
            ),
            values={
                "asked": len(order.instructions),
                "came": len(handed),
                "missing": (asked - came).total(),
                "surplus": (came - asked).total(),
            },
        ),
        expected=sorted(asked),
        actual=sorted(came.elements()),
        seen=_first(order),
        advice=Message(text=N_("Hand over exactly one entry for each instructionID of the order.")),
    )


def _as_ordered(scene: Scene, order: Order, handed: Sequence[Mapping[str, Any]]) -> None:
    asked = {str(one["instructionID"]): one for one in order.instructions}
    wrong = [
        (name, asked[str(one.get("instructionID"))][name], one[name])
        for one in handed
        if str(one.get("instructionID")) in asked
        for name in ("currency", "amount", "narration")
        if name in one and not _same(asked[str(one.get("instructionID"))][name], one[name])
    ]
    scene.expect(
        not wrong,
        code="voucher.as-ordered",
        message=Message(
            text=N_(
                "{count} of the fields that repeat what was ordered say something else: the voucher is not the one that "
                "was paid for."
            ),
            values={"count": len(wrong)},
        ),
        expected="; ".join(f"{name}: {was}" for name, was, _ in wrong[:4]),
        actual="; ".join(f"{name}: {now}" for name, _, now in wrong[:4]),
        seen=_first(order),
        advice=Message(text=N_("Keep amounts as decimal numbers and give back what the instruction said.")),
    )


def _same(was: object, now: object) -> bool:
    return same_money(money(was), money(now)) if isinstance(was, float) else was == now


def _with_numbers(scene: Scene, order: Order, handed: Sequence[Mapping[str, Any]]) -> None:
    lacking = [
        name for one in handed for name in ("serialNumber", "voucherNumber") if not str(one.get(name) or "")
    ]
    scene.expect(
        not lacking,
        code="voucher.handed-over-whole",
        message=Message(
            text=N_(
                "A voucher was handed over without {lacking}; it has to be presented with at least its voucher number and "
                "its serial number."
            ),
            values={"lacking": ", ".join(sorted(set(lacking)))},
        ),
        expected="serialNumber, voucherNumber",
        actual=f"{len(lacking)} absent",
        seen=_first(order),
        advice=Message(text=N_("Hand both numbers over in the callback on the creation.")),
    )


def _order_named(scene: Scene, order: Order) -> None:
    """Expect the identifiers by which the caller finds its order again; the request's may be named either way."""
    for callback in order.address.callbacks:
        said = content(callback)
        named = [said.get(name) for name in ("requestID", "registerRequestID")]
        scene.expect(
            order.request in named and said.get("batchID", order.batch) == order.batch,
            code="voucher.order-named",
            message=Message(
                text=N_(
                    "Vouchers came without the identifiers of the order: the caller cannot tell whose they are."
                )
            ),
            expected=f"requestID {order.request}, batchID {order.batch}",
            actual=f"requestID {named[0]}, registerRequestID {named[1]}, batchID {said.get('batchID')}",
            seen=callback,
            advice=Message(text=N_("Repeat requestID and batchID of the order in the callback.")),
        )


def _first(order: Order) -> Callback | None:
    return next(iter(order.address.callbacks), None)


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
        seen=_first(taken[-1]),
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
        seen=_first(order),
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
        seen=_first(order),
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
        seen=_first(order),
        advice=Message(text=N_("Draw the voucher number at random, independently of the serial number.")),
    )


@case(
    "V2/number-stays-secret",
    clause="GovStack Payments 6.2.5, 8.2.4; CWE-200",
    functions=["vouchers"],
)
async def test_the_voucher_number_stays_secret(scene: Scene) -> None:
    """No answer but the one that hands a voucher over tells its voucher number, in whatever state the voucher is."""
    vouchers = await active(scene, 3, amounts=[AMOUNT] * 3)
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
        advice=Message(
            text=N_(
                "Leave the number out of every answer; keep it encrypted, and out of objects that are printed."
            )
        ),
    )


def _tells(body: Any, secret: str) -> bool:
    """Tell whether a JSON value has this secret anywhere, alone or as a word of a text."""
    if isinstance(body, Mapping):
        return any(_tells(one, secret) for one in body.values())
    if isinstance(body, list):
        return any(_tells(one, secret) for one in body)
    return secret in str(body).replace(":", " ").replace(",", " ").split()


@case(
    "V3/expiry-given", clause="GovStack Payments 6.2.1 (created with an expiry date)", functions=["vouchers"]
)
async def test_vouchers_are_created_with_an_expiry(scene: Scene) -> None:
    """A voucher gets its expiry when it is created, the same for all of a programme; no published message has a field
    for it, so the case reads the one that the vendor declares."""
    field = scene.declares("voucher.expiry-field")
    orders = [await create(scene, 3), await create(scene, 2)]
    handed = [one for order in orders for one in await handed_over(scene, order)]
    given = [str(one.get(field) or "") for one in handed]
    scene.expect(
        all(given) and not any(_past(one) for one in given),
        code="voucher.expiry-given",
        message=Message(
            text=N_(
                "A voucher was created without a time at which it expires: what was issued stays owed for ever, and its "
                "holder does not learn until when it is good."
            )
        ),
        expected=f"{field} with a duration, or a moment that is to come",
        actual=", ".join(sorted({one or "-" for one in given})),
        seen=_first(orders[0]),
        advice=Message(
            text=N_("Set the expiry when the voucher is created, and hand it over with the voucher.")
        ),
    )
    lives = {one for one in given if one}
    scene.expect(
        len({_day(one) for one in lives}) <= 1,
        code="voucher.expiry-alike",
        message=Message(
            text=N_(
                "Vouchers of one programme, ordered at the same time, expire differently; they have to be good equally "
                "long."
            )
        ),
        expected="one duration, or one day",
        actual=", ".join(sorted(lives)[:5]),
        seen=_first(orders[0]),
        advice=Message(text=N_("Take the life of a voucher from its programme.")),
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _past(text: str) -> bool:
    moment = _moment(text)
    return moment is not None and moment < datetime.now(UTC)


def _day(text: str) -> str:
    """Give the day of a moment, as two orders are some seconds apart; any other text as it is."""
    moment = _moment(text)
    return moment.date().isoformat() if moment else text
