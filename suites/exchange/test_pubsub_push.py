"""Events that are pushed: to the subscriber's service, until they are taken, and not after (P11)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.reactions import DROPPED, HANG_SECONDS, Reaction, refusing

from .parties import Application
from .pubsub_cast import cast
from .pubsub_payloads import for_each_payload, payload
from .pubsub_pushes import attempts, meet, pushed, quiet
from .pubsub_rules import declared_number, expect_payload, expect_pushed, required
from .pubsub_topics import Published, Topic, topic

_PUSH: Final = "GovStack Information Mediator 9.2.3, 9.2.4 (event delivery)"
_RETRY: Final = "GovStack Information Mediator 6.5 (repeated delivery)"
_HANGS: Final = Reaction(status=200, after_seconds=HANG_SECONDS)
_HANGING: Final = 4
_FAILURES: Final = 60
_GROWTH: Final = 1.3
"""The last pause is to be longer than the first by this factor at least: what is less may be the machine's doing."""
_KEEP: Final = Message(
    text=N_(
        "Keep an event until its service has answered with 2xx, and push it again after a pause that grows."
    )
)


@case("P11/pushed", clause=_PUSH, functions=["pubsub"])
async def test_an_event_is_pushed_to_its_subscriber(scene: Scene) -> None:
    """An event that is published comes to its subscriber's service, with the payload as it was published."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    event = await one.publish()
    came = await pushed(scene, who.first, event)
    if expect_pushed(scene, who.first, event, bool(came)):
        expect_payload(scene, event, came[0])


@for_each_payload("P11/payload", clause=_PUSH, functions=["pubsub"])
async def test_a_payload_is_pushed_as_it_was_published(scene: Scene, kind: str) -> None:
    """A payload with {kind} is pushed as it was published."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    event = await one.publish(one.note(**payload(kind)))
    expect_payload(scene, event, (await _needed(scene, who.first, event))[0])


@case("P11/retried-after-503", clause=_RETRY, functions=["pubsub"])
async def test_an_event_is_pushed_again_after_a_failure(scene: Scene) -> None:
    """An event whose receiver was out of order for the moment (503) is pushed again, unchanged."""
    await _retried(scene, refusing(503))


@case("P11/retried-after-drop", clause=_RETRY, functions=["pubsub"])
async def test_an_event_is_pushed_again_after_a_broken_connection(scene: Scene) -> None:
    """An event whose receiver broke the connection before it answered is pushed again, unchanged."""
    await _retried(scene, DROPPED)


@case("P11/retried-after-hang", clause=_RETRY, functions=["pubsub"], profile=Profile.STANDARD)
async def test_an_event_is_pushed_again_after_silence(scene: Scene) -> None:
    """An event whose receiver took it and did not answer is pushed again, unchanged.

    How long a product waits for an answer is published nowhere, so that one which does not push again is only told.
    """
    await _retried(scene, _HANGS, advisory=True)


@case("P11/taken-once", clause=_PUSH, functions=["pubsub"])
async def test_an_event_that_was_taken_is_not_pushed_again(scene: Scene) -> None:
    """An event that its receiver answered with 2xx is not pushed again.

    No document forbids it: a repetition is a fault where the vendor declares that there is none (push.delivery: once).
    An answer that came too late for the sender is no repetition's fault, so that one is looked for once more.
    """
    came, again = await _taken(scene)
    if again:
        came, again = await _taken(scene)
    scene.expect(
        not again,
        code="push.once",
        message=Message(
            text=N_("An event that its receiver had taken was pushed again: it is processed twice.")
        ),
        expected=1,
        actual=1 + len(again),
        seen=again[-1] if again else came,
        advice=Message(text=N_("Settle an event in the same step that reads the 2xx of its receiver.")),
        advisory=scene.declared.get("push.delivery") != "once",
    )


async def _taken(scene: Scene) -> tuple[Callback, Sequence[Callback]]:
    """Take an event with 2xx; give that push of it, and those that follow."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.first, "PUSH")
    event = await one.publish()
    (came, *_) = await _needed(scene, who.first, event)
    scene.timed(event.began)
    return came, await quiet(scene, who.first, event, came.at)


@case("P11/growing-pauses", clause=_RETRY, functions=["pubsub"], profile=Profile.STANDARD)
async def test_the_pauses_between_attempts_grow(scene: Scene) -> None:
    """The pauses grow between the attempts to reach a receiver that is out of order.

    The document asks for a standard backoff, which may grow: a constant pause is a fault where the vendor declares
    another (push.pauses: growing). One attempt may be late for reasons of its own, so that what does not grow is
    measured once more.
    """
    pauses, last = await _pauses(scene)
    if not _grow(pauses):
        pauses, last = await _pauses(scene)
    scene.expect(
        _grow(pauses),
        code="push.pauses-grow",
        message=Message(
            text=N_(
                "The pauses between attempts do not grow: a receiver in trouble is kept there by all that is pushed again."
            )
        ),
        expected=N_("each pause longer than the first"),
        actual=", ".join(f"{pause:.2f} s" for pause in pauses),
        seen=last,
        advice=Message(text=N_("Double the pause after each attempt, up to a limit.")),
        advisory=scene.declared.get("push.pauses") != "growing",
    )


async def _pauses(scene: Scene) -> tuple[list[float], Callback]:
    """Give the pauses between four attempts to push one event, in seconds, and the last attempt."""
    _, _, came = await _failed(scene, 4)
    required(len(came) >= 3, N_("There were not three attempts in time, so that their pauses say nothing."))
    scene.timed(came[0].at)
    return [second.at - first.at for first, second in pairwise(came)], came[-1]


def _grow(pauses: Sequence[float]) -> bool:
    return pauses[-1] >= pauses[0] * _GROWTH


@case("P11/given-up", clause=_RETRY, functions=["pubsub"], profile=Profile.STANDARD)
async def test_an_event_is_given_up_after_the_last_attempt(scene: Scene) -> None:
    """An event that cannot be delivered is dropped after as many attempts as the vendor declares."""
    count = declared_number(scene, "push.attempts")
    who, event, came = await _failed(scene, count)
    required(
        len(came) >= count,
        N_("There were only {came} of {count} attempts in time."),
        came=len(came),
        count=count,
    )
    longest = max((second.at - first.at for first, second in pairwise(came)), default=1.0)
    await quiet(scene, who, event, came[-1].at, min(1.5 * longest + 0.5, scene.callback_seconds))
    more = len(attempts(scene, who, event))
    scene.expect(
        more <= count,
        code="push.ends",
        message=Message(
            text=N_("An event that cannot be delivered is pushed again without end: such events pile up.")
        ),
        expected=N_("as many attempts as declares: push.attempts says"),
        actual=more,
        seen=attempts(scene, who, event)[-1],
        advice=Message(text=N_("Drop an event after its last attempt, or mend declares in product.yaml.")),
    )


@case("P11/not-held-up", clause=_PUSH, functions=["pubsub"])
async def test_a_receiver_that_hangs_holds_nobody_up(scene: Scene) -> None:
    """An event comes to its subscriber in time although another subscriber's service takes events and never answers."""
    who = cast(scene, 2)
    one = await topic(scene, who)
    await one.subscribe(who.troubled, "PUSH")
    notes = [one.note() for _ in range(_HANGING)]
    for note in notes:
        meet(scene, note["note"], *[_HANGS] * 8)
    stuck = [await one.publish(note) for note in notes]
    await _needed(scene, who.troubled, stuck[0])
    other = await topic(scene, who)
    await other.subscribe(who.first, "PUSH")
    event = await other.publish()
    came = await pushed(scene, who.first, event)
    scene.expect(
        bool(came),
        code="push.not-held-up",
        message=Message(
            text=N_(
                "An event did not come in time while another subscriber's service hung: one keeps all others waiting."
            )
        ),
        expected=f"≤ {scene.callback_seconds:g} s",
        actual=N_("no call"),
        seen=came[0] if came else event.answer,
        advice=Message(text=N_("Push to each subscriber by itself, each call with a time limit.")),
    )


async def _retried(scene: Scene, trouble: Reaction, *, advisory: bool = False) -> None:
    """Let the first attempt fail, and expect a second one with the same event."""
    who = cast(scene)
    one = await topic(scene, who)
    await one.subscribe(who.troubled, "PUSH")
    note = one.note()
    meet(scene, note["note"], trouble)
    event = await one.publish(note)
    await _needed(scene, who.troubled, event)
    seconds = (
        float(declared_number(scene, "push.retry-seconds"))
        if "push.retry-seconds" in scene.declared
        else None
    )
    came = await pushed(scene, who.troubled, event, count=2, seconds=seconds)
    if len(came) < 2 and not advisory:
        scene.declares("push.retry-seconds")
    scene.expect(
        len(came) >= 2,
        code="push.retried",
        message=Message(
            text=N_("An event met a receiver in trouble and was not pushed again: it is lost for good.")
        ),
        expected=N_("a second attempt within the time that declares: push.retry-seconds gives"),
        actual=N_("none"),
        seen=came[0],
        advice=_KEEP,
        advisory=advisory,
    )
    if len(came) >= 2:
        _expect_unchanged(scene, event, came[0], came[1])


def _expect_unchanged(scene: Scene, event: Published, first: Callback, again: Callback) -> None:
    """Expect the identifier of the first attempt in the second one, where the first had it, and the payload."""
    expect_payload(scene, event, again)
    named = event.id.encode() in first.request.body
    scene.expect(
        not named or event.id.encode() in again.request.body,
        code="push.retried-unchanged",
        message=Message(
            text=N_(
                "An event was pushed again under another identifier: a receiver that had taken it takes it for a second one."
            )
        ),
        expected=event.id,
        actual=again.request.body[:200].decode("utf-8", "replace"),
        seen=again,
        advice=Message(
            text=N_("Store the message, its identifier included, and send that very message again.")
        ),
    )


async def _failed(scene: Scene, count: int) -> tuple[Application, Published, Sequence[Callback]]:
    """Let all attempts fail, and give them as soon as there are so many, or what there is in time."""
    who = cast(scene)
    one: Topic = await topic(scene, who)
    await one.subscribe(who.troubled, "PUSH")
    note = one.note()
    meet(scene, note["note"], *[refusing()] * _FAILURES)
    event = await one.publish(note)
    return who.troubled, event, await pushed(scene, who.troubled, event, count=count)


async def _needed(scene: Scene, who: Application, event: Published) -> Sequence[Callback]:
    """Wait for an event; the case is undecided where it does not come (P11/pushed judges that)."""
    came = await pushed(scene, who, event)
    required(bool(came), N_("The event was not pushed, so that nothing can be said of how it is."))
    return came
