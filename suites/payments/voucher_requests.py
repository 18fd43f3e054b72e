"""What goes over the wire for vouchers, there and back; steps and cases share it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from dpi_conformance.execution.steps import Resource, Stage, json_request
from dpi_conformance.model.evidence import Request

from .participants import name_of

__all__ = [
    "AMOUNT",
    "SECRET_LIMIT",
    "SPARE",
    "Voucher",
    "activation",
    "cancellation",
    "creation",
    "details",
    "in_currency",
    "instructions",
    "money",
    "redemption",
    "status_number",
    "status_of",
]

AMOUNT = 100
"""Equal to the amount of the bills that the harness's biller issues, so that a voucher can pay one."""
SECRET_LIMIT = 6
"""Characters that a redemption has room for (VoucherRedemption.yml)."""
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
"""Currencies that have no minor unit (ISO 4217)."""
_LARGEST = 1_000_000
"""No status number is larger; a text of one that were is compared as a text."""
SPARE = "voucher-spare"
"""Active vouchers that a vendor prepares under fixtures for the suite, each used by one case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """One voucher as whoever ordered it knows it."""

    serial: str
    batch: str
    secret: str = ""
    """The voucher number, where it fits a redemption; else what the vendor prepared, or nothing."""
    instruction: str = ""
    amount: Decimal | None = None
    """None for a prepared one."""

    @classmethod
    def told(cls, detail: Mapping[str, Any], batch: str) -> "Voucher":
        """Read one from the callback that hands it over."""
        number = detail.get("voucherNumber")
        return cls(
            serial=_text(detail.get("serialNumber")),
            batch=batch,
            secret=_text(number),
            instruction=_text(detail.get("instructionID")),
            amount=money(detail.get("amount")),
        )

    @classmethod
    def prepared(cls, resource: Resource) -> "Voucher":
        """Read one that the vendor prepared, active, under fixtures."""
        return cls(
            serial=resource[f"{SPARE}.serial"],
            batch=resource[f"{SPARE}.batch"],
            secret=resource[f"{SPARE}.secret"],
        )

    @property
    def showable(self) -> bool:
        """Tell whether its number fits into a redemption: how a longer one becomes a secret is not published."""
        return 0 < len(self.secret) <= SECRET_LIMIT


def instructions(
    stage: Stage, amounts: Sequence[Decimal | int], *, currency: str = "", group: str = ""
) -> list[dict[str, Any]]:
    """Give one instruction for each amount, with fresh identifiers."""
    return [
        {
            "instructionID": stage.fresh.identifier(16),
            "groupCode": group or name_of(stage, "group"),
            "currency": currency or name_of(stage, "currency"),
            "amount": float(amount),
            "payeeFunctionalID": stage.fresh.identifier(20),
            "narration": "Seeds and tools",
        }
        for amount in amounts
    ]


def in_currency(stage: Stage, *amounts: str) -> list[Decimal]:
    """Give amounts as the product's currency can have them: without decimals, a hundred times as much."""
    whole = name_of(stage, "currency") in _WITHOUT_DECIMALS.split()
    return [Decimal(amount) * (100 if whole else 1) for amount in amounts]


def creation(
    stage: Stage, ordered: Sequence[Mapping[str, Any]], *, batch: str, address: str, programme: str = ""
) -> Request:
    """Order vouchers (VoucherPreactivationRequest)."""
    headers = {
        "X-Callback-URL": address,
        "X-Program-Id": programme or name_of(stage, "programme"),
        "X-Registering-Institution-Id": name_of(stage, "institution"),
    }
    body = {"requestID": stage.fresh.identifier(12), "batchID": batch, "voucherInstructions": ordered}
    return json_request("POST", "/vouchers", body, headers)


def activation(batch: str, serials: Sequence[str], *, request: str, address: str) -> Request:
    """Order that vouchers become usable (VoucherActivate); no document has a field for the address (payments-e049)."""
    body = {
        "RequestID": request,
        "BatchID": batch,
        "VoucherInstructions": [{"serialNumber": serial} for serial in serials],
    }
    return json_request("PUT", "/vouchers?command=activate", body, {"X-Callback-URL": address})


def cancellation(batch: str, serials: Sequence[str], *, request: str, address: str) -> Request:
    """Order that vouchers are cancelled (VoucherCancellation)."""
    body = {
        "requestID": request,
        "batchID": batch,
        "voucherInstructions": [{"serialNumber": serial} for serial in serials],
    }
    return json_request("POST", "/vouchers?command=cancel", body, {"X-Callback-URL": address})


def redemption(stage: Stage, serial: str, secret: str, agent: str) -> Request:
    """Redeem a voucher as the merchant (VoucherRedemption)."""
    body = {
        "requestID": stage.fresh.identifier(12),
        "voucherSerialNumber": serial,
        "agentID": agent,
        "voucherSecretNumber": secret,
    }
    return json_request("POST", "/vouchers?command=redeem", body, _institution(stage))


def status_of(stage: Stage, serial: str) -> Request:
    """Ask how a voucher stands (VoucherStatus)."""
    target = f"/vouchers/{quote(serial, safe='')}?fields=status"
    return json_request("GET", target, None, _institution(stage))


def _institution(stage: Stage) -> dict[str, str]:
    return {"X-Registering-Institution-Id": name_of(stage, "institution")}


def details(body: Any) -> list[Mapping[str, Any]]:
    """Give the vouchers that a callback hands over."""
    listed = body.get("voucherInstructions") if isinstance(body, Mapping) else None
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def money(value: object) -> Decimal | None:
    """Read an amount; None if it is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def status_number(value: object) -> int | str:
    """Read a status as the number that it is, for 3, "3" and "03" are one; anything else as a text."""
    number = money(value)
    if number is None or not number.is_finite() or abs(number) > _LARGEST or number != int(number):
        return str(value)
    return int(number)


def _text(value: object) -> str:
    return "" if value is None else str(value)
