"""Steps for vouchers: created many at once, activated many at once, known from the product's callback."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.listener import CallbackAddress

from .participants import content
from .voucher_requests import AMOUNT, SECRET_LIMIT, Voucher, activation, creation, details, instructions

__all__ = ["AMOUNT", "voucher_active", "voucher_created", "voucher_known"]


async def voucher_created(stage: Stage, count: int) -> Sequence[Resource]:
    """Create vouchers with one request and read them from its callback."""
    batch = stage.fresh.identifier(12)
    vouchers = await _created(stage, batch, count)
    return [{"voucher-created.serial": one.serial, "voucher-created.batch": batch} for one in vouchers]


async def voucher_known(stage: Stage, count: int) -> Sequence[Resource]:
    """Create one voucher for all readers of it."""
    (voucher,) = await _created(stage, stage.fresh.identifier(12), 1)
    return [{"voucher-known.serial": voucher.serial}] * count


async def voucher_active(stage: Stage, count: int) -> Sequence[Resource]:
    """Create and activate vouchers with their secrets, or take those that the vendor prepared."""
    prepared = stage.prepared("voucher-active", "serial", "secret", "batch")
    if prepared:
        return [_hashed(one) for one in (prepared * count)[:count]]
    batch = stage.fresh.identifier(12)
    vouchers = await _created(stage, batch, count)
    await _activate(stage, batch, [one.serial for one in vouchers])
    return [_hashed(_active(one)) for one in vouchers]


async def _created(stage: Stage, batch: str, count: int) -> list[Voucher]:
    address = stage.address("vouchers-created")
    ordered = instructions(stage, [AMOUNT] * count)
    await stage.call("voucher-create", creation(stage, ordered, batch=batch, address=address.url))
    return [Voucher.told(one, batch) for one in await _handed_over(stage, address, count)]


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
            vouchers.extend(details(content(callback)))
        calls = len(callbacks)
    return vouchers[:count]


async def _activate(stage: Stage, batch: str, serials: Sequence[str]) -> None:
    """Activate vouchers; no callback is no trouble, as the file has no field for its address (payments-e049)."""
    address = stage.address("vouchers-activated")
    request = activation(batch, serials, request=stage.fresh.identifier(12), address=address.url)
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


def _active(voucher: Voucher) -> Resource:
    if not voucher.showable:
        raise Prerequisite(
            Message(
                text=N_(
                    "The voucher number has {length} characters and a redemption has room for {limit}; how one becomes "
                    "the other is not published. Name prepared vouchers under fixtures in product.yaml: {fixtures}."
                ),
                values={
                    "length": len(voucher.secret),
                    "limit": SECRET_LIMIT,
                    "fixtures": "voucher-active.serial, voucher-active.secret, voucher-active.batch",
                },
            )
        )
    return {
        "voucher-active.serial": voucher.serial,
        "voucher-active.batch": voucher.batch,
        "voucher-active.secret": voucher.secret,
    }


def _hashed(voucher: Resource) -> Resource:
    """Add the proof that a bill payment carries: the SHA-256 of the secret, as no document names another."""
    digest = hashlib.sha256(voucher["voucher-active.secret"].encode()).hexdigest()
    return {**voucher, "voucher-active.hash": digest}
