"""The X-Road message protocol for REST: what its headers say, and which of them go where (PR-REST 4.3)."""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from urllib.parse import quote

from dpi_conformance.mockkit.faults import FaultSwitches

from .configuration import Service
from .forwarding import Fields
from .identifiers import MalformedError, decoded
from .incoming import Incoming
from .troubles import TroubleError

__all__ = ["Message", "check_security_server", "reply_headers", "request_hash", "request_headers"]

_SERVER_PARTS = 4
_OVERWRITTEN = frozenset(
    {b"x-road-client", b"x-road-service", b"x-road-id", b"x-road-request-id", b"x-road-request-hash"}
)
"""Headers that are the mediator's to set in an answer."""
_REPLACED = frozenset({b"x-road-service", b"x-road-request-id", b"x-road-request-hash"})
"""Headers that a caller does not set: what it sends there is not passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """How one call is known: its client and service, the caller's identifier and the mediator's own."""

    client: bytes
    service: bytes
    id: bytes
    request_id: bytes

    @classmethod
    def of(cls, call: Incoming, service: Service, on: FaultSwitches) -> "Message":
        """Name a call; one that names itself keeps its name."""
        given = call.value(b"x-road-id")
        code = "" if on("service-header-cut") else f"/{quote(service.code, safe='')}"
        return cls(
            client=call.value(b"x-road-client"),
            service=f"{service.provider}{code}".encode(),
            id=_fresh() if not given or on("message-id-made-anew") else given,
            request_id=_fresh(),
        )


def _fresh() -> bytes:
    return str(uuid.uuid4()).encode()


def check_security_server(call: Incoming, own: str, on: FaultSwitches) -> None:
    """Refuse a call that is directed to another security server; raises TroubleError."""
    given = call.values(b"x-road-security-server")
    if not given or on("security-server-ignored"):
        return
    try:
        parts = decoded(given[0].split(b"/"))
    except MalformedError as error:
        raise TroubleError("request", f"X-Road-Security-Server: {error}.") from None
    if len(parts) != _SERVER_PARTS or len(given) > 1:
        raise TroubleError("request", "X-Road-Security-Server is not one INSTANCE/CLASS/MEMBER/SERVER.")
    if "/".join(parts) != own:
        raise TroubleError("unknown-server", "No security server of this name serves the application.")


def request_headers(headers: Fields, message: Message, on: FaultSwitches) -> Fields:
    """Give what a provider gets of a caller's headers, and the mediator's own."""
    dropped = {b"user-agent"} if on("request-hash-passed-on") else {b"user-agent", *_REPLACED}
    if on("user-id-dropped"):
        dropped.add(b"x-road-userid")
    if on("issue-dropped"):
        dropped.add(b"x-road-issue")
    kept = tuple((name, value) for name, value in headers if name not in dropped and name != b"x-road-id")
    names = {name for name, _ in kept}
    accept: Fields = ((b"accept", b"application/json"),)
    if b"accept" in names or on("accept-left-empty"):
        accept = ()
    own: Fields = ((b"x-road-service", message.service), (b"x-road-request-id", message.request_id))
    return (*kept, *accept, (b"x-road-id", message.id), *own)


def reply_headers(headers: Fields, status: int, message: Message, digest: bytes, on: FaultSwitches) -> Fields:
    """Give what a caller gets of a provider's headers, and the mediator's own; a provider cannot set those."""
    dropped = {b"server", b"x-road-error", *_OVERWRITTEN}
    if on("providers-own-headers-win"):
        dropped -= _OVERWRITTEN & {name for name, _ in headers}
    kept = tuple((name, value) for name, value in headers if name not in dropped)
    own = [
        (b"x-road-client", message.client),
        (b"x-road-service", message.service),
        (b"x-road-request-hash", digest),
    ]
    if not on("message-id-not-returned"):
        own.append((b"x-road-id", message.id))
    if not on("request-id-missing"):
        own.append((b"x-road-request-id", message.request_id))
    if on("request-hash-missing"):
        own.remove((b"x-road-request-hash", digest))
    if on("provider-errors-marked") and status >= 400:
        own.append((b"x-road-error", b"Server.ServerProxy.ServiceFailed"))
    present = {name for name, _ in kept}
    return (*kept, *((name, value) for name, value in own if name not in present))


def request_hash(call: Incoming, body: "hashlib._Hash", size: int, on: FaultSwitches) -> bytes:
    """Give X-Road-Request-Hash: of headers and body, or of headers alone where there is no body."""
    lines = [
        f"{call.method} ".encode() + b"/" + b"/".join(call.segments),
        *(b": ".join(f) for f in call.headers),
    ]
    headers = hashlib.sha512(b"\r\n".join(lines)).digest()
    if on("request-hash-of-the-body"):
        return base64.b64encode(body.digest())
    if on("request-hash-of-another-kind"):
        return base64.b64encode(hashlib.sha256(headers + body.digest()).digest())
    return base64.b64encode(hashlib.sha512(headers + body.digest()).digest() if size else headers)
