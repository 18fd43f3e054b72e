"""Claims about a person as a client gets them: what was asked for, what was consented to, and what came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Landing, Session, Wish

from .clients import CLAIMS, once, shared_client
from .jose import TokenError
from .relying_party import Asked, Party, relying_party
from .replies import Reply
from .sentences import say
from .tokens import Tokens, userinfo_of

__all__ = ["Told", "ask_for", "everything", "seen_by", "told", "told_for"]

_STANDARD = frozenset({*CLAIMS, "profile", "website"})
"""OpenID Connect Core 1.0, 5.1; other members may be the protocol's own."""
_SCOPES = ("profile", "email", "phone", "address")
_AS_EVERYBODY = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a UserInfo answer says, and the login that it rests on."""

    claims: Mapping[str, Any]
    reply: Reply
    tokens: Tokens
    landing: Landing | None = None

    @property
    def names(self) -> frozenset[str]:
        """Name the standard claims that came with a value, without their languages."""
        there = (name.partition("#")[0] for name, value in self.claims.items() if value is not None)
        return frozenset(there) & _STANDARD

    def beyond(self, allowed: Iterable[str]) -> str:
        """List what came beside these; empty if nothing did."""
        return ", ".join(sorted(self.names - set(allowed)))


def ask_for(party: Party, *voluntary: str, essential: Iterable[str] = (), **parameters: str | None) -> Asked:
    """Write a request for these claims of UserInfo (OpenID Connect Core 1.0, 5.5)."""
    wishes: dict[str, Any] = {name: {"essential": True} for name in essential}
    wishes |= dict.fromkeys(voluntary)
    written = orjson.dumps({"userinfo": wishes}).decode()
    return party.ask(more=(), verifier=None, claims=written, **parameters)


async def told(
    party: Party, asked: Asked, wish: Wish = _AS_EVERYBODY, session: Session | None = None
) -> Told:
    """Log a person in and read the claims that come of it; raises Prerequisite if there are none to read."""
    landing = await party.land(asked, wish, session)
    tokens = await party.tokens_for(party.code_of(landing), asked)
    return await told_for(party, tokens, landing)


async def told_for(party: Party, tokens: Tokens, landing: Landing | None = None) -> Told:
    """Read the claims for tokens that are there; raises Prerequisite if they cannot be read."""
    reply = await party.userinfo(tokens.access_token)
    if not reply.served:
        raise Prerequisite(say(N_("A good access token brought no claims: {answer}."), answer=str(reply)))
    keys = [party.client.key] if party.client.key is not None else []
    try:
        info = userinfo_of(reply, await party.keys(), keys)
    except TokenError as error:
        text = N_("The claims cannot be read: {error}.")
        raise Prerequisite(say(text, error=str(error))) from error
    return Told(claims=info.claims, reply=reply, tokens=tokens, landing=landing)


async def everything(scene: Scene) -> Told:
    """Give all that the first person lets be known, of one login that the cases of a run share and rest on."""
    shared = await once(scene, "identity.everything", lambda: _everything(scene))
    if all(one.id != shared.reply.exchange.id for one in scene.seen):
        scene.seen.append(shared.reply.exchange)
    return shared


async def _everything(scene: Scene) -> Told:
    party = await relying_party(scene, await shared_client(scene))
    allowed = party.client.scopes
    if allowed is None:
        return await told(party, ask_for(party, *CLAIMS))
    scope = " ".join(["openid", *(one for one in _SCOPES if one in allowed)])
    return await told(party, party.ask(scope=scope))


def seen_by(landing: Landing) -> bool:
    """Tell whether the login driver sees which pages were shown."""
    return bool(landing.exchanges)
