"""A client is registered once, and as it was sent (property E20)."""

from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .client_steps import unregistered
from .clients import create, created, registration
from .jose import own_key
from .registrations import GENERIC_CODES, LENGTHS, WRONG, Wrong, kebab
from .relying_party import relying_party
from .replies import error_of
from .sentences import say
from .tokens import Tokens

_FUNCTIONS = ("client-management",)
_CLAUSE = "GovStack Identity, POST /client-mgmt/oidc-client"


async def _valid(scene: Scene, **changes: Any) -> dict[str, Any]:
    return await unregistered(scene, **changes)


async def _create_served(scene: Scene, fields: dict[str, Any]) -> None:
    """Register a client in its valid form; raises Prerequisite if that is not served."""
    answer = await create(scene, fields)
    if not answer.served:
        text = N_("A registration in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(answer)))


@case("E20/created", clause=_CLAUSE, functions=_FUNCTIONS)
async def test_a_client_is_registered(scene: Scene) -> None:
    """A valid registration is served, and the answer has the client's identifier letter for letter."""
    name = scene.fresh.identifier(16)
    fields = await _valid(scene, clientId=f"Rp-{name[:8].upper()}{name[8:].lower()}")
    answer = await create(scene, fields)
    if not scene.expect_served(
        answer, code="client.created", message=say(N_("A valid registration was not served."))
    ):
        return
    response = answer.get("response")
    echoed = response.get("clientId") if isinstance(response, dict) else None
    scene.expect(
        echoed == fields["clientId"],
        code="client.id-echoed",
        message=say(
            N_("The answer has not the identifier that was sent: the two sides call the client differently.")
        ),
        expected=fields["clientId"],
        actual=echoed,
        seen=answer,
        place="body.response.clientId",
    )


@case("E20/duplicate", clause=f"{_CLAUSE} (duplicate_client_id)", functions=_FUNCTIONS)
async def test_an_identifier_is_registered_once(scene: Scene) -> None:
    """A registration with an identifier that is taken is refused as such, and the client that has it stays as it is."""
    first = await created(scene)
    changes = {"clientId": first.id, "redirectUris": ["https://other.example/back"]}
    other = registration(scene, await own_key("another"), **changes)
    answer = await create(scene, other)
    if scene.expect_refused(
        answer,
        code="client.duplicate-refused",
        message=say(
            N_("An identifier was registered twice: whoever registers a client's name takes its place.")
        ),
    ):
        _expect_code(scene, answer, "clientId", {"duplicate_client_id"})
    party = await relying_party(scene, first)
    asked = party.ask()
    landing = await party.land(asked, stray=True)
    tokens = Tokens.of(await party.exchange(landing.get("code"), asked)) if landing.get("code") else None
    scene.expect(
        tokens is not None,
        code="client.duplicate-untouched",
        message=say(
            N_(
                "After another registration with its identifier a client is no longer what it was: it cannot log anybody in."
            )
        ),
        expected="a login by the first registration's address and key",
        actual="no tokens",
    )


def _expect_code(scene: Scene, answer: Answer, field: str, accepted: set[str]) -> None:
    """Expect the code that names what is wrong, or one that names nothing."""
    scene.expect(
        error_of(answer.body) in accepted,
        code="client.error-code",
        message=say(
            N_(
                "A wrong {field} was refused by the code of something else: the vendor looks for it in the wrong place."
            ),
            field=field,
        ),
        expected=" / ".join(sorted(accepted)),
        actual=error_of(answer.body) or "-",
        seen=answer,
        place="body.errors[0].errorCode",
    )


@case("E20/case-sensitive", clause=f"{_CLAUSE} (clientId: Case-Sensitive)", functions=_FUNCTIONS)
async def test_identifiers_are_told_apart_by_case(scene: Scene) -> None:
    """Two identifiers that differ in the case of their letters are two clients."""
    fields = await _valid(scene)
    await _create_served(scene, fields)
    other = await _valid(scene, clientId=fields["clientId"].upper())
    scene.expect_served(
        await create(scene, other),
        code="client.case-sensitive",
        message=say(
            N_("An identifier was refused because another differs from it in the case of letters only.")
        ),
    )


async def _test_a_wrong_field_is_refused(scene: Scene, number: int, field: str, what_text: str) -> None:
    """A registration is refused that has as {field}: {what_text}; and nothing is registered."""
    wrong = WRONG[number]
    good = await _valid(scene)
    bad = {
        name: value
        for name, value in {**good, wrong.field: _value(scene, wrong)}.items()
        if value is not None
    }
    answer = await create(scene, bad)
    after = await create(scene, good)
    if not answer.served and not after.served and error_of(after.body) != "duplicate_client_id":
        text = N_("A registration in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(after)))
    if scene.expect_refused(
        answer,
        code="client.field-refused",
        message=say(
            N_("A client was registered that has as {field}: {what_text}."), field=field, what_text=what_text
        ),
    ):
        _expect_code(scene, answer, field, {wrong.error, *GENERIC_CODES})
        scene.expect(
            after.served,
            code="client.refused-not-kept",
            message=say(
                N_("A registration was refused, and its identifier is taken since: it was kept all the same.")
            ),
            expected="the same in its valid form is served",
            actual=after,
            seen=after,
        )


def _value(scene: Scene, wrong: Wrong) -> Any:
    """Give the wrong value; one that nobody has sent before where it could be taken already."""
    long = wrong.field == "clientId" and wrong.value
    return scene.fresh.identifier(len(wrong.value)) if long else wrong.value


for _number, _wrong in enumerate(WRONG):
    case(
        f"E20/{kebab(_wrong.field)}-{_wrong.way}",
        clause=f"{_CLAUSE} ({_wrong.field})",
        functions=_FUNCTIONS,
        given={"number": _number, "field": _wrong.field, "what_text": _wrong.told},
    )(_test_a_wrong_field_is_refused)


async def _test_a_length_at_its_bound_is_taken(scene: Scene, name: str, field: str, characters: int) -> None:
    """A registration is served whose {field} has {characters} characters."""
    begin = LENGTHS[name][2]
    value = (begin + scene.fresh.identifier(64) * (characters // 64 + 1))[:characters]
    if characters == 1 and field == "clientId":
        value = scene.fresh.identifier(8)[-1]
    answer = await create(scene, await _valid(scene, **{field: value}))
    taken = field == "clientId" and error_of(answer.body) == "duplicate_client_id"
    if not answer.served:
        await _create_served(scene, await _valid(scene))
    scene.expect(
        answer.served or taken,
        code="client.length-accepted",
        message=say(
            N_("A registration was refused although {field} has a length that is allowed."), field=field
        ),
        expected=f"served: {field} may have {characters} characters",
        actual=answer,
        seen=answer,
    )


for _name, (_field, _characters, _) in LENGTHS.items():
    case(
        f"E20/length-{_name}",
        clause=f"{_CLAUSE} ({_field})",
        functions=_FUNCTIONS,
        given={"name": _name, "field": _field, "characters": _characters},
    )(_test_a_length_at_its_bound_is_taken)


@case("E20/unknown-field", clause="govstack-cfr-architecture#req-18", functions=_FUNCTIONS)
async def test_unknown_fields_are_tolerated(scene: Scene) -> None:
    """A registration with a field that a later release may have is served all the same."""
    answer = await create(scene, await _valid(scene, dpiConformanceLater={"kind": "later"}))
    if not answer.served:
        await _create_served(scene, await _valid(scene))
    scene.expect_served(
        answer,
        code="client.unknown-field",
        message=say(
            N_("A registration was refused for a field more: no client can be newer than the product.")
        ),
    )
