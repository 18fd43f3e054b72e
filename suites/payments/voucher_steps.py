"""Steps for vouchers: created many at once, activated many at once, known from the product's callback."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.listener import CallbackAddress

from .participants import content, name_of

__all__ = ["voucher_active", "voucher_created", "voucher_known"]

AMOUNT = 100
"""Equal to the amount of the bills that the harness's biller issues, so that a voucher can pay one."""
_SECRET_LIMIT = 6
"""Characters that a redemption has room for (VoucherRedemption.yml)."""


async def voucher_created(stage: Stage, count: int) -> Sequence[Resource]:
    """Create vouchers with one request and read them from its callback."""
    batch = stage.fresh.identifier(12)
    vouchers = await _created(stage, batch, count)
    return [
        {"voucher-created.serial": str(one.get("serialNumber", "")), "voucher-created.batch": batch}
        for one in vouchers
    ]


async def voucher_known(stage: Stage, count: int) -> Sequence[Resource]:
    """Create one voucher for all readers of it."""
    (voucher,) = await _created(stage, stage.fresh.identifier(12), 1)
    return [{"voucher-known.serial": str(voucher.get("serialNumber", ""))}] * count


async def voucher_active(stage: Stage, count: int) -> Sequence[Resource]:
    """Create and activate vouchers with their secrets, or take those that the vendor prepared."""
    prepared = stage.prepared("voucher-active", "serial", "secret", "batch")
    if prepared:
        return [_hashed(one) for one in (prepared * count)[:count]]
    batch = stage.fresh.identifier(12)
    vouchers = await _created(stage, batch, count)
    await _activate(stage, batch, [str(one.get("serialNumber", "")) for one in vouchers])
    return [_hashed(_active(one, batch)) for one in vouchers]


async def _created(stage: Stage, batch: str, count: int) -> list[Mapping[str, Any]]:
    address = stage.address("vouchers-created")
    headers = {
        "X-Callback-URL": address.url,
        "X-Program-Id": name_of(stage, "programme"),
        "X-Registering-Institution-Id": name_of(stage, "institution"),
    }
    instruction = {
        "groupCode": name_of(stage, "group"),
        "currency": name_of(stage, "currency"),
        "amount": AMOUNT,
        "narration": "Seeds and tools",
    }
    instructions = [
        {
            "instructionID": stage.fresh.identifier(16),
            **instruction,
            "payeeFunctionalID": stage.fresh.identifier(20),
        }
        for _ in range(count)
    ]
    body = {"requestID": stage.fresh.identifier(12), "batchID": batch, "voucherInstructions": instructions}
    await stage.call("voucher-create", json_request("POST", "/vouchers", body, headers))
    return await _handed_over(stage, address, count)


async def _handed_over(stage: Stage, address: CallbackAddress, count: int) -> list[Mapping[str, Any]]:
    """Collect the vouchers of a creation, which may come in one callback or in several."""
    await stage.called_back(address, "vouchers-created")
    calls, vouchers = 0, list[Mapping[str, Any]]()
    while len(vouchers) < count:
        callbacks = await address.wait(calls + 1, stage.callback_seconds)
        if len(callbacks) == calls:
            raise Prerequisite(
                Message(
                    text=N_(
                        "The product handed over {made} of {count} vouchers that it was asked to create."
                    ),
                    values={"made": len(vouchers), "count": count},
                )
            )
        for callback in callbacks[calls:]:
            vouchers.extend(_instructions(content(callback)))
        calls = len(callbacks)
    return vouchers[:count]


def _instructions(body: Any) -> list[Mapping[str, Any]]:
    listed = body.get("voucherInstructions") if isinstance(body, Mapping) else None
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


async def _activate(stage: Stage, batch: str, serials: Sequence[str]) -> None:
    """Activate vouchers; no callback is no trouble, as the file has no field for its address (payments-e049)."""
    address = stage.address("vouchers-activated")
    body = {
        "RequestID": stage.fresh.identifier(12),
        "BatchID": batch,
        "VoucherInstructions": [{"serialNumber": serial} for serial in serials],
    }
    request = json_request("PUT", "/vouchers?command=activate", body, {"X-Callback-URL": address.url})
    await stage.call("voucher-activate", request)
    for callback in await address.wait(1, stage.callback_seconds):
        outcome = content(callback)
        failed = outcome.get("failedCases") if isinstance(outcome, Mapping) else None
        if failed:
            raise Prerequisite(
                Message(
                    text=N_("The product did not activate vouchers that it had just created: {failed}."),
                    values={"failed": str(failed)[:200]},
                )
            )


def _active(voucher: Mapping[str, Any], batch: str) -> Resource:
    number = str(voucher.get("voucherNumber", ""))
    if not 0 < len(number) <= _SECRET_LIMIT:
        raise Prerequisite(
            Message(
                text=N_(
                    "The voucher number has {length} characters and a redemption has room for {limit}; how one becomes "
                    "the other is not published. Name prepared vouchers under fixtures in product.yaml: {fixtures}."
                ),
                values={
                    "length": len(number),
                    "limit": _SECRET_LIMIT,
                    "fixtures": "voucher-active.serial, voucher-active.secret, voucher-active.batch",
                },
            )
        )
    return {
        "voucher-active.serial": str(voucher.get("serialNumber", "")),
        "voucher-active.batch": batch,
        "voucher-active.secret": number,
    }


def _hashed(voucher: Resource) -> Resource:
    """Add the proof that a bill payment carries: the SHA-256 of the secret, as no document names another."""
    digest = hashlib.sha256(voucher["voucher-active.secret"].encode()).hexdigest()
    return {**voucher, "voucher-active.hash": digest}
