"""Nobody is taken for somebody else: two persons are two subjects, and each login brings its own person's claims."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Wish

from .claims import Told, told_for
from .id_tokens import id_token
from .relying_party import Party, relying_party
from .sentences import say
from .tokens import Tokens

_CORE = ("openid-connect",)
_TRIES = 3


def _another_person(scene: Scene) -> Wish:
    """Give the wish to log in as the second person; raises Prerequisite if product.yaml names but one."""
    if len(scene.persons) < 2:
        text = N_("This needs two persons; name another one under login.persons in product.yaml.")
        raise Prerequisite(say(text))
    return Wish(person=scene.persons[1])


def _subject(tokens: Tokens) -> object:
    return id_token(tokens).claims.get("sub")


@case("E5/subject-of-person", clause="OpenID Connect Core 1.0, 2 (sub) and 5.7", functions=_CORE)
async def test_two_persons_are_two_subjects(scene: Scene) -> None:
    """Two persons who log in at one client are two subjects."""
    other = _another_person(scene)
    party = await relying_party(scene)
    first, second = await party.tokens(), await party.tokens(wish=other)
    scene.expect(
        _subject(first) != _subject(second),
        code="id-token.subject-of-person",
        message=say(N_("Two persons are the same subject: who logs in meets the account of somebody else.")),
        expected="another sub for another person",
        actual="the same sub",
        seen=second.reply.exchange,
        place="id_token.sub",
    )


@case("E16/claims-of-the-person", clause="OpenID Connect Core 1.0, 5.3.2 and 5.3.4", functions=_CORE)
async def test_claims_are_those_of_the_tokens_person(scene: Scene) -> None:
    """Of two persons who are logged in at one client, each access token brings the claims of its own."""
    other = _another_person(scene)
    party = await relying_party(scene)
    for one in await _both_told(party, other):
        scene.expect(
            one.claims.get("sub") == _subject(one.tokens),
            code="userinfo.of-person",
            message=say(
                N_(
                    "An access token brought the claims of somebody else, who is logged in at the same client."
                )
            ),
            expected="the sub of the ID token that came with the access token",
            actual="another sub",
            seen=one.reply.exchange,
            place="sub",
        )


async def _both_told(party: Party, other: Wish) -> list[Told]:
    """Log two persons in, and read the claims of each; again where the first token did not live that long."""
    for tries_left in reversed(range(_TRIES)):
        logins = [await party.tokens(), await party.tokens(wish=other)]
        if _subject(logins[0]) == _subject(logins[1]):
            text = N_("Two persons are the same subject, so their claims cannot be told apart.")
            raise Prerequisite(say(text))
        try:
            return [await told_for(party, tokens) for tokens in logins]
        except Prerequisite:
            if not tries_left:
                raise
    return []
