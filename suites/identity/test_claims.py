"""Claims are those that were asked for, that the client may have, and that the person consented to (property E17)."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Session, Wish

from .claims import Told, ask_for, seen_by, told, told_for
from .clients import own_client
from .relying_party import Party, relying_party, shown
from .sentences import say

_BY_US = ("idbb-endpoints", "client-management")
_CLAUSE = "GovStack Identity, userinfo; OpenID Connect Core 1.0, 5.4 and 5.5"


async def _own_party(scene: Scene, *claims: str) -> Party:
    """Give a relying party to which nobody has ever consented, registered with these claims, or with all."""
    changes = {"userClaims": list(claims)} if claims else {}
    return await relying_party(scene, await own_client(scene, **changes))


def _expect_within(scene: Scene, one: Told, allowed: set[str], code: str, message: str) -> None:
    """Expect no claims but these; raises Prerequisite where none of them came, for then nothing was shown."""
    if (
        scene.expect(
            not one.beyond(allowed),
            code=code,
            message=say(message),
            expected=f"no more than {', '.join(sorted(allowed))}" if allowed else "no claim about the person",
            actual=one.beyond(allowed),
            seen=one.reply.exchange,
        )
        and allowed
        and not one.names
    ):
        text = N_("None of the claims came that were asked for and consented to: {claims}.")
        raise Prerequisite(say(text, claims=", ".join(sorted(allowed))))


_BEYOND_CONSENT = N_("A client got claims that the person did not consent to.")
_BEYOND_REQUEST = N_("A client got claims that it did not ask for, and to which nobody consented.")


@case("E17/consented", clause=_CLAUSE, functions=_BY_US)
async def test_claims_are_those_consented_to(scene: Scene) -> None:
    """Of the claims that were asked for, those alone are given that the person consented to."""
    party = await _own_party(scene)
    asked = ask_for(party, "gender", "birthdate", "email", essential=["name"])
    one = await told(party, asked, Wish(claims=frozenset({"birthdate"})))
    _expect_asked(scene, one)
    _expect_within(scene, one, {"name", "birthdate"}, "claims.consented", _BEYOND_CONSENT)


def _expect_asked(scene: Scene, one: Told) -> None:
    """Expect that the person was asked, where the driver can tell."""
    if one.landing is not None and seen_by(one.landing):
        scene.expect(
            "consent" in one.landing.asked,
            code="claims.consent-asked",
            message=say(N_("Nobody asked the person whether the client may have the claims.")),
            expected="a consent page",
            actual=", ".join(one.landing.asked) or "-",
            seen=one.landing.exchanges[-1],
        )


@case("E17/consented-of-scope", clause=_CLAUSE, functions=_BY_US)
async def test_a_scope_is_no_consent(scene: Scene) -> None:
    """Of the claims that the scope profile stands for, those alone are given that the person consented to."""
    party = await _own_party(scene)
    asked = party.ask(scope="openid profile")
    one = await told(party, asked, Wish(claims=frozenset({"name", "gender"})))
    _expect_within(scene, one, {"name", "gender"}, "claims.consented", _BEYOND_CONSENT)


@case("E17/consent-kept", clause=_CLAUSE, functions=_BY_US)
async def test_a_consent_that_is_kept_is_to_what_it_was_given_to(scene: Scene) -> None:
    """Who consented to one claim, and comes again in the same browser, has not consented to others asked for then."""
    party, session, wish = await _own_party(scene), Session(), Wish(claims=frozenset({"name"}))
    before = await told(party, ask_for(party, "name"), wish, session)
    _expect_within(scene, before, {"name"}, "claims.requested", _BEYOND_REQUEST)
    later = await told(party, ask_for(party, "name", "birthdate", "email"), wish, session)
    _expect_within(scene, later, {"name"}, "claims.consented", _BEYOND_CONSENT)


@case("E17/nothing-consented", clause=_CLAUSE, functions=_BY_US)
async def test_no_consent_no_claims(scene: Scene) -> None:
    """Who takes every claim off the consent page is logged in, and no claim about them is given."""
    party = await _own_party(scene)
    one = await told(party, ask_for(party, "name", "birthdate", "email"), Wish(claims=frozenset()))
    _expect_within(scene, one, set(), "claims.consented", _BEYOND_CONSENT)


@case("E17/requested", clause=_CLAUSE, functions=_BY_US)
async def test_claims_are_those_asked_for(scene: Scene) -> None:
    """A client that may have all claims and asks for one gets one."""
    party = await _own_party(scene)
    one = await told(party, ask_for(party, "name"))
    _expect_within(scene, one, {"name"}, "claims.requested", _BEYOND_REQUEST)


@case("E17/of-client", clause="GovStack Identity, client-mgmt (userClaims)", functions=_BY_US)
async def test_claims_are_those_of_the_client(scene: Scene) -> None:
    """A client that asks for more than it was registered for is given no more, and the person is offered no more."""
    party = await _own_party(scene, "name", "gender")
    one = await told(party, ask_for(party, "name", "gender", "birthdate", "email", "phone_number"))
    message = N_("A client got claims that it is not registered for.")
    _expect_within(scene, one, {"name", "gender"}, "claims.of-client", message)
    offered = (one.landing.offered if one.landing else None) or frozenset()
    scene.expect(
        not offered - {"name", "gender"},
        code="claims.offered",
        message=say(N_("The consent page offers claims that the client may not have.")),
        expected="name, gender",
        actual=", ".join(sorted(offered)),
        seen=one.landing.exchanges[-1] if one.landing and one.landing.exchanges else None,
    )


@case("E17/essential-refused", clause="OpenID Connect Core 1.0, 5.5.1; RFC 6749, 4.1.2.1", functions=_BY_US)
async def test_an_essential_claim_can_be_refused(scene: Scene) -> None:
    """A person can refuse an essential claim: without their consent the client does not get it."""
    party = await _own_party(scene)
    asked = ask_for(party, essential=["birthdate", "name"])
    landing = await party.land(asked, Wish(refuse=True))
    if not landing.refused:
        raise Prerequisite(say(N_("The person was not asked for consent, so it could not be refused.")))
    if not landing.get("code"):
        scene.expect(
            landing.get("error") in {"access_denied", "consent_required"},
            code="authorize.access-denied",
            message=say(N_("A person refused an essential claim, and the client is not told so.")),
            expected="error=access_denied",
            actual=shown(landing),
            seen=landing.exchanges[-1] if landing.exchanges else None,
        )
        return
    tokens = await party.tokens_for(landing.get("code"), asked)
    one = await told_for(party, tokens, landing)
    scene.expect(
        not one.names,
        code="claims.essential-refused",
        message=say(N_("A person refused an essential claim, and the client got it all the same.")),
        expected="no claim about the person",
        actual=", ".join(sorted(one.names)),
        seen=one.reply.exchange,
    )


@case("E17/essential-unknown", clause="OpenID Connect Core 1.0, 5.5.1", functions=_BY_US)
async def test_an_unknown_essential_claim_is_no_error(scene: Scene) -> None:
    """A login does not fail because an essential claim is one that the provider does not have."""
    party = await _own_party(scene, "name")
    await told(party, ask_for(party, "name"))
    unknown = f"https://{party.client.id}.example/claims/no-such"
    landing = await party.land(ask_for(party, "name", essential=[unknown]))
    scene.expect(
        bool(landing.get("code")),
        code="claims.essential-unknown",
        message=say(N_("A login failed because a claim that was called essential is not to be had.")),
        expected="a code, and no such claim",
        actual=shown(landing),
        seen=landing.exchanges[-1] if landing.exchanges else None,
    )


@case("E17/locales", clause="GovStack Identity, userinfo (claims_locales)", functions=_BY_US)
async def test_claims_come_in_the_languages_asked_for(scene: Scene) -> None:
    """A claim that is held in two languages comes in both where both are asked for, each marked with its language."""
    languages = scene.declares("claims.languages").split()
    party = await _own_party(scene)
    one = await told(party, ask_for(party, "name", claims_locales=" ".join(languages)))
    came = {name.partition("#")[2].lower() for name in one.claims if name.startswith("name#")}
    missing = [tag for tag in languages if tag.lower() not in came]
    scene.expect(
        not missing,
        code="claims.locales",
        message=say(N_("A claim did not come in the languages that were asked for and that it is held in.")),
        expected=", ".join(f"name#{tag}" for tag in languages),
        actual=", ".join(name for name in one.claims if name.partition("#")[0] == "name") or "-",
        seen=one.reply.exchange,
        advice=say(
            N_("declares: claims.languages in product.yaml names the languages of the first person's name.")
        ),
    )
