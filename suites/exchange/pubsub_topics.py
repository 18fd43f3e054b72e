"""An event type of a case's own, and what managers, publishers and subscribers do with it."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import NotServed, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Request
from dpi_conformance.wire.waits import note

from .parties import Application, as_client
from .pubsub_cast import Cast
from .pubsub_json import exact
from .pubsub_requests import NOTE, confirmation, event_type, publication, pull, subscription

__all__ = ["OPEN", "Published", "Topic", "delivered", "needed", "topic"]

OPEN: Final[Mapping[str, Any]] = {**NOTE, "additionalProperties": True}
"""The schema of events that hold a note, and whatever else."""
_PAUSE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An event that was accepted."""

    id: str
    event: Mapping[str, Any]
    answer: Answer
    began: float
    """``time.perf_counter()`` when it was sent."""

    @property
    def mark(self) -> str:
        """Give the text by which its payload is found, whatever is around it."""
        return str(self.event["note"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One event type, and the scene on which all requests about it are sent."""

    scene: Scene
    room: Application
    cast: Cast
    name: str

    def note(self, **more: Any) -> dict[str, Any]:
        """Give an event that no other equals."""
        return {"note": self.scene.fresh.identifier(20), **more}

    async def offer(self, event: Mapping[str, Any], name: str = "") -> Answer:
        """Send an event, whatever becomes of it."""
        request = publication(self.room, self.cast.publisher, name or self.name, event)
        return await self.scene.send("event-publish", request)

    async def publish(self, event: Mapping[str, Any] | None = None) -> Published:
        """Publish an event; raises NotServed where it is not accepted under an identifier."""
        sent = self.note() if event is None else event
        began = time.perf_counter()
        answer = needed("event-publish", await self.offer(sent))
        identifier = answer.get("id")
        if not isinstance(identifier, str) or not identifier:
            raise _not_served("event-publish", answer)
        return Published(id=identifier, event=sent, answer=answer, began=began)

    async def ask_to_subscribe(self, who: Application, delivery: str, **options: Any) -> Answer:
        """Order a subscription, whatever becomes of it."""
        request = subscription(self.room, who, self.name, delivery=delivery, options=options)
        return await self.scene.send("subscribe", request)

    async def subscribe(self, who: Application, delivery: str, **options: Any) -> None:
        """Subscribe somebody; raises NotServed where that is refused."""
        needed("subscribe", await self.ask_to_subscribe(who, delivery, **options))

    async def subscription(self, who: Application) -> Answer:
        """Read a subscription."""
        return await self._about("subscription-read", "GET", "api/v1/subs", who)

    async def change(self, who: Application, **changes: Any) -> Answer:
        """Change a subscription; only what is to be changed is named, and the event type, which has to be."""
        target = self._target("api/v1/subs")
        body = {"eventType": self.name, **changes}
        return await self.scene.send(
            "subscription-change", json_request("PATCH", target, body, as_client(who))
        )

    async def unsubscribe(self, who: Application) -> Answer:
        """End a subscription."""
        return await self._about("unsubscribe", "DELETE", "api/v1/subs", who)

    async def pull(self, who: Application) -> Answer:
        """Fetch the next event."""
        return await self.scene.send("event-pull", pull(self.room, who, self.name))

    async def pulled(self, who: Application, seconds: float | None = None) -> Answer:
        """Fetch until there is an event: it was accepted, and has to be carried to its queue first."""
        limit = self.scene.callback_seconds if seconds is None else seconds
        began = time.perf_counter()
        while not delivered(answer := await self.pull(who)):
            if time.perf_counter() - began > limit:
                note(began)
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        return answer

    async def confirm(self, who: Application, identifier: str) -> Answer:
        """Confirm an event."""
        request = confirmation(self.room, who, self.name, identifier)
        return await self.scene.send("event-confirm", request)

    async def event(self, identifier: str) -> Answer:
        """Read an event as its publisher."""
        return await self._about("event-read", "GET", "pub/v1", self.cast.publisher, identifier)

    async def withdraw(self, identifier: str) -> Answer:
        """Withdraw an event as its publisher."""
        return await self._about("event-delete", "DELETE", "pub/v1", self.cast.publisher, identifier)

    async def create(self, schema: Mapping[str, Any]) -> Answer:
        """Create the event type."""
        request = event_type(self.room, self.cast.manager, self.name, schema)
        return await self.scene.send("event-type-create", request)

    async def described(self) -> Answer:
        """Read the event type."""
        return await self._about("event-type-read", "GET", "api/v1/eventType", self.cast.manager)

    async def delete(self) -> Answer:
        """Remove the event type."""
        return await self._about("event-type-delete", "DELETE", "api/v1/eventType", self.cast.manager)

    async def listed(self) -> Answer:
        """List the event types of the room."""
        return await self._listed("event-types", "eventType", self.cast.manager)

    async def subscriptions(self, who: Application) -> Answer:
        """List somebody's subscriptions in the room."""
        return await self._listed("subscriptions", "subs", who)

    async def _listed(self, variant: str, what: str, who: Application) -> Answer:
        target = f"{self.room.path}/api/v1/{what}"
        return await self.scene.send(variant, Request(method="GET", url=target, headers=_as(who)))

    async def _about(
        self, variant: str, method: str, place: str, who: Application, identifier: str = ""
    ) -> Answer:
        target = self._target(place) + (f"/{quote(identifier, safe='')}" if identifier else "")
        return await self.scene.send(variant, Request(method=method, url=target, headers=_as(who)))

    def _target(self, place: str) -> str:
        return f"{self.room.path}/{place}/{quote(self.name, safe='')}"


async def topic(
    scene: Scene, who: Cast, schema: Mapping[str, Any] = OPEN, *, room: Application | None = None
) -> Topic:
    """Create an event type of a fresh name; raises NotServed where that is refused."""
    new = Topic(scene=scene, room=room or who.room, cast=who, name=scene.fresh.identifier(12))
    needed("event-type-create", await new.create(schema))
    return new


def needed(variant: str, answer: Answer) -> Answer:
    """Give a preparing request's answer; raises NotServed where it was not served."""
    if answer.served:
        return answer
    raise _not_served(variant, answer)


def delivered(answer: Answer) -> str:
    """Give the identifier of the event that an answer carries; empty where it carries none."""
    body = exact(answer.exchange.response.body) if answer.served and answer.exchange.response else None
    identifier = body.get("id") if isinstance(body, Mapping) else None
    return identifier if isinstance(identifier, str) else ""


def _not_served(variant: str, answer: Answer) -> NotServed:
    text = N_("A preparing request ({variant}) was not served: {answer}.")
    return NotServed(Message(text=text, values={"variant": variant, "answer": str(answer)}))


def _as(who: Application) -> tuple[tuple[str, str], ...]:
    return tuple(as_client(who).items())
