"""What several cases of publish and subscribe say has to hold."""

from typing import Any, Final

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .parties import Application
from .pubsub_json import copies, exact, same
from .pubsub_topics import Published, Topic, delivered

__all__ = [
    "declared_number",
    "expect_none",
    "expect_payload",
    "expect_pushed",
    "expect_reached",
    "required",
    "waiting",
]

_LOST: Final = N_(
    "An event was accepted and did not reach a subscriber ({who}): who relies on it never learns what happened."
)
_CHANGED: Final = N_(
    "The payload of an event is not the one that was published: subscribers act on something else than what happened."
)
_QUEUE: Final = Message(
    text=N_(
        "Put each accepted event into the queue of each active subscription in the same transaction that accepts it."
    )
)
_UNCHANGED: Final = Message(
    text=N_("Keep the payload as it came and hand it on as it is, numbers digit for digit.")
)


def required(met: bool, text: str, **values: object) -> None:
    """Leave the case undecided where a control was not met."""
    if not met:
        raise Prerequisite(Message(text=text, values={name: str(value) for name, value in values.items()}))


def declared_number(scene: Scene, name: str) -> int:
    """Give a number that the vendor declares; the case is undecided where it is none."""
    text = scene.declares(name)
    required(
        text.isdecimal() and int(text) > 0,
        N_("declares: {name} in product.yaml is no whole number."),
        name=name,
    )
    return int(text)


async def waiting(topic: Topic, who: Application) -> Answer:
    """Fetch an event that has to be there; the case is undecided where none comes (P4 and P12 judge that)."""
    answer = await topic.pulled(who)
    required(
        bool(delivered(answer)),
        N_("An event that was published could not be fetched: {answer}."),
        answer=answer,
    )
    return answer


def expect_reached(scene: Scene, who: Application, answer: Answer, met: bool) -> bool:
    """Expect that a subscriber got an event by pull."""
    return scene.expect(
        met,
        code="event.reaches-all",
        message=Message(text=_LOST, values={"who": str(who)}),
        expected=N_("the event within limits.callback_seconds"),
        actual=answer,
        seen=answer,
        advice=_QUEUE,
    )


def expect_pushed(scene: Scene, who: Application, event: Published, met: bool) -> bool:
    """Expect that a subscriber got an event by push."""
    return scene.expect(
        met,
        code="event.reaches-all",
        message=Message(text=_LOST, values={"who": str(who)}),
        expected=N_("a call with the event within limits.callback_seconds"),
        actual=N_("none"),
        seen=event.answer,
        advice=_QUEUE,
    )


def expect_payload(scene: Scene, event: Published, seen: Answer | Callback) -> None:
    """Expect the payload as it was published, wherever a message has it; a message without it is not judged."""
    raw = seen.request.body if isinstance(seen, Callback) else _body(seen)
    found = list(copies(exact(raw), event.mark))
    required(bool(found), N_("The payload is not in the message as JSON, so that it could not be compared."))
    scene.expect(
        any(same(copy, event.event) for copy in found),
        code="event.payload-unchanged",
        message=Message(text=_CHANGED),
        expected=_shown(event.event),
        actual=_shown(found[0]),
        seen=seen,
        advice=_UNCHANGED,
    )


def expect_none(scene: Scene, answer: Answer, *, code: str, message: Message, advice: Message) -> bool:
    """Expect that no event is handed out; a 5xx is no such answer."""
    return scene.expect(
        not delivered(answer) and 200 <= answer.status < 500,
        code=code,
        message=message,
        expected=N_("no event (404)"),
        actual=answer,
        seen=answer,
        advice=advice,
    )


def _body(answer: Answer) -> bytes:
    return answer.exchange.response.body if answer.exchange.response else b""


def _shown(value: Any) -> str:
    return str(value)[:400]
