"""Steps for clients: one that all requests share, and ones of their own that a request may change."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, json_request
from dpi_conformance.i18n import N_, Message

from .clients import ACRS, CLAIMS, Client, by_hand, once, registration, stamp
from .jose import own_key
from .moduli import Moduli

__all__ = ["client", "client_own", "contract_client", "key", "unregistered"]

_NO_CLIENT = N_(
    "This needs a client that proves itself by private_key_jwt: the product claims no client management; configure one "
    "at it by hand and name it under clients in product.yaml."
)


async def key(stage: Stage, count: int) -> Sequence[Resource]:
    """Make public keys that nobody has registered; nothing is sent."""
    moduli: Moduli = stage.kept.setdefault("identity.moduli", Moduli())
    return [{"key.n": modulus} for modulus in await moduli.take(count)]


async def unregistered(scene: Scene, **changes: Any) -> dict[str, Any]:
    """Give a valid registration with a key that nobody has registered either; ``changes`` as in ``registration``."""
    (one,) = await key(scene, 1)
    public_key = {"kty": "RSA", "e": "AQAB", "n": one["key.n"]}
    return registration(scene, await own_key("client"), **{"publicKey": public_key, **changes})


async def client(stage: Stage, count: int) -> Sequence[Resource]:
    """Give the client that all requests share, by its identifier and its address."""
    shared = await contract_client(stage)
    return [{"client.id": shared.id, "client.redirect": shared.redirect_uri}] * count


async def client_own(stage: Stage, count: int) -> Sequence[Resource]:
    """Register clients for requests that change them."""
    keys = await key(stage, count)
    made = await asyncio.gather(
        *(_registered(stage, {"kty": "RSA", "e": "AQAB", "n": one["key.n"]}) for one in keys)
    )
    return [{"client-own.id": str(fields["clientId"])} for fields in made]


async def contract_client(stage: Stage) -> Client:
    """Give the client that all requests share; raises Prerequisite if there is none to have."""
    return await once(stage, "identity.contract.client", lambda: _client(stage))


async def _client(stage: Stage) -> Client:
    if "client-management" in stage.claims:
        own = await own_key(f"contract-{secrets.token_hex(4)}")
        fields = await _registered(stage, own.as_dict(private=False))
        return Client(
            id=str(fields["clientId"]),
            redirect_uris=tuple(fields["redirectUris"]),
            key=own,
            registered=fields,
        )
    configured = [one for one in stage.clients.values() if one.private_key is not None]
    if not configured:
        raise Prerequisite(Message(text=_NO_CLIENT))
    return await asyncio.to_thread(by_hand, configured[0])


async def _registered(stage: Stage, public_key: Mapping[str, Any]) -> Mapping[str, Any]:
    """Register a client with everything that may be asked for; raises Prerequisite if it is not served."""
    name = stage.fresh.identifier(16).lower()
    fields = {
        "clientId": f"rp-{name}",
        "clientName": "Conformance harness",
        "relyingPartyId": f"party-{name}",
        "logoUri": f"https://rp-{name}.example/logo.png",
        "redirectUris": [f"https://rp-{name}.example/back"],
        "authContextRefs": list(ACRS),
        "publicKey": dict(public_key),
        "userClaims": list(CLAIMS),
        "grantTypes": ["authorization_code"],
        "clientAuthMethods": ["private_key_jwt"],
    }
    body = {"requestTime": stamp(), "request": fields}
    await stage.call("client-create", json_request("POST", "/client-mgmt/oidc-client", body))
    return fields
