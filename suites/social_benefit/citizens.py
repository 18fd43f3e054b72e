"""The citizen logs in, and the programme takes from it who is to be paid."""

import base64
import hashlib
from dataclasses import dataclass

from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Wish

from ..identity.id_tokens import id_token, verified_id_token
from ..identity.jose import Signed, TokenError
from ..identity.relying_party import Party, relying_party
from ..identity.tokens import Tokens, UserInfo, userinfo_of
from .road import LOGIN, Road, leg, say

__all__ = ["Citizen", "logged_in", "payee_of", "programme"]

_PAYEE_LENGTH = 20
"""``payeeIdentity`` has room for so many characters (GovStack Payments 8.1.2)."""
_CORE = "OpenID Connect Core 1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizen:
    """Somebody who has logged in."""

    subject: str
    """What the provider calls them towards the programme (OpenID Connect Core 1.0, 8)."""
    payee: str
    """What the programme calls them towards payments."""
    token: Signed
    tokens: Tokens


async def programme(road: Road) -> Party:
    """Give the programme as the provider knows it: a relying party."""
    with leg(LOGIN, "identity"):
        return await relying_party(road.identity)


async def logged_in(road: Road, person: str = "", party: Party | None = None) -> Citizen:
    """Log a citizen in as a programme must that is going to pay: verify the token, and ask for the claims.

    Raises Prerequisite where the login does not come to an end that a programme may rely on.
    """
    party = party or await programme(road)
    with leg(LOGIN, "identity"):
        tokens = await party.tokens(wish=Wish(person=person))
        token = id_token(tokens)
        await _believe(road, party, tokens)
        subject = str(token.claims.get("sub") or "")
        if not subject:
            raise Prerequisite(say(N_("The ID token names no subject.")))
        await _agree(road, party, tokens, subject)
    return Citizen(
        subject=subject,
        payee=payee_of(str(token.claims.get("iss", "")), subject),
        token=token,
        tokens=tokens,
    )


def payee_of(issuer: str, subject: str) -> str:
    """Make the payee's identity of issuer and subject, which together name one person (OpenID Connect Core 1.0, 5.7).

    A subject may have 255 characters and a payee's identity 20, so it is a digest of 100 bits.
    """
    digest = hashlib.sha256(f"{issuer}\0{subject}".encode()).digest()
    return base64.b32encode(digest).decode()[:_PAYEE_LENGTH]


async def _believe(road: Road, party: Party, tokens: Tokens) -> None:
    """Expect that the ID token is signed by a published key, as whoever pays by it has to be sure of."""
    try:
        await verified_id_token(party, tokens)
        trouble = ""
    except TokenError as error:
        trouble = str(error)
    road.identity.expect(
        not trouble,
        code="road.login-believed",
        message=say(
            N_(
                "The programme cannot verify who logged in: anybody could have written the token ({trouble})."
            ),
            trouble=trouble,
        ),
        expected="an ID token signed by a key that the provider publishes",
        actual=trouble or "-",
        seen=tokens.reply.exchange,
        interface=LOGIN,
    )


async def _agree(road: Road, party: Party, tokens: Tokens, subject: str) -> None:
    """Expect that the claims are about the subject of the login (OpenID Connect Core 1.0, 5.3.2)."""
    if "userinfo_endpoint" not in party.provider.metadata or not tokens.access_token:
        return
    reply = await party.userinfo(tokens.access_token)
    if not reply.served:
        raise Prerequisite(say(N_("A good access token brought no claims: {answer}."), answer=str(reply)))
    keys = [party.client.key] if party.client.key is not None else []
    try:
        told: UserInfo | TokenError = userinfo_of(reply, await party.keys(), keys)
    except TokenError as error:
        told = error
    if isinstance(told, TokenError):
        raise Prerequisite(say(N_("The claims cannot be read: {trouble}."), trouble=str(told)))
    road.identity.expect(
        told.claims.get("sub") == subject,
        code="road.subject-agrees",
        message=say(
            N_(
                "The claims are about somebody else than the login: the programme would pay one person for another's need."
            )
        ),
        expected="the sub of the ID token",
        actual="another sub" if "sub" in told.claims else "no sub",
        seen=reply.exchange,
        place="sub",
        interface=LOGIN,
    )
