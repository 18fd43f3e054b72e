"""Money stays what it is: its currency, its decimals, and whose it is (properties G12 and G13)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .batch_figures import Page, Report
from .batch_rules import completed, ended, payable, settled_batch, shown
from .batches import Batch, Payment, drafted, payment, payments, reports, submit, transactions
from .participants import name_of, together
from .payer_bank import Bank, validated

_AMOUNTS = {"JPY": ("100", "250"), "KWD": ("1.234", "0.005")}
"""Amounts in currencies with no and with three decimals; those in the participants' own come beside them."""
_CONVERTED = N_(
    "A payment of one currency appears with another currency or amount: it was converted or rounded on its way, and "
    "people get something else than what they were granted."
)
_KEEP = Message(
    text=N_(
        "Carry currency and amount of each instruction unchanged to the bank, into details and into reports."
    )
)


@case("G12/no-conversion", clause="GovStack Payments 5.1.10, 5.1.12, 5.1.16", functions=["g2p"])
async def test_money_is_never_converted(scene: Scene) -> None:
    """A payment has the same currency and amount before the bank, in the details and in the reports as it was ordered with.

    Currencies with no decimals (JPY), three (KWD) and two are tried; one that the product does not take is left out.
    """
    tried = await together(*(_followed(scene, currency) for currency in _currencies(scene)))
    if not any(tried):
        text = N_("The product made no payment whose currency could be followed.")
        raise Prerequisite(Message(text=text))


def _currencies(scene: Scene) -> list[str]:
    return list(dict.fromkeys((name_of(scene, "currency"), *_AMOUNTS)))


def _of(scene: Scene, currency: str) -> list[Payment]:
    """Give a few payments in a currency."""
    if currency not in _AMOUNTS:
        return payments(scene, 3)
    return [payment(scene, amount, currency) for amount in _AMOUNTS[currency]]


async def _followed(scene: Scene, currency: str) -> bool:
    """Follow a batch of one currency; tells whether the product took it and paid."""
    instructions = _of(scene, currency)
    async with Bank(scene) as bank:
        batch = await submit(scene, drafted(scene, instructions))
        if not batch.id:
            return False
        bank.attend(batch)
        last = await ended(scene, bank, batch.draft)
        calls, released = bank.calls("validate"), bank.authorised()
    if calls:
        _as_validated(scene, instructions, calls)
    if released:
        _as_released(scene, batch, released)
    if not completed(last):
        return bool(released)
    _as_reported(scene, batch, last)
    _as_detailed(scene, batch, await shown(scene, batch, last))
    return True


def _as_validated(scene: Scene, instructions: Sequence[Payment], calls: Sequence[Callback]) -> None:
    """Hold what the bank is told of each instruction against it; amount and currency may be left out there."""
    wanted = {one.id: one for one in instructions}
    told = [(one, wanted[one.id], call) for call in calls for one in validated(call) if one.id in wanted]
    changed = [
        (f"{ordered.amount} {ordered.currency} → {one.amount} {one.currency}", call)
        for one, ordered, call in told
        if one.amount not in {None, ordered.amount} or one.currency not in {"", ordered.currency}
    ]
    scene.expect(
        not changed,
        code="batch.money-unchanged",
        message=Message(text=_CONVERTED),
        expected="as ordered",
        actual="; ".join(text for text, _ in changed) or "-",
        seen=changed[0][1] if changed else calls[-1],
        place="creditInstructions",
        advice=_KEEP,
    )


def _as_released(scene: Scene, batch: Batch, released: Mapping[str, Decimal]) -> None:
    scene.expect(
        released == batch.draft.currencies,
        code="batch.money-unchanged",
        message=Message(text=_CONVERTED),
        expected=_told(batch.draft.currencies),
        actual=_told(released),
        place="amount, currency",
        advice=_KEEP,
    )


def _as_reported(scene: Scene, batch: Batch, last: Sequence[Report]) -> None:
    wanted = batch.draft.currencies
    found = [(one.currency, one.amounts["total"]) for one in last]
    scene.expect(
        all(name in {"", *wanted} for name, _ in found)
        and sum((amount or Decimal(0) for _, amount in found), Decimal(0)) == batch.draft.total,
        code="batch.money-unchanged",
        message=Message(text=_CONVERTED),
        expected=_told(wanted),
        actual="; ".join(map(str, last)),
        seen=last[-1].callback,
        place="totalAmount, currency",
        advice=_KEEP,
    )


def _as_detailed(scene: Scene, batch: Batch, page: Page) -> None:
    wanted = sorted((one.amount, one.currency) for one in batch.draft.payments)
    found = sorted((one.amount or Decimal(0), one.currency) for one in page.entries)
    scene.expect(
        found == wanted,
        code="batch.money-unchanged",
        message=Message(text=_CONVERTED),
        expected=", ".join(f"{amount} {currency}" for amount, currency in wanted),
        actual=", ".join(f"{amount} {currency}" for amount, currency in found) or "-",
        seen=page.answer,
        place="amount, currency",
        advice=_KEEP,
    )


def _told(sums: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in sums.items())


@case("G12/currencies-apart", clause="GovStack Payments 5.1.16, 5.1.10", functions=["g2p"])
async def test_currencies_of_one_batch_are_kept_apart(scene: Scene) -> None:
    """In a batch with several currencies each is asked for and reported by itself, and no sum adds one to another.

    A product need not take such a batch (5.1.10 is of the multicurrency model): one that refuses it, and takes one of a
    single currency, keeps them apart.
    """
    instructions = [one for currency in _currencies(scene) for one in _of(scene, currency)]
    async with Bank(scene) as bank:
        batch = await submit(scene, drafted(scene, instructions))
        scene.expect(
            bool(batch.id) or batch.answer.refused,
            code="batch.currencies-apart",
            message=Message(text=N_("A batch with several currencies was neither taken over nor refused.")),
            expected="202, or a refusal",
            actual=batch.answer,
            seen=batch.answer,
        )
        if not batch.id:
            await payable(scene)
            return
        bank.attend(batch)
        last = await ended(scene, bank, batch.draft)
        released, calls = bank.authorised(), bank.calls("authorize")
    named = [one for one in last if one.currency]
    if named:
        reported = {one.currency: one.amounts["total"] or Decimal(0) for one in named}
        _kept_apart(scene, batch, reported, named[-1].callback, "totalAmount")
    _of_one_currency(scene, batch, [one for one in reports(batch.draft) if not one.currency])
    if calls:
        _kept_apart(scene, batch, released, calls[-1], "amount")


def _of_one_currency(scene: Scene, batch: Batch, unnamed: Sequence[Report]) -> None:
    """Expect the sum of one currency in each status update that names none: the published file has no field for it."""
    sums = {None, *batch.draft.currencies.values()}
    odd = [one for one in unnamed if one.amounts["total"] not in sums]
    if unnamed:
        scene.expect(
            not odd,
            code="batch.currencies-apart",
            message=_MIXED,
            expected=_told(batch.draft.currencies),
            actual="; ".join(map(str, odd)),
            seen=(odd or unnamed)[0].callback,
            place="totalAmount",
            advice=_EACH_APART,
        )


def _kept_apart(scene: Scene, batch: Batch, found: Mapping[str, Decimal], seen: Callback, place: str) -> None:
    wanted = batch.draft.currencies
    scene.expect(
        bool(found) and all(amount == wanted.get(currency) for currency, amount in found.items()),
        code="batch.currencies-apart",
        message=_MIXED,
        expected=_told(wanted),
        actual=_told({currency or "-": amount for currency, amount in found.items()}),
        seen=seen,
        place=place,
        advice=_EACH_APART,
    )


_MIXED = Message(
    text=N_(
        "What is released or reported of one currency is not what was ordered in it, as when amounts of different "
        "currencies are added up: 100 yen and 100 dinars are 200 of nothing."
    )
)
_EACH_APART = Message(
    text=N_("Ask the bank once for each currency, and report once for each, with its code.")
)


_TOO_FINE = {"JPY": "100.5", "KWD": "1.2345", "EUR": "10.005"}


@case("G12/minor-units", clause="GovStack Payments 5.1.10; ISO 4217", functions=["g2p"])
async def test_amounts_finer_than_their_currency_are_not_paid(scene: Scene) -> None:
    """An amount with more decimals than its currency has (JPY none, KWD three, EUR two) is refused or fails."""
    await payable(scene)
    wrong = [payment(scene, amount, currency) for currency, amount in _TOO_FINE.items()]
    tried = await together(*(_tried(scene, one) for one in wrong))
    for one, (answer, last) in zip(wrong, tried, strict=True):
        scene.expect(
            not completed(last),
            code="batch.minor-units",
            message=Message(
                text=N_(
                    "{amount} {currency} was paid, which is no amount of this currency: it was rounded, and the sum of a "
                    "batch no longer is what people get."
                ),
                values={"amount": str(one.amount), "currency": one.currency},
            ),
            expected="refused, or failed",
            actual=_outcome(answer, last),
            seen=last[-1].callback if last else answer,
            place="amount",
            advice=Message(
                text=N_("Know the decimals of each currency (ISO 4217), and refuse what has more.")
            ),
        )


@case("G12/amount-above-zero", clause="GovStack Payments 5.1.10", functions=["g2p"])
async def test_amounts_of_nothing_or_less_are_not_paid(scene: Scene) -> None:
    """An amount of zero or below is refused or fails: a payment does not take money from its payee."""
    await payable(scene)
    amounts = ("0", "-5")
    tried = await together(*(_tried(scene, payment(scene, amount)) for amount in amounts))
    for amount, (answer, last) in zip(amounts, tried, strict=True):
        scene.expect(
            not completed(last),
            code="batch.amount-above-zero",
            message=Message(
                text=N_("A payment of {amount} was made: it lowers the sum that the bank is asked for."),
                values={"amount": amount},
            ),
            expected="refused, or failed",
            actual=_outcome(answer, last),
            seen=last[-1].callback if last else answer,
            place="amount",
            advice=Message(text=N_("Refuse amounts that are not above zero.")),
        )


@case("G12/currency-code", clause="GovStack Payments 5.1.10; ISO 4217", functions=["g2p"])
async def test_what_is_no_currency_is_not_paid(scene: Scene) -> None:
    """A currency that ISO 4217 does not list is refused or fails."""
    await payable(scene)
    codes = ("ZZZ", "EU")
    tried = await together(*(_tried(scene, payment(scene, "10", code)) for code in codes))
    for code, (answer, last) in zip(codes, tried, strict=True):
        scene.expect(
            not completed(last),
            code="batch.currency-known",
            message=Message(
                text=N_(
                    "A payment in {currency} was made, which is no currency: nobody knows what was paid."
                ),
                values={"currency": code},
            ),
            expected="refused, or failed",
            actual=_outcome(answer, last),
            seen=last[-1].callback if last else answer,
            place="currency",
            advice=Message(
                text=N_("Take the codes of ISO 4217 only, and take no other currency in their place.")
            ),
        )


async def _tried(scene: Scene, one: Payment) -> tuple[Answer, list[Report]]:
    """Hand over a payment that must not be made, with a bank that says yes to all; gives what is reported."""
    async with Bank(scene) as bank:
        batch = await submit(scene, drafted(scene, [one]))
        if not batch.id:
            return batch.answer, []
        bank.attend(batch)
        return batch.answer, await bank.settled(batch.draft)


def _outcome(answer: Answer, last: Sequence[Report]) -> str:
    return "; ".join(map(str, last)) or str(answer)


@case("G13/another-tenant", clause="GovStack Payments 8.1 (BatchDetails)", functions=["g2p"])
async def test_another_tenant_does_not_see_a_batch(scene: Scene) -> None:
    """What one tenant handed over another tenant cannot read, by the batch's identifier or by its correlation."""
    batch, last = await settled_batch(scene, payments(scene, 2))
    if not (await shown(scene, batch, last)).entries:
        text = N_("A tenant is shown no details of its own batch, so that another one's view proves nothing.")
        raise Prerequisite(Message(text=text))
    other = name_of(scene, "other-tenant")
    for query in ({}, {"X-CorrelationID": batch.draft.correlation}):
        page = await transactions(scene, batch, tenant=other, **query)
        scene.expect(
            not page.entries and page.answer.status < 500,
            code="tenant.own-batches-only",
            message=Message(
                text=N_(
                    "A batch was shown to another tenant: one ministry reads who is paid what by another, and whoever knows "
                    "or guesses a batchId reads it too."
                )
            ),
            expected="refused, or no payment",
            actual=page.answer,
            seen=page.answer,
            place="header.Platform-TenantId",
            advice=Message(
                text=N_("Look a batch up by its identifier and the caller's tenant, never by one alone.")
            ),
        )
