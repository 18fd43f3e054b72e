"""A broker that has nothing of the built-in mock, and decides otherwise wherever the documents are silent."""

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import jsonschema_rs
from aiohttp import web

ROOM = "XX/GOV/9/room"
PUBLISHER = "XX/GOV/2/publisher"
SUBSCRIBERS = ("XX/COM/1/reader", "XX/COM/1/other-reader")
LEASE_SECONDS = 0.4
"""A fetched event is hidden so long, that nobody else of the same subscriber works on it."""
DELAY_SECONDS = 0.2
"""An accepted event comes to its queues so much later."""
PAUSES = (0.2, 0.4, 0.9)
JSON = {"Content-Type": "application/json"}


@dataclass
class Subscriber:
    """One subscription: what waits, and until when it is hidden."""

    client: str
    body: dict[str, Any]
    waiting: dict[str, float] = field(default_factory=dict)


@dataclass
class Kind:
    """An event type: a log, which those who come later get from its beginning."""

    schema: dict[str, Any]
    log: dict[str, bytes] = field(default_factory=dict)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)


@dataclass
class OtherBroker:
    """Keeps the events of one room; ``way`` is how it goes wrong."""

    way: str = "honest"
    pushed_to: str = ""
    url: str = ""
    kinds: dict[str, Kind] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def routes(self) -> web.Application:
        """Give the operations."""
        app, base = web.Application(), f"/r1/{ROOM}"
        for method, path, operation in (
            ("POST", "api/v1/eventType", self.create),
            ("GET", "api/v1/eventType", self.list),
            ("GET", "api/v1/eventType/{type}", self.read),
            ("DELETE", "api/v1/eventType/{type}", self.delete),
            ("POST", "pub/v1/{type}", self.publish),
            ("GET", "pub/v1/{type}/{event}", self.event),
            ("DELETE", "pub/v1/{type}/{event}", self.withdraw),
            ("GET", "api/v1/subs", self.subscriptions),
            ("POST", "api/v1/subs/{type}", self.subscribe),
            ("GET", "api/v1/subs/{type}", self.subscription),
            ("PATCH", "api/v1/subs/{type}", self.change),
            ("DELETE", "api/v1/subs/{type}", self.unsubscribe),
            ("GET", "pull/v1/{type}", self.pull),
            ("DELETE", "pull/v1/{type}/{event}", self.confirm),
        ):
            app.router.add_route(method, f"{base}/{path}", self._guarded(operation))
        return app

    def _guarded(
        self, operation: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            try:
                return await operation(request)
            except KeyError:
                return web.json_response({"title": "not found"}, status=404)

        return guarded

    def _kind(self, request: web.Request) -> Kind:
        return self.kinds[request.match_info["type"]]

    def _own(self, request: web.Request) -> Subscriber:
        return self._kind(request).subscribers[request.headers["X-GovStack-Client"]]

    async def create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["eventType"] in self.kinds:
            return web.Response(status=409)
        self.kinds[body["eventType"]] = Kind({"$schema": "http://json-schema.org/schema#", **body["schema"]})
        return web.Response(status=200)

    async def list(self, _request: web.Request) -> web.Response:
        return web.json_response([*self.kinds])

    async def read(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"eventType": request.match_info["type"], "schema": self._kind(request).schema}
        )

    async def delete(self, request: web.Request) -> web.Response:
        del self.kinds[request.match_info["type"]]
        return web.Response(status=204)

    async def publish(self, request: web.Request) -> web.Response:
        """Keep the payload as the bytes that came; it is the rest of the body."""
        kind, raw = self._kind(request), await request.read()
        event, body = str(uuid4()), json.loads(raw)["event"]
        schema = {key: value for key, value in kind.schema.items() if key != "$schema"}
        if not jsonschema_rs.Draft202012Validator(schema).is_valid(body):
            return web.json_response({"title": "invalid"}, status=400)
        kind.log[event] = raw[raw.index(b'"event":') + 8 : -1]
        for one in list(kind.subscribers.values()):
            self._beside(self._queued(kind, one, event))
        return web.json_response({"id": event}, status=201)

    async def _queued(self, kind: Kind, one: Subscriber, event: str) -> None:
        await asyncio.sleep(DELAY_SECONDS)
        if kind.subscribers.get(one.client) is not one or event not in kind.log:
            return
        one.waiting[event] = 0.0
        if one.body.get("delivery", "PUSH") == "PUSH" and self.way != "never-pushes":
            await self._push(kind, one, event)

    async def _push(self, kind: Kind, one: Subscriber, event: str) -> None:
        """Push as CloudEvents do, below an address of the type's own."""
        place = (
            ""
            if self.way == "one-address"
            else f"/{one.client.rpartition('/')[2]}/incoming/{one.body['eventType']}"
        )
        for pause in (*PAUSES, 0):
            if kind.subscribers.get(one.client) is not one or event not in kind.log:
                return
            payload = kind.log[event]
            data = b'"data": ' + payload
            if self.way == "base64":
                data = b'"data_base64": "' + base64.b64encode(payload) + b'"'
            head = b'{"specversion": "1.0", "id": "' + event.encode() + b'", '
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                limit = aiohttp.ClientTimeout(total=0.8)
                async with (
                    aiohttp.ClientSession(timeout=limit) as session,
                    session.put(f"{self.pushed_to}{place}", data=head + data + b"}", headers=JSON) as answer,
                ):
                    if answer.status < 300:
                        break
            await asyncio.sleep(pause)
        one.waiting.pop(event, None)

    async def event(self, request: web.Request) -> web.Response:
        return _event(request.match_info["event"], self._kind(request))

    async def withdraw(self, request: web.Request) -> web.Response:
        kind, event = self._kind(request), request.match_info["event"]
        del kind.log[event]
        for one in kind.subscribers.values():
            one.waiting.pop(event, None)
        return web.Response(status=204)

    async def subscriptions(self, request: web.Request) -> web.Response:
        client = request.headers["X-GovStack-Client"]
        own = [one.subscribers[client].body for one in self.kinds.values() if client in one.subscribers]
        return web.json_response(own)

    async def subscribe(self, request: web.Request) -> web.Response:
        """Subscribe; no order is offered, and no time below a minute."""
        kind, body, client = self._kind(request), await request.json(), request.headers["X-GovStack-Client"]
        options = body.get("options", {})
        if options.get("FIFO") or options.get("TTL", 60) < 60:
            return web.json_response({"title": "not offered"}, status=400)
        if client in kind.subscribers:
            return web.Response(status=409)
        one = kind.subscribers[client] = Subscriber(client, {"delivery": "PUSH", **body})
        if one.body["delivery"] == "PULL":
            one.waiting = dict.fromkeys(kind.log, 0.0)
        return web.Response(status=200)

    async def subscription(self, request: web.Request) -> web.Response:
        return web.json_response(self._own(request).body)

    async def change(self, request: web.Request) -> web.Response:
        self._own(request).body.update(await request.json())
        return web.Response(status=201)

    async def unsubscribe(self, request: web.Request) -> web.Response:
        del self._kind(request).subscribers[self._own(request).client]
        return web.Response(status=204)

    async def pull(self, request: web.Request) -> web.Response:
        """Hand out any event that is not hidden, the latest first, and hide it for a moment."""
        one, now = self._own(request), time.monotonic()
        event = next((each for each, until in reversed(one.waiting.items()) if until < now), None)
        if event is None:
            return web.Response(status=404)
        one.waiting[event] = now + LEASE_SECONDS
        return _event(event, self._kind(request))

    async def confirm(self, request: web.Request) -> web.Response:
        del self._own(request).waiting[request.match_info["event"]]
        return web.Response(status=204)

    def _beside(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


@contextlib.asynccontextmanager
async def serving(broker: OtherBroker) -> AsyncIterator[None]:
    """Serve at a port of its own."""
    runner = web.AppRunner(broker.routes())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    broker.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        for task in list(broker.tasks):
            task.cancel()
        await asyncio.gather(*broker.tasks, return_exceptions=True)
        await runner.cleanup()


def _event(event: str, kind: Kind) -> web.Response:
    body = b'{"id": "' + event.encode() + b'", "event": ' + kind.log[event] + b"}"
    return web.Response(body=body, headers=JSON)
