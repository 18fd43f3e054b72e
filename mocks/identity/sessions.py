"""The browser's cookies: who is logged in there, and which of its requests are its own."""

import secrets
from dataclasses import replace

from dpi_conformance.mockkit.calls import Call, Refused

from .grants import Session, Transaction
from .state import State

__all__ = ["SESSION", "XSRF", "Sessions"]

SESSION = "IDBB-SESSION"
XSRF = "XSRF-TOKEN"
_SHORTEST = 20
"""Characters of an XSRF token that a browser may bring along."""


class Sessions:
    """Reads and writes the two cookies, and finds the transaction that a page belongs to."""

    def __init__(self, state: State) -> None:
        """Take the memory."""
        self._state = state

    def current(self, call: Call) -> tuple[str, Session | None]:
        """Give the browser's session and its identifier; empty and None if nobody is logged in."""
        name = call.cookie(SESSION)
        session = self._state.sessions.get(name)
        return (name, session) if session is not None else ("", None)

    def xsrf(self, call: Call) -> tuple[str, tuple[str, ...]]:
        """Give the browser's XSRF token, and the cookie that sets it where the browser has none."""
        token = call.cookie(XSRF)
        if len(token) >= _SHORTEST and token.isascii() and token.isprintable():
            return token, ()
        token = secrets.token_urlsafe(24)
        return token, (f"{XSRF}={token}; Path=/; SameSite=Lax",)

    def open(self, uin: str, acr: str, previous: Session | None) -> tuple[str, str]:
        """Log a person in under a new identifier (OWASP: no fixation); gives it and its cookie."""
        kept = previous.consents if previous is not None and previous.uin == uin else {}
        name = secrets.token_urlsafe(24)
        self._state.sessions[name] = Session(uin=uin, acr=acr, since=int(self._state.clock()), consents=kept)
        return name, f"{SESSION}={name}; Path=/; HttpOnly; SameSite=Lax"

    def remember(self, name: str, client_id: str, decided: dict[str, bool]) -> None:
        """Keep what a person decided on a client's claims, for as long as the session lasts."""
        session = self._state.sessions.get(name)
        if session is not None:
            before = session.consents.get(client_id, {})
            consents = {**session.consents, client_id: {**before, **decided}}
            self._state.sessions[name] = replace(session, consents=consents)

    def transaction(self, call: Call, name: str, given: str | None = None) -> Transaction:
        """Give the transaction of a page that this very browser was shown; raises Refused."""
        transaction = self._state.transactions.get(name)
        if transaction is None or transaction.over:
            raise Refused("There is no login under way here.")
        if call.cookie(XSRF) != transaction.xsrf or (given is not None and given != transaction.xsrf):
            raise Refused("The page was not made for this browser.", status=403)
        return transaction
