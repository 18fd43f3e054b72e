"""Claims are given for a good access token alone (property E16)."""

import asyncio
from collections.abc import Callable

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .id_tokens import id_token
from .jose import PrivateKey, Signed, TokenError, own_key, read, segments, signed, unsigned
from .lifetimes import short_lived
from .relying_party import Party, logged_in, relying_party
from .replies import Reply
from .sentences import say
from .tokens import Tokens, UserInfo, userinfo_of

_CORE = ("openid-connect",)
_CLAUSES = "OpenID Connect Core 1.0, 5.3.1 and 5.3.3; RFC 6750, 2.1 and 3"


@case("E16/claims-for-a-token", clause="OpenID Connect Core 1.0, 5.3.2", functions=_CORE)
async def test_claims_are_given(scene: Scene) -> None:
    """A good access token brings claims that can be read, about the subject of the ID token."""
    party, tokens = await logged_in(scene)
    reply = await party.userinfo(tokens.access_token)
    scene.expect(
        reply.served,
        code="userinfo.served",
        message=say(N_("A good access token brought no claims.")),
        expected="HTTP 200",
        actual=reply,
        seen=reply.exchange,
    )
    if not reply.served:
        return
    info = await _read(party, reply)
    scene.expect(
        isinstance(info, UserInfo),
        code="userinfo.readable",
        message=say(
            N_("The claims cannot be read: {trouble}. The client takes none of them."), trouble=str(info)
        ),
        expected="a JSON object, or a JWT by a published key",
        actual=reply.media_type or "-",
        seen=reply.exchange,
    )
    if isinstance(info, UserInfo):
        scene.expect(
            info.claims.get("sub") == id_token(tokens).claims.get("sub") is not None,
            code="userinfo.subject",
            message=say(
                N_("The claims are about another subject than the login: the client must not use them.")
            ),
            expected="the sub of the ID token",
            actual="another sub" if "sub" in info.claims else "no sub",
            seen=reply.exchange,
            place="sub",
        )


async def _read(party: Party, reply: Reply) -> UserInfo | TokenError:
    keys = [party.client.key] if party.client.key is not None else []
    try:
        return userinfo_of(reply, await party.keys(), keys)
    except TokenError as error:
        return error


@case(
    "E16/nested", clause="GovStack Identity, userinfo; RFC 7519, 5.2 and 11.2", functions=("userinfo-nested",)
)
async def test_claims_are_signed_then_encrypted(scene: Scene) -> None:
    """The claims come as application/jwt: signed by the provider, then encrypted for the client's own key."""
    party, tokens = await logged_in(scene)
    reply = await party.userinfo(tokens.access_token)
    if not reply.served:
        raise Prerequisite(say(N_("A good access token brought no claims: {answer}."), answer=str(reply)))
    scene.expect(
        reply.media_type == "application/jwt",
        code="userinfo.media-type",
        message=say(N_("The claims do not come as application/jwt.")),
        expected="application/jwt",
        actual=reply.media_type or "-",
        seen=reply.exchange,
        place="header.content-type",
    )
    scene.expect(
        segments(reply.text.strip()) == 5,
        code="userinfo.encrypted",
        message=say(N_("The claims are not encrypted: whoever carries them reads them.")),
        expected="a JWE of five segments",
        actual=f"{segments(reply.text.strip())} segments",
        seen=reply.exchange,
    )
    info = await _read(party, reply)
    scene.expect(
        isinstance(info, UserInfo) and info.kind in {"nested", "signed"},
        code="userinfo.signed",
        message=say(
            N_(
                "What is inside is not signed by a published key: anybody who has the client's public key can write it."
            )
        ),
        expected="a JWS by a key of the published set, within a JWE for the client's key",
        actual=info if isinstance(info, TokenError) else info.kind,
        seen=reply.exchange,
    )
    if isinstance(info, UserInfo) and info.kind in {"nested", "signed"}:
        _check_for_whom(scene, party, info, reply)


def _check_for_whom(scene: Scene, party: Party, info: UserInfo, reply: Reply) -> None:
    """Signed claims should name their issuer and the client (OpenID Connect Core 1.0, 5.3.2)."""
    audience = info.claims.get("aud")
    given = audience if isinstance(audience, list) else [audience]
    scene.expect(
        info.claims.get("iss") == party.provider.issuer and party.client.id in given,
        code="userinfo.for-whom",
        message=say(
            N_("Signed claims do not say who issued them for which client: another client's can be put in.")
        ),
        expected=f"iss {party.provider.issuer}, aud {party.client.id}",
        actual=f"iss {info.claims.get('iss')}, aud {audience}",
        seen=reply.exchange,
        advisory=True,
    )


def _altered(tokens: Tokens, _key: PrivateKey) -> str:
    """Change the token in its middle, so that no padding bit hides it."""
    token = tokens.access_token
    place = len(token) // 2
    other = "A" if token[place] != "A" else "B"
    return f"{token[:place]}{other}{token[place + 1 :]}"


def _of_stranger(tokens: Tokens, key: PrivateKey) -> str:
    token = _jwt(tokens)
    return signed({**token.header, "alg": "RS256"}, token.claims, key)


def _unsigned(tokens: Tokens, _key: PrivateKey) -> str:
    token = _jwt(tokens)
    return unsigned({**token.header, "alg": "none"}, token.claims)


def _jwt(tokens: Tokens) -> Signed:
    try:
        return read(tokens.access_token)
    except TokenError as error:
        raise Prerequisite(say(N_("The access token is no JWT: {error}."), error=str(error))) from error


_BAD: dict[str, tuple[str, Callable[[Tokens, PrivateKey], str | None]]] = {
    "no-token": (N_("no token at all"), lambda _tokens, _key: None),
    "garbage": (N_("what is no token"), lambda _tokens, _key: "dpi-conformance-garbage"),
    "altered": (N_("a good token with one letter changed"), _altered),
    "id-token": (N_("the ID token of the same login"), lambda tokens, _key: tokens.id_token),
    "of-a-stranger": (N_("a good token's content, signed by a key of somebody else"), _of_stranger),
    "unsigned": (N_("a good token with alg none and no signature"), _unsigned),
}


async def _test_a_bad_token_is_refused(scene: Scene, bad: str, what_text: str) -> None:
    """Claims are not given for {what_text}."""
    party, tokens = await logged_in(scene)
    if not (await party.userinfo(tokens.access_token)).served:
        raise Prerequisite(say(N_("A good access token brought no claims.")))
    token = _BAD[bad][1](tokens, await own_key("stranger"))
    _expect_refused(scene, await party.userinfo(token), what_text, named=token is not None)


for _name, (_told, _make) in _BAD.items():
    case(
        f"E16/refused-{_name}",
        clause=f"{_CLAUSES}; GovStack Identity 7.2.4",
        functions=("idbb-endpoints",) if _make in {_of_stranger, _unsigned} else _CORE,
        given={"bad": _name, "what_text": _told},
    )(_test_a_bad_token_is_refused)


def _expect_refused(scene: Scene, reply: Reply, what_text: str, *, named: bool) -> None:
    if not scene.expect(
        reply.refused,
        code="userinfo.refused",
        message=say(N_("Claims about a person were given for {what_text}."), what_text=what_text),
        expected="HTTP 401",
        actual=f"HTTP {reply.status}",
        seen=reply.exchange,
    ):
        return
    told = reply.header("www-authenticate")
    scene.expect(
        "bearer" in told.lower() and (reply.status == 401 or "idbb-endpoints" not in scene.claims),
        code="userinfo.challenge",
        message=say(
            N_("The refusal does not say how to prove oneself: clients do not know that they need a token.")
        ),
        expected="HTTP 401, WWW-Authenticate: Bearer",
        actual=f"HTTP {reply.status}, {told or '-'}",
        seen=reply.exchange,
        place="header.www-authenticate",
    )
    if named:
        scene.expect(
            "invalid_token" in told,
            code="userinfo.challenge-error",
            message=say(
                N_("The refusal does not say that the token is no good: clients do not ask for another.")
            ),
            expected='Bearer error="invalid_token"',
            actual=told or "-",
            seen=reply.exchange,
            place="header.www-authenticate",
            advisory="idbb-endpoints" not in scene.claims,
        )


@case("E16/refused-expired", clause=_CLAUSES, functions=_CORE)
async def test_an_expired_token_is_refused(scene: Scene) -> None:
    """Claims are not given for an access token whose time is over."""
    client, seconds = await short_lived(scene, "access-token.lifetime-seconds")
    party = await relying_party(scene, client)
    tokens = await party.tokens()
    if not (await party.userinfo(tokens.access_token)).served:
        raise Prerequisite(say(N_("A good access token brought no claims.")))
    await asyncio.sleep(seconds + 1)
    reply = await party.userinfo(tokens.access_token)
    _expect_refused(scene, reply, N_("an access token that has expired"), named=True)
