"""The listener answers as a receiver in trouble, where a case asks for it."""

import asyncio
import time

import httpx
import pytest

from dpi_conformance.wire.listener import CallbackListener, reserve
from dpi_conformance.wire.reactions import DROPPED, Reaction, refusing


async def _post(url: str, body: str = "{}") -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.post(url, content=body)).status_code


def test_a_refusal_is_given_once_and_then_the_usual_answer() -> None:
    async def run() -> list[int]:
        async with CallbackListener(socket=reserve("127.0.0.1", 0)) as listener:
            address = listener.address("case")
            address.react(refusing(503))
            statuses = [await _post(address.url), await _post(address.url)]
            assert [callback.answered for callback in address.callbacks] == statuses
            return statuses

    assert asyncio.run(run()) == [503, 202]


def test_a_dropped_connection_is_an_error_for_the_caller_and_a_callback_for_us() -> None:
    async def run() -> None:
        async with CallbackListener(socket=reserve("127.0.0.1", 0)) as listener:
            address = listener.address("case")
            address.react(DROPPED)
            with pytest.raises(httpx.TransportError):
                await _post(address.url)
            assert [callback.answered for callback in address.callbacks] == [0]

    asyncio.run(run())


def test_an_answer_may_take_its_time() -> None:
    async def run() -> float:
        async with CallbackListener(socket=reserve("127.0.0.1", 0)) as listener:
            address = listener.address("case")
            address.react(Reaction(after_seconds=0.2))
            started = time.perf_counter()
            assert await _post(address.url) == 202
            assert address.callbacks[0].at - started < 0.2
            return time.perf_counter() - started

    assert asyncio.run(run()) >= 0.2


def test_a_counterparty_reacts_to_the_calls_that_are_meant() -> None:
    async def run() -> list[int]:
        async with CallbackListener(socket=reserve("127.0.0.1", 0)) as listener:
            bank = listener.counterparty("payer-bank")
            bank.react(refusing(500), mentions="BATCH-2")
            return [await _post(f"{bank.url}/x", body) for body in ('"BATCH-1"', '"BATCH-2"', '"BATCH-2"')]

    assert asyncio.run(run()) == [202, 500, 202]


def test_what_a_full_listener_lets_go_is_taken_from_the_fullest_in_turn() -> None:
    async def run() -> tuple[int, int, int]:
        async with CallbackListener(socket=reserve("127.0.0.1", 0)) as listener:
            many, other, few = (listener.address(name, lasting=True) for name in ("many", "other", "few"))
            await _post(few.url)
            body = "x" * 1_000_000
            for address in (many, other, many, other, many, other, many, other, many):
                await _post(address.url, body)
            return len(many.callbacks), len(other.callbacks), len(few.callbacks)

    many, other, few = asyncio.run(run())
    assert few == 1, "what is small is kept"
    assert abs(many - other) <= 1, "nobody loses all while others keep theirs"
    assert many + other < 9


def test_what_is_let_go_makes_room_and_a_released_address_is_unknown() -> None:
    async def run() -> list[int]:
        async with CallbackListener(socket=reserve("127.0.0.1", 0)) as listener:
            address = listener.address("case", lasting=True)
            await _post(address.url)
            listener.forget(address)
            assert address.callbacks == ()
            statuses = [await _post(address.url)]
            listener.release(address)
            return [*statuses, await _post(address.url)]

    assert asyncio.run(run()) == [202, 404]
