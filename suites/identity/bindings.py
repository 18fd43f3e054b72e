"""Keys of wallets that are bound to a person (GovStack Identity, /wallet-binding)."""

import base64
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import json_request

from .clients import stamp
from .linked import response_of
from .prepared_steps import partner, wallet

__all__ = ["bind", "binding", "certificate_of", "modulus_of", "partner_headers"]


async def partner_headers(scene: Scene) -> Mapping[str, str]:
    """Give what proves the wallet's partner; raises Prerequisite where product.yaml names none."""
    (one,) = await partner(scene, 1)
    return {"PARTNER-ID": one["partner.id"], "PARTNER-API-KEY": one["partner.api-key"]}


async def binding(scene: Scene, public_key: Mapping[str, Any], **challenge: str) -> dict[str, Any]:
    """Give what a binding of this key says; ``challenge`` in place of the right proof."""
    (person,) = await wallet(scene, 1)
    proof = {
        "authFactorType": person["wallet.factor"],
        "challenge": person["wallet.challenge"],
        "format": person["wallet.format"],
    }
    return {
        "individualId": person["wallet.individual"],
        "authFactorType": person["wallet.bound-factor"],
        "format": person["wallet.bound-format"],
        "challengeList": [{**proof, **challenge}],
        "publicKey": dict(public_key),
    }


async def bind(
    scene: Scene,
    fields: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    *,
    credentials: str = "own",
    time_stamp: str = "",
) -> Answer:
    """Ask for a binding, whatever comes of it; with other ``headers``, or other ``credentials``."""
    proof = await partner_headers(scene) if headers is None else headers
    body = {"requestTime": time_stamp or stamp(), "request": fields}
    request = json_request("POST", "/wallet-binding", body, proof)
    return await scene.send("wallet-binding", request, credentials=credentials)


def certificate_of(answer: Answer) -> x509.Certificate | None:
    """Read the certificate of a binding, PEM or base64 of DER; None if it is none."""
    written = response_of(answer).get("certificate")
    if not isinstance(written, str):
        return None
    try:
        if "BEGIN" in written:
            return x509.load_pem_x509_certificate(written.encode())
        return x509.load_der_x509_certificate(base64.b64decode(written + "=" * (-len(written) % 4)))
    except ValueError:
        return None


def modulus_of(certificate: x509.Certificate) -> int | None:
    """Give the RSA modulus of a certificate's key; None if it has another kind of key."""
    key = certificate.public_key()
    return key.public_numbers().n if isinstance(key, RSAPublicKey) else None
