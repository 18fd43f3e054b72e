"""Login by a wallet on another device (GovStack Identity, /linked-authorization): what the browser's page asks for."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .codes import issue_code
from .envelopes import Envelopes
from .grants import Link, Transaction, life
from .sessions import XSRF
from .state import State, stamp

__all__ = ["POLL_SECONDS", "LinkedOperations", "notify"]

POLL_SECONDS = 2.0
"""How long a long poll waits before it says response_timeout."""
_LINK_SECONDS = 120.0
_READABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without the characters that a person confuses."""


def notify(transaction: Transaction) -> None:
    """Wake whoever waits for a change of a transaction."""
    changed, transaction.changed = transaction.changed, asyncio.Event()
    changed.set()


class LinkedOperations:
    """Makes link codes, and waits for what a wallet does with them."""

    def __init__(self, state: State, envelopes: Envelopes, on: FaultSwitches) -> None:
        """Take the memory, the envelope of answers, and the faults."""
        self._state = state
        self._envelopes = envelopes
        self._on = on

    def link_code(self, call: Call) -> Answer:
        """Make a code by which a wallet takes the login over."""
        self._envelopes.check_time(call)
        transaction = self._transaction(call)
        if transaction.over and not self._on("completed-transaction-linked"):
            raise Refused("The login is over.", code="invalid_transaction")
        now = self._state.clock()
        seconds = life(transaction.wanted.client.client_id, _LINK_SECONDS)
        code = "".join(secrets.choice(_READABLE) for _ in range(10))
        self._state.links[code] = Link(code=code, transaction=transaction, expires=now + seconds)
        shown = now - 60 if self._on("link-expiry-past") else now + seconds
        return self._envelopes.answer(
            call, {"transactionId": transaction.id, "linkCode": code, "expireDateTime": stamp(shown)}
        )

    async def link_status(self, call: Call) -> Answer:
        """Wait until a wallet is there."""
        self._envelopes.check_time(call)
        link = self._link(call, "linkCode")
        if not link.id and self._expired(link):
            raise Refused("The link code has expired.", code="invalid_link_code")
        if self._on("link-status-never"):
            raise Refused("Nothing has happened yet.", code="response_timeout")
        if not self._on("link-status-at-once"):
            await self._wait(link.transaction, lambda: bool(link.id))
        response = {
            "transactionId": link.transaction.id,
            "linkStatus": "LINKED",
            "linkedDateTime": str(int(link.since * 1000)),
        }
        return self._envelopes.answer(call, response)

    async def link_auth_code(self, call: Call) -> Answer:
        """Wait until the person has consented at the wallet, and hand the code over, once."""
        self._envelopes.check_time(call)
        link = self._link(call, "linkedCode")
        if not link.id:
            raise Refused("No wallet has taken this code.", code="invalid_link_code")
        if link.fetched and not self._on("auth-code-handed-out-again"):
            raise Refused("The login is over.", code="invalid_transaction")
        await self._wait(link.transaction, lambda: bool(link.auth_code))
        if link.fetched:
            link.auth_code = issue_code(self._state, self._state.codes[link.auth_code].grant)
        link.fetched = True
        wanted = link.transaction.wanted
        uri = wanted.redirect_uri
        if self._on("link-redirect-cut"):
            uri = urlsplit(uri)._replace(path="/", query="").geturl()
        response = {"code": link.auth_code, "redirectUri": uri}
        if wanted.state is not None and not self._on("link-state-dropped"):
            response["state"] = wanted.state
        if wanted.nonce is not None and not self._on("link-nonce-dropped"):
            response["nonce"] = wanted.nonce
        return self._envelopes.answer(call, response)

    def _transaction(self, call: Call) -> Transaction:
        """Give the browser's transaction."""
        transaction = self._state.transactions.get(call.body["request"]["transactionId"])
        if transaction is None:
            raise Refused("transactionId names no login.", code="invalid_transaction_id")
        if transaction.xsrf != call.cookie(XSRF) and not self._on("transaction-of-another-browser"):
            loose = self._on("xsrf-not-checked") or self._on("xsrf-cookie-not-compared")
            if not loose:
                raise Refused("transactionId is another browser's.", code="invalid_transaction_id")
        return transaction

    def _link(self, call: Call, field: str) -> Link:
        """Give the link that a code and the transaction belong to, both."""
        transaction = self._transaction(call)
        link = self._state.links.get(call.body["request"][field])
        if link is None or (link.transaction is not transaction and not self._on("link-codes-crossed")):
            raise Refused(f"{field} is not one of this login.", code="invalid_link_code")
        return link

    def _expired(self, link: Link) -> bool:
        return link.expires <= self._state.clock() and not self._on("link-code-never-expires")

    async def _wait(self, transaction: Transaction, ready: Callable[[], bool]) -> None:
        """Wait until something has happened; raises Refused (response_timeout)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                while not ready():
                    await transaction.changed.wait()
        if not ready():
            raise Refused("Nothing has happened yet.", code="response_timeout")
