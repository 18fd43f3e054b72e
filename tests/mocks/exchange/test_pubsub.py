"""Publish and subscribe in the exchange mock: queues, their order and their end, and events that are pushed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from dpi_conformance.catalogue.packs import Pack

if TYPE_CHECKING:
    from tests.mocks.exchange.conftest import Message, Stage

    Play = Callable[..., Any]

ROOM = "/r1/GOV/GOV/90000/civil-events"
OTHER_ROOM = "/r1/GOV/GOV/90000/health-events"
TYPES, SUBS = f"{ROOM}/api/v1/eventType", f"{ROOM}/api/v1/subs"
PUB, PULL = f"{ROOM}/pub/v1/birth", f"{ROOM}/pull/v1/birth"
READER, OTHER, PUBLISHER = "GOV/COM/1234/benefits", "GOV/COM/1234/statistics", "GOV/GOV/70000/registry"
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "number"}}}
PUSHING = Pack.builtin().load("mocks.exchange.pubsub_push")


async def call(stage: Stage, method: str, path: str, body: Any = None, client: str = READER) -> Message:
    """Send a request as one application."""
    raw = None if body is None else as_json(body)
    return await stage.send(
        method, path, {"Content-Type": "application/json"} if raw else {}, raw, client=client
    )


def as_json(body: Any) -> bytes:
    return body if isinstance(body, bytes) else json.dumps(body).encode()


async def begin(stage: Stage, delivery: str = "PULL", client: str = READER, **options: Any) -> None:
    """Create the event type where it is not there, and subscribe somebody."""
    await call(stage, "POST", TYPES, {"eventType": "birth", "schema": SCHEMA})
    body = {"eventType": "birth", "delivery": delivery, "options": options}
    assert (await call(stage, "POST", f"{SUBS}/birth", body, client)).status == 200


async def publish(stage: Stage, number: Any = 1) -> str:
    """Publish an event; gives its identifier."""
    got = await call(stage, "POST", PUB, {"eventType": "birth", "event": {"n": number}}, PUBLISHER)
    assert got.status == 201, got
    return str(got.json()["id"])


async def numbers(stage: Stage, client: str = READER) -> list[Any]:
    """Fetch and confirm all that waits."""
    found = []
    while (got := await call(stage, "GET", PULL, client=client)).status == 200:
        found.append(got.json()["event"]["n"])
        assert (await call(stage, "DELETE", f"{PULL}/{got.json()['id']}", client=client)).status == 204
    assert got.status == 404
    return found


async def until(holds: Callable[[], bool], turns: int = 400) -> None:
    for _ in range(turns):
        if holds():
            return
        await asyncio.sleep(0.02)
    assert holds()


def test_each_subscriber_has_a_queue_in_the_order_of_publication(play: Play) -> None:
    async def steps(stage: Stage) -> Any:
        await begin(stage)
        await begin(stage, client=OTHER)
        for number in range(4):
            await publish(stage, number)
        return await numbers(stage), await numbers(stage, OTHER)

    assert play(steps) == ([0, 1, 2, 3], [0, 1, 2, 3])


def test_an_event_stays_until_it_is_confirmed_and_nobody_else_confirms_it(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        await begin(stage)
        await begin(stage, client=OTHER)
        event = await publish(stage)
        both = [(await call(stage, "GET", PULL)).json()["id"] for _ in range(2)]
        assert both == [event, event]
        answers = [await call(stage, "DELETE", f"{PULL}/{event}", client=READER) for _ in range(2)]
        return [one.status for one in answers] + [(await call(stage, "GET", PULL, client=OTHER)).status]

    assert play(steps) == [204, 404, 200]


def test_an_event_against_its_schema_or_of_an_unknown_type_is_refused(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        await begin(stage)
        bad = await call(stage, "POST", PUB, {"eventType": "birth", "event": {"n": "x"}}, PUBLISHER)
        lost = await call(
            stage, "POST", PUB.replace("birth", "x"), {"eventType": "x", "event": {}}, PUBLISHER
        )
        again = await call(stage, "POST", TYPES, {"eventType": "birth", "schema": {}})
        return [bad.status, lost.status, again.status, len(await numbers(stage))]

    assert play(steps) == [400, 404, 409, 0]


def test_a_schema_that_is_none_or_refers_elsewhere_is_refused_and_nobody_is_called(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        schemas = [{"type": "nonsense"}, {"$ref": f"{stage.provider_url}/schema.json"}]
        answers = [await call(stage, "POST", TYPES, {"eventType": "a", "schema": one}) for one in schemas]
        return [*(one.status for one in answers), len(stage.seen)]

    assert play(steps) == [400, 400, 0]


@pytest.mark.parametrize(
    "number", [b"9007199254740993", b"0.10000000000000000555", b"123456789012345678901234567890"]
)
def test_numbers_are_kept_digit_for_digit(play: Play, number: bytes) -> None:
    async def steps(stage: Stage) -> bytes:
        await begin(stage)
        raw = b'{"eventType": "birth", "event": {"n": %s}}' % number
        assert (await call(stage, "POST", PUB, raw, PUBLISHER)).status == 201
        return (await call(stage, "GET", PULL)).body

    assert b'"n":' + number + b"}" in play(steps)


def test_an_event_is_gone_after_its_time_and_after_it_was_withdrawn(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        await begin(stage, TTL=1)
        await begin(stage, client=OTHER)
        await publish(stage)
        before = (await call(stage, "GET", PULL)).status
        await asyncio.sleep(1.05)
        other = (await call(stage, "GET", PULL, client=OTHER)).json()["id"]
        gone = await call(stage, "DELETE", f"{PUB}/{other}", client=PUBLISHER)
        left = [(await call(stage, "GET", PULL, client=one)).status for one in (READER, OTHER)]
        read = await call(stage, "GET", f"{PUB}/{other}", client=PUBLISHER)
        return [before, gone.status, *left, read.status]

    assert play(steps) == [200, 204, 404, 404, 404]


def test_a_subscription_is_shown_changed_and_ended(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        await begin(stage, "PUSH")
        again = await call(stage, "POST", f"{SUBS}/birth", {"eventType": "birth"})
        changed = await call(stage, "PATCH", f"{SUBS}/birth", {"eventType": "birth", "options": {"TTL": 60}})
        shown = (await call(stage, "GET", f"{SUBS}/birth")).json()
        ended = [(await call(stage, "DELETE", f"{SUBS}/birth")).status for _ in range(2)]
        lists = [(await call(stage, "GET", SUBS)).status, (await call(stage, "GET", PULL)).status]
        return [again.status, changed.status, shown["delivery"], shown["options"], *ended, *lists]

    assert play(steps) == [409, 201, "PUSH", {"TTL": 60, "FIFO": False}, 204, 404, 404, 404]


def test_rooms_are_apart_and_a_room_that_is_none_is_not_found(play: Play) -> None:
    async def steps(stage: Stage) -> list[int]:
        await begin(stage)
        other = await call(stage, "GET", f"{OTHER_ROOM}/api/v1/eventType/birth")
        none = await call(stage, "GET", "/r1/GOV/COM/1234/benefits/api/v1/eventType")
        stranger = await call(stage, "GET", TYPES, client="GOV/COM/1234/nobody")
        foreign = await call(stage, "GET", TYPES, client="GOV/COM/5678/insurance")
        return [other.status, none.status, stranger.status, foreign.status]

    assert play(steps) == [204, 404, 400, 403]


def pushed(stage: Stage) -> list[Any]:
    return [one.json()["event"]["n"] for one in stage.seen]


def test_an_event_is_pushed_to_its_subscribers_own_address_and_tried_until_it_is_taken(play: Play) -> None:
    async def steps(stage: Stage) -> list[str]:
        bad, good = (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 204 Taken\r\n\r\n")
        stage.answer = lambda _seen: bad if len(stage.seen) < 3 else good
        await begin(stage, "PUSH")
        await publish(stage, 7)
        await until(lambda: len(stage.seen) == 3)
        await asyncio.sleep(0.7)
        assert pushed(stage) == [7, 7, 7]
        return [one.first for one in stage.seen]

    assert set(play(steps)) == {"POST /counterparty/subscriber/benefits HTTP/1.1"}


def test_an_event_is_dropped_after_the_last_attempt_and_those_in_order_wait_for_it(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        taken = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        stage.answer = lambda seen: None if seen.json()["event"]["n"] == 1 else taken
        await begin(stage, "PUSH", FIFO=True)
        for number in (1, 2):
            await publish(stage, number)
        await until(lambda: 2 in pushed(stage))
        return pushed(stage)

    assert play(steps) == [1] * PUSHING.ATTEMPTS + [2]


def test_a_subscription_that_is_changed_to_push_gets_what_waits(play: Play) -> None:
    async def steps(stage: Stage) -> list[Any]:
        await begin(stage)
        await publish(stage, 5)
        await call(stage, "PATCH", f"{SUBS}/birth", {"eventType": "birth", "delivery": "PUSH"})
        await until(lambda: bool(stage.seen))
        return pushed(stage)

    assert play(steps) == [5]
