"""What can be done with bills through the published API: requests that steps and cases share, and a case's own acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Stage, json_request
from dpi_conformance.model.evidence import Request

from .participants import name_of
from .payer_fi import PayerFi
from .voucher_steps import AMOUNT

__all__ = [
    "Inquiry",
    "Payment",
    "bill_details",
    "biller_answer_request",
    "biller_word_request",
    "fresh_bill",
    "inquire",
    "inquiry_request",
    "pay",
    "payment_request",
]

_LONGEST: Final = 20
"""Characters of a bill's identifier (billInquiryRequest.yml)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A payer's question for a bill, as it was asked."""

    bill: str
    request: str
    correlation: str
    payer: PayerFi
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment that a payer's institution reported."""

    bill: str
    request: str
    reference: str
    correlation: str
    payer: PayerFi
    answer: Answer


def fresh_bill(stage: Stage, prefix: str | None = None, longest: int = _LONGEST) -> str:
    """Give a bill that nobody has asked for."""
    begin = name_of(stage, "bill-prefix") if prefix is None else prefix
    return f"{begin}{stage.fresh.identifier(max(min(longest - len(begin), 12), 1))}"


def bill_details(stage: Stage, **changes: object) -> dict[str, Any]:
    """Give what the biller says of a bill."""
    return {
        "billerId": name_of(stage, "biller"),
        "billerName": "City Water",
        "billStatus": "UNPAID",
        "dueDate": "2027-12-31T00:00:00Z",
        "amountonDueDate": AMOUNT,
        "amountAfterDueDate": AMOUNT + 10,
        **changes,
    }


def inquiry_request(stage: Stage, bill: str, request: str, headers: Mapping[str, str]) -> Request:
    """Ask for a bill; ``headers``: X-CorrelationID and X-Callback-URL."""
    given = {
        "Platform-TenantId": name_of(stage, "tenant"),
        "PayerFI-Id": name_of(stage, "payer-fi"),
        **headers,
    }
    target = f"/bills/{quote(bill, safe='')}?fields=inquiry"
    return json_request("GET", target, {"requestId": request, "billId": bill}, given)


def biller_answer_request(stage: Stage, correlation: str, body: Mapping[str, Any]) -> Request:
    """Answer an inquiry as the biller; ``correlation`` as the product gave it."""
    target = f"/callbacks/bill-inquiry/{quote(str(body['billId']), safe='')}"
    return json_request("POST", target, body, _hop(stage, correlation))


def payment_request(stage: Stage, correlation: str, reply: str, body: Mapping[str, Any]) -> Request:
    """Report a payment as the payer's institution, which takes the outcome at ``reply``."""
    headers = {**_hop(stage, correlation), "X-Callback-URL": reply}
    return json_request("POST", "/billTransferRequests", body, headers)


def biller_word_request(stage: Stage, correlation: str, body: Mapping[str, Any]) -> Request:
    """Say as the biller whether a bill is marked as paid."""
    return json_request("POST", "/billTransferRequests", body, _hop(stage, correlation))


async def inquire(scene: Scene, payer: PayerFi, bill: str | None = None) -> Inquiry:
    """Ask for a bill, by default a fresh one; nothing is expected of the receipt."""
    asked = bill or fresh_bill(scene)
    request, correlation = scene.fresh.identifier(12), scene.fresh.identifier(12)
    headers = {"X-CorrelationID": correlation, "X-Callback-URL": payer.address.url}
    answer = await scene.send("bill-inquiry", inquiry_request(scene, asked, request, headers))
    return Inquiry(bill=asked, request=request, correlation=correlation, payer=payer, answer=answer)


async def pay(
    scene: Scene,
    inquiry: Inquiry,
    *,
    payer: PayerFi | None = None,
    bill: str | None = None,
    under: str | None = None,
) -> Payment:
    """Pay the bill of an inquiry; nothing is expected of the receipt. ``bill``, ``under``: in place of the inquiry's."""
    told, paid = payer or inquiry.payer, bill or inquiry.bill
    request, reference = scene.fresh.identifier(12), scene.fresh.identifier(16)
    correlation = scene.fresh.identifier(12)
    body = {
        "requestId": request,
        "billInquiryRequestId": under or inquiry.request,
        "billId": paid,
        "paymentReferenceID": reference,
    }
    sent = payment_request(scene, correlation, told.address.url, body)
    answer = await scene.send("bill-payment", sent)
    return Payment(
        bill=paid, request=request, reference=reference, correlation=correlation, payer=told, answer=answer
    )


def _hop(stage: Stage, correlation: str) -> dict[str, str]:
    return {
        "X-CorrelationID": correlation,
        "X-Platform-TenantId": name_of(stage, "tenant"),
        "X-PayerFI-Id": name_of(stage, "payer-fi"),
    }
