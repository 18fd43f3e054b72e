"""The linked login as a stateful model (E23): two logins beside each other, their steps in any sequence."""

from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from dpi_conformance.execution.models import Machine, step
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_

from .linked import Linked, began, code_in
from .sentences import say

__all__ = ["LinkedLife"]

_WHO = st.integers(0, 1)
_SERVED: Final = N_(
    "A step of a linked login was served out of its order, or because of what happened in another login: somebody is "
    "logged in who has not proven who they are, or has not consented."
)
_REFUSED: Final = N_("A step of a linked login was refused that was due: people cannot log in.")
_KEEP: Final = N_(
    "Keep what a wallet has done with the login that it was done in, and look at nothing else when the next step comes. "
    "Carry the steps that are named here out in turn to see it."
)


@dataclass(slots=True)
class _Known:
    """How far the model says that a login has come."""

    login: Linked
    proven: bool = False
    agreed: bool = False


class LinkedLife(Machine):
    """Two logins of one client, carried on in any order by browsers and wallets.

    Wrong proofs are left out, which may lock a person, and requests for a code that is not due, which may wait long.
    """

    def __init__(self, scene: Scene) -> None:
        """Begin with no login at all."""
        super().__init__(scene)
        self.known: dict[int, _Known] = {}

    @step(who=_WHO)
    async def show_code(self, who: int) -> None:
        """The page asks for a link code: there is one as long as the login is under way."""
        one = await self._of(who)
        if one.login.wallet_id and not one.agreed:
            return  # no document says what becomes of a wallet that is there
        answer = await one.login.link_code()
        self._follows(answer, one, due=not one.agreed)
        if answer.served:
            one.login.code = str(answer.body["response"]["linkCode"])

    @step(who=_WHO)
    async def take_over(self, who: int) -> None:
        """A wallet uses the code: the first one is served."""
        one = await self._of(who)
        if not one.login.code:
            return
        first = not one.login.wallet_id
        answer = await one.login.take_over()
        self._follows(answer, one, due=first)
        if first:
            one.login.received(answer)

    @step(who=_WHO)
    async def prove(self, who: int) -> None:
        """The wallet proves its person, once it is there and as long as the login is under way."""
        one = await self._of(who)
        if not one.login.wallet_id or (one.proven and not one.agreed):
            return
        self._follows(await one.login.authenticate(), one, due=not one.agreed)
        one.proven = True

    @step(who=_WHO)
    async def consent(self, who: int) -> None:
        """The wallet consents: after the proof, and once."""
        one = await self._of(who)
        if not one.login.wallet_id:
            return
        self._follows(await one.login.consent(), one, due=one.proven and not one.agreed)
        one.agreed = one.proven

    @step(who=_WHO)
    async def fetch(self, who: int) -> None:
        """The page asks for the code that is due, and the client gets its tokens; another login begins in its place."""
        one = await self._of(who)
        if not one.agreed:
            return
        answer = await one.login.auth_code()
        self._follows(answer, one, due=True)
        tokens = await one.login.tokens(answer)
        self.expect(
            bool(code_in(answer)) and tokens is not None,
            code="link.agrees",
            message=say(_REFUSED),
            expected="a code that brings tokens",
            actual="no tokens",
            seen=answer,
            advice=say(_KEEP),
        )
        del self.known[who]

    @step(who=_WHO, times=st.integers(1, 4))
    async def go_on(self, who: int, times: int) -> None:
        """Take the steps that are due: drawn one by one they seldom lead to the end."""
        for _ in range(times):
            one = await self._of(who)
            if one.agreed:
                await self.fetch(who)
            elif one.proven:
                await self.consent(who)
            elif one.login.wallet_id:
                await self.prove(who)
            elif one.login.code:
                await self.take_over(who)
            else:
                await self.show_code(who)

    async def _of(self, who: int) -> _Known:
        if who not in self.known:
            self.known[who] = _Known(await began(self.scene))
        return self.known[who]

    def _follows(self, answer: Answer, one: _Known, *, due: bool) -> None:
        """Expect that a step is served where it is due, and refused where it is not."""
        state = "over" if one.agreed else "proven" if one.proven else "under way"
        self.expect(
            answer.served if due else answer.refused,
            code="link.agrees",
            message=say(_REFUSED if due else _SERVED),
            expected=f"{'served' if due else 'refused'}: the login is {state}",
            actual=str(answer),
            seen=answer,
            advice=say(_KEEP),
        )
