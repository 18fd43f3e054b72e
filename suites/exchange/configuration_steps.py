"""Steps for the configuration: as it is, and members, applications and services that are entered into it."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Steps
from dpi_conformance.i18n import N_, Message
from dpi_conformance.vectors.scripts import TEXTS
from dpi_conformance.wire.reactions import Reaction

from .configuring import changed, configuration, member_of
from .parties import application

__all__ = ["CONFIGURATION", "described"]

_DOCUMENT: Final = {
    "openapi": "3.0.3",
    "info": {"title": "People", "version": "1.0.0"},
    "paths": {"/people": {"get": {"responses": {"200": {"description": "People."}}}}},
}
_REPEATABLE: Final = "config-create.repeatable"


def described(stage: Stage) -> str:
    """Give an address of the harness at which a service's OpenAPI document is, and the service itself."""
    address = stage.listener.address("service", lasting=True)
    address.answer = Reaction(status=200, body=json.dumps(_DOCUMENT).encode())
    return address.url


async def _description(stage: Stage, count: int) -> Sequence[Resource]:
    return [{"description.url": described(stage)}] * count


async def _configuration(stage: Stage, count: int) -> Sequence[Resource]:
    """Read the configuration as it is."""
    known = await configuration(stage)
    members = json.dumps(known.get("members") or [], ensure_ascii=False)
    one = {
        "configuration.domain": str(known["domain"]),
        "configuration.instance": str(known["instance"]),
        "configuration.members": members,
    }
    return [one] * count


async def _repeatable(stage: Stage, count: int) -> Sequence[Resource]:
    """Ask the vendor whether setting up may be repeated: no document says what it does where there is an instance."""
    if stage.declared.get(_REPEATABLE) == "yes":
        return [{"configuration-repeatable.init": "false"}] * count
    raise Prerequisite(
        Message(
            text=N_(
                "What setting up does to a mediator that is configured is published nowhere; write {name}: “yes” under "
                "declares in product.yaml if it may be sent."
            ),
            values={"name": _REPEATABLE},
        )
    )


async def _offers(
    stage: Stage, count: int, resource: str = "offer", text: str | None = None
) -> Sequence[Resource]:
    """Enter a member with as many applications, each with one service that the consumer may use.

    ``text`` stands in the applications' identifiers where they are to hold some.
    """
    consumer = application(stage, "consumer.client")
    known = await configuration(stage)
    name = member_of(known, consumer.member_class, consumer.member)
    right = {"member": name or consumer.member, "application": consumer.code}
    code = stage.fresh.identifier(10)
    offers = [
        {"application": f"{text or ''}{stage.fresh.identifier(10)}", "service": stage.fresh.identifier(10)}
        for _ in range(count)
    ]
    url = described(stage)
    applications = [_application(one, url, right) for one in offers]
    member = {"name": code, "class": consumer.member_class, "code": code, "applications": applications}
    await changed(stage, [member])
    return [
        {
            f"{resource}.class": consumer.member_class,
            f"{resource}.member": code,
            f"{resource}.application": one["application"],
            f"{resource}.service": one["service"],
        }
        for one in offers
    ]


async def _written(stage: Stage, count: int, script: str) -> Sequence[Resource]:
    """Enter applications whose identifiers hold text in a script; a product that refuses such text has plain ones."""
    resource = f"offer-{script}"
    try:
        return await _offers(stage, count, resource, TEXTS[script])
    except Prerequisite:
        return await _offers(stage, count, resource)


def _application(offer: dict[str, str], url: str, right: dict[str, str]) -> dict[str, Any]:
    service = {"id": offer["service"], "specUrl": url, "serviceUrl": url, "rights": [right]}
    return {"id": offer["application"], "connection": "https", "services": [service]}


CONFIGURATION: Final[Steps] = {
    "description": _description,
    "configuration": _configuration,
    "configuration-repeatable": _repeatable,
    "offer": _offers,
    **{
        f"offer-{script}": partial(_written, script=script)
        for script in TEXTS
        if script != "lone-surrogate"  # no answer can carry it
    },
}
"""The steps of this module by resource."""
