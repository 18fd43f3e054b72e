"""Steps for bills: asked for, found by the biller that the harness plays, paid and waiting to be marked."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback
from dpi_conformance.wire.listener import CallbackAddress

from .bills import bill_details, biller_answer_request, fresh_bill, inquiry_request, payment_request
from .participants import content, fields, header, missed, one_by_one, spelt

__all__ = ["bill_inquired", "bill_inquiry_pending", "payment_pending", "require_found"]


async def bill_inquiry_pending(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Ask for bills, and leave the biller's answers out."""
    stage.counterparty("biller")
    return await one_by_one(partial(_pending, stage), count)


async def bill_inquired(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Ask for bills that the biller has; without a biller of ours, the product's own has to know them."""
    return await one_by_one(partial(_inquired, stage), count)


async def payment_pending(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Pay bills, and leave the biller's word that they are marked out."""
    stage.counterparty("biller")
    return await one_by_one(partial(_payment_pending, stage), count)


async def _asked(stage: Stage) -> tuple[str, str, CallbackAddress]:
    """Ask for a fresh bill; gives the bill, the inquiry's identifier, and where its answer is to come."""
    bill, inquiry = fresh_bill(stage), stage.fresh.identifier(12)
    address = stage.address("bill-inquiry-result")
    headers = {"X-CorrelationID": stage.fresh.identifier(12), "X-Callback-URL": address.url}
    await stage.call("bill-inquiry", inquiry_request(stage, bill, inquiry, headers))
    return bill, inquiry, address


async def _passed_on(stage: Stage, bill: str, since: int) -> Callback:
    """Wait until the product asks the biller for a bill, in a call after the first ``since``."""
    path = f"/bills/{quote(bill, safe='')}"
    biller = stage.counterparty("biller")
    asked = await biller.wait_for(
        lambda call: urlsplit(call.request.url).path.endswith(path),
        stage.callback_seconds,
        mentions=path,
        since=since,
    )
    if asked is None:
        raise missed(stage, "inquire-bill", "biller")
    return asked


async def _pending(stage: Stage) -> Resource:
    before = stage.counterparty("biller").arrived
    bill, inquiry, _ = await _asked(stage)
    asked = await _passed_on(stage, bill, before)
    return {
        "bill-inquiry-pending.bill": bill,
        "bill-inquiry-pending.inquiry": inquiry,
        "bill-inquiry-pending.correlation": header(asked, "X-CorrelationID"),
    }


async def _inquired(stage: Stage) -> Resource:
    before = stage.counterparty("biller").arrived if "biller" in stage.counterparties else 0
    bill, inquiry, address = await _asked(stage)
    if "biller" in stage.counterparties:
        await _answer(stage, bill, inquiry, header(await _passed_on(stage, bill, before), "X-CorrelationID"))
        for told in address.callbacks:
            require_found(told)
    else:
        await stage.called_back(address, "bill-inquiry-result")
    return {"bill-inquired.bill": bill, "bill-inquired.inquiry": inquiry}


def require_found(told: Callback) -> None:
    """Raise Prerequisite where a payer was told that there is no bill which the biller says there is.

    A product that gives a biller up, or hears it late, may say so (9.3.1); nothing follows for a payment of that bill.
    """
    code = str(fields(told).get("code", ""))
    if code not in {"", "0", "00"}:
        text = N_(
            "The payer's institution was told code {code} ({reason}) for the bill {bill}, which the harness as biller had "
            "said there is, so that nothing can be said of its payment. If the biller's answer came too late for the "
            "product, let the product wait longer for billers while it is tested."
        )
        values = {name: str(fields(told).get(name, "-")) for name in ("code", "reason")}
        raise Prerequisite(
            Message(text=text, values={**values, "bill": str(fields(told).get("billId", "-"))})
        )


async def _answer(stage: Stage, bill: str, inquiry: str, correlation: str) -> None:
    """Say as the biller what a bill comes to."""
    found = {"code": "00", "reason": "Found", "requestID": inquiry, "billId": bill}
    body = {**found, "billDetails": bill_details(stage)}
    await stage.call("bill-inquiry-answer", biller_answer_request(stage, correlation, body))


async def _payment_pending(stage: Stage) -> Resource:
    known = await _inquired(stage)
    bill = known["bill-inquired.bill"]
    body = {
        "requestId": stage.fresh.identifier(12),
        "billInquiryRequestId": known["bill-inquired.inquiry"],
        "billId": bill,
        "paymentReferenceID": stage.fresh.identifier(16),
    }
    address = stage.address("bill-payment-result")
    request = payment_request(stage, stage.fresh.identifier(12), address.url, body)
    biller = stage.counterparty("biller")
    before = biller.arrived
    await stage.call("bill-payment", request)
    marking = await biller.wait_for(
        lambda call: _marks(call, bill), stage.callback_seconds, mentions=bill, since=before
    )
    if marking is None:
        raise missed(stage, "mark-bill-paid", "biller")
    return {
        "payment-pending.bill": bill,
        "payment-pending.request": str(spelt(stage, marking, "requestID") or ""),
        "payment-pending.correlation": header(marking, "X-CorrelationID"),
    }


def _marks(call: Callback, bill: str) -> bool:
    body: Any = content(call)
    return isinstance(body, Mapping) and body.get("billId") == bill
