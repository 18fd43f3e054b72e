"""An event is held against the whole of its type's schema, also within its members (P2)."""

from collections.abc import Mapping
from typing import Any, Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_, Message

from .pubsub_cast import cast
from .pubsub_topics import topic

_PUBLISH: Final = "GovStack Information Mediator API (publishEvent)"
_DETAILED: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["note", "person"],
    "properties": {
        "note": {"type": "string", "maxLength": 200},
        "person": {
            "type": "object",
            "required": ["code"],
            "properties": {
                "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{4}$"},
                "state": {"enum": ["born", "moved"]},
                "children": {"type": "array", "items": {"$ref": "#/definitions/child"}},
            },
            "additionalProperties": False,
        },
    },
    "definitions": {"child": {"type": "object", "properties": {"age": {"type": "integer", "maximum": 17}}}},
}
"""A schema as registries have it, in keywords that mean the same in each draft of JSON Schema."""
_PERSON: Final[Mapping[str, Any]] = {"code": "EE1234", "state": "moved", "children": [{"age": 7}]}


_WRONG: Final[Mapping[str, tuple[str, Mapping[str, object]]]] = {
    "missing": (N_("what it requires is missing"), {"code": None}),
    "pattern": (N_("a text against its pattern"), {"code": "1234EE"}),
    "enum": (N_("a value that it does not list"), {"state": "gone"}),
    "additional": (N_("a name that it does not have"), {"more": 1}),
    "reference": (
        N_("a number beyond what the schema that it refers to allows"),
        {"children": [{"age": 7}, {"age": 18}]},
    ),
}


async def _test_an_event_against_its_schema_within_is_refused(scene: Scene, told: str) -> None:
    """An event with a member against the schema of that member ({told}) is refused."""
    (within,) = (changes for text, changes in _WRONG.values() if text == told)
    one = await topic(scene, cast(scene), _DETAILED)
    await one.publish(one.note(person=dict(_PERSON)))
    changed = {name: value for name, value in {**_PERSON, **within}.items() if value is not None}
    scene.expect_refused(
        await one.offer(one.note(person=changed)),
        code="event.schema-checked",
        message=Message(
            text=N_(
                "An event that its type's schema does not allow was accepted: it breaks its subscribers, who rely on the "
                "schema."
            )
        ),
        advice=Message(text=N_("Validate each event by the schema of its type, and answer 400.")),
    )
    await one.publish(one.note(person=dict(_PERSON)))


for _name, (_told, _) in _WRONG.items():
    case(
        f"P2/invalid-within/{_name}",
        clause=_PUBLISH,
        functions=["pubsub"],
        given={"told": _told},
    )(_test_an_event_against_its_schema_within_is_refused)
