"""The bill operations: inquiry, payment, and payment by voucher (GovStack Payments 8.3, 9.3)."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from urllib.parse import quote

from dpi_conformance.mockkit.calls import Answer, Call, Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .biller import Biller
from .bills import Inquiry, Payment
from .identifiers import fresh_identifier
from .replies import carried, receipt, reply, reply_address
from .state import State
from .vouchers import Voucher, VoucherRefusal, VoucherStatus

__all__ = ["BillOperations"]

_SECONDS = 30.0
"""How long the biller may take for an answer to an inquiry."""
_VOUCHER_SECONDS = 0.1
"""So long after it paid a bill a voucher is used up, where that is a fault."""
_HOP = ("X-CorrelationID", "X-Platform-TenantId", "X-PayerFI-Id")
"""Headers that go on to every hop of a payment."""

Sent = Iterator[Outgoing | Later]


class BillOperations:
    """Inquiries, payments, and the biller's answers to both."""

    def __init__(self, state: State, biller: Biller, payer_fi: str, on: FaultSwitches) -> None:
        """Take the memory, the way to the biller, and the payer institution's base address (may be empty)."""
        self._on = on
        self._state = state
        self._biller = biller
        self._payer_fi = payer_fi.rstrip("/")

    def inquire(self, call: Call) -> Answer:
        """Take an inquiry in; the biller's answer is passed on."""
        bill = call.path["billId"]
        fallback = f"{self._payer_fi}/bills/{quote(bill, safe='')}" if self._payer_fi else ""
        inquiry = Inquiry(
            request=call.body.get("requestId", ""),
            bill=bill,
            correlation=call.headers["x-correlationid"],
            reply=reply_address(call, fallback),
            headers=carried(call, "X-CorrelationID", "Platform-TenantId", "PayerFI-Id", *self._token()),
        )
        self._state.bills.inquire(inquiry)
        body = receipt(call, "responseCode", "reason", "requestId")
        return Answer(status=202, body=body, then=tuple(self._asked(inquiry)))

    def biller_answered(self, call: Call) -> Answer:
        """Pass the biller's details on to the payer's institution, unchanged; an answer to nothing is kept back."""
        inquiry = self._state.bills.answered(call.headers["x-correlationid"], call.path["billId"])
        body = receipt(call, "responseCode", "reason", "requestID")
        if inquiry is None:
            return Answer(status=202, body=body)
        return Answer(status=202, body=body, then=tuple(self._biller.passed_on(inquiry, call.body)))

    def pay(self, call: Call) -> Answer:
        """Take a payment in; the biller's word follows. One of a bill that was not inquired is rejected."""
        given = call.body
        payment = self._payment(call, given["paymentReferenceID"])
        then = self._settled(payment, given["billInquiryRequestId"])
        return Answer(status=202, body=receipt(call, "responseCode", "reason", "requestID"), then=tuple(then))

    def marked(self, call: Call) -> Answer:
        """Take in the biller's word, and tell the payer's institution once."""
        payment = self._state.bills.marked(call.body.get("requestId", ""))
        body = receipt(call, "responseCode", "reason", "requestID")
        if payment is None:
            return Answer(status=202, body=body)
        status = call.body["status"]
        if status == "RJC":
            self._state.bills.paid.discard(payment.bill)
        then = self._outcome(payment, status, call.body.get("rejectReason", "Und") if status == "RJC" else "")
        return Answer(status=202, body=body, then=tuple(then))

    def pay_by_voucher(self, call: Call) -> Answer:
        """Pay a bill with a voucher of the same amount; the voucher is used up only if it pays (9.3.6)."""
        payment = self._payment(call, fresh_identifier())
        then = self._by_voucher(call, payment)
        return Answer(status=202, body=receipt(call, "code", "reason", "RequestID"), then=tuple(then))

    def _token(self) -> tuple[str, ...]:
        """Name the header that a product which passes its caller's requests on whole gives to others."""
        return ("Authorization",) if self._on("token-passed-on") else ()

    def _asked(self, inquiry: Inquiry) -> Sent:
        yield from self._biller.ask(inquiry)
        if inquiry.found is None:
            yield Later(seconds=_SECONDS, then=lambda: self._unanswered(inquiry))

    def _unanswered(self, inquiry: Inquiry) -> Sent:
        if self._state.bills.answered(inquiry.correlation, inquiry.bill) is inquiry:
            failure = {"code": "01", "reason": "The biller did not answer in time."}
            yield from self._biller.passed_on(inquiry, failure)

    def _payment(self, call: Call, reference: str) -> Payment:
        fallback = f"{self._payer_fi}/billTransferRequests" if self._payer_fi else ""
        return Payment(
            request=call.body.get("requestId", ""),
            bill=call.body.get("billId", ""),
            mark=fresh_identifier(),
            reference=reference,
            reply=reply_address(call, fallback),
            headers=carried(call, *_HOP),
        )

    def _settled(self, payment: Payment, inquiry: str) -> Sent:
        """Have the biller mark a bill, once it is sure that it was inquired and not paid before."""
        bills = self._state.bills
        if not bills.inquired(inquiry, payment.bill):
            yield from self._outcome(payment, "RJC", "Und")
        elif payment.bill in bills.paid:
            yield from self._outcome(payment, "RJC", "Dup")
        elif self._biller.configured:
            bills.pay(payment)
            yield from self._biller.mark(payment)
        else:
            bills.pay(payment)
            bills.marked(payment.mark)
            yield from self._outcome(payment, "ACK", "")

    def _by_voucher(self, call: Call, payment: Payment) -> Sent:
        """Use the voucher up and settle the bill; where either is not possible, neither happens."""
        inquiry, bills = call.body.get("billInquiryRequestId", ""), self._state.bills
        again = payment.bill in bills.paid and not self._on("voucher-bill-consumes-again")
        if not bills.inquired(inquiry, payment.bill) or again:
            yield from self._settled(payment, inquiry)
            return
        voucher = self._state.vouchers.proven(call.body.get("VoucherSecretHash", ""))
        if voucher is None and self._on("voucher-bill-without-proof"):
            yield from self._settled(payment, inquiry)
        elif voucher is None or not self._same_amount(call, voucher.amount) or not self._used_up(voucher):
            yield from self._rejected(payment)
        elif self._on("voucher-bill-race"):
            late = partial(self._state.vouchers.put, voucher.serial, VoucherStatus.CONSUMED)
            yield from (Later(seconds=_VOUCHER_SECONDS, then=late), *self._settled(payment, inquiry))
        elif not self._on("voucher-bill-not-marked"):
            yield from self._settled(payment, inquiry)

    def _used_up(self, voucher: Voucher) -> bool:
        """Use a voucher up; tell whether its state allowed it."""
        if self._on("voucher-bill-keeps-voucher"):
            return True
        if self._on("voucher-bill-race"):
            return voucher.status is VoucherStatus.ACTIVATED
        try:
            self._state.vouchers.consume(voucher, agent="")
        except VoucherRefusal:
            return self._on("voucher-bill-any-state")
        return True

    def _same_amount(self, call: Call, amount: Decimal) -> bool:
        """Tell whether a voucher is worth what the biller asks; the payer's word for it has to agree."""
        said = call.body.get("billDetails", {}).get("amountonDueDate")
        inquiry = self._state.bills.inquiry(call.body["billInquiryRequestId"], call.body["billId"])
        due = inquiry.said.get("billDetails", {}).get("amountonDueDate") if inquiry else None
        if said is None or due is None:
            return False
        if self._on("voucher-bill-payer-says"):
            return amount == Decimal(said)
        if self._on("voucher-bill-keeps-change"):
            return amount >= Decimal(due)
        return amount == Decimal(due) == Decimal(said)

    def _rejected(self, payment: Payment) -> Sent:
        if not self._on("voucher-bill-rejected-in-silence"):
            yield from self._outcome(payment, "RJC", "Def")

    def _outcome(self, payment: Payment, status: str, reason: str) -> Sent:
        body = {
            "requestId": payment.request,
            "billId": payment.bill,
            "status": status,
            **({"rejectReason": reason} if reason else {}),
        }
        yield from reply(payment.reply, body, payment.headers)
