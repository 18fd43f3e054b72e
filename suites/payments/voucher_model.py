"""The life of vouchers as a stateful model (V12)."""

from dataclasses import dataclass

from hypothesis import strategies as st

from dpi_conformance.execution.models import Machine, Taken, step
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .voucher_requests import AMOUNT, Voucher, money
from .voucher_rules import number_of, until
from .vouchers import Order, activate, cancel, created, outcome, redeem, require_secret

__all__ = ["VoucherLife"]

_WHICH = st.integers(0, 1)
_NAMES = ("voucher A", "voucher B")
_LATE_SECONDS = 1.5
"""So much later a product may write a state down; a failing sequence waits for it again and again."""
_REVIVED = N_("A voucher that was {state} was paid out: money is given twice, or without any order.")
_LOST = N_(
    "A voucher that was active was not paid out in full: its holder stands before the merchant in vain."
)
_STANDING = N_(
    "A voucher does not stand as the steps before make it stand: whoever reads its status is misled."
)
_WORTH = N_("The value of a voucher changes in the course of its life.")


@dataclass(slots=True, kw_only=True)
class _Modelled:
    voucher: Voucher
    state: str = "pre-activated"
    name: str
    """What findings call it, with its serial number."""


class VoucherLife(Machine):
    """Pre-activated, activated, consumed or cancelled: a few vouchers under any sequence of orders (V12)."""

    def __init__(self, scene: Scene) -> None:
        """Begin without a voucher."""
        super().__init__(scene)
        self.kept: list[_Modelled] = []

    @classmethod
    def told(cls, taken: Taken) -> str:
        """Name the voucher of a step, as a finding does."""
        return f"{taken.name} {_NAMES[taken.arguments['which']]}"

    @step(which=_WHICH)
    async def activate(self, which: int) -> None:
        """Make one usable: only one that waits for it becomes so."""
        one = await self._one(which)
        await self._ordered(await activate(self.scene, one.voucher.batch, [one.voucher.serial]))
        if one.state == "pre-activated":
            one.state = "activated"

    @step(which=_WHICH)
    async def cancel(self, which: int) -> None:
        """Cancel one: for good, unless it was paid out before."""
        one = await self._one(which)
        await self._ordered(await cancel(self.scene, one.voucher.batch, [one.voucher.serial]))
        if one.state != "consumed":
            one.state = "cancelled"

    @step(which=_WHICH)
    async def redeem(self, which: int) -> None:
        """Redeem one: paid in full if it is active, else refused."""
        one = await self._one(which)
        answer = await redeem(self.scene, one.voucher)
        if one.state == "activated":
            self._paid(one, answer)
            one.state = "consumed"
        else:
            self._not_paid(one, answer)

    @step(which=_WHICH)
    async def look(self, which: int) -> None:
        """Ask how one stands: reading changes nothing."""
        one = await self._one(which)
        await self._stands(one)
        await self._stands(one)

    async def _one(self, which: int) -> _Modelled:
        """Give one of the vouchers; they are created when the first is asked for."""
        if not self.kept:
            self.kept = [
                _Modelled(voucher=voucher, name=f"{name}, {voucher.serial}")
                for name, voucher in zip(_NAMES, await created(self.scene, 2), strict=True)
            ]
            for one in self.kept:
                require_secret(one.voucher)
        return self.kept[which % len(self.kept)]

    async def _ordered(self, order: Order) -> None:
        """Wait until an order was carried out; one that is refused as a whole was not."""
        if order.answer.served and await outcome(self.scene, order) is None:
            text = N_(
                "The product does not say what became of an order, so that the order of events is not known."
            )
            raise Prerequisite(Message(text=text))

    async def _stands(self, one: _Modelled) -> None:
        """Expect the number of the state, where the vendor says which that is, and the value of the beginning."""
        number = self._number(one.state)
        seen, _ = await until(
            self.scene,
            one.voucher,
            lambda now: number in {None, now.number},
            min(self.scene.quiet_seconds, _LATE_SECONDS),
        )
        self.expect(
            not seen.tells_value or seen.value == AMOUNT,
            code="voucher.value-constant",
            message=Message(text=_WORTH),
            expected=AMOUNT,
            actual=f"{seen.value} ({one.name})",
            seen=seen.answer,
            advice=Message(text=N_("Give the amount that was ordered, whatever state the voucher is in.")),
        )
        self.expect(
            number in {None, seen.number},
            code="voucher.status-as-declared",
            message=Message(text=_STANDING),
            expected=f"{number} ({one.state})",
            actual=f"{seen.number} ({one.name})",
            seen=seen.answer,
            advice=Message(
                text=N_("Change the state when the step is carried out, or mend declares in product.yaml.")
            ),
        )

    def _number(self, state: str) -> int | str | None:
        """Give the number of a state; None where nobody says it."""
        try:
            return number_of(self.scene, state)
        except Prerequisite:
            return None

    def _paid(self, one: _Modelled, answer: Answer) -> None:
        self.expect(
            answer.served and money(answer.get("value")) in {None, AMOUNT},
            code="voucher.whole-amount",
            message=Message(text=_LOST),
            expected=f"2xx, value {AMOUNT}",
            actual=f"{answer} ({one.name})",
            seen=answer,
            advice=Message(
                text=N_(
                    "Pay each active voucher out, and in full; carry the steps that are named here out in turn, and look "
                    "for the one that takes the voucher's state or value away."
                )
            ),
        )

    def _not_paid(self, one: _Modelled, answer: Answer) -> None:
        self.expect(
            not answer.served,
            code="voucher.spent-once",
            message=Message(text=_REVIVED, values={"state": one.state}),
            expected="refused",
            actual=f"{answer} ({one.name})",
            seen=answer,
            advice=Message(
                text=N_(
                    "Read the state from where it is written, in the same step that writes consumed, not from a cache or "
                    "an earlier reading; carry the steps that are named here out in turn to see it."
                )
            ),
        )
