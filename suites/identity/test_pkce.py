"""A proof of possession for codes is checked where it is offered (property E15)."""

import secrets

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .relying_party import Party, challenge, relying_party
from .sentences import say
from .tokens import Tokens

_PKCE = ("pkce",)


async def _offered(scene: Scene) -> Party:
    """Give a relying party at a provider that offers S256; raises Prerequisite."""
    party = await relying_party(scene)
    if "S256" not in party.provider.listed("code_challenge_methods_supported"):
        raise Prerequisite(
            say(N_("Not offered: the description lists no S256 under code_challenge_methods_supported."))
        )
    return party


@case("E15/right-verifier", clause="RFC 7636, 4.6", functions=_PKCE)
async def test_the_right_verifier_is_taken(scene: Scene) -> None:
    """A code that was asked for with a challenge is exchanged with its verifier, of 43 characters as of 128."""
    party = await _offered(scene)
    for length in (43, 128):
        verifier = (secrets.token_urlsafe(96) + "-._~")[-length:]
        code, asked = await party.code(party.ask(verifier=verifier))
        reply = await party.exchange(code, asked)
        scene.expect(
            Tokens.of(reply) is not None,
            code="pkce.right",
            message=say(N_("The right verifier of {length} characters was not taken."), length=length),
            expected="HTTP 200",
            actual=reply,
            seen=reply.exchange,
        )


@case("E15/wrong-verifier", clause="RFC 7636, 4.6", functions=_PKCE)
async def test_a_wrong_verifier_is_refused(scene: Scene) -> None:
    """A code that was asked for with a challenge is not exchanged with another verifier."""
    party = await _offered(scene)
    reply = await party.attacked(
        lambda code, asked: party.exchange(code, asked, code_verifier=secrets.token_urlsafe(48))
    )
    scene.expect(
        reply.refused,
        code="pkce.wrong",
        message=say(N_("A wrong verifier was taken: who steals a code can use it.")),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


@case("E15/missing-verifier", clause="RFC 7636, 4.6; RFC 9700, 2.1.1", functions=_PKCE)
async def test_a_missing_verifier_is_refused(scene: Scene) -> None:
    """A code that was asked for with a challenge is not exchanged without a verifier."""
    party = await _offered(scene)
    reply = await party.attacked(lambda code, asked: party.exchange(code, asked, code_verifier=None))
    scene.expect(
        reply.refused,
        code="pkce.missing",
        message=say(N_("The verifier is not asked for: who steals a code can use it.")),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


@case("E15/challenge-as-verifier", clause="RFC 7636, 4.6 and 7.2", functions=_PKCE)
async def test_the_challenge_is_no_verifier(scene: Scene) -> None:
    """The challenge itself, which everybody can read in the first request, is not taken as its verifier."""
    party = await _offered(scene)
    reply = await party.attacked(
        lambda code, asked: party.exchange(code, asked, code_verifier=challenge(asked.verifier))
    )
    scene.expect(
        reply.refused,
        code="pkce.downgrade",
        message=say(
            N_(
                "A challenge by S256 was compared as if it were plain: who reads the request can use the code."
            )
        ),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


async def _test_plain_is_refused_where_it_is_not_offered(
    scene: Scene, method: str | None, how_text: str
) -> None:
    """A challenge that is the verifier itself ({how_text}) is refused, or, where plain is listed, holds for it alone."""
    party = await _offered(scene)
    verifier = secrets.token_urlsafe(48)
    asked = party.ask(verifier=verifier, code_challenge=verifier, code_challenge_method=method)
    if "plain" in party.provider.listed("code_challenge_methods_supported"):
        await party.tokens(asked)
        another = secrets.token_urlsafe(48)
        asked = party.ask(verifier=another, code_challenge=verifier, code_challenge_method=method)
    else:
        await party.tokens()
    landing = await party.land(asked)
    reply = await party.exchange(landing.get("code"), asked) if landing.get("code") else None
    scene.expect(
        reply is None or reply.refused,
        code="pkce.plain",
        message=say(
            N_(
                "A plain challenge ({how_text}) was taken although the provider does not list it, or with another "
                "verifier: who reads the request can use the code."
            ),
            how_text=how_text,
        ),
        expected="error=invalid_request, or invalid_grant for another verifier",
        actual=reply or "-",
    )


for _name, _method, _how in (
    ("plain-refused", "plain", N_("called plain")),
    ("plain-by-default", None, N_("without a method, which stands for plain")),
):
    case(
        f"E15/{_name}",
        clause="RFC 7636, 4.3, 4.4.1 and 7.2; RFC 9700, 2.1.1",
        functions=_PKCE,
        given={"method": _method, "how_text": _how},
    )(_test_plain_is_refused_where_it_is_not_offered)


@case("E15/verifier-unannounced", clause="RFC 9700, 2.1.1 and 4.8.2", functions=_PKCE)
async def test_an_unannounced_verifier_is_refused(scene: Scene) -> None:
    """A code that was asked for without a challenge is not exchanged with a verifier."""
    party = await _offered(scene)
    await party.tokens()
    asked = party.ask(verifier="")
    landing = await party.land(asked)
    code = landing.get("code")
    reply = await party.exchange(code, asked, code_verifier=secrets.token_urlsafe(48)) if code else None
    scene.expect(
        reply is None or reply.refused,
        code="pkce.unannounced",
        message=say(
            N_(
                "A verifier was taken for a code without a challenge: an attacker can leave the challenge out unnoticed."
            )
        ),
        expected="HTTP 400, invalid_grant",
        actual=reply or "-",
        advisory=True,
    )
