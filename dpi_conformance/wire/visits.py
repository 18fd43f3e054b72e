"""The harness as the one who is called through the product: what comes is measured, what goes back is written byte by byte.

A call is known by a token that nobody can guess, in its path or in a header. Each is answered as its case wants it, in
whatever form HTTP has, and in forms that it does not have: no answer, half of one, one that never ends.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from aiohttp import web

from dpi_conformance.model.evidence import Callback, Headers
from dpi_conformance.wire.passage import NOTHING, Load, Measure
from dpi_conformance.wire.reactions import HANG_SECONDS
from dpi_conformance.wire.waits import note

__all__ = ["Arrival", "Book", "Return", "Visit", "serve"]

_TOKEN: Final = re.compile(r"dpi-[0-9a-f]{24}", re.IGNORECASE)
_BODILESS: Final = frozenset({204, 304})
_LOOK_SECONDS: Final = 0.1
_BUFFER: Final = 1_048_576
_VISITS: Final = 4096
"""Tokens that are known at once; the oldest give way."""
_ARRIVALS: Final = 64
"""Calls that are kept for one token; further ones are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What a call is answered with; headers go out as given, framing and ``Connection: close`` are added."""

    status: int = 200
    headers: Headers = ()
    load: Load = NOTHING
    until_close: bool = False
    """No length is given: the body ends with the connection (RFC 9112, 6.3)."""
    interim: tuple[int, ...] = ()
    """Interim answers that go before (RFC 9110, 15.2)."""
    after_seconds: float = 0.0
    break_after: int | None = None
    """Close the connection after so many bytes of the body."""
    close: bool = False
    """Close the connection without an answer."""
    silent: bool = False
    """Leave the call without an answer until the caller goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One call as it came."""

    method: str
    target: str
    """As it was written in the request line."""
    headers: Headers
    body: Measure
    whole: bool
    """The body came to its end."""
    callback: Callback
    """The evidence, with the beginning of the body."""

    def values(self, name: str) -> list[str]:
        """Give the values of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name]


@dataclass(slots=True)
class Visit:
    """A call that is expected, how it is answered, and how often it came."""

    token: str
    name: str
    """The name in the evidence."""
    returns: tuple[Return, ...]
    """One for each time that it comes; the last one for all further ones."""
    arrived: int = 0
    arrivals: list[Arrival] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def next_return(self) -> Return:
        """Give how the call that just came is answered, and count it."""
        self.arrived += 1
        return self.returns[min(self.arrived, len(self.returns)) - 1]

    def keep(self, arrival: Arrival) -> None:
        """Keep what came, and wake who waits."""
        if len(self.arrivals) < _ARRIVALS:
            self.arrivals.append(arrival)
        self._more.set()

    async def wait(self, count: int, seconds: float) -> list[Arrival]:
        """Give what came as soon as it is so many calls, or what there is after ``seconds``."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(seconds):
                while len(self.arrivals) < count:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            note(began)
        return list(self.arrivals)


class Book:
    """The visits that are expected, by their tokens."""

    def __init__(self) -> None:
        """Expect nobody."""
        self._visits: dict[str, Visit] = {}

    def expect(self, name: str, *returns: Return) -> Visit:
        """Expect a call; its token is in the visit that is given."""
        token = f"dpi-{secrets.token_hex(12)}"
        visit = self._visits[token] = Visit(token, name, returns or (Return(),))
        if len(self._visits) > _VISITS:
            self._visits.pop(next(iter(self._visits)))
        return visit

    def find(self, target: str, values: Iterable[str]) -> Visit | None:
        """Find whose call a request is, by the first token in its target or its headers."""
        for text in (target, *values):
            for token in _TOKEN.findall(text):
                if (visit := self._visits.get(token.lower())) is not None:
                    return visit
        return None


Told = Callable[[Visit, str, str, Headers, Measure, int], Callback]
"""Makes the evidence of a call: visit, method, target, headers, body, and the status it is answered with."""


async def serve(
    request: web.BaseRequest, target: str, headers: Headers, visit: Visit, told: Told
) -> web.StreamResponse:
    """Read a call to its end, keep it, and write its answer; nothing more goes over its connection."""
    body, whole = Measure(), True
    wanted = visit.next_return()
    try:
        while piece := await request.content.readany():
            body.take(piece)
    except (web.RequestPayloadError, ConnectionError):
        whole = False
    status = 0 if wanted.close or wanted.silent else wanted.status
    callback = told(visit, request.method, target, headers, body, status)
    visit.keep(
        Arrival(
            method=request.method, target=target, headers=headers, body=body, whole=whole, callback=callback
        )
    )
    await _answer(request, wanted)
    return _Written()


async def _answer(request: web.BaseRequest, wanted: Return) -> None:
    if wanted.silent:
        await _held(request, HANG_SECONDS)
    await asyncio.sleep(wanted.after_seconds)
    transport = request.transport
    if transport is None or transport.is_closing():
        return
    if wanted.close or wanted.silent:
        transport.close()
        return
    for status in wanted.interim:
        transport.write(_head(status, (("Link", "</style.css>; rel=preload"),) if status == 103 else ()))
    transport.write(_head(wanted.status, (*wanted.headers, *_framing(wanted, request.method))))
    if request.method != "HEAD" and wanted.status not in _BODILESS:
        await _write(request, wanted)
    transport.close()


async def _held(request: web.BaseRequest, seconds: float) -> None:
    """Wait until the caller goes."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not _gone(request):  # noqa: ASYNC110 -- no event tells of it
        await asyncio.sleep(_LOOK_SECONDS)


def _gone(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()


def _framing(wanted: Return, method: str) -> Headers:
    named = {name.lower() for name, _ in wanted.headers}
    close = () if "connection" in named else (("Connection", "close"),)
    if wanted.until_close or wanted.status in _BODILESS or "content-length" in named:
        return close
    if wanted.load.chunked and method != "HEAD":
        return (*close, ("Transfer-Encoding", "chunked"))
    return (*close, ("Content-Length", str(wanted.load.length)))


def _head(status: int, headers: Headers) -> bytes:
    reason = HTTPStatus(status).phrase if status in _KNOWN else "Unknown"
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode()


_KNOWN: Final = frozenset(status.value for status in HTTPStatus)


async def _write(request: web.BaseRequest, wanted: Return) -> None:
    """Write a body as its caller takes it; up to where the connection is to break."""
    left = wanted.break_after
    for piece in wanted.load.framed():
        transport = request.transport
        if transport is None or transport.is_closing():
            return
        transport.write(piece if left is None else piece[:left])
        if left is not None:
            left -= len(piece)
            if left <= 0:
                return
        while transport.get_write_buffer_size() > _BUFFER and not _gone(request):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class _Written(web.StreamResponse):
    """An answer that was written already."""

    def __init__(self) -> None:
        super().__init__()
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write nothing."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing."""
