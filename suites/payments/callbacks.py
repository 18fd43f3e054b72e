"""Results that come later: asked for, waited for, found wherever they went, and told apart."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import NotCalledBack, NotServed, Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.listener import CallbackAddress
from dpi_conformance.wire.reactions import Reaction

from .order import Draft, Order
from .orders import ORDERS
from .participants import content, header, spelt

__all__ = [
    "AT_LEAST_ONCE",
    "ONCE",
    "RECEIVED",
    "Pending",
    "all_of",
    "ask",
    "came",
    "carried_back",
    "changed_fields",
    "delivery",
    "for_each",
    "known_by_now",
    "mentioning",
    "misdirected",
    "names_its_request",
    "readable",
    "result",
    "retry_seconds",
    "sent",
]

ONCE, AT_LEAST_ONCE = "once", "at-least-once"
"""How a vendor may declare that results are delivered."""
RECEIVED = Reaction(status=200)
"""The answer of a receiver that has the message and wants no other."""
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A request that was taken in and whose result is to come."""

    order: Order
    draft: Draft
    answer: Answer
    address: CallbackAddress
    party: CallbackAddress | None
    """Whose own address is as good as the one that the request names."""
    since: int
    """How many calls the party had before."""

    @property
    def mark(self) -> str:
        """Give the identifier by which its result is found."""
        return self.draft.mark

    @property
    def names(self) -> tuple[str, ...]:
        """Give all identifiers by which a result tells whose it is; the product gives a batch one of its own."""
        batch = self.answer.get("batchId")
        return (self.mark, *([str(batch)] if batch else []))

    def at(self, callback: Callback) -> str:
        """Give the address at which a result came."""
        own = self.party is None or callback.request.url.startswith(self.address.url)
        return self.address.url if own or self.party is None else self.party.url


def for_each(
    name: str, *, orders: Sequence[Order] = ORDERS, profile: Profile = Profile.QUICK
) -> Callable[[_Function], _Function]:
    """Mark a function as one case for each order, ``<name>/<the result's name>``; it is given the ``order``."""

    def marked(function: _Function) -> _Function:
        for order in reversed(orders):
            case(
                f"{name}/{order}",
                clause=f"GovStack Payments {order.clause}",
                functions=[order.function],
                profile=profile,
                given={"order": order},
            )(function)
        return function

    return marked


async def ask(scene: Scene, order: Order, *reactions: Reaction, failing: bool = False) -> Pending:
    """Send one, let the counterparties play along, and leave its result to come; raises NotServed.

    The result's receiver answers with ``reactions``, one each, and then as usual.
    """
    address = scene.address(order.call)
    draft = await order.draft(scene, failing)
    party = scene.listener.counterparty(order.elsewhere) if order.elsewhere in scene.counterparties else None
    since = party.arrived if party else 0
    address.react(*reactions)
    if party:
        party.react(*reactions, mentions=draft.mark)
    answer = await scene.send(order.variant, draft.to(address.url))
    if not answer.served:
        text = N_("A preparing request ({variant}) was not served: {answer}.")
        raise NotServed(Message(text=text, values={"variant": order.variant, "answer": str(answer)}))
    await draft.play(scene, answer)
    return Pending(order=order, draft=draft, answer=answer, address=address, party=party, since=since)


async def came(scene: Scene, pending: Pending, seconds: float, *, count: int = 1) -> list[Callback]:
    """Give what came, as soon as it is ``count`` calls, or what there is after ``seconds``; it is evidence then."""
    waits = [asyncio.ensure_future(pending.address.wait(count, seconds))]
    if pending.party:
        mark, since = pending.mark, pending.since
        waits.append(asyncio.ensure_future(_at_party(pending.party, mark, since, count, seconds)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*waits, return_exceptions=True)
    return [scene.met(callback) for callback in all_of(pending)]


async def _at_party(
    party: CallbackAddress, mark: str, since: int, count: int, seconds: float
) -> list[Callback]:
    def enough(_callback: Callback) -> bool:
        return len(list(mentioning(party, mark))) >= count

    await party.wait_for(enough, seconds, mentions=mark, since=since)
    return list(mentioning(party, mark))


def mentioning(party: CallbackAddress, mark: str) -> Iterator[Callback]:
    """Give what a party got that has this identifier in it."""
    raw = mark.encode()
    return (one for one in party.callbacks if raw in one.request.body or mark in one.request.url)


def all_of(pending: Pending) -> list[Callback]:
    """Give all that came so far for a request, in order."""
    at_party = mentioning(pending.party, pending.mark) if pending.party else ()
    return sorted((*pending.address.callbacks, *at_party), key=lambda callback: callback.at)


async def result(scene: Scene, pending: Pending) -> Callback:
    """Wait for the first result; raises Prerequisite without one, or one that cannot be read: other cases judge that."""
    first = await sent(scene, pending)
    readable(pending, first)
    return first


def readable(pending: Pending, callback: Callback) -> None:
    """Raise Prerequisite where a call holds no JSON, so that it is the result of nothing."""
    if not content(callback):
        text = N_(
            "A call came where the result ({call}) was to come, and holds no JSON that could be read as one; see the case "
            "C4/valid/{call}."
        )
        raise Prerequisite(Message(text=text, values={"call": pending.order.call}))


async def sent(scene: Scene, pending: Pending) -> Callback:
    """Wait for the first call, whatever it holds; raises Prerequisite without one, which another case judges."""
    callbacks = await came(scene, pending, scene.callback_seconds)
    if callbacks:
        return callbacks[0]
    known_by_now(scene, pending.order)
    raise NotCalledBack(_missing(scene, pending))


def known_by_now(scene: Scene, order: Order) -> None:
    """Raise Prerequisite where the result waits for the word of a counterparty that the harness does not play."""
    if order.depends_on:
        scene.counterparty(order.depends_on)


def _missing(scene: Scene, pending: Pending) -> Message:
    order = pending.order
    values = {"call": order.call, "seconds": f"{scene.callback_seconds:g}", "who": order.elsewhere}
    if order.elsewhere and not pending.party:
        text = N_(
            "The product sent no {call} to the address that the request named within {seconds} s. The published file "
            "has no header for one; if the product answers the {who} where it is configured to, have it call the "
            "harness, and name the {who} under counterparties in product.yaml."
        )
    else:
        text = N_(
            "The product sent no {call} within {seconds} s, so nothing can be said of it; see the case C6/in-time/{call}."
        )
    return Message(text=text, values=values)


def misdirected(scene: Scene, pending: Pending) -> Callback | None:
    """Find a result that went to an address that is not its own: another request's, or one that nobody handed out."""
    own = [one for one in (pending.address, pending.party) if one is not None]
    mark, *batches = pending.names
    calls = [
        *scene.listener.mentioning(mark, apart_from=own),
        *(  # a product's own number may be short, and then stands in much that is not about the batch
            call
            for batch in batches
            for call in scene.listener.mentioning(batch, apart_from=own)
            if _about_batch(scene, call, batch)
        ),
    ]
    return next((call for call in calls if not _asks_a_counterparty(scene, call)), None)


def _about_batch(scene: Scene, call: Callback, batch: str) -> bool:
    return isinstance(content(call), dict) and str(spelt(scene, call, "batchId")) == batch


def _asks_a_counterparty(scene: Scene, call: Callback) -> bool:
    """Tell whether a call is what the product asks of a bank or biller, which may name the request too.

    Such a call comes to a counterparty's address, also if product.yaml does not name the counterparty.
    """
    return call.request.url.startswith(f"{scene.listener.public_url}/counterparty/")


def carried_back(pending: Pending, callback: Callback) -> Iterator[tuple[str, str, str]]:
    """Give place, expected and actual of each identifier of the request that the result carries otherwise."""
    for place, wanted in pending.draft.result.items():
        found = _value(callback, place)
        if found is not None and found != wanted:
            yield place, wanted, found


def names_its_request(scene: Scene, pending: Pending, callback: Callback) -> None:
    """Raise Prerequisite where a result has no identifier of any request that can be read: whose it is, is not seen."""
    by_batch = any(_about_batch(scene, callback, name) for name in pending.names)
    if by_batch or any(_value(callback, place) for place in pending.draft.result):
        return
    text = N_(
        "The result ({call}) came, and the identifier of its request could not be read in it ({places}); see the case "
        "C4/valid/{call}."
    )
    values = {"call": pending.order.call, "places": ", ".join(pending.draft.result)}
    raise Prerequisite(Message(text=text, values=values))


def _value(callback: Callback, place: str) -> str | None:
    where, _, name = place.partition(".")
    if where == "header":
        return header(callback, name) or None
    if where == "query":
        return dict(parse_qsl(urlsplit(callback.request.url).query)).get(name)
    body = content(callback)
    value = body.get(name) if isinstance(body, dict) else None
    return None if value is None else str(value)


def changed_fields(one: Callback, other: Callback) -> list[str]:
    """Name what differs between two results, the moment of a figure apart; none: they are one message, sent twice."""
    first, second = content(one), content(other)
    if not isinstance(first, dict) or not isinstance(second, dict):
        return [] if one.request.body == other.request.body else ["body"]
    names = sorted({*first, *second} - {"resultGeneratedAt"})
    return [name for name in names if first.get(name) != second.get(name)]


def delivery(scene: Scene) -> str:
    """Give how results are delivered, as the vendor declares; empty if nothing is declared; raises Prerequisite."""
    declared = scene.declared.get("callback-delivery", "")
    if declared not in {"", ONCE, AT_LEAST_ONCE}:
        text = N_("declares: callback-delivery in product.yaml is “{value}”; write once or at-least-once.")
        raise Prerequisite(Message(text=text, values={"value": declared}))
    return declared


def retry_seconds(scene: Scene) -> float:
    """Give within what time the product tries a lost result again, as its vendor declares; raises Prerequisite."""
    declared = scene.declares("callback-retry-seconds")
    try:
        return float(declared)
    except ValueError:
        text = N_(
            "declares: callback-retry-seconds in product.yaml is “{value}”; write a number of seconds, or 0."
        )
        raise Prerequisite(Message(text=text, values={"value": declared})) from None
