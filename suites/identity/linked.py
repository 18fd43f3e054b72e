"""A linked login as a case plays it: browser and wallet, each step by itself, with whatever comes of it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, json_request
from dpi_conformance.i18n import N_

from .client_steps import contract_client
from .clients import Client, stamp
from .linked_steps import Transaction, begun
from .prepared_steps import wallet
from .relying_party import Asked, relying_party
from .replies import error_of
from .sentences import say
from .tokens import Tokens

__all__ = ["Linked", "began", "code_in", "expect_code", "response_of"]

GENERIC = frozenset({"invalid_request", "unknown_error"})
"""Codes that say nothing of what was wrong."""


@dataclass(slots=True, kw_only=True)
class Linked:
    """One login that a browser began and a wallet is to finish."""

    scene: Scene
    client: Client
    transaction: Transaction
    parameters: Mapping[str, str]
    code: str = field(default="", repr=False)
    """The link code."""
    wallet_id: str = ""
    """What the wallet calls the login."""

    async def link_code(self, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a link code, as the page does."""
        return await self._page("link-code", {"transactionId": self.transaction.id}, headers)

    async def status(self, code: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask whether a wallet is there; this may wait as long as the product does."""
        fields = {"transactionId": self.transaction.id, "linkCode": self.code if code is None else code}
        return await self._page("link-status", fields, headers)

    async def auth_code(self, code: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for the code that the browser takes to the client; this may wait as well."""
        fields = {"transactionId": self.transaction.id, "linkedCode": self.code if code is None else code}
        return await self._page("link-auth-code", fields, headers)

    async def take_over(self, code: str | None = None) -> Answer:
        """Take the login over, as a wallet does that read the code."""
        return await self._send("link-transaction", {"linkCode": self.code if code is None else code})

    async def authenticate(
        self,
        challenges: Sequence[Mapping[str, str]] | None = None,
        *,
        individual: str = "",
        time_stamp: str = "",
    ) -> Answer:
        """Prove the person; ``challenges``, ``individual`` and ``time_stamp`` in place of the right ones."""
        (person,) = await wallet(self.scene, 1)
        fields = {
            "linkedTransactionId": self.wallet_id,
            "individualId": individual or person["wallet.individual"],
            "challengeList": [await self.challenge()] if challenges is None else challenges,
        }
        return await self._send("linked-authenticate", fields, time_stamp=time_stamp)

    async def challenge(self, **changes: str) -> Mapping[str, str]:
        """Give the proof of the person that product.yaml names."""
        (person,) = await wallet(self.scene, 1)
        right = {
            "authFactorType": person["wallet.factor"],
            "challenge": person["wallet.challenge"],
            "format": person["wallet.format"],
        }
        return {**right, **changes}

    async def consent(
        self, claims: Sequence[str] = (), scopes: Sequence[str] = (), *, time_stamp: str = ""
    ) -> Answer:
        """Say what the person consents to."""
        fields = {
            "linkedTransactionId": self.wallet_id,
            "permittedAuthorizeScopes": list(scopes),
            "acceptedClaims": list(claims),
        }
        return await self._send("linked-consent", fields, time_stamp=time_stamp)

    async def tokens(self, answer: Answer) -> Tokens | None:
        """Exchange the code that an answer brought; None where it brings no tokens."""
        code = code_in(answer)
        if not code:
            return None
        party = await relying_party(self.scene, self.client)
        uri = str(response_of(answer).get("redirectUri") or self.client.redirect_uri)
        asked = Asked(url="", parameters=(("redirect_uri", uri),), made_at=time.time())
        return Tokens.of(await party.exchange(code, asked))

    async def coded(self) -> Answer:
        """Get a link code; raises Prerequisite if there is none."""
        answer = await self.link_code()
        self.code = _said(answer, "link-code", "linkCode")
        return answer

    async def taken(self) -> Answer:
        """Get a code and take the login over; raises Prerequisite if that is not served."""
        if not self.code:
            await self.coded()
        return self.received(await self.take_over())

    def received(self, answer: Answer) -> Answer:
        """Read what the wallet is to call the login from now on; raises Prerequisite if the answer does not say it."""
        self.wallet_id = _said(answer, "link-transaction", "linkTransactionId", "linkedTransactionId")
        return answer

    async def proven(self) -> Answer:
        """Come to where the person is proven; raises Prerequisite."""
        if not self.wallet_id:
            await self.taken()
        return _need(await self.authenticate(), "linked-authenticate")

    async def agreed(self, claims: Sequence[str] = ()) -> Answer:
        """Come to where the person has consented; raises Prerequisite."""
        await self.proven()
        return _need(await self.consent(claims), "linked-consent")

    async def done(self, claims: Sequence[str] = ()) -> Tokens:
        """Come to the tokens; raises Prerequisite."""
        await self.proven()
        return await self.handed_over(claims)

    async def handed_over(self, claims: Sequence[str] = ()) -> Tokens:
        """Consent once the person is proven, and come to the tokens; raises Prerequisite."""
        _need(await self.consent(claims), "linked-consent")
        answer = _need(await self.auth_code(), "link-auth-code")
        tokens = await self.tokens(answer)
        if tokens is None:
            text = N_("The code of a linked login in its valid form brought no tokens.")
            raise Prerequisite(say(text))
        return tokens

    async def _page(
        self, variant: str, fields: Mapping[str, Any], headers: Mapping[str, str] | None
    ) -> Answer:
        return await self._send(variant, fields, self.transaction.headers if headers is None else headers)

    async def _send(
        self,
        variant: str,
        fields: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
        *,
        time_stamp: str = "",
    ) -> Answer:
        path = f"/linked-authorization/{variant.removeprefix('linked-')}"
        body = {"requestTime": time_stamp or stamp(), "request": fields}
        return await self.scene.send(variant, json_request("POST", path, body, headers))


async def began(scene: Scene, client: Client | None = None, **parameters: str) -> Linked:
    """Begin a login that waits for a wallet; raises Prerequisite if its transaction cannot be found."""
    client = client or await contract_client(scene)
    asked = {
        "state": scene.fresh.identifier(24),
        "nonce": scene.fresh.identifier(24),
        **parameters,
    }
    transaction = await begun(scene, client, **asked)
    return Linked(scene=scene, client=client, transaction=transaction, parameters=asked)


def response_of(answer: Answer) -> Mapping[str, Any]:
    """Give the response within an answer; empty without one."""
    response = answer.get("response")
    return response if isinstance(response, Mapping) else {}


def code_in(answer: Answer) -> str:
    """Give the code that the answer hands over; empty if it does not."""
    code = response_of(answer).get("code")
    return code if answer.served and isinstance(code, str) else ""


def _need(answer: Answer, variant: str) -> Answer:
    if not answer.served:
        text = N_("A preparing request ({variant}) was not served: {answer}.")
        raise Prerequisite(say(text, variant=variant, answer=str(answer)))
    return answer


def _said(answer: Answer, variant: str, *names: str) -> str:
    response = response_of(_need(answer, variant))
    found = next((response[name] for name in names if isinstance(response.get(name), str)), "")
    if not found:
        text = N_("The answer to a preparing request ({variant}) says no {name}.")
        raise Prerequisite(say(text, variant=variant, name=names[0]))
    return str(found)


def expect_code(scene: Scene, answer: Answer, *accepted: str) -> None:
    """Expect that a refusal in an envelope is by a code that fits, or by one that says nothing of what was wrong."""
    if answer.refused and answer.status < 300:
        scene.expect(
            error_of(answer.body) in {*accepted, *GENERIC},
            code="link.error-code",
            message=say(
                N_(
                    "The refusal is by the code of something else: wallet and page tell the person what is not true."
                )
            ),
            expected=" / ".join(accepted),
            actual=error_of(answer.body) or "-",
            seen=answer,
            place="body.errors[0].errorCode",
        )
