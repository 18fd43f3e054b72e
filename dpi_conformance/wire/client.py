"""The one way to the product: sends a request, and gives what came of it as a value."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from dpi_conformance.catalogue.target import Target
from dpi_conformance.model.evidence import Exchange, Request, Response, TransportTrouble
from dpi_conformance.wire.authentication import Authentication, Proof
from dpi_conformance.wire.outgoing import Outgoing
from dpi_conformance.wire.pace import Pace
from dpi_conformance.wire.pool import Pool
from dpi_conformance.wire.reading import AnswerReader, UndecodableError
from dpi_conformance.wire.tls import Certificate, context

__all__ = ["Wire"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""Methods that change nothing at the product (RFC 9110, 9.2.1) and so may be sent again."""
_GRACE = 0.2
"""An answer is waited for this much longer than it may take, so that one slightly late is seen as late."""


class Wire:
    """Sends requests to one target, many at once; ``async with`` closes its connections.

    Nothing that the product does raises: it becomes the exchange's ``trouble``. Redirects are not followed.

    **A request is never sent twice unless that is safe.** A server may close a kept-alive connection at the moment
    when a request arrives on it, and nobody can tell whether it was carried out. Such a request is sent once more,
    on a fresh connection, if its method is safe and not a byte of an answer came. A payment is not: it ends as cut
    off. To make that rare, a connection idle for a second, or on which anything came unasked, is not used again,
    and after the first connection that was closed against its promise, requests that change something go on fresh
    connections only.
    """

    def __init__(self, target: Target) -> None:
        """Take the target; nothing is opened yet."""
        self._target = target
        self._limits = target.limits
        self._outgoing = Outgoing(target.base_url, tuple(target.headers.items()))
        self._others: dict[str, Outgoing] = {}
        self._pools: dict[tuple[Outgoing, Certificate], Pool] = {}
        self._places = asyncio.Semaphore(target.limits.concurrency)
        rate = target.limits.requests_per_second
        self._pace = None if rate is None else Pace(rate)
        self._authentication = Authentication(target.auth, self._post)
        self._answer_seconds = target.limits.answer_seconds * (1 + _GRACE)

    async def __aenter__(self) -> Self:
        """Load the TLS files, so that a faulty one is found now; raises UsageError."""
        if self._outgoing.secure:
            self._pool(self._outgoing, "own")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    @property
    def secrets(self) -> frozenset[str]:
        """Give the tokens that the authorization server has given so far: they may not reach the evidence."""
        return self._authentication.secrets

    async def send(self, request: Request, *, credentials: str = "own", exchange_id: str) -> Exchange:
        """Send a request (``url`` in origin form) with ``own``, ``none`` or ``wrong`` credentials.

        Raises TargetError where the authorization server gives no token, and HarnessError for a request that HTTP
        has no form for.
        """
        async with self._places:
            proof = await self._authentication.proof(credentials)
            exchange = await self._exchange(self._outgoing, request, proof, exchange_id)
            if credentials == "own" and _refused(exchange):
                renewed = await self._authentication.renewed(proof)
                if renewed is not None:
                    exchange = await self._exchange(self._outgoing, request, renewed, exchange_id)
            if credentials == "own" and not _refused(exchange):
                self._authentication.accepted()
            return exchange

    async def _exchange(
        self, outgoing: Outgoing, request: Request, proof: Proof, exchange_id: str
    ) -> Exchange:
        sent, message = outgoing.write(request, proof)
        pool = self._pool(outgoing, proof.certificate)
        started_at = datetime.now(UTC)
        started, finished, outcome = await self._carried(pool, request.method, message)
        response, trouble = _read(outcome)
        return Exchange(
            id=exchange_id,
            request=sent,
            response=response,
            trouble=trouble,
            elapsed_ms=(finished - started) * 1000,
            started_at=started_at.isoformat(timespec="milliseconds"),
        )

    async def _carried(
        self, pool: Pool, method: str, message: bytes
    ) -> tuple[float, float, AnswerReader | TransportTrouble]:
        """Carry one exchange, on a second connection where that is safe and the first was lost in silence."""
        safe = method in _SAFE
        fresh = pool.hasty and not safe
        while True:
            connection = await pool.ready(fresh=fresh)
            started = time.perf_counter()
            if isinstance(connection, TransportTrouble):
                return started, started, connection
            reused = connection.reused
            try:
                outcome = await connection.exchange(
                    message,
                    bodiless=method == "HEAD",
                    limit=self._limits.response_bytes,
                    seconds=self._answer_seconds,
                )
            finally:
                pool.release(connection)
            lost = connection.silent and reused
            pool.hasty = pool.hasty or lost
            if not (lost and safe):
                return started, connection.finished, outcome
            fresh = True

    def _pool(self, outgoing: Outgoing, certificate: Certificate) -> Pool:
        key = (outgoing, certificate)
        pool = self._pools.get(key)
        if pool is None:
            ours = outgoing is self._outgoing
            tls = context(self._target.tls, certificate, also_system=not ours) if outgoing.secure else None
            pool = self._pools[key] = Pool(
                host=outgoing.host,
                port=outgoing.port,
                tls=tls,
                connect_seconds=self._limits.connect_seconds,
                pace=self._pace if ours else None,
            )
        return pool

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        """Send a form to the authorization server, which is not the product: no rate limit, none of its headers."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        outgoing = self._others.setdefault(origin, Outgoing(origin))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = Request(method="POST", url=target, headers=tuple(headers.items()), body=body)
        ours = outgoing.host == self._outgoing.host
        return await self._exchange(outgoing, request, Proof(certificate="own" if ours else "none"), "token")


def _refused(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status == 401


def _read(outcome: AnswerReader | TransportTrouble) -> tuple[Response | None, TransportTrouble | None]:
    if isinstance(outcome, TransportTrouble):
        return None, outcome
    try:
        return outcome.response(), None
    except UndecodableError as error:
        return None, TransportTrouble(kind="undecodable", detail=str(error))
