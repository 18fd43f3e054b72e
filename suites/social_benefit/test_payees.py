"""One citizen is one payee, and an application that comes twice is paid once (properties R2 and R7)."""

from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_

from ..payments.batch_rules import completed
from ..payments.batches import PAYEE_KEY, Batch, reports, submit
from ..payments.payer_bank import NAME, Bank
from .citizens import logged_in, programme
from .money import amount, currency, enrolled, expect_account, expect_paid, instruction, ordered, paid
from .registry import answered
from .road import LOGIN, ORDER, Road, leg, road, say


@case("R2/same-payee", clause="OpenID Connect Core 1.0, 2 (sub) and 8; GovStack Payments 6.3, 8.1.2")
async def test_a_citizen_is_one_payee(scene: Scene) -> None:
    """A citizen who logs in twice has one subject, is found under it with the account entered before, and is paid there."""
    way = road(scene)
    with leg(ORDER, "payments"):
        way.payments.declares(PAYEE_KEY)
    party = await programme(way)
    first = await logged_in(way, party=party)
    account = await enrolled(way, first)
    again = await logged_in(way, party=party)
    same = way.identity.expect(
        again.subject == first.subject,
        code="road.subject-stable",
        message=say(
            N_(
                "A citizen who logs in again has another subject: the programme takes them for somebody new, and pays them "
                "a second time or not at all."
            )
        ),
        expected="the sub of the first login",
        actual="the same" if again.subject == first.subject else "another sub",
        seen=again.tokens.reply.exchange,
        place="sub",
        interface=LOGIN,
    )
    if not same:
        return
    await expect_account(way, again, account)
    async with Bank(way.payments) as bank:
        batch = await ordered(way, bank, [instruction(way, again, amount(way, "62.11"))])
        last = await paid(way, bank, batch.draft)
        expect_paid(way, bank, batch, last, account)


@case("R7/applied-twice", clause="GovStack Payments 5.3.4, 8.1.4")
async def test_a_second_application_pays_nothing_twice(scene: Scene) -> None:
    """An application that is handed in again after it was paid moves no money a second time."""
    way = road(scene)
    citizen = await logged_in(way)
    granted = await answered(way, citizen, amount(way, "152.90"), currency(way))
    await enrolled(way, citizen)
    async with Bank(way.payments) as bank:
        first = await ordered(way, bank, [instruction(way, citizen, granted)])
        await paid(way, bank, first.draft)
        with leg(ORDER, "payments"):
            second = await submit(way.payments, first.draft)
        bank.attend(second)
        await _quiet(way, bank, first)
        _expect_once(way, bank, first, second)


async def _quiet(way: Road, bank: Bank, first: Batch) -> None:
    """Give a second payment the time to show itself: at the bank, and in the report after it."""
    if NAME in way.payments.counterparties:
        asked = len(bank.calls("authorize"))
        await bank.asked("authorize", way.payments.quiet_seconds, count=asked + 1)
        if len(bank.calls("authorize")) == asked:
            return
    await first.draft.address.wait_for(lambda _: _made(first) > 1, way.payments.quiet_seconds)


def _made(first: Batch) -> Decimal:
    """Count the payments that are reported as made, over all batches that reports name."""
    most: dict[str, Decimal] = {}
    for report in reports(first.draft):
        most[report.batch] = max(most.get(report.batch, Decimal(0)), completed([report]))
    return sum(most.values(), Decimal(0))


def _expect_once(way: Road, bank: Bank, first: Batch, second: Batch) -> None:
    made = _made(first)
    released = sum(bank.authorised().values(), Decimal(0))
    way.payments.expect(
        made == 1 and released <= first.draft.total,
        code="road.paid-once",
        message=say(
            N_(
                "The same application (same X-CorrelationID, same instruction) was handed in twice, and its money moved "
                "more than once."
            )
        ),
        expected=f"1 payment, {first.draft.total} to be released",
        actual=f"{made} payments, {released} to be released",
        seen=second.answer,
        advice=say(
            N_("Recognise a batch by tenant, X-CorrelationID and content before anything of it is sent on.")
        ),
        interface=ORDER,
    )
