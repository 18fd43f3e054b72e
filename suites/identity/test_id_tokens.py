"""ID tokens are signed as they must be, and say who, for whom, when and how (properties E4 and E5)."""

import time
from collections.abc import Sequence

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .id_tokens import (
    SKEW_SECONDS,
    algorithms,
    audiences,
    id_token,
    moment,
    number_of,
    verified_id_token,
)
from .jose import TokenError
from .relying_party import Party, logged_in, relying_party
from .sentences import say
from .tokens import Tokens

_CORE = ("openid-connect",)
_YEAR_5138 = 1e11
"""Seconds since 1970; a present moment in milliseconds is beyond it."""
_NONCE = "n-0S6_WzA2Mj.~aB9:/+=?&%20"
"""A nonce that changes where somebody decodes it, trims it or writes it in small letters."""
_MORE_OF_NONCE = 101
"""Characters behind it: 128 together, as of 64 random bytes in hexadecimal, which nobody may cut."""


@case("E4/signature", clause="OpenID Connect Core 1.0, 2 and 3.1.3.7; RFC 8725, 3.1", functions=_CORE)
async def test_the_id_token_is_signed(scene: Scene) -> None:
    """The ID token is signed by a key that the provider publishes, by an algorithm that it lists."""
    party, tokens = await logged_in(scene)
    ring = await party.keys()
    _readable(scene, tokens)
    token = id_token(tokens)
    allowed = algorithms(party)
    if token.algorithm[:2] == "HS" and party.client.secret and token.algorithm in _listed(party):
        text = N_(
            "The client is registered for ID tokens by {algorithm}, with its secret; register it for RS256."
        )
        raise Prerequisite(say(text, algorithm=token.algorithm))
    if not scene.expect(
        token.algorithm in allowed,
        code="id-token.algorithm",
        message=say(
            N_(
                "The ID token is signed by {algorithm}: a client that believes it believes anybody. It has to be an "
                "algorithm of the description, and never none or one with a shared secret that all know."
            ),
            algorithm=token.algorithm or "-",
        ),
        expected=", ".join(sorted(allowed)),
        actual=token.algorithm,
        seen=tokens.reply.exchange,
        place="id_token.header.alg",
    ):
        return
    known = ring.candidates(token.header.get("kid"), token.algorithm)
    if not scene.expect(
        bool(known) and (token.header.get("kid") is not None or len(ring.members) == 1),
        code="id-token.key-published",
        message=say(N_("The ID token names no key of the published set: a client cannot verify it.")),
        expected=[one.get("kid") for one in ring.members][:20],
        actual=token.header.get("kid"),
        seen=tokens.reply.exchange,
        place="id_token.header.kid",
    ):
        return
    scene.expect(
        await _verifies(party, tokens),
        code="id-token.signature",
        message=say(
            N_(
                "The signature of the ID token does not hold for the published key: every client refuses the login."
            )
        ),
        expected=f"{token.algorithm} by key {token.header.get('kid')}",
        actual="the signature does not hold",
        seen=tokens.reply.exchange,
        place="id_token",
    )


def _listed(party: Party) -> Sequence[str]:
    return party.provider.listed("id_token_signing_alg_values_supported")


async def _verifies(party: Party, tokens: Tokens) -> bool:
    try:
        await verified_id_token(party, tokens)
    except TokenError:
        return False
    return True


def _readable(scene: Scene, tokens: Tokens) -> None:
    try:
        id_token(tokens)
    except Prerequisite as unreadable:
        scene.expect(
            False,
            code="id-token.readable",
            message=say(
                N_("The token answer holds no ID token that can be read: {reason}"), reason=str(unreadable)
            ),
            expected="header.payload.signature, each base64url, of at most 65536 characters",
            actual=f"{len(tokens.id_token)} characters",
            seen=tokens.reply.exchange,
            place="body.id_token",
        )
        raise


@case("E5/issuer-and-audience", clause="OpenID Connect Core 1.0, 2 and 3.1.3.7 (2, 3)", functions=_CORE)
async def test_the_id_token_is_for_this_client(scene: Scene) -> None:
    """The ID token names the provider as its issuer and the client as its audience."""
    party, tokens = await logged_in(scene)
    token = id_token(tokens)
    scene.expect(
        token.claims.get("iss") == party.provider.issuer,
        code="id-token.issuer",
        message=say(N_("The ID token names another issuer than the description: clients refuse it.")),
        expected=party.provider.issuer,
        actual=token.claims.get("iss"),
        seen=tokens.reply.exchange,
        place="id_token.iss",
    )
    scene.expect(
        party.client.id in audiences(token),
        code="id-token.audience",
        message=say(
            N_("The ID token is not for the client that it was given to: one service's logins open another.")
        ),
        expected=party.client.id,
        actual=token.claims.get("aud"),
        seen=tokens.reply.exchange,
        place="id_token.aud",
    )
    scene.expect(
        token.claims.get("azp", party.client.id) == party.client.id,
        code="id-token.authorized-party",
        message=say(
            N_(
                "The azp of the ID token names another client than the one it was given to: clients refuse it."
            )
        ),
        expected=f"{party.client.id}, or no azp",
        actual=token.claims.get("azp"),
        seen=tokens.reply.exchange,
        place="id_token.azp",
    )


@case("E5/times", clause="OpenID Connect Core 1.0, 2 and 3.1.3.7 (9, 10)", functions=_CORE)
async def test_the_id_token_is_of_now(scene: Scene) -> None:
    """The ID token was issued now, in seconds since 1970, and expires later."""
    _, tokens = await logged_in(scene)
    token = id_token(tokens)
    issued, expires, now = number_of(token, "iat"), number_of(token, "exp"), time.time()
    scene.expect(
        issued is not None and abs(issued - now) <= SKEW_SECONDS,
        code="id-token.issued-now",
        message=say(
            N_("The ID token was not issued now: its iat is a moment of another clock, zone or unit.")
        ),
        expected=f"within {SKEW_SECONDS} s of now",
        actual=moment(issued),
        seen=tokens.reply.exchange,
        place="id_token.iat",
    )
    scene.expect(
        expires is not None and expires > max(issued or 0, now - SKEW_SECONDS),
        code="id-token.expiry",
        message=say(N_("The ID token does not expire after it was issued, or is expired already.")),
        expected="after iat, and in the future",
        actual=moment(expires),
        seen=tokens.reply.exchange,
        place="id_token.exp",
    )
    scene.expect(
        expires is None or expires < _YEAR_5138,
        code="id-token.expiry-unit",
        message=say(
            N_("The exp of the ID token is in a smaller unit than seconds: the token is good for ever.")
        ),
        expected="seconds since 1970",
        actual=moment(expires),
        seen=tokens.reply.exchange,
        place="id_token.exp",
    )


@case("E5/subject", clause="OpenID Connect Core 1.0, 2 and 8", functions=_CORE)
async def test_the_subject_is_an_identifier(scene: Scene) -> None:
    """The subject is a text of at most 255 ASCII characters, and the same at each login of a person."""
    party, tokens = await logged_in(scene)
    again = await party.tokens()
    first, second = id_token(tokens).claims.get("sub"), id_token(again).claims.get("sub")
    scene.expect(
        isinstance(first, str) and first.isascii() and 0 < len(first) <= 255,
        code="id-token.subject",
        message=say(N_("The subject is no identifier: clients cannot keep it, or it says what it must not.")),
        expected="1 to 255 ASCII characters",
        actual=f"{type(first).__name__}, {len(str(first))} characters, ASCII: {str(first).isascii()}",
        seen=tokens.reply.exchange,
        place="id_token.sub",
    )
    scene.expect(
        first == second,
        code="id-token.subject-stable",
        message=say(
            N_("The same person had another subject at the next login: no client knows anybody again.")
        ),
        expected="the same subject",
        actual="another subject",
        seen=again.reply.exchange,
        place="id_token.sub",
    )


@case("E5/nonce", clause="OpenID Connect Core 1.0, 2 and 3.1.3.7 (11)", functions=_CORE)
async def test_the_nonce_comes_back(scene: Scene) -> None:
    """The nonce of each of two requests stands in its own ID token, character by character."""
    party = await relying_party(scene)
    for _ in range(2):
        nonce = _NONCE + scene.fresh.identifier(_MORE_OF_NONCE)
        tokens = await party.tokens(party.ask(nonce=nonce))
        scene.expect(
            id_token(tokens).claims.get("nonce") == nonce,
            code="id-token.nonce",
            message=say(
                N_("The ID token does not have the nonce of the request: a stolen token can be played again.")
            ),
            expected=nonce,
            actual=id_token(tokens).claims.get("nonce"),
            seen=tokens.reply.exchange,
            place="id_token.nonce",
            advice=say(N_("Keep the nonce as it came, and change nothing of it.")),
        )


@case("E5/no-nonce-unasked", clause="OpenID Connect Core 1.0, 2", functions=_CORE)
async def test_no_nonce_is_made_up(scene: Scene) -> None:
    """A login that was asked for without a nonce brings an ID token without one."""
    _, tokens = await logged_in(scene, nonce=None)
    scene.expect(
        "nonce" not in id_token(tokens).claims,
        code="id-token.nonce-unasked",
        message=say(N_("The ID token has a nonce that nobody sent: it may be another request's.")),
        expected="no nonce",
        actual=id_token(tokens).claims.get("nonce"),
        seen=tokens.reply.exchange,
        place="id_token.nonce",
        advisory=True,
    )


@case("E5/auth-time", clause="OpenID Connect Core 1.0, 2 and 3.1.2.1 (max_age)", functions=_CORE)
async def test_auth_time_comes_with_max_age(scene: Scene) -> None:
    """Where the request limits the age of a login, the ID token says when the person logged in."""
    party = await relying_party(scene)
    asked = party.ask(max_age="600")
    tokens = await party.tokens(asked)
    when = number_of(id_token(tokens), "auth_time")
    scene.expect(
        when is not None and asked.made_at - SKEW_SECONDS <= when <= time.time() + SKEW_SECONDS,
        code="id-token.auth-time",
        message=say(
            N_(
                "The ID token does not say when the person logged in: the client cannot hold to the age that it asked for."
            )
        ),
        expected=f"between the request and now, give or take {SKEW_SECONDS} s",
        actual=moment(when),
        seen=tokens.reply.exchange,
        place="id_token.auth_time",
    )
