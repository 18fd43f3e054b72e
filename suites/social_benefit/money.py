"""The programme orders the payment, and the harness sees both ends of it: it is the payer's bank as well."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_

from ..identity.clients import once
from ..payments.accounts import Account, account, look_up, register, said
from ..payments.batch_figures import Report
from ..payments.batch_rules import completed, ended, unpaid
from ..payments.batches import PAYEE_KEY, Batch, Draft, Payment, drafted, payment, taken
from ..payments.participants import name_of
from ..payments.payer_bank import NAME, Bank, validated
from ..payments.voucher_requests import in_currency
from .citizens import Citizen
from .road import BANK, MAPPER, ORDER, REPORT, Road, leg, say

__all__ = [
    "amount",
    "currency",
    "enrolled",
    "expect_account",
    "expect_paid",
    "instruction",
    "ordered",
    "paid",
]

_MOBILE = "01"
"""The modality of the payees (7.1.1): one that a product does not fall back on."""


def currency(road: Road) -> str:
    """Give the currency of the benefit."""
    return name_of(road.payments, "currency")


def amount(road: Road, text: str) -> Decimal:
    """Give an amount that this currency can have, with two decimals where it has any."""
    (value,) = in_currency(road.payments, text)
    return value.quantize(Decimal("0.01")) if value % 1 else value


async def enrolled(road: Road, citizen: Citizen) -> Account:
    """Enter how a citizen is paid, once in a run, unless they are entered already; gives the account."""
    with leg(MAPPER, "payments"):
        return await once(road.payments, f"benefit.payee.{citizen.payee}", lambda: _entered(road, citizen))


async def _entered(road: Road, citizen: Citizen) -> Account:
    scene = road.payments
    known = (await look_up(scene, citizen.payee)).of(citizen.payee)
    if known:
        return known[0]
    wanted = dataclasses.replace(account(scene, _MOBILE), identity=citizen.payee)
    told = await said(scene, await register(scene, [wanted]))
    if told.cases:
        text = N_("The product did not register beneficiaries: {failed}.")
        raise Prerequisite(say(text, failed=str(told.body.get("failedCases"))[:200]))
    return wanted


async def expect_account(road: Road, citizen: Citizen, wanted: Account) -> None:
    """Expect that the mapper shows the citizen's account as it was entered."""
    with leg(MAPPER, "payments"):
        listing = await look_up(road.payments, citizen.payee)
    shown = listing.of(citizen.payee)
    differing = shown[0].differences(wanted) if shown else "payeeIdentity"
    road.payments.expect(
        len(shown) == 1 and not differing,
        code="road.account-kept",
        message=say(
            N_("The citizen who logged in again is not found with the account that was entered: {fields}."),
            fields=differing or f"{len(shown)} entries",
        ),
        expected="one entry, as it was registered",
        actual=f"{len(shown)} entries; differing: {differing or '-'}",
        seen=listing.answer,
        interface=MAPPER,
    )


def instruction(road: Road, citizen: Citizen, value: Decimal) -> Payment:
    """Order a payment to a citizen by name, where the vendor says how a payee is named; else to an account."""
    named = citizen.payee if PAYEE_KEY in road.payments.declared else ""
    return payment(road.payments, value, payee=named)


async def ordered(road: Road, bank: Bank, instructions: Sequence[Payment]) -> Batch:
    """Hand a batch over, and let the bank answer what is asked about it."""
    with leg(ORDER, "payments"):
        batch = await taken(road.payments, drafted(road.payments, instructions))
        bank.attend(batch)
        return batch


async def paid(road: Road, bank: Bank, draft: Draft) -> list[Report]:
    """Wait until a batch is paid that the bank released; gives the last reports. Raises Prerequisite if it is not."""
    with leg(REPORT, "payments"):
        last = await ended(road.payments, bank, draft)
        if completed(last) != len(draft.payments):
            raise unpaid(last)
        return last


def expect_paid(
    road: Road, bank: Bank, batch: Batch, last: Sequence[Report], account: Account | None = None
) -> None:
    """Expect that what was ordered is what the bank was asked for, and what is reported as paid."""
    _expect_reported(road, batch, last)
    if NAME in road.payments.counterparties:
        _expect_released(road, bank, batch)
        if account is not None and PAYEE_KEY in road.payments.declared:
            _expect_asked_about(road, bank, account)


def _expect_reported(road: Road, batch: Batch, last: Sequence[Report]) -> None:
    sums = [[one.amounts[name] for one in last] for name in ("completed", "total")]
    told = [sum((one for one in each if one is not None), Decimal(0)) for each in sums]
    road.payments.expect(
        told == [batch.draft.total] * 2 and not any(None in each for each in sums),
        code="road.amount-reported",
        message=say(
            N_(
                "Another amount is reported as paid than was ordered: the programme's books and the bank's differ."
            )
        ),
        expected=batch.draft.total,
        actual="; ".join(map(str, last)),
        seen=last[-1].callback,
        interface=REPORT,
    )


def _expect_released(road: Road, bank: Bank, batch: Batch) -> None:
    asked = bank.authorised()
    if not asked:
        return
    calls = bank.calls("authorize")
    road.payments.expect(
        sum(asked.values(), Decimal(0)) == batch.draft.total,
        code="road.amount-released",
        message=say(
            N_("The bank is asked for another amount than was ordered: money is missing, or too much leaves.")
        ),
        expected=batch.draft.total,
        actual="; ".join(f"{value} {name}" for name, value in asked.items()),
        seen=calls[-1],
        interface=BANK,
    )


def _expect_asked_about(road: Road, bank: Bank, account: Account) -> None:
    calls = bank.calls("validate")
    asked = [one for call in calls for one in validated(call)]
    if not asked:
        return
    strays = [one for one in asked if one.account != account.address]
    road.payments.expect(
        not strays,
        code="road.account-kept",
        message=say(N_("The bank is asked about another account than the citizen's own.")),
        expected=account.address,
        actual=", ".join(one.account for one in strays) or "-",
        seen=calls[-1],
        interface=BANK,
    )
