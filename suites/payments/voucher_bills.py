"""Bills that are paid with vouchers, as a case does it: it asks for the bill, pays it, and plays biller and payer."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, Resource, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback

from .bill_steps import bill_inquired
from .participants import content, header, name_of
from .voucher_requests import AMOUNT, Voucher

__all__ = ["DUE", "Bill", "Paying", "bill_due", "mark_confirmed", "marked", "paid", "pay", "proof", "told"]

DUE = AMOUNT
"""What the harness's biller asks for each of its bills."""
_DUE_DATE = 1830211200
"""2027-12-31, in seconds since 1970; no unit is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A bill that the payer's institution asked for, and that the biller has."""

    number: str
    inquiry: str
    """The identifier of the inquiry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """One try to pay a bill with a voucher."""

    answer: Answer
    bill: Bill
    request: str
    before: Mapping[str, int]
    """How many calls biller and payer's institution had had before."""


async def bill_due(scene: Scene) -> Bill:
    """Ask for a fresh bill and have the biller find it; raises Prerequisite if the product does not pass it on."""
    scene.counterparty("biller")
    (known,) = await bill_inquired(scene, 1)
    if isinstance(known, Prerequisite):
        raise known
    resource: Resource = known
    return Bill(number=resource["bill-inquired.bill"], inquiry=resource["bill-inquired.inquiry"])


def proof(scene: Scene, voucher: Voucher) -> str:
    """Give what a bill payment carries to prove that the payer holds a voucher; how it is made the vendor declares."""
    declared = scene.declares("voucher.secret-hash")
    if declared == "none":
        return voucher.secret
    if declared not in hashlib.algorithms_guaranteed or declared.startswith("shake"):
        text = N_(
            "declares: voucher.secret-hash in product.yaml: {declared} is no hash that is known here. Write one of "
            "{known}, or none for the secret itself."
        )
        raise Prerequisite(
            Message(text=text, values={"declared": declared, "known": "sha256, sha512, sha1, md5, sha3_256"})
        )
    return hashlib.new(declared, voucher.secret.encode(), usedforsecurity=False).hexdigest()


async def pay(
    scene: Scene, bill: Bill, voucher: Voucher, *, shown: str | None = "", said: int = DUE
) -> Paying:
    """Pay a bill with a voucher; ``shown`` in place of the proof (None: without any), ``said`` for the amount that the
    payer names."""
    request = scene.fresh.identifier(12)
    headers = {
        "X-CorrelationID": scene.fresh.identifier(12),
        "X-Platform-TenantId": name_of(scene, "tenant"),
        "X-PayerFI-Id": name_of(scene, "payer-fi"),
    }
    details = {
        "billerId": name_of(scene, "biller"),
        "billerName": "City Water",
        "billStatus": "UNPAID",
        "dueDate": _DUE_DATE,
        "amountonDueDate": said,
        "amountAfterDueDate": said + 10,
    }
    body = {
        "requestId": request,
        "billInquiryRequestId": bill.inquiry,
        "billId": bill.number,
        "billDetails": details,
        **({} if shown is None else {"VoucherSecretHash": shown or proof(scene, voucher)}),
    }
    parties: list[str] = [name for name in ("biller", "payer-fi") if name in scene.counterparties]
    before: dict[str, int] = {name: scene.counterparty(name).arrived for name in parties}
    answer = await scene.send(
        "voucher-bill-payment", json_request("POST", "/voucherRedemption", body, headers)
    )
    return Paying(answer=answer, bill=bill, request=request, before=before)


async def marked(scene: Scene, paying: Paying, seconds: float) -> Callback | None:
    """Wait until the product asks the biller to mark the bill as paid, after this try; None if it does not in time."""
    bill = paying.bill.number
    call = await scene.counterparty("biller").wait_for(
        lambda call: call.request.method == "POST" and _field(call, "billId") == bill,
        seconds,
        mentions=bill,
        since=paying.before["biller"],
    )
    return None if call is None else scene.met(call)


async def told(scene: Scene, paying: Paying) -> Callback | None:
    """Wait until the payer's institution is told how this try ended; None if it is not in time."""
    institution = scene.counterparty("payer-fi")
    call = await institution.wait_for(
        lambda call: paying.request in {_field(call, "requestId"), _field(call, "requestID")},
        scene.callback_seconds,
        mentions=paying.request,
        since=paying.before["payer-fi"],
    )
    return None if call is None else scene.met(call)


async def mark_confirmed(scene: Scene, mark: Callback) -> Answer:
    """Say as the biller that the bill is marked as paid, so that the product stops asking."""
    headers = {
        "X-CorrelationID": header(mark, "X-CorrelationID"),
        "X-Platform-TenantId": name_of(scene, "tenant"),
        "X-PayerFI-Id": name_of(scene, "payer-fi"),
    }
    identifier = _field(mark, "requestID") or _field(mark, "requestId")
    body = {"requestId": identifier, "billId": _field(mark, "billId"), "status": "ACK"}
    return await scene.send("bill-marked-paid", json_request("POST", "/billTransferRequests", body, headers))


async def paid(scene: Scene, bill: Bill, voucher: Voucher) -> Paying:
    """Pay a bill with a voucher that fits: the control beside what is refused; raises Prerequisite if it is not paid."""
    paying = await pay(scene, bill, voucher)
    mark = await marked(scene, paying, scene.callback_seconds)
    if mark is None:
        text = N_(
            "A bill was not paid with a voucher of its amount, so that refused ones prove nothing: {answer}, and no "
            "request to mark it as paid."
        )
        raise Prerequisite(Message(text=text, values={"answer": str(paying.answer)}))
    await mark_confirmed(scene, mark)
    return paying


def _field(call: Callback, name: str) -> str:
    body = content(call)
    return str(body.get(name, "")) if isinstance(body, Mapping) else ""
