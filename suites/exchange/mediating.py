"""Calls through the mediator: the harness is the one who calls, and the one who is called."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.wire.passage import NOTHING, Load, Measure, Passage
from dpi_conformance.wire.visits import Arrival, Return, Visit

from .parties import CLIENT, Application, application, fixture

__all__ = [
    "CALL_HEADER",
    "X_ROAD_CLIENT",
    "Call",
    "Headers",
    "Mediated",
    "Offered",
    "arrived_target",
    "called",
    "control",
    "expected_target",
    "offered",
    "once",
]

X_ROAD_CLIENT: Final = "X-Road-Client"
CALL_HEADER: Final = "X-Conformance-Call"
_COUNTERPARTY: Final = "provider"
_UNSEEN: Final = frozenset({"refused", "unreachable", "tls"})
_CONTROL: Final = "exchange.control"
_TRIES: Final = 2
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A service of ours behind the mediator."""

    provider: Application
    code: str
    base: str
    """The path of its serviceUrl, without what a proxy before the harness may take off."""
    written: str = ""
    """How its path is written at the mediator; empty: as is usual."""

    @property
    def path(self) -> str:
        """Give the path at the mediator."""
        return self.written or f"{self.provider.path}/{quote(self.code, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a caller sends; ``below`` and ``query`` go as they are written."""

    method: str = "POST"
    below: str = ""
    query: str | None = None
    headers: Headers = ()
    load: Load = NOTHING
    without: frozenset[str] = frozenset()
    rooted: bool = False
    """``below`` follows the service at once, and the token is in a header only."""
    client_header: str = CLIENT
    client: str | None = None
    """Who calls; None: the consumer of product.yaml. Empty: nobody says."""
    credentials: str = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mediated:
    """A call that was sent, what came of it, and what reached the provider."""

    call: Call
    service: Offered
    exchange: Exchange
    visit: Visit
    answer: Measure
    below: str
    """What was written after the service's path, the query with it."""

    @property
    def arrival(self) -> Arrival | None:
        """Give what reached the provider first; None if nothing did."""
        return self.visit.arrivals[0] if self.visit.arrivals else None

    @property
    def status(self) -> int:
        """Give the status that the caller got; 0 if it got no whole answer."""
        return self.exchange.response.status if self.exchange.response is not None else 0

    @property
    def refused(self) -> bool:
        """Tell whether the mediator refused it, and nothing reached the provider; a 5xx is X-Road's refusal only."""
        is_own = self.status >= 500 and bool(self.headers("x-road-error"))
        return self.arrival is None and (400 <= self.status < 500 or is_own)

    def headers(self, name: str) -> list[str]:
        """Give the values of one of the answer's headers."""
        response = self.exchange.response
        return [value for key, value in response.headers if key == name.lower()] if response else []

    def __str__(self) -> str:
        """Say what the caller got."""
        if self.exchange.response is None:
            trouble = self.exchange.trouble
            return f"{trouble.kind}: {trouble.detail}" if trouble else "-"
        return f"HTTP {self.status}, {self.answer}"


@dataclass(slots=True)
class _Once:
    """Something that all cases of a run share."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    value: object = None
    troubles: list[Prerequisite] = field(default_factory=list)


async def once(scene: Scene, name: str, make: Callable[[], Awaitable[object]]) -> object:
    """Make something that all cases share; who comes meanwhile waits for it.

    What could not be made is tried once more, and then raises the same Prerequisite for all: a mediator that gives no
    answer would else be waited for by each case in turn.
    """
    shared: _Once = scene.kept.setdefault(name, _Once())
    with scene.patience.paused():
        async with shared.lock:
            if shared.value is None:
                if len(shared.troubles) == _TRIES:
                    raise shared.troubles[-1]
                try:
                    shared.value = await make()
                except Prerequisite as trouble:
                    shared.troubles.append(trouble)
                    raise
            return shared.value


def offered(scene: Scene, code: str | None = None, provider: Application | None = None) -> Offered:
    """Give a service that product.yaml names, by default the first; raises Prerequisite where there is none."""
    scene.counterparty(_COUNTERPARTY)
    name = code or fixture(scene, "provider.service").split()[0]
    return Offered(
        provider=provider or application(scene, "provider.application"),
        code=name,
        base=f"/counterparty/{_COUNTERPARTY}/{quote(name, safe='')}",
    )


async def called(scene: Scene, call: Call, *returns: Return, service: Offered | None = None) -> Mediated:
    """Send a call, and answer it as the provider if it comes; raises Prerequisite where the mediator is not reached."""
    there = service or offered(scene)
    visit = scene.listener.book.expect(f"{scene.case.id}/provider", *returns)
    where = "" if call.rooted else f"/{visit.token}"
    below = f"{where}{call.below}{'' if call.query is None else f'?{call.query}'}"
    passage = Passage(load=call.load, without=call.without)
    headers = (*_client(scene, call), (CALL_HEADER, visit.token), *call.headers)
    request = Request(method=call.method, url=f"{there.path}{below}", headers=headers)
    exchange = await scene.carry(request, passage, call.credentials)
    for arrival in visit.arrivals:
        scene.met(arrival.callback)
    if exchange.trouble is not None and exchange.trouble.kind in _UNSEEN:
        text = N_("The mediator was not reached: {trouble}.")
        raise Prerequisite(Message(text=text, values={"trouble": exchange.trouble.detail}))
    return Mediated(
        call=call,
        service=there,
        exchange=exchange,
        visit=visit,
        answer=passage.answer,
        below=below,
    )


async def control(scene: Scene, like: Call | None = None) -> None:
    """See that a plain call is mediated at all, once for all cases; raises Prerequisite where it is not."""
    plain = replace(like or Call(), method="GET", below="", query=None, load=NOTHING, headers=())

    async def tried() -> bool:
        mediated = await called(scene, plain)
        if mediated.arrival is None or mediated.status != 200:
            text = N_("A plain call of the consumer to the service {service} did not go through: {answer}.")
            values = {"service": mediated.service.path, "answer": str(mediated)}
            raise Prerequisite(Message(text=text, values=values))
        return True

    await once(scene, f"{_CONTROL}.{plain.client_header}", tried)


def expected_target(mediated: Mediated) -> str:
    """Give the target at which the provider has to be called."""
    return f"{mediated.service.base}{mediated.below}"


def arrived_target(scene: Scene, arrival: Arrival) -> str:
    """Give the target at which it was called, without the path of the harness's public URL."""
    return arrival.target.removeprefix(urlsplit(scene.listener.public_url).path)


def _client(scene: Scene, call: Call) -> Headers:
    who = str(application(scene, "consumer.client")) if call.client is None else call.client
    return ((call.client_header, who),) if who else ()
