"""A change of a client shows at once, and changes nothing else (property E21)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.landing import Landing

from .claims import ask_for, told, told_for
from .client_steps import unregistered
from .clients import Client, create, own_client, update
from .jose import own_key
from .registrations import GENERIC_CODES
from .relying_party import Party, relying_party, shown
from .replies import error_of
from .sentences import say
from .tokens import Tokens

_FUNCTIONS = ("client-management",)
_LOGIN = ("client-management", "idbb-endpoints")
_CLAUSE = "GovStack Identity, PUT /client-mgmt/oidc-client/{client_id}"


async def _changed(scene: Scene, client: Client, **changes: object) -> Answer:
    """Change a client; raises Prerequisite if that is not served."""
    answer = await update(scene, client, **changes)
    if not answer.served:
        text = N_("A change in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(answer)))
    return answer


async def _tried(party: Party, redirect_uri: str) -> Landing:
    """Try to log in with this redirect URI; a page that goes no further is an end as well."""
    asked = party.ask(redirect_uri=redirect_uri)
    first = await party.authorize(asked)
    if first.refused or first.all("error"):
        return Landing(url=first.location, exchanges=(first.exchange,))
    try:
        return await party.land(asked, stray=True)
    except Prerequisite:
        return Landing(exchanges=(first.exchange,))


def _expect_code(scene: Scene, landing: Landing, *, code: str, message: Message) -> None:
    scene.expect(
        bool(landing.get("code")),
        code=code,
        message=message,
        expected="a code",
        actual=shown(landing),
        seen=landing.exchanges[-1] if landing.exchanges else None,
    )


def _expect_no_code(scene: Scene, landing: Landing, *, code: str, message: Message) -> None:
    scene.expect(
        not landing.get("code"),
        code=code,
        message=message,
        expected="an error, and no code",
        actual="a code",
        seen=landing.exchanges[-1] if landing.exchanges else None,
    )


@case("E21/unknown", clause=f"{_CLAUSE} (invalid_client_id)", functions=_FUNCTIONS)
async def test_what_is_not_there_is_not_changed(scene: Scene) -> None:
    """A change of a client that there is none of is refused as such, and makes none."""
    fields = await unregistered(scene)
    nobody = Client(id=fields["clientId"], redirect_uris=tuple(fields["redirectUris"]), registered=fields)
    answer = await update(scene, nobody)
    after = await create(scene, fields)
    if not after.served:
        text = N_("A registration in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(after)))
    await _changed(scene, nobody)
    if scene.expect_refused(
        answer,
        code="client.unknown-refused",
        message=say(N_("A change was acknowledged of a client that there is none of.")),
    ):
        scene.expect(
            answer.status == 404 or error_of(answer.body) in {"invalid_client_id", *GENERIC_CODES},
            code="client.unknown-code",
            message=say(N_("That there is no such client was told by the code of something else.")),
            expected="invalid_client_id",
            actual=error_of(answer.body) or f"HTTP {answer.status}",
            seen=answer,
            place="body.errors[0].errorCode",
        )


@case("E21/idempotent", clause=f"{_CLAUSE}; RFC 9110, 9.2.2", functions=_FUNCTIONS)
async def test_a_change_can_be_sent_twice(scene: Scene) -> None:
    """The same change sent again is served again: whoever got no answer sends it again."""
    client = await own_client(scene)
    await _changed(scene, client, clientName="Renamed")
    scene.expect_served(
        await update(scene, client, clientName="Renamed"),
        code="client.update-idempotent",
        message=say(N_("A change that was sent again was refused: its sender thinks that the first failed.")),
    )


@case("E21/redirects", clause=f"{_CLAUSE} (redirectUris)", functions=_LOGIN)
async def test_redirect_uris_change_at_once(scene: Scene) -> None:
    """A redirect URI that a change removes is no longer good, and one that it adds is."""
    host = f"https://rp-{scene.fresh.identifier(12).lower()}.example"
    former, lasting, later = (f"{host}/{name}" for name in ("former", "lasting", "later"))
    client = await own_client(scene, redirectUris=[former, lasting])
    party = await relying_party(scene, client)
    await party.code(party.ask(redirect_uri=former))
    await _changed(scene, client, redirectUris=[lasting, later])
    _expect_code(
        scene,
        await _tried(party, later),
        code="client.redirect-added",
        message=say(N_("A redirect URI that a change has added is not good.")),
    )
    _expect_no_code(
        scene,
        await _tried(party, former),
        code="client.redirect-removed",
        message=say(
            N_(
                "Codes still go to an address that was removed, perhaps because it belongs to somebody else now."
            )
        ),
    )


@case("E21/inactive", clause=f"{_CLAUSE} (status)", functions=_LOGIN)
async def test_an_inactive_client_is_not_served(scene: Scene) -> None:
    """An inactive client logs nobody in, and once it is active again it does."""
    client = await own_client(scene)
    party = await relying_party(scene, client)
    await party.code()
    await _changed(scene, client, status="inactive")
    _expect_no_code(
        scene,
        await _tried(party, client.redirect_uri),
        code="client.inactive",
        message=say(N_("A client that was made inactive logs people in.")),
    )
    await _changed(scene, client, status="active")
    _expect_code(
        scene,
        await _tried(party, client.redirect_uri),
        code="client.reactivated",
        message=say(N_("A client that is active again logs nobody in.")),
    )


@case("E21/inactive-token", clause=f"{_CLAUSE} (status)", functions=_LOGIN)
async def test_an_inactive_client_gets_no_tokens(scene: Scene) -> None:
    """A client that was made inactive after its login exchanges the code no longer."""
    client = await own_client(scene)
    party = await relying_party(scene, client)
    await party.tokens()
    code, asked = await party.code()
    await _changed(scene, client, status="inactive")
    reply = await party.exchange(code, asked)
    scene.expect(
        Tokens.of(reply) is None,
        code="client.inactive-no-tokens",
        message=say(N_("A client that was made inactive got tokens for a code from before.")),
        expected="HTTP 400 or 401",
        actual="tokens",
        seen=reply.exchange,
    )


@case("E21/key-kept", clause=f"{_CLAUSE} (no publicKey)", functions=_LOGIN)
async def test_a_change_changes_no_key(scene: Scene) -> None:
    """A change that has a public key does not change the client's: its own key stays good, and the other is not."""
    client = await own_client(scene)
    party = await relying_party(scene, client)
    await party.tokens()
    other = await own_key("another")
    await _changed(scene, client)
    await update(scene, client, publicKey=other.as_dict(private=False))
    code, asked = await party.code()
    stranger = party.assertion().headed(kid=other.kid).signed(other)
    taken = Tokens.of(await party.exchange(code, asked, assertion=stranger)) is not None
    still = Tokens.of(await party.exchange(code, asked)) if not taken else None
    if not taken and still is None:
        code, asked = await party.code()
        still = Tokens.of(await party.exchange(code, asked))
    scene.expect(
        still is not None,
        code="client.key-kept",
        message=say(
            N_("A change brought a client another public key: whoever may change a client can play it.")
        ),
        expected="tokens by the registered key, none by the other",
        actual="tokens by the other key" if taken else "none by the registered key",
    )


@case("E21/narrowed-claims", clause=f"{_CLAUSE} (userClaims)", functions=_LOGIN)
async def test_narrowed_claims_are_narrowed_at_once(scene: Scene) -> None:
    """Claims that a change takes from a client are not given any more, by an older access token or by a new login."""
    client = await own_client(scene)
    party = await relying_party(scene, client)
    before = await told(party, ask_for(party, "name", "gender"))
    if not {"name", "gender"} <= before.names:
        raise Prerequisite(say(N_("The claims name and gender did not come before the change.")))
    await _changed(scene, client, userClaims=["name"])
    older = await told_for(party, before.tokens)
    later = await told(party, ask_for(party, "name", "gender"))
    for one in (older, later):
        scene.expect(
            "gender" not in one.names,
            code="claims.narrowed",
            message=say(N_("A client still gets a claim that was taken from it.")),
            expected="name alone",
            actual=", ".join(sorted(one.names)),
            seen=one.reply.exchange,
        )
