"""Results that come later: to the right address, after the acknowledgement, once, as declared, in time (C1–C6)."""

import asyncio

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.reactions import Reaction

from .callbacks import (
    RECEIVED,
    Pending,
    ask,
    came,
    carried_back,
    for_each,
    known_by_now,
    misdirected,
    names_its_request,
    readable,
    result,
)
from .order import Order
from .orders import ORDERS
from .participants import content

_EARLY_SECONDS = 1.0
"""An acknowledgement that comes so long after its result was sent later; no delay of the harness's own is as long."""
_SLOW = Reaction(status=200, after_seconds=2 * _EARLY_SECONDS)


@for_each("C6/in-time")
async def test_the_result_comes_in_time(scene: Scene, order: Order) -> None:
    """The result “{order}” is sent to the address that its request named, within the deadline."""
    pending = await ask(scene, order)
    callbacks = await came(scene, pending, scene.callback_seconds)
    if callbacks:
        readable(pending, callbacks[0])
        _arrived(scene, pending, True)
        return
    if not _went_elsewhere(scene, pending):
        known_by_now(scene, order)
    late = await came(scene, pending, scene.callback_seconds)
    if late:
        _late(scene, pending, late[0])
    elif misdirected(scene, pending) is None:
        _without_an_address(pending)
        _arrived(scene, pending, False)


def _arrived(scene: Scene, pending: Pending, met: bool) -> None:
    scene.expect(
        met,
        code="callback.arrives",
        message=Message(
            text=N_(
                "The product took the request in and never sent its result ({call}): whoever waits for it never learns "
                "what became of people's money."
            ),
            values={"call": pending.order.call},
        ),
        expected=f"≤ {scene.callback_seconds:g} s",
        actual=f"> {2 * scene.callback_seconds:g} s",
        seen=None if met else pending.answer,
        advice=Message(
            text=N_(
                "Send the result to the address in X-Callback-URL. If the product sends it and it does not arrive here, "
                "see the doctor's word on callbacks, and raise limits.callback_seconds in product.yaml if it needs longer."
            )
        ),
    )


def _late(scene: Scene, pending: Pending, callback: Callback) -> None:
    scene.expect(
        False,
        code="callback.in-time",
        message=Message(
            text=N_("The result ({call}) came, but after the deadline that product.yaml sets."),
            values={"call": pending.order.call},
        ),
        expected=f"≤ {scene.callback_seconds:g} s",
        actual=f"{callback.at - pending.answer.at:.1f} s",
        seen=callback,
        advice=Message(
            text=N_(
                "Send the result as soon as it is known; a product that needs longer says so under "
                "limits.callback_seconds in product.yaml."
            )
        ),
    )


def _without_an_address(pending: Pending) -> None:
    """No file says where this result goes: one that does not come to where it may not be known to go is no fault."""
    if pending.order.elsewhere and pending.party is None:
        text = N_(
            "No {call} came. The published file has no header for its address; if the product answers the {who} where "
            "it is configured to, name the {who} under counterparties in product.yaml, so that the harness is asked."
        )
        values = {"call": pending.order.call, "who": pending.order.elsewhere}
        raise Prerequisite(Message(text=text, values=values))


def _went_elsewhere(scene: Scene, pending: Pending) -> bool:
    """Find the result at an address that is not its own; tell whether it went there."""
    stray = misdirected(scene, pending)
    if stray is None:
        return False
    scene.expect(
        False,
        code="callback.own-address",
        message=Message(
            text=N_(
                "The result ({call}) of one request was sent to an address that is not its own: somebody else reads it, "
                "and whoever asked never does."
            ),
            values={"call": pending.order.call},
        ),
        expected=pending.address.url,
        actual=stray.request.url,
        seen=stray,
        advice=Message(
            text=N_(
                "Keep the address of each request with that request, and use it whole, as it was given: with its path, "
                "and never one that is remembered for the caller."
            )
        ),
    )
    return True


@for_each("C1/own-address")
async def test_each_result_goes_to_its_own_request_s_address(scene: Scene, order: Order) -> None:
    """Of two requests at the same time, each “{order}” goes to its own request's address and names that request."""
    both = await asyncio.gather(ask(scene, order), ask(scene, order))
    await asyncio.gather(*(came(scene, one, scene.callback_seconds) for one in both))
    for one, other in (both, both[::-1]):
        if _went_elsewhere(scene, one):
            continue
        first = await result(scene, one)
        for place, wanted, found in carried_back(one, first):
            theirs = found in other.draft.result.values()
            _mixed_up(scene, one, first, (place, wanted, found), theirs=theirs)
        names_its_request(scene, one, first)
        scene.expected += 1


def _mixed_up(
    scene: Scene, pending: Pending, callback: Callback, field: tuple[str, str, str], *, theirs: bool
) -> None:
    place, wanted, found = field
    text = (
        N_("The result ({call}) names another request than the one whose address it was sent to.")
        if theirs
        else N_("The result ({call}) does not carry back the identifier of its request.")
    )
    scene.expect(
        False,
        code="callback.correlation",
        message=Message(text=text, values={"call": pending.order.call}),
        expected=wanted,
        actual=found,
        seen=callback,
        place=place,
        advice=Message(
            text=N_(
                "Carry the request's own identifier through to its result: by it the caller books the result where it "
                "belongs."
            )
        ),
    )


@for_each("C2/after-acknowledgement", profile=Profile.STANDARD)
async def test_the_result_comes_after_the_acknowledgement(scene: Scene, order: Order) -> None:
    """The result “{order}” is sent only when its request was acknowledged.

    The receiver answers slowly, and a result counts as early only if the acknowledgement came a second after it, twice.
    """
    for _ in range(2):
        pending = await ask(scene, order, _SLOW)
        first = await result(scene, pending)
        after = pending.answer.at - first.at
        if after < _EARLY_SECONDS:
            break
        scene.timed(first.at)
    scene.expect(
        after < _EARLY_SECONDS,
        code="callback.after-acknowledgement",
        message=Message(
            text=N_(
                "The result ({call}) was sent before its request was acknowledged: the caller does not know yet what it "
                "belongs to, and has to throw it away."
            ),
            values={"call": order.call},
        ),
        expected=N_("the acknowledgement, then the result"),
        actual=f"{after:.1f} s",
        seen=first,
        advice=Message(
            text=N_(
                "Answer the request first, and hand the result to a worker that sends it afterwards; do not call the "
                "receiver while the request is being handled."
            )
        ),
    )


@for_each("C2/in-order", orders=[order for order in ORDERS if order.call == "batch-status"])
async def test_updates_come_in_their_order(scene: Scene, order: Order) -> None:
    """No “{order}” that says that payments are under way comes after one that says that all are done."""
    pending = await ask(scene, order, *[RECEIVED] * 8)
    await result(scene, pending)
    final = await pending.address.wait_for(lambda call: _under_way(call) == 0, scene.callback_seconds)
    if final is None:
        text = N_("No {call} said that all payments of the batch are done within {seconds} s.")
        values = {"call": order.call, "seconds": f"{scene.callback_seconds:g}"}
        raise Prerequisite(Message(text=text, values=values))
    await pending.address.wait_for(
        lambda call: call.at > final.at and _under_way(call) > 0, scene.quiet_seconds
    )
    _in_order(scene, final, [call for call in pending.address.callbacks if call.at > final.at])


def _in_order(scene: Scene, final: Callback, later: list[Callback]) -> None:
    scene.timed(final.at)
    stale = next((call for call in later if _under_way(call) > 0), None)
    scene.expect(
        stale is None,
        code="callback.in-order",
        message=Message(
            text=N_(
                "A status said that payments are under way after one had said that all are done: whoever keeps the last "
                "word shows citizens a payment as open that was made."
            )
        ),
        expected="ongoing: 0",
        actual=f"ongoing: {_under_way(stale)}" if stale else "-",
        seen=stale or final,
        advice=Message(
            text=N_(
                "Send the statuses of one batch one after the other, and drop one that a newer one has overtaken."
            )
        ),
    )


def _under_way(callback: Callback) -> float:
    body = content(callback)
    value = body.get("ongoing", 0) if isinstance(body, dict) else 0
    return value if isinstance(value, int | float) else 0
