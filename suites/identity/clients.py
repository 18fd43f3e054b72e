"""The relying parties that the harness plays: registered by client management, or configured by hand."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from dpi_conformance.catalogue.login import Client as Configured
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import NotServed, Prerequisite, Stage, json_request
from dpi_conformance.i18n import N_, Message

from .jose import PrivateKey, own_key

__all__ = [
    "ACRS",
    "CLAIMS",
    "Client",
    "another_client",
    "create",
    "created",
    "once",
    "own_client",
    "registration",
    "shared_client",
    "stamp",
    "update",
]

ACRS = (
    "idbb:acr:static-code",
    "idbb:acr:generated-code",
    "idbb:acr:linked-wallet",
    "idbb:acr:biometrics",
    "idbb:acr:biometrics-generated-code",
    "idbb:acr:linked-wallet-static-code",
)
"""What GovStack Identity 7.2.3 lists."""
CLAIMS = (
    "name", "given_name", "family_name", "middle_name", "preferred_username", "nickname", "gender", "birthdate",
    "email", "email_verified", "phone_number", "phone_number_verified", "picture", "address", "locale", "zoneinfo",
)  # fmt: skip
"""The sixteen of GovStack's client management."""
_Made = TypeVar("_Made")
_ALGORITHMS = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}
_CURVES = {"P-384": "ES384", "P-521": "ES512"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A relying party of the harness."""

    id: str
    redirect_uris: tuple[str, ...]
    method: str = "private_key_jwt"
    """How it proves itself at the token endpoint (OpenID Connect Core 1.0, 9)."""
    key: PrivateKey | None = field(default=None, repr=False)
    algorithm: str = "RS256"
    """Of its assertions."""
    secret: str = field(default="", repr=False)
    scopes: frozenset[str] | None = None
    """Those that it may ask for; None: any."""
    registered: Mapping[str, Any] = field(default_factory=dict)
    """What client management was sent; empty for one that was configured by hand."""

    @property
    def redirect_uri(self) -> str:
        """Give the first."""
        return self.redirect_uris[0]

    def with_secret(self, secret: str) -> "Client":
        """Give the client as somebody plays it who has another secret."""
        return replace(self, secret=secret)


def stamp() -> str:
    """Give this moment as GovStack writes times: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def registration(scene: Scene, key: PrivateKey, **changes: Any) -> dict[str, Any]:
    """Give what a valid registration says of a client nobody has registered; ``changes`` in place of it, None leaves out."""
    name = scene.fresh.identifier(16).lower()
    fields = {
        "clientId": f"rp-{name}",
        "clientName": "Conformance harness",
        "relyingPartyId": f"party-{name}",
        "logoUri": f"https://rp-{name}.example/logo.png",
        "redirectUris": [f"https://rp-{name}.example/signed-in/back"],
        "authContextRefs": list(ACRS),
        "publicKey": key.as_dict(private=False),
        "userClaims": list(CLAIMS),
        "grantTypes": ["authorization_code"],
        "clientAuthMethods": ["private_key_jwt"],
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


async def create(scene: Scene, fields: Mapping[str, Any]) -> Answer:
    """Register a client, whatever comes of it."""
    body = {"requestTime": stamp(), "request": fields}
    return await scene.send("client-create", json_request("POST", "/client-mgmt/oidc-client", body))


async def update(scene: Scene, client: Client, **changes: Any) -> Answer:
    """Change a registered client, all else as it was registered; whatever comes of it."""
    left_out = {"clientId", "relyingPartyId", "publicKey"}
    kept = {name: value for name, value in client.registered.items() if name not in left_out}
    body = {"requestTime": stamp(), "request": {**kept, "status": "active", **changes}}
    return await scene.send(
        "client-update", json_request("PUT", f"/client-mgmt/oidc-client/{client.id}", body)
    )


async def created(scene: Scene, *, key_name: str = "client", **changes: Any) -> Client:
    """Register a client of one's own; raises Prerequisite if it is not served."""
    key = await own_key(key_name)
    fields = registration(scene, key, **changes)
    answer = await create(scene, fields)
    if not answer.served and "public_key" in str(answer.body):
        key = await own_key(str(fields["clientId"]))  # a product may take each key once only
        fields = {**fields, "publicKey": key.as_dict(private=False)}
        answer = await create(scene, fields)
    if not answer.served:
        text = N_("A preparing request ({variant}) was not served: {answer}.")
        raise NotServed(Message(text=text, values={"variant": "client-create", "answer": str(answer)}))
    return Client(
        id=str(fields["clientId"]), redirect_uris=tuple(fields["redirectUris"]), key=key, registered=fields
    )


def _managed(scene: Stage) -> bool:
    return "client-management" in scene.claims


async def own_client(scene: Scene, **changes: Any) -> Client:
    """Give a client that no other case uses, registered with ``changes``; raises Prerequisite if there is none to have."""
    if _managed(scene):
        return await created(scene, **changes)
    text = N_("This needs a client of its own, and the product claims no client management.")
    raise Prerequisite(Message(text=text))


async def shared_client(scene: Scene) -> Client:
    """Give the client of all cases that change nothing of it; raises Prerequisite if there is none to have."""
    if _managed(scene):
        return await once(scene, "identity.client", lambda: created(scene))
    return (await _configured(scene))[0]


async def another_client(scene: Scene) -> Client:
    """Give a second client, which is not ``shared_client``; raises Prerequisite if there is none to have."""
    if _managed(scene):
        return await once(scene, "identity.another", lambda: created(scene, key_name="another"))
    clients = await _configured(scene)
    if len(clients) > 1:
        return clients[1]
    text = N_(
        "This needs two clients; configure another one at the product and name it under clients in product.yaml."
    )
    raise Prerequisite(Message(text=text))


async def _configured(scene: Stage) -> Sequence[Client]:
    if not scene.clients:
        text = N_(
            "The product claims no client management; configure a client at it by hand and name it under clients in "
            "product.yaml."
        )
        raise Prerequisite(Message(text=text))
    return await once(scene, "identity.configured", lambda: asyncio.to_thread(_all, scene))


def _all(scene: Stage) -> Sequence[Client]:
    return [by_hand(one) for one in scene.clients.values()]


def by_hand(one: Configured) -> Client:
    """Give a client as product.yaml describes it; raises Prerequisite if its key cannot be read."""
    key = _key_of(one.private_key) if one.private_key is not None else None
    return Client(
        id=one.client_id,
        redirect_uris=one.redirect_uris,
        method=one.token_endpoint_auth_method,
        key=key,
        algorithm=one.alg or (_fitting(key) if key is not None else ""),
        secret=one.client_secret or "",
        scopes=frozenset(one.scopes),
    )


def _fitting(key: PrivateKey) -> str:
    return _CURVES.get(str(key.get("crv")), _ALGORITHMS[key.key_type])


def _key_of(path: Path) -> PrivateKey:
    text = N_(
        "The private key in {file} cannot be read: {error}. Write it as JWK or PEM (PKCS #8), without a password."
    )
    try:
        written = path.read_text()
        for kind in ("RSA", "EC", "OKP"):
            key = _imported(written, kind)
            if key is not None:
                return key
    except (OSError, UnicodeDecodeError) as error:
        raise Prerequisite(Message(text=text, values={"file": str(path), "error": str(error)})) from error
    raise Prerequisite(Message(text=text, values={"file": str(path), "error": "-"}))


def _imported(written: str, kind: Any) -> PrivateKey | None:
    try:
        key = (
            import_key(orjson.loads(written))
            if written.lstrip().startswith("{")
            else import_key(written, kind)
        )
    except (JoseError, ValueError, TypeError):
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) and key.is_private else None


async def once(stage: Stage, name: str, make: Callable[[], Awaitable[_Made]]) -> _Made:
    """Give what all cases of a run share, made by the first that needs it; where that fails, the next tries again."""
    lock: asyncio.Lock = stage.kept.setdefault(f"{name}, being made", asyncio.Lock())
    async with lock:
        if name not in stage.kept:
            stage.kept[name] = await make()
    return cast("_Made", stage.kept[name])
