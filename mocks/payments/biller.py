"""The biller: asked for a bill, and to mark it as paid until it answers (GovStack Payments 9.3.3)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .bills import Inquiry, Payment
from .replies import reply

__all__ = ["Biller"]

_AGAIN_SECONDS = 2.0
_TIMES = 12
"""How often a bill is marked, each time after twice as long, before the product gives up on the biller."""
_NO_BILL = "UNKNOWN"
"""The inner biller has issued no bill whose identifier begins so."""
_DUE = 1830211200
"""2027-12-31, in seconds since 1970."""

Sent = Iterator[Outgoing | Later]


class Biller:
    """Calls a configured biller; where none is configured, an inner one knows every bill and marks it."""

    def __init__(self, address: str, on: FaultSwitches) -> None:
        """Take the biller's base address; empty: the inner biller."""
        self._on = on
        self._address = address.rstrip("/")

    @property
    def configured(self) -> bool:
        """Tell whether there is a biller outside."""
        return bool(self._address)

    def ask(self, inquiry: Inquiry) -> Sent:
        """Ask for the details of a bill."""
        if not self._address:
            yield from self.passed_on(inquiry, _inner(inquiry.bill))
            return
        names = {"Platform-TenantId": "X-Platform-TenantId", "PayerFI-Id": "X-PayerFI-Id"}
        headers = {names.get(name, name): value for name, value in inquiry.headers.items()}
        resource = "bill" if self._on("biller-asked-elsewhere") else "bills"
        url = f"{self._address}/{resource}/{quote(inquiry.bill, safe='')}"
        yield Outgoing(method="GET", url=url, headers=headers)

    def passed_on(self, inquiry: Inquiry, said: Mapping[str, Any]) -> Sent:
        """Give the payer's institution what the biller said, in its own identifiers."""
        inquiry.said = said
        inquiry.found = said["code"] == "00"
        body: dict[str, Any] = {
            "requestId": inquiry.request,
            "code": "00" if inquiry.found else "01",
            "reason": said.get("reason", ""),
            "billId": inquiry.bill,
        }
        if "billDetails" in said:
            body["billDetails"] = _details(said["billDetails"])
        yield from reply(inquiry.reply, body, inquiry.headers)

    def mark(self, payment: Payment, before: int = 0) -> Sent:
        """Ask for a bill to be marked as paid, again and again until the biller answers; ``before``: so often so far."""
        if payment.marked or before == _TIMES or self._on("biller-not-told"):
            return
        body = {"requestID": payment.mark, "billId": payment.bill, "PaymentReferenceID": payment.reference}
        yield Outgoing(url=f"{self._address}/billTransferRequests", body=body, headers=payment.headers)
        yield Later(seconds=_AGAIN_SECONDS * 2**before, then=lambda: self.mark(payment, before + 1))


def _inner(bill: str) -> dict[str, Any]:
    if bill.upper().startswith(_NO_BILL):
        return {"code": "01", "reason": "There is no such bill."}
    details = {
        "billerId": "BILLER-1",
        "billerName": "City Water",
        "billStatus": "UNPAID",
        "dueDate": _DUE,
        "amountonDueDate": 100,
        "amountAfterDueDate": 110,
    }
    return {"code": "00", "reason": "Found", "billDetails": details}


def _details(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give a biller's details as the payer's institution takes them: the due date in seconds since 1970."""
    details = dict(given)
    due = details.pop("dueDate", None)
    seconds = _seconds(due) if isinstance(due, str) else due
    return details if seconds is None else {**details, "dueDate": seconds}


def _seconds(text: str) -> int | None:
    """Read a date and time; None for one that no calendar of ours has (a leap second, the year 0)."""
    try:
        return int(datetime.fromisoformat(text.upper()).timestamp())
    except (ValueError, OverflowError):
        return None
