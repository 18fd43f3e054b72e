"""A key is bound to a person once, who proves to be there, and certified (property E26)."""

import time
from collections.abc import Mapping
from typing import Any

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from .bindings import bind, binding, certificate_of, modulus_of, partner_headers
from .client_steps import key
from .discovery import discovered
from .jose import PrivateKey, encoded, own_key, signed
from .linked import began, response_of
from .moments import moment_of
from .prepared_steps import wallet
from .replies import error_of
from .sentences import say

_FUNCTIONS = ("wallet-binding",)
_CLAUSE = "GovStack Identity, POST /wallet-binding"
_TOLERANCE_SECONDS = 1.0
"""Certificates have whole seconds (RFC 5280, 4.1.2.5)."""
_ACR = "idbb:acr:linked-wallet"


async def _public_key(scene: Scene) -> dict[str, str]:
    (one,) = await key(scene, 1)
    return {"kty": "RSA", "e": "AQAB", "n": one["key.n"]}


async def _bound(scene: Scene, fields: Mapping[str, Any]) -> Answer:
    """Bind a key; raises Prerequisite if that is not served."""
    answer = await bind(scene, fields)
    if not answer.served:
        text = N_("A binding in its valid form was not served: {answer}.")
        raise Prerequisite(say(text, answer=str(answer)))
    return answer


def _expect_code(scene: Scene, answer: Answer, *accepted: str) -> None:
    if answer.refused and answer.status < 300:
        scene.expect(
            error_of(answer.body) in {*accepted, "invalid_request"},
            code="binding.error-code",
            message=say(
                N_(
                    "The refusal is by the code of something else: the wallet tells the person what is not true."
                )
            ),
            expected=" / ".join(accepted),
            actual=error_of(answer.body) or "-",
            seen=answer,
            place="body.errors[0].errorCode",
        )


@case("E26/certificate", clause=f"{_CLAUSE} (certificate, expireDateTime)", functions=_FUNCTIONS)
async def test_a_bound_key_is_certified(scene: Scene) -> None:
    """A binding brings the wallet's user and a certificate of the very key that was sent, which expires when it says."""
    public_key = await _public_key(scene)
    answer = await _bound(scene, await binding(scene, public_key))
    scene.expect(
        bool(response_of(answer).get("walletUserId")),
        code="binding.user",
        message=say(N_("The binding does not say who the wallet's user is.")),
        expected="walletUserId",
        actual=response_of(answer).get("walletUserId"),
        seen=answer,
        place="body.response.walletUserId",
    )
    certificate = certificate_of(answer)
    if not scene.expect(
        certificate is not None,
        code="binding.certificate",
        message=say(N_("The certificate of a binding cannot be read.")),
        expected="X.509, as PEM or base64 of DER",
        actual=str(response_of(answer).get("certificate"))[:80],
        seen=answer,
        place="body.response.certificate",
    ):
        return
    assert certificate is not None, "expected above"
    modulus = modulus_of(certificate)
    scene.expect(
        modulus is not None and _written(modulus) == public_key["n"],
        code="binding.certificate-of-key",
        message=say(
            N_("The certificate is not of the key that was sent: nobody believes what the wallet signs.")
        ),
        expected="the key that was sent",
        actual="another key",
        seen=answer,
        place="body.response.certificate",
    )
    moment = moment_of(response_of(answer).get("expireDateTime"))
    ends = certificate.not_valid_after_utc
    scene.expect(
        moment is not None and abs((moment - ends).total_seconds()) <= _TOLERANCE_SECONDS,
        code="binding.expiry",
        message=say(
            N_("The binding does not expire with its certificate: the wallet fails before it knows.")
        ),
        expected=ends.isoformat(),
        actual=response_of(answer).get("expireDateTime"),
        seen=answer,
        place="body.response.expireDateTime",
    )


def _written(modulus: int) -> str:
    return encoded(modulus.to_bytes((modulus.bit_length() + 7) // 8, "big"))


@case("E26/duplicate", clause=f"{_CLAUSE} (duplicate_public_key)", functions=_FUNCTIONS)
async def test_a_key_is_bound_once(scene: Scene) -> None:
    """A second binding of the same person, key and factor is refused as such."""
    fields = await binding(scene, await _public_key(scene))
    await _bound(scene, fields)
    again = await bind(scene, fields)
    if scene.expect_refused(
        again,
        code="binding.duplicate-refused",
        message=say(N_("A key was bound to the same person twice.")),
    ):
        _expect_code(scene, again, "duplicate_public_key")


@case("E26/wrong-challenge", clause=f"{_CLAUSE} (invalid_auth_challenge)", functions=_FUNCTIONS)
async def test_a_key_is_bound_to_who_is_there(scene: Scene) -> None:
    """A key is not bound to a person whose proof is wrong."""
    public_key = await _public_key(scene)
    right = await binding(scene, public_key)
    secret = right["challengeList"][0]["challenge"]
    wrong = secret[:-1] + ("1" if secret[-1:] != "1" else "2")
    answer = await bind(scene, await binding(scene, public_key, challenge=wrong))
    if answer.refused:
        await _bound(scene, right)
    if scene.expect_refused(
        answer,
        code="binding.challenge-checked",
        message=say(N_("Anybody's key is bound to anybody: the owner of the key is taken for that person.")),
    ):
        _expect_code(scene, answer, "invalid_auth_challenge", "key_binding_failed")


@case("E26/wrong-partner", clause=f"{_CLAUSE} (PARTNER-API-KEY)", functions=_FUNCTIONS)
async def test_only_a_partner_binds_keys(scene: Scene) -> None:
    """No key is bound for a partner whose API key is wrong."""
    fields, proof = await binding(scene, await _public_key(scene)), await partner_headers(scene)
    wrong = {**proof, "PARTNER-API-KEY": f"{proof['PARTNER-API-KEY'][::-1]}0"}
    answer = await bind(scene, fields, wrong)
    if answer.refused:
        await _bound(scene, fields)
    scene.expect_refused(
        answer,
        code="binding.partner-checked",
        message=say(N_("A key was bound for a partner who did not prove to be one.")),
    )


async def _test_a_stranger_binds_no_key(scene: Scene, credentials: str, what_text: str) -> None:
    """No key is bound with {what_text}."""
    fields = await binding(scene, await _public_key(scene))
    answer = await bind(scene, fields, credentials=credentials)
    if answer.refused:
        await _bound(scene, fields)
    scene.expect_refused(
        answer,
        code="binding.token-checked",
        message=say(N_("A key was bound with {what_text}."), what_text=what_text),
    )


for _credentials, _told in {"none": N_("no token"), "wrong": N_("a token that nobody has given")}.items():
    case(
        f"E26/{_credentials}-token",
        clause=f"{_CLAUSE} (scope wallet_binding)",
        functions=_FUNCTIONS,
        given={"credentials": _credentials, "what_text": _told},
    )(_test_a_stranger_binds_no_key)


@case(
    "E26/wallet-signature",
    clause="GovStack Identity 7.2.3 (linked-wallet), /linked-authorization/authenticate (WLA)",
    functions=("wallet-binding", "linked-wallet", "idbb-endpoints"),
)
async def test_a_wallet_proves_itself_by_its_key(scene: Scene) -> None:
    """A proof of a wallet is taken that the bound key has signed, and none that another key has, or that has expired."""
    own, other = await own_key(f"wallet-{scene.fresh.identifier(8)}"), await own_key("stranger")
    await _bound(scene, await binding(scene, own.as_dict(private=False)))
    claims = await _claims(scene)
    past = {**claims, "iat": claims["iat"] - 7200, "exp": claims["iat"] - 3600}
    forged = {
        N_("signed by another key"): _proof(claims, other),
        N_("without a signature"): _proof(claims, own).rpartition(".")[0] + ".",
        N_("that has expired"): _proof(past, own),
    }
    right = await began(scene, acr_values=_ACR)
    await right.taken()
    served = await right.authenticate([_challenge(_proof(claims, own))])
    if not served.served:
        text = N_("A wallet's proof in its valid form was not taken: {answer}.")
        raise Prerequisite(say(text, answer=str(served)))
    for way_text, proof in forged.items():
        one = await began(scene, acr_values=_ACR)
        await one.taken()
        scene.expect_refused(
            await one.authenticate([_challenge(proof)]),
            code="link.wallet-signature",
            message=say(
                N_("A wallet's proof was taken {way_text}: anybody can write it."), way_text=way_text
            ),
        )


def _proof(claims: Mapping[str, Any], by: PrivateKey) -> str:
    return signed({"alg": "RS256", "typ": "JWT"}, claims, by)


async def _claims(scene: Scene) -> dict[str, Any]:
    (person,) = await wallet(scene, 1)
    now = int(time.time())
    issuer = (await discovered(scene)).issuer
    return {"sub": person["wallet.individual"], "aud": issuer, "iat": now, "exp": now + 300}


def _challenge(proof: str) -> Mapping[str, str]:
    return {"authFactorType": "WLA", "challenge": proof, "format": "jwt"}
