"""Each accepted event reaches each subscriber, by push and by pull, also where many come at once (P12)."""

import asyncio
import time
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message

from .pubsub_cast import cast
from .pubsub_pushes import pushed
from .pubsub_rules import expect_pushed, expect_reached
from .pubsub_topics import delivered, topic

_ALL: Final = "GovStack Information Mediator 6.5 (delivery to each subscriber)"
_EVENTS: Final = 16


@case("P12/pushed-to-all", clause=_ALL, functions=["pubsub"])
async def test_each_subscriber_is_pushed_the_event(scene: Scene) -> None:
    """An event comes to each of its subscribers, once published, by push."""
    who = cast(scene, 2)
    one = await topic(scene, who)
    for subscriber in who.subscribers:
        await one.subscribe(subscriber, "PUSH")
    event = await one.publish()
    for subscriber in who.subscribers:
        expect_pushed(scene, subscriber, event, bool(await pushed(scene, subscriber, event)))


@case("P12/fetched-by-all", clause=_ALL, functions=["pubsub", "pubsub-pull"])
async def test_each_subscriber_fetches_the_event(scene: Scene) -> None:
    """An event can be fetched by each of its subscribers."""
    who = cast(scene, 2)
    one = await topic(scene, who)
    for subscriber in who.subscribers:
        await one.subscribe(subscriber, "PULL")
    event = await one.publish()
    for subscriber in who.subscribers:
        answer = await one.pulled(subscriber)
        expect_reached(scene, subscriber, answer, delivered(answer) == event.id)


@case("P12/many-at-once", clause=_ALL, functions=["pubsub"])
async def test_no_event_is_lost_where_many_come_at_once(scene: Scene) -> None:
    """Of sixteen events that are published at the same moment each comes, and each has an identifier of its own."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    events = await asyncio.gather(*(one.publish() for _ in range(_EVENTS)))
    ends = time.perf_counter() + scene.callback_seconds
    for event in events:
        came = await pushed(scene, who.first, event, seconds=max(ends - time.perf_counter(), 0.0))
        if not expect_pushed(scene, who.first, event, bool(came)):
            break
    identifiers = {event.id for event in events}
    scene.expect(
        len(identifiers) == _EVENTS,
        code="event.id-fresh",
        message=Message(
            text=N_(
                "Events that were published at the same moment share an identifier: one is taken for the other."
            )
        ),
        expected=_EVENTS,
        actual=len(identifiers),
        seen=events[-1].answer,
        advice=Message(text=N_("Make a new random UUID for each event, not one of the moment.")),
    )
