"""Rooms, their event types, and what waits in them for whom: the memory of publish and subscribe."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema_rs

from .identifiers import Application

__all__ = ["LIFETIME_SECONDS", "Event", "EventType", "Rooms", "Subscription", "compiled"]

LIFETIME_SECONDS = 3600
"""How long an event waits for a subscriber who did not say (the published default)."""
_EVENTS = 10_000
"""Events of one type that are remembered; the oldest give way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What was published, by whom, and when."""

    id: str
    sequence: int
    publisher: Application
    event_type: str
    payload: Any
    at: float
    """The loop's time."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """How a subscriber wants the events of one type, and those that wait for them."""

    id: str
    subscriber: Application
    pushed: bool = True
    lifetime: int = LIFETIME_SECONDS
    in_order: bool = False
    waiting: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    under_way: set[str] = field(default_factory=set)
    """Events that are being pushed."""

    def alive(self, event: Event, now: float) -> bool:
        """Tell whether an event has not outlived its time."""
        return now - event.at < self.lifetime


@dataclass(slots=True, kw_only=True)
class EventType:
    """A kind of event in one room."""

    name: str
    schema: Mapping[str, Any]
    validator: Any
    events: OrderedDict[str, Event] = field(default_factory=OrderedDict)
    subscriptions: dict[Application, Subscription] = field(default_factory=dict)
    last: int = 0
    """The sequence number of the event that was published last."""

    def keep(self, event: Event) -> None:
        """Remember an event, in the place of the oldest where there are too many."""
        self.events[event.id] = event
        if len(self.events) > _EVENTS:
            self.events.popitem(last=False)


class Rooms:
    """The event types of each room by name."""

    def __init__(self, *rooms: Application) -> None:
        """Open the rooms; no published operation does it (6.5)."""
        self._types: dict[Application, dict[str, EventType]] = {room: {} for room in rooms}

    def types_of(self, room: Application) -> dict[str, EventType] | None:
        """Give the event types of a room; None where there is no such room."""
        return self._types.get(room)

    def all_types(self) -> list[dict[str, EventType]]:
        """Give the event types of each room."""
        return list(self._types.values())


def compiled(schema: Mapping[str, Any]) -> Any:
    """Make the validator of a schema; ValueError where it is none, or refers to something elsewhere."""
    try:
        return jsonschema_rs.validator_for(dict(schema), retriever=_nothing_else)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise ValueError(str(error).partition("\n")[0]) from None


def _nothing_else(uri: str) -> Any:
    """Fetch nothing: a schema may not make the product call somebody."""
    raise ValueError(f"{uri[:80]} is not part of the schema")
