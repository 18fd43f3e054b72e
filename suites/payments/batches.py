"""What can be done with batches of payments through the published API, as a case does it.

Each operation gives the answer, whatever it is; only an unreachable or throttling product raises (Prerequisite).
Money is reckoned in Decimal from the first character to the last.
"""

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Request
from dpi_conformance.wire.listener import CallbackAddress

from .batch_figures import Page, Report, Transaction
from .participants import name_of
from .voucher_requests import in_currency

__all__ = [
    "ACCOUNT_KEY",
    "BANK_KEY",
    "PAYEE_KEY",
    "Batch",
    "Draft",
    "Payment",
    "details",
    "drafted",
    "not_taken",
    "payment",
    "payments",
    "reports",
    "require_served",
    "submission",
    "submit",
    "taken",
    "transactions",
    "until",
    "which",
]

ACCOUNT_KEY: Final = "accountNumber"
"""What an account is called in creditParty and debitParty where nobody says otherwise."""
PAYEE_KEY: Final = "credit-party.payee"
BANK_KEY: Final = "credit-party.bank"
_ACCOUNT_LENGTH = 20
"""The bank's messages have room for so many characters of an account (payments-e046)."""
_AMOUNTS = ("0.1", "0.2", "637.72", "517.45", "24.64", "131071.03", "152.97", "62.11", "471.53", "30.43")
"""No sum of some of them is that of others, and their sums come out wrong in floating point, single or double."""
_PAUSE = 0.05
"""Seconds before something is read again; each time twice as long."""
_READ = 10
"""Payments that are read at once: pageSize as the published file shows it; how large one may be no document says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One instruction of a batch."""

    id: str
    amount: Decimal
    currency: str
    payee: Mapping[str, str]
    """The credit party: values by key."""

    @property
    def account(self) -> str:
        """Give the first value of the credit party: the account, or who is paid."""
        return next(iter(self.payee.values()), "")

    def entry(self, payer: str, key: str) -> dict[str, Any]:
        """Give it as the request has it."""
        return {
            "requestId": self.id,
            "creditParty": [{"key": name, "value": value} for name, value in self.payee.items()],
            "debitParty": [{"key": key, "value": payer}],
            "paymentMode": "CLOSEDLOOP",
            "amount": orjson.Fragment(format(self.amount, "f")),
            "currency": self.currency,
            "descriptionText": "Allowance for November",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A batch as it will be handed over, once or several times."""

    payments: Sequence[Payment]
    correlation: str
    payer: str
    tenant: str
    address: CallbackAddress
    request: Request

    @property
    def total(self) -> Decimal:
        """Give the sum of its payments; they have one currency wherever this is asked."""
        return sum((one.amount for one in self.payments), Decimal(0))

    @property
    def currencies(self) -> dict[str, Decimal]:
        """Give the sums by currency."""
        sums: dict[str, Decimal] = {}
        for one in self.payments:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
        return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch that was handed over, and what was answered."""

    draft: Draft
    answer: Answer
    id: str
    """The product's identifier of it; empty where it was refused."""


def payment(
    stage: Stage, amount: str | Decimal, currency: str = "", *, payee: str = "", bank: str = ""
) -> Payment:
    """Give an instruction that pays to an account, or to a registered ``payee``; ``bank`` where it names one."""
    account_key = stage.declared.get("credit-party.account", ACCOUNT_KEY)
    party = {stage.declared[PAYEE_KEY]: payee} if payee else {account_key: _account(stage)}
    return Payment(
        id=stage.fresh.identifier(16),
        amount=Decimal(amount),
        currency=currency or name_of(stage, "currency"),
        payee={**party, **({stage.declared[BANK_KEY]: bank} if bank else {})},
    )


def payments(stage: Stage, count: int, currency: str = "") -> list[Payment]:
    """Give instructions of different amounts, any of whose sums tells which they are."""
    chosen = _AMOUNTS[:count]
    amounts = [Decimal(one) for one in chosen] if currency else in_currency(stage, *chosen)
    return [payment(stage, amount, currency) for amount in amounts]


def _account(stage: Stage) -> str:
    """Give a payee's account: one that the vendor prepared, else one that nobody has."""
    prepared = stage.fixtures.get("payee.account", "").split()
    return prepared[0] if prepared else stage.fresh.identifier(_ACCOUNT_LENGTH)


def drafted(scene: Scene, instructions: Sequence[Payment], *, programme: str = "", tenant: str = "") -> Draft:
    """Make a batch, with a callback address and a correlation identifier of its own; nothing is sent."""
    address, correlation = scene.address("batch-status"), scene.fresh.identifier(12)
    payer = scene.fixtures.get("payer.account", "") or scene.fresh.identifier(_ACCOUNT_LENGTH)
    request = submission(
        scene,
        instructions,
        correlation=correlation,
        address=address.url,
        payer=payer,
        programme=programme,
        tenant=tenant,
    )
    return Draft(
        payments=instructions,
        correlation=correlation,
        payer=payer,
        tenant=tenant or name_of(scene, "tenant"),
        address=address,
        request=request,
    )


def submission(  # noqa: PLR0913 -- a request, by keyword
    stage: Stage,
    instructions: Sequence[Payment],
    *,
    correlation: str,
    address: str,
    payer: str,
    programme: str = "",
    tenant: str = "",
) -> Request:
    """Make the request that hands a batch over."""
    headers = {
        "X-CorrelationID": correlation,
        "Platform-TenantId": tenant or name_of(stage, "tenant"),
        "X-Program-Id": programme or name_of(stage, "programme"),
        "X-Registering-Institution-Id": name_of(stage, "institution"),
        "X-Callback-URL": address,
    }
    key = stage.declared.get("credit-party.account", ACCOUNT_KEY)
    entries = [one.entry(payer, key) for one in instructions]
    return json_request("POST", "/batchtransactions?type=raw", entries, headers)


async def submit(scene: Scene, draft: Draft) -> Batch:
    """Hand a batch over; several times where it is called so."""
    answer = await scene.send("batch-submit", draft.request)
    said = scene.answers.spellings.value(answer.body, "batchId") if answer.served else None
    return Batch(draft=draft, answer=answer, id=str(said or ""))


async def taken(scene: Scene, draft: Draft) -> Batch:
    """Hand a batch over that has to be taken; raises Prerequisite if it is not."""
    batch = await submit(scene, draft)
    if not batch.id:
        raise not_taken(batch)
    return batch


def not_taken(batch: Batch) -> Prerequisite:
    """Say that a valid batch was not taken over."""
    text = N_("The product did not take a valid batch over: {answer}.")
    return Prerequisite(Message(text=text, values={"answer": str(batch.answer)}))


def reports(draft: Draft) -> list[Report]:
    """Give what came of status updates so far, in order."""
    return [Report.read(callback) for callback in draft.address.callbacks]


def details(batch: str, tenant: str, **query: object) -> Request:
    """Make the request that reads a batch's details."""
    given = {"batchId": batch, **{name: str(value) for name, value in query.items() if value != ""}}
    headers = {"Platform-TenantId": tenant}
    return json_request("GET", f"/api/v1/batch/detail?{urlencode(given)}", None, headers)


async def transactions(scene: Scene, batch: Batch, *, tenant: str = "", **query: object) -> Page:
    """Read those details of a batch that a query asks for, on as many pages as that takes, unless it names one."""
    by, first = tenant or batch.draft.tenant, scene.declared.get("batch-details.first-page")
    if "pageNo" in query or first is None:
        return await _page(scene, details(batch.id, by, **query))
    entries, number = list[Transaction](), 1 if first.strip() == "1" else 0
    for _ in range(len(batch.draft.payments) // _READ + 1):
        page = await _page(scene, details(batch.id, by, pageNo=number, pageSize=_READ, **query))
        entries += page.entries
        if len(page.entries) < _READ:
            break
        number += 1
    return Page(answer=page.answer, entries=entries)


async def _page(scene: Scene, request: Request) -> Page:
    return Page.read(await scene.send("batch-details", request))


async def until(scene: Scene, batch: Batch, enough: Callable[[Page], bool]) -> Page:
    """Read a batch's details until there is ``enough`` to see, or for as long as a callback may take.

    Raises Prerequisite where they are not served: what is not shown is not therefore empty.
    """
    pause, waited, began = _PAUSE, 0.0, perf_counter()
    while not enough(page := await transactions(scene, batch)):
        if waited >= scene.callback_seconds:
            scene.timed(began)
            break
        await asyncio.sleep(pause)
        pause, waited = pause * 2, waited + pause
    require_served(page)
    return page


def require_served(page: Page) -> None:
    """Raise Prerequisite where details of a batch were not served, with the answer."""
    if not page.answer.served:
        text = N_("The product did not show the details of a batch: {answer}.")
        raise Prerequisite(Message(text=text, values={"answer": str(page.answer)}))


def which(instructions: Sequence[Payment], amount: Decimal | None) -> list[Payment] | None:
    """Give the payments that make up a sum; None where no choice of them does, or more than one."""
    found = [
        list(chosen)
        for count in range(len(instructions) + 1)
        for chosen in itertools.combinations(instructions, count)
        if sum((one.amount for one in chosen), Decimal(0)) == amount
    ]
    return found[0] if len(found) == 1 else None
