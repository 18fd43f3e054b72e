"""The voucher operations (GovStack Payments 8.2)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .currencies import money_trouble
from .declared import DECLARED
from .identifiers import fresh_identifier
from .replies import receipt, reply, reply_address
from .state import stamp
from .vouchers import (
    LIFE,
    SHORT_LIFE,
    Redemption,
    TooManyGuesses,
    Voucher,
    VoucherRefusal,
    Vouchers,
    VoucherStatus,
)

__all__ = ["VoucherOperations"]

_SERIAL_LIMIT = 20
"""Characters that an outcome has room for; no voucher has so many."""
_RACE_SECONDS = 0.05
_HUNDRED = 100
"""So many entries of a list a fault takes in."""
_SHORT_LIVED = DECLARED["voucher.short-lived-programme"]
_ECHOED = ("instructionID", "currency", "amount", "narration")


class VoucherOperations:
    """Creation, activation, cancellation, redemption and status."""

    def __init__(self, vouchers: Vouchers, source: str, on: FaultSwitches) -> None:
        """Take the voucher engine, and the address of the source building block."""
        self._on = on
        self._vouchers = vouchers
        self._source = source
        self._read_active: set[str] = set()
        """Vouchers that a status query has shown as active; only a fault trusts it."""
        vouchers.misbehave(on)

    def create(self, call: Call) -> Answer:
        """Create one voucher for each instruction, or none: the callback has no place for a failed one."""
        address = reply_address(call)
        instructions = call.body.get("voucherInstructions", [])
        for index, one in enumerate(instructions):
            if trouble := money_trouble(one.get("amount"), one.get("currency")):
                raise Refused(f"voucherInstructions.{index}.{trouble}.")
        life = SHORT_LIFE if call.headers.get("x-program-id") == _SHORT_LIVED else LIFE
        created = [self._created(one, life) for one in self._taken_in(instructions)]
        given = {name: call.body[name] for name in ("requestID", "batchID") if name in call.body}
        if self._on("order-forgotten"):
            given = {"requestID": fresh_identifier(), "batchID": fresh_identifier()}
        body = receipt(call, "ResponseCode", "ResponseDescription", "RequestID")
        return Answer(status=200, body=body, then=reply(address, {**given, "voucherInstructions": created}))

    def _taken_in(self, instructions: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Give the instructions that are carried out; all of them, but for a fault."""
        if self._on("order-first-hundred"):
            return instructions[:_HUNDRED]
        return (
            instructions[:-1] if len(instructions) > 1 and self._on("last-instruction-lost") else instructions
        )

    def _created(self, instruction: Mapping[str, Any], life: timedelta) -> dict[str, Any]:
        """Create one voucher and give what the caller is told of it."""
        amount, currency = Decimal(instruction["amount"]), instruction["currency"]
        if self._on("amount-rounded"):
            amount = Decimal(int(amount))
        voucher = self._vouchers.create(amount, currency, instruction.get("groupCode", ""), life)
        told = {name: instruction[name] for name in _ECHOED if name in instruction}
        if self._on("amount-rounded"):
            told["amount"] = amount
        if not self._on("number-withheld"):
            told["voucherNumber"] = voucher.secret
        if not self._on("no-expiry"):
            told["validityPeriod"] = self._validity(voucher)
        return {**told, "serialNumber": voucher.serial}

    def _validity(self, voucher: Voucher) -> str:
        """Give how long a voucher is good from its activation, as ISO 8601 writes it."""
        short = voucher.life < timedelta(days=1)
        if self._on("expiry-at-random"):
            return f"P{30 + int(voucher.serial) % 60}D"
        return f"PT{voucher.life.seconds}S" if short else f"P{voucher.life.days}D"

    def activate(self, call: Call) -> Answer:
        """Activate each voucher that can be; the others are named in the callback."""
        body = receipt(call, "ResponseCode", "ResponseDescription", "RequestID")
        serials = [one.get("serialNumber", "") for one in call.body.get("VoucherInstructions", [])]
        carry_out = self._vouchers.activate
        if self._on("one-unknown-stops-all") and any(
            self._vouchers.find(serial) is None for serial in serials
        ):
            carry_out = self._unknown
        return self._each(call, body, serials, carry_out)

    def _unknown(self, serial: str) -> str | None:
        return None if self._vouchers.find(serial) else "serialNumber is not known"

    def cancel(self, call: Call) -> Answer:
        """Cancel each voucher that can be; the others are named in the callback."""
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        serials = [one.get("serialNumber", "") for one in call.body.get("voucherInstructions", [])]
        if not self._on("cancellation-race"):
            return self._each(call, body, serials, self._vouchers.cancel)
        answer = self._each(call, body, serials, self._vouchers.cancellable)
        late = Later(seconds=_RACE_SECONDS, then=lambda: self._cancelled_late(serials))
        return Answer(status=200, body=body, then=(*answer.then, late))

    def _cancelled_late(self, serials: Sequence[str]) -> tuple[()]:
        """Write down what was decided a moment ago, whatever has happened since."""
        for serial in serials:
            if self._vouchers.find(serial):
                self._vouchers.put(serial, VoucherStatus.CANCELLED)
        return ()

    def redeem(self, call: Call) -> Answer:
        """Redeem one voucher at once: the whole of it, and only once."""
        serial = call.body.get("voucherSerialNumber", "")
        named = {"serialNumber": serial} if len(serial) <= _SERIAL_LIMIT else {}
        if self._on("redemption-names-another"):
            named = {"serialNumber": "1000000000"}
        try:
            redemption = self._redeemed(call)
        except TooManyGuesses as refusal:
            raise Refused(str(refusal), status=429, headers={"Retry-After": "1"}) from None
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
                "timestamp": stamp(self._moment(redemption)),
                "transactionId": redemption.transaction,
            },
        )

    def _redeemed(self, call: Call) -> Redemption:
        secret, agent = call.body.get("voucherSecretNumber", ""), call.body.get("agentID", "")
        serial = call.body.get("voucherSerialNumber", "")
        if serial in self._read_active:
            self._vouchers.put(serial, VoucherStatus.ACTIVATED)
            self._read_active.discard(serial)
        redemption = self._vouchers.redeem(serial, secret, agent)
        if self._on("redemption-race"):
            self._vouchers.put(redemption.serial, VoucherStatus.ACTIVATED)
        return redemption

    def _moment(self, redemption: Redemption) -> datetime:
        """Give when a voucher was redeemed; a day too early by a fault."""
        return redemption.at - timedelta(days=1 if self._on("redemption-a-day-behind") else 0)

    def _consumed_late(self, serial: str) -> tuple[Later, ...]:
        """With the race, the voucher is marked only after a moment."""
        if not self._on("redemption-race"):
            return ()
        mark = Later(seconds=_RACE_SECONDS, then=lambda: self._vouchers.put(serial, VoucherStatus.CONSUMED))
        return (mark,)

    def status(self, call: Call) -> Answer:
        """Say how a voucher stands; never its secret."""
        voucher = self._vouchers.find(call.path["serialNumber"])
        if voucher is None:
            if self._on("unknown-serial-breaks"):
                raise Refused("NullPointerException", status=500)
            if self._on("unknown-serial-is-fresh"):
                return Answer(status=200, body={"status": 1, "value": 0})
            raise Refused("serialNumber is not known.")
        if voucher.status is VoucherStatus.ACTIVATED and self._on("stale-reading"):
            self._read_active.add(voucher.serial)
        body: dict[str, Any] = {
            "status": self._number(voucher.status),
            "serialNumber": voucher.serial,
            "value": voucher.amount,
        }
        if voucher.status is VoucherStatus.CONSUMED and self._on("spent-is-worth-nothing"):
            body["value"] = 0
        if self._on("value-to-one-decimal"):
            body["value"] = round(voucher.amount, 1)
        if self._on("number-in-status"):
            body["voucherNumber"] = voucher.secret
        if voucher.status is VoucherStatus.ACTIVATED and self._on("reading-consumes"):
            self._vouchers.put(voucher.serial, VoucherStatus.CONSUMED)
        return Answer(status=200, body=body)

    def _number(self, status: VoucherStatus) -> int:
        """Give the number that stands for a state: the same for each, and as it is declared, but for a fault."""
        if not self._on:
            return int(status)
        active, spent = VoucherStatus.ACTIVATED, VoucherStatus.CONSUMED
        shown: dict[str, dict[VoucherStatus, int]] = {
            "activation-unshown": {active: VoucherStatus.PRE_ACTIVATED},
            "expired-shown-active": {VoucherStatus.EXPIRED: active},
            "spent-shown-active": {spent: active},
            "spent-shown-cancelled": {spent: VoucherStatus.CANCELLED},
            "cancelled-is-six": {VoucherStatus.CANCELLED: 6},
            "states-counted-from-zero": {one: one - 1 for one in VoucherStatus},
            "states-exchanged": {VoucherStatus.PRE_ACTIVATED: active, active: VoucherStatus.PRE_ACTIVATED},
        }
        on = (numbers.get(status) for name, numbers in shown.items() if self._on(name))
        return int(next((number for number in on if number is not None), status))

    def _each(
        self, call: Call, body: object, serials: Sequence[str], carry_out: Callable[[str], str | None]
    ) -> Answer:
        address = reply_address(call, self._source)
        failed = [
            {"serialNumber": serial[:_SERIAL_LIMIT], "failureReason": reason}
            for serial in serials
            if (reason := carry_out(serial))
        ]
        if self._on("failed-cases-lost"):
            failed = []
        failed = self._named_too(failed, serials)
        request = call.body.get("requestID", call.body.get("RequestID"))
        if self._on("outcome-forgets-request"):
            request = fresh_identifier()
        outcome = {
            "requestID": fresh_identifier(),
            **({} if request is None else {"registerRequestID": request}),
            "numberFailedCases": len(serials) if self._on("failed-cases-miscounted") else len(failed),
            "failedCases": failed,
            **self._numbers_too(serials),
        }
        return Answer(status=200, body=body, then=reply(address, outcome))

    def _named_too(self, failed: list[dict[str, str]], serials: Sequence[str]) -> list[dict[str, str]]:
        """Give the failed cases; with a fault others beside those that there are, or without their reasons."""
        if self._on("voucher-failure-unexplained"):
            return [{"serialNumber": one["serialNumber"]} for one in failed]
        if failed and self._on("outcome-names-all"):
            return [
                {"serialNumber": serial[:_SERIAL_LIMIT], "failureReason": "not done"} for serial in serials
            ]
        if failed and self._on("outcome-names-stranger"):
            return [*failed, {"serialNumber": "1000000000", "failureReason": "not done"}]
        return failed

    def _numbers_too(self, serials: Sequence[str]) -> dict[str, list[str]]:
        """Give what no outcome may tell: only a fault does."""
        if not self._on("number-in-outcome"):
            return {}
        found = (self._vouchers.find(serial) for serial in serials)
        return {"voucherNumbers": [one.secret for one in found if one is not None]}
