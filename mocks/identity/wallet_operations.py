"""Login by a wallet on another device (GovStack Identity, /linked-authorization): what the wallet does."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .codes import issue_code
from .envelopes import Envelopes
from .factors import AUTH_FACTORS, FACTORS, Challenge, matching_acr, proven
from .grants import Grant, Link
from .linked_operations import notify
from .people import Person
from .state import State
from .wallets import Wallets

__all__ = ["WalletOperations"]

_ATTEMPTS = 5
_RACE_SECONDS = 0.05
_WALLET = "idbb:acr:linked-wallet"


class WalletOperations:
    """A wallet takes a login over, authenticates its person, and says what they consent to."""

    def __init__(self, state: State, envelopes: Envelopes, wallets: Wallets, on: FaultSwitches) -> None:
        """Take the memory, the envelope of answers, the check of wallets' signatures, and the faults."""
        self._state = state
        self._envelopes = envelopes
        self._wallets = wallets
        self._on = on

    async def link_transaction(self, call: Call) -> Answer:
        """Take a login over; a link code is good once."""
        self._envelopes.check_time(call)
        link = self._given_out(call.body["request"]["linkCode"])
        if link is None or (link.id and not self._on("link-code-reusable")):
            raise Refused("linkCode was used, or never given out.", code="invalid_link_code")
        if link.expires <= self._state.clock() and not self._on("link-code-never-expires"):
            raise Refused("linkCode has expired.", code="invalid_link_code")
        if link.transaction.over:
            raise Refused("The login is over.", code="invalid_transaction")
        client = self._state.clients.find(link.transaction.wanted.client.client_id)
        if client is None or not client.active:
            raise Refused("The client is not active.", code="invalid_client_id")
        if self._on("link-code-race"):
            await asyncio.sleep(_RACE_SECONDS)
        link.id, link.since = secrets.token_urlsafe(24), self._state.clock()
        self._state.linked[link.id] = link
        notify(link.transaction)
        return self._envelopes.answer(call, self._shown(link))

    def _given_out(self, code: str) -> Link | None:
        """Look a link code up."""
        if self._on("link-code-begin-compared"):
            return next((one for own, one in self._state.links.items() if own[:-1] == code[:-1]), None)
        return self._state.links.get(code)

    def _shown(self, link: Link) -> dict[str, Any]:
        wanted = link.transaction.wanted
        return {
            "linkTransactionId": link.id,
            "clientName": wanted.client.client_id if self._on("linked-client-by-id") else wanted.client.name,
            "logoUrl": wanted.client.logo,
            "authorizeScopes": [scope for scope in wanted.scopes if scope != "openid"],
            "essentialClaims": list(wanted.essential),
            "voluntaryClaims": [] if self._on("linked-claims-not-shown") else list(wanted.voluntary),
            "authFactors": [[AUTH_FACTORS[kind] for kind in FACTORS[acr]] for acr in wanted.acrs],
            "configs": {},
        }

    def authenticate(self, call: Call) -> Answer:
        """Log the person in with what they gave to their wallet."""
        self._envelopes.check_time(call)
        request = call.body["request"]
        link = self._link(request)
        if link.authenticated:
            raise Refused("The person has authenticated already.", code="invalid_transaction")
        person = self._state.people.find(request["individualId"])
        if person is None:
            raise Refused("individualId is nobody's.", code="invalid_identifier")
        acr = self._acr(link, request["challengeList"])
        if not self._right(person, request["challengeList"]):
            link.failures += 1
            link.transaction.over = link.failures >= _ATTEMPTS
            if self._on("auth-failed-yet-authenticated"):
                self._authenticated(link, person, acr)
            raise Refused("A challenge is wrong.", code="auth_failed")
        self._authenticated(link, person, acr)
        return self._envelopes.answer(call, {"linkedTransactionId": link.id})

    def _authenticated(self, link: Link, person: Person, acr: str) -> None:
        transaction = link.transaction
        link.authenticated = True
        transaction.uin, transaction.acr, transaction.since = person.uin, acr, int(self._state.clock())
        if self._on("auth-code-before-consent"):
            link.auth_code = issue_code(self._state, self._grant(link, frozenset()))

    def _acr(self, link: Link, challenges: Sequence[Mapping[str, str]]) -> str:
        """Give the context that the challenges make up, each given once (GovStack Identity 7.2.3)."""
        kinds = [one["authFactorType"] for one in challenges]
        acrs = link.transaction.wanted.acrs
        if self._on("challenge-count-not-checked"):
            return acrs[0]
        acr = matching_acr(acrs, frozenset(kinds)) if len(set(kinds)) == len(kinds) else None
        if acr is None:
            raise Refused(
                "challengeList has not the factors of any way offered.", code="invalid_no_of_challenges"
            )
        return acr

    def _right(self, person: Person, challenges: Sequence[Mapping[str, str]]) -> bool:
        if self._on("wallet-proof-not-checked"):
            return not person.blocked
        given = (
            Challenge(kind=one["authFactorType"], value=one["challenge"], format=one["format"])
            for one in challenges
        )
        return not person.blocked and all(self._proven(person, one) for one in given)

    def _proven(self, person: Person, challenge: Challenge) -> bool:
        if challenge.kind == "WLA":
            return challenge.format == "jwt" and self._wallets.proves(person.uin, challenge.value)
        if self._on("linked-proof-of-anybody"):
            return any(proven(one, challenge, otp_sent=True) for one in self._state.people)
        return proven(person, challenge, otp_sent=True)

    def _link(self, request: Mapping[str, Any]) -> Link:
        link = self._state.linked.get(request["linkedTransactionId"])
        if link is None:
            raise Refused("linkedTransactionId names no login.", code="invalid_transaction_id")
        if link.transaction.over and not self._on("completed-consent-accepted"):
            raise Refused("The login is over.", code="invalid_transaction")
        return link

    def consent(self, call: Call) -> Answer:
        """Take what the person consents to, no more than was offered; the browser gets its code."""
        self._envelopes.check_time(call)
        request = call.body["request"]
        link = self._link(request)
        transaction, wanted = link.transaction, link.transaction.wanted
        if not self._authentic(link) and not self._on("consent-without-authentication"):
            raise Refused("The person has not authenticated.", code="invalid_transaction")
        accepted = frozenset(request.get("acceptedClaims", ()))
        if accepted - set(wanted.offered) and not self._on("consent-claim-not-offered-accepted"):
            raise Refused("acceptedClaims holds what was not offered.", code="invalid_accepted_claim")
        scopes = set(request.get("permittedAuthorizeScopes", ()))
        if scopes - set(wanted.scopes) and not self._on("consent-scope-not-offered-accepted"):
            raise Refused(
                "permittedAuthorizeScopes holds what was not offered.", code="invalid_permitted_scope"
            )
        transaction.over = True
        if self._on("linked-consent-ignored"):
            accepted = frozenset(wanted.offered)
        if not self._on("linked-consent-without-code"):
            code = issue_code(self._state, self._grant(link, accepted))
            link.auth_code = code[::-1] if self._on("linked-code-forgotten") else code
        notify(transaction)
        return self._envelopes.answer(call, {"linkedTransactionId": link.id})

    def _authentic(self, link: Link) -> bool:
        """Tell whether the person has proven who they are, in this very login."""
        if link.authenticated or not self._on("proof-of-another-login"):
            return link.authenticated
        client = link.transaction.wanted.client
        waiting = (one for one in self._state.linked.values() if not one.transaction.over)
        return any(one.authenticated and one.transaction.wanted.client == client for one in waiting)

    def _grant(self, link: Link, claims: frozenset[str]) -> Grant:
        """Give what a wallet's person allows the client."""
        transaction, wanted = link.transaction, link.transaction.wanted
        first = next(iter(self._state.people)).uin
        if self._on("linked-token-without-nonce"):
            wanted = replace(wanted, nonce=None)
        return Grant(
            wanted=wanted,
            uin=first if self._on("linked-person-forgotten") else transaction.uin or first,
            acr=_WALLET if self._on("linked-context-always-wallet") else transaction.acr or wanted.acrs[0],
            since=transaction.since or int(self._state.clock()),
            claims=claims,
        )
