"""Tokens are handed over uncached, and say how long they are good (property E7)."""

import time

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .id_tokens import SKEW_SECONDS, id_token, number_of
from .jose import Signed, TokenError, read, verified
from .relying_party import logged_in
from .sentences import say
from .tokens import Tokens, lifetime

_CORE = ("openid-connect",)
_GOVSTACK = ("idbb-endpoints",)
_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "client_id", "jti")
_ROUNDED = 5.0
"""Seconds by which expires_in and the token's own expiry may differ: they are written one after the other."""


@case("E7/not-cached", clause="RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3", functions=_CORE)
async def test_tokens_are_not_cached(scene: Scene) -> None:
    """The answer with the tokens forbids every cache to keep it."""
    _, tokens = await logged_in(scene)
    scene.expect(
        "no-store" in _directives(tokens.reply.header("cache-control")),
        code="token.not-cached",
        message=say(
            N_("The answer with the tokens may be kept by a cache: whoever reads that is logged in.")
        ),
        expected="Cache-Control: no-store",
        actual=tokens.reply.header("cache-control") or "-",
        seen=tokens.reply.exchange,
        place="header.cache-control",
    )


@case("E7/pragma", clause="GovStack Identity, token (Pragma)", functions=_GOVSTACK)
async def test_tokens_are_not_cached_by_old_proxies(scene: Scene) -> None:
    """The answer with the tokens has the header Pragma: no-cache, as GovStack declares it."""
    _, tokens = await logged_in(scene)
    scene.expect(
        "no-cache" in _directives(tokens.reply.header("pragma")),
        code="token.pragma",
        message=say(N_("The answer with the tokens has no Pragma: no-cache.")),
        expected="Pragma: no-cache",
        actual=tokens.reply.header("pragma") or "-",
        seen=tokens.reply.exchange,
        place="header.pragma",
    )


def _directives(header: str) -> set[str]:
    return {one.strip().lower() for one in header.split(",")}


@case("E7/bearer-in-json", clause="RFC 6749, 5.1 and 7.1; OpenID Connect Core 1.0, 3.1.3.3", functions=_CORE)
async def test_tokens_come_as_json(scene: Scene) -> None:
    """The tokens come as JSON, all of them, and their type is Bearer."""
    _, tokens = await logged_in(scene)
    reply = tokens.reply
    scene.expect(
        reply.media_type == "application/json",
        code="token.json",
        message=say(N_("The tokens do not come as application/json: clients do not read them.")),
        expected="application/json",
        actual=reply.media_type or "-",
        seen=reply.exchange,
        place="header.content-type",
    )
    scene.expect(
        bool(tokens.access_token and tokens.id_token) and str(reply.get("token_type")).lower() == "bearer",
        code="token.members",
        message=say(N_("The answer lacks one of access_token, id_token and token_type Bearer.")),
        expected="access_token, id_token, token_type: Bearer",
        actual=", ".join(sorted(reply.body)) + f"; token_type: {reply.get('token_type')}",
        seen=reply.exchange,
        place="body",
    )


@case("E7/expires-in", clause="RFC 6749, 5.1; GovStack Identity, token (expires_in)", functions=_CORE)
async def test_the_lifetime_is_told(scene: Scene) -> None:
    """Where the answer says how long the access token is good, that is a number of seconds above 0."""
    _, tokens = await logged_in(scene)
    needed = "expires_in" in tokens.reply.body or "idbb-endpoints" in scene.claims
    seconds = lifetime(tokens.reply)
    scene.expect(
        not needed or (seconds is not None and seconds > 0),
        code="token.lifetime",
        message=say(N_("The answer does not say in seconds how long the access token is good.")),
        expected="a number above 0" if needed else "a number above 0, or nothing",
        actual=tokens.reply.get("expires_in"),
        seen=tokens.reply.exchange,
        place="body.expires_in",
    )


def _access_token(tokens: Tokens) -> Signed:
    """Read the access token; raises Prerequisite if it is opaque."""
    try:
        return read(tokens.access_token)
    except TokenError as error:
        raise Prerequisite(say(N_("The access token is no JWT: {error}."), error=str(error))) from error


@case("E7/access-token-jwt", clause="GovStack Identity 7.2.4", functions=_GOVSTACK)
async def test_the_access_token_is_a_jwt(scene: Scene) -> None:
    """The access token is a JWT by a published key, and says who gave it, to whom, about whom, when and how long."""
    party, tokens = await logged_in(scene)
    ring = await party.keys()
    try:
        token = verified(tokens.access_token, ring)
    except TokenError as error:
        scene.expect(
            False,
            code="access-token.signed",
            message=say(
                N_("The access token is no JWT that a published key has signed: services cannot check it.")
            ),
            expected="a JWT, signed by a key of the published set",
            actual=f"{error.kind}: {error}",
            seen=tokens.reply.exchange,
            place="body.access_token",
        )
        return
    missing = [name for name in _CLAIMS if not token.claims.get(name)]
    scene.expect(
        not missing,
        code="access-token.claims",
        message=say(
            N_("The access token does not have all the claims that GovStack lists: {missing}."),
            missing=", ".join(missing),
        ),
        expected=", ".join(_CLAIMS),
        actual=", ".join(sorted(token.claims)),
        seen=tokens.reply.exchange,
        place="access_token",
    )
    told = {
        "iss": token.claims.get("iss"),
        "client_id": token.claims.get("client_id"),
        "sub": token.claims.get("sub"),
    }
    meant = {
        "iss": party.provider.issuer,
        "client_id": party.client.id,
        "sub": id_token(tokens).claims.get("sub"),
    }
    scene.expect(
        told == meant,
        code="access-token.whose",
        message=say(
            N_(
                "The access token speaks of another provider, client or person than the login that brought it."
            )
        ),
        expected=f"{meant['iss']}, {meant['client_id']}, the subject of the ID token",
        actual=f"{told['iss']}, {told['client_id']}, the same subject: {told['sub'] == meant['sub']}",
        seen=tokens.reply.exchange,
        place="access_token",
    )


@case("E7/access-token-times", clause="GovStack Identity 7.2.4; RFC 7519, 4.1", functions=_GOVSTACK)
async def test_the_access_token_lives_as_told(scene: Scene) -> None:
    """The access token was issued now, and expires as long after that as the answer says."""
    _, tokens = await logged_in(scene)
    token, told = _access_token(tokens), lifetime(tokens.reply)
    issued, expires = number_of(token, "iat"), number_of(token, "exp")
    scene.expect(
        issued is not None and abs(issued - time.time()) <= SKEW_SECONDS,
        code="access-token.issued-now",
        message=say(N_("The access token was not issued now.")),
        expected=f"within {SKEW_SECONDS} s of now",
        actual=token.claims.get("iat"),
        seen=tokens.reply.exchange,
        place="access_token.iat",
    )
    lives = None if issued is None or expires is None else expires - issued
    if told is None:
        raise Prerequisite(say(N_("The answer does not say in seconds how long the access token is good.")))
    scene.expect(
        lives is not None and abs(lives - told) <= _ROUNDED,
        code="access-token.lifetime",
        message=say(N_("The access token is good for another time than the answer says.")),
        expected=f"{told} s",
        actual=f"{lives} s",
        seen=tokens.reply.exchange,
        place="access_token.exp",
    )


@case("E7/token-ids-unique", clause="GovStack Identity 7.2.4; RFC 7519, 4.1.7", functions=_GOVSTACK)
async def test_token_ids_are_unique(scene: Scene) -> None:
    """Two access tokens have two identifiers."""
    party, first = await logged_in(scene)
    second = await party.tokens()
    ids = [_access_token(one).claims.get("jti") for one in (first, second)]
    scene.expect(
        all(ids) and ids[0] != ids[1],
        code="access-token.jti-unique",
        message=say(N_("Two access tokens have the same identifier, or none: neither can be revoked alone.")),
        expected="two identifiers",
        actual=ids,
        seen=second.reply.exchange,
        place="access_token.jti",
    )
