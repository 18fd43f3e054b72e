"""Bills and requests to pay in the payments mock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mocks.conftest import Scene

    Play = Callable[..., Any]

MINISTRY = "MINSOC"
HOP = {"X-CorrelationID": "COR1", "X-Platform-TenantId": "T1"}


async def inquire(scene: Scene, bill: str = "BILL1", request: str = "INQ1") -> Any:
    address = scene.address()
    answer = await scene.send(
        "GET",
        f"/bills/{bill}?fields=inquiry",
        {"requestId": request, "billId": bill},
        headers={
            "X-CorrelationID": "COR1",
            "Platform-TenantId": "T1",
            "PayerFI-Id": "F1",
            "X-Callback-URL": address.url,
        },
    )
    assert (answer.status_code, answer.json()["requestId"]) == (202, request)
    assert answer.headers["x-correlationid"] == "COR1"
    return address


async def pay(scene: Scene, bill: str = "BILL1", inquiry: str = "INQ1", request: str = "PAY1") -> Any:
    address = scene.address()
    answer = await scene.send(
        "POST",
        "/billTransferRequests",
        {"requestId": request, "billInquiryRequestId": inquiry, "billId": bill, "paymentReferenceID": "REF1"},
        headers={**HOP, "X-PayerFI-Id": "F1", "X-Callback-URL": address.url},
    )
    assert (answer.status_code, answer.json()["responseCode"]) == (202, "00")
    return address


def test_a_bill_is_inquired_paid_once_and_never_without_an_inquiry(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        outcome = await scene.outcome(await pay(scene), "bill-payment-result")
        assert (outcome["status"], outcome["rejectReason"]) == ("RJC", "Und")
        details_ = await scene.outcome(await inquire(scene), "bill-inquiry-result")
        assert (details_["code"], details_["requestId"], details_["billId"]) == ("00", "INQ1", "BILL1")
        assert details_["billDetails"]["amountAfterDueDate"] >= details_["billDetails"]["amountonDueDate"]
        assert (await scene.outcome(await pay(scene), "bill-payment-result"))["status"] == "ACK"
        again = await scene.outcome(await pay(scene, request="PAY2"), "bill-payment-result")
        assert (again["requestId"], again["status"], again["rejectReason"]) == ("PAY2", "RJC", "Dup")

    play(steps)


def test_an_unknown_bill_is_said_to_be_unknown(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        outcome = await scene.outcome(await inquire(scene, "UNKNOWN1"), "bill-inquiry-result")
        assert outcome["code"] == "01"
        assert "billDetails" not in outcome

    play(steps)


def test_a_configured_biller_is_asked_and_its_answer_is_passed_on(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        address = await inquire(scene)
        callback, _ = await scene.asked("biller", "inquire-bill", "/bills/BILL1")
        headers = {name.lower(): value for name, value in callback.request.headers}
        assert (headers["x-correlationid"], headers["x-platform-tenantid"]) == ("COR1", "T1")
        answer = await scene.send(
            "POST",
            "/callbacks/bill-inquiry/BILL1",
            {
                "code": "00",
                "reason": "Found",
                "requestID": "INQ1",
                "billId": "BILL1",
                "billDetails": {
                    "billerName": "ماء",
                    "dueDate": "2026-12-31T00:00:00Z",
                    "amountonDueDate": 120,
                },
            },
            headers=HOP,
        )
        assert answer.status_code == 202
        outcome = await scene.outcome(address, "bill-inquiry-result")
        assert outcome["billDetails"] == {"billerName": "ماء", "dueDate": 1798675200, "amountonDueDate": 120}

    play(steps, parties=("biller",))


def test_a_bill_is_marked_again_and_again_until_the_biller_answers(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        await _found(scene)
        address = await pay(scene)
        biller = scene.party("biller")
        await biller.wait(3, 6.0)
        marks = [
            scene.valid(one, "mark-bill-paid") for one in biller.callbacks if one.request.method == "POST"
        ]
        assert len(marks) == 2
        assert marks[0] == marks[1]
        await _mark(scene, marks[0]["requestID"], "ACK")
        outcome = await scene.outcome(address, "bill-payment-result")
        assert (outcome["requestId"], outcome["status"]) == ("PAY1", "ACK")
        assert (await _mark(scene, marks[0]["requestID"], "ACK")).status_code == 202
        assert await biller.wait(4, 2.5) == list(biller.callbacks)
        assert (biller.arrived, address.arrived) == (3, 1)

    play(steps, parties=("biller",))


async def _found(scene: Scene) -> None:
    address = await inquire(scene)
    body = {"code": "00", "reason": "Found", "requestID": "INQ1", "billId": "BILL1"}
    await scene.send("POST", "/callbacks/bill-inquiry/BILL1", body, headers=HOP)
    await scene.outcome(address, "bill-inquiry-result")


async def _mark(scene: Scene, request: str, word: str) -> Any:
    body = {"requestId": request, "billId": "BILL1", "status": word}
    return await scene.send("POST", "/billTransferRequests", body, headers={**HOP, "X-PayerFI-Id": "F1"})


@pytest.mark.parametrize(("amount", "word", "left"), [(100, "ACK", 4), (99, "RJC", 2)])
def test_a_voucher_pays_a_bill_of_its_own_amount_only(play: Play, amount: int, word: str, left: int) -> None:
    async def steps(scene: Scene) -> None:
        await scene.outcome(await inquire(scene), "bill-inquiry-result")
        (voucher,) = await scene.create(amount)
        await scene.order("activate", voucher["serialNumber"])
        proof = hashlib.sha256(voucher["voucherNumber"].encode()).hexdigest()
        answer = await scene.send(
            "POST",
            "/voucherRedemption",
            {
                "requestId": "VBP1",
                "billInquiryRequestId": "INQ1",
                "billId": "BILL1",
                "billDetails": {"amountonDueDate": 100},
                "VoucherSecretHash": proof,
            },
            headers={**HOP, "X-PayerFI-Id": "F1"},
        )
        assert (answer.status_code, answer.json()["code"]) == (202, "00")
        _, outcome = await scene.asked("payer-fi", "bill-payment-result", "/billTransferRequests")
        assert outcome["status"] == word
        assert await scene.status(voucher["serialNumber"]) == left

    play(steps, parties=("payer-fi",))


BILLER = {**HOP, "X-billerId": "B1"}


async def request_to_pay(scene: Scene, rtp: int = 1001, **payer: object) -> Any:
    address = scene.address()
    body = {"requestId": "RTP1", "rtpId": rtp, "billID": "BILL1", "billDetails": {"amount": 120}, **payer}
    answer = await scene.send("POST", "/rtpRequest", body, headers={**BILLER, "X-Callback-URL": address.url})
    assert answer.status_code == 200
    return address


async def rtp_status(scene: Scene, transfer: str, rtp: int) -> Any:
    address = scene.address()
    body = {"RequestId": "S1", "rtpId": rtp}
    headers = {**BILLER, "X-Callback-URL": address.url}
    answer = await scene.send("GET", f"/transferRequests/{transfer}", body, headers=headers)
    assert answer.status_code == 202
    return (await scene.outcome(address, "request-to-pay-status-result"))["requestStatus"]


@pytest.mark.parametrize(("word", "became"), [("00", "COM"), ("01", "RJC")])
def test_a_request_to_pay_is_put_before_the_payer_and_ends_once(play: Play, word: str, became: str) -> None:
    async def steps(scene: Scene) -> None:
        address = await request_to_pay(scene)
        _, forwarded = await scene.asked("payer-fi", "forward-request-to-pay", "/rtpRequest")
        assert (forwarded["rTPID"], forwarded["billDetails"]) == (1001, {"Bill ID": "BILL1", "Amount": 120})
        assert await rtp_status(scene, "RTP1", 1001) == "PND"
        for said in (word, "00"):
            body = {
                "RequestId": "A1",
                "txnId": forwarded["TxnID"],
                "rtpId": 1001,
                "rtpStatus": said,
                "rejectReason": "R",
            }
            assert (await scene.send("POST", "/rtpResponse", body, headers=BILLER)).json()[
                "requestID"
            ] == "A1"
        outcome = await scene.outcome(address, "request-to-pay-result")
        assert (outcome["requestId"], outcome["rtpId"], outcome["rtpStatus"]) == ("RTP1", 1001, word)
        assert await rtp_status(scene, "RTP1", 1001) == became
        assert address.arrived == 1

    play(steps, parties=("payer-fi",))


def test_without_a_payer_institution_the_inner_payer_agrees(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        outcome = await scene.outcome(await request_to_pay(scene, 10**30), "request-to-pay-result")
        assert outcome["rtpStatus"] == "00"
        assert await rtp_status(scene, "unheard-of", 7) == "RJC"

    play(steps)


def test_a_bill_of_no_biller_is_told_of_and_nobody_is_asked(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        outcome = await scene.outcome(await inquire(scene, "UNKNOWN1"), "bill-inquiry-result")
        assert (outcome["code"], outcome["billId"]) == ("01", "UNKNOWN1")
        assert scene.party("biller").arrived == 0

    play(steps, parties=("biller",))


@pytest.mark.parametrize(
    "payer",
    [
        {"requestType": "01", "alias": {"aliasType": "00", "aliasId": "nobody"}},
        {"requestType": "00", "payerFiDetails": {"payerFIBIC": "NOSUCHXX"}},
    ],
)
def test_a_payer_that_is_not_reached_is_refused_to_the_biller(play: Play, payer: dict[str, Any]) -> None:
    async def steps(scene: Scene) -> None:
        outcome = await scene.outcome(await request_to_pay(scene, **payer), "request-to-pay-result")
        assert (outcome["rtpStatus"], outcome["rejectReason"]) == ("01", "R")
        assert scene.party("payer-fi").arrived == 0
        assert await rtp_status(scene, "RTP1", 1001) == "RJC"

    play(steps, parties=("payer-fi",))


def test_an_alias_is_whoever_registered_it(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        await scene.register({"payeeIdentity": "FID1"})
        await request_to_pay(scene, requestType="01", alias={"aliasType": "00", "aliasId": "FID1"})
        _, forwarded = await scene.asked("payer-fi", "forward-request-to-pay", "/rtpRequest")
        assert forwarded["rTPID"] == 1001

    play(steps, parties=("payer-fi",))


def test_the_inner_biller_shows_a_paid_bill_as_paid(play: Play) -> None:
    async def steps(scene: Scene) -> None:
        before = await scene.outcome(await inquire(scene), "bill-inquiry-result")
        await scene.outcome(await pay(scene), "bill-payment-result")
        after = await scene.outcome(await inquire(scene, request="INQ2"), "bill-inquiry-result")
        assert [one["billDetails"]["billStatus"] for one in (before, after)] == ["UNPAID", "PAID"]

    play(steps)
