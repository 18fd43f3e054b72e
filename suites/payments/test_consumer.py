"""What the product asks of others: each call to a bank, a biller or a payer's institution as it is declared."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .callbacks import for_each, known_by_now
from .counterparties import (
    NotAsked,
    authorization_asked,
    bank_asked,
    bill_asked,
    marking_asked,
    payer_asked,
)
from .order import Draft, Order, served
from .orders import ORDERS
from .payer_bank import accounts_asked_about

_Function = TypeVar("_Function", bound=Callable[..., Any])
_BY_CALL = {order.call: order for order in ORDERS}
_UNADDRESSED = [order for order in ORDERS if order.elsewhere]
"""Orders whose published file has no header for the result's address: it goes where the product is configured to."""


@dataclass(frozen=True, kw_only=True)
class Errand:
    """One call that the product makes to a counterparty, and the order that causes it."""

    call: str
    party: str
    clause: str
    cause: Order
    asked: Callable[[Scene, Draft, Answer], Awaitable[Callback]]
    """Waits for the call that belongs to this order; raises NotAsked."""
    left_open: Callable[[Scene], None] = lambda _scene: None
    """Raises Prerequisite where the documents leave it open whether the call is made."""

    def __str__(self) -> str:
        """Give the call's name."""
        return self.call


async def _validation(scene: Scene, _draft: Draft, answer: Answer) -> Callback:
    return await bank_asked(scene, str(answer.get("batchId")), "validate")


async def _release(scene: Scene, _draft: Draft, answer: Answer) -> Callback:
    return await authorization_asked(scene, str(answer.get("batchId")))


async def _bill(scene: Scene, draft: Draft, _answer: Answer) -> Callback:
    return await bill_asked(scene, draft.body["billId"])


async def _marking(scene: Scene, draft: Draft, _answer: Answer) -> Callback:
    return await marking_asked(
        scene, draft.body["billId"], scene.listener.counterparty("biller").arrived - 64
    )


async def _forwarding(scene: Scene, draft: Draft, _answer: Answer) -> Callback:
    return await payer_asked(scene, draft.body["rtpId"])


ERRANDS = (
    Errand(
        call="validate-accounts",
        party="payer-bank",
        clause="8.1 (BulkValidateAccountRequest)",
        cause=_BY_CALL["batch-status"],
        asked=_validation,
        left_open=accounts_asked_about,
    ),
    Errand(
        call="authorize-batch",
        party="payer-bank",
        clause="8.1 (GetAuthorizationRequest)",
        cause=_BY_CALL["batch-status"],
        asked=_release,
    ),
    Errand(
        call="inquire-bill",
        party="biller",
        clause="8.3 (billInquiryBillerRequest)",
        cause=_BY_CALL["bill-inquiry-result"],
        asked=_bill,
    ),
    Errand(
        call="mark-bill-paid",
        party="biller",
        clause="8.3.3",
        cause=_BY_CALL["bill-payment-result"],
        asked=_marking,
    ),
    Errand(
        call="forward-request-to-pay",
        party="payer-fi",
        clause="8.3 (payerRtpRequest)",
        cause=_BY_CALL["request-to-pay-result"],
        asked=_forwarding,
    ),
)


def _for_each_errand(name: str) -> Callable[[_Function], _Function]:
    def marked(function: _Function) -> _Function:
        for errand in reversed(ERRANDS):
            case(
                f"{name}/{errand}",
                clause=f"GovStack Payments {errand.clause}",
                functions=[errand.cause.function],
                given={"errand": errand, "party": errand.party},
            )(function)
        return function

    return marked


@_for_each_errand("C4/asked-as-declared")
async def test_a_counterparty_is_asked_as_declared(scene: Scene, errand: Errand, party: str) -> None:
    """The product's call “{errand}” reaches the {party} and is as the specification declares it."""
    there = scene.counterparty(party)
    draft = await errand.cause.draft(scene, False)
    answer = await served(scene, errand.cause.variant, draft.to(scene.address(errand.cause.call).url))
    try:
        call = await errand.asked(scene, draft, answer)
    except NotAsked:
        errand.left_open(scene)
        _never_called(scene, errand.call, party, str(answer.get("batchId") or draft.mark), answer)
    else:
        scene.expect_declared(errand.call, call, there.url)


@for_each("C4/sent-without-address", orders=_UNADDRESSED)
async def test_a_result_without_an_address_reaches_its_party(scene: Scene, order: Order) -> None:
    """The result “{order}” of a request that names no address goes to the party whom the product is configured with."""
    party = scene.counterparty(order.elsewhere)
    draft = await order.draft(scene, False)
    since = party.arrived
    answer = await served(scene, order.variant, draft.to(None))
    await draft.play(scene, answer)
    call = await party.wait_for(lambda _call: True, scene.callback_seconds, mentions=draft.mark, since=since)
    if call is None:
        known_by_now(scene, order)
        _never_called(scene, order.call, order.elsewhere, draft.mark, answer)
    else:
        scene.expect_declared(order.call, call, party.url)


def _never_called(scene: Scene, call: str, who: str, mark: str, answer: Answer) -> None:
    stray = next(scene.listener.mentioning(mark, apart_from=[scene.counterparty(who)]), None)
    scene.expect(
        False,
        code="consumer.called",
        message=Message(
            text=N_(
                "The product took the request in and never made the call “{call}” to the {who}, whom the harness plays: "
                "what has to be asked first is not asked, or whoever waits for it never learns of it."
            ),
            values={"call": call, "who": who},
        ),
        expected=scene.counterparty(who).url,
        actual=f"{stray.request.method} {stray.request.url}" if stray else N_("no call"),
        seen=stray or answer,
        advice=Message(
            text=N_(
                "Check the address that the product has for the {who}: {url}, and below it the path that the "
                "specification declares."
            ),
            values={"who": who, "url": scene.counterparty(who).url},
        ),
    )
