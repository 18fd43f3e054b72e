"""What several cases about batches say has to hold, and what they wait for."""

from collections.abc import Sequence
from decimal import Decimal

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .batch_figures import Page, Report
from .batches import (
    Batch,
    Draft,
    Payment,
    drafted,
    payments,
    reports,
    taken,
    transactions,
    until,
    which,
)
from .payer_bank import Bank, Programme

__all__ = [
    "COMPLETED",
    "FAILED",
    "WAIT_FOR_THE_WORD",
    "authorization_asked",
    "completed",
    "ended",
    "expect_paid",
    "expect_unpaid",
    "nothing_paid",
    "paid",
    "payable",
    "payment_seen",
    "settled_batch",
    "shown",
    "tells_of_payment",
    "unpaid",
]

COMPLETED = "transaction-status.completed"
FAILED = "transaction-status.failed"
WAIT_FOR_THE_WORD = Message(
    text=N_(
        "Send nothing on to payees before the bank's Y for this very batch has come; its silence is no Y."
    )
)


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


async def authorization_asked(scene: Scene, bank: Bank) -> Callback:
    """Wait for the one request to release funds; raises Prerequisite if none comes."""
    asked = await bank.asked("authorize")
    if not asked:
        text = N_("The product did not ask the bank within {seconds} s to release a batch's funds.")
        raise Prerequisite(Message(text=text, values={"seconds": scene.callback_seconds}))
    return asked[0]


async def payment_seen(scene: Scene, batch: Batch, seconds: float) -> tuple[Callback | Answer, str] | None:
    """Wait for a report, then look for a detail, that says that anything of a batch was paid; gives what shows it."""
    told = await batch.draft.address.wait_for(tells_of_payment, seconds)
    if told is not None:
        return told, str(Report.read(told))
    word = scene.declared.get(COMPLETED)
    if word is None:
        return None
    page = await transactions(scene, batch)
    made = page.having(word)
    return (page.answer, f"{len(made)} payments {word}") if made else None


async def nothing_paid(scene: Scene, batch: Batch, message: Message, *, code: str) -> bool:
    """Expect that no report, and no detail, says for a while that anything was paid; tell whether none does."""
    seen = await payment_seen(scene, batch, scene.quiet_seconds)
    return scene.expect(
        seen is None,
        code=code,
        message=message,
        expected="completed 0",
        actual="-" if seen is None else seen[1],
        seen=batch.answer if seen is None else seen[0],
        advice=WAIT_FOR_THE_WORD,
    )


def tells_of_payment(callback: Callback) -> bool:
    """Tell whether a status update says that anything was paid."""
    return (Report.read(callback).counts["completed"] or Decimal(0)) > 0
