"""What keeps a call from being mediated, and how the mediator says so (PR-REST 4.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from dpi_conformance.mockkit.calls import encode
from dpi_conformance.mockkit.faults import FaultSwitches

from .forwarding import Fields
from .incoming import Dialect, Incoming

__all__ = ["ALLOWED", "TroubleError", "told"]

ALLOWED = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of trouble: X-Road's type, and the status in each dialect."""

    type: str
    status: int
    x_road_status: int


_KINDS: Mapping[str, _Kind] = {
    "request": _Kind("Client.InvalidRequest", 400, 400),
    "client": _Kind("Client.InvalidClientIdentifier", 400, 400),
    "credentials": _Kind("Client.NotAuthenticated", 401, 401),
    "method": _Kind("Client.MethodNotAllowed", 405, 405),
    "too-large": _Kind("Client.RequestTooLarge", 413, 400),
    "unknown-client": _Kind("Server.ClientProxy.UnknownMember", 400, 500),
    "foreign-client": _Kind("Server.ClientProxy.AuthenticationFailed", 403, 500),
    "unknown-service": _Kind("Server.ServerProxy.UnknownService", 404, 500),
    "unknown-server": _Kind("Server.ClientProxy.InvalidSecurityServer", 400, 500),
    "denied": _Kind("Server.ServerProxy.AccessDenied", 403, 500),
    "unreachable": _Kind("Server.ServerProxy.NetworkError", 502, 500),
    "broken": _Kind("Server.ServerProxy.ServiceFailed", 502, 500),
    "silent": _Kind("Server.ServerProxy.ServiceTimeout", 504, 500),
    "loop": _Kind("Server.ServerProxy.LoopDetected", 508, 500),
}
"""A request that breaks the protocol is the client's fault and is 400 in X-Road, all else is 500 (PR-REST 4.6)."""


class TroubleError(Exception):
    """A call is not mediated."""

    def __init__(self, kind: str, text: str, headers: Fields = ()) -> None:
        """Take the kind, and a text that says what is wrong."""
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.headers = headers


def told(trouble: TroubleError, call: Incoming, on: FaultSwitches) -> tuple[int, Fields, bytes]:
    """Give status, headers and body of the mediator's own error, as the caller accepts it."""
    kind = _KINDS[trouble.kind]
    x_road = call.dialect is Dialect.X_ROAD
    kind_type = "SoapFault" if on("error-type-of-another-protocol") else kind.type
    media_type, body = _written(kind_type, trouble, call, on)
    headers: Fields = (
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *trouble.headers,
    )
    if x_road and not on("own-errors-unmarked"):
        headers = ((b"x-road-error", kind_type.encode()), *headers)
    status = kind.x_road_status if x_road else kind.status
    if x_road and status == 400 and on("protocol-errors-are-500"):
        status = 500
    if kind.status >= 500 and on("unreachable-provider-is-empty"):
        return 200, ((b"content-length", b"0"),), b""
    return status, headers, body


def _written(kind: str, trouble: TroubleError, call: Incoming, on: FaultSwitches) -> tuple[str, bytes]:
    """Write an error in XML for a caller who accepts nothing but that, in JSON for all others."""
    charset = "" if on("error-without-charset") else "; charset=utf-8"
    if on("errors-as-pages"):
        page = f"<html><body><h1>Error</h1><p>{escape(trouble.text)}</p></body></html>"
        return f"text/html{charset}", page.encode()
    if _wants_xml(call.value(b"accept").decode("latin-1")):
        fields = {"type": kind, "message": trouble.text, "detail": trouble.kind}
        text = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
        return f"application/xml{charset}", f"<error>{text}</error>".encode()
    body = {"type": kind, "message": trouble.text, "detail": trouble.kind}
    return f"application/json{charset}", encode(body)


def _wants_xml(accept: str) -> bool:
    kinds = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    return bool(kinds & {"application/xml", "text/xml"}) and not kinds & {"application/json", "*/*"}
