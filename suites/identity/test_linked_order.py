"""A linked login takes no short cut (properties E23 and E24): no proof, no consent, no code."""

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .claims import told_for
from .linked import Linked, began, code_in, expect_code, response_of
from .prepared_steps import wallet
from .relying_party import relying_party
from .sentences import say

_FUNCTIONS = ("linked-wallet", "idbb-endpoints")
_CLAUSE = "GovStack Identity, /linked-authorization"
_STRONGER = {
    "PIN": "idbb:acr:linked-wallet-static-code",
    "WLA": "idbb:acr:linked-wallet-static-code",
    "OTP": "idbb:acr:biometrics-generated-code",
    "BIO": "idbb:acr:biometrics-generated-code",
}
"""By factor: a context that needs another one beside it (GovStack Identity 7.2.3)."""


@case("E23/consent-before-proof", clause=f"{_CLAUSE}/consent", functions=_FUNCTIONS)
async def test_nobody_consents_unproven(scene: Scene) -> None:
    """A wallet that has not proven its person cannot consent, and no code comes of it."""
    one = await began(scene)
    await one.taken()
    early = await one.consent()
    handed = await one.auth_code() if early.served else None
    await _as_it_should_be(one)
    if scene.expect_refused(
        early,
        code="link.order",
        message=say(N_("A wallet consented for a person whom nobody had asked: it logs in as somebody.")),
    ):
        expect_code(scene, early, "invalid_transaction", "invalid_transaction_id")
    if handed is not None:
        scene.expect(
            not code_in(handed),
            code="link.order",
            message=say(N_("A login brought a code in which nobody had proven who they are.")),
            expected="no code",
            actual="a code",
            seen=handed,
        )


async def _as_it_should_be(one: Linked) -> None:
    """Show that the steps are served in their order: in the same login if it still can, else in another."""
    if (await one.authenticate()).served and (await one.consent()).served:
        return
    await (await began(one.scene, one.client)).agreed()


@case("E23/code-before-consent", clause=f"{_CLAUSE}/link-auth-code", functions=_FUNCTIONS)
async def test_no_code_without_consent(scene: Scene) -> None:
    """No code is handed over before a wallet is there, nor before the person has consented."""
    one = await began(scene)
    await one.coded()
    early = await one.auth_code()
    await one.proven()
    later = await one.auth_code()
    if not (await one.consent()).served:
        raise Prerequisite(say(N_("A consent in its valid form was not served.")))
    for answer in (early, later):
        scene.expect(
            not code_in(answer),
            code="link.auth-code-early",
            message=say(N_("A code was handed over to which the person had not consented.")),
            expected="response_timeout",
            actual="a code",
            seen=answer,
        )


@case(
    "E23/challenge-missing", clause=f"{_CLAUSE}/authenticate (invalid_no_of_challenges)", functions=_FUNCTIONS
)
async def test_every_factor_is_asked_for(scene: Scene) -> None:
    """A login that asks for two factors does not take one of them."""
    (person,) = await wallet(scene, 1)
    factor = person["wallet.factor"]
    if factor not in _STRONGER:
        raise Prerequisite(
            say(N_("No context is published that needs {factor} and another factor."), factor=factor)
        )
    await (await began(scene)).proven()
    one = await began(scene, acr_values=_STRONGER[factor])
    await one.taken()
    answer = await one.authenticate()
    if scene.expect_refused(
        answer,
        code="link.challenges",
        message=say(N_("A login that asks for two factors was content with one.")),
    ):
        expect_code(scene, answer, "invalid_no_of_challenges", "auth_failed", "invalid_transaction")


@case("E24/auth-failed", clause=f"{_CLAUSE}/authenticate (auth_failed)", functions=_FUNCTIONS)
async def test_a_wrong_proof_proves_nothing(scene: Scene) -> None:
    """After a wrong proof the person is not proven: the answer says so, no consent is taken, and no code comes."""
    await (await began(scene)).proven()
    one = await began(scene)
    await one.taken()
    right = await one.challenge()
    failed = await one.authenticate([await one.challenge(challenge=_other(right["challenge"]))])
    if scene.expect_refused(
        failed,
        code="link.wrong-proof",
        message=say(N_("A wrong proof was taken: anybody is everybody.")),
    ):
        expect_code(scene, failed, "auth_failed")
    consent = await one.consent()
    scene.expect_refused(
        consent,
        code="link.auth-failed",
        message=say(N_("A wrong proof was refused, and the login went on all the same.")),
    )


def _other(secret: str) -> str:
    """Give a proof of the same length and kind of characters that is another."""
    last = secret[-1:]
    return secret[:-1] + ("1" if last != "1" else "2")


@case("E24/claim-not-offered", clause=f"{_CLAUSE}/consent (invalid_accepted_claim)", functions=_FUNCTIONS)
async def test_consent_covers_offered_claims_only(scene: Scene) -> None:
    """A consent to a claim that was not offered is refused as such."""
    one = await began(scene)
    await one.proven()
    answer = await one.consent(["phone_number"])
    await _agreed_after_all(one)
    if scene.expect_refused(
        answer,
        code="consent.claim-refused",
        message=say(N_("A wallet consented to a claim that nobody had asked for.")),
    ):
        expect_code(scene, answer, "invalid_accepted_claim")


@case("E24/scope-not-offered", clause=f"{_CLAUSE}/consent (invalid_permitted_scope)", functions=_FUNCTIONS)
async def test_consent_covers_offered_scopes_only(scene: Scene) -> None:
    """A consent to a scope that was not offered is refused as such."""
    one = await began(scene)
    await one.proven()
    answer = await one.consent(scopes=["offline_access"])
    await _agreed_after_all(one)
    if scene.expect_refused(
        answer,
        code="consent.scope-refused",
        message=say(N_("A wallet permitted a scope that nobody had asked for.")),
    ):
        expect_code(scene, answer, "invalid_permitted_scope")


async def _agreed_after_all(one: Linked) -> None:
    """Show that a valid consent is served: in the same login if it still can, else in another."""
    if not (await one.consent()).served:
        await (await began(one.scene, one.client)).agreed()


@case("E24/claims-given", clause=f"{_CLAUSE}/consent; userinfo", functions=_FUNCTIONS)
async def test_a_wallets_consent_is_kept_to(scene: Scene) -> None:
    """Of the claims that a wallet was offered, the client gets those that the person consented to."""
    wishes = '{"userinfo": {"name": null, "gender": null, "birthdate": null}}'
    one = await began(scene, claims=wishes)
    offered = response_of(await one.taken()).get("voluntaryClaims")
    scene.expect(
        isinstance(offered, list) and {"name", "gender", "birthdate"} == set(map(str, offered)),
        code="consent.claims-shown",
        message=say(
            N_("The wallet is not told which claims the client asks for: the person cannot decide on them.")
        ),
        expected="name, gender, birthdate",
        actual=offered,
        place="body.response.voluntaryClaims",
    )
    tokens = await one.done(["name"])
    party = await relying_party(scene, one.client)
    info = await told_for(party, tokens)
    scene.expect(
        not info.beyond({"name"}),
        code="consent.claims-kept",
        message=say(N_("The client got claims to which the person had not consented at their wallet.")),
        expected="name alone",
        actual=", ".join(sorted(info.names)),
        seen=info.reply.exchange,
    )
