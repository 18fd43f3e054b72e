"""An enrollment is made once, and completed step by step (property E28)."""

from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_

from .enrollments import enrolled, entry, fields_of, new_id, sent
from .sentences import say

_FUNCTIONS = ("enrollment",)
_CLAUSE = "GovStack Identity 6.2, 8.2, PUT /enrollment"
_CREATED = 201
"""“New user enrolled successfully”."""


@case("E28/created", clause=f"{_CLAUSE} (201)", functions=_FUNCTIONS)
async def test_a_new_person_is_told_from_a_known_one(scene: Scene) -> None:
    """An enrollment of somebody new is answered with 201."""
    answer = await enrolled(scene, id=new_id(scene), fields=fields_of(fullName="Test Person"))
    scene.expect(
        answer.status == _CREATED,
        code="enrollment.created",
        message=say(N_("Nothing in the answer tells a new person from a known one.")),
        expected="HTTP 201",
        actual=f"HTTP {answer.status}",
        seen=answer,
        advisory=True,
    )


@case("E28/twice", clause=f"{_CLAUSE}; RFC 9110, 9.2.2", functions=_FUNCTIONS)
async def test_an_enrollment_is_idempotent(scene: Scene) -> None:
    """The same enrollment sent twice makes one identity: the second is no new user, and has the first one's identifier."""
    request = {"id": new_id(scene), "fields": fields_of(fullName="Test Person", gender="Female")}
    first = await enrolled(scene, **request)
    second = await enrolled(scene, **request)
    _expect_same(
        scene,
        first,
        second,
        "enrollment.idempotent",
        N_("The same enrollment sent twice made a person twice."),
    )


def _expect_same(scene: Scene, first: Answer, second: Answer, code: str, message: str) -> None:
    one, other = entry(first).get("id"), entry(second).get("id")
    scene.expect(
        second.status != _CREATED and one == other,
        code=code,
        message=say(message),
        expected=f"HTTP 200, id {one}",
        actual=f"HTTP {second.status}, id {other}",
        seen=second,
    )


@case("E28/reference", clause=f"{_CLAUSE} (refId)", functions=_FUNCTIONS)
async def test_steps_are_joined_by_their_reference(scene: Scene) -> None:
    """A second step with the reference of the first belongs to the same person."""
    identifier, reference = new_id(scene), f"10001_{scene.fresh.number(9)}"
    first = await enrolled(scene, id=identifier, refId=reference, fields=fields_of(fullName="Test Person"))
    second = await enrolled(scene, refId=reference, fields=fields_of(city="Kenitra"))
    message = N_("Two steps of one enrollment did not come together: the person is there twice, by halves.")
    _expect_same(scene, first, second, "enrollment.steps-joined", message)


@case("E28/partial", clause=f"{_CLAUSE} (several steps)", functions=_FUNCTIONS)
async def test_a_later_step_leaves_the_rest(scene: Scene) -> None:
    """What a later step does not mention stays as an earlier one has entered it."""
    path = scene.declares("enrollment.held")
    identifier = new_id(scene)
    await enrolled(scene, id=identifier, fields=fields_of(gender="Female", city="Kenitra"))
    answer = await enrolled(scene, id=identifier, fields=fields_of(fullName="Test Person"))
    held = str(_at(answer.body, path))
    missing = [name for name in ("gender", "city", "fullName") if name not in held]
    scene.expect(
        not missing,
        code="enrollment.partial",
        message=say(N_("What a step does not mention is lost: {missing}."), missing=", ".join(missing)),
        expected="gender, city, fullName",
        actual=held[:200],
        seen=answer,
        place=f"body.{path}",
    )


def _at(body: Any, path: str) -> Any:
    """Give what stands at a path of names and numbers apart by dots; None where there is nothing."""
    for name in path.split("."):
        if isinstance(body, dict):
            body = body.get(name)
        elif isinstance(body, list) and name.isdecimal() and int(name) < len(body):
            body = body[int(name)]
        else:
            return None
    return body


_MALFORMED: dict[str, tuple[str, Any]] = {
    "text": (N_("a text in place of the request"), "no request"),
    "list": (N_("a list in place of the request"), ["no", "request"]),
    "fields": (N_("fields that are a list"), {"fields": ["gender"]}),
    "field": (N_("a field that is a number"), {"fields": {"gender": 2}}),
    "nothing": (N_("nothing that says whom it is about"), {}),
}


async def _test_what_is_malformed_is_refused(scene: Scene, way: str, what_text: str) -> None:
    """An enrollment is refused, and the product does not break on it, that has {what_text}."""
    identifier = new_id(scene)
    bad = _MALFORMED[way][1]
    answer = await sent(scene, {**bad, "id": identifier} if isinstance(bad, dict) and bad else bad)
    await enrolled(scene, id=identifier, fields=fields_of(gender="Female"))
    scene.expect(
        answer.refused if way != "nothing" else answer.status < 500,
        code="enrollment.malformed",
        message=say(
            N_("An enrollment was not refused, or broke the product, that has {what_text}."),
            what_text=what_text,
        ),
        expected="errors[]",
        actual=answer,
        seen=answer,
    )


for _way, (_told, _) in _MALFORMED.items():
    case(
        f"E28/malformed-{_way}", clause=_CLAUSE, functions=_FUNCTIONS, given={"way": _way, "what_text": _told}
    )(_test_what_is_malformed_is_refused)
