"""What several cases about batches say has to hold, and what they wait for."""

from collections.abc import Sequence
from decimal import Decimal

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .batch_figures import Page, Report
from .batches import Batch, Draft, Payment, drafted, payments, reports, taken, until, which
from .payer_bank import Bank, Programme

__all__ = [
    "COMPLETED",
    "FAILED",
    "completed",
    "ended",
    "expect_paid",
    "expect_unpaid",
    "paid",
    "payable",
    "settled_batch",
    "shown",
    "unpaid",
]

COMPLETED = "transaction-status.completed"
FAILED = "transaction-status.failed"


async def ended(scene: Scene, bank: Bank, draft: Draft, seconds: float | None = None) -> list[Report]:
    """Wait for the final status updates of a batch; raises Prerequisite if they do not come."""
    last = await bank.settled(draft, seconds)
    for report in reports(draft):
        scene.met(report.callback)
    if not last or not all(report.final for report in last):
        text = N_("The product did not report within {seconds} s that a batch is settled.")
        values = {"seconds": scene.callback_seconds if seconds is None else seconds}
        raise Prerequisite(Message(text=text, values=values))
    return last


async def settled_batch(
    scene: Scene, instructions: Sequence[Payment], programme: Programme | None = None
) -> tuple[Batch, list[Report]]:
    """Hand a batch over, play its bank until it is settled, and give its final status updates by currency."""
    async with Bank(scene, programme) as bank:
        batch = await taken(scene, drafted(scene, instructions))
        bank.attend(batch)
        return batch, await ended(scene, bank, batch.draft)


async def payable(scene: Scene, currency: str = "") -> None:
    """See a valid payment paid: without it no payment that is not made proves anything. Raises Prerequisite."""
    _, last = await settled_batch(scene, payments(scene, 1, currency))
    if completed(last) != 1:
        raise unpaid(last)


def unpaid(last: Sequence[Report]) -> Prerequisite:
    """Say that a valid payment was not made, and what may help."""
    text = N_(
        "A valid payment was not made ({report}), so that nothing can be said of others. If the product pays to accounts "
        "that exist only, name some as {fixtures} under fixtures in product.yaml."
    )
    values = {"report": "; ".join(map(str, last)), "fixtures": "payee.account, payer.account"}
    return Prerequisite(Message(text=text, values=values))


def completed(last: Sequence[Report]) -> Decimal:
    """Count the payments that were made."""
    return sum((report.counts["completed"] or Decimal(0) for report in last), Decimal(0))


def paid(draft: Draft, last: Sequence[Report]) -> list[Payment]:
    """Tell from a batch's sums which of its payments were made; raises Prerequisite where they do not tell."""
    sums = [report.amounts["completed"] for report in last]
    amount = sum((one for one in sums if one is not None), Decimal(0))
    found = which(draft.payments, amount)
    if found is None or None in sums:
        text = N_("The sum of what was paid ({amount}) does not tell which payments of the batch were made.")
        raise Prerequisite(Message(text=text, values={"amount": str(amount)}))
    return found


def expect_unpaid(
    scene: Scene, draft: Draft, one: Payment, last: Sequence[Report], message: Message, *, code: str
) -> bool:
    """Expect that a payment of a settled batch was not made."""
    return scene.expect(
        one not in paid(draft, last),
        code=code,
        message=message,
        expected=f"{one.amount} {one.currency}: failed",
        actual="; ".join(map(str, last)),
        seen=last[-1].callback,
        advice=Message(
            text=N_("Fail the instruction, with its reason, before the bank is asked for its money.")
        ),
    )


def expect_paid(
    scene: Scene, draft: Draft, good: Sequence[Payment], last: Sequence[Report], message: Message
) -> bool:
    """Expect that the good payments of a settled batch were made."""
    missing = [one for one in good if one not in paid(draft, last)]
    return scene.expect(
        not missing,
        code="batch.rest-paid",
        message=message,
        expected=f"{len(good)} payments made",
        actual=f"{len(good) - len(missing)} made; {'; '.join(map(str, last))}",
        seen=last[-1].callback,
        advice=Message(
            text=N_("Carry each instruction through by itself; one that fails fails alone (9.1.2).")
        ),
    )


async def shown(scene: Scene, batch: Batch, last: Sequence[Report]) -> Page:
    """Read a settled batch's details, when they are all there."""
    names = scene.declared
    made = completed(last)

    def enough(page: Page) -> bool:
        status = names.get(COMPLETED)
        return len(page.entries) >= len(batch.draft.payments) and (
            status is None or len(page.having(status)) >= made
        )

    return await until(scene, batch, enough)
