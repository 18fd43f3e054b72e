"""The operations on requests to pay (GovStack Payments 8.3.5 to 8.3.7, 9.3)."""

from collections.abc import Iterator
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
        made = RequestToPay(
            request=call.body.get("requestId", ""),
            rtp=call.body.get("rtpId"),
            bill=call.body.get("billID", ""),
            transaction=fresh_identifier(),
            reply=reply_address(call),
            headers=carried(call, *_HOP),
            details=call.body.get("billDetails", {}),
            changed=int(self._state.clock().timestamp()),
        )
        self._state.bills.request(made)
        then = self._put_before_payer(made)
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        return Answer(status=200, body=body, then=tuple(then))

    def payer_answered(self, call: Call) -> Answer:
        """Take in the payer's answer and tell the biller; one that was answered stays as it is."""
        given = call.body
        made = self._state.bills.requested(given.get("txnId", ""), f"rtp {given.get('rtpId')}")
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        if made is None or made.status != "PND":
            return Answer(status=200, body=body)
        then = self._ended(made, given.get("rtpStatus", "00"), given.get("rejectReason") or "")
        return Answer(status=200, body=body, then=tuple(then))

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
            "requestStatus": made.status if made else "RJC",
            "lastUpdateDate": made.changed if made else int(self._state.clock().timestamp()),
        }
        body = receipt(call, "responseCode", "reason", "requestID")
        return Answer(status=202, body=body, then=reply(address, outcome, carried(call, *_HOP)))

    def _put_before_payer(self, made: RequestToPay) -> Iterator[Outgoing]:
        if not self._payer_fi:
            yield from self._ended(made, "00", "")
            return
        shown = {
            "Bill ID": made.bill,
            "Biller Name": made.details.get("billerName"),
            "Amount": made.details.get("amount"),
        }
        body = {
            "TxnID": made.transaction,
            **({} if made.rtp is None else {"rTPID": made.rtp}),
            "billDetails": {name: value for name, value in shown.items() if value is not None},
        }
        yield Outgoing(url=f"{self._payer_fi}/rtpRequest", body=body, headers=made.headers)

    def _ended(self, made: RequestToPay, status: str, reason: str) -> Iterator[Outgoing]:
        made.status = "COM" if status == "00" else "RJC"
        made.changed = int(self._state.clock().timestamp())
        body = {
            "requestId": made.request,
            **({} if made.rtp is None else {"rtpId": made.rtp}),
            "billId": made.bill[:_BILL_LIMIT],
            "rtpStatus": status,
            **({"rejectReason": reason} if reason in _REASONS else {}),
        }
        yield from reply(made.reply, body, made.headers)
