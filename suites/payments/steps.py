"""The block's steps by resource: each creates through the published API what a vector's request refers to."""

import asyncio

from dpi_conformance.execution.steps import Prerequisite, Stage, Step, Steps

from .batch_steps import batch_awaiting_authorization, batch_awaiting_validation, batch_known, batch_submitted
from .beneficiary_steps import BENEFICIARIES, registered
from .bill_steps import bill_inquired, bill_inquiry_pending, payment_pending
from .participants import participant
from .request_to_pay_steps import request_to_pay_known, request_to_pay_pending
from .voucher_steps import voucher_active, voucher_created, voucher_known

__all__ = ["FREE", "STEPS", "ask_callback"]

STEPS: Steps = {
    "participant": participant,
    **BENEFICIARIES,
    "batch-submitted": batch_submitted,
    "batch-known": batch_known,
    "batch-awaiting-validation": batch_awaiting_validation,
    "batch-awaiting-authorization": batch_awaiting_authorization,
    "bill-inquiry-pending": bill_inquiry_pending,
    "bill-inquired": bill_inquired,
    "payment-pending": payment_pending,
    "request-to-pay-known": request_to_pay_known,
    "request-to-pay-pending": request_to_pay_pending,
    "voucher-created": voucher_created,
    "voucher-known": voucher_known,
    "voucher-active": voucher_active,
}

FREE = frozenset({"participant"})
"""Resources whose steps send nothing."""


async def ask_callback(stage: Stage) -> bool:
    """Ask the product for one callback, by whichever function it has; tells whether one arrived."""
    ways = [asyncio.ensure_future(_answered(stage, step)) for step in (registered, voucher_created)]
    try:
        for way in asyncio.as_completed(ways):
            if await way:
                return True
        return False
    finally:
        for way in ways:
            way.cancel()


async def _answered(stage: Stage, step: Step) -> bool:
    try:
        return bool(await step(stage, 1))
    except Prerequisite:
        return False
