"""A batch's totals add up, and its details are the batch (properties G6 and G7)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .batch_figures import Page, Report
from .batch_rules import COMPLETED, FAILED, settled_batch, shown
from .batches import Batch, drafted, payments, reports, require_served, taken, transactions
from .participants import together
from .payer_bank import Bank, Programme

_PARTS = ("completed", "failed", "ongoing")
_SIZES = (1, 2, 3, 7, 10)
_COUNT = 7
_MOST_PAGES = 2 * _COUNT


@case("G6/totals", clause="GovStack Payments 8.1.4 b (BulkPaymentStatusUpdate)", functions=["g2p"])
async def test_the_totals_of_a_batch_add_up(scene: Scene) -> None:
    """Each status update adds up, to the last decimal, to the batch handed over; in the last one nothing is ongoing."""
    instructions = payments(scene, 6)
    invalid = frozenset({instructions[1].id})
    async with Bank(scene, Programme(invalid=invalid)) as bank:
        batch = await taken(scene, drafted(scene, instructions))
        bank.attend(batch)
        last = await bank.settled(batch.draft)
    updates = reports(batch.draft)
    if not updates:
        text = N_("The product sent no status update of a batch.")
        raise Prerequisite(Message(text=text))
    for update in updates:
        _adds_up(scene, update)
        _is_the_batch(scene, batch, update)
    _never_goes_back(scene, updates)
    scene.expect(
        all(update.final for update in last),
        code="batch.ends-settled",
        message=Message(
            text=N_(
                "The bank has said everything, and the batch is never reported as done: nobody knows whether people were "
                "paid, and somebody will pay them again by hand."
            )
        ),
        expected="ongoing 0",
        actual="; ".join(map(str, last)),
        seen=updates[-1].callback,
        advice=Message(text=N_("Send a last status update when each instruction is completed or failed.")),
    )


def _adds_up(scene: Scene, update: Report) -> None:
    _sum_of_parts(scene, update, update.counts, "TotalTransactions", code="batch.counts-add-up")
    _sum_of_parts(scene, update, update.amounts, "totalAmount", code="batch.amounts-add-up")


def _sum_of_parts(
    scene: Scene, update: Report, figures: Mapping[str, Decimal | None], total: str, *, code: str
) -> None:
    parts = [figures[name] for name in _PARTS]
    wanted = None if None in parts else sum((one for one in parts if one is not None), Decimal(0))
    scene.expect(
        wanted is not None and wanted == figures["total"],
        code=code,
        message=Message(
            text=N_(
                "In a status update {total} is not completed + failed + ongoing: payments appear or vanish, and the "
                "books of the programme cannot be closed."
            ),
            values={"total": total},
        ),
        expected=f"{total} {wanted}",
        actual=update,
        seen=update.callback,
        place=total,
        advice=Message(
            text=N_("Reckon all figures of an update from one reading of the batch, in decimals.")
        ),
    )


def _is_the_batch(scene: Scene, batch: Batch, update: Report) -> None:
    total = batch.draft.total
    scene.expect(
        update.amounts["total"] == total and update.counts["total"] == len(batch.draft.payments),
        code="batch.totals-as-submitted",
        message=Message(
            text=N_(
                "A status update is not about the batch that was handed over: its number of payments or its sum is another "
                "one, if only by a fraction of a cent. Sums of money are decimal; binary fractions do not hold them."
            )
        ),
        expected=f"{len(batch.draft.payments)} transactions, totalAmount {total}",
        actual=update,
        seen=update.callback,
        place="totalAmount",
        advice=Message(
            text=N_("Keep and add amounts as decimals (numeric, BigDecimal), never as float or double.")
        ),
    )


def _never_goes_back(scene: Scene, updates: Sequence[Report]) -> None:
    """Expect that what was completed or failed stays so, in whatever order the updates came."""
    ordered = sorted(updates, key=lambda one: -(one.counts["ongoing"] or Decimal(0)))
    back = [
        later
        for before, later in pairwise(ordered)
        if any((later.counts[name] or 0) < (before.counts[name] or 0) for name in ("completed", "failed"))
    ]
    scene.expect(
        not back,
        code="batch.totals-never-go-back",
        message=Message(
            text=N_(
                "Payments that were reported as completed or failed are something else in another update of the same "
                "batch: whoever acted on the first report acted on nothing."
            )
        ),
        expected="completed and failed never shrink while ongoing shrinks",
        actual=" → ".join(map(str, ordered)),
        seen=back[0].callback if back else None,
        advice=Message(
            text=N_("Let an instruction end once; write updates from the instructions, not from counters.")
        ),
    )


@case("G7/pages", clause="GovStack Payments 8.1 (BatchDetails)", functions=["g2p"])
async def test_pages_partition_a_batch(scene: Scene) -> None:
    """For every size of page, the pages of a batch's details together are the batch: no payment twice, none left out.

    No document says whether the first page is 0 or 1; the vendor declares it as ``batch-details.first-page``.
    """
    first = 1 if scene.declares("batch-details.first-page").strip() == "1" else 0
    batch, last = await settled_batch(scene, payments(scene, _COUNT))
    whole = await shown(scene, batch, last)
    _as_submitted(scene, batch, whole)
    read = await together(*(_pages(scene, batch, first, size) for size in _SIZES))
    for size, pages in zip(_SIZES, read, strict=True):
        _within(scene, pages, size)
        _partition(scene, pages, whole, size)


async def _pages(scene: Scene, batch: Batch, first: int, size: int) -> list[Page]:
    """Read page after page until one is empty, or there are more than there can be."""
    read: list[Page] = []
    while len(read) < _MOST_PAGES:
        page = await transactions(scene, batch, pageNo=first + len(read), pageSize=size)
        if not (read and page.answer.refused):  # a page beyond the last may be refused
            require_served(page)
        if not page.entries:
            break
        read.append(page)
    return read


def _as_submitted(scene: Scene, batch: Batch, whole: Page) -> None:
    wanted = Counter((one.amount, one.currency) for one in batch.draft.payments)
    found = Counter((one.amount, one.currency) for one in whole.entries)
    foreign = [one.batch for one in whole.entries if one.batch != batch.id]
    scene.expect(
        found == wanted and not foreign,
        code="details.as-submitted",
        message=Message(
            text=N_(
                "The details of a batch are not the payments that were handed over: an amount, a currency or the batch "
                "they belong to is another one."
            )
        ),
        expected=f"{len(batch.draft.payments)} of batch {batch.id}: {_sums(wanted.elements())}",
        actual=f"{len(whole.entries)}, {len(foreign)} of other batches: {_sums(found.elements())}",
        seen=whole.answer,
        advice=Message(
            text=N_("Give each instruction of the batch back as it came, amounts digit for digit.")
        ),
    )


def _sums(amounts: Iterable[tuple[Decimal | None, str]]) -> str:
    return ", ".join(sorted(f"{amount} {currency}" for amount, currency in amounts))


def _within(scene: Scene, pages: Sequence[Page], size: int) -> None:
    most = max(pages, key=lambda page: len(page.entries), default=None)
    scene.expect(
        most is None or len(most.entries) <= size,
        code="details.page-size-kept",
        message=Message(
            text=N_(
                "A page of batch details has more entries than pageSize asks for: a caller with little room fails."
            )
        ),
        expected=f"≤ {size}",
        actual=len(most.entries) if most else 0,
        seen=most.answer if most else None,
        place="query.pageSize",
    )


def _partition(scene: Scene, pages: Sequence[Page], whole: Page, size: int) -> None:
    read = [one.key for page in pages for one in page.entries]
    wanted = {one.key for one in whole.entries}
    twice = len(read) - len(set(read))
    scene.expect(
        not twice and set(read) == wanted,
        code="details.pages-partition",
        message=Message(
            text=N_(
                "Pages of {size} do not give a batch's payments each exactly once: a programme that reads them page by "
                "page pays or reports somebody twice, or overlooks them."
            ),
            values={"size": size},
        ),
        expected=f"{len(wanted)} payments, each once",
        actual=f"{len(set(read) & wanted)} of {len(wanted)}; {twice} more than once",
        seen=pages[-1].answer if pages else whole.answer,
        place="query.pageNo",
        advice=Message(
            text=N_(
                "Order by a key that does not change, and let page n begin at n × pageSize, whatever pageSize is."
            )
        ),
    )


@case("G7/filters", clause="GovStack Payments 8.1 (BatchDetails)", functions=["g2p"])
async def test_filtered_details_agree_with_the_totals(scene: Scene) -> None:
    """Details with a status are as many, and as much money, as the totals say; with another correlation there are none.

    Which words a status has is not published; the vendor declares them as ``transaction-status.completed`` and
    ``.failed``.
    """
    words = {"completed": scene.declares(COMPLETED), "failed": scene.declares(FAILED)}
    instructions = payments(scene, 5)
    invalid = frozenset({instructions[1].id, instructions[3].id})
    batch, last = await settled_batch(scene, instructions, Programme(invalid=invalid))
    await shown(scene, batch, last)
    for name, word in words.items():
        page = await transactions(scene, batch, status=word)
        _only(scene, page, word)
        _agrees(scene, page, word, last, name)
    other = await transactions(scene, batch, **{"X-CorrelationID": scene.fresh.identifier(12)})
    scene.expect(
        not other.entries,
        code="details.filter-kept",
        message=Message(text=_FILTERED, values={"filter": "X-CorrelationID"}),
        expected="no payment: the batch was handed over with another identifier",
        actual=f"{len(other.entries)} payments",
        seen=other.answer,
        place="query.X-CorrelationID",
    )


_FILTERED = N_(
    "Batch details that were asked for with {filter} hold others too: whoever repeats what failed repeats what was paid."
)


def _only(scene: Scene, page: Page, word: str) -> None:
    others = [one.status for one in page.entries if one.status != word]
    scene.expect(
        not others,
        code="details.filter-kept",
        message=Message(text=_FILTERED, values={"filter": f"status={word}"}),
        expected=word,
        actual=", ".join(others) or "-",
        seen=page.answer,
        place="query.status",
    )


def _agrees(scene: Scene, page: Page, word: str, last: Sequence[Report], name: str) -> None:
    told = sum((one.counts[name] or Decimal(0) for one in last), Decimal(0))
    amount = sum((one.amounts[name] or Decimal(0) for one in last), Decimal(0))
    if told:
        require_served(page)
    matching = page.having(word)
    found = sum((one.amount or Decimal(0) for one in matching), Decimal(0))
    scene.expect(
        len(matching) == told and found == amount,
        code="details.agree-with-totals",
        message=Message(
            text=N_(
                "A batch's details and its status update tell two stories about the payments that are {status}: one of "
                "them is wrong about people's money."
            ),
            values={"status": word},
        ),
        expected=f"{told} payments, {amount}",
        actual=f"{len(matching)} payments, {found}",
        seen=page.answer,
        advice=Message(text=N_("Take details and totals from the same records.")),
    )
