"""A result meets a receiver in trouble, or one that has it already: sent again, or not (C3)."""

import asyncio
from collections import Counter
from typing import Final

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.reactions import DROPPED, HANG_SECONDS, Reaction, refusing

from .callbacks import (
    AT_LEAST_ONCE,
    ONCE,
    RECEIVED,
    Pending,
    all_of,
    ask,
    came,
    changed_fields,
    delivery,
    for_each,
    readable,
    result,
    retry_seconds,
)
from .order import Order, served
from .orders import ORDERS
from .participants import content

_GENERAL = [order for order in ORDERS if order.call in {"register-beneficiary-result", "vouchers-created"}]
"""One order a function, where the same part of a product sends all results; these need no counterparty."""
_HANGS = Reaction(status=200, after_seconds=HANG_SECONDS)
_HANGING = 4
_CLOSED_SECONDS = 0.6
_KEEP = Message(
    text=N_(
        "Keep a result until it was answered with 2xx, and send it again after a pause that grows, also after a restart."
    )
)


@for_each("C3/retried-after-503")
async def test_a_result_that_was_refused_for_the_moment_is_sent_again(scene: Scene, order: Order) -> None:
    """The result “{order}” is sent again, unchanged, to a receiver that was out of order (503).

    No published document says so: whether and when is what the vendor declares.
    """
    await _retried(scene, order, refusing(503))


@for_each("C3/retried-after-drop", profile=Profile.STANDARD)
async def test_a_result_whose_connection_broke_is_sent_again(scene: Scene, order: Order) -> None:
    """The result “{order}” is sent again, unchanged, to a receiver whose connection broke before it answered.

    No published document says so: whether and when is what the vendor declares.
    """
    await _retried(scene, order, DROPPED)


@for_each("C3/retried-after-hang", orders=_GENERAL, profile=Profile.STANDARD)
async def test_a_result_that_was_not_answered_is_sent_again(scene: Scene, order: Order) -> None:
    """The result “{order}” is sent again, unchanged, to a receiver that took it and did not answer.

    How long a product waits for an answer is nowhere published, so that a product which does not is only told.
    """
    pending = await ask(scene, order, _HANGS)
    first = await result(scene, pending)
    again = (await came(scene, pending, scene.callback_seconds, count=2))[1:]
    if not again:
        await _still_sends(scene, order)
    _tried_again(scene, pending, first, bool(again), advisory=True)
    if again:
        _unchanged(scene, pending, first, again[0])


@for_each("C3/retried-after-refused-connection", orders=_GENERAL, profile=Profile.STANDARD)
async def test_a_result_whose_receiver_was_down_is_sent_again(scene: Scene, order: Order) -> None:
    """The result “{order}” arrives at a receiver that was down when it was sent first, and refused the connection.

    No published document says so: whether and when is what the vendor declares.
    """
    seconds = retry_seconds(scene)
    await result(scene, await ask(scene, order))  # the control: to a receiver that is up, it comes
    draft = await order.draft(scene, False)
    async with scene.closed_address(order.call) as door:
        answer = await served(scene, order.variant, draft.to(door.address.url))
        await door.address.wait(1, _CLOSED_SECONDS)  # nothing can come; a receiver is away for as long
        await door.open()
        came_back = await door.address.wait(1, max(seconds, scene.quiet_seconds))
        if not came_back:
            await _still_sends(scene, order)
        _came_after_all(scene, order, answer, met=bool(came_back), advisory=seconds == 0)


def _came_after_all(scene: Scene, order: Order, answer: Answer, *, met: bool, advisory: bool) -> None:
    scene.expect(
        met,
        code="callback.retried",
        message=Message(
            text=N_(
                "The receiver of a result ({call}) was down for a moment, and the product never tried again: the result is "
                "lost for good, although the receiver is back."
            ),
            values={"call": order.call},
        ),
        expected=N_("a second attempt within the time that declares: callback-retry-seconds gives"),
        actual=N_("none"),
        seen=None if met else answer,
        advice=_KEEP,
        advisory=advisory,
    )


@for_each("C3/not-held-up", orders=_GENERAL, profile=Profile.STANDARD)
async def test_a_receiver_that_hangs_holds_nobody_up(scene: Scene, order: Order) -> None:
    """The result “{order}” comes in time although other receivers take theirs and never answer."""
    hanging = [await ask(scene, order, *[_HANGS] * 8) for _ in range(_HANGING)]
    await asyncio.gather(*(result(scene, one) for one in hanging[:1]))
    pending = await ask(scene, order)
    callbacks = await came(scene, pending, scene.callback_seconds)
    if callbacks:
        readable(pending, callbacks[0])
    scene.expect(
        bool(callbacks),
        code="callback.held-up",
        message=Message(
            text=N_(
                "A result ({call}) did not come in time while {count} other receivers hung: one caller whose server "
                "hangs keeps all others waiting."
            ),
            values={"call": order.call, "count": _HANGING},
        ),
        expected=f"≤ {scene.callback_seconds:g} s",
        actual=N_("no call"),
        seen=callbacks[0] if callbacks else pending.answer,
        advice=Message(
            text=N_(
                "Send results side by side, each with a time limit, and let a receiver that hangs wait by itself."
            )
        ),
    )


async def _retried(scene: Scene, order: Order, trouble: Reaction) -> None:
    seconds = retry_seconds(scene)
    pending = await ask(scene, order, trouble)
    first = await result(scene, pending)
    again = (await came(scene, pending, max(seconds, scene.quiet_seconds), count=2))[1:]
    if not again:
        await _still_sends(scene, order)
    _tried_again(scene, pending, first, bool(again), advisory=seconds == 0)
    if again:
        _unchanged(scene, pending, first, again[0])


async def _still_sends(scene: Scene, order: Order) -> None:
    """Raise Inconclusive where nothing came because the product is gone: it still serves an order, and sends its result."""
    await result(scene, await ask(scene, order))


def _tried_again(scene: Scene, pending: Pending, first: Callback, met: bool, *, advisory: bool) -> None:
    scene.expect(
        met,
        code="callback.retried",
        message=Message(
            text=N_(
                "The result ({call}) met a receiver in trouble and was not sent again: it is lost for good, although "
                "the receiver is back."
            ),
            values={"call": pending.order.call},
        ),
        expected=N_("a second attempt within the time that declares: callback-retry-seconds gives"),
        actual=N_("none"),
        seen=first,
        advice=_KEEP,
        advisory=advisory,
    )


def _unchanged(scene: Scene, pending: Pending, first: Callback, again: Callback) -> None:
    if pending.order.call == "batch-status":
        return  # a batch may have come further meanwhile, and then the newer figures are the better ones
    changed = changed_fields(first, again)
    scene.expect(
        not changed,
        code="callback.retried-unchanged",
        message=Message(
            text=N_(
                "The result ({call}) was sent again as another message: a receiver that had taken the first one in, and "
                "only its answer was lost, takes it for a second result."
            ),
            values={"call": pending.order.call},
        ),
        expected=N_("the same message"),
        actual=N_("another value of: ") + ", ".join(changed),
        seen=again,
        advice=Message(
            text=N_("Store the message, its own identifier included, and send that very message again.")
        ),
    )


_FLOOD: Final = 50
"""Calls with one message, each answered with 200, that no delivery makes which means at least once."""


@for_each("C3/settled-by-200")
async def test_a_result_that_was_taken_in_is_not_sent_again(scene: Scene, order: Order) -> None:
    """The result “{order}” is not sent again once its receiver answered with 200.

    No published document says so: a repetition is a fault where the vendor declares that there is none, and counts only
    if it is seen for two requests, one after the other.
    """
    declared = delivery(scene)
    for attempt in (1, 2):
        pending = await ask(scene, order, *[RECEIVED] * 8)
        first = await result(scene, pending)
        more = (await came(scene, pending, scene.quiet_seconds, count=2))[1:]
        repeated = next((one for one in more if _repeats(order, first, one)), None)
        if repeated is None or attempt == 2:
            break
    _settled(scene, pending, first, repeated, declared)
    if repeated is not None:
        await _stops(scene, pending)


async def _stops(scene: Scene, pending: Pending) -> None:
    """Expect that a result which comes again does not come on and on: no way of delivery does that."""
    await came(scene, pending, scene.quiet_seconds, count=_FLOOD)
    taken = [one for one in all_of(pending) if 200 <= one.answered < 300]
    copies = Counter(one.request.body for one in taken)
    most = max(copies.values(), default=0)
    scene.expect(
        most < _FLOOD,
        code="callback.flood",
        message=Message(
            text=N_(
                "One result ({call}) comes again and again, although each was answered with 200: a receiver that is "
                "called like this can serve nobody else, and the product's other results wait behind it."
            ),
            values={"call": pending.order.call},
        ),
        expected=N_("one call, or few where the same message may come again"),
        actual=f"{most} × {taken[-1].request.body[:120].decode('utf-8', 'replace') if taken else '-'}",
        seen=taken[-1] if taken else None,
        advice=Message(
            text=N_(
                "Take a result as delivered at the first 2xx; send again only what was answered otherwise, after a pause "
                "that grows."
            )
        ),
    )


def _repeats(order: Order, first: Callback, other: Callback) -> bool:
    """Tell whether a further result says nothing new; a batch has several, each with other figures."""
    return order.call != "batch-status" or _figures(first) == _figures(other)


def _figures(callback: Callback) -> object:
    body = content(callback)
    own = {"requestId", "resultGeneratedAt", "note"}
    return (
        {name: value for name, value in body.items() if name not in own} if isinstance(body, dict) else body
    )


def _settled(
    scene: Scene, pending: Pending, first: Callback, repeated: Callback | None, declared: str
) -> None:
    values = {"call": pending.order.call}
    count = len(all_of(pending))
    changed = changed_fields(first, repeated) if repeated is not None else []
    same = repeated is not None and not changed
    scene.expect(
        repeated is None or not same or declared == AT_LEAST_ONCE,
        code="callback.settled-by-2xx",
        message=Message(
            text=N_("The result ({call}) was sent again although its receiver had answered with 200."),
            values=values,
        ),
        expected=N_("one call"),
        actual=f"{count} calls with the same result",
        seen=repeated or first,
        advice=Message(
            text=N_(
                "Take a result as delivered at the first 2xx, and send it no more; or, if receivers are told to expect "
                "the same message again, write declares: callback-delivery: at-least-once in product.yaml."
            )
        ),
        advisory=declared != ONCE,
    )
    scene.expect(
        repeated is None or same,
        code="callback.once",
        message=Message(
            text=N_(
                "One request had two results ({call}), as two messages: a caller that books each one pays, or hands out, "
                "twice."
            ),
            values=values,
        ),
        expected=N_("one result"),
        actual=f"{count} calls, with results that differ in: {', '.join(changed)}"
        if changed
        else f"{count} call(s)",
        seen=repeated or first,
        advice=Message(
            text=N_(
                "Make the result once, where the request is carried out, and not in each worker that sees it."
            )
        ),
        advisory=not declared,
    )
