"""Events that are confirmed: once, for good (P5), and by one subscriber for nobody else (P6)."""

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Profile

from .parties import Application
from .pubsub_cast import cast
from .pubsub_rules import expect_none, expect_reached, required, waiting
from .pubsub_topics import Topic, delivered, needed, topic

_CONFIRM: Final = "GovStack Information Mediator API (confirmEvent)"
_BOTH: Final = ("pubsub", "pubsub-pull")
_AT_ONCE: Final = 8
_EVENTS: Final = 10
_WORKERS: Final = 4
_GONE: Final = N_("An event was delivered again after it was confirmed: it is processed twice.")
_TAKE: Final = Message(
    text=N_("Take exactly the confirmed event from the caller's queue, before the confirmation is answered.")
)
_TWICE: Final = N_(
    "One event was confirmed {count} times: each of its readers believes that it is theirs, and acts."
)
_NOT_WAITING: Final = N_(
    "The confirmation of an event that does not wait was acknowledged: a mistake is not noticed."
)
_WHERE_IT_WAITS: Final = N_("Answer 404 where the event is not in the caller's queue of this type.")
_ATOMIC: Final = Message(
    text=N_(
        "Look for the event and remove it in one step, such as one DELETE whose number of rows decides the answer."
    )
)


@case("P5/confirmed", clause=_CONFIRM, functions=_BOTH)
async def test_a_confirmed_event_is_not_fetched_again(scene: Scene) -> None:
    """After its confirmation an event is not fetched any more, and the others that wait are."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    events = {(await one.publish()).id for _ in range(3)}
    first = delivered(await waiting(one, who.first))
    needed("event-confirm", await one.confirm(who.first, first))
    left = events - {first}
    while left:
        answer = await one.pulled(who.first)
        got = delivered(answer)
        if not (_expect_not_again(scene, answer, first) and _expect_left(scene, answer, got)):
            return
        needed("event-confirm", await one.confirm(who.first, got))
        left.discard(got)
    _expect_not_again(scene, await one.pull(who.first), first)


@case("P5/confirmed-twice", clause=_CONFIRM, functions=_BOTH)
async def test_an_event_is_confirmed_once(scene: Scene) -> None:
    """The second confirmation of an event is refused."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    await one.publish()
    identifier = delivered(await waiting(one, who.first))
    needed("event-confirm", await one.confirm(who.first, identifier))
    scene.expect_refused(
        await one.confirm(who.first, identifier),
        code="event.confirmed-once",
        message=Message(text=_TWICE, values={"count": 2}),
        advice=_ATOMIC,
    )


@case("P5/confirmed-at-once", clause=_CONFIRM, functions=_BOTH)
async def test_of_simultaneous_confirmations_one_is_served(scene: Scene) -> None:
    """Of eight simultaneous confirmations of one event one is served, three times over."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    for _ in range(3):
        await one.publish()
        identifier = delivered(await waiting(one, who.first))
        answers = await asyncio.gather(*(one.confirm(who.first, identifier) for _ in range(_AT_ONCE)))
        served = [answer for answer in answers if answer.served]
        required(
            bool(served),
            N_("None of the simultaneous confirmations was served: {answer}."),
            answer=answers[0],
        )
        _expect_confirmed_once(scene, served)


@case("P5/shared-work", clause=_CONFIRM, functions=_BOTH, profile=Profile.STANDARD)
async def test_several_workers_share_a_queue(scene: Scene) -> None:
    """Several workers of one subscriber fetch and confirm beside each other: each event is confirmed by one of them."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    events = [(await one.publish()).id for _ in range(_EVENTS)]
    confirmed: dict[str, list[Answer]] = {}
    await asyncio.gather(*(_work(scene, one, who.first, confirmed) for _ in range(_WORKERS)))
    while not set(events) <= confirmed.keys():
        answer = await one.pulled(who.first)
        if not expect_reached(scene, who.first, answer, bool(delivered(answer))):
            break
        if not await _settled(scene, one, who.first, confirmed, answer):
            break
    for served in confirmed.values():
        _expect_confirmed_once(scene, served)


@case("P5/unknown-confirmed", clause=_CONFIRM, functions=_BOTH)
async def test_what_does_not_wait_is_not_confirmed(scene: Scene) -> None:
    """The confirmation of an identifier that is no event's, or that of another type's event, is refused."""
    who = cast(scene)
    one, other = await topic(scene, who), await topic(scene, who)
    for each in (one, other):
        await each.subscribe(who.first, "PULL")
    event, foreign = await one.publish(), await other.publish()
    for identifier in (str(uuid4()), foreign.id):
        scene.expect_refused(
            await one.confirm(who.first, identifier),
            code="event.confirm-refused",
            message=Message(text=_NOT_WAITING),
            advice=Message(text=_WHERE_IT_WAITS),
        )
    required(
        delivered(await waiting(one, who.first)) == event.id,
        N_("Another event waits than the one that was published."),
    )
    needed("event-confirm", await one.confirm(who.first, event.id))


@case("P6/own-queues", clause="GovStack Information Mediator 9.2.3", functions=_BOTH)
async def test_a_confirmation_empties_no_other_queue(scene: Scene) -> None:
    """What one subscriber confirmed, and confirmed again, still waits for another."""
    who = cast(scene, 2)
    one = await topic(scene, who)
    first, second = who.subscribers[:2]
    for subscriber in (first, second):
        await one.subscribe(subscriber, "PULL")
    event = await one.publish()
    for subscriber in (first, second):
        await waiting(one, subscriber)
    needed("event-confirm", await one.confirm(first, event.id))
    await one.confirm(first, event.id)
    answer = await one.pulled(second, scene.quiet_seconds)
    _expect_own(scene, event.id, answer)


@case("P6/not-subscribed", clause="GovStack Information Mediator 9.2.3", functions=_BOTH)
async def test_who_has_not_subscribed_reads_and_confirms_nothing(scene: Scene) -> None:
    """Who is not subscribed to an event type fetches none of its events and confirms none in a subscriber's place."""
    who = cast(scene, 2)
    one = await topic(scene, who)
    first, stranger = who.subscribers[:2]
    await one.subscribe(first, "PULL")
    event = await one.publish()
    await waiting(one, first)
    expect_none(
        scene,
        await one.pull(stranger),
        code="queue.subscribers-only",
        message=Message(text=N_("An event was handed out to an application that has not subscribed to it.")),
        advice=Message(text=N_("Look for the caller's own subscription before an event is handed out.")),
    )
    scene.expect_refused(
        await one.confirm(stranger, event.id),
        code="event.confirm-refused",
        message=Message(text=_NOT_WAITING),
        advice=Message(text=_WHERE_IT_WAITS),
    )
    answer = await one.pulled(first, scene.quiet_seconds)
    _expect_own(scene, event.id, answer)


async def _work(scene: Scene, one: Topic, who: Application, confirmed: dict[str, list[Answer]]) -> None:
    """Fetch and confirm until nothing waits, or what was confirmed before comes again."""
    for _ in range(_EVENTS * _WORKERS):
        before = dict(confirmed)
        answer = await one.pull(who)
        if not delivered(answer) or not _expect_fresh(scene, answer, before):
            return
        await _confirm(one, who, confirmed, delivered(answer))


async def _settled(
    scene: Scene, one: Topic, who: Application, confirmed: dict[str, list[Answer]], answer: Answer
) -> bool:
    """Confirm what came; False where it was confirmed before."""
    if not _expect_fresh(scene, answer, confirmed):
        return False
    confirmation = needed("event-confirm", await one.confirm(who, delivered(answer)))
    confirmed.setdefault(delivered(answer), []).append(confirmation)
    return True


async def _confirm(one: Topic, who: Application, confirmed: dict[str, list[Answer]], identifier: str) -> None:
    answer = await one.confirm(who, identifier)
    if answer.served:
        confirmed.setdefault(identifier, []).append(answer)


def _expect_confirmed_once(scene: Scene, served: list[Answer]) -> None:
    scene.expect(
        len(served) == 1,
        code="event.confirmed-once",
        message=Message(text=_TWICE, values={"count": len(served)}),
        expected=1,
        actual=len(served),
        seen=served[-1],
        advice=_ATOMIC,
    )


def _expect_not_again(scene: Scene, answer: Answer, identifier: str) -> bool:
    return scene.expect(
        delivered(answer) != identifier,
        code="event.confirmed-gone",
        message=Message(text=_GONE),
        expected=N_("another event, or none"),
        actual=answer,
        seen=answer,
        advice=_TAKE,
    )


def _expect_fresh(scene: Scene, answer: Answer, confirmed: Mapping[str, object]) -> bool:
    identifier = delivered(answer)
    return identifier not in confirmed or _expect_not_again(scene, answer, identifier)


def _expect_left(scene: Scene, answer: Answer, got: str) -> bool:
    return scene.expect(
        bool(got),
        code="event.confirmed-alone",
        message=Message(
            text=N_(
                "The confirmation of one event took others from the queue that nobody has got: they are lost."
            )
        ),
        expected=N_("the next event"),
        actual=answer,
        seen=answer,
        advice=_TAKE,
    )


def _expect_own(scene: Scene, identifier: str, answer: Answer) -> None:
    """Expect that an event waits still for a subscriber who has not confirmed it."""
    scene.expect(
        delivered(answer) == identifier,
        code="queue.own",
        message=Message(
            text=N_(
                "What one subscriber confirmed is gone for another, who has not got it: their queues are one."
            )
        ),
        expected=identifier,
        actual=answer,
        seen=answer,
        advice=Message(text=N_("Keep a queue for each subscription.")),
    )
