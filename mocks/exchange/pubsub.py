"""The operations of managers and publishers: event types, and events (GovStack IM 9.2, Pub/Sub API)."""

import asyncio
import json
import uuid
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused, encode
from dpi_conformance.mockkit.faults import FaultSwitches

from .identifiers import Application
from .pubsub_bent import bent_schema, tidied
from .pubsub_doors import Doors
from .pubsub_push import Pusher
from .pubsub_state import Event, EventType, Subscription, compiled

__all__ = ["EventOperations", "EventTypeOperations", "parts", "shown"]

_NAME = 200
"""Characters that the name of an event type may have."""


def shown(event: Event) -> dict[str, Any]:
    """Give an event as its subscribers and its publisher see it."""
    return {
        "id": event.id,
        "sequence": event.sequence,
        "publisherId": parts(event.publisher),
        "eventType": event.event_type,
        "event": event.payload,
    }


def parts(application: Application) -> dict[str, str]:
    """Give an application as messages name it."""
    return {
        "instanceId": application.instance,
        "memberClass": application.member_class,
        "memberCode": application.member,
        "applicationCode": application.code,
    }


class EventTypeOperations:
    """Creates, shows and removes event types."""

    def __init__(self, doors: Doors, pusher: Pusher, on: FaultSwitches) -> None:
        """Take who finds rooms, who pushes, and the faults."""
        self._doors = doors
        self._pusher = pusher
        self._on = on

    def create(self, call: Call) -> Answer:
        """Create one, unless there is one of this name."""
        self._doors.caller(call)
        types = self._doors.room(call)
        body = call.body or {}
        name, schema = _name(body.get("eventType", "")), body.get("schema", {})
        if name in types and not self._on("event-type-created-again"):
            raise Refused("There is an event type of this name.", status=409)
        try:
            compiled(schema)
            validator = compiled(bent_schema(schema, self._on))
        except ValueError as error:
            raise Refused(f"body.schema is no JSON Schema: {error}.") from None
        types[name] = EventType(name=name, schema=schema, validator=validator)
        return Answer(status=200, body=None)

    def list(self, call: Call) -> Answer:
        """Give the names of all."""
        self._doors.caller(call)
        types = self._doors.room(call)
        if self._on("listed-with-subscribers-only"):
            types = {name: kind for name, kind in types.items() if kind.subscriptions}
        names = sorted(types)
        return Answer(status=200, body=names) if names else Answer(status=204, body=None)

    def read(self, call: Call) -> Answer:
        """Give one with its schema."""
        self._doors.caller(call)
        found = self._doors.room(call).get(call.path["eventType"])
        if found is None:
            return Answer(status=204, body=None)
        schema = dict(found.schema)
        if self._on("schema-shown-in-part"):
            schema.pop("required", None)
        return Answer(status=200, body={"eventType": found.name, "schema": schema})

    def delete(self, call: Call) -> Answer:
        """Remove one, with its subscriptions and all that waits."""
        self._doors.caller(call)
        if call.path["eventType"] not in self._doors.room(call) and self._on("absent-type-deleted"):
            return Answer(status=204, body=None)
        gone = self._doors.event_type(call)
        if not self._on("event-type-deletion-without-effect"):
            del self._doors.room(call)[gone.name]
        for subscription in gone.subscriptions.values():
            self._pusher.end(subscription)
        return Answer(status=204, body=None)


class EventOperations:
    """Publishes events, shows them and withdraws them."""

    def __init__(self, doors: Doors, pusher: Pusher, on: FaultSwitches) -> None:
        """Take who finds rooms, who pushes, and the faults."""
        self._doors = doors
        self._pusher = pusher
        self._on = on

    def publish(self, call: Call) -> Answer:
        """Accept an event that keeps to its type's schema, and hand it to each subscriber's queue."""
        publisher = self._doors.caller(call)
        kind = self._found(call)
        body = call.body or {}
        if body.get("eventType") != kind.name:
            raise Refused("body.eventType is another one than the path's.")
        valid = kind.validator.is_valid(body.get("event")) or self._on("schema-not-checked")
        if valid or self._on("refused-event-delivered"):
            event = self._accepted(kind, body["event"], self._publisher(call, publisher))
        if not valid:
            raise Refused("body.event does not keep to the schema of its type.")
        return Answer(status=201, body={"id": event.id})

    def _accepted(self, kind: EventType, payload: Any, publisher: Application) -> Event:
        """Keep an event, and hand it to the queue of each subscriber."""
        event = Event(
            id=self._identifier(kind, payload),
            sequence=self._sequence(kind),
            publisher=publisher,
            event_type=kind.name,
            payload=self._payload(payload),
            at=asyncio.get_running_loop().time(),
        )
        kind.keep(event)
        for subscription in self._receivers(kind):
            self._pusher.hand(subscription, event)
        return event

    def read(self, call: Call) -> Answer:
        """Give an event."""
        self._doors.caller(call)
        return Answer(status=200, body=shown(self._event(call, self._doors.event_type(call))))

    def delete(self, call: Call) -> Answer:
        """Withdraw an event: nobody gets it any more."""
        caller = self._doors.caller(call)
        kind = self._doors.event_type(call)
        event = self._event(call, kind)
        if caller not in {event.publisher, self._doors.room_of(call)} and not self._on("publisher-is-room"):
            raise Refused("Only its publisher and the room's manager may withdraw an event.", status=404)
        if not self._on("withdrawn-event-still-read"):
            del kind.events[event.id]
        if not self._on("withdrawn-event-delivered"):
            for subscription in kind.subscriptions.values():
                subscription.waiting.pop(event.id, None)
        return Answer(status=204, body=None)

    def _found(self, call: Call) -> EventType:
        """Find the type; a fault makes one of what it does not know."""
        types, name = self._doors.room(call), call.path["eventType"]
        if name not in types and self._on("unknown-type-made-up"):
            types[name] = EventType(name=name, schema={}, validator=compiled({}))
        return self._doors.event_type(call)

    def _sequence(self, kind: EventType) -> int:
        """Give the next number; a fault gives each twice."""
        kind.last += 1
        return (kind.last + 1) // 2 if self._on("sequence-repeats") else kind.last

    def _identifier(self, kind: EventType, payload: Any) -> str:
        if self._on("event-id-of-payload"):
            return str(uuid.uuid5(uuid.NAMESPACE_OID, kind.name + encode(payload).decode()))
        return str(uuid.uuid4())

    def _publisher(self, call: Call, publisher: Application) -> Application:
        if self._on("publisher-is-room"):
            return self._doors.room_of(call)
        return publisher

    def _payload(self, payload: Any) -> Any:
        if self._on("numbers-read-as-floats"):
            return json.loads(encode(payload), parse_int=float)
        if self._on("texts-tidied"):
            return tidied(payload)
        if self._on("empty-members-dropped"):
            return {name: value for name, value in payload.items() if value not in (None, "", [], {})}
        return payload

    def _receivers(self, kind: EventType) -> list[Subscription]:
        """Give the subscriptions whose queues get an event; all of them, unless a fault forgets some."""
        everybody = list(kind.subscriptions.values())
        if self._on("second-subscriber-forgotten"):
            return everybody[:1]
        if self._on("rooms-mixed"):
            return self._doors.subscriptions_everywhere(kind.name)
        if self._on("event-lost-under-load") and kind.last % 8 == 0:
            return []
        return everybody

    def _event(self, call: Call, kind: EventType) -> Event:
        event = kind.events.get(call.path["eventId"])
        if event is not None and self._on("latest-event-read"):
            return next(reversed(kind.events.values()))
        if event is None:
            raise Refused("There is no such event.", status=404)
        return event


def _name(name: str) -> str:
    if not 1 <= len(name) <= _NAME or not name.isprintable():
        raise Refused(f"body.eventType has no name of 1 to {_NAME} printable characters.")
    return name
