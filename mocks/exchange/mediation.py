"""The mediation: a call that is allowed goes to the service's provider and its answer back, both byte for byte.

Any method, on ``/r1/INSTANCE/CLASS/MEMBER/APPLICATION/SERVICE/…`` (GovStack IM 8.2.1; PR-REST 4.1). Bodies are streamed
both ways. What the mediator itself has to say is in ``troubles``.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.requests import Disconnected

from . import bent_answers, bent_requests, xroad
from .bent_answers import Whole
from .bodies import Body, pieces_of
from .configuration import Service
from .forwarding import (
    Address,
    BrokenError,
    Fields,
    Outgoing,
    ProviderError,
    Reply,
    SilentError,
    UnreachableError,
)
from .gate import Gate
from .incoming import Dialect, Incoming, incoming
from .troubles import ALLOWED, TroubleError, told
from .unsteady import Unsteady

__all__ = ["Mediator"]

_HOPS = 3
"""A call that passed here so often goes round in circles."""
_TARGET = 16_384
"""Bytes that path and query may have (RFC 9110, 4.1 recommends at least 8000)."""
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Header fields of one connection (RFC 9110, 7.6.1; PR-REST 4.3)."""
_BODILESS = frozenset({204, 304})
_KINDS: tuple[tuple[type[ProviderError], str], ...] = (
    (UnreachableError, "unreachable"),
    (SilentError, "silent"),
    (BrokenError, "broken"),
)


class Mediator:
    """The ASGI application behind the paths of services."""

    def __init__(self, gate: Gate, security_server: str, on: FaultSwitches) -> None:
        """Take what lets calls through, the mediator's own name in X-Road, and the faults."""
        self._gate = gate
        self._security_server = security_server
        self._on = on
        self._pseudonym = f"1.1 mediator-{secrets.token_hex(4)}".encode()
        self._unsteady = Unsteady(on)
        self._whole_request = any(map(on, bent_requests.WHOLE_REQUEST)) if on else False
        self._whole_answer = any(map(on, bent_answers.WHOLE_ANSWER)) if on else False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Mediate one call."""
        call = incoming(scope)
        body = Body(receive, present=bool(call.values(b"content-length", b"transfer-encoding")))
        try:
            await self._mediate(call, body, send)
        except Disconnected:
            return
        except TroubleError as trouble:
            await self._tell(trouble, call, send)

    async def _mediate(self, call: Incoming, body: Body, send: Any) -> None:
        self._check_method(call)
        credential = self._gate.credential(call)
        client = self._gate.client(call)
        service = self._gate.service(call)
        self._gate.check_right(client, service)
        self._check_way(call)
        if (known := self._unsteady.cached(call)) is not None:
            await _send_whole(send, known.status, known.headers, known.body)
            return
        message = xroad.Message.of(call, service, self._on)
        reply = await self._asked(call, body, service, message, credential)
        try:
            await self._pass_on(call, reply, body, message, send)
        finally:
            await reply.aclose()

    def _check_method(self, call: Incoming) -> None:
        refused = {"CONNECT"}
        if self._on("patch-and-options-refused"):
            refused |= {"PATCH", "OPTIONS"}
        if call.method in refused:
            headers = ((b"allow", ALLOWED.encode()),)
            raise TroubleError("method", f"{call.method} is not mediated.", headers)

    def _check_way(self, call: Incoming) -> None:
        """Refuse what goes round in circles, is too long, or is for another security server."""
        passed = b",".join(call.values(b"via")).count(self._pseudonym)
        if passed >= _HOPS:
            raise TroubleError("loop", "The service's address leads back to this mediator.")
        if sum(map(len, call.segments)) + len(call.query or b"") > _TARGET:
            raise TroubleError("request", f"Path and query have more than {_TARGET} bytes.")
        if call.dialect is Dialect.X_ROAD:
            xroad.check_security_server(call, self._security_server, self._on)

    async def _asked(
        self, call: Incoming, body: Body, service: Service, message: xroad.Message, credential: bytes | None
    ) -> Reply:
        address = Address.of(service.service_url)
        headers = self._request_headers(call, address, message, credential)
        target, method = self._target(call, address), bent_requests.bent_method(call.method, self._on)
        stream: AsyncIterator[bytes] | None = body.pieces() if body.present else None
        raw = None
        if self._whole_request:
            raw, headers = bent_requests.bent_body(await body.whole(), headers, call.method, self._on)
            stream = pieces_of(raw)
        outgoing = Outgoing(method=method, target=target, headers=headers, body=stream)
        try:
            return await self._unsteady.ask(address, outgoing, raw)
        except ProviderError as error:
            kind = next(kind for known, kind in _KINDS if isinstance(error, known))
            raise TroubleError(kind, f"{service.provider}/{service.code}: {error}.") from None

    def _target(self, call: Incoming, address: Address) -> bytes:
        """Give path and query at the provider: what was written, below the service's own path."""
        base = address.path.encode()
        below = bent_requests.bent_path(call.below, self._on)
        path = (base.removesuffix(b"/") if below else base) + below
        if call.query is None:
            return path or b"/"
        query = bent_requests.bent_query(call.query, call.method, self._on)
        return (path or b"/") + (b"?" + query if query or not call.query else b"")

    def _request_headers(
        self, call: Incoming, address: Address, message: xroad.Message, credential: bytes | None
    ) -> Fields:
        dropped = {b"host", b"expect", b"via"} | self._of_this_connection(call.headers)
        if credential is not None and not self._on("own-credentials-passed-on"):
            dropped.add(credential)
        kept = tuple(field for field in call.headers if field[0] not in dropped)
        kept = bent_requests.bent_request_headers(kept, self._on)
        if call.dialect is Dialect.X_ROAD:
            kept = xroad.request_headers(kept, message, self._on)
        if call.values(b"transfer-encoding"):
            kept = (*kept, (b"transfer-encoding", b"chunked"))
        via = b", ".join((*call.values(b"via"), self._pseudonym))
        own = ((b"host", address.authority.encode()), (b"via", via), (b"connection", b"close"))
        return (*own, *kept)

    def _of_this_connection(self, headers: Fields) -> set[bytes]:
        """Give the names of the fields that are not passed on: the known ones, and what Connection names."""
        if self._on("hop-by-hop-passed-on"):
            return {b"connection", b"transfer-encoding", b"proxy-authorization"}
        named = b",".join(value for name, value in headers if name == b"connection")
        return {*_HOP_BY_HOP, *(one.strip().lower() for one in named.split(b",") if one.strip())}

    async def _pass_on(
        self, call: Incoming, reply: Reply, body: Body, message: xroad.Message, send: Any
    ) -> None:
        """Give the answer to the caller; in X-Road its head waits for the request's end, whose hash is in it."""
        status = bent_answers.bent_status(reply.status, self._on)
        headers = await self._reply_headers(call, reply, body, message)
        if call.method == "HEAD" and self._on("length-of-head-is-zero"):
            headers = bent_requests.replaced(headers, b"content-length", b"0")
        if self._whole_answer:
            await self._pass_on_whole(call, status, headers, reply, send)
            return
        if self._on("broken-answer-made-whole"):
            headers = tuple(field for field in headers if field[0] != b"content-length")
        await send({"type": "http.response.start", "status": status, "headers": headers})
        try:
            await _streamed(reply, body, send)
        except ProviderError:
            if not self._on("broken-answer-made-whole"):
                return  # the connection ends with it: a part must not look like the whole
        await send({"type": "http.response.body", "body": b""})

    async def _pass_on_whole(
        self, call: Incoming, status: int, headers: Fields, reply: Reply, send: Any
    ) -> None:
        try:
            raw = b"".join([piece async for piece in reply.pieces()])
        except ProviderError as error:
            raise TroubleError("broken", f"{error}.") from None
        answer = await self._unsteady.mixed(Whole(status=status, headers=headers, body=raw))
        if call.method != "HEAD":
            answer = bent_answers.bent_answer(answer, self._on)
        self._unsteady.keep(call, answer)
        await _send_whole(send, answer.status, answer.headers, answer.body)

    async def _reply_headers(
        self, call: Incoming, reply: Reply, body: Body, message: xroad.Message
    ) -> Fields:
        dropped = self._of_this_connection(reply.headers)
        if reply.status in _BODILESS:
            dropped.add(b"content-length")
        kept = tuple(field for field in reply.headers if field[0] not in dropped)
        kept = bent_answers.bent_answer_headers(kept, self._on)
        if call.dialect is Dialect.X_ROAD:
            await reply.sent()
            await body.drain()
            digest = xroad.request_hash(call, body.digest, body.size, self._on)
            kept = xroad.reply_headers(kept, reply.status, message, digest, self._on)
        return _dated(kept)

    async def _tell(self, trouble: TroubleError, call: Incoming, send: Any) -> None:
        if trouble.kind == "unknown-service" and self._on("unknown-service-is-empty"):
            await _send_whole(send, 200, ((b"content-length", b"0"),), b"")
            return
        status, headers, body = told(trouble, call, self._on)
        await _send_whole(send, status, headers, b"" if call.method == "HEAD" else body)


async def _streamed(reply: Reply, body: Body, send: Any) -> None:
    """Pass an answer's body on; raises Disconnected where the caller goes away, however long the provider has to say."""
    watch = asyncio.create_task(body.caller_gone()) if body.ended else None
    try:
        async for piece in reply.pieces():
            if watch is not None and watch.done():
                raise Disconnected
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        if watch is not None:
            watch.cancel()


def _dated(headers: Fields) -> Fields:
    """Add the moment to an answer that does not have one (RFC 9110, 6.6.1)."""
    if any(name == b"date" for name, _ in headers):
        return headers
    return (*headers, (b"date", formatdate(usegmt=True).encode()))


async def _send_whole(send: Any, status: int, headers: Fields, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _dated(headers)})
    await send({"type": "http.response.body", "body": body})
