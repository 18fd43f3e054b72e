"""Rooms, event types and subscribers as a stateful model (P13)."""

from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st

from dpi_conformance.execution.models import Machine, step
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message

from .pubsub_cast import cast, other_room
from .pubsub_topics import Topic, delivered, needed, topic

__all__ = ["EventLife"]

_TOPIC: Final = st.integers(0, 1)
_WHO: Final = st.integers(0, 1)
_COUNT: Final = st.integers(1, 3)
_PATIENCE_SECONDS: Final = 4.0
"""So long an event may need to its queue; a failing sequence waits for it again and again."""
_EVENT: Final = st.integers(0, 2)
_LOST: Final = N_("An event waits for a subscriber and cannot be fetched: it is lost, and nobody knows.")
_AGAIN: Final = N_("An event was delivered to somebody who has confirmed it: it is processed twice.")
_STRANGE: Final = N_("An event was delivered to somebody for whom it does not wait: {why}.")
_KEPT: Final = N_("An event that waits could not be confirmed: it comes to its subscriber for ever.")
_SETTLED: Final = N_(
    "An event was confirmed that does not wait for this subscriber: a mistake is not noticed."
)
_QUEUES: Final = Message(
    text=N_(
        "Keep one queue for each room, event type and subscriber; carry the steps that are named here out in turn to see "
        "what touches another one."
    )
)


@dataclass(slots=True, kw_only=True)
class _Queue:
    """What waits for one subscriber, and what they have confirmed."""

    waiting: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    older: set[str] = field(default_factory=set)
    """Published before the subscription: no document says whether they come, so that they may."""


class EventLife(Machine):
    """Event types in two rooms, where there are two, and two subscribers who fetch what was published (P13)."""

    def __init__(self, scene: Scene) -> None:
        """Begin without an event type; those that are created have both subscribers at first."""
        super().__init__(scene)
        self.who = cast(scene, 2)
        self.topics: list[Topic] = []
        self.published: list[list[str]] = [[], []]
        self.queues: dict[tuple[int, int], _Queue] = {}

    @step(which=_TOPIC, who=_WHO)
    async def turn(self, which: int, who: int) -> None:
        """End a subscription with all that waits, or begin one where there is none."""
        one, subscriber = await self._topic(which), self.who.subscribers[who]
        if (which, who) in self.queues:
            needed("unsubscribe", await one.unsubscribe(subscriber))
            del self.queues[which, who]
        else:
            await one.subscribe(subscriber, "PULL")
            self.queues[which, who] = _Queue(older=set(self.published[which]))

    @step(which=_TOPIC, count=_COUNT)
    async def publish(self, which: int, count: int) -> None:
        """Publish events: they wait for each subscriber."""
        one = await self._topic(which)
        for _ in range(count):
            event = await one.publish()
            self.published[which].append(event.id)
            for (topic_of, _), queue in self.queues.items():
                if topic_of == which:
                    queue.waiting.append(event.id)

    @step(which=_TOPIC, event=_EVENT)
    async def withdraw(self, which: int, event: int) -> None:
        """Withdraw an event: it waits for nobody any more."""
        one = await self._topic(which)
        if self.published[which]:
            chosen = self.published[which].pop(event % len(self.published[which]))
            needed("event-delete", await one.withdraw(chosen))
            for queue in self.queues.values():
                queue.older.discard(chosen)
                if chosen in queue.waiting:
                    queue.waiting.remove(chosen)

    @step(which=_TOPIC)
    async def fetch(self, which: int) -> None:
        """Have each subscriber fetch the next event: one of those that wait, or none."""
        for who in range(2):
            await self._fetched(which, who)

    @step(which=_TOPIC, who=_WHO, count=_COUNT)
    async def confirm(self, which: int, who: int, count: int) -> None:
        """Fetch and confirm one event after the other: they wait no longer."""
        for _ in range(count):
            got = await self._fetched(which, who)
            if not got:
                return
            one, queue = await self._topic(which), self.queues[which, who]
            answer = await one.confirm(self.who.subscribers[who], got)
            self.expect(
                answer.served,
                code="event.confirmed-alone",
                message=Message(text=_KEPT),
                expected="204",
                actual=answer,
                seen=answer,
                advice=_QUEUES,
            )
            queue.waiting.remove(got)
            queue.confirmed.append(got)

    @step(which=_TOPIC, who=_WHO, event=_EVENT)
    async def confirm_again(self, which: int, who: int, event: int) -> None:
        """Confirm an event once more: there is nothing to confirm."""
        one, queue = await self._topic(which), self.queues.get((which, who))
        if queue is not None and queue.confirmed:
            chosen = queue.confirmed[event % len(queue.confirmed)]
            answer = await one.confirm(self.who.subscribers[who], chosen)
            self.expect(
                not answer.served,
                code="event.confirmed-once",
                message=Message(text=_SETTLED),
                expected=N_("refused"),
                actual=answer,
                seen=answer,
                advice=_QUEUES,
            )

    async def _topic(self, which: int) -> Topic:
        """Give one of two event types, of two rooms where there are two; the first who asks creates them."""
        if not self.topics:
            first = await topic(self.scene, self.who)
            second = Topic(
                scene=self.scene,
                room=other_room(self.scene) or first.room,
                cast=self.who,
                name=first.name if other_room(self.scene) else self.scene.fresh.identifier(12),
            )
            needed("event-type-create", await second.create({"type": "object"}))
            self.topics = [first, second]
            for number, each in enumerate(self.topics):
                for who, subscriber in enumerate(self.who.subscribers[:2]):
                    await each.subscribe(subscriber, "PULL")
                    self.queues[number, who] = _Queue()
        return self.topics[which]

    async def _fetched(self, which: int, who: int) -> str:
        """Fetch, and hold what came against what waits; gives its identifier."""
        one, queue = await self._topic(which), self.queues.get((which, who))
        subscriber = self.who.subscribers[who]
        waits = bool(queue and queue.waiting)
        limit = min(self.scene.callback_seconds, _PATIENCE_SECONDS)
        answer = await (one.pulled(subscriber, limit) if waits else one.pull(subscriber))
        got = delivered(answer)
        self._expect_got(answer, got, waits=waits)
        if got:
            self._expect_own(answer, got, queue)
        return got

    def _expect_got(self, answer: Answer, got: str, *, waits: bool) -> None:
        self.expect(
            bool(got) or not waits,
            code="event.reaches-all",
            message=Message(text=_LOST),
            expected=N_("an event"),
            actual=answer,
            seen=answer,
            advice=_QUEUES,
        )

    def _expect_own(self, answer: Answer, got: str, queue: _Queue | None) -> None:
        confirmed = queue is not None and got in queue.confirmed
        self.expect(
            not confirmed,
            code="event.confirmed-gone",
            message=Message(text=_AGAIN),
            expected=N_("an event that was not confirmed, or none"),
            actual=answer,
            seen=answer,
            advice=_QUEUES,
        )
        if queue is not None and got in queue.older:
            queue.older.discard(got)
            queue.waiting.append(got)
        waiting = queue.waiting if queue is not None else []
        why = N_("its subscription was ended") if queue is None else N_("it is another's, or was withdrawn")
        self.expect(
            got in waiting,
            code="queue.own",
            message=Message(text=_STRANGE, values={"why": why}),
            expected=", ".join(waiting) or N_("none"),
            actual=answer,
            seen=answer,
            advice=_QUEUES,
        )
