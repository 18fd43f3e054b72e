"""Requests of a payer's institution or a biller with a later result: bills, and requests to pay."""

from collections.abc import Mapping
from urllib.parse import quote

from dpi_conformance.execution.scene import Answer, Scene

from .bill_steps import bill_inquired
from .counterparties import bill_asked, bill_found, bill_marked, marking_asked, payer_answers, payer_asked
from .order import Draft, Order, served
from .participants import name_of
from .voucher_steps import AMOUNT

__all__ = ["BILL_ORDERS"]

_ACCOUNT = "DE89370400440532013000"


async def _inquiry(scene: Scene, failing: bool) -> Draft:
    bill, inquiry = f"{name_of(scene, 'bill-prefix')}{scene.fresh.identifier(6)}", scene.fresh.identifier(12)
    before = scene.listener.counterparty("biller").arrived

    async def play(scene: Scene, _answer: Answer) -> None:
        if "biller" in scene.counterparties:
            await bill_found(scene, bill, inquiry, await bill_asked(scene, bill, before), found=not failing)

    return Draft(
        method="GET",
        target=f"/bills/{quote(bill, safe='')}?fields=inquiry",
        headers={
            "X-CorrelationID": scene.fresh.identifier(12),
            "Platform-TenantId": name_of(scene, "tenant"),
            "PayerFI-Id": name_of(scene, "payer-fi"),
        },
        body={"requestId": inquiry, "billId": bill},
        mark=inquiry,
        result={"body.requestId": inquiry, "body.billId": bill},
        play=play,
    )


async def _payment(scene: Scene, failing: bool) -> Draft:
    (known,) = await bill_inquired(scene, 1)
    if isinstance(known, Exception):
        raise known
    bill, request = known["bill-inquired.bill"], scene.fresh.identifier(12)
    before = scene.listener.counterparty("biller").arrived

    async def play(scene: Scene, _answer: Answer) -> None:
        if "biller" in scene.counterparties:
            asked = await marking_asked(scene, bill, before)
            await bill_marked(scene, bill, asked, rejected="Dup" if failing else "")

    return Draft(
        method="POST",
        target="/billTransferRequests",
        headers={
            "X-CorrelationID": scene.fresh.identifier(12),
            "X-Platform-TenantId": name_of(scene, "tenant"),
            "X-PayerFI-Id": name_of(scene, "payer-fi"),
        },
        body={
            "requestId": request,
            "billInquiryRequestId": known["bill-inquired.inquiry"],
            "billId": bill,
            "paymentReferenceID": scene.fresh.identifier(16),
        },
        mark=request,
        result={"body.requestId": request, "body.billId": bill},
        play=play,
    )


async def _request_to_pay(scene: Scene, failing: bool) -> Draft:
    request, number = scene.fresh.identifier(12), int(scene.fresh.number(9))
    bill = f"{name_of(scene, 'bill-prefix')}{scene.fresh.identifier(6)}"
    before = scene.listener.counterparty("payer-fi").arrived

    async def play(scene: Scene, _answer: Answer) -> None:
        if "payer-fi" in scene.counterparties:
            asked = await payer_asked(scene, number, before)
            await payer_answers(scene, number, bill, asked, rejected=failing)

    payer = {"payerFIBIC": name_of(scene, "payer-bic"), "financialAddress": _ACCOUNT}
    return Draft(
        method="POST",
        target="/rtpRequest",
        headers=_as_biller(scene),
        body={
            "requestId": request,
            "rtpId": number,
            "billID": bill,
            "requestType": "00",
            "payerFiDetails": payer,
            "billDetails": {"billerName": "City Water", "amount": AMOUNT},
        },
        mark=request,
        result={"body.requestId": request, "body.rtpId": str(number), "body.billId": bill},
        play=play,
    )


async def _status(scene: Scene, failing: bool) -> Draft:
    made = await _request_to_pay(scene, failing)
    answer = await served(scene, "request-to-pay", made.to(scene.address("request-to-pay-result").url))
    if failing:
        await made.play(scene, answer)
    request, number = scene.fresh.identifier(12), made.body["rtpId"]
    return Draft(
        method="GET",
        target=f"/transferRequests/{made.mark}",
        headers=_as_biller(scene),
        body={"RequestId": request, "rtpId": number},
        mark=request,
        result={"body.RequestId": request, "body.rtpId": str(number)},
    )


def _as_biller(scene: Scene) -> Mapping[str, str]:
    return {
        "X-CorrelationID": scene.fresh.identifier(12),
        "X-Platform-TenantId": name_of(scene, "tenant"),
        "X-billerId": name_of(scene, "biller"),
    }


BILL_ORDERS = (
    Order(
        call="bill-inquiry-result",
        variant="bill-inquiry",
        function="p2g",
        clause="8.3.2",
        draft=_inquiry,
        broken={"requestId": 7},
        elsewhere="payer-fi",
        depends_on="biller",
    ),
    Order(
        call="bill-payment-result",
        variant="bill-payment",
        function="p2g",
        clause="8.3",
        draft=_payment,
        broken={"paymentReferenceID": 7},
        elsewhere="payer-fi",
        depends_on="biller",
    ),
    Order(
        call="request-to-pay-result",
        variant="request-to-pay",
        function="p2g",
        clause="8.3.5",
        draft=_request_to_pay,
        broken={"requestType": "99"},
        depends_on="payer-fi",
    ),
    Order(
        call="request-to-pay-status-result",
        variant="request-to-pay-status",
        function="p2g",
        clause="8.3.7",
        draft=_status,
        broken={"RequestId": 7},
        elsewhere="biller",
    ),
)
