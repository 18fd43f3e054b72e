"""A code is good once, for its client and its address alone, and for a short time (properties E8 and E9)."""

import asyncio

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .clients import Client, another_client, created, own_client, shared_client
from .lifetimes import short_lived
from .relying_party import Asked, Party, relying_party
from .replies import Reply
from .sentences import say
from .tokens import Tokens

_CORE = ("openid-connect",)
_AT_ONCE = 6
_LEAST_CODE = 20
"""Characters: of 94 that print, fewer cannot hold the 128 bits of RFC 6749, 10.10."""


@case("E8/code-once", clause="RFC 6749, 4.1.2; OpenID Connect Core 1.0, 3.1.3.2", functions=_CORE)
async def test_a_code_is_good_once(scene: Scene) -> None:
    """A code that was exchanged for tokens brings no others."""
    party = await relying_party(scene)
    code, asked = await party.code()
    await party.tokens_for(code, asked)
    again = await party.exchange(code, asked)
    scene.expect(
        again.refused,
        code="code.once",
        message=say(
            N_("A code was exchanged twice: whoever reads it later, in a log or a history, is logged in.")
        ),
        expected="HTTP 400, invalid_grant",
        actual=again,
        seen=again.exchange,
        advice=say(N_("Mark a code as used in the statement that reads it.")),
    )


@case("E9/unguessable-code", clause="RFC 6749, 10.10", functions=_CORE)
async def test_a_code_cannot_be_guessed(scene: Scene) -> None:
    """A code has room for 128 random bits, and is another one at each login."""
    party = await relying_party(scene)
    first, _ = await party.code()
    second, asked = await party.code()
    tokens = await party.tokens_for(second, asked)
    scene.expect(
        min(len(first), len(second)) >= _LEAST_CODE and first != second,
        code="code.unguessable",
        message=say(N_("A code is too short to be beyond guessing: who guesses one is logged in.")),
        expected=f"at least {_LEAST_CODE} characters, another code at each login",
        actual=f"{len(first)} and {len(second)} characters",
        seen=tokens.reply.exchange,
        advice=say(N_("Make codes of 20 random bytes or more.")),
    )


@case("E8/reuse-revokes", clause="RFC 6749, 4.1.2 and 10.5", functions=_CORE)
async def test_a_second_use_revokes_the_first(scene: Scene) -> None:
    """When a code comes a second time, the tokens of the first time are no longer good."""
    party = await relying_party(scene)
    code, asked = await party.code()
    tokens = await party.tokens_for(code, asked)
    if not (await party.userinfo(tokens.access_token)).served:
        raise Prerequisite(say(N_("The access token gave no claims before the code was used again.")))
    await party.exchange(code, asked)
    after = await party.userinfo(tokens.access_token)
    scene.expect(
        after.refused,
        code="code.reuse-revokes",
        message=say(
            N_("A code came twice, so somebody has stolen it, and the tokens that it brought are still good.")
        ),
        expected="HTTP 401",
        actual=f"HTTP {after.status}",
        seen=after.exchange,
        advisory=True,
    )


@case("E8/code-at-once", clause="RFC 6749, 4.1.2 and 10.5", functions=_CORE)
async def test_a_code_is_good_once_at_the_same_instant(scene: Scene) -> None:
    """Of several exchanges of one code at the same instant at most one brings tokens."""
    party = await relying_party(scene)
    code, asked = await party.code()
    tries = [_tried(party, code, asked) for _ in range(_AT_ONCE)]
    replies = [reply for reply in await asyncio.gather(*tries) if reply is not None]
    granted = [reply for reply in replies if Tokens.of(reply) is not None]
    if not granted:
        await party.tokens()
    scene.expect(
        len(granted) <= 1,
        code="code.once-at-once",
        message=say(
            N_(
                "Of {tries} exchanges of one code at the same instant {granted} brought tokens: a thief who is quick is not "
                "noticed."
            ),
            tries=_AT_ONCE,
            granted=len(granted),
        ),
        expected="at most 1",
        actual=len(granted),
        seen=granted[-1].exchange if granted else None,
        advice=say(N_("Mark a code as used in the statement that reads it, not in a second one.")),
    )


async def _tried(party: Party, code: str, asked: Asked) -> Reply | None:
    """Exchange a code; None where the product gave way under so many at once."""
    try:
        return await party.exchange(code, asked)
    except Prerequisite:
        return None


@case("E9/bound-to-client", clause="RFC 6749, 4.1.3; OpenID Connect Core 1.0, 3.1.3.2", functions=_CORE)
async def test_a_code_is_bound_to_its_client(scene: Scene) -> None:
    """A code is not exchanged for another client, although that proves who it is."""
    party = await relying_party(scene)
    other = party.played_by(await another_client(scene))
    await other.tokens()
    reply = await party.attacked(other.exchange)
    scene.expect(
        reply.refused,
        code="code.bound-to-client",
        message=say(
            N_(
                "One client's code brought another client tokens: a service can log in as those who visit another."
            )
        ),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


@case("E9/bound-to-redirect", clause="RFC 6749, 4.1.3; OpenID Connect Core 1.0, 3.1.3.2", functions=_CORE)
async def test_a_code_is_bound_to_its_address(scene: Scene) -> None:
    """A code is not exchanged with another redirect URI than it was sent to."""
    party = await relying_party(scene, await _with_two_addresses(scene))
    own = party.client.redirect_uris
    other = own[1] if len(own) > 1 else f"{own[0]}/other"
    reply = await party.attacked(lambda code, asked: party.exchange(code, asked, redirect_uri=other))
    scene.expect(
        reply.refused,
        code="code.bound-to-redirect",
        message=say(
            N_(
                "A code was exchanged with another redirect URI than it was sent to: a code that was lured away can be used."
            )
        ),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


async def _with_two_addresses(scene: Scene) -> Client:
    """Give a client with two redirect URIs where one can be registered: that both are its own must not be enough."""
    if "client-management" not in scene.claims:
        return await shared_client(scene)
    host = f"https://rp-{scene.fresh.identifier(12).lower()}.example"
    return await own_client(scene, redirectUris=[f"{host}/back", f"{host}/other"])


@case(
    "E9/bound-to-client-of-one-address",
    clause="RFC 6749, 4.1.3; OpenID Connect Core 1.0, 3.1.3.2",
    functions=("client-management",),
)
async def test_a_code_is_bound_to_its_client_not_to_its_address(scene: Scene) -> None:
    """A code is not exchanged for another client, although that has the same redirect URI."""
    address = f"https://rp-{scene.fresh.identifier(12).lower()}.example/back"
    party = await relying_party(scene, await own_client(scene, redirectUris=[address]))
    other = party.played_by(await created(scene, key_name="another", redirectUris=[address]))
    await other.tokens()
    reply = await party.attacked(other.exchange)
    scene.expect(
        reply.refused,
        code="code.bound-to-client",
        message=say(
            N_(
                "One client's code brought tokens to another client of the same address: only that is compared."
            )
        ),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


@case("E9/unknown-code", clause="RFC 6749, 5.2 and 10.10", functions=_CORE)
async def test_an_unknown_code_brings_nothing(scene: Scene) -> None:
    """A code that the provider has not given brings no tokens."""
    party = await relying_party(scene)
    reply = await party.attacked(lambda code, asked: party.exchange(_made_up(code), asked))
    scene.expect(
        reply.refused,
        code="code.unknown",
        message=say(N_("A code that was made up brought tokens.")),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )


def _made_up(code: str) -> str:
    """Give a code of the same length and characters that is not the one given."""
    turned = code[::-1]
    return turned if turned != code else f"{code}x"


@case("E9/expired-code", clause="RFC 6749, 4.1.2", functions=_CORE)
async def test_an_expired_code_brings_nothing(scene: Scene) -> None:
    """A code brings no tokens once its time is over."""
    client, seconds = await short_lived(scene, "code.lifetime-seconds")
    party = await relying_party(scene, client)
    await party.tokens()
    code, asked = await party.code()
    await asyncio.sleep(seconds + 1)
    reply = await party.exchange(code, asked)
    scene.expect(
        reply.refused,
        code="code.expires",
        message=say(
            N_("A code brought tokens {seconds} s after it was given, which is longer than it is good for."),
            seconds=f"{seconds + 1:g}",
        ),
        expected="HTTP 400, invalid_grant",
        actual=reply,
        seen=reply.exchange,
    )
