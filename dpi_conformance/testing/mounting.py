"""Mounts a mock in process: respx takes what httpx sends to its address, and a thread of its own runs the mock.

A synchronous client works as well as an asynchronous one. What the mock sends back (callbacks, calls to banks and
billers) never leaves the process: it is kept, and handed to the vendor's own application where one is named.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import httpx
import orjson
import respx

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.mockkit.calls import Outgoing, encode
from dpi_conformance.mockkit.faults import require_faults
from dpi_conformance.mockkit.settings import MockSettings

__all__ = ["Called", "MountedMock", "mounted"]

T = TypeVar("T")
_SECONDS: Final = 10.0
_ACCEPTED: Final = 202

Receiver = Callable[["Called"], int]
"""Takes a call of the mock and gives the status that it is answered with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One call that the mock made: a callback, or a request to a counterparty."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Give the body as JSON; None without one."""
        return orjson.loads(self.content) if self.content else None


@dataclass(kw_only=True)
class MountedMock:
    """A mounted mock: what it called, and a way to wait for the next."""

    url: str
    token: str
    router: respx.Router
    """The router that respx patched httpx with; further routes for other addresses may be added."""
    calls: list[Called] = field(default_factory=list)
    """What the mock sent, in order."""
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def headers(self) -> Mapping[str, str]:
        """Give the Authorization header that the mock takes."""
        return {"Authorization": f"Bearer {self.token}"}

    def called(self, url: str = "", *, times: int = 1, seconds: float = _SECONDS) -> Called:
        """Wait for the mock's call, or its so manyth, to an address that begins with ``url``; raises TimeoutError."""
        ends = time.monotonic() + seconds
        with self._arrived:
            while True:
                found = [call for call in self.calls if call.url.startswith(url)]
                if len(found) >= times:
                    return found[times - 1]
                if not self._arrived.wait(max(ends - time.monotonic(), 0)):
                    raise TimeoutError(
                        f"the mock made {len(found)} of {times} calls to {url or 'any address'} within {seconds} s"
                    )

    def keep(self, call: Called) -> None:
        """Take a call of the mock; wakes whoever waits for it."""
        with self._arrived:
            self.calls.append(call)
            self._arrived.notify_all()


@contextlib.contextmanager
def mounted(
    block: str,
    base_url: str,
    *,
    token: str = "test-token",  # noqa: S107 -- of a mock
    faults: Iterable[str] = (),
    counterparties: Mapping[str, str] | None = None,
    receiver: Receiver = lambda _call: _ACCEPTED,
) -> Iterator[MountedMock]:
    """Mount the mock of ``block`` on ``base_url`` for as long as the context lasts.

    It takes the bearer ``token`` only, has the ``faults`` (see ``dpi-conformance list faults``), and calls the
    ``counterparties`` at these addresses; those without one are played inside. Each of its calls is given to
    ``receiver``, which says with which status it is answered: 503, and the mock tries again. UsageError names a block
    or a fault that is not there.
    """
    pack = Pack.builtin()
    settings = MockSettings(
        token=token,
        faults=require_faults(faults, pack.load(f"mocks.{pack.require(block)}.faults").FAULTS),
        counterparties=counterparties or {},
        public_url=base_url.rstrip("/"),
    )
    url = base_url.rstrip("/")
    with _loop() as run:
        router = respx.mock(assert_all_called=False)
        mock = MountedMock(url=url, token=token, router=router)

        async def carry(message: Outgoing) -> bool:
            call = _call(message)
            mock.keep(call)
            return await asyncio.get_running_loop().run_in_executor(None, receiver, call) < 500

        app = pack.load(f"mocks.{block}.app").create_app(settings, carrier=carry)
        with _living(app, run), router:
            transport = httpx.ASGITransport(app=_below(app, url))
            router.route(url__startswith=f"{url}/").mock(side_effect=_Handler(transport, run))
            yield mock


Runner = Callable[[Coroutine[Any, Any, T]], T]


class _Handler:
    """Answers a request of httpx by the mock, in the mock's own thread."""

    def __init__(self, transport: httpx.ASGITransport, run: "Runner[httpx.Response]") -> None:
        self._transport = transport
        self._run = run

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return self._run(self._answered(request))

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._transport.handle_async_request(copy)
        return httpx.Response(
            response.status_code,
            headers=response.headers.raw,
            content=await response.aread(),
            request=request,
        )


def _call(message: Outgoing) -> Called:
    content = b"" if message.body is None else encode(message.body)
    headers = {"Content-Type": "application/json"} if content else {}
    return Called(
        method=message.method, url=message.url, headers={**headers, **message.headers}, content=content
    )


def _below(app: Any, url: str) -> Any:
    """Take the path of the base address off: the mock knows only its own."""
    prefix = httpx.URL(url).raw_path.rstrip(b"/")

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raw = scope["raw_path"].removeprefix(prefix)
        path = scope["path"].removeprefix(httpx.URL(url).path.rstrip("/"))
        await app({**scope, "raw_path": raw, "path": path}, receive, send)

    return inner


@contextlib.contextmanager
def _loop() -> "Iterator[Runner[Any]]":
    """Run an event loop in a thread of its own; gives what runs a coroutine on it and waits for the outcome."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="govstack-mock", daemon=True)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@contextlib.contextmanager
def _living(app: Any, run: "Runner[Any]") -> Iterator[None]:
    """Start and end the application's life (its outbox)."""
    life = app.router.lifespan_context(app)
    run(life.__aenter__())
    try:
        yield
    finally:
        run(life.__aexit__(None, None, None))
