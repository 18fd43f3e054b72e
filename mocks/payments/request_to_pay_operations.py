"""The operations on requests to pay (GovStack Payments 8.3.5 to 8.3.7, 9.3)."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from dpi_conformance.mockkit.calls import Answer, Call, Outgoing
from dpi_conformance.mockkit.faults import FaultSwitches

from .bills import RequestToPay
from .identifiers import fresh_identifier
from .replies import carried, receipt, reply, reply_address
from .state import State

__all__ = ["RequestToPayOperations"]

_HOP = ("X-CorrelationID", "X-Platform-TenantId", "X-billerId")
_REASONS = frozenset({"R", "E", "W"})
_BILL_LIMIT = 30
_BY_ALIAS = "01"
_ELSEWHERE = "NOSUCH"
"""No institution that the product reaches has a BIC which begins so; declared as ``request-to-pay.unreached-bic``."""


class RequestToPayOperations:
    """A biller's request, the payer's answer, and what became of it."""

    def __init__(self, state: State, payer_fi: str, biller: str, on: FaultSwitches) -> None:
        """Take the memory and both base addresses; without a payer's institution, an inner payer says yes."""
        self._on = on
        self._state = state
        self._payer_fi = payer_fi.rstrip("/")
        self._biller = biller.rstrip("/")

    def request(self, call: Call) -> Answer:
        """Take a request to pay in, and put it before the payer's institution."""
        given = call.body
        by_alias = given.get("requestType") == _BY_ALIAS
        made = RequestToPay(
            request=given.get("requestId", ""),
            rtp=given.get("rtpId"),
            bill=given.get("billID", ""),
            transaction=fresh_identifier(),
            reply=reply_address(call),
            headers=carried(call, *_HOP),
            details=given.get("billDetails", {}),
            bank=given.get("payerFiDetails", {}).get("payerFIBIC", ""),
            alias=given.get("alias", {}).get("aliasId", "") if by_alias else None,
            changed=int(self._state.clock().timestamp()),
        )
        if self._on("rtp-answer-to-last-address"):
            for other in self._state.bills.requests:
                other.reply = made.reply
        self._state.bills.request(made)
        then = self._put_before_payer(made)
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        return Answer(status=200, body=body, then=tuple(then))

    def payer_answered(self, call: Call) -> Answer:
        """Take in the payer's answer and tell the biller; one that was answered stays as it is."""
        given = call.body
        made = self._state.bills.requested(given.get("txnId", ""), f"rtp {given.get('rtpId')}")
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        if made is None:
            return Answer(status=200, body=body)
        status, reason = given.get("rtpStatus", "00"), given.get("rejectReason") or ""
        if made.status == "PND":
            return Answer(status=200, body=body, then=tuple(self._ended(made, status, reason)))
        if self._on("rtp-terminal-left"):
            self._becomes(made, status)
        again = self._told(made, status, reason) if self._on("rtp-answer-told-twice") else ()
        return Answer(status=200, body=body, then=tuple(again))

    def status(self, call: Call) -> Answer:
        """Say what became of a request to pay, to the biller's address; one that nobody made counts as rejected."""
        transfer = call.path["transferRequestId"]
        fallback = f"{self._biller}/transferRequests/{quote(transfer, safe='')}" if self._biller else ""
        address = reply_address(call, fallback)
        rtp = call.body.get("rtpId")
        made = self._state.bills.requested(transfer, f"rtp {rtp}", f"rtp {transfer}")
        names = {"rtpId": made.rtp if made else rtp, "RequestId": call.body.get("RequestId")}
        outcome = {
            **{name: value for name, value in names.items() if value is not None},
            "requestStatus": self._shown(made) if made else "RJC",
            "lastUpdateDate": made.changed if made else int(self._state.clock().timestamp()),
        }
        body = receipt(call, "responseCode", "reason", "requestID")
        told = "" if self._on("rtp-status-kept-back") else address
        return Answer(status=202, body=body, then=reply(told, outcome, carried(call, *_HOP)))

    def _shown(self, made: RequestToPay) -> str:
        return "COM" if self._on("rtp-status-always-completed") else made.status

    def _reached(self, made: RequestToPay) -> bool:
        """Tell whether the payer's institution is known: by the alias in the account mapper, or by its BIC."""
        if made.alias is not None:
            return self._state.mapper.names(made.alias) or self._on("rtp-alias-not-looked-up")
        return not made.bank.upper().startswith(_ELSEWHERE) or self._on("rtp-bic-ignored")

    def _put_before_payer(self, made: RequestToPay) -> Iterator[Outgoing]:
        if self._on("rtp-not-forwarded") or (made.alias is not None and self._on("rtp-alias-not-supported")):
            return
        if not self._reached(made):
            if not self._on("rtp-unreached-in-silence"):
                yield from self._ended(made, "01", "R")
        elif not self._payer_fi:
            yield from self._ended(made, "00", "")
        else:
            yield self._forwarded(made)
            if self._on("rtp-put-twice"):
                yield self._forwarded(made)
            if self._on("rtp-put-twice-anew"):
                yield self._forwarded(replace(made, transaction=fresh_identifier()))

    def _forwarded(self, made: RequestToPay) -> Outgoing:
        amount = made.details.get("amount")
        if amount is not None and self._on("rtp-amount-in-cents"):
            amount *= 100
        shown = {"Bill ID": made.bill, "Biller Name": made.details.get("billerName"), "Amount": amount}
        body = {
            "TxnID": made.transaction,
            **({} if made.rtp is None else {"rTPID": made.rtp}),
            "billDetails": {name: value for name, value in shown.items() if value is not None},
        }
        headers = dict(made.headers)
        if self._on("rtp-under-own-correlation"):
            headers["X-CorrelationID"] = fresh_identifier()
        return Outgoing(url=f"{self._payer_fi}/rtpRequest", body=body, headers=headers)

    def _ended(self, made: RequestToPay, status: str, reason: str) -> Iterator[Outgoing]:
        self._becomes(made, status)
        if self._on("rtp-blocks-payment"):
            self._state.bills.paid.add(made.bill)
        yield from self._told(made, status, reason)

    def _becomes(self, made: RequestToPay, status: str) -> None:
        agreed = "PND" if self._on("rtp-stays-pending") else "COM"
        made.status = agreed if status == "00" else "RJC"
        made.changed = int(self._state.clock().timestamp())

    def _told(self, made: RequestToPay, status: str, reason: str) -> Iterator[Outgoing]:
        if self._on("rtp-refusal-as-consent"):
            status, reason = "00", ""
        body = {
            "requestId": made.transaction if self._on("rtp-answer-under-own-id") else made.request,
            **({} if made.rtp is None else {"rtpId": made.rtp}),
            "billId": made.bill[:_BILL_LIMIT],
            "rtpStatus": status,
            **({"rejectReason": reason} if reason in _REASONS else {}),
        }
        if not self._on("rtp-answer-kept-back"):
            yield from reply(made.reply, body, made.headers)
