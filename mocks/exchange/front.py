"""Decides who answers a request: the mediation, X-Road's metadata services, or the operations of the specification."""

from collections.abc import Mapping, MutableMapping
from email.utils import formatdate
from typing import Any

from dpi_conformance.mockkit.calls import Refused, encode
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.reading import Unreadable
from dpi_conformance.mockkit.requests import Disconnected, read_body

from .incoming import CLIENT_HEADERS, Dialect, Incoming, incoming
from .mediation import Mediator
from .xroad_metadata import METADATA, Metadata
from .yaml_reading import read_old_yaml, read_yaml

__all__ = ["Front"]

_RESERVED = frozenset({*METADATA, b"api", b"pub", b"pull"})
"""What follows an application in the paths of the specification; a service cannot be called so."""
_YAML = frozenset({b"text/yaml", b"text/x-yaml", b"application/yaml", b"application/x-yaml"})
_CONFIGURATION = (b"api", b"v1", b"config")


class Front:
    """The ASGI application of the whole product."""

    def __init__(self, operations: Any, mediator: Mediator, metadata: Metadata, on: FaultSwitches) -> None:
        """Take what serves the specification's operations, and what serves all else."""
        self._operations = operations
        self._mediator = mediator
        self._metadata = metadata
        self._on = on

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Hand a request on."""
        call = incoming(scope)
        if _is_mediated(call):
            await self._mediator(scope, receive, send)
        elif _is_metadata(call):
            await self._metadata(scope, receive, send)
        elif call.segments == _CONFIGURATION and _kind(call) in _YAML:
            await self._configured(call, scope, receive, send)
        else:
            await self._operations(_spelt(scope), receive, _dated(send))

    async def _configured(
        self, call: Incoming, scope: MutableMapping[str, Any], receive: Any, send: Any
    ) -> None:
        """Have a configuration in YAML carried out as the same one in JSON."""
        if self._on("yaml-refused"):
            await self._operations(scope, receive, _dated(send))
            return
        try:
            raw = await read_body(receive, call.value(b"content-length").decode("latin-1"))
            value = (read_old_yaml if self._on("yaml-of-old") else read_yaml)(raw)
        except Disconnected:
            return
        except Refused as refusal:
            await _refused(send, refusal.status, refusal.text)
        except Unreadable as error:
            await _refused(send, 400, error.text)
        else:
            await self._operations(*_as_json(scope, encode(value)), _dated(send))


def _is_mediated(call: Incoming) -> bool:
    return call.segments[0] == b"r1" and len(call.segments) > 5 and call.segments[5] not in _RESERVED


def _is_metadata(call: Incoming) -> bool:
    if call.dialect is not Dialect.X_ROAD:
        return call.segments == (b"listClients",) and (call.query or b"").startswith(b"xRoadInstance=")
    if call.segments == (b"listClients",):
        return True
    return call.segments[0] == b"r1" and len(call.segments) == 6 and call.segments[5] in METADATA


def _kind(call: Incoming) -> bytes:
    return call.value(b"content-type").partition(b";")[0].strip().lower()


def _spelt(scope: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write the older name of the client's header as the newer one."""
    names = {CLIENT_HEADERS[1]: CLIENT_HEADERS[0]}
    return {**scope, "headers": [(names.get(name, name), value) for name, value in scope["headers"]]}


def _as_json(scope: Mapping[str, Any], body: bytes) -> tuple[MutableMapping[str, Any], Any]:
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Mapping[str, Any]:
        return left.pop() if left else {"type": "http.disconnect"}

    headers = [field for field in scope["headers"] if field[0] not in {b"content-type", b"content-length"}]
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    return {**scope, "headers": headers}, receive


async def _refused(send: Any, status: int, text: str) -> None:
    body = encode({"type": "Client.InvalidRequest", "message": text})
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await _dated(send)({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _dated(send: Any) -> Any:
    """Add the moment to what the kit answers; the server does not, for a provider's moment is passed on."""

    async def dated(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            date = (b"date", formatdate(usegmt=True).encode())
            message = {**message, "headers": [*message.get("headers", []), date]}
        await send(message)

    return dated
