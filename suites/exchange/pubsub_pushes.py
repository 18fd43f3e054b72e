"""What is pushed to the services of subscribers, which the harness plays: waited for, told apart, and answered."""

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.reactions import Reaction, refusing

from .parties import Application
from .pubsub_cast import subscribers
from .pubsub_topics import Published, Topic

__all__ = ["UNDER_WAY_SECONDS", "attempts", "failing", "meet", "pushed", "quiet"]

_PARTY = "subscriber"
_FAILURES = 40
UNDER_WAY_SECONDS = 1.0
"""An attempt that had begun before it was called off may arrive so much later."""
_PLACE = f"/counterparty/{_PARTY}/"


def meet(scene: Scene, mark: str, *reactions: Reaction) -> None:
    """Answer the next pushes of an event so, one each; raises Prerequisite where the harness is no subscriber."""
    scene.counterparty(_PARTY).react(*reactions, mentions=mark)


def attempts(scene: Scene, who: Application, event: Published) -> Sequence[Callback]:
    """Give the pushes of an event to a subscriber, in order."""
    party = scene.counterparty(_PARTY)
    return [one for one in party.callbacks if _about(one, event) and _to(scene, who, one)]


async def pushed(
    scene: Scene, who: Application, event: Published, *, count: int = 1, seconds: float | None = None
) -> Sequence[Callback]:
    """Wait for pushes of an event; gives those that came, as the case's evidence.

    Raises Prerequisite where the event came to an address that is no subscriber's.
    """
    party = scene.counterparty(_PARTY)

    def enough(callback: Callback) -> bool:
        return _about(callback, event) and len(attempts(scene, who, event)) >= count

    limit = scene.callback_seconds if seconds is None else seconds
    await party.wait_for(enough, limit)
    came = attempts(scene, who, event)
    if not came:
        _require_addresses(scene, event)
    return [scene.met(callback) for callback in came]


async def failing(one: Topic) -> Published:
    """Publish an event whose receiver is out of order."""
    note = one.note()
    meet(one.scene, note["note"], *[refusing()] * _FAILURES)
    return await one.publish(note)


async def quiet(
    scene: Scene, who: Application, event: Published, since: float, seconds: float | None = None
) -> Sequence[Callback]:
    """Wait for a push that must not come any more after ``since``; gives those that did."""
    party = scene.counterparty(_PARTY)

    def late(callback: Callback) -> bool:
        return callback.at > since and _about(callback, event) and _to(scene, who, callback)

    limit = scene.quiet_seconds if seconds is None else seconds
    await party.wait_for(late, limit)
    return [scene.met(one) for one in attempts(scene, who, event) if one.at > since]


def _about(callback: Callback, event: Published) -> bool:
    """Tell whether a push has an event's payload, or names it."""
    texts = (event.mark, event.id)
    return any(text.encode() in callback.request.body or text in callback.request.url for text in texts)


def _to(scene: Scene, who: Application, callback: Callback) -> bool:
    """Tell whether a push came to a subscriber's own address; the only subscriber's is any."""
    return len(subscribers(scene)) == 1 or _named(callback) == who.code


def _named(callback: Callback) -> str:
    path = urlsplit(callback.request.url).path
    return unquote(path.partition(_PLACE)[2].partition("/")[0])


def _require_addresses(scene: Scene, event: Published) -> None:
    """Refuse to judge where events come to an address that tells no subscriber from another."""
    known = {one.code for one in subscribers(scene)}
    for callback in scene.counterparty(_PARTY).callbacks:
        if _about(callback, event) and _named(callback) not in known:
            scene.met(callback)
            text = N_(
                "An event was pushed to {url}, which is no subscriber's; configure each subscriber's service at "
                "<public_url>/counterparty/subscriber/APPLICATION, so that they can be told apart."
            )
            raise Prerequisite(Message(text=text, values={"url": callback.request.url[:200]}))
