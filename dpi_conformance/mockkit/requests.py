"""Takes a request in from ASGI: its headers, its query, its body up to a limit, its credentials."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from dpi_conformance.mockkit.calls import Refused

__all__ = ["BODY_LIMIT", "Arrival", "Disconnected", "arrival", "read_body"]

BODY_LIMIT = 1024 * 1024
"""Bytes that a body may have; what is longer is answered with 413."""
_DRAINED = 16 * BODY_LIMIT
"""So much of a body that is too long is still read, so that its sender gets to see the answer."""


class Disconnected(Exception):  # noqa: N818 -- not an error: the caller has gone
    """The caller closed the connection before its request was whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request without its body, as it came; header names are lower case."""

    method: str
    raw_path: bytes
    query: Mapping[str, str]
    headers: Mapping[str, str]
    query_string: bytes = b""
    trouble: str = ""
    """Why query or headers cannot be read; empty if they can."""

    @property
    def media_type(self) -> str:
        """Give the body's media type without parameters, lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """Give the body's charset, lower case; UTF-8 if none is named."""
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip('"').lower()
        return "utf-8"

    def bears(self, token: str) -> bool:
        """Tell whether the request bears this token (RFC 6750, 2.1); takes the same time for every wrong one."""
        scheme, _, given = self.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), token.encode())
        return same and scheme.lower() == "bearer"


def arrival(scope: Mapping[str, Any]) -> Arrival:
    """Read an ASGI scope; a name or value that is no text is reported in ``trouble``, never raised."""
    headers, broken = _headers(scope["headers"])
    query, trouble = _query(scope["query_string"])
    return Arrival(
        method=scope["method"],
        raw_path=scope.get("raw_path") or scope["path"].encode(),
        query=query,
        headers=headers,
        query_string=scope["query_string"],
        trouble=broken or trouble,
    )


async def read_body(receive: Any, length: str) -> bytes:
    """Read the whole body; raises Refused (413) beyond ``BODY_LIMIT``, Disconnected if the caller goes away."""
    parts: list[bytes] = []
    size = 0
    announced = int(length) if length.isdecimal() and len(length) < 16 else 0
    while size <= _DRAINED:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_LIMIT and announced <= BODY_LIMIT:
            parts.append(part)
        if not message.get("more_body", False):
            break
    if size > BODY_LIMIT or announced > BODY_LIMIT:
        raise Refused(f"The body has more than {BODY_LIMIT} bytes.", status=413)
    return b"".join(parts) if len(parts) != 1 else parts[0]


def _headers(raw: list[tuple[bytes, bytes]]) -> tuple[dict[str, str], str]:
    """Decode headers as UTF-8, which ASCII is a part of, else as the Latin-1 of old (RFC 9110, 5.5)."""
    headers: dict[str, str] = {}
    trouble = ""
    for name, value in raw:
        key = name.decode("latin-1")
        try:
            text = value.decode().strip()
        except UnicodeDecodeError:
            text = value.decode("latin-1").strip()
        if key in headers and headers[key] != text and key not in _LISTS:
            trouble = f"header.{key} came twice."
        headers[key] = text
    return headers, trouble


_LISTS = frozenset(
    {"accept", "accept-encoding", "accept-language", "cookie", "via", "forwarded", "x-forwarded-for"}
)


def _query(raw: bytes) -> tuple[dict[str, str], str]:
    query: dict[str, str] = {}
    for pair in raw.split(b"&") if raw else ():
        name, _, value = pair.partition(b"=")
        try:
            key = unquote_to_bytes(name.replace(b"+", b" ")).decode()
            text = unquote_to_bytes(value.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            return query, "The query is not UTF-8."
        if "\0" in text or "\0" in key:
            return query, f"query.{key.replace(chr(0), '')} holds a NUL character."
        if key in query and query[key] != text:
            return query, f"query.{key} came twice."
        query[key] = text
    return query, ""
