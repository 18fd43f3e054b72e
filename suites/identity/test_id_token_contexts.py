"""An ID token says how the person logged in, and belongs to its access token (properties E5 and E6)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_

from .clients import own_client
from .id_tokens import id_token, own_hash
from .relying_party import logged_in, relying_party
from .sentences import say

_CORE = ("openid-connect",)


@case(
    "E5/acr-static-code",
    clause="GovStack Identity 7.2.3; OpenID Connect Core 1.0, 2 (acr)",
    functions=("idbb-endpoints",),
    given={"acr": "idbb:acr:static-code"},
)
@case(
    "E5/acr-generated-code",
    clause="GovStack Identity 7.2.3; OpenID Connect Core 1.0, 2 (acr)",
    functions=("idbb-endpoints",),
    given={"acr": "idbb:acr:generated-code"},
)
async def test_the_context_is_the_one_that_was_asked_for(scene: Scene, acr: str) -> None:
    """A login that was asked for by {acr} says in its ID token that it was done so."""
    _, tokens = await logged_in(scene, acr_values=acr)
    scene.expect(
        id_token(tokens).claims.get("acr") == acr,
        code="id-token.acr",
        message=say(
            N_(
                "The ID token says another authentication context than was asked for: the service cannot tell how sure the "
                "login is."
            )
        ),
        expected=acr,
        actual=id_token(tokens).claims.get("acr"),
        seen=tokens.reply.exchange,
        place="id_token.acr",
    )


@case(
    "E5/acr-of-the-client",
    clause="GovStack Identity 7.2.3 and client-mgmt (authContextRefs)",
    functions=("client-management",),
)
async def test_the_context_is_one_of_the_client(scene: Scene) -> None:
    """The context that an ID token states is one that the client was registered with, whatever was asked for."""
    own = "idbb:acr:static-code"
    party = await relying_party(scene, await own_client(scene, authContextRefs=[own]))
    tokens = await party.tokens(party.ask(acr_values=f"idbb:acr:biometrics {own}"))
    scene.expect(
        id_token(tokens).claims.get("acr") == own,
        code="id-token.acr-of-client",
        message=say(
            N_(
                "The ID token states a context that the client may not use, and that the person did not go through."
            )
        ),
        expected=own,
        actual=id_token(tokens).claims.get("acr"),
        seen=tokens.reply.exchange,
        place="id_token.acr",
    )


@case("E6/at-hash", clause="OpenID Connect Core 1.0, 3.1.3.6 and 3.1.3.8", functions=_CORE)
async def test_the_access_token_hash_is_right(scene: Scene) -> None:
    """Where an ID token has the hash of its access token, it is that token's."""
    _, tokens = await logged_in(scene)
    token = id_token(tokens)
    own = own_hash(token, tokens.access_token)
    scene.expect(
        token.claims.get("at_hash", own) == own,
        code="id-token.at-hash",
        message=say(
            N_("The hash in the ID token is not its access token's: clients that compare refuse the login.")
        ),
        expected=f"{own}, or none",
        actual=token.claims.get("at_hash"),
        seen=tokens.reply.exchange,
        place="id_token.at_hash",
    )


@case("E6/at-hash-given", clause="GovStack Identity 7.2.3", functions=("idbb-endpoints",))
async def test_the_access_token_hash_is_given(scene: Scene) -> None:
    """An ID token has the hash of its access token, as GovStack lists it."""
    _, tokens = await logged_in(scene)
    scene.expect(
        "at_hash" in id_token(tokens).claims,
        code="id-token.at-hash-given",
        message=say(N_("The ID token has no at_hash: a swapped access token cannot be noticed.")),
        expected="at_hash",
        actual=", ".join(sorted(id_token(tokens).claims)),
        seen=tokens.reply.exchange,
        place="id_token.at_hash",
    )
