"""Batches in the payments mock: paid once, to the cent, after the bank has spoken."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mocks.conftest import Scene

    Play = Callable[..., Any]

MINISTRY = "MINSOC"
HOP = {"X-CorrelationID": "COR1", "X-Platform-TenantId": "T1"}


_NUMBERS = itertools.count(1)


def instruction(amount: float = 125.5, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    return {
        "requestId": f"INS{next(_NUMBERS)}",
        "creditParty": [{"key": "accountNumber", "value": "ACC1"}],
        "debitParty": [{"key": "accountNumber", "value": "GOV1"}],
        "paymentMode": "CLOSEDLOOP",
        "amount": amount,
        "currency": currency,
        **more,
    }


async def submit(
    scene: Scene, *instructions: dict[str, Any], correlation: str = "BCH1", url: str = ""
) -> Any:
    return await scene.send(
        "POST",
        "/batchtransactions?type=raw",
        list(instructions),
        headers={
            "X-CorrelationID": correlation,
            "Platform-TenantId": "T1",
            "X-Registering-Institution-Id": MINISTRY,
            "X-Callback-URL": url or "http://127.0.0.1:9/",
        },
    )


async def details(scene: Scene, batch: str, query: str = "", tenant: str = "T1") -> list[Any]:
    answer = await scene.send(
        "GET", f"/api/v1/batch/detail?batchId={batch}{query}", headers={"Platform-TenantId": tenant}
    )
    assert answer.status_code == 200
    found: list[Any] = answer.json()
    return found


def test_a_batch_is_paid_and_its_totals_are_right_to_the_cent(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        address = scene.address()
        good = [instruction(0.1), instruction(0.2), instruction(125.5)]
        bad = [instruction(-1), instruction(1.001)]
        batch = (await submit(scene, *good, *bad, url=address.url)).json()["batchId"]
        report = await scene.outcome(address, "batch-status")
        assert (report["TotalTransactions"], report["completed"], report["failed"], report["ongoing"]) == (
            5,
            3,
            2,
            0,
        )
        assert report["completed_amount"] == 125.8
        assert report["totalAmount"] == pytest.approx(125.801)
        assert report["result_file"] is None
        assert report["resultGeneratedAt"].endswith("Z")
        (callback,) = address.callbacks
        assert f"?batchId={batch}&X-CorrelationID=BCH1" in callback.request.url
        assert b'"completed_amount":125.8,' in callback.request.body

    play(steps)


def test_each_currency_has_a_report_of_its_own(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        address = scene.address()
        await submit(
            scene, instruction(5, "EUR"), instruction(7, "JPY"), instruction(1, "ZZZ"), url=address.url
        )
        callbacks = await address.wait(3, 5.0)
        reports = {body["currency"]: body for body in (scene.valid(one, "batch-status") for one in callbacks)}
        assert {code: report["completed"] for code, report in reports.items()} == {
            "EUR": 1,
            "JPY": 1,
            "ZZZ": 0,
        }
        assert reports["JPY"]["totalAmount"] == 7

    play(steps)


def test_pages_partition_a_batch_and_filters_agree_with_its_totals(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        given = [instruction(n or -1) for n in range(7)]
        batch = (await submit(scene, *given)).json()["batchId"]
        whole = await details(scene, batch)
        assert [one["amount"] for one in whole] == [one["amount"] for one in given]
        for size in (1, 2, 3, 7, 10):
            pages = [await details(scene, batch, f"&pageNo={page}&pageSize={size}") for page in range(8)]
            assert list(itertools.chain(*pages)) == whole
        assert len(await details(scene, batch, "&status=completed")) == 6
        (failed,) = await details(scene, batch, "&status=FAILED")
        assert failed["errorInformation"] == "amount is not above 0"
        assert await details(scene, batch, "&direction=INCOMING") == []
        assert await details(scene, batch, "&X-CorrelationID=OTHER") == []
        assert await details(scene, batch, tenant="T2") == []

    play(steps)


def test_the_same_submission_twice_is_one_batch_and_a_double_in_a_batch_is_refused(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        one = instruction()
        first, second = await submit(scene, one), await submit(scene, one)
        assert first.status_code == second.status_code == 202
        assert first.json() == second.json()
        assert (await submit(scene, one, correlation="BCH2")).json() != first.json()
        assert (await submit(scene, instruction())).json() != first.json()
        doubled = await submit(scene, one, one, correlation="BCH3")
        assert doubled.status_code == 400
        assert "requestId" in doubled.json()["responseDescription"]

    play(steps)


def test_a_payee_by_identity_is_found_in_the_mapper_and_an_unknown_one_fails_alone(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        await scene.register({"payeeIdentity": "A", "FinancialAddress": "ACC9"})
        known = instruction(creditParty=[{"key": "payeeIdentity", "value": "A"}])
        stranger = instruction(creditParty=[{"key": "payeeIdentity", "value": "Z"}])
        batch = (await submit(scene, known, stranger)).json()["batchId"]
        first, second = await details(scene, batch)
        assert (first["status"], first["payeePartyId"]) == ("COMPLETED", "ACC9")
        assert (second["status"], second["errorInformation"]) == ("FAILED", "the payee is not registered")

    play(steps)


async def _answer_validation(scene: Scene, *failed: str) -> None:
    callback, asked = await scene.asked("payer-bank", "validate-accounts", "/beneficiaries?command=validate")
    headers = {name.lower(): value for name, value in callback.request.headers}
    assert headers["x-callback-url"] == "http://sut/callbacks/account-validation"
    answer = await scene.send(
        "POST",
        "/callbacks/account-validation",
        {
            "clientCorrelationId": headers["x-client-correlation-id"],
            "batchId": asked["batchId"],
            "numberOfFailedCases": len(failed),
            "failedAccountLookups": [
                {"instructionID": one, "failureReason": "Account closed"} for one in failed
            ],
        },
        headers={"X-Callback-URL": headers["x-callback-url"]},
    )
    assert answer.status_code == 200


async def _answer_authorization(scene: Scene, decision: str) -> Any:
    callback, asked = await scene.asked("payer-bank", "authorize-batch", "?command=authorize")
    headers = {name.lower(): value for name, value in callback.request.headers}
    answer = await scene.send(
        "POST",
        "/callbacks/authorization",
        {"clientCorrelationId": headers["x-client-correlation-id"], "status": decision},
    )
    assert answer.status_code == 200
    return asked


@pytest.mark.parametrize(("decision", "completed"), [("Y", 1), ("N", 0)])
def test_nothing_is_paid_before_the_bank_has_validated_and_authorised(
    play: Play, decision: str, completed: int
) -> None:
    async def steps(scene: Scene) -> None:
        address = scene.address()
        good, bad = instruction(100.25), instruction(7)
        batch = (await submit(scene, good, bad, url=address.url)).json()["batchId"]
        await _answer_validation(scene, bad["requestId"])
        assert {one["status"] for one in await details(scene, batch)} == {"IN_PROGRESS", "FAILED"}
        asked = await _answer_authorization(scene, decision)
        assert (asked["amount"], asked["currency"], asked["payerIdentifier"]) == (100.25, "EUR", "GOV1")
        first, last = (scene.valid(one, "batch-status") for one in await address.wait(2, 5.0))
        assert (first["failed"], first["ongoing"], first["totalAmount"]) == (1, 1, 107.25)
        assert (last["completed"], last["failed"], last["ongoing"]) == (completed, 2 - completed, 0)
        assert await details(scene, batch, "&status=IN_PROGRESS") == []

    play(steps, parties=("payer-bank",))


def test_a_bank_answer_to_nothing_is_received_and_does_nothing(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        answer = await scene.send(
            "POST", "/callbacks/authorization", {"clientCorrelationId": "NOBODY", "status": "Y"}
        )
        assert answer.status_code == 202
        update = await scene.send("POST", "/api/v1/batch?batchId=none&X-CorrelationID=1", _figures())
        assert update.status_code == 202

    play(steps)


def _figures() -> dict[str, Any]:
    numbers = ("TotalTransactions", "failed", "completed", "totalAmount")
    amounts = ("completed_amount", "ongoing_amount", "failed_amount")
    texts = {
        "requestId": "S1",
        "batchId": "none",
        "result_file": None,
        "note": "",
        "resultGeneratedAt": "2026-01-01T00:00:00Z",
    }
    return {**dict.fromkeys(numbers + amounts, 0), **texts}
