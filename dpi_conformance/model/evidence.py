"""What was seen: requests, responses, exchanges, callbacks, and the findings drawn from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dpi_conformance.i18n import Message

__all__ = ["Callback", "Exchange", "Finding", "Request", "Response", "TransportTrouble"]

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it went out; ``url`` is absolute, ``headers`` keep order and repetition."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response as it came in; names of headers are lower case, ``body`` is decoded and may be cut."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    truncated: bool = False
    """The body was longer than the harness reads (see ``limits.response_bytes``)."""

    def header(self, name: str) -> str | None:
        """Give a header's value, repeated ones joined by a comma (RFC 9110, 5.3); None if absent."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportTrouble:
    """Why there is no response, or none that counts."""

    kind: str
    """``refused``, ``unreachable``, ``tls``, ``timeout``, ``cut-off``, ``protocol``, ``undecodable``."""
    detail: str
    ended: bool = False
    """The product ended the handshake or the connection, and not a byte of an answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came of it; timed in milliseconds, first byte sent to last received."""

    id: str
    request: Request
    response: Response | None
    trouble: TransportTrouble | None = None
    elapsed_ms: float = 0.0
    started_at: str = ""
    """ISO 8601, UTC."""

    @property
    def closed(self) -> bool:
        """Tell whether the product ended the connection without a byte of an answer."""
        return self.trouble is not None and self.trouble.ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One call that the product made to an address of ours."""

    id: str
    address: str
    """The case's or the counterparty's address that was called."""
    request: Request
    received_at: str
    after_ms: float
    """Milliseconds since the address was handed out."""
    answered: int
    """The status that we answered with; 0: none, the connection was closed."""
    at: float = 0.0
    """``time.perf_counter()`` when it had arrived; not part of the evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One observed deviation: what was expected, what came, under which clause, with the evidence."""

    code: str
    """The id of the check that saw it, e.g. ``status.refused``."""
    message: Message
    expected: str
    actual: str
    clause: str
    exchange: str | None = None
    place: str = ""
    """Where in the request or answer, e.g. ``body.requestID`` or ``header.content-type``."""
    advice: Message | None = None
    advisory: bool = False
    """Worth knowing and shown, but not a failure."""
    interface: str = ""
    """In a scenario: between whom it broke, e.g. ``programme → exchange → registry``."""
    side: str = ""
    """In a scenario: the block whose product departs from its specification there."""
    values: Mapping[str, str] = field(default_factory=dict)
