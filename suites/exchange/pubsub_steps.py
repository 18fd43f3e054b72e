"""Steps for publish and subscribe: event types, events, subscriptions, and events that wait to be fetched."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps
from dpi_conformance.i18n import N_, Message
from dpi_conformance.vectors.scripts import TEXTS

from .configuring import content
from .parties import Application, application
from .pubsub_requests import event_type, publication, subscription

__all__ = ["PUBSUB", "created_type", "published"]

_TEXT: Final = "What happened"


async def created_type(stage: Stage) -> str:
    """Create an event type of a fresh name; gives the name."""
    name = stage.fresh.identifier(12)
    room, manager = _room(stage), application(stage, "manager.client")
    await stage.call("event-type-create", event_type(room, manager, name))
    return name


async def published(stage: Stage, name: str, text: str = _TEXT) -> str:
    """Publish an event; gives its identifier, or raises Prerequisite where the answer has none."""
    room, publisher = _room(stage), application(stage, "publisher.client")
    receipt = content(await stage.call("event-publish", publication(room, publisher, name, {"note": text})))
    identifier = receipt.get("id") if isinstance(receipt, Mapping) else None
    if isinstance(identifier, str) and identifier:
        return identifier
    raise Prerequisite(
        Message(text=N_("An event was accepted without an identifier, so nobody can ask for it."))
    )


async def _event_types(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    return await _each(count, partial(_event_type, stage))


async def _event_type(stage: Stage) -> Resource:
    return {"event-type.name": await created_type(stage)}


async def _event_type_known(stage: Stage, count: int) -> Sequence[Resource]:
    """Create one event type for all readers of it."""
    return [{"event-type-known.name": await created_type(stage)}] * count


async def _events(
    stage: Stage, count: int, resource: str = "event", text: str = _TEXT
) -> Sequence[Resource | Prerequisite]:
    """Publish events of one type."""
    name = await created_type(stage)

    async def one() -> Resource:
        identifier = await published(stage, name, text)
        return {f"{resource}.type": name, f"{resource}.id": identifier, f"{resource}.text": text}

    return await _each(count, one)


async def _written(stage: Stage, count: int, script: str) -> Sequence[Resource | Prerequisite]:
    """Publish events that hold text in a script; a product that refuses such text has plain ones."""
    resource = f"event-{script}"
    try:
        return await _events(stage, count, resource, TEXTS[script])
    except Prerequisite:
        return await _events(stage, count, resource)


async def _subscriptions(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    return await _each(count, partial(_subscription, stage))


async def _subscription(stage: Stage) -> Resource:
    name = await created_type(stage)
    await stage.call("subscribe", subscription(_room(stage), _subscriber(stage), name))
    return {"subscription.type": name}


async def _waiting(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    return await _each(count, partial(_event_waiting, stage))


async def _event_waiting(stage: Stage) -> Resource:
    """Publish an event of a type that the subscriber fetches by pull."""
    name = await created_type(stage)
    request = subscription(_room(stage), _subscriber(stage), name, delivery="PULL")
    await stage.call("subscribe", request)
    return {"event-waiting.type": name, "event-waiting.id": await published(stage, name)}


async def _each(count: int, make: Callable[[], Awaitable[Resource]]) -> Sequence[Resource | Prerequisite]:
    """Create resources that no single request creates together; raises Prerequisite if none could be."""
    made = await asyncio.gather(*(_made(make) for _ in range(count)))
    troubles = [one for one in made if isinstance(one, Prerequisite)]
    if troubles and len(troubles) == len(made):
        raise troubles[0]
    return made


async def _made(make: Callable[[], Awaitable[Resource]]) -> Resource | Prerequisite:
    try:
        return await make()
    except Prerequisite as trouble:
        return trouble


def _room(stage: Stage) -> Application:
    return application(stage, "room.id")


def _subscriber(stage: Stage) -> Application:
    return application(stage, "subscriber.client")


PUBSUB: Final[Steps] = {
    "event-type": _event_types,
    "event-type-known": _event_type_known,
    "event": _events,
    "subscription": _subscriptions,
    "event-waiting": _waiting,
    **{
        f"event-{script}": partial(_written, script=script)
        for script in TEXTS
        if script != "lone-surrogate"  # no answer can carry it
    },
}
"""The steps of this module by resource."""
