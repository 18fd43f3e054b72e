"""The OpenAPI documents of services, fetched from where their configuration says they are."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from .forwarding import Address, Outgoing, ProviderError, asked
from .yaml_reading import read_yaml

__all__ = ["Document", "Documents"]

_LIMIT = 4 * 1024 * 1024
"""Bytes that a document may have."""
_SILENCE_SECONDS = 5.0
"""An address at which nobody answers is not asked again for so long."""
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_ACCEPTED = b"application/json, application/yaml, text/yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A service's description as it came, and the endpoints that it describes."""

    raw: bytes
    media_type: str
    endpoints: tuple[tuple[str, str], ...]
    """Method and path."""


class Documents:
    """Fetches documents; each time anew, so that none is out of date."""

    def __init__(self, own: Mapping[str, bytes]) -> None:
        """Take the documents that the mediator serves itself, by address."""
        self._own = own
        self._silent: dict[str, float] = {}

    async def read(self, url: str) -> Document | None:
        """Give a document; None where there is none that can be read."""
        if url in self._own:
            return _document(self._own[url])
        if self._silent.get(url, 0.0) > time.monotonic():
            return None
        try:
            return await _fetched(url)
        except ProviderError:
            self._silent[url] = time.monotonic() + _SILENCE_SECONDS
            return None

    async def read_all(self, urls: list[str]) -> dict[str, Document | None]:
        """Give several documents, fetched side by side."""
        several = list(dict.fromkeys(urls))
        return dict(zip(several, await asyncio.gather(*map(self.read, several)), strict=True))


async def _fetched(url: str) -> Document | None:
    address = Address.of(url)
    query = urlsplit(url).query
    target = (address.path or "/") + (f"?{query}" if query else "")
    headers = (
        (b"host", address.authority.encode()),
        (b"accept", _ACCEPTED),
        (b"connection", b"close"),
    )
    reply = await asked(address, Outgoing(method="GET", target=target.encode(), headers=headers))
    try:
        raw = bytearray()
        async for piece in reply.pieces():
            raw += piece
            if len(raw) > _LIMIT:
                return None
    finally:
        await reply.aclose()
    return _document(bytes(raw)) if reply.status == 200 else None


def _document(raw: bytes) -> Document | None:
    """Read a document in JSON or YAML; one that describes nothing is none."""
    is_json = raw.lstrip()[:1] == b"{"
    try:
        described = orjson.loads(raw) if is_json else read_yaml(raw)
    except ValueError:
        return None
    if not isinstance(described, dict) or not isinstance(described.get("paths"), dict):
        return None
    media_type = "application/json" if is_json else "text/yaml"
    return Document(raw=raw, media_type=media_type, endpoints=_endpoints(described["paths"]))


def _endpoints(paths: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (method.upper(), path)
        for path, item in paths.items()
        if isinstance(item, dict)
        for method in item
        if method in _METHODS
    )
