"""What a block's steps are given, to create what a vector's request refers to."""

import itertools
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from dpi_conformance.catalogue.login import Client
from dpi_conformance.checks.answers import Answers
from dpi_conformance.errors import DpiError
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.i18n import N_, Message
from dpi_conformance.login.landing import Diary, Landing, LoginDriver, LoginError, Session, Wish
from dpi_conformance.model.evidence import Callback, Exchange, Request
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackAddress, CallbackListener, Counterparty
from dpi_conformance.wire.passage import Passage
from dpi_conformance.wire.pulse import Pulse

__all__ = [
    "AS_EVERYBODY",
    "THROTTLED",
    "NotCalledBack",
    "NotServed",
    "Prerequisite",
    "Resource",
    "Stage",
    "Step",
    "Steps",
    "json_request",
]

Resource = Mapping[str, str]
"""The slots that one resource fills, e.g. ``{"voucher.serial": "…", "voucher.secret": "…"}``."""


class Prerequisite(DpiError):  # noqa: N818 -- the field calls it so; it is no error of anybody's
    """A step could not create what a vector needs: the vector is inconclusive, never failed."""


class NotServed(Prerequisite):
    """The product did not serve a step's valid request; the message's values name ``variant`` and ``answer``."""


class NotCalledBack(Prerequisite):
    """The product served a step's request and did not send the callback that belongs to it in time."""


Step = Callable[["Stage", int], Awaitable[Sequence[Resource | Prerequisite]]]
"""Creates so many of one resource; where single ones fail, their trouble stands in their place."""

Steps = Mapping[str, Step]
"""For each resource by name, the step that creates it."""


THROTTLED: Final = N_(
    "The product throttles ({variant}: {answer}); set limits.requests_per_second in product.yaml to what it takes."
)
"""Of a request that was answered with 429."""
AS_EVERYBODY = Wish()
"""The first person, who logs in and consents to everything."""
_NO_LOGIN = N_(
    "A person has to log in for this, and product.yaml does not say how: write login (docs/login.md); "
    "without it this stays undecided."
)
_STRAYED = N_(
    "The login leads from {ours} to {there}, where nothing of the person is sent; if that is a host of the product, "
    "name it under login.hosts in product.yaml."
)
_TRIES = 2
"""So often in a row a callback may fail to come before no step waits for its like again."""


@dataclass(kw_only=True)
class Stage:
    """Where a block's steps act: the wire to the product, the listener, and the product's declarations."""

    wire: Wire
    listener: CallbackListener
    answers: Answers
    fresh: Fresh
    callback_seconds: float
    fixtures: Mapping[str, str] = field(default_factory=dict)
    counterparties: frozenset[str] = frozenset()
    """Those that the product was configured to call at the harness."""
    declared: Mapping[str, str] = field(default_factory=dict)
    """What the vendor declares where the documents are silent."""
    login: LoginDriver | None = None
    """Takes a person through the product's login pages; None: product.yaml names no way."""
    persons: Sequence[str] = ()
    """Those who can log in, by their names in product.yaml."""
    clients: Mapping[str, Client] = field(default_factory=dict)
    """Relying parties that were configured at the product by hand, by name."""
    base_url: str = ""
    """The product's address before the paths of the specification."""
    claims: frozenset[str] = frozenset()
    """The functions that the product claims to serve."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What the cases of a run share because making it for each would cost too much, by name."""
    closing: Collection[str] = ()
    """Credentials that the product may refuse by ending the connection (``Target.closing``)."""
    parts: Mapping[str, "Stage"] = field(default_factory=dict)
    """In a scenario: the stage of each block that takes part, by its name."""
    pulse: Pulse = field(default_factory=Pulse)
    """Tells when the harness itself did not get to run."""
    record: Callable[[Exchange, str], None] = lambda _exchange, _step: None
    """Called with each exchange of a step, so that the journal has it."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _taken: dict[str, int] = field(default_factory=dict)
    """How many of a prepared resource were given away; all cases of a run count together."""
    _missed: dict[str, list[float]] = field(default_factory=dict)
    """For each callback that steps wait for, when it failed to come, since one last came."""

    def __post_init__(self) -> None:
        """Take the counterparties' places before the product first calls them."""
        for name in self.counterparties:
            self.listener.counterparty(name)

    def counterparty(self, name: str) -> Counterparty:
        """Give a counterparty that the harness plays; raises Prerequisite if the product does not call it here."""
        if name in self.counterparties:
            return self.listener.counterparty(name)
        raise Prerequisite(
            Message(
                text=N_(
                    "The product has to ask the {name}, and was not configured to ask the harness; see counterparties "
                    "in product.yaml."
                ),
                values={"name": name},
            )
        )

    def prepared(self, resource: str, *names: str) -> list[Resource]:
        """Give what the vendor prepared under fixtures: ``<resource>.<name>``, several values apart by spaces.

        Empty unless each name has a value; the shortest list says how many resources there are.
        """
        lists = [self.fixtures.get(f"{resource}.{name}", "").split() for name in names]
        return [
            {f"{resource}.{name}": value for name, value in zip(names, values, strict=True)}
            for values in zip(*lists, strict=False)
        ]

    def take(self, resource: str, count: int, *names: str) -> list[Resource]:
        """Give prepared resources that nobody else is given in this run; none if the vendor prepared none.

        Raises Prerequisite once they are used up.
        """
        prepared = self.prepared(resource, *names)
        start = self._taken.get(resource, 0)
        taken = prepared[start : start + count]
        if prepared and len(taken) < count:
            text = N_("All of {resource} under fixtures in product.yaml are used up; name more than {count}.")
            raise Prerequisite(Message(text=text, values={"resource": resource, "count": len(prepared)}))
        self._taken[resource] = start + len(taken)
        return taken

    def address(self, step: str) -> CallbackAddress:
        """Give a callback address that belongs to one step."""
        return self.listener.address(f"step/{step}")

    async def call(self, variant: str, request: Request) -> Exchange:
        """Send a valid request for a step; raises Prerequisite if it is not served."""
        scheme = self.answers.scheme(variant)
        exchange = await self.wire.send(request, scheme=scheme, exchange_id=self._next_id())
        self.record(exchange, variant)
        if not self.answers.served(variant, exchange):
            throttled = exchange.response is not None and exchange.response.status == 429
            text = N_("A preparing request ({variant}) was not served: {answer}.")
            values = {"variant": variant, "answer": _answer(exchange)}
            raise NotServed(Message(text=THROTTLED if throttled else text, values=values))
        return exchange

    async def carry(self, request: Request, passage: Passage, credentials: str = "own") -> Exchange:
        """Send a request that the product is to pass on to somebody; what comes back is measured."""
        exchange = await self.wire.carry(
            request, passage, credentials=credentials, exchange_id=self._next_id()
        )
        self.record(exchange, "mediated")
        return exchange

    async def visit(self, request: Request, name: str = "visit") -> Exchange:
        """Send a request to an absolute URL with no credentials but those that it has itself, and follow no redirect."""
        exchange = await self.wire.visit(request, exchange_id=self._next_id())
        self.record(exchange, name)
        return exchange

    async def land(
        self,
        url: str,
        redirect_uri: str,
        wish: Wish = AS_EVERYBODY,
        session: Session | None = None,
        *,
        stray: bool = False,
    ) -> Landing:
        """Take a person from an authorization request to the redirect, or the page, that it ends with.

        Without ``session``, a browser that knows nobody. A redirect to somewhere else, which is never followed, is
        given back with ``stray``. Raises Prerequisite where product.yaml names no way to log in, or the way named
        there does not lead to an end.
        """
        if self.login is None:
            raise Prerequisite(Message(text=_NO_LOGIN))
        diary = Diary(number=self._next_id, seen=lambda exchange: self.record(exchange, "login"))
        try:
            landing = await self.login.land(url, redirect_uri, wish, session, diary=diary)
        except LoginError as error:
            raise Prerequisite(error.message) from error
        if landing.left and not stray:
            values = {"there": landing.left[:300], "ours": urlsplit(url).netloc}
            raise Prerequisite(Message(text=_STRAYED, values=values))
        return landing

    def _next_id(self) -> str:
        return f"step-{next(self._numbers):06d}"

    async def called_back(self, address: CallbackAddress, what: str) -> Callback:
        """Wait for a step's callback; raises Prerequisite if it does not arrive in time, or its like failed to twice.

        Callbacks that fail to come beside each other are one failure.
        """
        missed = self._missed.setdefault(what, [])
        if len(missed) < _TRIES:
            began = time.monotonic()
            callbacks = await address.wait(1, self.callback_seconds)
            if callbacks:
                missed.clear()
                return callbacks[0]
            if not missed or began >= missed[-1]:
                missed.append(time.monotonic())
        raise NotCalledBack(
            Message(
                text=N_(
                    "The product sent no {what} to the harness within {seconds} s; check callbacks.public_url in "
                    "product.yaml, or name prepared data under fixtures."
                ),
                values={"what": what, "seconds": f"{self.callback_seconds:g}"},
            )
        )


def json_request(method: str, target: str, body: object, headers: Mapping[str, str] | None = None) -> Request:
    """Make a JSON request in origin form."""
    return Request(
        method=method,
        url=target,
        headers=(("Content-Type", "application/json"), *(headers or {}).items()),
        body=b"" if body is None else orjson.dumps(body, default=_exact),
    )


def _exact(value: object) -> orjson.Fragment:
    """Write money digit for digit."""
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{value!r} has no form in JSON")


def _answer(exchange: Exchange) -> str:
    if exchange.response is None:
        return f"{exchange.trouble.kind}: {exchange.trouble.detail}" if exchange.trouble else "-"
    return f"HTTP {exchange.response.status} {exchange.response.body[:160].decode('utf-8', 'replace')}"
