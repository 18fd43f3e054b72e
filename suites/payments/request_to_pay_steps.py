"""Steps for requests to pay: made by a biller, and waiting for the payer's institution, which the harness plays."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage
from dpi_conformance.model.evidence import Callback

from .bills import fresh_bill
from .participants import content, fields, header, missed, one_by_one
from .requests_to_pay import BILL_LENGTH, by_institution, request_to_pay_request
from .voucher_steps import AMOUNT

__all__ = ["request_to_pay_known", "request_to_pay_pending"]


async def request_to_pay_known(stage: Stage, count: int) -> Sequence[Resource]:
    """Make one request to pay for all readers of it, by the identifier of its request, as no file names another."""
    return [await _known(stage)] * count


async def request_to_pay_pending(stage: Stage, count: int) -> Sequence[Resource | Prerequisite]:
    """Make requests to pay and wait until the product puts them before the payer's institution."""
    stage.counterparty("payer-fi")
    return await one_by_one(partial(_pending, stage), count)


async def _made(stage: Stage) -> tuple[str, int, str]:
    """Make a request to pay; gives its request's identifier, its number, and its bill."""
    request, number = stage.fresh.identifier(12), int(stage.fresh.number(9))
    bill = fresh_bill(stage, longest=BILL_LENGTH)
    body = {
        "requestId": request,
        "rtpId": number,
        "billID": bill,
        **by_institution(stage),
        "billDetails": {"billerName": "City Water", "amount": AMOUNT},
    }
    address = stage.address("request-to-pay-result")
    sent = request_to_pay_request(stage, stage.fresh.identifier(12), address.url, body)
    await stage.call("request-to-pay", sent)
    return request, number, bill


async def _known(stage: Stage) -> Resource:
    request, number, _ = await _made(stage)
    return {"request-to-pay-known.transfer": request, "request-to-pay-known.rtp": str(number)}


async def _pending(stage: Stage) -> Resource:
    institution = stage.counterparty("payer-fi")
    before = institution.arrived
    _, number, bill = await _made(stage)
    asked = await institution.wait_for(
        lambda call: _forwards(call, number), stage.callback_seconds, mentions=str(number), since=before
    )
    if asked is None:
        raise missed(stage, "forward-request-to-pay", "payer-fi")
    return {
        "request-to-pay-pending.rtp": str(number),
        "request-to-pay-pending.transaction": str(fields(asked).get("TxnID", "")),
        "request-to-pay-pending.bill": bill,
        "request-to-pay-pending.correlation": header(asked, "X-CorrelationID"),
    }


def _forwards(call: Callback, number: int) -> bool:
    body: Any = content(call)
    return isinstance(body, Mapping) and body.get("rTPID") == number
