"""The directory as the suite asks it, in GovStack's spelling or X-Road's."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from dpi_conformance.execution.answer import Answer
from dpi_conformance.execution.scene import Scene
from dpi_conformance.model.evidence import Request

from .parties import Application, as_client

__all__ = [
    "SPELLINGS",
    "allowed",
    "clients",
    "codes",
    "document",
    "endpoints",
    "entries",
    "identifier",
    "offers",
    "part",
]

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "instance": ("instanceId", "xroad_instance"),
    "class": ("memberClass", "member_class"),
    "member": ("memberCode", "member_code"),
    "application": ("applicationCode", "subsystem_code"),
    "service": ("serviceCode", "service_code"),
    "type": ("objectType", "object_type"),
    "endpoints": ("endpointList", "endpoint_list"),
    "list": ("member", "service"),
}
"""GovStack's names, and X-Road's (exchange-e014)."""


def part(entry: Any, name: str) -> Any:
    """Give a part of an entry by any of its spellings; None where it has none."""
    if not isinstance(entry, Mapping):
        return None
    return next((entry[spelling] for spelling in SPELLINGS[name] if spelling in entry), None)


def entries(body: Any) -> list[Any]:
    """Give the entries of a list, bare or under its name."""
    listed = body if isinstance(body, list) else part(body, "list")
    return listed if isinstance(listed, list) else []


def identifier(entry: Any) -> tuple[Any, ...]:
    """Give the four parts of an entry of the list of clients; None for those that it has not."""
    own = entry.get("id") if isinstance(entry, Mapping) and isinstance(entry.get("id"), Mapping) else entry
    return tuple(part(own, name) for name in ("instance", "class", "member", "application"))


def codes(body: Any) -> list[str]:
    """Give the codes of the services in a list of methods."""
    return [str(part(entry, "service")) for entry in entries(body)]


def endpoints(entry: Any) -> Iterator[tuple[str, str]]:
    """Give method and path of each endpoint of a service."""
    for one in entries(part(entry, "endpoints")):
        if isinstance(one, Mapping):
            yield str(one.get("method")).lower(), str(one.get("path"))


async def clients(scene: Scene, instance: str) -> Answer:
    """Ask for an instance's clients."""
    target = f"/listClients?instanceId={quote(instance, safe='')}"
    return await scene.send("list-clients", Request(method="GET", url=target))


async def offers(
    scene: Scene, provider: Application, client: Application, service: str | None = None
) -> Answer:
    """Ask for the services of an application."""
    return await _methods(scene, "list-methods", "listMethods", provider, client, service)


async def allowed(
    scene: Scene, provider: Application, client: Application, service: str | None = None
) -> Answer:
    """Ask for those that a client may use."""
    return await _methods(scene, "allowed-methods", "allowedMethods", provider, client, service)


async def document(scene: Scene, provider: Application, client: Application, code: str) -> Answer:
    """Ask for a service's document."""
    target = f"{provider.path}/getOpenAPI?serviceCode={quote(code, safe='')}"
    headers = (("Accept", "application/json, text/yaml, */*"), *as_client(client).items())
    return await scene.send("get-openapi", Request(method="GET", url=target, headers=headers))


async def _methods(
    scene: Scene, variant: str, name: str, provider: Application, client: Application, service: str | None
) -> Answer:
    query = f"?serviceId={quote(service, safe='')}" if service else ""
    request = Request(
        method="GET", url=f"{provider.path}/{name}{query}", headers=tuple(as_client(client).items())
    )
    return await scene.send(variant, request)
