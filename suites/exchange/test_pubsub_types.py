"""An event type lives from its creation to its deletion (P1), and what is published is held against it (P2)."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message

from .pubsub_cast import cast
from .pubsub_json import exact, same
from .pubsub_requests import NOTE
from .pubsub_rules import expect_payload, required, waiting
from .pubsub_topics import delivered, needed, topic

_CREATE: Final = "GovStack Information Mediator API (createEventType)"
_PUBLISH: Final = "GovStack Information Mediator API (publishEvent)"
_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["note", "count"],
    "properties": {"note": {"type": "string", "maxLength": 200}, "count": {"type": "integer", "minimum": 1}},
}
_OTHER: Final[Mapping[str, Any]] = {"type": "object", "required": ["other"], "properties": {"other": {}}}
_KEEP_SCHEMA: Final = Message(text=N_("Store the schema as it came, and give it back whole."))


@case("P1/created-and-shown", clause=_CREATE, functions=["pubsub"])
async def test_an_event_type_is_listed_and_shown(scene: Scene) -> None:
    """An event type that was created is in the list of its room and is shown with the schema that it was given."""
    one = await topic(scene, cast(scene), _SCHEMA)
    _expect_schema(scene, await one.described())
    listed = await one.listed()
    scene.expect(
        listed.served and _names(listed, one.name),
        code="event-type.listed",
        message=Message(
            text=N_(
                "An event type was created and is not in the list of its room: nobody finds it to subscribe."
            )
        ),
        expected=one.name,
        actual=listed,
        seen=listed,
        advice=Message(
            text=N_("List all event types of the room, also those without events or subscribers.")
        ),
    )


@case("P1/created-twice", clause=_CREATE, functions=["pubsub"])
async def test_an_event_type_is_created_once(scene: Scene) -> None:
    """An event type of a name that the room has already is refused, and the first one keeps its schema."""
    one = await topic(scene, cast(scene), _SCHEMA)
    scene.expect_refused(
        await one.create(_OTHER),
        code="event-type.once",
        message=Message(
            text=N_(
                "An event type was created a second time with another schema: what its subscribers rely on changes "
                "under their feet."
            )
        ),
        advice=Message(text=N_("Answer 409 where the room has an event type of this name.")),
    )
    _expect_schema(scene, await one.described())


@case("P1/deleted", clause="GovStack Information Mediator API (deleteEventType)", functions=["pubsub"])
async def test_a_deleted_event_type_is_gone(scene: Scene) -> None:
    """After its deletion an event type is neither listed nor shown, and nothing is published under it."""
    one = await topic(scene, cast(scene))
    await one.publish()
    required(
        _names(await one.listed(), one.name), N_("The event type was not in the list before its deletion.")
    )
    needed("event-type-delete", await one.delete())
    listed, described, offered = await one.listed(), await one.described(), await one.offer(one.note())
    gone = {
        N_("listed"): (listed, not _names(listed, one.name) and listed.status < 500),
        N_("shown"): (described, _schema(described) is None and described.status < 500),
        N_("published under"): (offered, offered.refused),
    }
    for what, (answer, met) in gone.items():
        scene.expect(
            met,
            code="event-type.gone",
            message=Message(
                text=N_(
                    "An event type was deleted and is still {what}: publishers and subscribers go on with it."
                ),
                values={"what": what},
            ),
            expected=N_("nothing of it"),
            actual=answer,
            seen=answer,
            advice=Message(
                text=N_("Delete the type itself, and answer 204 to its reading, 404 to its events.")
            ),
        )


@case("P1/deleted-twice", clause="GovStack Information Mediator API (deleteEventType)", functions=["pubsub"])
async def test_an_event_type_is_deleted_once(scene: Scene) -> None:
    """The deletion of an event type that is not there is refused."""
    one = await topic(scene, cast(scene))
    needed("event-type-delete", await one.delete())
    scene.expect_refused(
        await one.delete(),
        code="event-type.deleted-once",
        message=Message(
            text=N_(
                "The deletion of an event type that is not there was acknowledged: a misspelt name is not noticed."
            )
        ),
        advice=Message(text=N_("Answer 404 where the room has no such event type.")),
    )


@case("P2/accepted", clause=_PUBLISH, functions=["pubsub"])
async def test_each_event_gets_an_identifier_of_its_own(scene: Scene) -> None:
    """Events that are accepted get identifiers that nothing had before, UUIDs, also where their payloads are equal."""
    one = await topic(scene, cast(scene))
    event = one.note()
    published = [await one.publish(event) for _ in range(3)]
    identifiers = [each.id for each in published]
    scene.expect(
        len(set(identifiers)) == len(identifiers) and all(map(_is_uuid, identifiers)),
        code="event.id-fresh",
        message=Message(
            text=N_(
                "Events do not have identifiers of their own: one is taken for the other, and confirmed in its place."
            )
        ),
        expected=N_("three different UUIDs"),
        actual=", ".join(identifiers),
        seen=published[-1].answer,
        advice=Message(text=N_("Make a new random UUID for each event, not one of its payload.")),
    )


@case("P2/shown", clause="GovStack Information Mediator API (getStatus)", functions=["pubsub"])
async def test_an_event_is_shown_by_its_identifier(scene: Scene) -> None:
    """An event that is read by its identifier is the one that was published under it."""
    one = await topic(scene, cast(scene))
    events = [await one.publish() for _ in range(2)]
    answer = needed("event-read", await one.event(events[0].id))
    text = answer.exchange.response.body.decode("utf-8", "replace") if answer.exchange.response else ""
    shown = delivered(answer) == events[0].id and events[1].mark not in text
    met = scene.expect(
        shown,
        code="event.shown",
        message=Message(text=N_("An event that was read by its identifier is another one.")),
        expected=events[0].id,
        actual=answer,
        seen=answer,
        advice=Message(text=N_("Look the event up by the identifier of the path.")),
    )
    if met and "event" in answer.body:
        expect_payload(scene, events[0], answer)


_WRONG = {
    "wrong-type": ("many", N_("a text in place of a number")),
    "too-small": (0, N_("a number below the least one")),
    "missing": (None, N_("nothing in place of what is required")),
}


@case("P2/invalid/wrong-type", clause=_PUBLISH, functions=["pubsub"], given={"told": _WRONG["wrong-type"][1]})
@case("P2/invalid/too-small", clause=_PUBLISH, functions=["pubsub"], given={"told": _WRONG["too-small"][1]})
@case("P2/invalid/missing", clause=_PUBLISH, functions=["pubsub"], given={"told": _WRONG["missing"][1]})
async def test_an_event_against_its_schema_is_refused(scene: Scene, told: str) -> None:
    """An event that its type's schema does not allow, with {told}, is refused."""
    (value,) = (value for value, text in _WRONG.values() if text == told)
    one = await topic(scene, cast(scene), _SCHEMA)
    await one.publish(one.note(count=1))
    event = one.note(count=1)
    if value is None:
        del event["count"]
    else:
        event["count"] = value
    scene.expect_refused(
        await one.offer(event),
        code="event.schema-checked",
        message=Message(
            text=N_(
                "An event that its type's schema does not allow was accepted: it breaks its subscribers, who rely on the "
                "schema."
            )
        ),
        advice=Message(text=N_("Validate each event by the schema of its type, and answer 400.")),
    )
    await one.publish(one.note(count=2))


@case("P2/unknown-type", clause=_PUBLISH, functions=["pubsub"])
async def test_an_event_of_an_unknown_type_is_refused(scene: Scene) -> None:
    """An event of a type that the room does not have is refused."""
    one = await topic(scene, cast(scene))
    await one.publish()
    scene.expect_refused(
        await one.offer(one.note(), scene.fresh.identifier(12)),
        code="event.unknown-type-refused",
        message=Message(
            text=N_(
                "An event of a type that nobody created was accepted: no subscriber gets it, and nobody notices."
            )
        ),
        advice=Message(text=N_("Answer 404 where the room has no such event type; make none up.")),
    )


@case("P2/refused-not-delivered", clause=_PUBLISH, functions=["pubsub", "pubsub-pull"])
async def test_an_event_that_was_refused_is_not_delivered(scene: Scene) -> None:
    """An event that was refused is not in the queue of a subscriber, where an accepted one is."""
    who = cast(scene)
    one = await topic(scene, who, NOTE)
    await one.subscribe(who.first, "PULL")
    refused = await one.offer({"note": 5})
    required(
        refused.refused, N_("An event against its schema was not refused, so that nothing can be said here.")
    )
    event = await one.publish()
    first = await waiting(one, who.first)
    needed("event-confirm", await one.confirm(who.first, delivered(first)))
    second = await one.pull(who.first)
    scene.expect(
        delivered(first) == event.id and not delivered(second),
        code="event.refused-not-delivered",
        message=Message(
            text=N_(
                "An event that was refused was delivered all the same: what its publisher mends and sends again comes twice."
            )
        ),
        expected=event.id,
        actual=f"{first}; {second}",
        seen=second if delivered(second) else first,
        advice=Message(text=N_("Validate an event before it is written anywhere.")),
    )


def _expect_schema(scene: Scene, answer: Answer) -> None:
    schema = _schema(answer)
    kept = isinstance(schema, Mapping) and all(
        name in schema and same(schema[name], value) for name, value in _SCHEMA.items()
    )
    scene.expect(
        answer.served and kept,
        code="event-type.schema-equal",
        message=Message(
            text=N_(
                "An event type is not shown with the schema that it was created with: its publishers build other events."
            )
        ),
        expected=_SCHEMA,
        actual=answer,
        seen=answer,
        advice=_KEEP_SCHEMA,
    )


def _schema(answer: Answer) -> Any:
    body = exact(answer.exchange.response.body) if answer.served and answer.exchange.response else None
    return body.get("schema") if isinstance(body, Mapping) else None


def _names(answer: Answer, name: str) -> bool:
    return answer.served and isinstance(answer.body, list) and name in answer.body


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
