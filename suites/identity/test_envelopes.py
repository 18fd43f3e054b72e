"""An answer says what it is, when, and by a published code (property E27)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_

from .bindings import bind, binding
from .client_steps import key, unregistered
from .clients import Client, create, update
from .enrollments import enroll, fields_of, new_id
from .envelopes import expect_envelope
from .linked import Linked, began
from .sentences import say

_LINKED = ("linked-wallet", "idbb-endpoints")
_CLAUSE = "GovStack Identity 8; govstack-cfr-data#req-2"
_NO_MOMENT = "2026-13-45T27:61:61.000Z"
"""Of the published form, and no moment (identity-e004)."""


@case("E27/clients", clause=_CLAUSE, functions=("client-management",))
async def test_answers_about_clients_are_in_their_envelope(scene: Scene) -> None:
    """Answers of client management, served and refused, have their time in UTC and either a response or published errors."""
    fields = await unregistered(scene)
    client = Client(id=fields["clientId"], redirect_uris=tuple(fields["redirectUris"]), registered=fields)
    for _ in range(2):
        expect_envelope(scene, "client-create", await create(scene, fields))
    expect_envelope(scene, "client-update", await update(scene, client))
    nobody = Client(id=f"{client.id}-none", redirect_uris=client.redirect_uris, registered=fields)
    expect_envelope(scene, "client-update", await update(scene, nobody))


@case("E27/linked", clause=_CLAUSE, functions=_LINKED)
async def test_answers_of_linked_logins_are_in_their_envelope(scene: Scene) -> None:
    """Answers to page and wallet, served and refused, have their time in UTC and either a response or published errors."""
    one = await began(scene)
    for variant, answer in [
        ("link-code", await one.coded()),
        ("link-transaction", await one.taken()),
        ("link-transaction", await one.take_over()),
        ("link-status", await one.status()),
        ("link-status", await one.status("no such code")),
        ("linked-consent", await one.consent(["no such claim"])),
        ("linked-authenticate", await one.authenticate()),
        ("linked-authenticate", await one.authenticate()),
        ("linked-consent", await one.consent()),
        ("link-auth-code", await one.auth_code()),
        ("link-auth-code", await one.auth_code("no such code")),
        ("link-code", await one.link_code()),
    ]:
        expect_envelope(scene, variant, answer)


@case("E27/binding", clause=_CLAUSE, functions=("wallet-binding",))
async def test_answers_about_wallets_are_in_their_envelope(scene: Scene) -> None:
    """Answers of wallet binding, served and refused, have their time in UTC and either a response or published errors."""
    (own,) = await key(scene, 1)
    fields = await binding(scene, {"kty": "RSA", "e": "AQAB", "n": own["key.n"]})
    for _ in range(2):
        expect_envelope(scene, "wallet-binding", await bind(scene, fields))


@case("E27/enrollment", clause=_CLAUSE, functions=("enrollment",))
async def test_answers_about_enrollments_are_in_their_envelope(scene: Scene) -> None:
    """Answers of enrollment, served and refused, have their time in UTC and either a response or errors."""
    expect_envelope(
        scene, "enroll", await enroll(scene, id=new_id(scene), fields=fields_of(fullName="Test Person"))
    )
    expect_envelope(scene, "enroll", await enroll(scene, id=new_id(scene), fields=["no fields"]))


@case(
    "E27/request-time-authenticate", clause="GovStack Identity, authenticate (requestTime)", functions=_LINKED
)
async def test_a_proof_says_when_it_was_sent(scene: Scene) -> None:
    """A proof whose requestTime is no moment is refused; the file gives a form for it."""
    one = await began(scene)
    await one.taken()
    answer = await one.authenticate(time_stamp=_NO_MOMENT)
    if answer.refused and not (await one.authenticate()).served:
        await _in_order(one)
    _expect_time_checked(scene, answer)


@case("E27/request-time-consent", clause="GovStack Identity, consent (requestTime)", functions=_LINKED)
async def test_a_consent_says_when_it_was_sent(scene: Scene) -> None:
    """A consent whose requestTime is no moment is refused; the file gives a form for it."""
    one = await began(scene)
    await one.proven()
    answer = await one.consent(time_stamp=_NO_MOMENT)
    if answer.refused and not (await one.consent()).served:
        await _in_order(one)
    _expect_time_checked(scene, answer)


async def _in_order(one: Linked) -> None:
    await (await began(one.scene, one.client)).agreed()


def _expect_time_checked(scene: Scene, answer: Answer, *, advisory: bool = False) -> None:
    scene.expect(
        answer.refused,
        code="envelope.request-time",
        message=say(
            N_("A request was served whose requestTime is no moment: who sent it when cannot be told.")
        ),
        expected="invalid_request",
        actual=answer,
        seen=answer,
        place="body.requestTime",
        advisory=advisory,
    )


@case("E27/request-time-create", clause=f"{_CLAUSE}; identity-e005", functions=("client-management",))
async def test_a_registration_says_when_it_was_sent(scene: Scene) -> None:
    """A registration whose requestTime is no moment should be refused; the file gives no form for it."""
    fields = await unregistered(scene)
    body = {"requestTime": "yesterday", "request": fields}
    answer = await scene.send("client-create", json_request("POST", "/client-mgmt/oidc-client", body))
    if answer.refused and not (await create(scene, fields)).served:
        raise Prerequisite(say(N_("A registration in its valid form was not served.")))
    _expect_time_checked(scene, answer, advisory=True)
