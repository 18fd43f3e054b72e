"""Faults of sending change results, and nothing that a product asks of a counterparty."""

from typing import Any

import orjson
import pytest

from dpi_conformance.mockkit.calls import Outgoing
from dpi_conformance.mockkit.faults import Fault, FaultSwitches
from dpi_conformance.mockkit.sending import Sending

BODY = {
    "requestID": "OWN1",
    "registerRequestID": "REQ1",
    "numberFailedCases": 2,
    "at": "2026-01-01T10:00:00Z",
}
RESULT = Outgoing(url="http://caller:1/a/b?c=d", body=BODY, result="result")


def sending(*names: str) -> Sending:
    faults = [Fault(name=name, summary="", clause="", check="", cases="") for name in names]
    return Sending(FaultSwitches(faults, names), ("requestID",))


def sent(*names: str, message: Outgoing = RESULT) -> list[Outgoing]:
    return list(sending(*names).sent(message))


def test_without_a_fault_a_message_goes_out_as_it_is() -> None:
    assert sent() == [RESULT]
    assert sending().again(RESULT) == RESULT


@pytest.mark.parametrize(
    "fault", ["callback-never", "callback-twice", "callback-path-dropped", "callback-put", "callback-as-text"]
)
def test_what_is_asked_of_a_counterparty_is_left_alone(fault: str) -> None:
    ask = Outgoing(url="http://bank:1/x", body=BODY)
    assert sent(fault, message=ask) == [ask]
    assert sending("callback-retried-as-new").again(ask) == ask


def test_never_and_twice() -> None:
    assert sent("callback-never") == []
    first, second = sent("callback-twice")
    assert first == RESULT
    assert second.body == {**BODY, "requestID": "000000000000"}


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("callback-counts-as-text", {**BODY, "numberFailedCases": "2"}),
        ("callback-correlation-lost", {**BODY, "registerRequestID": "OWN1"}),
        ("callback-in-local-time", {**BODY, "at": "2026-01-01T10:00:00+03:00"}),
    ],
)
def test_what_a_result_says(fault: str, changed: dict[str, Any]) -> None:
    (message,) = sent(fault)
    body = orjson.loads(message.body) if isinstance(message.body, bytes) else message.body
    assert body == changed


def test_where_a_result_goes() -> None:
    assert [message.url for message in sent("callback-path-dropped")] == ["http://caller:1/callback"]
    cached = sending("callback-address-cached")
    list(cached.sent(RESULT))
    (other,) = cached.sent(Outgoing(url="http://caller:1/other", body={}, result="result"))
    assert other.url == RESULT.url


def test_how_a_result_is_sent() -> None:
    assert [message.method for message in sent("callback-put")] == ["PUT"]
    assert sent("callback-as-text")[0].headers["Content-Type"] == "text/plain"
    assert str(sent("callback-as-form")[0].body).startswith("b'payload=")
    assert sending("callback-retried-as-new").again(RESULT) == sent("callback-twice")[1]


def test_a_flood_is_the_same_message_a_hundred_times_more() -> None:
    assert sent("callback-flood") == [RESULT] * 101
