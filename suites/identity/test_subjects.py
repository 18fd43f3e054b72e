"""Who asks for a login gets no more, and relying parties cannot compare whom they know (properties E18 and E19)."""

import contextlib

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .claims import seen_by, told
from .clients import CLAIMS, Client, another_client, created, own_client, shared_client
from .id_tokens import id_token
from .jose import TokenError, read
from .relying_party import Party, relying_party
from .sentences import say
from .tokens import Tokens

_MANAGED = ("idbb-endpoints", "client-management")
_PSUT = "GovStack Identity 7.2.1 (Partner Specific User Token); OpenID Connect Core 1.0, 8.1"


@case("E18/login-only", clause="GovStack Identity 9.1.2", functions=("idbb-endpoints",))
async def test_a_login_brings_nothing_else(scene: Scene) -> None:
    """Who asks for the scope openid alone gets the subject, no claim about the person, and nobody is asked for consent."""
    client = await own_client(scene) if "client-management" in scene.claims else await shared_client(scene)
    party = await relying_party(scene, client)
    one = await told(party, party.ask(scope="openid"))
    scene.expect(
        not one.names,
        code="claims.login-only",
        message=say(N_("A client that asked for nothing but a login got claims about the person.")),
        expected="sub, and no claim about the person",
        actual=", ".join(sorted(one.names)),
        seen=one.reply.exchange,
    )
    told_by_tokens = _in_tokens(one.tokens)
    scene.expect(
        not told_by_tokens,
        code="claims.in-tokens",
        message=say(
            N_("The tokens of a client that asked for nothing but a login hold claims about the person.")
        ),
        expected="no claim about the person in the ID token, nor in the access token",
        actual=", ".join(sorted(told_by_tokens)),
        seen=one.tokens.reply.exchange,
    )
    if one.landing is not None and seen_by(one.landing):
        scene.expect(
            "consent" not in one.landing.asked,
            code="claims.consent-not-needed",
            message=say(N_("A person was asked for consent where nothing about them is given.")),
            expected="no consent page",
            actual=", ".join(one.landing.asked),
            seen=one.landing.exchanges[-1],
            advisory=True,
        )


def _in_tokens(tokens: Tokens) -> frozenset[str]:
    """Name the claims about a person that the ID token and the access token hold; one that is no JWT tells nothing."""
    found: set[str] = set()
    for token in (tokens.id_token, tokens.access_token):
        with contextlib.suppress(TokenError):
            found |= {name.partition("#")[0] for name in read(token).claims}
    return frozenset(found & set(CLAIMS))


def _subject(tokens: Tokens) -> str:
    subject = id_token(tokens).claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise Prerequisite(say(N_("The ID token has no subject.")))
    return subject


async def _logged_in(scene: Scene, client: Client) -> tuple[Party, Tokens]:
    party = await relying_party(scene, client)
    return party, await party.tokens()


@case("E19/pairwise", clause=_PSUT, functions=_MANAGED)
async def test_relying_parties_know_different_subjects(scene: Scene) -> None:
    """One person is another subject for each relying party, so that two cannot compare whom they know."""
    party, first = await _logged_in(scene, await shared_client(scene))
    other, second = await _logged_in(scene, await another_client(scene))
    scene.expect(
        _subject(first) != _subject(second),
        code="subject.pairwise",
        message=say(
            N_(
                "Two relying parties know a person by the same subject: they can put together what each knows."
            )
        ),
        expected=f"another sub for {other.client.id} than for {party.client.id}",
        actual="the same sub",
        seen=second.reply.exchange,
        place="id_token.sub",
    )


@case("E19/of-party", clause=_PSUT, functions=_MANAGED)
async def test_a_relying_party_knows_one_subject(scene: Scene) -> None:
    """One person is the same subject for two clients of one relying party, for the subject is the partner's."""
    name = f"party-{scene.fresh.identifier(16).lower()}"
    address = f"https://{name}.example/signed-in/back"
    clients = [await created(scene, relyingPartyId=name, redirectUris=[address]) for _ in range(2)]
    _, first = await _logged_in(scene, clients[0])
    _, second = await _logged_in(scene, clients[1])
    scene.expect(
        _subject(first) == _subject(second),
        code="subject.of-party",
        message=say(
            N_("Two clients of one relying party know a person by different subjects: it meets two people.")
        ),
        expected="the same sub",
        actual="another sub",
        seen=second.reply.exchange,
        place="id_token.sub",
    )
