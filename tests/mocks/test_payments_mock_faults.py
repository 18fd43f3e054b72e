"""Each fault of the payments mock breaks what it names; without it the same request is answered well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.mockkit import distortions

if TYPE_CHECKING:
    from tests.mocks.conftest import Scene

    Play = Callable[..., Any]

FAULTS = Pack.builtin().load("mocks.payments.faults").FAULTS
CONTRACT_FAULTS = Pack.builtin().load("mocks.payments.contract_faults").CONTRACT_FAULTS
BEARER = {"Authorization": "Bearer secret"}
CREATE = {**BEARER, "X-Callback-URL": "http://127.0.0.1:9/"}
HOP = {**BEARER, "X-CorrelationID": "C", "X-Platform-TenantId": "T", "X-billerId": "B"}
UPDATE = {"requestID": "U1", "sourceBBID": "M", "beneficiaries": []}
BATCH = {**CREATE, "X-CorrelationID": "C", "Platform-TenantId": "T"}

Sent = tuple[str, str, dict[str, str], bytes]


def create(body: str, **headers: str) -> Sent:
    return "POST", "/vouchers", {**CREATE, **headers}, body.encode()


def batch(body: str) -> Sent:
    return "POST", "/batchtransactions?type=raw", BATCH, body.encode()


def instruction(currency: str, mode: str = "M") -> str:
    parties = '"creditParty":[{"key":"k","value":"v"}],"debitParty":[{"key":"k","value":"v"}]'
    return f'[{{"requestId":"1",{parties},"paymentMode":"{mode}","amount":1,"currency":"{currency}"}}]'


def update(body: str) -> Sent:
    return "PUT", "/identityAccountMapper/beneficiary", BEARER, body.encode()


REFUSED = create('{"requestID":7}')
SERVED = create('{"requestID":"1"}')
ECHO = "ResponseDescription"


def echoed(text: str) -> Callable[[httpx.Response], bool]:
    return lambda answer: bool(answer.json()["RequestID"] == text)


def status(code: int) -> Callable[[httpx.Response], bool]:
    return lambda answer: answer.status_code == code


def says(text: str) -> Callable[[httpx.Response], bool]:
    return lambda answer: text in answer.text


SHOWN: dict[str, tuple[Sent, Callable[[httpx.Response], bool]]] = {
    "missing-required-accepted": (update('{"requestID":"1"}'), status(200)),
    "too-long-accepted": (create('{"requestID":"1234567890123"}'), status(200)),
    "boundary-off-by-one": (create('{"requestID":"123456789012"}'), status(400)),
    "enum-not-checked": (
        ("POST", "/rtpResponse", HOP, b'{"rtpStatus":"07"}'),
        status(200),
    ),
    "type-coerced": (REFUSED, status(200)),
    "wrong-format-accepted": (
        (
            "POST",
            "/callbacks/bill-inquiry/B",
            HOP,
            b'{"code":"00","reason":"","requestID":"1","billId":"B","billDetails":{"dueDate":"soon"}}',
        ),
        status(202),
    ),
    "crash-on-null": (create('{"requestID":null}'), status(500)),
    "currency-refused": (batch(instruction("EUR")), status(400)),
    "unknown-field-refused": (create('{"later":1}'), status(400)),
    "crash-on-deep-body": (create("[" * 1000), status(500)),
    "crash-on-nul": (create('{"requestID":"\\u0000"}'), status(500)),
    "crash-on-duplicate-keys": (create('{"a":1,"a":1}'), status(500)),
    "crash-on-malformed": (create("{"), status(500)),
    "truncated-json-accepted": (create('{"requestID":"1"'), status(200)),
    "wrong-media-type-accepted": (create("{}", **{"Content-Type": "text/plain"}), status(200)),
    "no-auth-check": (create("{}", Authorization=""), status(200)),
    "wrong-token-accepted": (create("{}", Authorization="Bearer x"), status(200)),
    "no-www-authenticate": (
        create("{}", Authorization="Bearer x"),
        lambda answer: "www-authenticate" not in answer.headers,
    ),
    "method-served": (("PATCH", "/vouchers", CREATE, b"{}"), status(200)),
    "allow-header-missing": (
        ("PATCH", "/vouchers", CREATE, b""),
        lambda answer: "allow" not in answer.headers,
    ),
    "allow-header-wrong": (
        ("PATCH", "/vouchers", CREATE, b""),
        lambda answer: "PATCH" in answer.headers["allow"],
    ),
    "redirect-to-trailing-slash": (SERVED, lambda answer: answer.headers.get("location") == "/vouchers/"),
    "refusal-as-success": (REFUSED, lambda answer: answer.status_code == 200 and '"00"' in answer.text),
    "refusal-as-crash": (REFUSED, status(500)),
    "success-code-in-refusal": (REFUSED, lambda answer: answer.status_code == 400 and '"00"' in answer.text),
    "undeclared-status": (SERVED, status(201)),
    "request-id-not-echoed": (SERVED, echoed("000000000000")),
    "wrong-type-in-answer": (SERVED, lambda answer: answer.json()["ResponseCode"] == 0),
    "missing-required-answer-field": (
        update('{"requestID":"1","sourceBBID":"M","beneficiaries":[]}'),
        lambda answer: "responseCode" not in answer.json(),
    ),
    "too-long-answer-field": (SERVED, lambda answer: len(answer.json()[ECHO]) > 200),
    "html-errors": (REFUSED, lambda answer: answer.headers["content-type"] == "text/html"),
    "latin-1-answers": (
        create('{"requestID":"é"}'),
        lambda answer: "iso-8859-1" in answer.headers["content-type"] and b"\xe9" in answer.content,
    ),
    "comma-too-many": (REFUSED, lambda answer: answer.text.endswith(",}")),
    "stack-trace-in-error": (REFUSED, says("Mapper.java:118")),
    "sql-in-error": (REFUSED, says("INSERT INTO")),
    "file-path-in-error": (REFUSED, says("/opt/payments")),
    "text-normalised": (create('{"requestID":"é"}'), echoed("e")),
    "text-cut-by-bytes": (create('{"requestID":"አበበ"}'), echoed("አ")),
    "emoji-dropped": (create('{"requestID":"a😀"}'), echoed("a")),
    "marks-stripped": (create('{"requestID":"a\u200f"}'), echoed("a")),
    "text-to-ascii": (create('{"requestID":"é"}'), echoed("?")),
}
"""For each fault, a request and how its answer is told from a good one."""

TRANSPORT = {"slow-answer", "cut-off-answer", "endless-answer", "local-time-stamps"}
"""Shown by tests of their own."""


async def _send(scene: Scene, sent: Sent) -> httpx.Response:
    method, path, headers, content = sent
    given = {"Content-Type": "application/json", **headers}
    return await scene.client.request(
        method, path, headers={name: value for name, value in given.items() if value}, content=content
    )


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_fault_is_seen_where_it_is_on_and_only_there(play: Play, name: str) -> None:
    sent, broken = SHOWN[name]

    async def steps(scene: Scene) -> httpx.Response:
        return await _send(scene, sent)

    assert not broken(play(steps, token="secret"))
    assert broken(play(steps, token="secret", faults=frozenset({name})))


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_fault_changes_nothing_else(play: Play, name: str) -> None:
    """A look-up that no fault names is answered as by the clean mock, but where the fault is of every answer."""
    headers = {**BEARER, "registeringInstitutionId": "M", "X-Callback_URL": "x"}
    sent = ("GET", "/beneficiary/?payeeIdentity=A&requestId=1", headers, b"")
    of_every_answer = {
        "undeclared-status",
        "request-id-not-echoed",
        "wrong-type-in-answer",
        "latin-1-answers",
    }

    async def steps(scene: Scene) -> httpx.Response:
        return await _send(scene, sent)

    answer = play(steps, token="secret", faults=frozenset({name}))
    same = (answer.status_code, answer.text, answer.headers["content-type"]) == (
        200,
        '{"requestId":"1","paymentModalityList":[]}',
        "application/json",
    )
    assert same is (name not in of_every_answer)


def test_local_time_stamps_are_seen_where_there_are_stamps(play: Play) -> None:
    async def steps(scene: Scene) -> str:
        created = (await _send(scene, batch(instruction("EUR")))).json()
        path = f"/api/v1/batch/detail?batchId={created['batchId']}"
        (transaction,) = (await _send(scene, ("GET", path, {"Platform-TenantId": "T"}, b""))).json()
        return str(transaction["startedAt"])

    assert play(steps).endswith("Z")
    assert play(steps, faults=frozenset({"local-time-stamps"})).endswith("+03:00")


def test_a_slow_answer_is_late(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distortions, "SLOW_SECONDS", 0.3)
    headers = {"registeringInstitutionId": "M", "X-Callback_URL": "x"}

    async def steps(scene: Scene) -> float:
        started = asyncio.get_running_loop().time()
        await scene.send("GET", "/beneficiary/?payeeIdentity=A&requestId=1", headers=headers)
        return asyncio.get_running_loop().time() - started

    assert play(steps) < 0.3
    assert play(steps, faults=frozenset({"slow-answer"})) >= 0.3


def test_an_endless_answer_is_longer_than_anybody_reads(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distortions, "_ENDLESS", 40)
    headers = {"registeringInstitutionId": "M", "X-Callback_URL": "x"}

    async def steps(scene: Scene) -> int:
        answer = await scene.send("GET", "/beneficiary/?payeeIdentity=A&requestId=1", headers=headers)
        return len(answer.content)

    assert play(steps) < 100
    assert play(steps, faults=frozenset({"endless-answer"})) > 2_000_000


def test_every_fault_is_shown_and_names_a_check_and_its_cases() -> None:
    names = [fault.name for fault in CONTRACT_FAULTS]
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len(set(names)) == len(names) >= 25
    assert {*SHOWN, *TRANSPORT} == set(names)
    checks = {check.id for check in ANSWER_CHECKS} | {"transport.answered"}
    for fault in CONTRACT_FAULTS:
        assert fault.check in checks, fault.name
        assert fault.cases.startswith("payments/contract/"), fault.name
    for fault in FAULTS:
        assert fault.summary.endswith("."), fault.name
        assert fault.clause, fault.name
