"""The directory: who is there, what is offered, and what a caller may use (GovStack IM 8.2, metaservices)."""

from collections.abc import Iterable, Mapping
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .configuration import Service
from .documents import Document, Documents
from .identifiers import Application, MalformedError, read_application
from .state import State

__all__ = ["Directory", "Offer"]

Offer = tuple[Service, tuple[tuple[str, str], ...]]
"""A service and its endpoints."""
_SEEDS = 64
"""Documents that a fault keeps."""


class Directory:
    """The four operations of the directory, and what they rest on in either spelling."""

    def __init__(self, state: State, documents: Documents, on: FaultSwitches) -> None:
        """Take the mediator's memory, where documents come from, and the faults."""
        self._state = state
        self._documents = documents
        self._on = on
        self._kept: dict[tuple[Application, str], Document] = {}

    def list_clients(self, call: Call) -> Answer:
        """Give the members and applications of an instance, the mediator's own if none is named."""
        entries = [self._entry(name, client) for name, client in self.clients(call.query.get("instanceId"))]
        if self._on("clients-come-twice"):
            entries += entries[-1:]
        return Answer(status=200, body={"member": entries})

    async def list_methods(self, call: Call) -> Answer:
        """Give the services that an application offers."""
        caller, provider = self._caller(call), _provider(call)
        offers = await self.offered(provider, caller, call.query.get("serviceId"))
        return Answer(status=200, body={"member": [self._shown(offer) for offer in offers]})

    async def allowed_methods(self, call: Call) -> Answer:
        """Give those of an application's services that the caller may use."""
        caller, provider = self._caller(call), _provider(call)
        offers = await self.allowed(provider, caller, call.query.get("serviceId"))
        return Answer(status=200, body={"member": [self._shown(offer) for offer in offers]})

    async def get_openapi(self, call: Call) -> Answer:
        """Give a service's document as it was published."""
        self._caller(call)
        document = await self.document(_provider(call), call.query["serviceCode"])
        raw = document.raw[:-20] if self._on("document-cut-short") else document.raw
        return Answer(status=200, body=raw, media_type=document.media_type)

    def clients(self, instance: str | None) -> list[tuple[str, Application]]:
        """Give names and identifiers; raises Refused for an instance that nobody knows."""
        if instance is None or self._on("unknown-instance-listed"):
            instance = self._state.own
        configuration = self._state.configurations.get(instance)
        if configuration is None:
            raise Refused("query.instanceId names no instance that is known here.")
        members = [(name, member) for member, name in configuration.names.items()]
        if self._on("clients-without-applications"):
            return members
        return members + [(name, one) for one, name in configuration.applications.items() if one.code]

    async def offered(self, provider: Application, caller: Application, service: str | None) -> list[Offer]:
        """Give the services of an application with their endpoints; raises Refused for one that is not there."""
        services = self._chosen(provider, service)
        if self._on("offered-is-what-is-allowed"):
            services = [one for one in services if caller in one.clients]
        if self._on("offered-by-the-whole-member"):
            services = [*services, *self._of_the_member(provider)]
        return await self._with_endpoints(services)

    async def allowed(self, provider: Application, caller: Application, service: str | None) -> list[Offer]:
        """Give those of them that a caller may use."""
        services = self._chosen(provider, service)
        if not self._on("allowed-is-what-is-offered"):
            services = [one for one in services if self._may(caller, one)]
        return await self._with_endpoints(services)

    async def document(self, provider: Application, code: str) -> Document:
        """Give a service's document; raises Refused for a service that is not there."""
        services = {one.code: one for one in self._state.services_of(provider)}
        if self._on("first-services-document") and code in services:
            code = next(iter(services))
        if code not in services:
            if self._on("document-of-unknown-service"):
                return Document(raw=b'{"openapi":"3.0.0","paths":{}}', media_type=_JSON, endpoints=())
            raise Refused("query.serviceCode names no service of this application.")
        document = self._kept.get((provider, code)) or await self._documents.read(services[code].spec_url)
        if document is None:
            raise Refused("The service's document cannot be fetched from its specUrl.", status=500)
        if self._on("document-kept-for-ever") and len(self._kept) < _SEEDS:
            self._kept.setdefault((provider, code), document)
        return document

    def _chosen(self, provider: Application, service: str | None) -> list[Service]:
        services = self._state.services_of(provider)
        if service is None or self._on("service-filter-ignored"):
            return services
        chosen = [one for one in services if one.code == service]
        if not chosen:
            raise Refused("query.serviceId names no service of this application.")
        return chosen

    def _of_the_member(self, provider: Application) -> Iterable[Service]:
        for one in self._state.configurations[provider.instance].services.values():
            if one.provider.owner == provider.owner and one.provider != provider:
                yield one

    def _may(self, caller: Application, service: Service) -> bool:
        if self._on("allowed-to-the-whole-member"):
            return any(caller.owner == client.owner for client in service.clients)
        return caller in service.clients

    async def _with_endpoints(self, services: list[Service]) -> list[Offer]:
        documents = await self._documents.read_all([service.spec_url for service in services])
        return [(service, self._endpoints(documents[service.spec_url])) for service in services]

    def _endpoints(self, document: Document | None) -> tuple[tuple[str, str], ...]:
        endpoints = document.endpoints if document else ()
        if self._on("endpoints-made-up"):
            return tuple((method, path) for _, path in endpoints for method in ("GET", "PUT", "DELETE"))
        return endpoints

    def _caller(self, call: Call) -> Application:
        """Read who calls; raises Refused where nobody known is named."""
        try:
            caller = read_application(call.headers["x-govstack-client"])
        except MalformedError as error:
            raise Refused(f"header.X-GovStack-Client is no identifier: {error}.") from None
        if not self._state.knows(caller):
            raise Refused("header.X-GovStack-Client names nobody in the directory.")
        return caller

    def _entry(self, name: str, client: Application) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": name, "id": _parts(client)}
        if self._on("client-ids-run-together") and client.code:
            entry["id"]["applicationCode"] = f"{client.member}/{client.code}"
        return entry

    def _shown(self, offer: Offer) -> dict[str, Any]:
        service, endpoints = offer
        return {
            **_parts(service.provider),
            "objectType": "SERVICE",
            "serviceType": "OPENAPI",
            "serviceCode": service.code,
            "endpointList": {"member": [{"method": method, "path": path} for method, path in endpoints]},
        }


_JSON = "application/json"


def _parts(client: Application) -> dict[str, str]:
    parts = {
        "objectType": "APPLICATION" if client.code else "MEMBER",
        "instanceId": client.instance,
        "memberClass": client.member_class,
        "memberCode": client.member,
    }
    return {**parts, "applicationCode": client.code} if client.code else parts


def _provider(call: Call) -> Application:
    path: Mapping[str, str] = call.path
    return Application(path["instanceId"], path["memberClass"], path["memberCode"], path["applicationCode"])
