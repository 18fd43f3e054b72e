"""However often a batch is handed over, its money moves once (property G8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .batch_figures import Report
from .batch_rules import COMPLETED, completed, ended, payable, unpaid
from .batches import Batch, Draft, drafted, payments, reports, submit, taken, transactions
from .participants import together
from .payer_bank import NAME, Bank

_COUNT = 3
_AT_ONCE = 4
_TWICE = Message(
    text=N_(
        "The same batch (same X-CorrelationID, same body) was handed over {times} times and its money moved more than "
        "once: a caller that repeats a request after a broken connection pays everybody twice."
    )
)
_ONCE = Message(
    text=N_(
        "Keep tenant, X-CorrelationID and a digest of the body with each batch under a unique index, written before "
        "anything is sent; a request that meets it is answered with the batch that is there."
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """What tells how much money moved: by status updates, by details, and by what the bank was asked to release."""

    reported: Decimal
    amount: Decimal
    """The sum of what is reported as paid."""
    detailed: int | None
    """None where the vendor does not say what a completed payment is called."""
    released: Decimal | None
    """None where somebody else plays the bank."""

    def once(self, draft: Draft) -> bool:
        """Tell whether none says that more moved than the batch."""
        count = len(draft.payments)
        return (
            self.reported <= count
            and (self.detailed or 0) <= count
            and (self.released or Decimal(0)) <= draft.total
        )

    def about(self, draft: Draft) -> bool:
        """Tell whether any of them says that the batch was paid as it was handed over, to the last decimal."""
        count = len(draft.payments)
        as_reported = self.reported == count and self.amount == draft.total
        return as_reported or self.detailed == count or self.released == draft.total

    def __str__(self) -> str:
        return (
            f"{self.reported} payments ({self.amount}) reported, {self._said(self.detailed)} in details, "
            f"{self._said(self.released)} to be released"
        )

    @staticmethod
    def _said(figure: object) -> object:
        return "?" if figure is None else figure


@case("G8/same-batch-again", clause="GovStack Payments 5.3.4, 8.1.4", functions=["g2p"])
async def test_a_batch_that_is_handed_over_again_is_paid_once(scene: Scene) -> None:
    """A batch handed over again after it was paid is given the same batchId or refused, and no money moves a second time."""
    async with Bank(scene) as bank:
        draft = drafted(scene, payments(scene, _COUNT))
        first = await taken(scene, draft)
        bank.attend(first)
        await _paid(scene, bank, draft)
        second = await submit(scene, draft)
        bank.attend(second)
        await _quiet(scene, bank, draft)
        moved = await _moved(scene, bank, [first, second])
    _paid_once(scene, draft, moved, second, times=2)
    _recognised(scene, first, second)


@case("G8/two-at-once", clause="GovStack Payments 5.3.4, 8.1.4", functions=["g2p"])
async def test_identical_batches_at_once_are_paid_once(scene: Scene) -> None:
    """Of identical batches that are handed over at the same moment the money moves once."""
    async with Bank(scene) as bank:
        draft = drafted(scene, payments(scene, _COUNT))
        batches = await together(*(submit(scene, draft) for _ in range(_AT_ONCE)))
        served = [batch for batch in batches if batch.id]
        if not served:
            text = N_("The product took none of {count} identical batches over: {answer}.")
            raise Prerequisite(
                Message(text=text, values={"count": _AT_ONCE, "answer": str(batches[0].answer)})
            )
        bank.attend(*served)
        await _paid(scene, bank, draft)
        await _quiet(scene, bank, draft)
        moved = await _moved(scene, bank, served)
    _paid_once(scene, draft, moved, served[-1], times=_AT_ONCE)


async def _paid(scene: Scene, bank: Bank, draft: Draft) -> None:
    """Wait until a batch is paid, for one that fails moves no money at all; raises Prerequisite if it is not."""
    last = await ended(scene, bank, draft)
    if completed(last) < len(draft.payments):
        raise unpaid(last)


async def _quiet(scene: Scene, bank: Bank, draft: Draft) -> None:
    """Give a second payment the time to show itself: by another request to the bank, and the report after it."""
    if NAME in scene.counterparties:
        asked = len(bank.calls())
        await bank.asked("", scene.quiet_seconds, count=asked + 1)
        if len(bank.calls()) == asked:
            return
        await bank.asked("authorize", scene.callback_seconds, count=len(bank.calls("authorize")) + 1)
    await draft.address.wait_for(
        lambda _: sum(_by_batch(draft).values()) > len(draft.payments), scene.quiet_seconds
    )


def _by_batch(draft: Draft, *, amounts: bool = False) -> dict[str, Decimal]:
    """Give the most payments, or money, reported as paid, for each batchId that reports name."""
    most: dict[str, Decimal] = {}
    for report in reports(draft):
        made = (report.amounts if amounts else report.counts)["completed"] or Decimal(0)
        most[report.batch] = max(most.get(report.batch, Decimal(0)), made)
    return most


async def _moved(scene: Scene, bank: Bank, batches: Sequence[Batch]) -> _Moved:
    draft = batches[0].draft
    word = scene.declared.get(COMPLETED)
    ids = {batch.id: batch for batch in batches if batch.id}
    pages = [await transactions(scene, batch) for batch in ids.values()] if word else []
    found = {one.key for page in pages for one in page.having(word or "")}
    asked = bank.calls("authorize")
    return _Moved(
        reported=sum(_by_batch(draft).values(), Decimal(0)),
        amount=sum(_by_batch(draft, amounts=True).values(), Decimal(0)),
        detailed=len(found) if word and all(page.answer.served for page in pages) else None,
        released=sum(bank.authorised().values(), Decimal(0)) if asked else None,
    )


def _paid_once(scene: Scene, draft: Draft, moved: _Moved, last: Batch, *, times: int) -> None:
    if moved.once(draft) and not moved.about(draft):
        text = N_(
            "Neither the bank, nor the details, nor a status update shows the batch of {total} that was handed over "
            "({moved}), so that nothing can be said of how often it was paid."
        )
        raise Prerequisite(Message(text=text, values={"total": str(draft.total), "moved": str(moved)}))
    scene.expect(
        moved.once(draft),
        code="batch.paid-once",
        message=replace(_TWICE, values={"times": times}),
        expected=f"{len(draft.payments)} payments, {draft.total} to be released",
        actual=moved,
        seen=last.answer,
        advice=_ONCE,
    )


def _recognised(scene: Scene, first: Batch, second: Batch) -> None:
    """Expect the same batchId, or a refusal, or a second batch all of which failed (5.3.4: an error is generated)."""
    updates = [one for one in reports(first.draft) if one.batch == second.id]
    failed = second.id != first.id and bool(updates) and _failed(updates[-1])
    scene.expect(
        second.answer.refused or second.id == first.id or failed,
        code="batch.repeat-recognised",
        message=Message(
            text=N_(
                "A batch that was handed over again was given a batchId of its own, as if it were another: the caller waits "
                "for the outcome of a batch that must never be paid."
            )
        ),
        expected=f"batchId {first.id}, or a refusal",
        actual=second.answer,
        seen=second.answer,
        advice=_ONCE,
    )


def _failed(update: Report) -> bool:
    return update.counts["failed"] == update.counts["total"]


@case("G8/payment-twice-in-a-batch", clause="GovStack Payments 5.3.4", functions=["g2p"])
async def test_a_batch_that_holds_a_payment_twice_is_not_processed(scene: Scene) -> None:
    """A batch in which one requestId occurs twice is refused, or all of it fails; it is not paid."""
    await payable(scene)
    one, other = payments(scene, 2)
    async with Bank(scene) as bank:
        batch = await submit(scene, drafted(scene, [one, other, one]))
        bank.attend(batch)
        last = [] if batch.answer.refused else await bank.settled(batch.draft)
        if batch.answer.refused:
            await _quiet(scene, bank, batch.draft)
        asked = bank.calls()
    made = completed(last or reports(batch.draft)[-1:])
    scene.expect(
        made == 0 and (batch.answer.refused or bool(last)) and not (batch.answer.refused and asked),
        code="batch.double-not-processed",
        message=Message(
            text=N_(
                "A batch that holds the same payment twice was processed: a duplicated line in a payment file pays somebody "
                "twice, or is dropped without a word."
            )
        ),
        expected="refused, or each payment failed",
        actual=f"{batch.answer}; {made} payments made; the bank was asked {len(asked)} times",
        seen=batch.answer,
        advice=Message(
            text=N_(
                "Check that each requestId of a batch is unique before any of it is processed, and refuse the batch."
            )
        ),
    )
