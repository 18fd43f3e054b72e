"""A client proves who it is by its own key, and what is missing in its request is told (properties E10 and E11)."""

from collections.abc import Collection

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .assertions import FORGERIES
from .clients import another_client
from .jose import own_key
from .relying_party import Asked, Party, relying_party
from .replies import Reply
from .sentences import say
from .tokens import Tokens

_BY_KEY = ("private-key-jwt",)
_GOVSTACK = ("idbb-endpoints",)
_CLAUSES = "RFC 7523, 3; OpenID Connect Core 1.0, 9; RFC 8725, 3.1 to 3.10"


async def _test_a_forged_assertion_is_refused(scene: Scene, forgery: str, way_text: str) -> None:
    """A client assertion that proves nothing brings no tokens: {way_text}."""
    party = await relying_party(scene)
    one, other = FORGERIES[forgery], await own_key("stranger")
    reply = await party.attacked(
        lambda code, asked: party.exchange(code, asked, assertion=one.make(party.assertion(), other))
    )
    scene.expect(
        reply.refused,
        code=one.code,
        message=say(
            N_(
                "A client assertion was taken that proves nothing ({way_text}): anybody can play this client."
            ),
            way_text=way_text,
        ),
        expected="HTTP 400 or 401, invalid_client (GovStack: invalid_assertion)",
        actual=reply,
        seen=reply.exchange,
    )


for _one in FORGERIES.values():
    case(
        f"E10/assertion-{_one.name}",
        clause=_CLAUSES,
        functions=_BY_KEY,
        given={"forgery": _one.name, "way_text": _one.told},
    )(_test_a_forged_assertion_is_refused)


@case("E10/assertion-issued-at-missing", clause="GovStack Identity, token (iat)", functions=_GOVSTACK)
async def test_an_assertion_needs_its_moment(scene: Scene) -> None:
    """A client assertion that does not say when it was issued brings no tokens, as GovStack requires."""
    party = await relying_party(scene)
    reply = await party.attacked(
        lambda code, asked: party.exchange(
            code, asked, assertion=party.assertion().changed(iat=None).signed()
        )
    )
    scene.expect(
        reply.refused,
        code="assertion.issued-at-required",
        message=say(N_("A client assertion without iat was taken.")),
        expected="HTTP 400, invalid_assertion",
        actual=reply,
        seen=reply.exchange,
    )


@case("E10/other-credentials", clause="RFC 6749, 2.3 and 3.2.1", functions=("openid-connect",))
async def test_a_client_proves_itself(scene: Scene) -> None:
    """A client that proves itself by another key, or another secret, than its own gets no tokens."""
    party = await relying_party(scene)
    stranger = await own_key("stranger")

    async def attack(code: str, asked: Asked) -> Reply:
        client = party.client
        if client.method == "private_key_jwt":
            return await party.exchange(code, asked, assertion=party.assertion().signed(stranger))
        if not client.secret:
            text = N_("The client {client} has nothing to prove itself by.")
            raise Prerequisite(say(text, client=client.id))
        return await party.played_by(client.with_secret(client.secret[::-1] + "x")).exchange(code, asked)

    reply = await party.attacked(attack)
    scene.expect(
        reply.refused,
        code="client.proof-checked",
        message=say(N_("A client got tokens without its own key or secret: anybody can play it.")),
        expected="HTTP 400 or 401, invalid_client",
        actual=reply,
        seen=reply.exchange,
    )


@case("E10/another-clients-assertion", clause="RFC 7521, 4.2; RFC 7523, 2.2", functions=_BY_KEY)
async def test_an_assertion_names_the_client_of_the_request(scene: Scene) -> None:
    """A good assertion of another client does not prove the client that the request names."""
    party = await relying_party(scene)
    other = party.played_by(await another_client(scene))
    await other.tokens()
    reply = await party.attacked(
        lambda code, asked: party.exchange(code, asked, assertion=other.assertion().signed())
    )
    scene.expect(
        reply.refused,
        code="assertion.of-the-client",
        message=say(N_("One client's assertion proved another client: each service can play every other.")),
        expected="HTTP 400 or 401, invalid_client",
        actual=reply,
        seen=reply.exchange,
    )


@case("E10/assertion-replayed", clause="OpenID Connect Core 1.0, 9 (jti); RFC 7523, 3 (7)", functions=_BY_KEY)
async def test_an_assertion_is_good_once(scene: Scene) -> None:
    """An assertion that has brought tokens does not bring others with another code."""
    party = await relying_party(scene)
    code, asked = await party.code()
    assertion = party.assertion().signed()
    if Tokens.of(await party.exchange(code, asked, assertion=assertion)) is None:
        raise Prerequisite(say(N_("A token request in its valid form was not served.")))
    reply = await party.attacked(lambda code, asked: party.exchange(code, asked, assertion=assertion))
    scene.expect(
        reply.refused,
        code="assertion.once",
        message=say(
            N_(
                "An assertion was good a second time: whoever has read it can play the client until it expires."
            )
        ),
        expected="HTTP 400 or 401, invalid_client",
        actual=reply,
        seen=reply.exchange,
        advice=say(
            N_(
                "Remember the jti of an assertion until it expires. OpenID Connect requires it, GovStack does not."
            )
        ),
        advisory=True,
    )


@case(
    "E10/unknown-claims-ignored",
    clause="GovStack Identity, token; RFC 7523, 3 (8); RFC 7519, 4",
    functions=_BY_KEY,
)
async def test_unknown_claims_are_ignored(scene: Scene) -> None:
    """An assertion with further claims, which the provider does not know, is as good as one without."""
    party = await relying_party(scene)
    await party.tokens()
    code, asked = await party.code()
    more = {"dpi-conformance": {"depth": [1, "ሰላም"]}, "scope": "openid"}
    reply = await party.exchange(code, asked, assertion=party.assertion().changed(**more).signed())
    scene.expect(
        Tokens.of(reply) is not None,
        code="assertion.unknown-claims",
        message=say(
            N_("An assertion was refused for claims that the provider does not know, which it has to ignore.")
        ),
        expected="HTTP 200",
        actual=reply,
        seen=reply.exchange,
    )


_MISSING = {
    "client_assertion": frozenset({"invalid_assertion", "invalid_client", "invalid_request"}),
    "client_assertion_type": frozenset({"invalid_assertion_type", "invalid_client", "invalid_request"}),
    "redirect_uri": frozenset({"invalid_redirect_uri", "invalid_grant", "invalid_request"}),
    "code": frozenset({"invalid_transaction", "invalid_grant", "invalid_request", "invalid_input"}),
    "grant_type": frozenset({"invalid_input", "unsupported_grant_type", "invalid_request"}),
}
"""For each field, the codes that say so: GovStack's, and those of RFC 6749 that mean the same."""


async def _test_what_is_missing_is_told(scene: Scene, field: str) -> None:
    """A token request without {field} is refused with HTTP 400 and an error that says so."""
    party = await relying_party(scene)
    reply = await party.attacked(lambda code, asked: party.exchange(code, asked, **{field: None}))
    if scene.expect(
        reply.refused,
        code="token.missing-refused",
        message=say(N_("A token request without {field} was not refused."), field=field),
        expected="HTTP 400",
        actual=reply,
        seen=reply.exchange,
    ):
        _told(scene, reply, _MISSING[field])


for _field in _MISSING:
    case(
        f"E11/without-{_field.replace('_', '-')}",
        clause="GovStack Identity, token (400); RFC 6749, 5.2",
        functions=_GOVSTACK,
        given={"field": _field},
    )(_test_what_is_missing_is_told)


def _told(scene: Scene, reply: Reply, codes: Collection[str]) -> None:
    status = {400, 401} if reply.error == "invalid_client" else {400}
    scene.expect(
        reply.status in status and reply.error in codes,
        code="token.missing-told",
        message=say(
            N_("A token request was refused without saying what it lacks: its developer has to guess.")
        ),
        expected=f"HTTP 400, one of {', '.join(sorted(codes))}",
        actual=reply,
        seen=reply.exchange,
        place="body.error",
    )


@case(
    "E11/error-in-json",
    clause="RFC 6749, 5.2; OpenID Connect Core 1.0, 3.1.3.4",
    functions=("openid-connect",),
)
async def test_a_refused_exchange_says_so_in_json(scene: Scene) -> None:
    """A refused token request is answered with 400 or 401 and a JSON object with error."""
    party = await relying_party(scene)
    reply = await _with_a_used_code(party)
    scene.expect(
        reply.status in {400, 401}
        and reply.media_type == "application/json"
        and isinstance(reply.get("error"), str),
        code="token.error-in-json",
        message=say(
            N_("A refused token request is not answered as OAuth says: clients cannot tell what went wrong.")
        ),
        expected='HTTP 400, application/json, {"error": …}',
        actual=f"{reply.media_type or '-'}; {reply}",
        seen=reply.exchange,
    )


async def _with_a_used_code(party: Party) -> Reply:
    code, asked = await party.code()
    await party.tokens_for(code, asked)
    reply = await party.exchange(code, asked)
    if reply.served:
        raise Prerequisite(
            say(N_("A token request that had to be refused was served, so its error could not be judged."))
        )
    return reply
