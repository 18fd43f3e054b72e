"""What can be done with vouchers through the published API, as a case does it.

Each operation gives the answer, whatever it is; only an unreachable or throttling product raises (Prerequisite).
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.listener import CallbackAddress

from .participants import content, fields, name_of
from .voucher_requests import (
    AMOUNT,
    SECRET_LIMIT,
    SPARE,
    Voucher,
    activation,
    cancellation,
    creation,
    details,
    instructions,
    money,
    redemption,
    status_number,
    status_of,
)

__all__ = [
    "Order",
    "Outcome",
    "Standing",
    "activate",
    "activated",
    "active",
    "another_serial",
    "cancel",
    "create",
    "created",
    "handed_over",
    "outcome",
    "redeem",
    "require_secret",
    "standing",
    "status",
    "unknown_serial",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order for vouchers: what was asked, what was answered, and where its outcome is to come."""

    answer: Answer
    address: CallbackAddress
    request: str
    """The identifier of the request."""
    batch: str
    instructions: Sequence[Mapping[str, Any]] = ()
    """For a creation, what was ordered."""

    @property
    def callback(self) -> Callback | None:
        """Give the first that came, as evidence."""
        return next(iter(self.address.callbacks), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a callback says of an activation or a cancellation."""

    callback: Callback
    body: Mapping[str, Any]

    @property
    def failed(self) -> list[str]:
        """Give the serial numbers that it reports as failed."""
        listed = self.body.get("failedCases")
        cases = listed if isinstance(listed, list) else []
        return [str(one.get("serialNumber", "")) for one in cases if isinstance(one, Mapping)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a voucher stands: the two things that a status answer says, and the answer."""

    number: int | str
    """As ``status_number`` reads it, so that two are compared as numbers."""
    value: Decimal | None
    answer: Answer

    def __str__(self) -> str:
        """Give both, for ``expected`` and ``actual``."""
        return f"status {self.number}, value {self.value}" if self.tells_value else f"status {self.number}"

    @property
    def tells_value(self) -> bool:
        """Tell whether the answer has a value, be it one that can be read or not."""
        return self.answer.get("value") is not None

    def same_as(self, other: "Standing") -> bool:
        """Tell whether nothing has changed."""
        return (self.number, self.value) == (other.number, other.value)


async def create(
    scene: Scene,
    count: int = 1,
    *,
    amounts: Sequence[Decimal | int] = (),
    currency: str = "",
    group: str = "",
    programme: str = "",
) -> Order:
    """Order vouchers, one for each of ``amounts``, or ``count`` of the usual one."""
    address, batch = scene.address("vouchers-created"), scene.fresh.identifier(12)
    ordered = instructions(scene, amounts or [AMOUNT] * count, currency=currency, group=group)
    request = creation(scene, ordered, batch=batch, address=address.url, programme=programme)
    answer = await scene.send("voucher-create", request)
    identifier = str(orjson.loads(request.body)["requestID"])
    return Order(answer=answer, address=address, request=identifier, batch=batch, instructions=ordered)


async def activate(scene: Scene, batch: str, serials: Sequence[str]) -> Order:
    """Order that vouchers of one batch become usable."""
    address, request = scene.address("vouchers-activated"), scene.fresh.identifier(12)
    sent = activation(batch, serials, request=request, address=address.url)
    answer = await scene.send("voucher-activate", sent)
    return Order(answer=answer, address=address, request=request, batch=batch)


async def cancel(scene: Scene, batch: str, serials: Sequence[str]) -> Order:
    """Order that vouchers of one batch are cancelled for good."""
    address, request = scene.address("vouchers-cancelled"), scene.fresh.identifier(12)
    sent = cancellation(batch, serials, request=request, address=address.url)
    answer = await scene.send("voucher-cancel", sent)
    return Order(answer=answer, address=address, request=request, batch=batch)


async def redeem(
    scene: Scene, voucher: Voucher, *, serial: str = "", secret: str = "", agent: str = ""
) -> Answer:
    """Redeem a voucher as the merchant; ``serial``, ``secret`` and ``agent`` in place of the right ones."""
    request = redemption(
        scene, serial or voucher.serial, secret or voucher.secret, agent or name_of(scene, "agent")
    )
    return await scene.send("voucher-redeem", request)


async def status(scene: Scene, serial: str) -> Answer:
    """Ask how a voucher stands."""
    return await scene.send("voucher-status", status_of(scene, serial))


async def standing(scene: Scene, voucher: Voucher) -> Standing:
    """Read how a voucher of ours stands; raises Prerequisite if the product does not say."""
    answer = await status(scene, voucher.serial)
    if not answer.served:
        text = N_("The product did not tell the status of a voucher that it had created: {answer}.")
        raise Prerequisite(Message(text=text, values={"answer": str(answer)}))
    number = status_number(answer.get("status"))
    return Standing(number=number, value=money(answer.get("value")), answer=answer)


async def handed_over(scene: Scene, order: Order) -> list[Mapping[str, Any]]:
    """Wait for the vouchers of an order, in one callback or in several, and give them once each, as they came.

    Gives fewer if fewer come in time; raises Prerequisite if nothing comes at all.
    """
    _served(order)
    await scene.called_back(order.address, "vouchers-created")
    calls = 0
    while True:
        callbacks = await order.address.wait(calls + 1, scene.callback_seconds if calls else 0)
        found = {
            (str(one.get("serialNumber")), str(one.get("instructionID"))): one
            for callback in callbacks
            for one in details(content(callback))
        }
        if len(found) >= len(order.instructions) or len(callbacks) == calls:
            return list(found.values())
        calls = len(callbacks)


async def outcome(scene: Scene, order: Order) -> Outcome | None:
    """Wait for the callback on an activation or a cancellation; None if none came in time that says anything.

    No document has a field for its address (payments-e049), so it counts also if it comes to the source building
    block that the harness plays.
    """
    _served(order)
    places: list[CallbackAddress] = [order.address]
    if "source-bb" in scene.counterparties:
        places.append(scene.counterparty("source-bb"))

    def answers(callback: Callback) -> bool:
        return callback.address == order.address.name or order.request in fields(callback).values()

    waits = [
        asyncio.ensure_future(place.wait_for(answers, scene.callback_seconds, mentions=mention))
        for place, mention in zip(places, ("", order.request), strict=False)
    ]
    try:
        for wait in asyncio.as_completed(waits):
            callback = await wait
            if callback is not None:
                said = fields(scene.met(callback))
                return Outcome(callback=callback, body=said) if said else None
    finally:
        for wait in waits:
            wait.cancel()
    return None


def _served(order: Order) -> None:
    if not order.answer.served:
        text = N_("The product did not take a valid order for vouchers: {answer}.")
        raise Prerequisite(Message(text=text, values={"answer": str(order.answer)}))


async def created(
    scene: Scene,
    count: int = 1,
    *,
    amounts: Sequence[Decimal | int] = (),
    currency: str = "",
    group: str = "",
    programme: str = "",
) -> list[Voucher]:
    """Give vouchers that were just created; raises Prerequisite if there are not as many."""
    order = await create(scene, count, amounts=amounts, currency=currency, group=group, programme=programme)
    by_instruction = {
        one.instruction: one
        for one in (Voucher.told(detail, order.batch) for detail in await handed_over(scene, order))
        if one.serial
    }
    wanted = [str(one["instructionID"]) for one in order.instructions]
    vouchers = [by_instruction[name] for name in wanted if name in by_instruction]
    if len(vouchers) < len(wanted):
        text = N_("The product handed over {made} of {count} vouchers that it was asked to create.")
        raise Prerequisite(Message(text=text, values={"made": len(vouchers), "count": len(wanted)}))
    return vouchers


async def active(
    scene: Scene,
    count: int = 1,
    *,
    amounts: Sequence[Decimal | int] = (),
    group: str = "",
    programme: str = "",
) -> list[Voucher]:
    """Give vouchers that can be redeemed; raises Prerequisite if they cannot be had.

    Those that the vendor prepared are taken where nothing is asked of them; their ``amount`` is not known.
    """
    if not (amounts or group or programme):
        spare = scene.take(SPARE, count, "serial", "secret", "batch")
        if spare:
            return [Voucher.prepared(one) for one in spare]
    vouchers = await created(scene, count, amounts=amounts, group=group, programme=programme)
    for voucher in vouchers:
        require_secret(voucher)
    await activated(scene, vouchers)
    return vouchers


async def activated(scene: Scene, vouchers: Sequence[Voucher]) -> None:
    """Activate vouchers of one batch; raises Prerequisite if the product reports that it could not."""
    order = await activate(scene, vouchers[0].batch, [one.serial for one in vouchers])
    said = await outcome(scene, order)
    if said is not None and said.failed:
        text = N_("The product did not activate vouchers that it had just created: {failed}.")
        raise Prerequisite(Message(text=text, values={"failed": ", ".join(said.failed)[:200]}))


def require_secret(voucher: Voucher) -> None:
    """Raise Prerequisite unless the voucher's number can be shown at a redemption."""
    if voucher.showable:
        return
    text = N_(
        "The voucher number has {length} characters and a redemption has room for {limit}; how one becomes the other is "
        "not published. Where prepared vouchers will do, name them under fixtures in product.yaml: {fixtures}."
    )
    fixtures = f"{SPARE}.serial, {SPARE}.secret, {SPARE}.batch"
    values: dict[str, str | int] = {
        "length": len(voucher.secret),
        "limit": SECRET_LIMIT,
        "fixtures": fixtures,
    }
    raise Prerequisite(Message(text=text, values=values))


async def unknown_serial(scene: Scene, like: str) -> str:
    """Give a serial number that the product does not know, of the same length and kind as ``like``."""
    for _ in range(3):
        serial = another_serial(like)
        if serial != like and not (await status(scene, serial)).served:
            return serial
    text = N_("The product knows every serial number that was made up.")
    raise Prerequisite(Message(text=text))


def another_serial(like: str) -> str:
    """Make a serial number up, of the same length and kind as ``like``; somebody may have it."""
    return "".join(_other(character) for character in like)


def _other(character: str) -> str:
    if character.isdigit():
        return secrets.choice("0123456789")
    if character.isalpha():
        return secrets.choice(
            "ABCDEFGHJKLMNPQRSTUVWXYZ" if character.isupper() else "abcdefghjkmnpqrstuvwxyz"
        )
    return character
