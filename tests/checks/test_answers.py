"""Each check on an answer: one answer that it passes, and answers that it finds, with the place it names."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from dpi_conformance.checks.answers import EMPTY_ANSWER, NOT_SHOWN, Answers
from dpi_conformance.checks.refusal import BodyRefusal, RefusalRules
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Exchange, Finding, Request, Response, TransportTrouble
from dpi_conformance.model.spec import BodyDeclared, ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector

ACK = {
    "type": "object",
    "properties": {
        "responseCode": {"type": "string", "maxLength": 2},
        "requestID": {"type": "string", "maxLength": 12},
        "at": {"type": "string"},
    },
}
CREATE = Variant(
    id="create",
    method="post",
    path="/things",
    body=BodyDeclared(schema={"type": "object"}),
    responses=(
        ResponseDeclared(status="200", content={"application/json": ACK}, required_headers=("X-Trace",)),
        ResponseDeclared(status="400", content={"application/json": ACK}),
    ),
)
READ = Variant(
    id="read",
    method="get",
    path="/things",
    responses=(ResponseDeclared(status="200", content={"application/json": ACK}),),
)
ANSWERS = Answers(
    spec=Spec(title="things", version="1", variants=(CREATE, READ)),
    rules=RefusalRules(
        bodies=(BodyRefusal(fields=frozenset({"responseCode"}), values=frozenset({"01"})),),
        success_fields={"responseCode": frozenset({"00"})},
        undeclared=frozenset({401, 403, 404, 405, 415, 422, 429}),
    ),
    time_limit_ms=1000,
    echo={"request-id": frozenset({"requestID", "RequestID"})},
    aliases={"code": frozenset({"responseCode", "ResponseCode"})},
)
JSON = (("content-type", "application/json"), ("x-trace", "1"))
SENT = b'{"requestID":"R1"}'


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer, and how its request was meant."""

    status: int = 200
    body: bytes = b'{"responseCode":"00","requestID":"R1"}'
    headers: tuple[tuple[str, str], ...] = JSON
    expect: Expectation = Expectation.EITHER
    case: str = "t/contract/create/type/body.requestID"
    elapsed_ms: float = 5
    truncated: bool = False
    method: str = "POST"
    echo: tuple[tuple[str, str], ...] = field(default=())

    def findings(self) -> tuple[Finding, ...]:
        vector = Vector(
            id="v1",
            case=self.case,
            variant="create",
            method=self.method,
            target="/things",
            expect=self.expect,
            echo=self.echo,
        )
        exchange = Exchange(
            id="v1",
            request=Request(method=self.method, url="http://127.0.0.1/things", body=SENT),
            response=Response(
                status=self.status, headers=self.headers, body=self.body, truncated=self.truncated
            ),
            elapsed_ms=self.elapsed_ms,
        )
        return ANSWERS.check(vector, exchange, clause="Things 1.2")


REFUSAL = b'{"responseCode":"01","requestID":"R1"}'
PLAIN = (("content-type", "text/plain"), ("x-trace", "1"))
CASES: list[tuple[str, Answer, Answer, str]] = [
    ("status.server-error", Answer(), Answer(status=500), "status"),
    (
        "status.redirect",
        Answer(),
        Answer(status=307, headers=(("location", "/things/"),), body=b""),
        "status",
    ),
    (
        "status.accepted",
        Answer(expect=Expectation.ACCEPTED),
        Answer(expect=Expectation.ACCEPTED, body=REFUSAL),
        "status",
    ),
    (
        "status.accepted",
        Answer(expect=Expectation.ACCEPTED),
        Answer(expect=Expectation.ACCEPTED, status=400),
        "status",
    ),
    (
        "status.refused",
        Answer(expect=Expectation.REFUSED, body=REFUSAL),
        Answer(expect=Expectation.REFUSED),
        "status",
    ),
    (
        "status.refused",
        Answer(expect=Expectation.UNSUPPORTED_MEDIA_TYPE, status=415),
        Answer(expect=Expectation.UNSUPPORTED_MEDIA_TYPE),
        "status",
    ),
    (
        "status.method-not-allowed",
        Answer(
            expect=Expectation.METHOD_NOT_ALLOWED,
            status=405,
            method="PUT",
            headers=(*JSON, ("allow", "GET, POST")),
        ),
        Answer(expect=Expectation.METHOD_NOT_ALLOWED, status=200, method="PUT"),
        "status",
    ),
    (
        "status.method-not-allowed",
        Answer(expect=Expectation.METHOD_NOT_ALLOWED, status=404, method="PUT"),
        Answer(expect=Expectation.METHOD_NOT_ALLOWED, status=204, method="PUT"),
        "status",
    ),
    (
        "status.method-refusal",
        Answer(
            expect=Expectation.METHOD_NOT_ALLOWED,
            status=405,
            method="PUT",
            headers=(*JSON, ("allow", "GET, POST")),
        ),
        Answer(expect=Expectation.METHOD_NOT_ALLOWED, status=404, method="PUT"),
        "status",
    ),
    (
        "status.method-refusal",
        Answer(status=501, method="PUT"),
        Answer(expect=Expectation.METHOD_NOT_ALLOWED, status=501, method="TRACE"),
        "status",
    ),
    (
        "status.server-error",
        Answer(expect=Expectation.METHOD_NOT_ALLOWED, status=501, method="TRACE"),
        Answer(status=501),
        "status",
    ),
    (
        "header.allow",
        Answer(status=405, method="PUT", headers=(*JSON, ("allow", "GET, POST"))),
        Answer(status=405, method="PUT"),
        "header.allow",
    ),
    (
        "header.allow",
        Answer(status=405, method="PUT", headers=(*JSON, ("allow", "post, get, head"))),
        Answer(status=405, method="PUT", headers=(*JSON, ("allow", "GET"))),
        "header.allow",
    ),
    (
        "status.unauthorized",
        Answer(expect=Expectation.UNAUTHORIZED, status=401, headers=(*JSON, ("www-authenticate", "Bearer"))),
        Answer(expect=Expectation.UNAUTHORIZED),
        "status",
    ),
    (
        "status.unauthorized",
        Answer(expect=Expectation.UNAUTHORIZED, status=403),
        Answer(expect=Expectation.UNAUTHORIZED, status=400),
        "status",
    ),
    (
        "header.www-authenticate",
        Answer(status=401, headers=(*JSON, ("www-authenticate", "Bearer"))),
        Answer(status=401),
        "header.www-authenticate",
    ),
    ("status.declared", Answer(status=404), Answer(status=201), "status"),
    ("status.declared", Answer(status=400, body=REFUSAL), Answer(status=402, body=REFUSAL), "status"),
    ("refusal.contradiction", Answer(status=400, body=REFUSAL), Answer(status=400), "body.responseCode"),
    ("header.content-type", Answer(), Answer(headers=PLAIN), "header.content-type"),
    (
        "header.content-type",
        Answer(status=404, headers=(("content-type", "application/problem+json"),), body=b"{}"),
        Answer(status=404, headers=(("content-type", "text/html"),), body=b"<p>no"),
        "header.content-type",
    ),
    ("header.declared", Answer(), Answer(headers=JSON[:1]), "header.x-trace"),
    ("body.utf-8", Answer(), Answer(body='{"requestID":"é"}'.encode("latin-1")), "body"),
    (
        "body.utf-8",
        Answer(headers=(("content-type", "application/json; charset=UTF-8"), JSON[1])),
        Answer(headers=(("content-type", "application/json; charset=iso-8859-1"), JSON[1])),
        "header.content-type",
    ),
    ("body.json", Answer(), Answer(body=b'{"requestID":'), "body"),
    ("body.schema", Answer(), Answer(body=b'{"requestID":"R1","responseCode":7}'), "body.responseCode"),
    ("body.schema", Answer(), Answer(body=b""), "body"),
    ("body.size", Answer(), Answer(truncated=True), "body"),
    ("body.echo", Answer(), Answer(body=b'{"requestID":"R2"}'), "body.requestID"),
    (
        "text.unharmed",
        Answer(expect=Expectation.UNHARMED, echo=(("e\u0301", "/at"),), body='{"at":"e\u0301"}'.encode()),
        Answer(expect=Expectation.UNHARMED, echo=(("e\u0301", "/at"),), body='{"at":"\u00e9"}'.encode()),
        "body.at",
    ),
    (
        "body.utc",
        Answer(body=b'{"at":"2026-03-01T09:30:00Z"}'),
        Answer(body=b'{"at":"2026-03-01T09:30:00+03:00"}'),
        "body.at",
    ),
    (
        "body.utc",
        Answer(body=b'{"at":"2026-03-01T09:30:00.5+00:00"}'),
        Answer(body=b'{"at":"2026-03-01T09:30:00"}'),
        "body.at",
    ),
    (
        "refusal.names-field",
        Answer(
            expect=Expectation.REFUSED,
            case="t/contract/create/required/body.agentID",
            status=400,
            body=b'{"e":"agentID is missing"}',
        ),
        Answer(
            expect=Expectation.REFUSED,
            case="t/contract/create/required/body.agentID",
            status=400,
            body=REFUSAL,
        ),
        "body",
    ),
    (
        "leak.stack-trace",
        Answer(),
        Answer(status=400, body=b'{"at":"Traceback (most recent call last): x"}'),
        "body",
    ),
    (
        "leak.stack-trace",
        Answer(body=b'{"at":"see you at home (java: 12)"}'),
        Answer(status=400, body=b'{"at":"at org.bb.Pay.run(Pay.java:42)"}'),
        "body",
    ),
    (
        "leak.file-path",
        Answer(body=b'{"at":"/var/lib is a folder; see https://x.example/opt/a.py"}'),
        Answer(status=400, body=b'{"at":"in /srv/payments/app/models.py"}'),
        "body",
    ),
    (
        "leak.sql",
        Answer(body=b'{"at":"select a bill from the list"}'),
        Answer(status=400, body=b'{"at":"SELECT id FROM vouchers WHERE serial = 1"}'),
        "body",
    ),
    ("time.limit", Answer(elapsed_ms=999), Answer(elapsed_ms=1001), "time"),
]


@pytest.mark.parametrize(("check", "good", "bad", "place"), CASES)
def test_a_check_passes_the_good_answer_and_finds_the_bad_one(
    check: str, good: Answer, bad: Answer, place: str
) -> None:
    assert [f.code for f in good.findings() if f.code == check] == []
    found = [finding for finding in bad.findings() if finding.code == check]
    assert [finding.place for finding in found] == [place]
    assert found[0].expected
    assert found[0].actual
    assert found[0].clause
    assert found[0].exchange == "v1"
    assert found[0].advice is not None


def test_every_check_of_the_table_is_shown_to_fail_here() -> None:
    assert {check.id for check in ANSWER_CHECKS} == {check for check, *_ in CASES}


def test_a_good_answer_has_no_finding_at_all() -> None:
    assert Answer(expect=Expectation.ACCEPTED).findings() == ()


def test_a_leak_that_only_repeats_the_request_is_none() -> None:
    vector = Vector(
        id="v", case="c", variant="create", method="POST", target="/things", expect=Expectation.EITHER
    )
    sent = b'{"at":"SELECT id FROM vouchers"}'
    exchange = Exchange(
        id="v",
        request=Request(method="POST", url="http://127.0.0.1/things", body=sent),
        response=Response(status=400, headers=JSON, body=b'{"at":"not a date: SELECT id FROM vouchers"}'),
    )
    assert [f for f in ANSWERS.check(vector, exchange) if f.code == "leak.sql"] == []


def test_no_answer_is_one_finding_of_its_own() -> None:
    vector = Vector(
        id="v", case="c", variant="create", method="POST", target="/things", expect=Expectation.EITHER
    )
    exchange = Exchange(
        id="v",
        request=Request(method="POST", url="http://127.0.0.1/things"),
        response=None,
        trouble=TransportTrouble(kind="cut-off", detail="12 of 40 bytes"),
    )
    (finding,) = ANSWERS.check(vector, exchange)
    assert (finding.code, finding.actual) == ("transport.answered", "cut-off: 12 of 40 bytes")


def test_a_body_that_refuses_is_not_served() -> None:
    def exchange(body: bytes) -> Exchange:
        request = Request(method="POST", url="http://127.0.0.1/things")
        return Exchange(id="v", request=request, response=Response(status=200, headers=JSON, body=body))

    assert ANSWERS.served("create", exchange(b'{"responseCode":"00"}'))
    assert not ANSWERS.served("create", exchange(REFUSAL))


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"{}", EMPTY_ANSWER),
        (200, b'{"hello":1}', EMPTY_ANSWER),
        (200, b'[{"hello":1}]', EMPTY_ANSWER),
        (200, b"[]", None),  # this vector asks for nothing that exists
        (200, b'{"responseCode":"00"}', None),
        (200, b'{"RequestID":"R1"}', None),  # a spelling that the block knows
        (200, b'{"ResponseCode":"00"}', None),  # another, which only answers have
        (200, b'{"responseCode":"01"}', None),  # a refusal is none
        (400, b"{}", None),
        (201, b"{}", None),  # declares nothing
    ],
)
def test_a_served_answer_that_holds_nothing_declared_is_empty(
    status: int, body: bytes, reason: Message | None
) -> None:
    request = Request(method="POST", url="http://127.0.0.1/things")
    exchange = Exchange(id="v", request=request, response=Response(status=status, headers=JSON, body=body))
    vector = Vector(
        id="v", case="c", variant="create", method="POST", target="/things", expect=Expectation.EITHER
    )
    assert ANSWERS.look(vector, exchange)[1] is reason


def _unseen(body: bytes, *, status: int = 200, **vector: Any) -> Message | None:
    request = Request(method="POST", url="http://127.0.0.1/things", body=SENT)
    exchange = Exchange(id="v", request=request, response=Response(status=status, headers=JSON, body=body))
    wanted = {"expect": Expectation.ACCEPTED, **vector}
    return ANSWERS.look(
        Vector(id="v", case="c", variant="create", method="POST", target="/things", **wanted), exchange
    )[1]


@pytest.mark.parametrize(
    ("body", "vector"),
    [
        (b"[]", {"shows": ("/0",)}),
        (b'{"at":"x","list":[]}', {"shows": ("/list/0",)}),
        (b'{"at":null}', {"shows": ("/at",)}),
        (b'{"at":"x"}', {"echo": (("R1", "/requestID"),)}),
        (b'{"at":"x"}', {"echo": (("R1", "/requestID"),), "expect": Expectation.UNHARMED}),
    ],
)
def test_a_success_that_lacks_what_the_vector_is_sent_for_proves_nothing(
    body: bytes, vector: dict[str, Any]
) -> None:
    reason = _unseen(body, **vector)
    assert reason is not None
    assert reason.text == NOT_SHOWN
    assert vector.get("shows", ("/requestID",))[0] in str(reason)
    assert _unseen(body, status=400, **vector) is None  # a refusal is a finding, or what was wanted
    assert _unseen(body, **{**vector, "expect": Expectation.EITHER}) is None


@pytest.mark.parametrize(
    ("body", "vector"),
    [
        (b'[{"at":"x"}]', {"shows": ("/0",)}),
        (b'{"responseCode":"00","at":0}', {"shows": ("/at",)}),
        (b'{"at":"x"}', {"shows": ("/list/0", "/at")}),  # any of them
        (b'{"RequestID":"R1"}', {"echo": (("R1", "/requestID"),)}),  # another spelling
    ],
)
def test_a_success_that_holds_it_proves_something(body: bytes, vector: dict[str, Any]) -> None:
    assert _unseen(body, **vector) is None


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (b'{"requestID":"R1"}', []),
        (b'{"RequestID":"R1"}', []),
        (b'{"RequestID":"R2"}', ["body.requestID"]),
        (b'{"at":"x"}', []),  # nothing to be seen is no deviation
    ],
)
def test_a_case_about_the_echo_looks_for_the_very_text_that_was_sent(body: bytes, places: list[str]) -> None:
    """Also where it went out in the query, of which the request's body knows nothing."""
    vector = Vector(
        id="v",
        case="c",
        variant="create",
        method="POST",
        target="/things?requestID=R1",
        expect=Expectation.ACCEPTED,
        echo=(("R1", "/requestID"),),
    )
    exchange = Exchange(
        id="v",
        request=Request(method="POST", url="http://127.0.0.1/things?requestID=R1"),
        response=Response(status=200, headers=JSON, body=body),
    )
    found = [finding for finding in ANSWERS.check(vector, exchange) if finding.code == "body.echo"]
    assert [finding.place for finding in found] == places
