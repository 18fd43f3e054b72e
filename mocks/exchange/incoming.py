"""A call that is to be mediated, as it came: nothing of it is decoded that need not be."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .forwarding import Fields

__all__ = ["CLIENT_HEADERS", "Dialect", "Incoming", "incoming"]

CLIENT_HEADERS = (b"x-govstack-client", b"information-mediator-client", b"x-road-client")
"""The spellings of the header that says who calls; the last is X-Road's."""


class Dialect(Enum):
    """How a caller speaks: as GovStack has it, or as X-Road does."""

    GOVSTACK = "GovStack"
    X_ROAD = "X-Road"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """Method, path and query as they were written, and the header fields in their order."""

    method: str
    segments: tuple[bytes, ...]
    """What lies between the slashes of the path; the first is ``r1``."""
    query: bytes | None
    """What follows the question mark; None where there is none."""
    headers: Fields
    dialect: Dialect

    @property
    def identifier(self) -> tuple[bytes, ...]:
        """Give the parts that name instance, class, member, application and service."""
        return self.segments[1:6]

    @property
    def below(self) -> bytes:
        """Give the path below the service, with its slash; empty where there is none."""
        return b"".join(b"/" + segment for segment in self.segments[6:])

    def values(self, *names: bytes) -> list[bytes]:
        """Give the values of header fields."""
        return [value for name, value in self.headers if name in names]

    def value(self, name: bytes, otherwise: bytes = b"") -> bytes:
        """Give a header field's first value."""
        return next(iter(self.values(name)), otherwise)


def incoming(scope: Mapping[str, Any]) -> Incoming:
    """Read an ASGI scope."""
    path, mark, query = _target(scope).partition(b"?")
    headers: Fields = tuple((name.lower(), value) for name, value in scope["headers"])
    return Incoming(
        method=scope["method"],
        segments=tuple(path.split(b"/")[1:]),
        query=query if mark else None,
        headers=headers,
        dialect=_dialect({name for name, _ in headers}),
    )


def _target(scope: Mapping[str, Any]) -> bytes:
    """Give the request's target as it was written, if the server tells it: ASGI does not tell ``/a?`` from ``/a``."""
    raw: bytes | None = scope.get("extensions", {}).get("raw_target", {}).get("raw")
    if raw is not None and raw.startswith(b"/"):
        return raw
    query = scope["query_string"]
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path + (b"?" + query if query else b"")


def _dialect(names: set[bytes]) -> Dialect:
    """X-Road's if only its own headers are there."""
    is_plain = bool(names & set(CLIENT_HEADERS[:2]))
    is_x_road = any(name.startswith(b"x-road-") for name in names)
    return Dialect.X_ROAD if is_x_road and not is_plain else Dialect.GOVSTACK
