"""Events that are fetched: as they were published (P4), and again until they are confirmed (P5)."""

from collections.abc import Mapping
from typing import Any, Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message

from .parties import Application
from .pubsub_cast import cast
from .pubsub_payloads import for_each_payload, payload
from .pubsub_rules import expect_none, expect_payload, expect_reached, waiting
from .pubsub_topics import delivered, topic

_PULL: Final = "GovStack Information Mediator API (pullEvent)"
_BOTH: Final = ("pubsub", "pubsub-pull")


@case("P4/fetched", clause=_PULL, functions=_BOTH)
async def test_what_is_fetched_is_what_was_published(scene: Scene) -> None:
    """An event that is fetched has identifier, payload, publisher and type of the one that was published."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    event = await one.publish()
    answer = await one.pulled(who.first)
    if not expect_reached(scene, who.first, answer, bool(delivered(answer))):
        return
    scene.expect(
        delivered(answer) == event.id,
        code="event.id-of-publication",
        message=Message(
            text=N_(
                "An event is delivered under another identifier than its publisher was told: the two cannot speak about it."
            )
        ),
        expected=event.id,
        actual=delivered(answer),
        seen=answer,
        advice=Message(text=N_("Deliver the identifier that the receipt had.")),
    )
    expect_payload(scene, event, answer)
    _expect_publisher(scene, answer, who.publisher)


@for_each_payload("P4/payload", clause=_PULL, functions=_BOTH)
async def test_a_payload_is_fetched_as_it_was_published(scene: Scene, kind: str) -> None:
    """A payload with {kind} is fetched as it was published."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    event = await one.publish(one.note(**payload(kind)))
    expect_payload(scene, event, await waiting(one, who.first))


@case("P4/nothing-waits", clause=_PULL, functions=_BOTH)
async def test_nothing_is_fetched_before_it_is_published(scene: Scene) -> None:
    """Whoever asks for the next event before there is one gets none."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    before = await one.pull(who.first)
    await one.publish()
    await waiting(one, who.first)
    expect_none(
        scene,
        before,
        code="event.none-made-up",
        message=Message(
            text=N_(
                "An event was handed out before any was published: its subscriber acts on something that did not happen."
            )
        ),
        advice=Message(text=N_("Answer 404 where no event waits.")),
    )


@case("P5/fetched-again", clause=_PULL, functions=_BOTH)
async def test_an_event_is_fetched_again_until_it_is_confirmed(scene: Scene) -> None:
    """An event that was fetched and not confirmed is fetched again: its subscriber may have failed in between."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    await one.publish()
    first = await waiting(one, who.first)
    second = await one.pulled(who.first)
    scene.expect(
        delivered(second) == delivered(first),
        code="event.fetched-again",
        message=Message(
            text=N_(
                "An event that was fetched and not confirmed is gone: it is lost where its subscriber failed meanwhile."
            )
        ),
        expected=delivered(first),
        actual=second,
        seen=second,
        advice=Message(text=N_("Keep an event in the queue until it is confirmed.")),
    )


def _expect_publisher(scene: Scene, answer: Answer, publisher: Application) -> None:
    named: Any = answer.get("publisherId")
    if not isinstance(named, Mapping):
        return
    parts = {name: named[name] for name in publisher.parts if name in named}
    scene.expect(
        all(str(value) == publisher.parts[name] for name, value in parts.items()),
        code="event.publisher",
        message=Message(
            text=N_(
                "An event names somebody else as its publisher: subscribers trust, and answer, the wrong one."
            )
        ),
        expected=publisher,
        actual=parts,
        seen=answer,
        advice=Message(text=N_("Name the application that called, not the room.")),
    )
