"""What a result says, and that a request which was refused has none (C4, C5)."""

import asyncio
from datetime import datetime

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .callbacks import ask, for_each, mentioning, result, sent
from .order import Order
from .orders import ORDERS
from .participants import fields, spelt

_CLOCKS_APART_SECONDS = 300.0
"""So far apart may two clocks be that are set by time servers, and a status be under way."""
_FAILING = [order for order in ORDERS if order.fails]


@for_each("C4/valid")
async def test_the_result_of_a_success_is_as_declared(scene: Scene, order: Order) -> None:
    """The result “{order}” of a request that succeeds is as the specification declares it."""
    pending = await ask(scene, order)
    first = await sent(scene, pending)
    if scene.expect_declared(order.call, first, pending.at(first)):
        _says_something(order, first)


@for_each("C4/valid-of-failure", orders=_FAILING)
async def test_the_result_of_a_failure_is_as_declared(scene: Scene, order: Order) -> None:
    """The result “{order}” of a request that fails, wholly or in part, is as the specification declares it."""
    pending = await ask(scene, order, failing=True)
    first = await sent(scene, pending)
    if scene.expect_declared(order.call, first, pending.at(first)):
        _says_something(order, first)
        _told_of_a_failure(scene, order, first)


def _says_something(order: Order, callback: Callback) -> None:
    """Raise Prerequisite where the result has no field at all: nothing of its form was seen."""
    if not fields(callback):
        text = N_(
            "The result ({call}) is an empty object. The specification requires no field of it, so it is valid, and shows "
            "nothing of how the product tells of a result."
        )
        raise Prerequisite(Message(text=text, values={"call": order.call}))


def _told_of_a_failure(scene: Scene, order: Order, callback: Callback) -> None:
    """Raise Prerequisite where the result lists failed cases and has none, so that the form of one was not seen."""
    listed = spelt(scene, callback, "failedCases")
    if order.lists_failures and not listed:
        text = N_(
            "The request had a part that had to fail, and its result ({call}) has no failedCases, so nothing can be said "
            "of how the product tells of a failure."
        )
        raise Prerequisite(Message(text=text, values={"call": order.call}))


@for_each("C4/stamped-when-made", orders=[order for order in ORDERS if order.call == "batch-status"])
async def test_a_status_is_stamped_with_the_moment_of_its_figures(scene: Scene, order: Order) -> None:
    """A “{order}” says that its figures are of now (resultGeneratedAt), by a clock that agrees with the receiver's."""
    pending = await ask(scene, order)
    first = await result(scene, pending)
    stamped, came = _moment(spelt(scene, first, "resultGeneratedAt")), _moment(first.received_at)
    if stamped is None or came is None:
        text = N_(
            "The result ({call}) has no resultGeneratedAt that can be read; see the case C4/valid/{call}."
        )
        raise Prerequisite(Message(text=text, values={"call": order.call}))
    apart = (stamped - came).total_seconds()
    scene.expect(
        abs(apart) <= _CLOCKS_APART_SECONDS,
        code="callback.stamped-when-made",
        message=Message(
            text=N_(
                "A status of a batch says that its figures are of another time than when it came: a caller that sorts "
                "statuses by it, or drops old ones, keeps the wrong one."
            )
        ),
        expected=f"{first.received_at} ± {_CLOCKS_APART_SECONDS:.0f} s",
        actual=f"{stamped.isoformat()} ({apart:+.0f} s)",
        seen=first,
        place="body.resultGeneratedAt",
        advice=Message(
            text=N_(
                "Set the clock of the machine that sends results by a time server (NTP), and stamp a status when its "
                "figures are taken."
            )
        ),
    )


def _moment(text: object) -> datetime | None:
    """Read an ISO 8601 moment that says its time zone; None for any other value."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


@for_each("C5/none-for-refused")
async def test_a_refused_request_has_no_result(scene: Scene, order: Order) -> None:
    """A request that is refused, for its content or for want of credentials, has no “{order}”; one that is served has.

    Where no result comes of the one that is served, nothing is said of those that are refused.
    """
    control = await ask(scene, order)
    await result(scene, control)
    draft, stolen = await order.draft(scene, False), await order.draft(scene, False)
    wrong, unproven = scene.address(f"{order}/wrong"), scene.address(f"{order}/without-credentials")
    refused = await scene.send(order.variant, draft.to(wrong.url, _broken(order, draft.body)))
    unknown = await scene.send(order.variant, stolen.to(unproven.url), credentials="none")
    watched = [address for address, answer in ((wrong, refused), (unproven, unknown)) if answer.refused]
    if not watched:
        text = N_(
            "The product served a request that it has to refuse ({answer}), so nothing can be said of its result."
        )
        raise Prerequisite(Message(text=text, values={"answer": str(refused)}))
    waits = (address.wait(1, scene.quiet_seconds) for address in watched)
    unsolicited = [callback for callbacks in await asyncio.gather(*waits) for callback in callbacks]
    if control.party:
        refusals = ((draft, refused), (stolen, unknown))
        marks = (one.mark for one, answer in refusals if answer.refused)
        unsolicited += (call for mark in marks for call in mentioning(control.party, mark))
    _unsolicited(scene, order, unsolicited[0] if unsolicited else None)


def _broken(order: Order, body: object) -> object:
    if isinstance(body, list):
        return [{**one, **order.broken} for one in body]
    return {**body, **order.broken} if isinstance(body, dict) else body


def _unsolicited(scene: Scene, order: Order, callback: Callback | None) -> None:
    scene.expect(
        callback is None,
        code="callback.none-for-refused",
        message=Message(
            text=N_(
                "A request was refused, and its result ({call}) was sent all the same: either the refusal is not true and "
                "something was carried out, or the receiver is told of what never was."
            ),
            values={"call": order.call},
        ),
        expected=N_("no call"),
        actual=f"{callback.request.method} {callback.request.url}" if callback else "-",
        seen=callback,
        advice=Message(
            text=N_(
                "Check the request whole, its credentials first, before anything is queued or sent; a request without "
                "credentials that makes the product call an address lets anybody use it against others."
            )
        ),
    )
