"""Checks on the product's own calls: each passes on what is declared, and finds what is not."""

from typing import Any

import orjson
import pytest

from dpi_conformance.checks.callbacks import OUTBOUND_CHECKS, Calls
from dpi_conformance.model.evidence import Callback, Request
from dpi_conformance.model.spec import BodyDeclared, Outbound, Parameter, Spec

ADDRESS = "http://harness:1/counterparty/bank"
BODY = {
    "type": "object",
    "required": ["batchId", "count"],
    "properties": {"batchId": {"type": "string"}, "count": {"type": "integer"}, "at": {"type": "string"}},
}
HEADERS = {"Content-Type": "application/json", "X-Correlation": "C1"}
CALLS = Calls(
    spec=Spec(
        title="bank",
        version="1",
        variants=(),
        outbounds=(
            Outbound(
                id="ask",
                kind="webhook",
                method="post",
                path="/batches/{batchId}",
                counterparty="bank",
                clause="GS 1",
                published={"file": "a.yml", "method": "post", "path": "/batches/{batchId}?x=1"},
                parameters=(
                    Parameter(name="command", location="query", required=True, schema={"enum": ["go"]}),
                    Parameter(
                        name="X-Correlation", location="header", required=True, schema={"maxLength": 4}
                    ),
                    Parameter(name="X-Note", location="header", required=False, schema={"maxLength": 2}),
                    Parameter(name="batchId", location="path", required=True, schema={"maxLength": 3}),
                ),
                body=BodyDeclared(schema=BODY),
            ),
            Outbound(id="read", kind="webhook", method="get", path="/bills/{id}", counterparty="biller"),
            Outbound(
                id="tell",
                kind="callback",
                method="post",
                path="{$request.header.X-Callback-URL}",
                published={"file": "b.yml", "method": "post", "path": "/told/{id}"},
                body=BodyDeclared(schema={}),
            ),
        ),
    )
)


def made(call: str = "ask", **changes: Any) -> list[tuple[str, str]]:
    """Give code and place of each finding on a call that is as declared but for the changes."""
    given = {
        "method": "POST",
        "below": "/batches/B1?command=go",
        "headers": HEADERS,
        "body": {"batchId": "B1", "count": 1},
        "secrets": (),
        **changes,
    }
    body = given["body"] if isinstance(given["body"], bytes) else orjson.dumps(given["body"])
    callback = Callback(
        id="callback-1",
        address="bank",
        request=Request(
            method=given["method"],
            url=f"{ADDRESS}{given['below']}",
            headers=tuple(given["headers"].items()),
            body=body,
        ),
        received_at="",
        after_ms=1,
        answered=202,
    )
    findings = CALLS.check(call, callback, ADDRESS, given["secrets"])
    assert all(finding.exchange == "callback-1" and finding.advice for finding in findings)
    return [(finding.code, finding.place) for finding in findings]


def test_a_call_that_is_as_declared_has_no_finding() -> None:
    assert made() == []
    assert made(below="/batches/B1/?command=go") == []
    assert made(headers={**HEADERS, "content-type": "application/json; charset=utf-8", "X-Note": "ok"}) == []
    assert made(body={"batchId": "B1", "count": 1, "at": "2026-03-01T09:30:00Z", "more": None}) == []
    assert made("read", method="GET", below="/bills/7", headers={}, body=b"") == []


WRONG: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("method", {"method": "PUT"}, [("outbound.method", "method")]),
    ("path", {"below": "/batch/B1?command=go"}, [("outbound.path", "path")]),
    ("base", {"below": "?command=go"}, [("outbound.path", "path")]),
    ("query missing", {"below": "/batches/B1"}, [("outbound.parameter", "query.command")]),
    ("query wrong", {"below": "/batches/B1?command=stop"}, [("outbound.parameter", "query.command")]),
    ("path long", {"below": "/batches/B123?command=go"}, [("outbound.parameter", "path.batchId")]),
    (
        "header missing",
        {"headers": {"Content-Type": "application/json"}},
        [("outbound.parameter", "header.X-Correlation")],
    ),
    (
        "optional long",
        {"headers": {**HEADERS, "x-note": "long"}},
        [("outbound.parameter", "header.X-Note")],
    ),
    (
        "no type",
        {"headers": {"X-Correlation": "C1"}},
        [("outbound.content-type", "header.content-type")],
    ),
    ("no JSON", {"body": b"<a/>"}, [("outbound.json", "body")]),
    ("no body", {"body": b""}, [("outbound.json", "body")]),
    ("schema", {"body": {"batchId": 1, "count": 1}}, [("outbound.schema", "body.batchId")]),
    ("required", {"body": {"batchId": "B1"}}, [("outbound.schema", "body")]),
    (
        "zone",
        {"body": {"batchId": "B1", "count": 1, "at": "2026-03-01T12:30:00+03:00"}},
        [("outbound.utc", "body.at")],
    ),
    (
        "token in a header",
        {"headers": {**HEADERS, "Authorization": "Bearer t0kent0ken"}, "secrets": ("t0kent0ken",)},
        [("outbound.credentials", "header.authorization")],
    ),
    (
        "token in the query",
        {"below": "/batches/B1?command=go&key=t0ken%2Bt0ken", "secrets": ("t0ken+t0ken",)},
        [("outbound.credentials", "url")],
    ),
]


@pytest.mark.parametrize(("changes", "findings"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_is_not_as_declared_is_found(changes: dict[str, Any], findings: list[tuple[str, str]]) -> None:
    assert made(**changes) == findings


def test_each_check_is_seen_to_fail() -> None:
    assert {check.id for check in OUTBOUND_CHECKS} == {code for *_, found in WRONG for code, _ in found}


@pytest.mark.parametrize(
    ("below", "good"),
    [("", True), ("/", True), ("?a=1", True), ("/told/7", True), ("/told", False), ("/told/7/8", False)],
)
def test_a_result_goes_to_the_address_itself_or_to_the_published_path_below_it(
    below: str, *, good: bool
) -> None:
    found = made("tell", below=below, headers={"Content-Type": "application/json"}, body={})
    assert (found == []) is good


def test_a_hostile_body_costs_a_few_findings_and_no_time() -> None:
    many = {
        "batchId": "B1",
        "count": 1,
        **{f"n{number}": "2026-01-01T00:00:00+01:00" for number in range(50)},
    }
    assert len(made(body=many)) == 50
    assert made(body=b"[" * 100_000)[0][0] == "outbound.json"


def test_a_call_that_nobody_declared_is_our_own_fault() -> None:
    with pytest.raises(KeyError):
        made("unheard-of")
