"""Requests of a source building block with a later result: beneficiaries, batches and vouchers."""

from collections.abc import Mapping
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene

from .beneficiary_steps import registered
from .counterparties import bank_releases
from .order import Draft, Order
from .participants import name_of
from .voucher_steps import AMOUNT, voucher_created

__all__ = ["BENEFIT_ORDERS"]

_ACCOUNT = "DE89370400440532013"
_NO_SERIAL = "0000000000"


async def _register(scene: Scene, failing: bool) -> Draft:
    known = [one["beneficiary.identity"] for one in await registered(scene, 1)] if failing else []
    request = scene.fresh.identifier(12)
    entries = [
        {"payeeIdentity": identity, "PaymentModality": "00", "FinancialAddress": _ACCOUNT}
        for identity in (*known, scene.fresh.identifier(20))
    ]
    return Draft(
        method="POST",
        target="/identityAccountMapper/beneficiary",
        headers={"X-Registering-Institution-ID": name_of(scene, "institution")},
        body={"RequestID": request, "Beneficiaries": entries},
        mark=request,
        result={"body.registerRequestID": request},
    )


async def _update(scene: Scene, failing: bool) -> Draft:
    (known,) = await registered(scene, 1)
    request = scene.fresh.identifier(12)
    unknown = [scene.fresh.identifier(20)] if failing else []
    entries = [
        {"payeeIdentity": identity, "paymentModality": "01", "financialAddress": "254700000001"}
        for identity in (known["beneficiary.identity"], *unknown)
    ]
    return Draft(
        method="PUT",
        target="/identityAccountMapper/beneficiary",
        body={"requestID": request, "sourceBBID": name_of(scene, "institution"), "beneficiaries": entries},
        mark=request,
        result={"body.registerRequestID": request},
    )


async def _batch(scene: Scene, failing: bool) -> Draft:
    correlation = scene.fresh.identifier(12)
    before = scene.listener.counterparty("payer-bank").arrived
    payees = [
        ("accountNumber", _ACCOUNT),
        *([("payeeIdentity", scene.fresh.identifier(20))] if failing else []),
    ]

    async def play(scene: Scene, answer: Answer) -> None:
        if "payer-bank" in scene.counterparties:
            await bank_releases(scene, str(answer.get("batchId")), before)

    return Draft(
        method="POST",
        target="/batchtransactions?type=raw",
        headers={
            "X-CorrelationID": correlation,
            "Platform-TenantId": name_of(scene, "tenant"),
            "X-Program-Id": name_of(scene, "programme"),
            "X-Registering-Institution-Id": name_of(scene, "institution"),
        },
        body=[_instruction(scene, key, value) for key, value in payees],
        mark=correlation,
        result={"query.X-CorrelationID": correlation},
        play=play,
    )


def _instruction(scene: Scene, key: str, value: str) -> Mapping[str, Any]:
    return {
        "requestId": scene.fresh.identifier(16),
        "creditParty": [{"key": key, "value": value}],
        "debitParty": [{"key": "accountNumber", "value": "DE02120300000000202"}],
        "paymentMode": "CLOSEDLOOP",
        "amount": 125.5,
        "currency": name_of(scene, "currency"),
        "descriptionText": "Allowance for November",
    }


async def _create(scene: Scene, _failing: bool) -> Draft:
    request, batch = scene.fresh.identifier(12), scene.fresh.identifier(12)
    instruction = {
        "instructionID": scene.fresh.identifier(16),
        "groupCode": name_of(scene, "group"),
        "currency": name_of(scene, "currency"),
        "amount": AMOUNT,
        "payeeFunctionalID": scene.fresh.identifier(20),
        "narration": "Seeds and tools",
    }
    return Draft(
        method="POST",
        target="/vouchers",
        headers={
            "X-Program-Id": name_of(scene, "programme"),
            "X-Registering-Institution-Id": name_of(scene, "institution"),
        },
        body={"requestID": request, "batchID": batch, "voucherInstructions": [instruction]},
        mark=batch,
        result={"body.batchID": batch},
    )


async def _activate(scene: Scene, failing: bool) -> Draft:
    (voucher,) = await voucher_created(scene, 1)
    request = scene.fresh.identifier(12)
    return Draft(
        method="PUT",
        target="/vouchers?command=activate",
        body={
            "RequestID": request,
            "BatchID": voucher["voucher-created.batch"],
            "VoucherInstructions": _serials(voucher, failing),
        },
        mark=request,
        result={"body.registerRequestID": request},
    )


async def _cancel(scene: Scene, failing: bool) -> Draft:
    (voucher,) = await voucher_created(scene, 1)
    request = scene.fresh.identifier(12)
    return Draft(
        method="POST",
        target="/vouchers?command=cancel",
        body={
            "requestID": request,
            "batchID": voucher["voucher-created.batch"],
            "voucherInstructions": _serials(voucher, failing),
        },
        mark=request,
        result={"body.registerRequestID": request},
    )


def _serials(voucher: Mapping[str, str], failing: bool) -> list[Mapping[str, str]]:
    serials = [voucher["voucher-created.serial"], *([_NO_SERIAL] if failing else [])]
    return [{"serialNumber": serial} for serial in serials]


BENEFIT_ORDERS = (
    Order(
        call="register-beneficiary-result",
        variant="register-beneficiary",
        function="g2p",
        clause="8.1.2 b",
        draft=_register,
        broken={"Beneficiaries": 7},
        lists_failures=True,
    ),
    Order(
        call="update-beneficiary-result",
        variant="update-beneficiary",
        function="g2p",
        clause="8.1.3 b",
        draft=_update,
        broken={"beneficiaries": 7},
        lists_failures=True,
        elsewhere="source-bb",
    ),
    Order(
        call="batch-status",
        variant="batch-submit",
        function="g2p",
        clause="8.1.4 b",
        draft=_batch,
        broken={"amount": "much"},
        depends_on="payer-bank",
    ),
    Order(
        call="vouchers-created",
        variant="voucher-create",
        function="vouchers",
        clause="8.2.1 b",
        draft=_create,
        broken={"voucherInstructions": 7},
        fails=False,
    ),
    Order(
        call="vouchers-activated",
        variant="voucher-activate",
        function="vouchers",
        clause="8.2.2 b",
        draft=_activate,
        broken={"VoucherInstructions": 7},
        lists_failures=True,
        elsewhere="source-bb",
    ),
    Order(
        call="vouchers-cancelled",
        variant="voucher-cancel",
        function="vouchers",
        clause="8.2.5",
        draft=_cancel,
        broken={"voucherInstructions": 7},
        lists_failures=True,
        elsewhere="source-bb",
    ),
)
