"""What the product keeps of a login on its way: the request, the browser's session, the code, the access."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from .clients import Client

__all__ = [
    "SHORT_LIFE",
    "SHORT_LIVED",
    "Access",
    "Code",
    "Grant",
    "Link",
    "Session",
    "Transaction",
    "Wanted",
    "life",
]

SHORT_LIVED = "short-lived-"
"""Clients whose identifiers begin so get codes, tokens and link codes that live ``SHORT_LIFE``."""
SHORT_LIFE = 2.0
"""Seconds."""


def life(client_id: str, seconds: float) -> float:
    """Give how long something lives that is made for a client: ``seconds``, or less."""
    return min(seconds, SHORT_LIFE) if client_id.startswith(SHORT_LIVED) else seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A valid authentication request (OpenID Connect Core 3.1.2.1)."""

    client: Client
    redirect_uri: str
    state: str | None
    nonce: str | None
    scopes: tuple[str, ...]
    prompts: frozenset[str] = frozenset()
    max_age: float | None = None
    ui_locales: tuple[str, ...] = ()
    claims_locales: tuple[str, ...] = ()
    acrs: tuple[str, ...] = ()
    """The authentication contexts that will do, best first."""
    essential: tuple[str, ...] = ()
    voluntary: tuple[str, ...] = ()
    subject: str = ""
    """The only subject that will do; empty: anybody."""
    challenge: str = ""
    """RFC 7636, 4.2; empty: none."""
    method: str = ""
    display: str = "page"

    @property
    def offered(self) -> tuple[str, ...]:
        """Give the claims that the person is asked about."""
        return (*self.essential, *self.voluntary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is logged in at a browser."""

    uin: str
    acr: str
    since: int
    """Seconds since the epoch."""
    consents: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    """By client: each claim that the person decided on."""


@dataclass(kw_only=True)
class Transaction:
    """One authentication request on its way through the pages, or through the wallet."""

    wanted: Wanted
    xsrf: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    session_id: str = ""
    """The session that the person logged in to; empty: not yet."""
    uin: str = ""
    acr: str = ""
    since: int = 0
    failures: int = 0
    otp_for: str = ""
    """The number for which a one-time code was sent that has not been used; empty: none."""
    otp_acr: str = ""
    """The way to log in that the code was sent for."""
    over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person allowed a client."""

    wanted: Wanted
    uin: str
    acr: str
    since: int
    claims: frozenset[str]

    @property
    def client_id(self) -> str:
        """Give the client it was given to."""
        return self.wanted.client.client_id


@dataclass(kw_only=True)
class Code:
    """An authorization code (RFC 6749, 4.1.2)."""

    grant: Grant
    expires: float
    used: bool = False
    access: list[str] = field(default_factory=list)
    """The access tokens that it was exchanged for."""


@dataclass(kw_only=True)
class Access:
    """What an access token gives access to."""

    grant: Grant
    expires: float
    revoked: bool = False


@dataclass(kw_only=True)
class Link:
    """A wallet's part in a transaction that a browser began (GovStack Identity, /linked-authorization)."""

    code: str
    transaction: Transaction
    expires: float
    id: str = ""
    """What the wallet calls it; empty: no wallet is there yet."""
    since: float = 0.0
    """When the wallet took it over."""
    authenticated: bool = False
    failures: int = 0
    auth_code: str = ""
    """What the browser takes to the client; empty: the person has not consented."""
    fetched: bool = False
