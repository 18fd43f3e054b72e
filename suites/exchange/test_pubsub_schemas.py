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


@case("P2/invalid-within/missing", clause=_PUBLISH, functions=["pubsub"], given={"within": {"code": None}})
@case(
    "P2/invalid-within/pattern", clause=_PUBLISH, functions=["pubsub"], given={"within": {"code": "1234EE"}}
)
@case("P2/invalid-within/enum", clause=_PUBLISH, functions=["pubsub"], given={"within": {"state": "gone"}})
@case("P2/invalid-within/additional", clause=_PUBLISH, functions=["pubsub"], given={"within": {"more": 1}})
@case(
    "P2/invalid-within/reference",
    clause=_PUBLISH,
    functions=["pubsub"],
    given={"within": {"children": [{"age": 7}, {"age": 18}]}},
)
async def test_an_event_against_its_schema_within_is_refused(
    scene: Scene, within: Mapping[str, object]
) -> None:
    """An event whose member has {within}, which the schema of that member does not allow, is refused."""
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
