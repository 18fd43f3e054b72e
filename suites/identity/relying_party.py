"""The harness as a relying party: it asks for a login, exchanges the code, and asks for claims.

    party = await relying_party(scene)          # the provider by its description, and a client
    tokens = await party.tokens()               # a whole login in its valid form
    asked = party.ask(prompt="none")            # one authorization request
    landing = await party.land(asked)           # where it leads, by the login driver
    reply = await party.exchange(code, asked)   # a token request, valid but for what is changed

What cannot be had in its valid form raises Prerequisite: that says nothing about a property.
"""

import base64
import contextlib
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.landing import Landing, Session, Wish
from dpi_conformance.model.evidence import Headers, Request

from .assertions import ASSERTION_TYPE, Assertion
from .clients import Client, shared_client
from .discovery import Provider, discovered, key_ring
from .jose import KeyRing, encoded
from .replies import Reply, ask, get
from .tokens import Tokens

__all__ = ["Asked", "Party", "challenge", "logged_in", "relying_party", "shown"]

_FORM = ("Content-Type", "application/x-www-form-urlencoded")
_AS_EVERYBODY = Wish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One authorization request (OpenID Connect Core 1.0, 3.1.2.1)."""

    url: str
    parameters: tuple[tuple[str, str], ...]
    verifier: str = field(default="", repr=False)
    """Of PKCE (RFC 7636, 4.1); empty: none was announced."""
    made_at: float
    """Seconds since 1970."""

    def get(self, name: str) -> str:
        """Give the first parameter of this name; empty without one."""
        return next((value for key, value in self.parameters if key == name), "")

    @property
    def redirect_uri(self) -> str:
        """Give where the answer is to go."""
        return self.get("redirect_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A relying party at one provider, on the scene of one case."""

    scene: Scene
    provider: Provider
    client: Client

    def ask(
        self,
        *,
        verifier: str | None = None,
        more: Iterable[tuple[str, str]] = (),
        **parameters: str | None,
    ) -> Asked:
        """Write an authorization request, valid but for ``parameters`` (None leaves one out) and ``more`` at its end.

        PKCE goes along where the provider offers it; ``verifier``: by this one, empty for none.
        """
        proof = self._verifier() if verifier is None else verifier
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.redirect_uri,
            "scope": "openid",
            "state": self.scene.fresh.identifier(24),
            "nonce": self.scene.fresh.identifier(24),
            **({"code_challenge": challenge(proof), "code_challenge_method": "S256"} if proof else {}),
            **parameters,
        }
        pairs = (*((name, value) for name, value in fields.items() if value is not None), *more)
        endpoint = self.provider.endpoint("authorization_endpoint")
        query = urlencode(pairs, quote_via=quote, safe="")
        return Asked(
            url=f"{endpoint}{'&' if '?' in endpoint else '?'}{query}",
            parameters=pairs,
            verifier=proof,
            made_at=time.time(),
        )

    def _verifier(self) -> str:
        offered = "S256" in self.provider.listed("code_challenge_methods_supported")
        return secrets.token_urlsafe(48) if offered or self.client.method == "none" else ""

    async def authorize(self, asked: Asked, *, broken: bool = False) -> Reply:
        """Send an authorization request as a browser does, and follow nothing; ``broken`` as in ``replies.ask``."""
        return await ask(self.scene, get(asked.url, "text/html"), "authorize", broken=broken)

    async def silently(self, **parameters: str | None) -> Reply | None:
        """Send a request that forbids every page, to see an error sent back; None where the provider breaks on such."""
        with contextlib.suppress(Prerequisite):
            return await self.authorize(self.ask(verifier=None, more=(), prompt="none", **parameters))
        return None

    async def land(
        self,
        asked: Asked,
        wish: Wish = _AS_EVERYBODY,
        session: Session | None = None,
        *,
        stray: bool = False,
    ) -> Landing:
        """Take a person from an authorization request to where it ends; ``stray``: also if that is somewhere else."""
        return await self.scene.land(asked.url, asked.redirect_uri, wish, session, stray=stray)

    async def code(
        self, asked: Asked | None = None, wish: Wish = _AS_EVERYBODY, session: Session | None = None
    ) -> tuple[str, Asked]:
        """Give the code of a login, and what was asked for it; raises Prerequisite if there is none."""
        asked = asked or self.ask()
        landing = await self.land(asked, wish, session)
        return self.code_of(landing), asked

    def code_of(self, landing: Landing) -> str:
        """Give the code that a landing brought; raises Prerequisite if there is none."""
        code = landing.get("code")
        if not code:
            text = N_("A login in its valid form brought no code: {landing}.")
            raise Prerequisite(Message(text=text, values={"landing": shown(landing)}))
        return code

    async def tokens(
        self, asked: Asked | None = None, wish: Wish = _AS_EVERYBODY, session: Session | None = None
    ) -> Tokens:
        """Give the tokens of a whole login; raises Prerequisite if it does not come to its end."""
        code, asked = await self.code(asked, wish, session)
        return await self.tokens_for(code, asked)

    async def tokens_for(self, code: str, asked: Asked) -> Tokens:
        """Give the tokens for a code in the valid form; raises Prerequisite if there are none."""
        reply = await self.exchange(code, asked)
        tokens = Tokens.of(reply)
        if tokens is None:
            text = N_("A token request in its valid form was not served: {answer}.")
            raise Prerequisite(Message(text=text, values={"answer": str(reply)}))
        return tokens

    async def exchange(
        self,
        code: str,
        asked: Asked,
        /,
        *,
        assertion: str | None = None,
        **changes: str | None,
    ) -> Reply:
        """Exchange a code, valid but for ``changes`` of the form (None leaves one out) and the ``assertion``."""
        proof, headers = self._proof(assertion)
        fields: Mapping[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier or None,
            **proof,
            **changes,
        }
        body = urlencode([(name, value) for name, value in fields.items() if value is not None])
        request = Request(
            method="POST",
            url=self.provider.endpoint("token_endpoint"),
            headers=(_FORM, ("Accept", "application/json"), *headers),
            body=body.encode(),
        )
        return await ask(self.scene, request, "token")

    async def attacked(self, attack: Callable[[str, Asked], Awaitable[Reply]]) -> Reply:
        """Give what came of a wrong token request with a good code; raises Prerequisite unless the valid form is served.

        The valid form is sent afterwards with the same code and, where the refused try has used that up, with a new
        one.
        """
        code, asked = await self.code()
        reply = await attack(code, asked)
        if Tokens.of(reply) is None and Tokens.of(await self.exchange(code, asked)) is None:
            await self.tokens()
        return reply

    def assertion(self) -> Assertion:
        """Make the client's assertion in its valid form, unsigned yet; raises Prerequisite if it proves itself otherwise."""
        if self.client.method != "private_key_jwt" or self.client.key is None:
            text = N_("The client {client} does not prove itself by private_key_jwt but by {method}.")
            values = {"client": self.client.id, "method": self.client.method}
            raise Prerequisite(Message(text=text, values=values))
        return Assertion.of(
            self.client.id,
            self._audience(),
            self.client.key,
            jti=secrets.token_urlsafe(18),
            algorithm=self.client.algorithm,
        )

    def _audience(self) -> str:
        to_issuer = self.scene.declared.get("assertion.audience") == "issuer"
        return self.provider.issuer if to_issuer else self.provider.endpoint("token_endpoint")

    def _proof(self, assertion: str | None) -> tuple[Mapping[str, str], Headers]:
        """Give what proves the client, as fields of the form and as headers (RFC 6749, 2.3.1; RFC 7523, 2.2)."""
        client = self.client
        match client.method:
            case "private_key_jwt":
                fields = {
                    "client_assertion_type": ASSERTION_TYPE,
                    "client_assertion": assertion if assertion is not None else self.assertion().signed(),
                }
                return {"client_id": client.id, **fields}, ()
            case "client_secret_basic":
                pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}".encode()
                return {}, (("Authorization", f"Basic {base64.b64encode(pair).decode()}"),)
            case "client_secret_post":
                return {"client_id": client.id, "client_secret": client.secret}, ()
            case _:
                return {"client_id": client.id}, ()

    async def userinfo(self, token: str | None, *, scheme: str = "Bearer") -> Reply:
        """Ask for the claims with an access token, or without one."""
        proof: Headers = () if token is None else (("Authorization", f"{scheme} {token}"),)
        accept = ("Accept", "application/jwt, application/json")
        url = self.provider.endpoint("userinfo_endpoint")
        return await ask(self.scene, Request(method="GET", url=url, headers=(accept, *proof)), "userinfo")

    async def keys(self) -> KeyRing:
        """Give the provider's public keys."""
        return await key_ring(self.scene, self.provider)

    def played_by(self, client: Client) -> "Party":
        """Give the same for another client."""
        return replace(self, client=client)


async def relying_party(scene: Scene, client: Client | None = None) -> Party:
    """Give a relying party: with the client of all cases that change nothing of it, or the one given."""
    provider = await discovered(scene)
    return Party(scene=scene, provider=provider, client=client or await shared_client(scene))


async def logged_in(scene: Scene, **parameters: Any) -> tuple[Party, Tokens]:
    """Give the relying party and the tokens of a whole login, asked for with ``parameters`` as in ``Party.ask``."""
    party = await relying_party(scene)
    return party, await party.tokens(party.ask(**parameters))


def challenge(verifier: str) -> str:
    """Give the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return encoded(hashlib.sha256(verifier.encode()).digest())


def shown(landing: Landing) -> str:
    """Say where a login came to, without its code."""
    if landing.get("error"):
        return f"error={landing.get('error')} {landing.get('error_description')}".strip()[:200]
    if landing.left:
        return landing.left[:200]
    page = landing.page
    return f"HTTP {page.status} {page.url}"[:200] if page else landing.url.partition("?")[0][:200]
