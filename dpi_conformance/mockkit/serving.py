"""Serves a block's product over HTTP: who may call what, what is valid, and how it is answered."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import AsyncIterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from dpi_conformance.mockkit.calls import Answer, Call, Outgoing, Refused
from dpi_conformance.mockkit.distortions import Met, distorted, emit, mangled
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Carrier, Outbox
from dpi_conformance.mockkit.reading import Unreadable, read_form, read_json
from dpi_conformance.mockkit.refusals import acknowledgement, refusal_shape
from dpi_conformance.mockkit.requests import Arrival, Disconnected, arrival, read_body
from dpi_conformance.mockkit.routing import Misdirected, Route, Routes
from dpi_conformance.mockkit.sending import Sending
from dpi_conformance.mockkit.service import FORM, Service
from dpi_conformance.mockkit.settings import MockSettings
from dpi_conformance.mockkit.tolerance import Crashed, crashes, tolerated
from dpi_conformance.mockkit.validation import Complaint, RequestRules
from dpi_conformance.model.spec import Variant

__all__ = ["serve_app"]

_log = logging.getLogger(__name__)
_FAILED = Answer(status=500, body={"message": "The product failed."})


def serve_app(service: Service, settings: MockSettings, carrier: Carrier | None = None) -> Starlette:
    """Make the ASGI application of a block's product; ``carrier`` as in ``Outbox``."""
    dispatcher = _Dispatcher(service, settings)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with Outbox(carrier, dispatcher.sending) as outbox:
            dispatcher.outbox = outbox
            yield

    return Starlette(routes=[Mount("", app=dispatcher)], lifespan=lifespan)


class _Dispatcher:
    """The one ASGI endpoint: each step refuses, or hands on to the next."""

    def __init__(self, service: Service, settings: MockSettings) -> None:
        self.outbox: Outbox | None = None
        self._service = service
        self._settings = settings
        self._on = FaultSwitches(service.faults, settings.faults)
        self.sending = Sending(self._on, service.spellings.request_id)
        pages = {page.id: page for page in service.pages}
        page_variants = tuple(page.variant() for page in service.pages)
        self._operations = {**service.operations, **{name: page.operation for name, page in pages.items()}}
        self._unchecked = service.self_checking | pages.keys()
        self._routes = Routes((*service.spec.variants, *page_variants))
        tight = self._on("boundary-off-by-one")
        self._rules = {variant.id: RequestRules(variant, tight=tight) for variant in service.spec.variants}
        self._shapes = {v.id: refusal_shape(v, service.spellings) for v in service.spec.variants}
        self._shape = refusal_shape(None, service.spellings)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        met = Met(arrival=arrival(scope), spellings=self._service.spellings)
        try:
            answer = await self._answer(met, receive)
        except Disconnected:
            return
        except Crashed:
            answer = _FAILED
        except Exception:  # noqa: BLE001 -- a product answers 500 whatever it failed of, and logs it
            _log.exception("%s %s", scope["method"], scope["path"])
            answer = _FAILED
        if self._settings.latency_ms:
            await asyncio.sleep(self._settings.latency_ms / 1000)
        if answer.then and self.outbox is not None and self._on("callback-early"):
            answer = replace(answer, then=await self.outbox.sent_early(answer.then))
        await emit(send, distorted(self._identified(answer, met), met, self._on), met, self._on)
        if answer.then and self.outbox is not None:
            self.outbox.put(answer.then)

    def _identified(self, answer: Answer, met: Met) -> Answer:
        """Give the caller's correlation identifiers back."""
        given = {
            name: value
            for name in self._service.correlation
            if (value := met.arrival.headers.get(name)) and value.isprintable()
        }
        if not given:
            return answer
        return replace(answer, headers={**given, **answer.headers})

    async def _answer(self, met: Met, receive: Any) -> Answer:
        """Go through the steps; a refusal takes the shape of the operation, as far as it is known."""
        try:
            return await self._served(met, receive)
        except Refused as refusal:
            if self._service.refuse is not None:
                return replace(self._service.refuse(refusal, met.variant, met.arrival), refused=True)
            shape = self._shapes.get(met.variant.id, self._shape) if met.variant else self._shape
            identifier = self._service.spellings.identifier(met.body, met.arrival.query)
            text = "The request is not valid." if self._on("refusal-names-nothing") else refusal.text
            return Answer(
                status=refusal.status,
                body=shape.filled(text, identifier),
                headers=refusal.headers,
                then=self._told(met),
            )

    def _told(self, met: Met) -> tuple[Outgoing, ...]:
        """Tell the caller's address of a refusal, as only a product with a fault does."""
        address = met.arrival.headers.get("x-callback-url", "")
        if not address or not self._on("callback-for-refused"):
            return ()
        return (Outgoing(url=address, body={"numberFailedCases": 1, "failedCases": []}, result="refused"),)

    async def _served(self, met: Met, receive: Any) -> Answer:
        if self._service.admit is None:
            self._admit(met.arrival)
        route = self._routed(met.arrival)
        method = self._method(route, met.arrival)
        candidates, misdirected = _chosen(route, method, met.arrival.query)
        met.variant = candidates[0] if len(candidates) == 1 else None
        if self._service.admit is not None:
            self._service.admit(met.arrival, candidates[0])
        raw = await read_body(receive, met.arrival.headers.get("content-length", ""))
        expected = next((variant.body.media_type for variant in candidates if variant.body), "")
        if raw and expected:
            self._check_media_type(met.arrival, expected)
            met.body, met.has_body = self._parsed(raw, expected), True
        if misdirected is not None:
            return self._judged(met, (misdirected.complaint,), candidates)
        met.variant = met.variant or self._service.tell_apart(candidates, met.body)
        return await self._carried_out(met, route)

    def _admit(self, arrived: Arrival) -> None:
        """Nothing is served without the token (GovStack Payments 5.3.1)."""
        token = self._settings.token
        if not token or arrived.bears(token) or self._on("no-auth-check"):
            return
        if self._on("wrong-token-accepted") and "authorization" in arrived.headers:
            return
        challenge = {} if self._on("no-www-authenticate") else {"www-authenticate": 'Bearer realm="mock"'}
        raise Refused("The Authorization header bears no valid token.", status=401, headers=challenge)

    def _routed(self, arrived: Arrival) -> Route:
        route = self._routes.find(arrived.raw_path)
        if route is None:
            raise Refused("There is nothing under this path.", status=404)
        first = next(iter(route.methods.values()))[0].id
        if self._on("redirect-to-trailing-slash", first) and not arrived.raw_path.endswith(b"/"):
            location = {"location": arrived.raw_path.decode("latin-1") + "/"}
            raise Refused("The resource has moved.", status=307, headers=location)
        return route

    def _method(self, route: Route, arrived: Arrival) -> str:
        if arrived.method in route.methods:
            return arrived.method
        if self._on("method-served"):
            return next(iter(route.methods))
        allow = {"allow": ", ".join(sorted(route.methods))}
        if self._on("allow-header-missing"):
            allow = {}
        elif self._on("allow-header-wrong"):
            allow = {"allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE"}
        raise Refused(f"{arrived.method} is not allowed here.", status=405, headers=allow)

    def _check_media_type(self, arrived: Arrival, expected: str) -> None:
        is_expected = arrived.media_type == expected and arrived.charset in {"utf-8", "utf8", "us-ascii"}
        if not is_expected and not self._on("wrong-media-type-accepted"):
            raise Refused(f"The body is not {expected} in UTF-8.", status=415)

    def _parsed(self, raw: bytes, expected: str) -> Any:
        try:
            return mangled(read_form(raw) if expected == FORM else read_json(raw), self._on)
        except Unreadable as error:
            if crashes(error.kind, self._on):
                raise Crashed from error
            if error.kind == "malformed" and self._on("truncated-json-accepted"):
                return {}
            raise Refused(error.text) from None

    async def _carried_out(self, met: Met, route: Route) -> Answer:
        variant = met.variant
        assert variant is not None  # noqa: S101 -- chosen just before
        trouble = met.arrival.trouble or route.trouble
        if trouble and variant.id not in self._unchecked:
            raise Refused(trouble)
        query = mangled(met.arrival.query, self._on)
        values = {"path": route.values, "query": query, "header": met.arrival.headers}
        call = Call(
            variant=variant,
            path=route.values,
            query=query,
            headers=met.arrival.headers,
            body=met.body,
            query_string=met.arrival.query_string,
            trouble=trouble,
        )
        if variant.id in self._unchecked:
            return await self._performed(call)
        complaints = self._rules[variant.id].complaints(values, met.body, has_body=met.has_body)
        if complaints:
            overlooked = await self._done_all_the_same(call, complaints)
            return overlooked or self._judged(met, complaints, (variant,), route.unselected(met.arrival))
        if self._on("unknown-field-refused"):
            self._refuse_unknown(variant, met.body)
        return await self._performed(call)

    async def _performed(self, call: Call) -> Answer:
        answer = self._operations[call.variant.id](call)
        return await answer if inspect.isawaitable(answer) else answer

    async def _done_all_the_same(self, call: Call, complaints: Sequence[Complaint]) -> Answer | None:
        """Carry a request out that lacks something, where a fault does not look, or looks too late; it may fail."""
        if self._on("required-not-checked") and all(one.keyword == "required" for one in complaints):
            try:
                return await self._performed(call)
            except KeyError as missing:
                raise Crashed from missing
        if self._on("refused-and-done") and self.outbox is not None:
            with contextlib.suppress(KeyError, Refused):
                self.outbox.put((await self._performed(call)).then)
        return None

    def _refuse_unknown(self, variant: Variant, body: Any) -> None:
        unknown = sorted(body.keys() - self._rules[variant.id].known) if isinstance(body, dict) else []
        if unknown:
            raise Refused(f"{unknown[0][:40]} is not a field of this request.")

    def _judged(
        self,
        met: Met,
        complaints: Sequence[Complaint],
        candidates: Sequence[Variant],
        unselected: Sequence[str] = (),
    ) -> Answer:
        """Refuse a request that breaks a constraint, unless a fault lets this one pass."""
        if crashes("null", self._on) and any(c.keyword == "type" and c.value is None for c in complaints):
            raise Crashed
        if not tolerated(complaints, self._on):
            meant = (
                f" If another operation was meant, query.{unselected[0]} is missing." if unselected else ""
            )
            raise Refused(f"{complaints[0].text}{meant}", place=complaints[0].place)
        met.variant = candidates[0]
        identifier = self._service.spellings.identifier(met.body, met.arrival.query)
        status, body = acknowledgement(candidates[0], self._service.spellings, identifier)
        return Answer(status=status, body=body)


def _chosen(
    route: Route, method: str, query: Mapping[str, str]
) -> tuple[Sequence[Variant], Misdirected | None]:
    """Give the variants that a query selects; all of the method where it selects none, and why."""
    try:
        return route.candidates(method, query), None
    except Misdirected as error:
        return route.methods[method], error
