"""Calls that pass through a product: measured at both ends, answered in every form that HTTP has, and some it has not."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from dpi_conformance.catalogue.target import Limits, Target
from dpi_conformance.model.evidence import Exchange, Request
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener
from dpi_conformance.wire.passage import KEPT_BYTES, NOTHING, Load, Passage
from dpi_conformance.wire.visits import Return, Visit

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGE = Load(block=b"0123456789abcdef" * 4000, size=10_000_003)


def met(
    *returns: Return,
    method: str = "POST",
    passage: Passage | None = None,
    below: str = "",
    headers: Sequence[tuple[str, str]] = (),
    by_header: bool = False,
    times: int = 1,
    answer_seconds: float = 10,
) -> tuple[Exchange, Visit, Passage]:
    """Call the harness's own listener as a mediator would, with nothing in between."""
    carried = passage or Passage()

    async def run() -> tuple[Exchange, Visit, Passage]:
        async with CallbackListener() as listener:
            target = Target(base_url=listener.public_url, limits=Limits(answer_seconds=answer_seconds))
            visit = listener.book.expect("provider", *returns)
            where = "" if by_header else f"/{visit.token}"
            more = (("X-Token", visit.token),) if by_header else ()
            request = Request(
                method=method, url=f"/counterparty/provider{where}{below}", headers=(*headers, *more)
            )
            async with Wire(target) as wire:
                for number in range(times):
                    exchange = await wire.carry(request, carried, exchange_id=f"e{number}")
            return exchange, visit, carried

    return asyncio.run(run())


@pytest.mark.parametrize(
    "load", [NOTHING, Load(block=b'{ "a": 1 }'), LARGE, Load(block=b"x" * 9, size=70_000)]
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_measured_alike_at_both_ends(load: Load, chunked: bool) -> None:
    sent = Load(block=load.block, size=load.size, chunked=chunked)
    exchange, visit, passage = met(Return(load=sent), passage=Passage(load=sent))
    (arrival,) = visit.arrivals
    assert arrival.body == sent.measure() == passage.answer
    assert arrival.body.size == sent.length
    assert exchange.response is not None
    assert len(exchange.response.body) <= KEPT_BYTES
    assert len(exchange.request.body) <= KEPT_BYTES
    assert len(arrival.callback.request.body) <= KEPT_BYTES


def test_no_two_pieces_of_a_long_body_are_alike() -> None:
    pieces = list(LARGE.pieces())
    assert len(set(pieces)) == len(pieces)
    assert sum(map(len, pieces)) == LARGE.length


def test_target_headers_and_method_arrive_as_they_were_written() -> None:
    below = "/a%2Fb//c/../~%7e?b=2&a=1&a&q=%20+"
    headers = (("X-Twice", "one"), ("X-Twice", "two"), ("X-Empty", ""))
    _, visit, _ = met(method="PATCH", below=below, headers=headers)
    (arrival,) = visit.arrivals
    assert (arrival.method, arrival.target) == ("PATCH", f"/counterparty/provider/{visit.token}{below}")
    assert arrival.values("x-twice") == ["one", "two"]
    assert arrival.values("x-empty") == [""]


def test_a_call_is_known_by_a_token_in_a_header() -> None:
    _, visit, _ = met(by_header=True, below="/anything")
    assert [one.target for one in visit.arrivals] == ["/counterparty/provider/anything"]


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_what_is_packed_stays_packed(coding: str) -> None:
    packed = gzip.compress(b"text") if coding == "gzip" else b"\x0b\x02\x80hello\x03"
    exchange, _, passage = met(Return(headers=(("Content-Encoding", coding),), load=Load(block=packed)))
    assert exchange.trouble is None
    assert exchange.response is not None
    assert exchange.response.body == packed
    assert passage.answer == Load(block=packed).measure()


@pytest.mark.parametrize("status", [200, 204, 299, 304, 404, 418, 503])
def test_any_status_goes_back(status: int) -> None:
    exchange, _, _ = met(Return(status=status), method="GET")
    assert exchange.response is not None
    assert exchange.response.status == status


def test_several_headers_of_one_name_go_back_apart() -> None:
    cookies = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2"))
    exchange, _, _ = met(Return(headers=cookies))
    assert exchange.response is not None
    assert [value for name, value in exchange.response.headers if name == "set-cookie"] == [
        "a=1; Path=/",
        "b=2",
    ]


def test_interim_answers_and_bodies_without_a_length_are_read() -> None:
    body = Load(block=b"to the end" * 1000)
    exchange, _, passage = met(Return(load=body, until_close=True, interim=(102, 103)))
    assert exchange.response is not None
    assert (exchange.response.status, passage.answer) == (200, body.measure())


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_breaks_off_is_no_whole_one(chunked: bool) -> None:
    body = Load(block=b"x" * 5000, chunked=chunked, piece=700)
    exchange, _, _ = met(Return(load=body, break_after=2000))
    assert exchange.trouble is not None
    assert exchange.response is None


def test_a_closed_connection_and_silence_are_told() -> None:
    closed, _, _ = met(Return(close=True))
    assert closed.trouble is not None
    assert closed.trouble.kind == "cut-off"
    silent, visit, _ = met(Return(silent=True), answer_seconds=0.3)
    assert silent.trouble is not None
    assert (silent.trouble.kind, visit.arrived) == ("timeout", 1)


def test_each_time_has_its_own_answer_and_the_last_one_stays() -> None:
    exchange, visit, _ = met(Return(status=503), Return(status=201), times=3)
    assert exchange.response is not None
    assert (exchange.response.status, visit.arrived) == (201, 3)


def test_a_head_has_the_length_and_no_body() -> None:
    exchange, _, passage = met(Return(load=Load(block=b"x" * 77)), method="HEAD")
    assert exchange.response is not None
    assert (exchange.response.header("content-length"), passage.answer.size) == ("77", 0)


def test_what_nobody_expects_is_answered_as_before() -> None:
    async def run() -> Any:
        async with CallbackListener() as listener, Wire(Target(base_url=listener.public_url)) as wire:
            token = f"dpi-{'0' * 24}"
            return await wire.send(Request(method="POST", url=f"/{token}", body=b"{}"), exchange_id="x")

    exchange = asyncio.run(run())
    assert exchange.response is not None
    assert exchange.response.status == 404


def test_a_request_goes_without_what_the_harness_adds_elsewhere() -> None:
    _, visit, _ = met(passage=Passage(without=frozenset({"accept"})))
    (arrival,) = visit.arrivals
    assert arrival.values("accept") == []
    assert arrival.values("accept-encoding") == ["identity"]
