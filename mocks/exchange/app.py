"""The data exchange product: a mediator with directory, rights and configuration, as a careful vendor would make it."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Carrier
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.mockkit.service import Operation, Service
from dpi_conformance.mockkit.serving import serve_app
from dpi_conformance.mockkit.settings import MockSettings

from .admission import Admission
from .configuration_operations import ConfigurationOperations
from .directory import Directory
from .documents import Documents
from .faults import FAULTS
from .front import Front
from .gate import Gate
from .mediation import Mediator
from .pubsub import EventOperations, EventTypeOperations, shown
from .pubsub_doors import Doors
from .pubsub_push import Pusher
from .pubsub_state import Rooms
from .pubsub_subscriptions import QueueOperations, SubscriptionOperations
from .rights import RightsOperations
from .seed import FOREIGN, OWN_SERVER, ROOMS, documents, seeded
from .state import State
from .xroad_metadata import Metadata

__all__ = ["create_app"]

_SPEC = Path(__file__).resolve().parents[2] / "specs" / "exchange" / "openapi.yaml"
_SPELLINGS = Spellings(
    code=("type",),
    description=("message",),
    request_id=("detail",),
    success={"type": "Success"},
    failure={"type": "Client.InvalidRequest"},
)


def create_app(
    settings: MockSettings, state: State | None = None, carrier: Carrier | None = None
) -> Starlette:
    """Make the product; ``state`` is its memory, with a first configuration if none is given; ``carrier`` carries events."""
    on = FaultSwitches(FAULTS, settings.faults)
    memory = _memory(settings) if state is None else state
    directory = Directory(memory, Documents(documents(settings.public_url)), on)
    gate = Gate(memory, settings.token, on)
    pusher = Pusher(settings.counterparties.get("subscriber", ""), shown, on, carrier)
    service = Service(
        spec=load_spec(_SPEC),
        operations={**_operations(memory, directory, on), **_pubsub(memory, pusher, on)},
        spellings=_SPELLINGS,
        faults=FAULTS,
        admit=Admission(settings.token, on).admit,
    )
    operations = serve_app(service, settings, carrier)
    front = Front(operations, Mediator(gate, OWN_SERVER, on), Metadata(directory, gate, on), on)
    app = Starlette(routes=[Mount("", app=front)], lifespan=_living(operations, pusher))
    app.state.dates_itself = True
    return app


def _living(
    operations: Starlette, pusher: Pusher
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """Let the whole live as long as the parts that send messages."""

    @contextlib.asynccontextmanager
    async def living(_app: Starlette) -> AsyncIterator[None]:
        async with operations.router.lifespan_context(operations), pusher.working():
            yield

    return living


def _memory(settings: MockSettings) -> State:
    """Give the memory of a mediator that was set up by hand."""
    state = State(seeded(settings.counterparties.get("provider", ""), settings.public_url))
    state.foreign.add(FOREIGN)
    return state


def _operations(state: State, directory: Directory, on: FaultSwitches) -> Mapping[str, Operation]:
    """Give each variant's operation by its id."""
    configuration = ConfigurationOperations(state, on)
    rights = RightsOperations(state, on)
    return {
        "list-clients": directory.list_clients,
        "list-methods": directory.list_methods,
        "allowed-methods": directory.allowed_methods,
        "get-openapi": directory.get_openapi,
        "config-read": configuration.read,
        "config-create": configuration.create,
        "config-change": configuration.change,
        "config-replace": configuration.replace,
        "mediator-status": configuration.status,
        "rights-list": rights.list,
        "rights-allow": rights.allow,
        "rights-deny": rights.deny,
    }


def _pubsub(state: State, pusher: Pusher, on: FaultSwitches) -> Mapping[str, Operation]:
    """Give each operation of publish and subscribe by its id."""
    doors = Doors(state, Rooms(*ROOMS))
    types, events = EventTypeOperations(doors, pusher, on), EventOperations(doors, pusher, on)
    subscriptions, queues = SubscriptionOperations(doors, pusher, on), QueueOperations(doors, on)
    return {
        "event-type-create": types.create,
        "event-types": types.list,
        "event-type-read": types.read,
        "event-type-delete": types.delete,
        "event-publish": events.publish,
        "event-read": events.read,
        "event-delete": events.delete,
        "subscriptions": subscriptions.list,
        "subscribe": subscriptions.subscribe,
        "subscription-read": subscriptions.read,
        "subscription-change": subscriptions.change,
        "unsubscribe": subscriptions.end,
        "event-pull": queues.pull,
        "event-confirm": queues.confirm,
    }
