"""The relying parties' clients, as client management keeps them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import RSAKey

__all__ = ["ACRS", "USER_CLAIMS", "Client", "Clients"]

ACRS = (
    "idbb:acr:static-code",
    "idbb:acr:generated-code",
    "idbb:acr:linked-wallet",
    "idbb:acr:biometrics",
    "idbb:acr:biometrics-generated-code",
    "idbb:acr:linked-wallet-static-code",
)
"""GovStack Identity 7.2.3."""

USER_CLAIMS = (
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "preferred_username",
    "nickname",
    "gender",
    "birthdate",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "picture",
    "address",
    "locale",
    "zoneinfo",
)
"""The claims that a client may be given (GovStack Identity, userClaims)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client of a relying party."""

    client_id: str
    name: str
    relying_party: str
    logo: str
    redirect_uris: tuple[str, ...]
    acrs: tuple[str, ...]
    public_key: Mapping[str, Any]
    """A JWK."""
    claims: frozenset[str]
    active: bool = True

    def key(self, use: str) -> RSAKey:
        """Give its public key, for ``sig`` or ``enc``: GovStack publishes one key for both."""
        members = {name: self.public_key[name] for name in ("kty", "n", "e")}
        return RSAKey.import_key({**members, "use": use})


class Clients:
    """All clients, by their identifier, which is case-sensitive."""

    def __init__(self) -> None:
        """Start empty."""
        self._clients: dict[str, Client] = {}
        self.former_redirects: dict[str, set[str]] = {}
        """Redirect URIs that a client once had."""

    def find(self, client_id: str) -> Client | None:
        """Look one up; None if there is none."""
        return self._clients.get(client_id)

    def keep(self, client: Client) -> None:
        """Enter a client, in place of the one that had its identifier."""
        self.former_redirects.setdefault(client.client_id, set()).update(client.redirect_uris)
        self._clients[client.client_id] = client

    def __iter__(self) -> Iterator[Client]:
        """Go through them."""
        return iter(self._clients.values())
