"""Listens for what the product sends back: to a case's own address, or to a counterparty that we play."""

import contextlib
import errno
import heapq
import itertools
import secrets
import socket as sockets
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from dpi_conformance.errors import HarnessError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Request
from dpi_conformance.wire.addresses import CallbackAddress, Counterparty
from dpi_conformance.wire.reactions import Reaction
from dpi_conformance.wire.receiving import Received, Receiver
from dpi_conformance.wire.visits import Book, Visit

__all__ = ["CallbackAddress", "CallbackListener", "Counterparty", "reserve"]

_TOKEN_BYTES = 12
"""96 random bits: nobody guesses an address, and it stays short."""
_URL_LIMIT = 100
"""Length that the payments specification allows X-Callback-URL."""
_ADDRESSES = 1024
"""So many addresses are listened at: far more than are waited at, at the same time."""
_MEMORY = 8 * 1_048_576
"""Bytes of callbacks kept in all; beyond, the fullest addresses lose their oldest, one after the other."""
_BACKLOG = 512
_NOT_OURS = Reaction(status=404)
_TOO_LONG = Reaction(status=413)
_TOO_MANY = Reaction(status=429)
_FLOOD = 10_000
"""Calls to one case's address beyond these are only counted: no product has so much to say to one request."""
_STRAY_BODY = 4096
"""So much is kept of a call that went astray: enough to see whose it was."""


def reserve(bind: str, port: int) -> sockets.socket:
    """Bind and listen, so that the port is ours before anything else is done; raises UsageError."""
    try:
        ((family, _, _, _, address), *_) = sockets.getaddrinfo(
            bind.strip("[]"), port, type=sockets.SOCK_STREAM, flags=sockets.AI_PASSIVE
        )
        bound = sockets.socket(family, sockets.SOCK_STREAM)
    except OSError as error:
        raise _not_bound(bind, port, error) from None
    try:
        bound.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise _not_bound(bind, port, error) from None
    bound.setblocking(False)
    return bound


def _not_bound(bind: str, port: int, error: OSError) -> UsageError:
    match error.errno:
        case errno.EADDRINUSE:
            text = N_(
                "callbacks.port in product.yaml: {port} at {bind} is in use by another program. Write 0 for any free "
                "port, or a port that is free."
            )
        case errno.EACCES:
            text = N_(
                "callbacks.port in product.yaml: {port} is reserved by the system ({error}). Write 0 for any free port, "
                "or one above 1023."
            )
        case _:
            text = N_(
                "callbacks.bind in product.yaml: {bind} is no address of this machine ({error}). Write 127.0.0.1, "
                "0.0.0.0 for all, or the address of one of its networks."
            )
    return UsageError(
        Message(text=text, values={"bind": bind, "port": port, "error": error.strerror or str(error)})
    )


class CallbackListener:
    """Serves in the caller's event loop, within ``async with``; answers at once unless a case asks otherwise."""

    def __init__(
        self,
        bind: str = "127.0.0.1",
        port: int = 0,
        public_url: str | None = None,
        *,
        socket: sockets.socket | None = None,
        first: int = 1,
    ) -> None:
        """Listen at ``bind``:``port`` (0: any free one), or at a ``socket`` from ``reserve``; raises UsageError.

        ``public_url`` is how the product reaches that port; without it the port's own address is handed out. Calls are
        numbered from ``first``.
        """
        self.unknown = 0
        """Requests to addresses that were never handed out."""
        self._socket = socket or reserve(bind, port)
        self.public_url = (public_url or _address(self._socket)).rstrip("/")
        self.astray = CallbackAddress("astray", self.public_url)
        """Those requests: refused, and kept so that a lost callback can be told from one that was never sent."""
        self.astray.answer = _NOT_OURS
        self.book = Book()
        """Calls that come through the product, and are answered as their case wants it."""
        self._prefix = urlsplit(self.public_url).path
        self._addresses: dict[str, CallbackAddress] = {}
        self._lasting: dict[str, CallbackAddress] = {}
        self._counterparties: dict[str, Counterparty] = {}
        self._numbers = itertools.count(first)
        self._bytes = 0
        self._receiver: Receiver | None = None
        self._fits(f"{self.public_url}/{secrets.token_urlsafe(_TOKEN_BYTES)}")

    @property
    def place(self) -> tuple[str, bool]:
        """Give the host that it is bound to, and whether the product is told that very address."""
        return str(self._socket.getsockname()[0]), self.public_url == _address(self._socket)

    def beside(self, bound: sockets.socket) -> "CallbackListener":
        """Make a listener for another socket whose calls are numbered together with this one's."""
        other = CallbackListener(socket=bound)
        other._numbers = self._numbers
        other.book = self.book
        return other

    async def __aenter__(self) -> Self:
        """Start to serve."""
        self._receiver = Receiver(self._answer, self.book, self._visited)
        await self._receiver.open(self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the port and all connections."""
        if self._receiver is None:
            raise HarnessError("the callback listener was left before it was entered")
        await self._receiver.close()
        self._socket.close()

    def address(self, name: str, *, lasting: bool = False) -> CallbackAddress:
        """Give a new address; ``name`` stands in the evidence.

        Only the newest few thousand are listened at, so that a long run does not grow; a ``lasting`` one stays.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        address = CallbackAddress(name, f"{self.public_url}/{token}")
        (self._lasting if lasting else self._addresses)[token] = address
        if len(self._addresses) > _ADDRESSES:
            gone = self._addresses.pop(next(iter(self._addresses)))
            self._bytes -= gone.size
        return address

    def forget(self, address: CallbackAddress) -> None:
        """Let go what came to an address; it is listened at still."""
        while freed := address.forget():
            self._bytes -= freed

    def release(self, address: CallbackAddress) -> None:
        """Listen at an address no longer."""
        self.forget(address)
        token = address.url.rpartition("/")[2]
        self._lasting.pop(token, None)
        self._addresses.pop(token, None)

    def counterparty(self, name: str) -> Counterparty:
        """Give the counterparty of this name, at ``<public url>/counterparty/<name>`` and below; always the same."""
        if name not in self._counterparties:
            self._counterparties[name] = Counterparty(name, f"{self.public_url}/counterparty/{name}")
        return self._counterparties[name]

    def mentioning(self, text: str, apart_from: Iterable[CallbackAddress] = ()) -> Iterator[Callback]:
        """Give what is kept, at any address or astray, whose body or target has this text."""
        raw, own = text.encode(), set(map(id, apart_from))
        for address in (*self._everyone(), self.astray):
            if id(address) not in own:
                for callback in address.callbacks:
                    if raw in callback.request.body or text in callback.request.url:
                        yield callback

    def _answer(self, received: Received) -> Reaction:
        address = self._find(received.target)
        if address is None:
            self.unknown += 1
            self._keep(self.astray, self._callback(self.astray, _shortened(received)))
            return _NOT_OURS
        if address.arrived >= _FLOOD and not isinstance(address, Counterparty):
            address.arrived += 1
            return _TOO_MANY
        callback = self._callback(address, received)
        reaction = _TOO_LONG if received.cut else address.reaction(callback)
        if reaction.status != callback.answered:
            callback = replace(callback, answered=reaction.status)
        self._keep(address, callback)
        return reaction

    def _visited(self, visit: Visit, received: Received, status: int) -> Callback:
        """Make the evidence of a call that was expected."""
        called = CallbackAddress(visit.name, self.public_url)
        return replace(self._callback(called, received), answered=status)

    def _callback(self, address: CallbackAddress, received: Received) -> Callback:
        return Callback(
            id=f"callback-{next(self._numbers):06d}",
            address=address.name,
            request=Request(
                method=received.method,
                url=self._absolute(received.target),
                headers=received.headers,
                body=received.body,
            ),
            received_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            after_ms=address.age_ms,
            answered=address.answer.status,
            at=time.perf_counter(),
        )

    def _find(self, target: str) -> CallbackAddress | None:
        """Find an address by a request's target, with or without the path of the public URL before it."""
        first, _, below = self._path(target).partition("/")
        if first == "counterparty":
            return self._counterparties.get(below.partition("/")[0])
        return self._addresses.get(first) or self._lasting.get(first)

    def _path(self, target: str) -> str:
        path = target.partition("?")[0]
        if not path.startswith("/"):
            path = urlsplit(path).path  # a proxy's absolute form (RFC 9112, 3.2.2)
        return path.removeprefix(self._prefix).lstrip("/")

    def _absolute(self, target: str) -> str:
        below = target.removeprefix(self._prefix) if target.startswith(f"{self._prefix}/") else target
        return f"{self.public_url}{below}" if below.startswith("/") else below

    def _keep(self, address: CallbackAddress, callback: Callback) -> None:
        before = address.size
        address.keep(callback)
        self._bytes += address.size - before
        if self._bytes > _MEMORY:
            self._relieve()

    def _everyone(self) -> list[CallbackAddress]:
        return [*self._addresses.values(), *self._lasting.values(), *self._counterparties.values()]

    def _relieve(self) -> None:
        """Let the oldest go, each time where most is kept, until a quarter is free."""
        fullest = [(-one.size, number, one) for number, one in enumerate([*self._everyone(), self.astray])]
        heapq.heapify(fullest)
        while self._bytes > _MEMORY * 3 // 4 and fullest[0][2].size:
            _, number, one = fullest[0]
            self._bytes -= one.forget()
            heapq.heapreplace(fullest, (-one.size, number, one))

    def _fits(self, url: str) -> None:
        if len(url) > _URL_LIMIT:
            with contextlib.suppress(OSError):
                self._socket.close()
            raise UsageError(
                Message(
                    text=N_(
                        "callbacks.public_url in product.yaml: {url} is too long. With the harness's own part a callback "
                        "address may have {limit} characters; write one of at most {most}."
                    ),
                    values={
                        "url": self.public_url,
                        "limit": _URL_LIMIT,
                        "most": _URL_LIMIT - len(url) + len(self.public_url),
                    },
                )
            )


def _shortened(received: Received) -> Received:
    return replace(received, body=received.body[:_STRAY_BODY])


def _address(bound: sockets.socket) -> str:
    host, port = bound.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 -- recognised, not bound
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
