"""The bill operations: inquiry, payment, and payment by voucher (GovStack Payments 8.3, 9.3)."""

import time
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from urllib.parse import quote

from dpi_conformance.mockkit.calls import Answer, Call, Outgoing, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .biller import Biller
from .bills import Inquiry, Payment
from .identifiers import fresh_identifier
from .replies import carried, receipt, reply, reply_address
from .state import State
from .vouchers import Voucher, VoucherRefusal, VoucherStatus

__all__ = ["BillOperations"]

_VOUCHER_SECONDS = 0.1
"""So long after it paid a bill a voucher is used up, where that is a fault."""
_SECONDS = 6.0
"""How long the biller may take for an answer to an inquiry; declared as ``biller.timeout-seconds``."""
_LATE_SECONDS = 3.0
"""A word of the biller that comes later is passed over, where that is a fault."""
_RACE_SECONDS = 1.0
"""So long after its check a racing product notes that a bill is being paid: all that come together are in between."""
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
        bill, correlation = call.path["billId"], call.headers["x-correlationid"]
        fallback = f"{self._payer_fi}/bills/{quote(bill, safe='')}" if self._payer_fi else ""
        inquiry = Inquiry(
            request=call.body.get("requestId", ""),
            bill=bill,
            correlation=fresh_identifier() if self._on("correlation-lost-to-biller") else correlation,
            reply=reply_address(call, fallback),
            headers=carried(call, "X-CorrelationID", "Platform-TenantId", "PayerFI-Id", *self._token()),
        )
        if self._on("bill-answer-to-last-payer"):
            for other in self._state.bills.inquiries(bill):
                other.reply = inquiry.reply
        then = self._asked(inquiry)
        body = receipt(call, "responseCode", "reason", "requestId")
        return Answer(status=202, body=body, then=tuple(then))

    def biller_answered(self, call: Call) -> Answer:
        """Pass the biller's details on to the payer's institution, unchanged; an answer to nothing is kept back."""
        inquiry = self._state.bills.answered(call.headers["x-correlationid"], call.path["billId"])
        body = receipt(call, "responseCode", "reason", "requestID")
        if inquiry is None:
            return Answer(status=202, body=body)
        if self._on("bill-answer-passed-on-twice"):
            self._state.bills.inquire(inquiry)
        return Answer(status=202, body=body, then=tuple(self._biller.passed_on(inquiry, call.body)))

    def pay(self, call: Call) -> Answer:
        """Take a payment in; the biller's word follows. One of a bill that was not inquired is rejected."""
        given = call.body
        payment = self._payment(call, given["paymentReferenceID"])
        if self._on("valid-payment-refused"):
            raise Refused("billInquiryRequestId names no inquiry")
        if self._on("outcome-to-last-payer"):
            for other in self._state.bills.pending:
                other.reply = payment.reply
        then = self._settled(payment, given["billInquiryRequestId"])
        return Answer(status=202, body=receipt(call, "responseCode", "reason", "requestID"), then=tuple(then))

    def marked(self, call: Call) -> Answer:
        """Take in the biller's word, and tell the payer's institution once."""
        bills = self._state.bills
        payment = bills.marked(call.body.get("requestId", ""))
        if payment is not None and self._on("late-word-lost") and self._late(payment):
            payment = None
        body = receipt(call, "responseCode", "reason", "requestID")
        if payment is None:
            return Answer(status=202, body=body)
        status, reason = call.body["status"], call.body.get("rejectReason", "Und")
        if status == "RJC":
            bills.paid.discard(payment.bill)
        concerned = [payment]
        if self._on("outcome-by-bill"):
            concerned += [one for one in bills.pending if one.bill == payment.bill and bills.marked(one.mark)]
        then = [
            sent
            for one in concerned
            for sent in self._outcome(one, *self._understood(status, reason if status == "RJC" else ""))
        ]
        if self._on("outcome-told-twice"):
            bills.pay(payment)
        return Answer(status=202, body=body, then=tuple(then))

    def _late(self, payment: Payment) -> bool:
        return time.monotonic() - payment.begun > _LATE_SECONDS

    def pay_by_voucher(self, call: Call) -> Answer:
        """Pay a bill with a voucher of the same amount; the voucher is used up only if it pays (9.3.6)."""
        payment = self._payment(call, fresh_identifier())
        if self._on("voucher-bill-refused"):
            raise Refused("VoucherSecretHash is of no voucher that is good for this bill")
        rejects = self._on("voucher-bill-rejected")
        then = self._rejected(payment) if rejects else self._by_voucher(call, payment)
        return Answer(status=202, body=receipt(call, "code", "reason", "RequestID"), then=tuple(then))

    def _token(self) -> tuple[str, ...]:
        """Name the header that a product which passes its caller's requests on whole gives to others."""
        return ("Authorization",) if self._on("token-passed-on") else ()

    def _asked(self, inquiry: Inquiry) -> Sent:
        """Have the biller asked; one of a bill that is of no biller is answered at once (9.3.3.1)."""
        known = self._remembered(inquiry.bill)
        self._state.bills.inquire(inquiry)
        if not self._biller.issues(inquiry.bill):
            if not self._on("unknown-prefix-in-silence"):
                unknown = {"code": "01", "reason": "No biller has issued this bill."}
                yield from self._biller.passed_on(inquiry, unknown)
            return
        if known is not None:
            yield from self._biller.passed_on(inquiry, known.said)
            return
        if not self._on("biller-not-asked"):
            yield from self._biller.ask(inquiry, paid=inquiry.bill in self._state.bills.paid)
        if self._on("bill-answer-made-up"):
            yield from self._biller.passed_on(inquiry, {"code": "00", "reason": "Found"})
        elif inquiry.found is None and not self._on("silent-biller-forgotten"):
            yield Later(seconds=_SECONDS, then=lambda: self._unanswered(inquiry))

    def _remembered(self, bill: str) -> Inquiry | None:
        """Give an earlier inquiry whose answer stands in for the biller's; none, as a bill changes."""
        if not self._on("bill-told-from-memory"):
            return None
        return next((one for one in self._state.bills.inquiries(bill) if one.said), None)

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
        if not self._inquired(inquiry, payment.bill):
            if not self._on("refused-payment-in-silence"):
                yield from self._outcome(payment, "RJC", "Und")
        elif payment.bill in self._state.bills.paid:
            yield from self._repeated(payment)
        elif self._on("bill-payment-race"):
            yield Later(seconds=_RACE_SECONDS, then=lambda: self._begun(payment))
        elif self._on("outcome-by-bill"):
            self._state.bills.pay(payment)
            self._state.bills.paid.discard(payment.bill)
            yield Later(seconds=_RACE_SECONDS, then=lambda: self._biller.mark(payment))
        else:
            yield from self._begun(payment)

    def _inquired(self, request: str, bill: str) -> bool:
        """Tell whether the biller has this bill, as its answer to this inquiry said."""
        bills = self._state.bills
        if self._on("payment-without-inquiry"):
            return True
        if self._on("payment-by-any-inquiry"):
            return bills.asked_for(request)
        if self._on("payment-of-bill-not-found"):
            return bills.inquiry(request, bill) is not None
        return bills.inquired(request, bill)

    def _repeated(self, payment: Payment) -> Sent:
        if self._on("paid-bill-confirmed-again"):
            yield from self._outcome(payment, "ACK", "")
        else:
            yield from self._outcome(
                payment, "RJC", "Und" if self._on("duplicate-called-undefined") else "Dup"
            )

    def _begun(self, payment: Payment) -> Sent:
        bills = self._state.bills
        bills.pay(payment)
        if self._biller.configured:
            yield from self._biller.mark(payment)
            if self._on("outcome-before-biller"):
                yield from self._outcome(payment, "ACK", "")
        else:
            bills.marked(payment.mark)
            yield from self._outcome(payment, "ACK", "")

    def _understood(self, status: str, reason: str) -> tuple[str, str]:
        """Give the biller's word as it goes on to the payer's institution: unchanged."""
        if self._on("rejection-as-ack"):
            return "ACK", ""
        return status, "Und" if reason and self._on("reject-reason-lost") else reason

    def _by_voucher(self, call: Call, payment: Payment) -> Sent:
        """Use the voucher up and settle the bill; where either is not possible, neither happens."""
        inquiry, bills = call.body.get("billInquiryRequestId", ""), self._state.bills
        again = payment.bill in bills.paid and not self._on("voucher-bill-consumes-again")
        if not bills.inquired(inquiry, payment.bill) or again:
            yield from self._settled(payment, inquiry)
            return
        proof = call.body.get("VoucherSecretHash", "")
        voucher = self._state.vouchers.proven(proof)
        if not proof and self._on("voucher-bill-of-nobody"):
            voucher = self._state.vouchers.newest()
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
            "requestId": payment.mark if self._on("outcome-under-own-id") else payment.request,
            "billId": payment.bill,
            "status": status,
            **({"rejectReason": reason} if reason else {}),
        }
        if not self._on("outcome-kept-back"):
            yield from reply(payment.reply, body, payment.headers)
