"""The metadata services as X-Road spells them (PR-MREST 2, 4, 5; annexes A and B)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from dpi_conformance.mockkit.calls import Refused, encode
from dpi_conformance.mockkit.faults import FaultSwitches

from .directory import Directory, Offer
from .forwarding import Fields
from .gate import Gate
from .identifiers import Application, MalformedError, decoded
from .incoming import Incoming, incoming
from .troubles import TroubleError, told

__all__ = ["METADATA", "Metadata"]

METADATA = (b"listMethods", b"allowedMethods", b"getOpenAPI")


class Metadata:
    """The ASGI application behind the metadata services of callers who speak X-Road."""

    def __init__(self, directory: Directory, gate: Gate, on: FaultSwitches) -> None:
        """Take the directory, what lets callers in, and the faults."""
        self._directory = directory
        self._gate = gate
        self._on = on

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        """Answer one question."""
        call = incoming(scope)
        try:
            media_type, body = await self._answered(call)
            status, headers = 200, _headers(media_type, body)
        except Refused as refusal:
            kind = "request" if refusal.status < 500 else "broken"
            status, headers, body = told(TroubleError(kind, refusal.text), call, self._on)
        except TroubleError as trouble:
            status, headers, body = told(trouble, call, self._on)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if call.method == "HEAD" else body})

    async def _answered(self, call: Incoming) -> tuple[str, bytes]:
        if call.method not in {"GET", "HEAD"}:
            raise TroubleError("method", f"{call.method} is not allowed here.", ((b"allow", b"GET, HEAD"),))
        self._gate.credential(call)
        query = {name: values[0] for name, values in parse_qs((call.query or b"").decode("latin-1")).items()}
        if call.segments == (b"listClients",):
            clients = self._directory.clients(query.get("xRoadInstance"))
            return _json({"member": [{"id": _parts(one), "name": name} for name, one in clients]})
        caller, provider = self._gate.client(call), _provider(call)
        return await self._of_application(call, caller, provider, query)

    async def _of_application(
        self, call: Incoming, caller: Application, provider: Application, query: Mapping[str, str]
    ) -> tuple[str, bytes]:
        match call.segments[5]:
            case b"listMethods":
                offers = await self._directory.offered(provider, caller, query.get("serviceCode"))
            case b"allowedMethods":
                offers = await self._directory.allowed(provider, caller, query.get("serviceCode"))
            case _:
                if "serviceCode" not in query:
                    raise TroubleError("request", "query.serviceCode is missing.")
                document = await self._directory.document(provider, query["serviceCode"])
                return document.media_type, document.raw
        shown = [_shown(offer) for offer in offers]
        if self._on("metadata-services-listed"):
            shown += [_itself(provider, name.decode()) for name in METADATA]
        if self._on("metadata-in-a-form-of-its-own"):
            return _json({"services": [one["service_code"] for one in shown]})
        return _json({"service": shown})


def _json(body: object) -> tuple[str, bytes]:
    return "application/json; charset=utf-8", encode(body)


def _headers(media_type: str, body: bytes) -> Fields:
    return (b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())


def _provider(call: Incoming) -> Application:
    try:
        return Application(*decoded(call.segments[1:5]))
    except MalformedError as error:
        raise TroubleError("request", f"The path names no application: {error}.") from None


def _parts(client: Application) -> dict[str, str]:
    parts = {
        "member_class": client.member_class,
        "member_code": client.member,
        "object_type": "SUBSYSTEM" if client.code else "MEMBER",
        "xroad_instance": client.instance,
    }
    return {**parts, "subsystem_code": client.code} if client.code else parts


def _shown(offer: Offer) -> dict[str, Any]:
    service, endpoints = offer
    return {
        **_parts(service.provider),
        "object_type": "SERVICE",
        "service_code": service.code,
        "service_type": "OPENAPI",
        "endpoint_list": [{"method": method, "path": _wild(path)} for method, path in endpoints],
    }


def _itself(provider: Application, name: str) -> dict[str, Any]:
    own = {"object_type": "SERVICE", "service_code": name, "service_type": "REST"}
    return {**_parts(provider), **own, "endpoint_list": [{"method": "GET", "path": "/"}]}


def _wild(path: str) -> str:
    """Write a path of OpenAPI with wildcards in place of its parameters: /pets/{id} becomes /pets/*."""
    return "/".join("*" if part.startswith("{") else part for part in path.split("/"))
