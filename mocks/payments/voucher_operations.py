"""The voucher operations (GovStack Payments 8.2)."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .currencies import money_trouble
from .identifiers import fresh_identifier
from .replies import receipt, reply, reply_address
from .state import stamp
from .vouchers import Redemption, VoucherRefusal, Vouchers

__all__ = ["VoucherOperations"]

_SERIAL_LIMIT = 20
"""Characters that an outcome has room for; no voucher has so many."""
_RACE_SECONDS = 0.05


class VoucherOperations:
    """Creation, activation, cancellation, redemption and status."""

    def __init__(self, vouchers: Vouchers, source: str, on: FaultSwitches) -> None:
        """Take the voucher engine, and the address of the source building block."""
        self._on = on
        self._vouchers = vouchers
        self._source = source

    def create(self, call: Call) -> Answer:
        """Create one voucher for each instruction, or none: the callback has no place for a failed one."""
        address = reply_address(call)
        instructions = call.body.get("voucherInstructions", [])
        for index, one in enumerate(instructions):
            if trouble := money_trouble(one.get("amount"), one.get("currency")):
                raise Refused(f"voucherInstructions.{index}.{trouble}.")
        created = []
        for one in instructions:
            voucher = self._vouchers.create(Decimal(one["amount"]), one["currency"], one.get("groupCode", ""))
            kept = {
                name: one[name]
                for name in ("instructionID", "currency", "amount", "narration")
                if name in one
            }
            created.append({**kept, "serialNumber": voucher.serial, "voucherNumber": voucher.secret})
        given = {name: call.body[name] for name in ("requestID", "batchID") if name in call.body}
        body = receipt(call, "ResponseCode", "ResponseDescription", "RequestID")
        return Answer(status=200, body=body, then=reply(address, {**given, "voucherInstructions": created}))

    def activate(self, call: Call) -> Answer:
        """Activate each voucher that can be; the others are named in the callback."""
        body = receipt(call, "ResponseCode", "ResponseDescription", "RequestID")
        serials = [one.get("serialNumber", "") for one in call.body.get("VoucherInstructions", [])]
        return self._each(call, body, serials, self._vouchers.activate)

    def cancel(self, call: Call) -> Answer:
        """Cancel each voucher that can be; the others are named in the callback."""
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        serials = [one.get("serialNumber", "") for one in call.body.get("voucherInstructions", [])]
        return self._each(call, body, serials, self._vouchers.cancel)

    def redeem(self, call: Call) -> Answer:
        """Redeem one voucher at once: the whole of it, and only once."""
        serial = call.body.get("voucherSerialNumber", "")
        named = {"serialNumber": serial} if len(serial) <= _SERIAL_LIMIT else {}
        try:
            redemption = self._redeemed(call)
        except VoucherRefusal as refusal:
            return Answer(status=200, body={"status": 0, "message": str(refusal), **named})
        return Answer(
            status=200,
            then=self._consumed_late(serial),
            body={
                "status": 1,
                "message": "redeemed",
                **named,
                "value": redemption.amount,
                "timestamp": stamp(redemption.at),
                "transactionId": redemption.transaction,
            },
        )

    def _redeemed(self, call: Call) -> Redemption:
        secret, agent = call.body.get("voucherSecretNumber", ""), call.body.get("agentID", "")
        redemption = self._vouchers.redeem(call.body.get("voucherSerialNumber", ""), secret, agent)
        if self._on("redemption-race"):
            self._vouchers.put_back(redemption.serial)
        return redemption

    def _consumed_late(self, serial: str) -> tuple[Later, ...]:
        """With the race, the voucher is marked only after a moment."""
        if not self._on("redemption-race"):
            return ()
        return (Later(seconds=_RACE_SECONDS, then=lambda: self._vouchers.mark_consumed(serial)),)

    def status(self, call: Call) -> Answer:
        """Say how a voucher stands; never its secret."""
        voucher = self._vouchers.find(call.path["serialNumber"])
        if voucher is None:
            raise Refused("serialNumber is not known.")
        return Answer(
            status=200,
            body={"status": int(voucher.status), "serialNumber": voucher.serial, "value": voucher.amount},
        )

    def _each(
        self, call: Call, body: object, serials: Sequence[str], carry_out: Callable[[str], str | None]
    ) -> Answer:
        address = reply_address(call, self._source)
        failed = [
            {"serialNumber": serial[:_SERIAL_LIMIT], "failureReason": reason}
            for serial in serials
            if (reason := carry_out(serial))
        ]
        request = call.body.get("requestID", call.body.get("RequestID"))
        outcome = {
            "requestID": fresh_identifier(),
            **({} if request is None else {"registerRequestID": request}),
            "numberFailedCases": len(failed),
            "failedCases": failed,
        }
        return Answer(status=200, body=body, then=reply(address, outcome))
