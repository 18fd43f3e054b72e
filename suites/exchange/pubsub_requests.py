"""The requests of publish and subscribe, as managers, publishers and subscribers of a room send them."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from dpi_conformance.execution.steps import json_request
from dpi_conformance.model.evidence import Request

from .parties import Application, as_client

__all__ = [
    "NOTE",
    "confirmation",
    "event_type",
    "publication",
    "pull",
    "subscription",
]

NOTE: Final = {"type": "object", "required": ["note"], "properties": {"note": {"type": "string"}}}
"""The schema of events that hold a note."""


def event_type(
    room: Application, manager: Application, name: str, schema: Mapping[str, Any] = NOTE
) -> Request:
    """Create an event type."""
    target = f"{room.path}/api/v1/eventType"
    return json_request("POST", target, {"eventType": name, "schema": schema}, as_client(manager))


def publication(room: Application, publisher: Application, name: str, event: Mapping[str, Any]) -> Request:
    """Publish an event."""
    target = f"{room.path}/pub/v1/{_encoded(name)}"
    return json_request("POST", target, {"eventType": name, "event": event}, as_client(publisher))


def subscription(
    room: Application,
    subscriber: Application,
    name: str,
    *,
    delivery: str = "PUSH",
    options: Mapping[str, Any] | None = None,
) -> Request:
    """Subscribe to an event type."""
    body = {"eventType": name, "delivery": delivery, "subscriberId": subscriber.parts}
    target = f"{room.path}/api/v1/subs/{_encoded(name)}"
    return json_request(
        "POST", target, {**body, **({"options": options} if options else {})}, as_client(subscriber)
    )


def pull(room: Application, subscriber: Application, name: str) -> Request:
    """Fetch the next event."""
    target = f"{room.path}/pull/v1/{_encoded(name)}"
    return Request(method="GET", url=target, headers=tuple(as_client(subscriber).items()))


def confirmation(room: Application, subscriber: Application, name: str, event: str) -> Request:
    """Confirm an event."""
    target = f"{room.path}/pull/v1/{_encoded(name)}/{_encoded(event)}"
    return Request(method="DELETE", url=target, headers=tuple(as_client(subscriber).items()))


def _encoded(part: str) -> str:
    return quote(part, safe="")
