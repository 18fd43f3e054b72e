"""Long lists are carried out to their end (properties G1, G6, G7 and V1)."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from time import perf_counter
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .account_rules import expect_shown, require_shown
from .accounts import account, look_up, registered
from .batch_figures import Page
from .batch_rules import completed, payable, settled_batch
from .batches import Batch, payment, transactions
from .participants import together
from .voucher_requests import AMOUNT, in_currency
from .vouchers import create, handed_over

_MANY = 120
"""More than a page, a row limit or a default of 20, 50 or 100 holds; a village, not a country."""
_LOOKED_UP = 5
"""Every fifth of those who were registered is looked up, and the last."""
_READ = 50
_PAUSE = 0.3
_DROPPED = N_(
    "Of {count} entries of one request only some were carried out, and nobody was told of the rest: those at the end of "
    "a list go without."
)
_WHOLE_LIST = Message(
    text=N_("Carry a list out to its end, or refuse one that is too long; leave nothing out in silence.")
)


def _dropped() -> Message:
    return Message(text=_DROPPED, values={"count": _MANY})


@case("G6/many-payments", clause="GovStack Payments 8.1.4, 9.1.2", functions=["g2p"])
async def test_each_payment_of_a_long_batch_is_made(scene: Scene) -> None:
    """Of a batch of 120 payments each is counted, paid and shown in the details; the product may refuse so long a one."""
    await payable(scene)
    amounts = in_currency(scene, *(f"{1 + number / 100:.2f}" for number in range(_MANY)))
    batch, last = await settled_batch(scene, [payment(scene, amount) for amount in amounts])
    total = sum((one.counts["total"] or Decimal(0) for one in last), Decimal(0))
    scene.expect(
        total == completed(last) == _MANY,
        code="batch.every-payment-made",
        message=_dropped(),
        expected=f"total {_MANY}, completed {_MANY}",
        actual="; ".join(map(str, last)),
        seen=last[-1].callback,
        advice=_WHOLE_LIST,
    )
    if "batch-details.first-page" in scene.declared:
        await _all_detailed(scene, batch)


async def _all_detailed(scene: Scene, batch: Batch) -> None:
    """Expect each payment on the pages of a batch's details, which may be written a moment after the last report."""
    began = perf_counter()
    seen, last = await _on_all_pages(scene, batch)
    while len(seen) < _MANY and perf_counter() - began < scene.quiet_seconds:
        await asyncio.sleep(_PAUSE)
        seen, last = await _on_all_pages(scene, batch)
    scene.timed(began)
    scene.expect(
        len(seen) == _MANY,
        code="batch.every-payment-shown",
        message=_dropped(),
        expected=f"{_MANY} payments on all pages together",
        actual=f"{len(seen)} payments",
        seen=last.answer,
        advice=_WHOLE_LIST,
    )


async def _on_all_pages(scene: Scene, batch: Batch) -> tuple[set[str], Page]:
    """Read page after page, however many payments each has, until one brings nothing new.

    Raises Prerequisite where a page is not served, unless it is refused after others, as one beyond the end may be.
    """
    seen: set[str] = set()
    first = 1 if scene.declared["batch-details.first-page"].strip() == "1" else 0
    for number in itertools.count(first):
        page = await transactions(scene, batch, pageNo=number, pageSize=_READ)
        if not page.answer.served and not (page.answer.refused and seen):
            text = N_("The product did not show the details of a batch: {answer}.")
            raise Prerequisite(Message(text=text, values={"answer": str(page.answer)}))
        fresh = {one.key for one in page.entries} - seen
        if not fresh or len(seen) > _MANY:
            break
        seen |= fresh
    return seen, page


@case("G1/many-registered", clause="GovStack Payments 8.1.2, 9.1.1", functions=["g2p"])
async def test_each_of_a_long_registration_is_entered(scene: Scene) -> None:
    """Of 120 beneficiaries who are registered at once, and of whom none is reported as failed, each is found."""
    (known,) = await registered(scene, [account(scene)])
    require_shown(known, await look_up(scene, known.identity))
    people = await registered(scene, [account(scene) for _ in range(_MANY)])
    looked_up = [*people[::_LOOKED_UP], people[-1]]
    listings = await together(*(look_up(scene, one.identity) for one in looked_up))
    for person, listing in zip(looked_up, listings, strict=True):
        if not expect_shown(
            scene, person, listing, _dropped(), code="account.every-one-registered", advice=_WHOLE_LIST
        ):
            return


@case("V1/many-ordered", clause="GovStack Payments 8.2.1", functions=["vouchers"])
async def test_each_of_a_long_order_gets_its_voucher(scene: Scene) -> None:
    """Of an order for 120 vouchers each instruction gets its own; the product may refuse so long a one."""
    order = await create(scene, amounts=[AMOUNT] * _MANY)
    told = await handed_over(scene, order)
    served = _instructions(told) & _instructions(order.instructions)
    scene.expect(
        len(served) == _MANY,
        code="voucher.every-instruction-served",
        message=_dropped(),
        expected=f"{_MANY} vouchers",
        actual=f"{len(served)} vouchers",
        seen=order.callback,
        advice=_WHOLE_LIST,
    )


def _instructions(listed: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(one.get("instructionID")) for one in listed}
