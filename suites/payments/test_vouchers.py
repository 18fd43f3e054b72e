"""Vouchers are created as ordered, with an expiry (properties V1 and V3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .participants import content, fields
from .voucher_requests import details, in_currency, money
from .voucher_rules import same_money
from .vouchers import Order, create, handed_over


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
        seen=order.callback,
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
        seen=order.callback,
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
        seen=order.callback,
        advice=Message(text=N_("Hand both numbers over in the callback on the creation.")),
    )


def _order_named(scene: Scene, order: Order) -> None:
    """Expect the identifiers by which the caller finds its order again; the request's may be named either way."""
    for callback in order.address.callbacks:
        said = fields(callback)
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


@case(
    "V3/expiry-given", clause="GovStack Payments 6.2.1 (created with an expiry date)", functions=["vouchers"]
)
async def test_vouchers_are_created_with_an_expiry(scene: Scene) -> None:
    """A voucher gets its expiry when it is created, the same for all of a programme; no published message has a field
    for it, so the case reads the one that the vendor declares."""
    field = scene.declares("voucher.expiry-field")
    orders = [await create(scene, 3), await create(scene, 2)]
    handed = [one for order in orders for one in await handed_over(scene, order)]
    if not handed:
        text = N_(
            "The product called back and handed over no voucher, so that no expiry could be looked for."
        )
        raise Prerequisite(Message(text=text))
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
        seen=orders[0].callback,
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
        seen=orders[0].callback,
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
