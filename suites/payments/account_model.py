"""The account mapper as a stateful model (G1–G3, G15): what was registered or updated last is what a lookup tells."""

from collections.abc import Sequence
from typing import Final

from hypothesis import strategies as st

from dpi_conformance.execution.models import Machine, Taken, step
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_, Message

from .account_reads import until
from .accounts import (
    ADDRESSES,
    Account,
    Listing,
    Order,
    account,
    look_up,
    look_up_all,
    register,
    said,
    update,
)

__all__ = ["AccountLife"]

_BANK: Final = "DEUTDEFF500"
_LATE_SECONDS: Final = 1.5
"""So much later a lookup may show what was written; a failing sequence waits for it again and again."""
_WHO = st.integers(0, 1)
_NAMES: Final = ("person A", "person B")
_HOW = st.sampled_from(("00", "01", "03"))
_FORGOTTEN: Final = N_(
    "A lookup tells another account than the one that was entered last: a benefit is paid to the wrong account."
)
_INVENTED: Final = N_(
    "A lookup tells an account of somebody who was never entered: whose it is nobody knows."
)
_LAST: Final = N_(
    "Let a lookup read what the last registration or update wrote, before its outcome is sent; a second registration of "
    "somebody who is there changes nothing (9.1.1). Carry the steps that are named here out in turn to see it."
)
_STRANGER: Final = N_(
    "Answer a lookup with the accounts of those who were registered only; an update of somebody who was not enters nobody."
)


class AccountLife(Machine):
    """Two people, entered, entered again, changed and looked up in any sequence."""

    def __init__(self, scene: Scene) -> None:
        """Begin with people whom no product knows."""
        super().__init__(scene)
        self.people = [account(self.scene) for _ in range(2)]
        self.entered: dict[str, Account] = {}

    @classmethod
    def told(cls, taken: Taken) -> str:
        """Name the person of a step, and the modality, as a finding does."""
        given = taken.arguments
        who = (_NAMES[given["who"]],) if "who" in given else ()
        how = (f"with modality {given['how']}",) if "how" in given else ()
        return " ".join((taken.name, *who, *how))

    @step(who=_WHO, how=_HOW)
    async def register(self, who: int, how: str) -> None:
        """Enter somebody: whoever is there already stays as they are (9.1.1)."""
        wanted = self._with(who, how)
        if await self._carried_out(await register(self.scene, [wanted])):
            self.entered.setdefault(wanted.identity, wanted)

    @step(who=_WHO, how=_HOW)
    async def update(self, who: int, how: str) -> None:
        """Change how somebody is paid: only for those who were entered."""
        wanted = self._with(who, how)
        if await self._carried_out(await update(self.scene, [wanted])) and wanted.identity in self.entered:
            self.entered[wanted.identity] = wanted

    @step(who=_WHO)
    async def look(self, who: int) -> None:
        """Look somebody up."""
        identity = self.people[who].identity
        listing = await until(
            self.scene,
            lambda: look_up(self.scene, identity),
            lambda now: self._agrees(identity, now.accounts),
            _LATE_SECONDS,
        )
        self._told(identity, listing.accounts, listing.answer)

    @step()
    async def look_at_all(self) -> None:
        """Look both up in one request."""
        identities = [one.identity for one in self.people]
        listing = await until(
            self.scene,
            lambda: look_up_all(self.scene, identities),
            lambda now: (
                self._refused_for_a_stranger(now)
                or all(self._agrees(identity, now.of(identity)) for identity in identities)
            ),
            _LATE_SECONDS,
        )
        if self._refused_for_a_stranger(listing):
            return
        for one in self.people:
            self._told(one.identity, listing.of(one.identity), listing.answer)

    def _with(self, who: int, how: str) -> Account:
        one = self.people[who]
        return Account(identity=one.identity, modality=how, address=ADDRESSES[how], bank=_BANK)

    async def _carried_out(self, order: Order) -> bool:
        """Wait for what became of an order; tell whether it names no failed case.

        Raises Prerequisite where nobody can tell, as after a 5xx: that is no refusal.
        """
        if order.answer.refused:
            return False
        return not (await said(self.scene, order)).cases

    def _refused_for_a_stranger(self, listing: Listing) -> bool:
        """Tell whether a lookup of several was refused of whom one is not registered, as a product may."""
        return listing.answer.refused and any(one.identity not in self.entered for one in self.people)

    def _agrees(self, identity: str, accounts: Sequence[Account]) -> bool:
        """Tell whether a lookup tells what was entered last of somebody, and nothing of who was not."""
        wanted = self.entered.get(identity)
        shown = [(one.modality, one.address) for one in accounts]
        return shown == ([] if wanted is None else [(wanted.modality, wanted.address)])

    def _told(self, identity: str, accounts: Sequence[Account], seen: Answer) -> None:
        """Expect that a lookup tells what was entered last, and nothing of who was not."""
        wanted = self.entered.get(identity)
        shown = [(one.modality, one.address) for one in accounts]
        self.expect(
            self._agrees(identity, accounts),
            code="account.lookup-agrees",
            message=Message(text=_INVENTED if wanted is None else _FORGOTTEN),
            expected=f"{wanted.modality}, {wanted.address}" if wanted else "-",
            actual="; ".join(f"{modality}, {address}" for modality, address in shown) or str(seen),
            seen=seen,
            advice=Message(text=_STRANGER if wanted is None else _LAST),
        )
