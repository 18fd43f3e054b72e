"""The one way to the product: sends a request, and gives what came of it as a value."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from dpi_conformance.catalogue.target import Target
from dpi_conformance.model.evidence import Exchange, Request, Response, TransportTrouble
from dpi_conformance.wire.answers import Answer, UndecodableError
from dpi_conformance.wire.authentication import Authentication, Proof
from dpi_conformance.wire.connector import Departure
from dpi_conformance.wire.outgoing import Outgoing
from dpi_conformance.wire.pace import Pace
from dpi_conformance.wire.passage import Passage
from dpi_conformance.wire.tls import Certificate, context
from dpi_conformance.wire.transport import Transport
from dpi_conformance.wire.troubles import trouble

__all__ = ["Wire"]

_GRACE = 0.2
"""An answer is waited for this much longer than it may take, so that one slightly late is seen as late."""


class Wire:
    """Sends requests to one target, many at once; ``async with`` closes its connections.

    Nothing that the product does raises: it becomes the exchange's ``trouble``. httpx carries the requests, by its
    transports and not by its client: that reads a redirect's address though it shall not follow it (and refuses an
    answer with a faulty one), keeps cookies, and logs URLs, which hold an API key in the query.

    **A request is never sent twice unless that is safe.** A server may close a kept-alive connection at the moment
    when a request arrives on it, and nobody can tell whether it was carried out. Such a request is sent once more,
    on a fresh connection, if its method is safe. A payment is not: it ends as cut off. To make that rare, a
    connection idle for a second, or on which anything came unasked, is not used again, and after the first that was
    closed under a request, requests that change something go on fresh connections only.
    """

    def __init__(self, target: Target) -> None:
        """Take the target; nothing is opened yet."""
        self._target = target
        self._limits = target.limits
        self._outgoing = Outgoing(target.base_url, tuple(target.headers.items()), target.spelt())
        self._others: dict[str, Outgoing] = {}
        self._visited: dict[str, Outgoing] = {}
        self._learnt: set[str] = set()
        self._transports: dict[tuple[Outgoing, Certificate], Transport] = {}
        self._places = asyncio.Semaphore(target.limits.concurrency)
        rate = target.limits.requests_per_second
        self._pace = None if rate is None else Pace(rate)
        self._authentication = Authentication(target.auth, self._post)
        self._named = {name: Authentication(auth, self._post) for name, auth in target.credentials.items()}
        self._answer_seconds = target.limits.answer_seconds * (1 + _GRACE)
        self.begun = 0
        """Requests that were to be sent so far."""
        self.under_way = 0
        """Requests whose answer has not come yet."""

    async def __aenter__(self) -> Self:
        """Load the TLS files, so that a faulty one is found now; raises UsageError."""
        if self._outgoing.secure:
            self._transport(self._outgoing, "own")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await asyncio.gather(*(transport.aclose() for transport in self._transports.values()))

    @property
    def requests_per_second(self) -> float | None:
        """Give the rate to which requests are held; None without one."""
        return self._limits.requests_per_second

    @property
    def secrets(self) -> frozenset[str]:
        """Give the tokens that were given to us so far: they may not reach the evidence."""
        ours = (self._authentication, *self._named.values())
        return frozenset[str](self._learnt).union(*(one.secrets for one in ours))

    def learn(self, secret: str) -> None:
        """Take note of a token that the product gave by other ways than an authorization server."""
        self._learnt.add(secret)

    async def send(
        self, request: Request, *, credentials: str = "own", scheme: str | None = "", exchange_id: str
    ) -> Exchange:
        """Send a request (``url`` in origin form) with ``own``, ``none`` or ``wrong`` credentials.

        ``scheme`` names what the operation asks for: it may have credentials of its own (``Target.credentials``);
        None: it asks for nothing, and is shown no more than our certificate.
        Raises TargetError where the authorization server gives no token, and HarnessError for a request that HTTP
        has no form for.
        """
        self.begun += 1
        self.under_way += 1
        try:
            return await self._sent(request, credentials, scheme, exchange_id)
        finally:
            self.under_way -= 1

    async def _sent(
        self, request: Request, credentials: str, scheme: str | None, exchange_id: str
    ) -> Exchange:
        if scheme is None and credentials == "own":
            async with self._places:
                return await self._exchange(self._outgoing, request, Proof(), exchange_id)
        authentication = self._named.get(scheme or "", self._authentication)
        async with self._places:
            proof = await authentication.proof(credentials)
            exchange = await self._exchange(self._outgoing, request, proof, exchange_id)
            if credentials == "own" and _refused(exchange):
                renewed = await authentication.renewed(proof)
                if renewed is not None:
                    exchange = await self._exchange(self._outgoing, request, renewed, exchange_id)
            if credentials == "own" and not _refused(exchange):
                authentication.accepted()
            return exchange

    async def carry(
        self, request: Request, passage: Passage, *, credentials: str = "own", exchange_id: str
    ) -> Exchange:
        """Send a request that the product is to pass on, and measure what comes back, neither unpacked nor kept whole.

        It is never sent anew with a renewed token: whether the 401 was the product's own is for the caller to say.
        """
        self.begun += 1
        self.under_way += 1
        try:
            async with self._places:
                proof = await self._authentication.proof(credentials)
                return await self._exchange(self._outgoing, request, proof, exchange_id, passage)
        finally:
            self.under_way -= 1

    async def visit(self, request: Request, *, exchange_id: str) -> Exchange:
        """Send a request to an absolute URL, as a browser or a client of the product does.

        None of the target's credentials or headers go with it; at the target's own address its rate limit holds.
        """
        origin, target = _split(request.url)
        outgoing = self._visited.setdefault(origin, Outgoing(origin))
        message = replace(request, url=target)
        async with self._places:
            return await self._exchange(outgoing, message, Proof(certificate="none"), exchange_id)

    async def _exchange(
        self,
        outgoing: Outgoing,
        request: Request,
        proof: Proof,
        exchange_id: str,
        passage: Passage | None = None,
    ) -> Exchange:
        sent, head = outgoing.write(request, proof, passage)
        transport = self._transport(outgoing, proof.certificate)
        started_at = datetime.now(UTC)
        departure = Departure(self._answer_seconds)
        message = outgoing.envelope(sent, head, departure, passage)
        answer = Answer(limit=self._limits.response_bytes, passage=passage)
        where = f"{outgoing.host}:{outgoing.port}"
        outcome = await self._carried(transport, message, departure, where, answer)
        return Exchange(
            id=exchange_id,
            request=sent,
            response=outcome if isinstance(outcome, Response) else None,
            trouble=outcome if isinstance(outcome, TransportTrouble) else None,
            elapsed_ms=departure.took * 1000,
            started_at=started_at.isoformat(timespec="milliseconds"),
        )

    async def _carried(
        self, transport: Transport, message: httpx.Request, departure: Departure, where: str, answer: Answer
    ) -> Response | TransportTrouble:
        """Carry one exchange, and give what came of it."""
        try:
            async with departure:
                await answer.take(await transport.handle_async_request(message))
            return answer.response()
        except TimeoutError:
            return answer.late(self._answer_seconds)
        except httpx.TransportError as error:
            return trouble(error, where, self._limits.connect_seconds)
        except UndecodableError as error:
            return TransportTrouble(kind="undecodable", detail=str(error))

    def _transport(self, outgoing: Outgoing, certificate: Certificate) -> Transport:
        key = (outgoing, certificate)
        transport = self._transports.get(key)
        if transport is None:
            ours = outgoing is self._outgoing or outgoing is self._visited.get(self._outgoing.origin)
            tls = context(self._target.tls, certificate, also_system=not ours) if outgoing.secure else None
            transport = self._transports[key] = Transport(
                outgoing.origin,
                tls=tls,
                pace=self._pace if ours else None,
                connect_seconds=self._limits.connect_seconds,
            )
        return transport

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Send a form to the authorization server, which is not the product: no rate limit, none of its headers."""
        origin, target = _split(url)
        outgoing = self._others.setdefault(origin, Outgoing(origin))
        request = Request(method="POST", url=target, headers=tuple(headers.items()), body=body)
        ours = outgoing.host == self._outgoing.host
        return await self._exchange(outgoing, request, Proof(certificate="own" if ours else "none"), "token")


def _refused(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status == 401


def _split(url: str) -> tuple[str, str]:
    """Give the origin of an absolute URL, and the rest of it without the fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", (parts.path or "/") + (
        f"?{parts.query}" if parts.query else ""
    )
