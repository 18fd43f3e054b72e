"""The biller: asked for a bill, and to mark it as paid until it answers (GovStack Payments 9.3.3)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .bills import Inquiry, Payment
from .identifiers import fresh_identifier
from .replies import reply

__all__ = ["Biller"]

_AGAIN_SECONDS = 2.0
_TIMES = 12
"""How often a bill is marked, each time after twice as long, before the product gives up on the biller."""
_NO_BILL = "UNKNOWN"
"""No biller has issued a bill whose identifier begins so."""
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

    def issues(self, bill: str) -> bool:
        """Tell by its prefix whether a bill is of any biller."""
        return not bill.upper().startswith(_NO_BILL) or self._on("unknown-prefix-forwarded")

    def ask(self, inquiry: Inquiry, *, paid: bool) -> Sent:
        """Ask for the details of a bill; ``paid`` is what the inner biller knows of it."""
        if not self._address:
            yield from self.passed_on(inquiry, _inner(paid=paid))
            return
        names = {"Platform-TenantId": "X-Platform-TenantId", "PayerFI-Id": "X-PayerFI-Id"}
        headers = {names.get(name, name): value for name, value in inquiry.headers.items()}
        headers["X-CorrelationID"] = inquiry.correlation
        resource = "bill" if self._on("biller-asked-elsewhere") else "bills"
        url = f"{self._address}/{resource}/{quote(inquiry.bill, safe='')}"
        yield Outgoing(method="GET", url=url, headers=headers)

    def passed_on(self, inquiry: Inquiry, said: Mapping[str, Any]) -> Sent:
        """Give the payer's institution what the biller said, in its own identifiers."""
        inquiry.said = said
        inquiry.found = said["code"] == "00" or self._on("bill-not-found-as-found")
        body: dict[str, Any] = {
            "requestId": fresh_identifier() if self._on("bill-answer-under-own-id") else inquiry.request,
            "code": "00" if inquiry.found else "01",
            "reason": said.get("reason", ""),
            "billId": inquiry.bill,
        }
        if "billDetails" in said:
            body["billDetails"] = self._details(said["billDetails"])
        if not self._on("bill-answer-kept-back"):
            yield from reply(inquiry.reply, body, self._answer_headers(inquiry))

    def mark(self, payment: Payment, before: int = 0) -> Sent:
        """Ask for a bill to be marked as paid, again and again until the biller answers; ``before``: so often so far."""
        unsent = self._on("biller-not-told") or self._on("mark-not-sent")
        if (payment.marked and not self._on("mark-goes-on")) or before == _TIMES or unsent:
            return
        renewed = before and self._on("mark-repeated-with-new-id")
        body = {
            "requestID": fresh_identifier() if renewed else payment.mark,
            "billId": payment.bill,
            "PaymentReferenceID": payment.request
            if self._on("mark-without-reference")
            else payment.reference,
        }
        headers = dict(payment.headers)
        if self._on("mark-under-own-correlation"):
            headers["X-CorrelationID"] = fresh_identifier()
        once = self._on("mark-tried-once")
        yield Outgoing(url=f"{self._address}/billTransferRequests", body=body, headers=headers, once=once)
        if not once and not self._on("mark-not-repeated"):
            yield Later(seconds=_AGAIN_SECONDS * 2**before, then=lambda: self.mark(payment, before + 1))

    def _answer_headers(self, inquiry: Inquiry) -> Mapping[str, str]:
        if self._on("bill-answer-without-correlation"):
            return {**inquiry.headers, "X-CorrelationID": fresh_identifier()}
        return inquiry.headers

    def _details(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give a biller's details as the payer's institution takes them: the due date in seconds since 1970."""
        details = {name: self._text(value) for name, value in given.items() if name != "dueDate"}
        due = given.get("dueDate")
        seconds = self._seconds(due) if isinstance(due, str) else due
        on_time, late = given.get("amountonDueDate"), given.get("amountAfterDueDate")
        if self._on("bill-fee-added") and on_time is not None:
            details["amountonDueDate"] = on_time + 2
        if self._on("bill-amounts-swapped") and None not in {on_time, late}:
            details.update(amountonDueDate=late, amountAfterDueDate=on_time)
        return details if seconds is None else {**details, "dueDate": seconds}

    def _text(self, value: Any) -> Any:
        ascii_only = isinstance(value, str) and self._on("bill-text-to-ascii")
        return value.encode("ascii", "replace").decode() if ascii_only else value

    def _seconds(self, text: str) -> int | None:
        """Read a date and time; None for one that no calendar of ours has (a leap second, the year 0)."""
        try:
            moment = datetime.fromisoformat(text.upper())
            if self._on("due-date-by-local-clock"):
                return int(moment.timestamp()) - 10800
            return int(moment.timestamp())
        except (ValueError, OverflowError):
            return None


def _inner(*, paid: bool) -> dict[str, Any]:
    details = {
        "billerId": "BILLER-1",
        "billerName": "City Water",
        "billStatus": "PAID" if paid else "UNPAID",
        "dueDate": _DUE,
        "amountonDueDate": 100,
        "amountAfterDueDate": 110,
    }
    return {"code": "00", "reason": "Found", "billDetails": details}
