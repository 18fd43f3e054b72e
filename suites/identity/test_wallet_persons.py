"""What one person proves, and one person's key, is worth nothing for another (properties E23, E24 and E26)."""

import time
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, Resource
from dpi_conformance.i18n import N_

from .bindings import bind, binding
from .client_steps import key
from .discovery import discovered
from .id_tokens import id_token
from .jose import PrivateKey, own_key, signed
from .linked import Linked, began
from .prepared_steps import other_wallet, wallet
from .sentences import say

_LINKED = ("linked-wallet", "idbb-endpoints")
_CLAUSE = "GovStack Identity, /linked-authorization/authenticate (individualId, challengeList)"
_ACR = "idbb:acr:linked-wallet"
_CONTEXTS = {
    "PIN": "idbb:acr:static-code",
    "OTP": "idbb:acr:generated-code",
    "BIO": "idbb:acr:biometrics",
    "WLA": _ACR,
}
"""By factor: the context that it makes up alone (GovStack Identity 7.2.3)."""


def _served(answer: Answer) -> None:
    if not answer.served:
        text = N_("The second person's own proof was not taken: {answer}.")
        raise Prerequisite(say(text, answer=str(answer)))


async def _proving(scene: Scene, person: Resource, secret: str) -> tuple[Linked, Answer]:
    """Begin a login and prove this person in it by a secret."""
    one = await began(scene)
    await one.taken()
    challenge = await one.challenge(challenge=secret)
    return one, await one.authenticate([challenge], individual=person["wallet.individual"])


@case("E24/other-persons-proof", clause=_CLAUSE, functions=_LINKED)
async def test_a_proof_is_its_persons_alone(scene: Scene) -> None:
    """The right proof of one person does not log another one in."""
    (first,), other = await wallet(scene, 1), await other_wallet(scene)
    _, own = await _proving(scene, other, other["wallet.challenge"])
    _served(own)
    _, borrowed = await _proving(scene, other, first["wallet.challenge"])
    scene.expect_refused(
        borrowed,
        code="link.proof-of-person",
        message=say(
            N_("One person was logged in by the secret of another: whoever has an identity has all.")
        ),
    )


@case("E23/two-persons", clause=f"{_CLAUSE}; OpenID Connect Core 1.0, 2 (sub)", functions=_LINKED)
async def test_a_linked_login_is_its_persons(scene: Scene) -> None:
    """Two persons who log in by wallets at one client are two subjects."""
    other = await other_wallet(scene)
    first = await (await began(scene)).done()
    one, answer = await _proving(scene, other, other["wallet.challenge"])
    _served(answer)
    second = await one.handed_over()
    scene.expect(
        id_token(first).claims.get("sub") != id_token(second).claims.get("sub"),
        code="link.person",
        message=say(
            N_(
                "Two persons who logged in by wallets are the same subject: one meets the account of the other."
            )
        ),
        expected="another sub for another person",
        actual="the same sub",
        seen=second.reply.exchange,
        place="id_token.sub",
    )


@case("E23/acr", clause="GovStack Identity 7.2.3; OpenID Connect Core 1.0, 2 (acr)", functions=_LINKED)
async def test_the_context_of_a_linked_login_is_the_one_gone_through(scene: Scene) -> None:
    """A linked login that was asked for by the context of the person's factor says in its ID token that it was done so."""
    (person,) = await wallet(scene, 1)
    if (acr := _CONTEXTS.get(person["wallet.factor"])) is None:
        text = N_("No context is published that {factor} makes up alone.")
        raise Prerequisite(say(text, factor=person["wallet.factor"]))
    tokens = await (await began(scene, acr_values=acr)).done()
    scene.expect(
        id_token(tokens).claims.get("acr") == acr,
        code="link.acr",
        message=say(
            N_(
                "The ID token of a linked login says another authentication context than was asked for and gone through: "
                "the service cannot tell how sure the login is."
            )
        ),
        expected=acr,
        actual=id_token(tokens).claims.get("acr"),
        seen=tokens.reply.exchange,
        place="id_token.acr",
    )


@case(
    "E26/other-persons-proof",
    clause="GovStack Identity, POST /wallet-binding (individualId, invalid_auth_challenge)",
    functions=("wallet-binding",),
)
async def test_a_key_is_bound_by_its_own_persons_proof(scene: Scene) -> None:
    """The right proof of one person binds no key to another one."""
    (first,), other = await wallet(scene, 1), await other_wallet(scene)
    (one,) = await key(scene, 1)
    public_key = {"kty": "RSA", "e": "AQAB", "n": one["key.n"]}
    named = {"individualId": other["wallet.individual"]}
    borrowed = await binding(scene, public_key, challenge=first["wallet.challenge"])
    answer = await bind(scene, {**borrowed, **named})
    if answer.refused:
        own = await binding(scene, public_key, challenge=other["wallet.challenge"])
        _served(await bind(scene, {**own, **named}))
    scene.expect_refused(
        answer,
        code="binding.challenge-of-person",
        message=say(
            N_(
                "A key was bound to one person by the secret of another, who is taken for that person from now on."
            )
        ),
    )


@case(
    "E26/other-persons-key",
    clause=f"{_CLAUSE}; 7.2.3 (linked-wallet)",
    functions=("wallet-binding", *_LINKED),
)
async def test_a_bound_key_proves_its_person_alone(scene: Scene) -> None:
    """A proof about one person that the key of another has signed is not taken."""
    (first,), other = await wallet(scene, 1), await other_wallet(scene)
    keys = [await own_key(f"wallet-{number}-{scene.fresh.identifier(8)}") for number in (1, 2)]
    for person, held in zip((first, other), keys, strict=True):
        await _bound(scene, person, held)
    for person, held in zip((first, other), keys, strict=True):
        _served(await _signing(scene, person, held))
    scene.expect_refused(
        await _signing(scene, other, keys[0]),
        code="link.key-of-person",
        message=say(
            N_("One person was logged in by the wallet of another: whoever has a wallet has every identity.")
        ),
    )


async def _bound(scene: Scene, person: Resource, held: PrivateKey) -> None:
    fields = await binding(scene, held.as_dict(private=False), challenge=person["wallet.challenge"])
    answer = await bind(scene, {**fields, "individualId": person["wallet.individual"]})
    if not answer.served:
        text = N_("A binding in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(answer)))


async def _signing(scene: Scene, person: Resource, by: PrivateKey) -> Answer:
    """Begin a login and prove this person in it by what a key signs."""
    now, individual = int(time.time()), person["wallet.individual"]
    issuer = (await discovered(scene)).issuer
    claims: dict[str, Any] = {"sub": individual, "aud": issuer, "iat": now, "exp": now + 300}
    proof = signed({"alg": "RS256", "typ": "JWT"}, claims, by)
    one = await began(scene, acr_values=_ACR)
    await one.taken()
    challenge = {"authFactorType": "WLA", "challenge": proof, "format": "jwt"}
    return await one.authenticate([challenge], individual=individual)
