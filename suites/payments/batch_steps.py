"""Steps for batches: handed over, and waiting for the payer's bank, which the harness plays."""

import asyncio
import contextlib
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .batches import ACCOUNT_KEY, Payment, details, submission
from .participants import content, fields, header, missed, name_of, one_by_one, spelt
from .payer_bank import asked_for, findings_on_accounts

__all__ = ["batch_awaiting_authorization", "batch_awaiting_validation", "batch_known", "batch_submitted"]

_PAUSE = 0.05
"""Seconds before details are asked for again; each time twice as long."""
_AMOUNT = Decimal("125.5")
_PAYEE, _PAYER = "DE89370400440532013", "DE02120300000000202"
"""Accounts of 19 characters, which the bank's messages have room for (payments-e046)."""


async def batch_submitted(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Hand over batches."""
    return await one_by_one(partial(_submitted, stage, "batch-submitted"), count)


async def batch_known(stage: Stage, count: int) -> Sequence[Resource]:
    """Hand over one batch of two instructions for all readers of it, and wait until the product shows them."""
    known = await _submitted(stage, "batch-known", instructions=2)
    await _shown(stage, known["batch-known.batch"])
    return [known] * count


async def batch_awaiting_validation(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Hand over batches and wait until the product asks the payer's bank whether their accounts exist."""
    stage.counterparty("payer-bank")
    return await one_by_one(partial(_awaiting_validation, stage), count)


async def batch_awaiting_authorization(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Hand over batches, say as their bank that all accounts exist, and wait for the request to release the funds."""
    stage.counterparty("payer-bank")
    return await one_by_one(partial(_awaiting_authorization, stage), count)


async def _submitted(stage: Stage, resource: str, instructions: int = 1) -> Resource:
    correlation = stage.fresh.identifier(12)
    paid = [
        Payment(
            id=stage.fresh.identifier(16),
            amount=_AMOUNT,
            currency=name_of(stage, "currency"),
            payee={ACCOUNT_KEY: _PAYEE},
        )
        for _ in range(instructions)
    ]
    address = stage.address("batch-status").url
    request = submission(stage, paid, correlation=correlation, address=address, payer=_PAYER)
    batch = spelt(stage, await stage.call("batch-submit", request), "batchId")
    if not batch:
        text = N_("The product took a batch over and gave it no batchId.")
        raise Prerequisite(Message(text=text))
    return {f"{resource}.batch": str(batch), f"{resource}.correlation": correlation}


async def _shown(stage: Stage, batch: str) -> None:
    """Ask for a batch's details until there are some; where none come in time, the vectors will tell."""
    request = details(batch, name_of(stage, "tenant"))
    pause, waited = _PAUSE, 0.0
    with contextlib.suppress(Prerequisite):
        while not content(await stage.call("batch-details", request)) and waited < stage.callback_seconds:
            await asyncio.sleep(pause)
            pause, waited = pause * 2, waited + pause


async def _awaiting_validation(stage: Stage) -> Resource:
    before = stage.counterparty("payer-bank").arrived
    batch = (await _submitted(stage, "batch"))["batch.batch"]
    asked = await _asked(stage, batch, before, "validate")
    instructions = fields(asked).get("creditInstructions") or [{}]
    return {
        "batch-awaiting-validation.batch": batch,
        "batch-awaiting-validation.correlation": header(asked, "X-Client-Correlation-ID"),
        "batch-awaiting-validation.instruction": str(instructions[0].get("instructionID", "")),
    }


async def _awaiting_authorization(stage: Stage) -> Resource:
    before = stage.counterparty("payer-bank").arrived
    batch = (await _submitted(stage, "batch"))["batch.batch"]
    asked = await _asked(stage, batch, before, "validate", "authorize")
    if _command(stage, asked, batch) == "validate":
        await stage.call("account-validation-result", findings_on_accounts(stage, asked))
        asked = await _asked(stage, batch, before, "authorize")
    return {
        "batch-awaiting-authorization.batch": batch,
        "batch-awaiting-authorization.correlation": header(asked, "X-Client-Correlation-ID"),
    }


async def _asked(stage: Stage, batch: str, since: int, *commands: str) -> Callback:
    """Wait until the product asks the bank one of these things about a batch, in a call after the first ``since``."""
    bank = stage.counterparty("payer-bank")
    found = await bank.wait_for(
        lambda call: _command(stage, call, batch) in commands,
        stage.callback_seconds,
        mentions=batch,
        since=since,
    )
    if found is None:
        raise missed(stage, " / ".join(commands), "payer-bank")
    return found


def _command(stage: Stage, call: Callback, batch: str) -> str:
    """Name what the product asks the bank about a batch; empty if it is about something else."""
    return asked_for(call) if spelt(stage, call, "batchId") == batch else ""
