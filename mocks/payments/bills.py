"""Bills: inquiries, payments, and requests to pay (GovStack Payments 8.3, 9.3)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Bills", "Inquiry", "Payment", "RequestToPay"]


@dataclass(slots=True, kw_only=True)
class Inquiry:
    """A payer's question for a bill, and what the biller said."""

    request: str
    bill: str
    correlation: str
    reply: str
    """The address of the answer; empty if there is none."""
    headers: Mapping[str, str]
    found: bool | None = None
    """None until the biller answers."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """The biller's answer, as it came."""


@dataclass(slots=True, kw_only=True)
class Payment:
    """A paid bill that the biller is to mark."""

    request: str
    bill: str
    mark: str
    """The product's own identifier of its request to the biller; repeated requests carry the same."""
    reference: str
    reply: str
    headers: Mapping[str, str]
    marked: bool = False
    """The biller has answered."""
    begun: float = field(default_factory=time.monotonic)
    """When it was taken in, on the monotonic clock; only a fault looks at it."""


@dataclass(slots=True, kw_only=True)
class RequestToPay:
    """A biller's request that a payer pay."""

    request: str
    rtp: int | None
    bill: str
    transaction: str
    reply: str
    headers: Mapping[str, str]
    details: Mapping[str, Any]
    bank: str = ""
    """The payer's institution (BIC), where it is named."""
    alias: str | None = None
    """What the payer is known by, where the institution is to be looked up."""
    status: str = "PND"
    """COM, PND, EXP, CAN or RJC; one that has ended stays as it is."""
    changed: int = 0
    """Seconds since 1970."""


class Bills:
    """All inquiries, payments and requests to pay, and which bills are paid."""

    def __init__(self) -> None:
        """Start empty."""
        self._inquiries: dict[tuple[str, str], Inquiry] = {}
        self._waiting: dict[tuple[str, str], Inquiry] = {}
        self._payments: dict[str, Payment] = {}
        self._requests: dict[str, RequestToPay] = {}
        self.paid: set[str] = set()
        """Bills that are paid, or whose payment is under way."""

    def inquire(self, inquiry: Inquiry) -> None:
        """Keep an inquiry until the biller answers it; the biller knows it by correlation and bill."""
        self._inquiries[inquiry.request, inquiry.bill] = inquiry
        self._waiting[inquiry.correlation, inquiry.bill] = inquiry

    def answered(self, correlation: str, bill: str) -> Inquiry | None:
        """Give the inquiry that a biller's answer is about, once."""
        return self._waiting.pop((correlation, bill), None)

    def inquiries(self, bill: str) -> list[Inquiry]:
        """Give all inquiries for a bill, the latest last."""
        return [one for one in self._inquiries.values() if one.bill == bill]

    def inquiry(self, request: str, bill: str) -> Inquiry | None:
        """Give the inquiry with this identifier for this bill, whatever came of it."""
        return self._inquiries.get((request, bill))

    def asked_for(self, request: str) -> bool:
        """Tell whether any bill was inquired under this identifier."""
        return any(known == request for known, _ in self._inquiries)

    def inquired(self, request: str, bill: str) -> bool:
        """Tell whether this bill was found by the inquiry with this identifier."""
        inquiry = self._inquiries.get((request, bill))
        return inquiry is not None and inquiry.found is True

    def pay(self, payment: Payment) -> None:
        """Keep a payment until the biller marks it."""
        self.paid.add(payment.bill)
        self._payments[payment.mark] = payment

    def marked(self, mark: str) -> Payment | None:
        """Give the payment that a biller's word is about, once."""
        payment = self._payments.pop(mark, None)
        if payment is not None:
            payment.marked = True
        return payment

    @property
    def pending(self) -> list[Payment]:
        """Give the payments that the biller has not answered."""
        return list(self._payments.values())

    @property
    def requests(self) -> list[RequestToPay]:
        """Give all requests to pay, some of them under several identifiers."""
        return list(self._requests.values())

    def request(self, request: RequestToPay) -> None:
        """Keep a request to pay; it is found by each of its identifiers."""
        for name in {request.transaction, request.request, f"rtp {request.rtp}"} - {""}:
            self._requests[name] = request

    def requested(self, *names: str) -> RequestToPay | None:
        """Look a request to pay up by the first of these identifiers that is known."""
        return next((self._requests[name] for name in names if name in self._requests), None)
