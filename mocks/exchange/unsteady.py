"""What products with faults do with several calls: mix their answers up, answer from a cache, send one twice."""

import asyncio
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from dpi_conformance.mockkit.faults import FaultSwitches

from .bent_answers import Whole
from .bent_requests import value_of, without
from .bodies import pieces_of
from .forwarding import Address, BrokenError, Outgoing, Reply, SilentError, UnreachableError, asked
from .incoming import Incoming

__all__ = ["Unsteady"]

_TOGETHER_SECONDS = 0.02
"""So long an answer lies in a buffer that all calls share."""
_CACHED = 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Unsteady:
    """Carries calls out; without a fault, each once and for itself."""

    def __init__(self, on: FaultSwitches) -> None:
        """Take the faults."""
        self._on = on
        self._buffer: list[Whole] = []
        self._cache: dict[tuple[bytes, ...], Whole] = {}

    async def ask(self, address: Address, outgoing: Outgoing, body: bytes | None) -> Reply:
        """Ask a provider; a fault asks again where no good answer came, with the whole ``body`` if it is there."""
        try:
            reply = await asked(address, outgoing)
        except UnreachableError:
            if address.scheme == "https" and self._on("tls-given-up"):
                return await asked(replace(address, scheme="http"), outgoing)
            raise
        except (BrokenError, SilentError):
            if body is not None and self._on("unanswered-call-repeated"):
                return await asked(address, _again(outgoing, body))
            raise
        if reply.status == 503 and body is not None and self._on("call-repeated-on-503"):
            await reply.aclose()
            return await asked(address, _again(outgoing, body))
        if reply.status in _REDIRECTS and self._on("redirects-followed"):
            return await _followed(address, outgoing, reply)
        return reply

    async def mixed(self, answer: Whole) -> Whole:
        """Give an answer back, or that of another call of the same moment."""
        if not self._on("answers-mixed-up"):
            return answer
        self._buffer.append(answer)
        await asyncio.sleep(_TOGETHER_SECONDS)
        return self._buffer.pop()

    def cached(self, call: Incoming) -> Whole | None:
        """Give what was answered to a request of the same path and query before, whoever asked."""
        return self._cache.get(_key(call)) if self._on("answers-from-a-cache") else None

    def keep(self, call: Incoming, answer: Whole) -> None:
        """Keep an answer for later requests."""
        if call.method == "GET" and answer.status == 200 and self._on("answers-from-a-cache"):
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            self._cache[_key(call)] = answer


async def _followed(address: Address, outgoing: Outgoing, reply: Reply) -> Reply:
    """Get what a redirect leads to; the redirect itself where it leads nowhere."""
    location = value_of(reply.headers, b"location").decode("latin-1")
    there = urlsplit(urljoin(f"{address.scheme}://{address.authority}{address.path}", location))
    if not location or there.scheme not in {"http", "https"}:
        return reply
    await reply.aclose()
    target = (there.path or "/") + (f"?{there.query}" if there.query else "")
    headers = without(outgoing.headers, b"content-length", b"transfer-encoding", b"host")
    headers = (*headers, (b"host", there.netloc.encode()))
    return await asked(
        Address.of(there.geturl()), Outgoing(method="GET", target=target.encode(), headers=headers)
    )


def _key(call: Incoming) -> tuple[bytes, ...]:
    return (call.method.encode(), *call.segments, call.query or b"")


def _again(outgoing: Outgoing, body: bytes) -> Outgoing:
    return replace(outgoing, body=pieces_of(body))
