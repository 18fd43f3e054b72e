"""Who calls in which room, about which event type: what all operations of publish and subscribe begin with."""

from dpi_conformance.mockkit.calls import Call, Refused

from .identifiers import Application, MalformedError, read_application
from .pubsub_state import EventType, Rooms, Subscription
from .state import State

__all__ = ["Doors"]

_CLIENT = "x-govstack-client"


class Doors:
    """Finds the caller, the room and the event type of a request; raises Refused."""

    def __init__(self, state: State, rooms: Rooms) -> None:
        """Take the directory, and the rooms."""
        self._state = state
        self._rooms = rooms

    def caller(self, call: Call) -> Application:
        """Give who calls: somebody in the directory, for whom these credentials may speak."""
        try:
            client = read_application(call.headers.get(_CLIENT, "").strip())
        except MalformedError as error:
            raise Refused(f"header.X-GovStack-Client: {error}.") from None
        if not self._state.knows(client):
            raise Refused("header.X-GovStack-Client names nobody in the directory.")
        if client in self._state.foreign:
            raise Refused(f"These credentials do not speak for {client}.", status=403)
        return client

    def room_of(self, call: Call) -> Application:
        """Give the application that the path names as the room."""
        names = ("instanceId", "memberClass", "memberCode", "applicationCode")
        return Application(*(call.path[name] for name in names))

    def room(self, call: Call) -> dict[str, EventType]:
        """Give the event types of the room."""
        types = self._rooms.types_of(self.room_of(call))
        if types is None:
            raise Refused("There is no such room.", status=404)
        return types

    def event_type(self, call: Call, *, status: int = 404) -> EventType:
        """Give the event type that the path names; ``status`` is how its absence is said."""
        found = self.room(call).get(call.path["eventType"])
        if found is None:
            raise Refused("There is no such event type in this room.", status=status)
        return found

    def subscriptions_everywhere(self, name: str) -> list[Subscription]:
        """Give the subscriptions to all event types of a name, whatever their room: only a fault asks for them."""
        kinds = [types[name] for types in self._rooms.all_types() if name in types]
        return [subscription for kind in kinds for subscription in kind.subscriptions.values()]
