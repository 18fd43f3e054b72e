"""Steps for beneficiaries: registered many at once, with addresses in every script where one is asked for."""

from collections.abc import Mapping, Sequence
from functools import partial

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps
from dpi_conformance.i18n import N_, Message
from dpi_conformance.vectors.scripts import TEXTS

from .accounts import ADDRESS, account, registration
from .participants import content

__all__ = ["BENEFICIARIES", "registered"]


async def registered(
    stage: Stage, count: int, resource: str = "beneficiary", address: str = ADDRESS
) -> Sequence[Resource]:
    """Register beneficiaries with one request, and wait for its callback; raises Prerequisite if one failed."""
    back = stage.address("register-beneficiary-result")
    accounts = [account(stage, address=address) for _ in range(count)]
    request = registration(stage, accounts, address=back.url, request=stage.fresh.identifier(12))
    await stage.call("register-beneficiary", request)
    outcome = content(await stage.called_back(back, "register-beneficiary-result"))
    failed = outcome.get("failedCases") if isinstance(outcome, Mapping) else None
    if failed:
        raise Prerequisite(
            Message(
                text=N_("The product did not register beneficiaries: {failed}."),
                values={"failed": str(failed)[:200]},
            )
        )
    return [{f"{resource}.identity": one.identity, f"{resource}.address": address} for one in accounts]


async def _beneficiary(stage: Stage, count: int) -> Sequence[Resource]:
    """Register beneficiaries, or take those that the vendor prepared."""
    prepared = stage.prepared("beneficiary", "identity", "address")
    if prepared:
        return (prepared * count)[:count]
    return await registered(stage, count)


async def _written(stage: Stage, count: int, script: str) -> Sequence[Resource]:
    """Register beneficiaries whose address is text in a script; a product that refuses such text has plain ones."""
    resource = f"beneficiary-{script}"
    try:
        return await registered(stage, count, resource, TEXTS[script])
    except Prerequisite:
        return await registered(stage, count, resource)


BENEFICIARIES: Steps = {
    "beneficiary": _beneficiary,
    **{
        f"beneficiary-{script}": partial(_written, script=script)
        for script in TEXTS
        if script != "lone-surrogate"  # no answer can carry it
    },
}
"""The steps of this module by resource."""
