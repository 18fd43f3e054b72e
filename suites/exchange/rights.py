"""Access rights as the suite gives, takes and lists them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dpi_conformance.execution.answer import Answer
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import json_request
from dpi_conformance.model.evidence import Request

from .configuring import RIGHTS
from .entering import Entry
from .parties import Application, application

__all__ = ["Page", "change", "filters", "page", "pairs"]

Pair = tuple[str, str, str]
"""The service's application and code, and the application that may use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of rights."""

    answer: Answer
    pairs: tuple[Pair, ...]
    token: str | None


async def change(scene: Scene, variant: str, one: Entry, service: str, *clients: str) -> Answer:
    """Give (``rights-allow``) or take (``rights-deny``) the right of applications, named as fixtures, to a service."""
    own = one.application
    order = {
        "memberClass": own.member_class,
        "memberCode": own.member,
        "applicationId": own.code,
        "serviceId": service,
        "rights": [_client(scene, client) for client in clients],
    }
    operation = variant.removeprefix("rights-")
    return await scene.send(variant, json_request("PATCH", f"{RIGHTS}/{operation}", [order]))


def _client(scene: Scene, name: str) -> dict[str, str]:
    """Name an application in both ways that are published (exchange: one is required, the other described)."""
    one = application(scene, name)
    member = scene.fixtures.get("consumer.member-name", "").strip() or one.member
    described = {"memberClass": one.member_class, "memberCode": one.member, "applicationId": one.code}
    return {**described, "member": member, "application": one.code}


def filters(provider: Application, **more: str) -> dict[str, str]:
    """Give the filters for one member's services."""
    return {"memberClass": provider.member_class, "memberCode": provider.member, **more}


async def page(
    scene: Scene, query: Mapping[str, str], size: int | None = None, token: str | None = None
) -> Page:
    """Ask for a page of rights."""
    asked = {
        **query,
        **({"pageSize": str(size)} if size else {}),
        **({"nextPageToken": token} if token else {}),
    }
    answer = await scene.send("rights-list", Request(method="GET", url=f"{RIGHTS}/allow?{urlencode(asked)}"))
    following = answer.get("nextPageToken")
    return Page(answer=answer, pairs=tuple(pairs(answer.body)), token=str(following) if following else None)


def pairs(body: Any) -> Iterator[Pair]:
    """Give the pairs of a page."""
    listed = body.get("allowList") if isinstance(body, Mapping) else None
    for one in listed if isinstance(listed, list) else ():
        for may in one.get("rights") or () if isinstance(one, Mapping) else ():
            client = may.get("applicationId") or may.get("application")
            yield str(one.get("applicationId")), str(one.get("serviceId")), str(client)
