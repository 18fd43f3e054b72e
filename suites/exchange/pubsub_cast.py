"""Who plays in the cases of publish and subscribe: a room, its manager, a publisher, and subscribers."""

from dataclasses import dataclass
from typing import Final

from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.i18n import N_, Message

from .parties import Application, application

__all__ = ["Cast", "cast", "other_room", "subscribers"]

_OTHERS: Final = "subscriber.others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The applications that a case acts as."""

    room: Application
    manager: Application
    publisher: Application
    subscribers: tuple[Application, ...]

    @property
    def first(self) -> Application:
        """Give the subscriber that cases without need of several use."""
        return self.subscribers[0]

    @property
    def troubled(self) -> Application:
        """Give the subscriber whose service fails or hangs: the last, so that it holds up no other case's events."""
        return self.subscribers[-1]


def cast(stage: Stage, subscribers: int = 1) -> Cast:
    """Give who plays, with so many subscribers at least; raises Prerequisite that says who is missing."""
    return Cast(
        room=application(stage, "room.id"),
        manager=application(stage, "manager.client"),
        publisher=application(stage, "publisher.client"),
        subscribers=_least(stage, subscribers),
    )


def subscribers(stage: Stage) -> tuple[Application, ...]:
    """Give all subscribers, the one of ``subscriber.client`` first."""
    others = [_read(text) for text in stage.fixtures.get(_OTHERS, "").split()]
    return tuple(dict.fromkeys([application(stage, "subscriber.client"), *others]))


def other_room(stage: Stage) -> Application | None:
    """Give the second room; None where none is prepared."""
    return application(stage, "room.other") if stage.fixtures.get("room.other", "").strip() else None


def _least(stage: Stage, count: int) -> tuple[Application, ...]:
    found = subscribers(stage)
    if len(found) >= count:
        return found
    raise Prerequisite(
        Message(
            text=N_(
                "This takes {count} subscribers, each an application of its own; name more than subscriber.client under "
                "fixtures in product.yaml, as {name}, apart by spaces."
            ),
            values={"count": count, "name": _OTHERS},
        )
    )


def _read(text: str) -> Application:
    try:
        return Application.read(text)
    except ValueError:
        raise Prerequisite(
            Message(
                text=N_(
                    "fixtures.{name} in product.yaml holds “{text}”; write INSTANCE/CLASS/MEMBER/APPLICATION."
                ),
                values={"name": _OTHERS, "text": text},
            )
        ) from None
