"""The mediator on a socket of its own, a provider that keeps what arrives, and a caller who writes raw HTTP."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.mockkit.servers import bind, make_server, url_of
from dpi_conformance.mockkit.settings import MockSettings

PACK = Pack.builtin()
TOKEN = "secret"
SERVICE = "/r1/GOV/GOV/70000/registry/people"
Field = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One HTTP message as it was on the wire: first line, fields in their order, body without its framing."""

    first: str
    fields: tuple[Field, ...]
    body: bytes
    whole: bool = True

    @property
    def status(self) -> int:
        return int(self.first.split(" ")[1])

    @property
    def method(self) -> str:
        return self.first.split(" ")[0]

    @property
    def target(self) -> str:
        return self.first.split(" ")[1]

    def values(self, name: str) -> list[str]:
        return [value for one, value in self.fields if one.lower() == name.lower()]

    def value(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    def json(self) -> Any:
        return json.loads(self.body)


async def read_message(reader: asyncio.StreamReader, *, answer: bool, bodiless: bool = False) -> Message:
    """Read one message; an answer without framing ends with its connection."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        return Message(first="nothing 0", fields=(), body=error.partial, whole=False)
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    if answer and first.split(" ")[1].startswith("1"):
        return await read_message(reader, answer=answer, bodiless=bodiless)
    fields = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
    known = {name.lower(): value for name, value in fields}
    body, whole = b"", True
    try:
        if bodiless:
            pass
        elif known.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline() or b"x", 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readline()
        elif "content-length" in known:
            body = await reader.readexactly(int(known["content-length"]))
        elif answer and " 204" not in first and " 304" not in first:
            body = await reader.read()
    except (ValueError, asyncio.IncompleteReadError) as error:
        whole = False
        body += error.partial if isinstance(error, asyncio.IncompleteReadError) else b""
    return Message(first=first, fields=fields, body=body, whole=whole)


Answer = Callable[[Message], bytes | None]


def answered(
    status: str = "200 OK",
    body: bytes = b"served",
    headers: Sequence[Field] = (("Content-Type", "text/plain"),),
) -> bytes:
    """Write an answer with its length."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body


@dataclass(kw_only=True)
class Stage:
    """A running mediator, and the provider behind it."""

    url: str
    provider_url: str
    state: Any
    seen: list[Message] = field(default_factory=list)
    answer: Answer = field(default=lambda _message: answered())
    hang: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(
        self,
        method: str = "GET",
        target: str = SERVICE,
        headers: Mapping[str, str] | Sequence[Field] = (),
        body: bytes | None = None,
        *,
        client: str = "GOV/COM/1234/benefits",
        token: str = TOKEN,
        chunks: Sequence[bytes] = (),
    ) -> Message:
        """Send a request as it is written here; a client that is empty is not named."""
        fields: list[Field] = [("Host", "mediator"), ("Connection", "close")]
        fields += [("Authorization", f"Bearer {token}")] if token else []
        fields += [("X-GovStack-Client", client)] if client else []
        fields += headers.items() if isinstance(headers, Mapping) else headers
        fields += [("Content-Length", str(len(body)))] if body is not None else []
        fields += [("Transfer-Encoding", "chunked")] if chunks else []
        head = "".join([f"{method} {target} HTTP/1.1\r\n", *(f"{n}: {v}\r\n" for n, v in fields), "\r\n"])
        host, port = self.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(head.encode("latin-1") + (body or b""))
            for chunk in chunks:
                writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            if chunks:
                writer.write(b"0\r\n\r\n")
            return await read_message(reader, answer=True, bodiless=method == "HEAD")
        finally:
            writer.close()

    async def x_road(self, method: str = "GET", target: str = SERVICE, **given: Any) -> Message:
        """Send a request as X-Road has it."""
        headers = {"X-Road-Client": "GOV/COM/1234/benefits", **given.pop("headers", {})}
        named = {name: value for name, value in headers.items() if value}
        return await self.send(method, target, named, client="", **given)

    async def manage(
        self, method: str, path: str, body: Any = None, kind: str = "application/json"
    ) -> Message:
        """Call an operation of the administrator."""
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return await self.send(
            method, path, {"Content-Type": kind} if raw is not None else {}, raw, client=""
        )

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection; a test may have put something else in the place of ``serve`` since."""
        try:
            with contextlib.suppress(ConnectionError):
                await self.serve(reader, writer)
        finally:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Be the provider."""
        message = await read_message(reader, answer=False)
        if message.whole and message.first != "nothing 0":
            self.seen.append(message)
            raw = self.answer(message)
            if raw == b"hang":
                await self.hang.wait()
            elif raw:
                writer.write(raw)
                await writer.drain()


Staging = Callable[..., Any]


@contextlib.asynccontextmanager
async def staged(*, faults: frozenset[str] = frozenset(), token: str = TOKEN) -> AsyncIterator[Stage]:
    stage = Stage(url="", provider_url="", state=None)
    provider = await asyncio.start_server(stage.accept, "127.0.0.1", 0)
    stage.provider_url = f"http://127.0.0.1:{provider.sockets[0].getsockname()[1]}"
    settings = MockSettings(
        token=token,
        faults=faults,
        counterparties={
            name: f"{stage.provider_url}/counterparty/{name}" for name in ("provider", "subscriber")
        },
    )
    with bind(0) as listening:
        ready = asyncio.Event()
        server = make_server(PACK, "exchange", settings, listening, ready.set)
        stage.url = url_of(listening)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await ready.wait()
        try:
            yield stage
        finally:
            stage.hang.set()
            server.should_exit = server.force_exit = True
            await serving
            provider.close()
            await provider.wait_closed()
            await asyncio.sleep(
                0.01
            )  # transports tell their protocols of their end in a later turn of the loop


@pytest.fixture
def play() -> Callable[..., Any]:
    """Run the steps of a test on a running mediator: ``play(steps, faults=…)``."""

    def run(steps: Callable[[Stage], Awaitable[Any]], **settings: Any) -> Any:
        async def on_stage() -> Any:
            async with staged(**settings) as stage:
                return await steps(stage)

        return asyncio.run(on_stage())

    return run
