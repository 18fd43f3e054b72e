"""A subscription lives from its creation to its end (P3), and ends when it is ended (P9)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .parties import as_client
from .pubsub_cast import cast
from .pubsub_pushes import UNDER_WAY_SECONDS, attempts, failing, pushed, quiet
from .pubsub_rules import expect_none, required, waiting
from .pubsub_topics import Topic, delivered, needed, topic

_ADD: Final = "GovStack Information Mediator API (addSub)"
_PATCH: Final = "GovStack Information Mediator API (patchSub)"
_END: Final = "GovStack Information Mediator API (deleteSub)"
_ENDED: Final = N_(
    "Events are delivered on a subscription that was ended: what somebody has given up is forced on them."
)
_STOP: Final = Message(
    text=N_("Empty the queue with the subscription, and look for it again before each delivery.")
)
_LONG: Final = 7200


@case("P3/subscribed", clause=_ADD, functions=["pubsub"])
async def test_a_subscription_is_shown_and_listed(scene: Scene) -> None:
    """A subscription that was taken is shown to its subscriber, and is in the list of theirs once."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    shown, listed = await one.subscription(who.first), await one.subscriptions(who.first)
    for answer, met in (
        (shown, shown.served and shown.get("eventType") == one.name),
        (listed, _listed(listed, one) == 1),
    ):
        scene.expect(
            met,
            code="subscription.shown",
            message=Message(
                text=N_(
                    "A subscription was taken and is not shown: nobody can see what they are subscribed to."
                )
            ),
            expected=one.name,
            actual=answer,
            seen=answer,
            advice=Message(text=N_("Show each subscription of the caller, in the list too.")),
        )


@case("P3/subscribed-twice", clause=_ADD, functions=["pubsub"])
async def test_somebody_is_subscribed_once(scene: Scene) -> None:
    """A second subscription of one subscriber to one event type is refused, and the list has one."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    text = N_("Somebody subscribed twice to one event type: each event comes to them twice.")
    advice = Message(text=N_("Answer 409 where the caller is subscribed to the event type."))
    scene.expect_refused(
        await one.ask_to_subscribe(who.first, "PUSH"),
        code="subscription.once",
        message=Message(text=text),
        advice=advice,
    )
    listed = await one.subscriptions(who.first)
    scene.expect(
        _listed(listed, one) <= 1,
        code="subscription.once",
        message=Message(text=text),
        expected=1,
        actual=_listed(listed, one),
        seen=listed,
        advice=advice,
    )


@case("P3/push-by-default", clause=_ADD, functions=["pubsub"])
async def test_events_are_pushed_where_nothing_else_is_said(scene: Scene) -> None:
    """A subscription that names no way of delivery is one by push."""
    who = cast(scene)
    one = await topic(scene, who)
    target = f"{one.room.path}/api/v1/subs/{one.name}"
    body = {"eventType": one.name, "subscriberId": who.first.parts}
    needed(
        "subscribe", await scene.send("subscribe", json_request("POST", target, body, as_client(who.first)))
    )
    shown = needed("subscription-read", await one.subscription(who.first))
    required(shown.get("delivery") is not None, N_("The subscription is shown without its way of delivery."))
    scene.expect(
        shown.get("delivery") == "PUSH",
        code="subscription.push-by-default",
        message=Message(
            text=N_(
                "A subscription without a way of delivery is none by push: its subscriber waits for calls that never come."
            )
        ),
        expected="PUSH",
        actual=shown.get("delivery"),
        seen=shown,
        advice=Message(text=N_("Take PUSH where delivery is left out, as the API's default says.")),
    )


@case("P3/changed", clause=_PATCH, functions=["pubsub"])
async def test_a_subscription_is_changed_as_it_was_ordered(scene: Scene) -> None:
    """A change of the time that events are kept shows in the subscription, and what it does not name stays."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH", TTL=3600, FIFO=False)
    before = needed("subscription-read", await one.subscription(who.first))
    required(
        _lifetime(before) == 3600, N_("The subscription is shown without the time that was ordered (TTL).")
    )
    needed("subscription-change", await one.change(who.first, options={"TTL": _LONG, "FIFO": False}))
    after = needed("subscription-read", await one.subscription(who.first))
    scene.expect(
        _lifetime(after) == _LONG and after.get("delivery") == before.get("delivery"),
        code="subscription.changed",
        message=Message(
            text=N_("A change of a subscription was acknowledged and not done, or did more than was ordered.")
        ),
        expected=f"TTL {_LONG}, {before.get('delivery')}",
        actual=after,
        seen=after,
        advice=Message(text=N_("Write what the request names, and nothing else.")),
    )


@case("P3/changed-to-pull", clause=_PATCH, functions=["pubsub", "pubsub-pull"])
async def test_a_subscription_is_changed_to_pull(scene: Scene) -> None:
    """After a change to pull the next event waits to be fetched, and is not pushed."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    needed("subscription-change", await one.change(who.first, delivery="PULL"))
    event = await one.publish()
    answer = await one.pulled(who.first)
    scene.expect(
        delivered(answer) == event.id,
        code="subscription.changed-in-effect",
        message=Message(
            text=N_(
                "A subscription was changed to pull and the next event cannot be fetched: its subscriber gets it by no way."
            )
        ),
        expected=event.id,
        actual=answer,
        seen=answer,
        advice=Message(text=N_("Read the way of delivery from the subscription for each event.")),
    )


@case("P3/ended", clause=_END, functions=["pubsub"])
async def test_a_subscription_that_was_ended_is_not_shown(scene: Scene) -> None:
    """A subscription that was ended is not shown any more, and is ended once."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    needed("subscription-read", await one.subscription(who.first))
    needed("unsubscribe", await one.unsubscribe(who.first))
    advice = Message(text=N_("Delete the subscription itself, and answer 404 from then on."))
    message = Message(
        text=N_("A subscription that was ended is there still: nobody can tell what is delivered to them.")
    )
    for answer in (await one.subscription(who.first), await one.unsubscribe(who.first)):
        scene.expect_refused(answer, code="subscription.ended-shown", message=message, advice=advice)
    listed = await one.subscriptions(who.first)
    scene.expect(
        _listed(listed, one) == 0,
        code="subscription.ended-shown",
        message=message,
        expected=0,
        actual=listed,
        seen=listed,
        advice=advice,
    )


@case("P9/push", clause=_END, functions=["pubsub"])
async def test_nothing_is_pushed_after_the_end(scene: Scene) -> None:
    """An event that is published after the end of a subscription is not pushed to it, where the one before was."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    control = await one.publish()
    required(bool(await pushed(scene, who.first, control)), N_("No event was pushed before the end, either."))
    ended = needed("unsubscribe", await one.unsubscribe(who.first))
    event = await one.publish()
    came = await quiet(scene, who.first, event, ended.at)
    scene.expect(
        not came,
        code="subscription.ended",
        message=Message(text=_ENDED),
        expected=N_("no call"),
        actual=len(came),
        seen=came[0] if came else event.answer,
        advice=_STOP,
    )


@case("P9/retries", clause=_END, functions=["pubsub"])
async def test_nothing_is_tried_again_after_the_end(scene: Scene) -> None:
    """An event whose receiver fails is not tried again once its subscription was ended, where another one is."""
    ended, again = await _tried_again(scene)
    if again:
        ended, again = await _tried_again(scene)
    scene.expect(
        not again,
        code="subscription.ended",
        message=Message(text=_ENDED),
        expected=N_("no further call"),
        actual=len(again),
        seen=scene.met(again[0]) if again else ended,
        advice=_STOP,
    )


async def _tried_again(scene: Scene) -> tuple[Answer, Sequence[Callback]]:
    """End a subscription whose receiver fails; give the answer to that, and the attempts after it."""
    who = cast(scene)
    one, control = await topic(scene, who), await topic(scene, who)
    events = []
    for each in (one, control):
        await each.subscribe(who.troubled, "PUSH")
        events.append(await failing(each))
    for event in events:
        required(bool(await pushed(scene, who.troubled, event)), N_("An event was not pushed even once."))
    ended = needed("unsubscribe", await one.unsubscribe(who.troubled))
    over = ended.at + UNDER_WAY_SECONDS
    late = await quiet(scene, who.troubled, events[1], over, scene.callback_seconds)
    required(
        bool(late),
        N_("Nothing was tried again after the subscription was ended, so that nothing can be said."),
    )
    await quiet(scene, who.troubled, events[0], over)
    scene.timed(ended.at)
    return ended, [one for one in attempts(scene, who.troubled, events[0]) if one.at > over]


@case("P9/pull", clause=_END, functions=["pubsub", "pubsub-pull"])
async def test_nothing_is_fetched_after_the_end(scene: Scene) -> None:
    """An event that waits is not handed out once its subscription was ended."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    await one.publish()
    await waiting(one, who.first)
    needed("unsubscribe", await one.unsubscribe(who.first))
    expect_none(
        scene,
        await one.pull(who.first),
        code="subscription.ended",
        message=Message(text=_ENDED),
        advice=_STOP,
    )


def _listed(answer: Answer, one: Topic) -> int:
    """Give how often a list of subscriptions has an event type."""
    entries = answer.body if answer.served and isinstance(answer.body, list) else []
    return sum(isinstance(entry, Mapping) and entry.get("eventType") == one.name for entry in entries)


def _lifetime(answer: Answer) -> Any:
    options = answer.get("options")
    return options.get("TTL") if isinstance(options, Mapping) else None
