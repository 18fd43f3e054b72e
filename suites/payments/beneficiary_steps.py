"""Steps for beneficiaries: registered many at once, with addresses in every script where one is asked for."""

from collections.abc import Mapping, Sequence
from functools import partial

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.vectors.scripts import TEXTS

from .participants import content, name_of

__all__ = ["BENEFICIARIES", "registered"]

_ADDRESS = "DE89370400440532013000"


async def registered(
    stage: Stage, count: int, resource: str = "beneficiary", address: str = _ADDRESS
) -> Sequence[Resource]:
    """Register beneficiaries with one request, and wait for its callback; raises Prerequisite if one failed."""
    back = stage.address("register-beneficiary-result")
    identities = [stage.fresh.identifier(20) for _ in range(count)]
    headers = {
        "X-Callback-URL": back.url,
        "X-Registering-Institution-ID": name_of(stage, "institution"),
    }
    entries = [
        {"payeeIdentity": identity, "PaymentModality": "00", "FinancialAddress": address}
        for identity in identities
    ]
    body = {"RequestID": stage.fresh.identifier(12), "Beneficiaries": entries}
    request = json_request("POST", "/identityAccountMapper/beneficiary", body, headers)
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
    return [{f"{resource}.identity": identity, f"{resource}.address": address} for identity in identities]


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
