"""Steps for batches: handed over, and waiting for the payer's bank, which the harness plays."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .participants import content, header, missed, name_of, one_by_one

__all__ = ["batch_awaiting_authorization", "batch_awaiting_validation", "batch_known", "batch_submitted"]

_ACCOUNTS = ("DE89370400440532013", "DE02120300000000202")
"""Payee's and payer's account: 19 characters, which the bank's messages have room for (payments-e046)."""


async def batch_submitted(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Hand over batches of one instruction each."""
    return await one_by_one(partial(_submitted, stage, "batch-submitted"), count)


async def batch_known(stage: Stage, count: int) -> Sequence[Resource]:
    """Hand over one batch for all readers of it."""
    return [await _submitted(stage, "batch-known")] * count


async def batch_awaiting_validation(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Hand over batches and wait until the product asks the payer's bank whether their accounts exist."""
    stage.counterparty("payer-bank")
    return await one_by_one(partial(_awaiting_validation, stage), count)


async def batch_awaiting_authorization(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Hand over batches, say as their bank that all accounts exist, and wait for the request to release the funds."""
    stage.counterparty("payer-bank")
    return await one_by_one(partial(_awaiting_authorization, stage), count)


async def _submitted(stage: Stage, resource: str) -> Resource:
    correlation = stage.fresh.identifier(12)
    headers = {
        "X-CorrelationID": correlation,
        "Platform-TenantId": name_of(stage, "tenant"),
        "X-Program-Id": name_of(stage, "programme"),
        "X-Registering-Institution-Id": name_of(stage, "institution"),
        "X-Callback-URL": stage.address("batch-status").url,
    }
    payee, payer = _ACCOUNTS
    instruction = {
        "requestId": stage.fresh.identifier(16),
        "creditParty": [{"key": "accountNumber", "value": payee}],
        "debitParty": [{"key": "accountNumber", "value": payer}],
        "paymentMode": "CLOSEDLOOP",
        "amount": 125.5,
        "currency": name_of(stage, "currency"),
        "descriptionText": "Allowance for November",
    }
    request = json_request("POST", "/batchtransactions?type=raw", [instruction], headers)
    answer = content(await stage.call("batch-submit", request))
    batch = answer.get("batchId") if isinstance(answer, Mapping) else None
    if not batch:
        text = N_("The product took a batch over and gave it no batchId.")
        raise Prerequisite(Message(text=text))
    return {f"{resource}.batch": str(batch), f"{resource}.correlation": correlation}


async def _awaiting_validation(stage: Stage) -> Resource:
    before = stage.counterparty("payer-bank").arrived
    batch = (await _submitted(stage, "batch"))["batch.batch"]
    asked = await _asked(stage, batch, before, "validate")
    instructions = content(asked).get("creditInstructions") or [{}]
    return {
        "batch-awaiting-validation.batch": batch,
        "batch-awaiting-validation.correlation": header(asked, "X-Client-Correlation-ID"),
        "batch-awaiting-validation.instruction": str(instructions[0].get("instructionID", "")),
    }


async def _awaiting_authorization(stage: Stage) -> Resource:
    before = stage.counterparty("payer-bank").arrived
    batch = (await _submitted(stage, "batch"))["batch.batch"]
    asked = await _asked(stage, batch, before, "validate", "authorize")
    if _command(asked, batch) == "validate":
        await _validated(stage, batch, asked)
        asked = await _asked(stage, batch, before, "authorize")
    return {
        "batch-awaiting-authorization.batch": batch,
        "batch-awaiting-authorization.correlation": header(asked, "X-Client-Correlation-ID"),
    }


async def _validated(stage: Stage, batch: str, asked: Callback) -> None:
    """Say as the bank that all accounts of a batch exist."""
    body = {
        "clientCorrelationId": header(asked, "X-Client-Correlation-ID"),
        "batchId": batch,
        "numberOfFailedCases": 0,
        "failedAccountLookups": [],
    }
    headers = {"X-Callback-URL": stage.listener.counterparty("payer-bank").url}
    request = json_request("POST", "/callbacks/account-validation", body, headers)
    await stage.call("account-validation-result", request)


async def _asked(stage: Stage, batch: str, since: int, *commands: str) -> Callback:
    """Wait until the product asks the bank one of these things about a batch, in a call after the first ``since``."""
    bank = stage.counterparty("payer-bank")
    found = await bank.wait_for(
        lambda call: _command(call, batch) in commands, stage.callback_seconds, mentions=batch, since=since
    )
    if found is None:
        raise missed(stage, " / ".join(commands), "payer-bank")
    return found


def _command(call: Callback, batch: str) -> str:
    """Name what the product asks the bank about a batch; empty if it is about something else."""
    body: Any = content(call)
    if not isinstance(body, Mapping) or batch not in {body.get("batchId"), body.get("batchID")}:
        return ""
    return (
        "validate" if urlsplit(call.request.url).path.rstrip("/").endswith("/beneficiaries") else "authorize"
    )
