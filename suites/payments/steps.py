"""The block's steps by resource: each creates through the published API what a vector's request refers to."""

import asyncio
from collections.abc import Collection, Mapping

from dpi_conformance.execution.steps import NotCalledBack, NotServed, Prerequisite, Stage, Step, Steps
from dpi_conformance.i18n import N_, Message

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


_ASKING: Mapping[str, Step] = {"g2p": registered, "vouchers": voucher_created}
"""For each function that can be asked for a callback without a counterparty, the step that does."""


async def ask_callback(stage: Stage, claims: Collection[str] = tuple(_ASKING)) -> bool | None:
    """Ask for one callback by whichever claimed function has one; tell whether it came, None if none can be asked.

    Raises Prerequisite where not one of the requests that ask for a callback was served.
    """
    ways = [asyncio.ensure_future(_answered(stage, step)) for name, step in _ASKING.items() if name in claims]
    refused: list[NotServed] = []
    try:
        for way in asyncio.as_completed(ways):
            came = await way
            if came is True:
                return True
            refused += [came] if isinstance(came, NotServed) else []
    finally:
        for way in ways:
            way.cancel()
    if ways and len(refused) == len(ways):
        raise _all_refused(refused)
    return False if ways else None


async def _answered(stage: Stage, step: Step) -> bool | NotServed:
    try:
        await step(stage, 1)
    except NotServed as trouble:
        return trouble
    except NotCalledBack:
        return False
    except Prerequisite:
        return True  # something is wrong with what came back, so it came
    return True


def _all_refused(refused: Collection[NotServed]) -> Prerequisite:
    values = [trouble.message.values for trouble in refused]
    answers = "; ".join(sorted(f"{one['variant']}: {one['answer']}" for one in values))
    text = N_("No request that asks for a callback was served ({answers}).")
    return Prerequisite(Message(text=text, values={"answers": answers}))
