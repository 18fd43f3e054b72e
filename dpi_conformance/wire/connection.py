"""One connection to the product: carries one exchange at a time, and gives up on time."""

import asyncio
import select
import ssl
import time
from typing import cast

from dpi_conformance.model.evidence import TransportTrouble
from dpi_conformance.wire.reading import AnswerReader, NotHttpError

__all__ = ["Connection"]

_IDLE_SECONDS = 1.0
"""Servers close idle connections after two seconds at the earliest; an older one is not used again."""


class Connection(asyncio.Protocol):
    """Carries one exchange at a time."""

    def __init__(self) -> None:
        """Wait for the connection to be made."""
        self.reused = False
        """An exchange was carried before the present one."""
        self.finished = time.perf_counter()
        """When the last exchange ended, by ``time.perf_counter``."""
        self.silent = False
        """The connection ended before a byte of the present answer came: what became of the request is unknown."""
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._watch: select.poll | None = None
        self._reader: AnswerReader | None = None
        self._outcome: asyncio.Future[AnswerReader | TransportTrouble] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._spent = False

    async def exchange(
        self, message: bytes, *, bodiless: bool, limit: int, seconds: float
    ) -> AnswerReader | TransportTrouble:
        """Send a request and give the answer, read up to ``limit`` bytes of body within ``seconds``."""
        if self._transport is None or self._transport.is_closing():
            self.silent = True
            return TransportTrouble(
                kind="cut-off", detail="the connection was closed before the request went out"
            )
        self._reader = AnswerReader(bodiless=bodiless, limit=limit)
        self._outcome = self._loop.create_future()
        self._deadline = self._loop.call_later(seconds, self._expire, seconds)
        self._transport.write(message)
        try:
            return await self._outcome
        finally:
            self._settle()

    def usable(self) -> bool:
        """Tell whether another exchange may start: open, lately used, and nothing came unasked, no end either."""
        if not self.open or time.perf_counter() - self.finished > _IDLE_SECONDS:
            return False
        return not (self._watch and self._watch.poll(0))

    @property
    def open(self) -> bool:
        """Neither side has ended it, as far as is known."""
        return not self._spent and self._transport is not None and not self._transport.is_closing()

    @property
    def dropped(self) -> bool:
        """The product closed it at once although it had promised to keep it (RFC 9112, 9.3)."""
        return not (self._spent or self.open) and time.perf_counter() - self.finished < _IDLE_SECONDS

    def abort(self) -> None:
        """Close at once; what is under way ends as cut off."""
        self._spent = True
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, and watch its socket for what comes unasked."""
        self._transport = cast("asyncio.Transport", transport)
        if hasattr(select, "poll"):
            self._watch = select.poll()
            self._watch.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Read the answer; bytes that nobody asked for end the connection."""
        reader = self._reader
        if reader is None or reader.done:
            self.abort()
            return
        try:
            reader.feed(data)
        except NotHttpError as error:
            self._conclude(TransportTrouble(kind="protocol", detail=f"no HTTP answer: {error}"))
        else:
            if reader.done:
                self._conclude(reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """Conclude what was under way: by its orderly end, or as cut off."""
        self._transport = None
        if not self.closed.done():
            self.closed.set_result(None)
        reader = self._reader
        if reader is None or reader.done:
            return
        if exc is None and reader.end():
            self._conclude(reader)
        else:
            self.silent = reader.received == 0
            self._conclude(_loss(reader, exc))

    def _expire(self, seconds: float) -> None:
        reader = self._reader
        came = reader.received if reader else 0
        what = f"{came} bytes of it came" if came else "nothing came"
        self._conclude(
            TransportTrouble(kind="timeout", detail=f"no whole answer within {seconds:.3g} s; {what}")
        )

    def _conclude(self, outcome: AnswerReader | TransportTrouble) -> None:
        if self._outcome is not None and not self._outcome.done():
            self.finished = time.perf_counter()
            self._outcome.set_result(outcome)

    def _settle(self) -> None:
        """Ready the connection for the next exchange, or end it where there can be none."""
        if self._deadline is not None:
            self._deadline.cancel()
        reader, self._reader = self._reader, None
        if reader is not None:
            persistent = reader.done and reader.persistent
            reader.close()
            unsent = self._transport.get_write_buffer_size() if self._transport is not None else 0
            if not persistent or unsent:
                self.abort()
        self.reused = True


def _loss(reader: AnswerReader, exc: Exception | None) -> TransportTrouble:
    if isinstance(exc, ssl.SSLError):
        return TransportTrouble(kind="tls", detail=_said(exc))
    how = f" ({_said(exc)})" if exc else ""
    if reader.received == 0:
        return TransportTrouble(kind="cut-off", detail=f"the connection was closed without an answer{how}")
    return TransportTrouble(
        kind="cut-off", detail=f"the connection was closed after {reader.received} bytes of the answer{how}"
    )


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
