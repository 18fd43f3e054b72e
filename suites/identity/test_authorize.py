"""A login that may not be is none (property E14): requests that are wrong, clients and persons that may not."""

from urllib.parse import parse_qsl, urlsplit

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.landing import Landing, Wish

from .clients import own_client, update
from .relying_party import Asked, Party, relying_party, shown
from .sentences import say

_CORE = ("openid-connect",)
_BRINGS = ("code", "access_token", "id_token", "token")


async def _outcome(party: Party, asked: Asked) -> Landing:
    """Give where a wrong request leads; a page at which no login can be made is an end as well."""
    first = await party.authorize(asked)
    if first.refused or first.all("error"):
        return Landing(url=first.location, exchanges=(first.exchange,))
    try:
        return await party.land(asked, stray=True)
    except Prerequisite:
        return Landing(exchanges=(first.exchange,))


def _expect_nothing(scene: Scene, landing: Landing, *, code: str, message: Message) -> bool:
    """Expect that a landing brings neither code nor token."""
    brought = [name for name in _BRINGS if landing.get(name)]
    return scene.expect(
        not brought,
        code=code,
        message=message,
        expected="an error, and no code",
        actual=", ".join(brought),
        seen=landing.exchanges[-1] if landing.exchanges else None,
    )


@case("E14/without-openid", clause="GovStack Identity, authorize (scope)", functions=("idbb-endpoints",))
async def test_a_login_needs_the_scope_openid(scene: Scene) -> None:
    """A request whose scope does not hold openid brings no code."""
    party = await relying_party(scene)
    await party.code()
    landing = await _outcome(party, party.ask(scope="profile"))
    message = say(N_("A request without the scope openid, which every one has to hold, brought a code."))
    _expect_nothing(scene, landing, code="authorize.openid-scope", message=message)


async def _test_a_response_type_is_refused(scene: Scene, response_type: str) -> None:
    """A request for the response type {response_type}, which the provider does not list, brings neither code nor token."""
    party = await relying_party(scene)
    if response_type in party.provider.listed("response_types_supported"):
        raise Prerequisite(
            say(N_("The provider lists {response_type}, so it may serve it."), response_type=response_type)
        )
    await party.code()
    landing = await _outcome(party, party.ask(response_type=response_type))
    text = N_("A request for {response_type}, which the provider does not list, brought something.")
    message = say(text, response_type=response_type)
    _expect_nothing(scene, landing, code="authorize.response-type", message=message)


for _name, _type in (
    ("unknown", "no-such-type"),
    ("token-and-unknown", "token no-such-type"),
):
    case(
        f"E14/response-type-{_name}",
        clause="RFC 6749, 3.1.1 and 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6",
        functions=_CORE,
        given={"response_type": _type},
    )(_test_a_response_type_is_refused)
for _name, _type in (("token", "token"), ("none", "none")):
    case(
        f"E14/response-type-{_name}",
        clause="GovStack Identity, authorize (response_type)",
        functions=("idbb-endpoints",),
        given={"response_type": _type},
    )(_test_a_response_type_is_refused)


@case("E14/response-type-left-out", clause="RFC 6749, 3.1.1 and 4.1.2.1", functions=_CORE)
async def test_a_response_type_is_required(scene: Scene) -> None:
    """A request without a response type brings neither code nor token."""
    party = await relying_party(scene)
    await party.code()
    landing = await _outcome(party, party.ask(response_type=None))
    message = say(N_("A request without a response type brought something."))
    _expect_nothing(scene, landing, code="authorize.response-type-required", message=message)


@case("E14/unknown-client", clause="RFC 6749, 3.1.2.4 and 4.1.2.1", functions=_CORE)
async def test_an_unknown_client_gets_nothing(scene: Scene) -> None:
    """A client that the provider does not know gets neither a code nor a redirect."""
    party = await relying_party(scene)
    await party.code()
    await _expect_unknown(party, party.client.id[::-1] + "-unknown")


@case(
    "E14/client-id-in-other-letters",
    clause="GovStack Identity, client-mgmt (clientId); RFC 6749, 1.9",
    functions=_CORE,
)
async def test_a_client_id_is_case_sensitive(scene: Scene) -> None:
    """A client's identifier in other letters is another client's, which the provider does not know."""
    party = await relying_party(scene)
    other = party.client.id.swapcase()
    if other == party.client.id:
        raise Prerequisite(say(N_("The client's identifier has no letters.")))
    await party.code()
    await _expect_unknown(party, other)


async def _expect_unknown(party: Party, client_id: str) -> None:
    landing = await _outcome(party, party.ask(client_id=client_id))
    there = landing.url or landing.left
    party.scene.expect(
        not there.startswith(party.client.redirect_uri) and not _brings_something(there),
        code="authorize.unknown-client",
        message=say(
            N_("A client that is not registered was served, or somebody was redirected on its behalf.")
        ),
        expected="an error page, and no redirect to a client",
        actual=there.partition("?")[0],
        seen=landing.exchanges[-1] if landing.exchanges else None,
    )


def _brings_something(address: str) -> bool:
    """Tell whether an address carries a code or a token; one that does not may be the provider's own error page."""
    parts = urlsplit(address)
    return any(name in _BRINGS for name, _ in parse_qsl(f"{parts.query}&{parts.fragment}"))


@case(
    "E14/inactive-client", clause="GovStack Identity, client-mgmt (status)", functions=("client-management",)
)
async def test_an_inactive_client_gets_nothing(scene: Scene) -> None:
    """A client that was made inactive gets no code."""
    party = await relying_party(scene, await own_client(scene))
    await party.code()
    answer = await update(scene, party.client, status="inactive")
    if not answer.served:
        raise Prerequisite(say(N_("The client could not be made inactive: {answer}."), answer=str(answer)))
    landing = await _outcome(party, party.ask())
    message = say(N_("An inactive client still gets codes: a service that was shut out goes on."))
    _expect_nothing(scene, landing, code="authorize.inactive-client", message=message)


@case("E14/consent-refused", clause="RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.4", functions=_CORE)
async def test_who_refuses_gives_nothing(scene: Scene) -> None:
    """A person who refuses consent is sent back with the error access_denied, and no code."""
    party = await relying_party(scene)
    await party.code()
    asked = party.ask(scope=_asking(party), prompt="consent")
    landing = await party.land(asked, Wish(refuse=True))
    if not landing.refused:
        raise Prerequisite(say(N_("The person was not asked for consent, so it could not be refused.")))
    message = say(N_("A person refused, and the client got a code all the same."))
    if _expect_nothing(scene, landing, code="authorize.consent-refused", message=message):
        scene.expect(
            landing.get("error") in {"access_denied", "consent_required"},
            code="authorize.access-denied",
            message=say(N_("That a person refused is not told to the client as OAuth says.")),
            expected="error=access_denied",
            actual=shown(landing),
            seen=landing.exchanges[-1] if landing.exchanges else None,
        )
        scene.expect(
            not landing.url or landing.get("state") == asked.get("state"),
            code="authorize.denied-state",
            message=say(
                N_(
                    "The state does not come back when a person refuses: the client cannot tell whose login it was."
                )
            ),
            expected=asked.get("state"),
            actual=shown(landing),
            seen=landing.exchanges[-1] if landing.exchanges else None,
            place="header.location",
        )


def _asking(party: Party) -> str:
    """Give a scope that asks for something to consent to."""
    allowed = party.client.scopes
    return " ".join(one for one in ("openid", "profile") if allowed is None or one in {*allowed, "openid"})


@case("E14/wrong-secret", clause="OpenID Connect Core 1.0, 3.1.2.3; GovStack Identity 5.1.2", functions=_CORE)
async def test_a_wrong_secret_is_no_login(scene: Scene) -> None:
    """A person who gives a wrong password, PIN or code is not logged in."""
    party = await relying_party(scene)
    await party.code()
    landing = await party.land(party.ask(), Wish(wrong_secret=True))
    message = say(N_("A wrong secret logged a person in: anybody is everybody."))
    _expect_nothing(scene, landing, code="authorize.wrong-secret", message=message)
