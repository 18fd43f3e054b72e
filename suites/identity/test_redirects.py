"""Nobody is sent to an address that is not registered (property E12)."""

from urllib.parse import urlsplit

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.model.evidence import Exchange

from .clients import another_client
from .redirects import BENDS, EVIL, leads_to
from .relying_party import Asked, Party, relying_party
from .replies import Reply
from .sentences import say

_CORE = ("openid-connect",)
_CLAUSES = "OpenID Connect Core 1.0, 3.1.2.1 (redirect_uri); RFC 9700, 2.1 and 4.1; RFC 6749, 3.1.2.4"


async def _test_a_bent_redirect_uri_is_not_used(scene: Scene, bend: str, way_text: str) -> None:
    """Nobody is redirected to a redirect URI that is not the registered one, character by character: {way_text}."""
    party = await relying_party(scene)
    registered = next((one for one in party.client.redirect_uris if BENDS[bend].make(urlsplit(one))), "")
    if not registered:
        text = N_(
            "None of the client's redirect URIs can be bent so; register one on a named host that is not this machine."
        )
        raise Prerequisite(say(text))
    await _controlled(party, registered)
    await _expect_not_used(party, BENDS[bend].make(urlsplit(registered)), registered, way_text)


for _one in BENDS.values():
    case(
        f"E12/redirect-{_one.name}",
        clause=_CLAUSES,
        functions=_CORE,
        given={"bend": _one.name, "way_text": _one.told},
    )(_test_a_bent_redirect_uri_is_not_used)


async def _controlled(party: Party, registered: str) -> None:
    """Require that an answer comes to the registered URI: without a login where the provider does that, else with one."""
    reply = await party.silently(redirect_uri=registered)
    if reply is None or not _at(reply.location, registered):
        await party.code(party.ask(redirect_uri=registered))


def _at(location: str, registered: str) -> bool:
    return location.partition("?")[0].partition("#")[0] == registered.partition("?")[0].partition("#")[0]


async def _expect_not_used(party: Party, bent: str, registered: str, way_text: str) -> None:
    """Expect that neither an error nor a code goes to a bent redirect URI, alone or behind the registered one."""
    silent = await party.silently(redirect_uri=bent)
    if silent and not _expect_elsewhere(party, silent.location, silent, bent, registered, way_text):
        return
    await _expect_no_code(party, party.ask(redirect_uri=bent), bent, registered, way_text)


async def _expect_no_code(party: Party, asked: Asked, bent: str, registered: str, way_text: str) -> None:
    first = await party.authorize(asked)
    if not _expect_elsewhere(party, first.location, first, bent, registered, way_text):
        return
    if first.status >= 400 or _at(first.location, registered):
        return
    where, seen = await _logged_in_at(party, asked)
    _expect_elsewhere(party, where, seen or first, bent, registered, way_text)


async def _logged_in_at(party: Party, asked: Asked) -> tuple[str, Exchange | None]:
    """Give where a login leads that begins with a wrong redirect URI; empty where it does not even begin.

    Raises Prerequisite where no login is possible at all.
    """
    try:
        landing = await party.land(asked, stray=True)
    except Prerequisite:
        await party.code()  # the driver does get through a valid login, so this one was not offered
        return "", None
    return landing.url or landing.left, landing.exchanges[-1] if landing.exchanges else None


def _expect_elsewhere(
    party: Party, location: str, seen: Reply | Exchange, bent: str, registered: str, way_text: str
) -> bool:
    exchange = seen.exchange if isinstance(seen, Reply) else seen
    split = isinstance(seen, Reply) and bool(seen.header(f"x-{EVIL}"))
    return party.scene.expect(
        not leads_to(location, bent, registered) and not split,
        code="redirect.unregistered",
        message=say(
            N_(
                "The provider redirected to a URI that the client has not registered ({way_text}): whoever writes the link "
                "gets the code, or sends people from the provider's trusted address to a trap."
            ),
            way_text=way_text,
        ),
        expected="an error page, and no redirect",
        actual=location.partition("code=")[0][:300] or "a header of ours in the answer",
        seen=exchange,
        place="header.location",
        advice=say(
            N_(
                "Compare with the registered URIs character by character (RFC 3986, 6.2.1), before anything else."
            )
        ),
    )


@case(
    "E12/two-redirects-registered-first",
    clause=_CLAUSES + "; RFC 6749, 3.1",
    functions=_CORE,
    given={"evil_first": False},
)
@case(
    "E12/two-redirects-registered-last",
    clause=_CLAUSES + "; RFC 6749, 3.1",
    functions=_CORE,
    given={"evil_first": True},
)
async def test_of_two_redirect_uris_none_is_used(scene: Scene, evil_first: bool) -> None:
    """Of two redirect URIs in one request, a registered one and another, the other is not used (first: {evil_first})."""
    party = await relying_party(scene)
    registered, bent = party.client.redirect_uri, f"https://{EVIL}.example/signed-in"
    await _controlled(party, registered)
    first, last = (bent, registered) if evil_first else (registered, bent)
    asked = party.ask(redirect_uri=first, more=[("redirect_uri", last)])
    await _expect_no_code(party, asked, bent, registered, N_("one of two in the same request"))


@case("E12/redirect-of-another-client", clause=_CLAUSES, functions=_CORE)
async def test_another_clients_redirect_uri_is_not_used(scene: Scene) -> None:
    """Nobody is redirected to a URI that only another client has registered."""
    party = await relying_party(scene)
    other = await another_client(scene)
    bent = next((one for one in other.redirect_uris if one not in party.client.redirect_uris), "")
    if not bent:
        raise Prerequisite(say(N_("The two clients have the same redirect URIs.")))
    await _controlled(party.played_by(other), bent)
    await _controlled(party, party.client.redirect_uri)
    await _expect_not_used(party, bent, party.client.redirect_uri, N_("one of another client"))


@case(
    "E12/redirect-left-out",
    clause="OpenID Connect Core 1.0, 3.1.2.1 (redirect_uri)",
    functions=("idbb-endpoints",),
)
async def test_a_request_without_redirect_uri_is_not_redirected(scene: Scene) -> None:
    """A request without a redirect URI, which OpenID Connect requires, brings no code to anybody."""
    party = await relying_party(scene)
    registered = party.client.redirect_uri
    await _controlled(party, registered)
    asked = party.ask(redirect_uri=None)
    reply = await party.authorize(asked)
    code = reply.all("code")
    if not reply.refused and not reply.all("error"):
        landing, _ = await _logged_in_at(party, party.ask(redirect_uri=None))
        code = [landing] if "code=" in landing else []
    scene.expect(
        not code,
        code="redirect.required",
        message=say(N_("A request without redirect_uri brought a code.")),
        expected="an error",
        actual="a code",
        seen=reply.exchange,
    )


@case("E12/open-redirector", clause="RFC 6749, 4.1.2.1; RFC 9700, 4.11.2", functions=_CORE)
async def test_an_error_is_not_sent_to_strangers(scene: Scene) -> None:
    """An error in another parameter does not make the provider redirect to an unregistered URI."""
    party = await relying_party(scene)
    registered, bent = party.client.redirect_uri, f"https://{EVIL}.example/signed-in"
    await _controlled(party, registered)
    for wrong in ({"response_type": "no-such-type"}, {"scope": "no-such-scope"}, {"prompt": "none login"}):
        reply = await party.authorize(party.ask(redirect_uri=bent, verifier=None, more=(), **wrong))
        scene.expect(
            not leads_to(reply.location, bent, registered),
            code="redirect.error-unregistered",
            message=say(
                N_("The provider redirected an error to an unregistered URI: links to it lead to traps.")
            ),
            expected="an error page, and no redirect",
            actual=reply.location[:300],
            seen=reply.exchange,
            place="header.location",
        )


async def _test_an_error_goes_back(scene: Scene, name: str, value: str) -> None:
    """A request with {name}={value} is answered by a redirect to the client, with an error and no code."""
    party = await relying_party(scene)
    await _controlled(party, party.client.redirect_uri)
    asked = party.ask(verifier=None, more=(), **{name: value or None})
    reply = await party.authorize(asked)
    scene.expect(
        _at(reply.location, asked.redirect_uri) and len(reply.all("error")) == 1 and not reply.all("code"),
        code="authorize.error-redirected",
        message=say(
            N_("A wrong request ({name}={value}) is not told to the client: its page stays empty."),
            name=name,
            value=value,
        ),
        expected=f"a redirect to {asked.redirect_uri} with error and state",
        actual=reply,
        seen=reply.exchange,
    )


_WRONG = (
    ("response-type-missing", "response_type", ""),
    ("response-type-unknown", "response_type", "no-such-type"),
    ("scope-missing", "scope", ""),
    ("prompt-unknown", "prompt", "no-such-prompt"),
    ("display-unknown", "display", "no-such-display"),
    ("max-age-no-number", "max_age", "soon"),
    ("claims-no-json", "claims", "{"),
)
for _name, _parameter, _value in _WRONG:
    case(
        f"E12/error-goes-back-{_name}",
        clause="GovStack Identity, authorize; RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6",
        functions=("idbb-endpoints",),
        given={"name": _parameter, "value": _value},
    )(_test_an_error_goes_back)
