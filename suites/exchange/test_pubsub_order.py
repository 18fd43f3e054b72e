"""Events keep their order where one was asked for (P7), outlive nobody (P8), and can be withdrawn (P10)."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.reactions import refusing

from .parties import Application
from .pubsub_cast import cast
from .pubsub_pushes import UNDER_WAY_SECONDS, attempts, failing, meet, pushed, quiet
from .pubsub_rules import expect_none, required, waiting
from .pubsub_topics import Published, Topic, delivered, needed, topic

_ORDER: Final = "GovStack Information Mediator API (SubscriptionItem, options.FIFO)"
_LIFE: Final = "GovStack Information Mediator API (SubscriptionItem, options.TTL)"
_WITHDRAW: Final = "GovStack Information Mediator API (deleteEvent)"
_BOTH: Final = ("pubsub", "pubsub-pull")
_EVENTS: Final = 5
_LIFETIME: Final = 1
_GRACE_SECONDS: Final = 1.5
"""So much later than its lifetime an event may still be handed out: clocks and cleaners have their own rhythm."""
_GRACE_PUSHED_SECONDS: Final = 0.8
"""So much later a push may still arrive that was sent in time: the last of five attempts of a usual product is later."""
_PAUSE_SECONDS: Final = 0.2
_ORDERLY: Final = Message(
    text=N_(
        "Where FIFO is asked for, deliver one event after the other, and none before the one ahead of it is settled."
    )
)
_OUTLIVED: Final = N_(
    "An event was delivered although its time was over (TTL {seconds} s): subscribers act on what is past."
)
_EXPIRE: Final = Message(
    text=N_("Compare an event's age with the subscription's TTL at each delivery and each further attempt.")
)
_WITHDRAWN: Final = N_(
    "An event was withdrawn and is delivered all the same: what its publisher took back happens."
)
_STOP: Final = Message(
    text=N_("Take a withdrawn event from all queues, and look for it again before each further attempt.")
)


@case("P7/fetched", clause=_ORDER, functions=_BOTH)
async def test_events_are_fetched_in_their_order(scene: Scene) -> None:
    """Where FIFO is asked for, events are fetched in the order of their publication, and their sequence rises."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL", FIFO=True)
    events = [await one.publish() for _ in range(_EVENTS)]
    answers = list[Answer]()
    for _ in events:
        answers.append(await waiting(one, who.first))
        needed("event-confirm", await one.confirm(who.first, delivered(answers[-1])))
    _expect_order(scene, [one.id for one in events], [delivered(one) for one in answers], answers[-1])
    _expect_sequence(scene, answers)


@case("P7/pushed", clause=_ORDER, functions=["pubsub"], given={"failures": 0})
@case("P7/pushed-after-failure", clause=_ORDER, functions=["pubsub"], given={"failures": 1})
async def test_events_are_pushed_in_their_order(scene: Scene, failures: int) -> None:
    """With FIFO, events are taken in the order of their publication (failures of the first one: {failures})."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH", FIFO=True)
    notes = [one.note() for _ in range(_EVENTS)]
    meet(scene, notes[0]["note"], *[refusing()] * failures)
    events = [await one.publish(note) for note in notes]
    for event in events:
        await pushed(scene, who.first, event, count=1 + failures * (event is events[0]))
    taken = [(_taken(scene, who.first, event), event) for event in events]
    came = sorted((callback.at, event.id, callback) for callback, event in taken if callback is not None)
    required(len(came) == _EVENTS, N_("Not all events were taken, so that their order is not known."))
    _expect_order(scene, [event.id for event in events], [one for _, one, _ in came], came[-1][2])


@case("P8/fetched", clause=_LIFE, functions=_BOTH)
async def test_an_event_that_outlived_its_time_is_not_fetched(scene: Scene) -> None:
    """An event waits for its time (TTL) and is not fetched later, where one with more time still is."""
    who = cast(scene)
    short, long = await topic(scene, who), await topic(scene, who)
    seconds = _lifetime(scene)
    await short.subscribe(who.first, "PULL", TTL=_units(scene))
    await long.subscribe(who.first, "PULL")
    events = [await one.publish() for one in (short, long)]
    for one in (short, long):
        await waiting(one, who.first)
    answer = await _until_none(short, who.first, events[0].answer.at + seconds + _GRACE_SECONDS)
    control = await long.pulled(who.first)
    required(
        delivered(control) == events[1].id, N_("An event whose time was not over was not handed out, either.")
    )
    expect_none(
        scene,
        answer,
        code="event.outlived",
        message=Message(text=_OUTLIVED, values={"seconds": seconds}),
        advice=_EXPIRE,
    )


@case("P8/pushed", clause=_LIFE, functions=["pubsub"], profile=Profile.STANDARD)
async def test_an_event_that_outlived_its_time_is_not_pushed(scene: Scene) -> None:
    """An event whose receiver fails is not tried again after its time (TTL), where one with more time is."""
    event, outlived = await _outlived(scene)
    if outlived:
        event, outlived = await _outlived(scene)
    scene.expect(
        not outlived,
        code="event.outlived",
        message=Message(text=_OUTLIVED, values={"seconds": _lifetime(scene)}),
        expected=N_("no further call"),
        actual=len(outlived),
        seen=scene.met(outlived[0]) if outlived else event.answer,
        advice=_EXPIRE,
    )


async def _outlived(scene: Scene) -> tuple[Published, Sequence[Callback]]:
    """Let the pushes of an event with a short life fail; give it, and the attempts after its time."""
    who = cast(scene)
    short, long = await topic(scene, who), await topic(scene, who)
    await short.subscribe(who.troubled, "PUSH", TTL=_units(scene))
    await long.subscribe(who.troubled, "PUSH")
    events = [await failing(one) for one in (short, long)]
    over = events[0].answer.at + _lifetime(scene) + _GRACE_PUSHED_SECONDS
    for event in events:
        required(bool(await pushed(scene, who.troubled, event)), N_("An event was not pushed even once."))
    late = await quiet(scene, who.troubled, events[1], over, scene.callback_seconds)
    required(bool(late), N_("Nothing is tried again for so long that an event could outlive its time."))
    scene.timed(events[0].began)
    return events[0], [one for one in attempts(scene, who.troubled, events[0]) if one.at > over]


@case("P10/fetched", clause=_WITHDRAW, functions=_BOTH)
async def test_a_withdrawn_event_is_not_fetched(scene: Scene) -> None:
    """An event that was withdrawn is not fetched any more, where another is."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PULL")
    event = await one.publish()
    await waiting(one, who.first)
    needed("event-delete", await one.withdraw(event.id))
    kept = await one.publish()
    answer = await waiting(one, who.first)
    scene.expect(
        delivered(answer) == kept.id,
        code="event.withdrawn",
        message=Message(text=_WITHDRAWN),
        expected=kept.id,
        actual=answer,
        seen=answer,
        advice=_STOP,
    )


@case("P10/pushed", clause=_WITHDRAW, functions=["pubsub"])
async def test_a_withdrawn_event_is_not_pushed(scene: Scene) -> None:
    """An event that was withdrawn while its receiver failed is not tried again, where another is."""
    gone, again = await _withdrawn(scene)
    if again:
        gone, again = await _withdrawn(scene)
    scene.expect(
        not again,
        code="event.withdrawn",
        message=Message(text=_WITHDRAWN),
        expected=N_("no further call"),
        actual=len(again),
        seen=scene.met(again[0]) if again else gone,
        advice=_STOP,
    )


async def _withdrawn(scene: Scene) -> tuple[Answer, Sequence[Callback]]:
    """Withdraw an event while its receiver fails; give the withdrawal's answer, and the attempts after it."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.troubled, "PUSH")
    events = [await failing(one) for _ in range(2)]
    for event in events:
        required(bool(await pushed(scene, who.troubled, event)), N_("An event was not pushed even once."))
    gone = needed("event-delete", await one.withdraw(events[0].id))
    over = gone.at + UNDER_WAY_SECONDS
    late = await quiet(scene, who.troubled, events[1], over, scene.callback_seconds)
    required(
        bool(late), N_("Nothing was tried again after the event was withdrawn, so that nothing can be said.")
    )
    await quiet(scene, who.troubled, events[0], over)
    scene.timed(gone.at)
    return gone, [one for one in attempts(scene, who.troubled, events[0]) if one.at > over]


@case("P10/shown", clause=_WITHDRAW, functions=["pubsub"])
async def test_a_withdrawn_event_is_not_shown(scene: Scene) -> None:
    """An event that was withdrawn is not shown any more, and is withdrawn once."""
    one = await topic(scene, cast(scene))
    event = await one.publish()
    needed("event-read", await one.event(event.id))
    needed("event-delete", await one.withdraw(event.id))
    for answer in (await one.event(event.id), await one.withdraw(event.id)):
        scene.expect_refused(
            answer,
            code="event.withdrawn-gone",
            message=Message(
                text=N_(
                    "An event that was withdrawn is there still: nobody can tell whether it is delivered."
                )
            ),
            advice=Message(text=N_("Answer 404 to whatever is asked about an event that was withdrawn.")),
        )


def _lifetime(scene: Scene) -> float:
    """Give the seconds that the shortest lifetime of the cases means; the unit is published nowhere (exchange-e040)."""
    return _units(scene) / 1000 if _in_milliseconds(scene) else _units(scene)


def _units(scene: Scene) -> int:
    return _LIFETIME * 1000 if _in_milliseconds(scene) else _LIFETIME


def _in_milliseconds(scene: Scene) -> bool:
    return scene.declared.get("subscription.ttl-unit", "seconds") == "milliseconds"


async def _until_none(one: Topic, who: Application, until: float) -> Answer:
    """Fetch until nothing waits, or the time is over."""
    began = time.perf_counter()
    answer = await one.pull(who)
    while delivered(answer) and time.perf_counter() < until:
        await asyncio.sleep(_PAUSE_SECONDS)
        answer = await one.pull(who)
    one.scene.timed(began)
    return answer


def _taken(scene: Scene, who: Application, event: Published) -> Callback | None:
    """Give the push of an event that was answered with 2xx."""
    return next((one for one in attempts(scene, who, event) if 200 <= one.answered < 300), None)


def _expect_order(
    scene: Scene, published: Sequence[str], came: Sequence[str], seen: Answer | Callback
) -> None:
    scene.expect(
        list(published) == list(came),
        code="event.order",
        message=Message(
            text=N_(
                "Events came in another order than they were published, although FIFO was asked for: the older state wins."
            )
        ),
        expected=", ".join(published),
        actual=", ".join(came),
        seen=seen,
        advice=_ORDERLY,
    )


def _expect_sequence(scene: Scene, answers: Sequence[Answer]) -> None:
    """Expect rising numbers; a product that gives none is not judged, for the field is optional."""
    numbers = [answer.get("sequence") for answer in answers]
    if not all(isinstance(number, int) for number in numbers):
        return
    scene.expect(
        all(first < second for first, second in itertools.pairwise(numbers)),
        code="event.sequence-rises",
        message=Message(
            text=N_(
                "The sequence of events does not rise: who goes by it takes one event for another, or misses one."
            )
        ),
        expected=N_("each number above the one before"),
        actual=numbers,
        seen=answers[-1],
        advice=Message(
            text=N_("Take each number from one counter of the event type, in the step that stores the event.")
        ),
    )
