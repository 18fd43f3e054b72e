"""A product may give back half a surrogate pair (RFC 8259, 8.2): that is no failure, and breaks nothing of ours."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.callbacks import Calls
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.model.bodies import json_as_sent, json_in_unicode
from dpi_conformance.model.evidence import Callback, Exchange, Request, Response
from dpi_conformance.model.spec import BodyDeclared, Outbound, ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import Journal, read_journal
from dpi_conformance.wire.redaction import Redactor

HALF = "a\ud800b"
SCHEMA = {
    "type": "object",
    "properties": {"requestID": {"type": "string", "maxLength": 3}, "name": {"type": "string"}},
    "additionalProperties": {"type": "string"},
}
VARIANT = Variant(
    id="make",
    method="post",
    path="/things",
    body=BodyDeclared(schema=SCHEMA),
    responses=(ResponseDeclared(status="200", content={"application/json": SCHEMA}),),
)
ANSWERS = Answers(
    spec=Spec(title="t", version="1", variants=(VARIANT,)),
    rules=RefusalRules(),
    echo={"requestID": frozenset({"requestID", "RequestID"})},
)
VECTOR = Vector(
    id="v",
    case="t/contract/make/text/body.requestID",
    variant="make",
    method="POST",
    target="/things",
    expect=Expectation.EITHER,
)


def exchange(answer: bytes, sent: object = None) -> Exchange:
    request = Request(
        method="POST", url="http://127.0.0.1/things", body=json.dumps(sent or {"requestID": HALF}).encode()
    )
    headers = (("content-type", "application/json"),)
    return Exchange(id="x", request=request, response=Response(status=200, headers=headers, body=answer))


@pytest.mark.parametrize(
    "value",
    [HALF, {"k": [HALF, "\udc00"]}, {HALF: 1}, "\U0001f600\ud83d", "\\ud800 stays \ud800", "\udc00\ud800"],
)
def test_text_with_half_a_pair_is_read_as_sent_and_in_a_form_that_can_be_written(value: Any) -> None:
    body = json.dumps(value).encode()
    assert json_as_sent(body) == value
    written = json_in_unicode(body)
    assert orjson.loads(orjson.dumps(written)) == written
    assert "\ufffd" in orjson.dumps(written).decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"\\ud800',
        b'["\\ud800", NaN]',
        b'"\\ud800\xff"',
        b'"\\ud80"',
        b'"\\ud800\x01"',
        b'\xef\xbb\xbf"\\ud800"',
    ],
)
def test_what_is_no_json_stays_none(body: bytes) -> None:
    for read in (json_as_sent, json_in_unicode):
        with pytest.raises(ValueError):  # noqa: PT011 -- whichever reader says so
            read(body)


@pytest.mark.parametrize("inner", [b"1" * 300, b"[" * 1_000 + b"]" * 1_000], ids=["long", "deep"])
def test_what_one_of_the_readers_cannot_take_breaks_nothing(inner: bytes) -> None:
    body = b'["\\ud800", ' + inner + b"]"
    assert ascii(json_as_sent(body)[0]) in {r"'\ud800'", r"'\ufffd'"}


def test_an_answer_that_gives_the_text_back_unharmed_has_no_finding() -> None:
    assert ANSWERS.check(VECTOR, exchange(b'{"requestID": "a\\ud800b"}')) == ()
    unharmed = replace(VECTOR, expect=Expectation.UNHARMED, echo=((HALF, "/requestID"),))
    assert ANSWERS.check(unharmed, exchange(b'{"requestID": "a\\ud800b"}')) == ()
    (changed,) = ANSWERS.check(unharmed, exchange(b'{"requestID": "a\\ud801b"}'))
    assert (changed.code, changed.actual) == ("text.unharmed", r"'a\ud801b'")


def test_what_becomes_of_it_where_nothing_is_promised_is_left_open() -> None:
    assert ANSWERS.check(VECTOR, exchange(b'{"requestID": "a?b"}')) == ()


def test_such_an_answer_is_still_held_against_its_schema() -> None:
    long = ANSWERS.check(VECTOR, exchange(b'{"requestID": "a\\ud800bcd"}'))
    assert [one.code for one in long] == ["body.schema"]
    named = ANSWERS.check(VECTOR, exchange(b'{"a\\ud800": 1, "requestID": "a"}'))
    assert {one.code for one in named} == {"body.schema"}
    assert all(one.place.isprintable() for one in named)


def test_a_broken_answer_is_still_no_json() -> None:
    assert [one.code for one in ANSWERS.check(VECTOR, exchange(b'{"requestID": "a\\ud800b"'))] == [
        "body.json"
    ]


def test_a_call_of_the_product_may_hold_it_too() -> None:
    declared = Outbound(
        id="made",
        kind="callback",
        method="post",
        path="{$request.header.X-Callback-URL}",
        body=BodyDeclared(schema=SCHEMA),
        clause="c",
    )
    calls = Calls(spec=Spec(title="t", version="1", variants=(), outbounds=(declared,)))
    request = Request(
        method="POST",
        url="http://127.0.0.1/x",
        headers=(("Content-Type", "application/json"),),
        body=b'{"requestID": "a\\ud800b"}',
    )
    callback = Callback(id="c", address="x", request=request, received_at="", after_ms=1, answered=200)
    assert calls.check("made", callback, "http://127.0.0.1/x") == ()


def test_the_journal_takes_it_and_can_be_read(tmp_path: Path) -> None:
    answer = json.dumps({"name": HALF, "\ud800": HALF, "requestID": "abcd", "iban": "\udc00" * 8}).encode()
    seen = exchange(answer, {"requestID": HALF, "iban": "\udc00" * 8})
    findings = ANSWERS.check(VECTOR, seen)
    assert findings
    odd = replace(findings[0], actual=HALF, place=HALF, expected="\ud800" * 200)
    with Journal(tmp_path / "journal.ndjson", Redactor(personal={"iban", "name"})) as journal:
        journal.exchange(seen, case="c", vector="v", verdict=Verdict.FAIL, findings=[*findings, odd])
    (line,) = read_journal(tmp_path / "journal.ndjson")
    assert "\\ud800" in line["response"]["body"]
