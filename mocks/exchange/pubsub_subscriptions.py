"""The operations of subscribers: subscriptions, and events that are fetched and confirmed (GovStack IM 9.2, Pub/Sub API)."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .identifiers import Application
from .pubsub import parts, shown
from .pubsub_doors import Doors
from .pubsub_push import Pusher
from .pubsub_state import LIFETIME_SECONDS, Event, EventType, Subscription

__all__ = ["QueueOperations", "SubscriptionOperations"]

_LIFETIMES = range(1, 31 * 24 * 3600 + 1)
"""Seconds that an event may be kept for a subscriber."""
_MOMENT = 0.03
"""How long a product with a fault dwells between looking and doing."""


class SubscriptionOperations:
    """Begins, shows, changes and ends subscriptions of the caller."""

    def __init__(self, doors: Doors, pusher: Pusher, on: FaultSwitches) -> None:
        """Take who finds rooms, who pushes, and the faults."""
        self._doors = doors
        self._pusher = pusher
        self._on = on

    def list(self, call: Call) -> Answer:
        """Give the caller's subscriptions in a room."""
        caller = self._doors.caller(call)
        own = [
            _described(kind, kind.subscriptions[caller])
            for kind in self._doors.room(call).values()
            if caller in kind.subscriptions
            and not (kind.subscriptions[caller].pushed and self._on("pushed-subscriptions-not-listed"))
        ]
        if not own:
            raise Refused("There is no subscription of the caller in this room.", status=404)
        return Answer(status=200, body=own)

    def subscribe(self, call: Call) -> Answer:
        """Subscribe the caller, unless they are subscribed."""
        caller = self._doors.caller(call)
        kind = self._doors.event_type(call, status=400)
        body = call.body or {}
        _check(body, kind, caller)
        if caller in kind.subscriptions and not self._on("subscribed-twice"):
            raise Refused("The caller is subscribed to this event type already.", status=409)
        new = Subscription(id=str(uuid4()), subscriber=caller)
        if self._on("pull-by-default"):
            new.pushed = False
        _change(new, body)
        kind.subscriptions[caller] = new
        return Answer(status=200, body=None)

    def read(self, call: Call) -> Answer:
        """Give the caller's subscription to an event type."""
        kind, subscription = _own(self._doors, call)
        return Answer(status=200, body=_described(kind, subscription))

    def change(self, call: Call) -> Answer:
        """Change what a request names of a subscription."""
        kind, subscription = _own(self._doors, call)
        body = call.body or {}
        _check(body, kind, subscription.subscriber)
        if not self._on("change-without-effect"):
            before = subscription.pushed
            _change(subscription, body)
            if self._on("way-of-delivery-kept"):
                subscription.pushed = before
            if subscription.pushed and not before:
                self._pusher.push_waiting(subscription)
        return Answer(status=201, body=None)

    def end(self, call: Call) -> Answer:
        """End a subscription; nothing of it is delivered any more."""
        if self._on("absent-subscription-ended") and self._absent(call):
            return Answer(status=204, body=None)
        kind, subscription = _own(self._doors, call)
        if self._on("pulled-after-unsubscribing") and not subscription.pushed:
            return Answer(status=204, body=None)
        if self._on("pushed-after-unsubscribing") and subscription.pushed:
            kind.subscriptions[Application("", "", "", str(uuid4()))] = subscription
        else:
            self._pusher.end(subscription)
        del kind.subscriptions[subscription.subscriber]
        if self._on("unsubscribing-empties-all-queues"):
            for other in kind.subscriptions.values():
                other.waiting.clear()
        return Answer(status=204, body=None)

    def _absent(self, call: Call) -> bool:
        return self._doors.caller(call) not in self._doors.event_type(call).subscriptions


class QueueOperations:
    """Gives the caller the next event that waits, until they confirm it."""

    def __init__(self, doors: Doors, on: FaultSwitches) -> None:
        """Take who finds rooms, and the faults."""
        self._doors = doors
        self._on = on

    def pull(self, call: Call) -> Answer:
        """Give the event that waits longest; it stays until it is confirmed."""
        if self._on("pulled-by-anybody"):
            subscription = self._somebodys(call)
        else:
            _, subscription = _own(self._doors, call)
        if subscription.pushed:
            raise Refused("Events of this subscription are pushed.", status=409)
        event = self._next(subscription)
        if event is None and self._on("empty-queue-served"):
            return Answer(
                status=200, body={"id": str(uuid4()), "eventType": call.path["eventType"], "event": {}}
            )
        if event is None:
            raise Refused("No event waits.", status=404)
        if self._on("pull-removes"):
            del subscription.waiting[event.id]
        body = shown(event)
        if self._on("delivered-under-another-id"):
            body["id"] = str(uuid4())
        return Answer(status=200, body=body)

    async def confirm(self, call: Call) -> Answer:
        """Take an event from the caller's queue."""
        if self._on("confirmed-by-anybody"):
            kind, subscription = self._doors.event_type(call), self._somebodys(call)
        else:
            kind, subscription = _own(self._doors, call)
        identifier = call.path["eventId"]
        if self._on("anothers-event-confirmed") and identifier not in subscription.waiting:
            subscription = next(
                (one for one in kind.subscriptions.values() if identifier in one.waiting), subscription
            )
        if not self._confirmable(kind, subscription, identifier):
            raise Refused("No such event waits.", status=404)
        if self._on("confirmed-twice-at-once"):
            await asyncio.sleep(_MOMENT)
        self._take(kind, subscription, identifier)
        return Answer(status=204, body=None)

    def _somebodys(self, call: Call) -> Subscription:
        """Give the caller's subscription, or, as a fault does, the first that there is."""
        known = self._doors.event_type(call).subscriptions
        caller = self._doors.caller(call)
        if caller in known or not known:
            return _own(self._doors, call)[1]
        return next(iter(known.values()))

    def _next(self, subscription: Subscription) -> Event | None:
        now = asyncio.get_running_loop().time()
        if not self._on("outlived-event-delivered"):
            for event in [one for one in subscription.waiting.values() if not subscription.alive(one, now)]:
                del subscription.waiting[event.id]
        return next(iter(subscription.waiting.values()), None)

    def _confirmable(self, kind: EventType, subscription: Subscription, identifier: str) -> bool:
        if self._on("any-confirmation-taken"):
            return True
        if self._on("confirmed-again"):
            return identifier in kind.events
        return identifier in subscription.waiting

    def _take(self, kind: EventType, subscription: Subscription, identifier: str) -> None:
        if self._on("confirmation-without-effect"):
            return
        if self._on("confirmation-drains-queue"):
            subscription.waiting.clear()
        if self._on("confirmation-for-everybody"):
            for other in kind.subscriptions.values():
                other.waiting.pop(identifier, None)
        subscription.waiting.pop(identifier, None)


def _own(doors: Doors, call: Call) -> tuple[EventType, Subscription]:
    """Find the caller's subscription to the event type of the path."""
    caller = doors.caller(call)
    kind = doors.event_type(call)
    subscription = kind.subscriptions.get(caller)
    if subscription is None:
        raise Refused("The caller is not subscribed to this event type.", status=404)
    return kind, subscription


def _check(body: Mapping[str, Any], kind: EventType, caller: Application) -> None:
    """Refuse a subscription that contradicts its path or its caller, or cannot be kept."""
    if body.get("eventType", kind.name) != kind.name:
        raise Refused("body.eventType is another one than the path's.")
    own = parts(caller)
    for name, value in body.get("subscriberId", {}).items():
        if own.get(name, value) != value:
            raise Refused(f"body.subscriberId.{name} is not the caller's.")
    if body.get("options", {}).get("TTL", LIFETIME_SECONDS) not in _LIFETIMES:
        raise Refused(f"body.options.TTL is not from 1 to {_LIFETIMES.stop - 1} seconds.")


def _change(subscription: Subscription, body: Mapping[str, Any]) -> None:
    """Take over what a request names; what it leaves out stays."""
    options = body.get("options", {})
    if "delivery" in body:
        subscription.pushed = body["delivery"] == "PUSH"
    subscription.lifetime = int(options.get("TTL", subscription.lifetime))
    subscription.in_order = options.get("FIFO", subscription.in_order)


def _described(kind: EventType, subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "subscriberId": parts(subscription.subscriber),
        "eventType": kind.name,
        "delivery": "PUSH" if subscription.pushed else "PULL",
        "options": {"TTL": subscription.lifetime, "FIFO": subscription.in_order},
    }
