"""Requests to pay: what steps and cases send, as the biller and as the payer's institution, and what they are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Stage, json_request
from dpi_conformance.model.evidence import Callback, Request
from dpi_conformance.wire.listener import CallbackAddress
from dpi_conformance.wire.reactions import Reaction

from .bills import fresh_bill
from .participants import content, header, name_of
from .payer_fi import THANKS, first
from .voucher_steps import AMOUNT

__all__ = [
    "ACCEPTED",
    "BILL_LENGTH",
    "RequestToPay",
    "accepting",
    "ask_to_pay",
    "by_institution",
    "forwarded",
    "forwarded_again",
    "number_told",
    "payer_says",
    "request_to_pay_request",
    "result",
    "status_of",
]

BILL_LENGTH: Final = 10
"""Characters that a bill has in a request to pay (billerRtpReq.yml)."""
ACCEPTED: Final = "request-to-pay.status-accepted"
_ACCOUNT = "DE89370400440532013000"
_RECEIVED = Reaction(status=202, body=b'{"ResponseCode":"00","reason":"Received"}')


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestToPay:
    """A biller's request to pay, as it was made."""

    request: str
    number: int
    bill: str
    details: Mapping[str, Any]
    correlation: str
    address: CallbackAddress
    since: int
    """Calls to the payer's institution before it."""
    answer: Answer


def accepting(scene: Scene) -> tuple[str, str]:
    """Give the rtpStatus of consent and of refusal, published without a meaning; raises Prerequisite if undeclared."""
    yes = scene.declares(ACCEPTED)
    return yes, "01" if yes == "00" else "00"


def by_institution(stage: Stage, bic: str | None = None) -> dict[str, Any]:
    """Name the payer by the account at an institution (requestType 00)."""
    payer = {"payerFIBIC": bic or name_of(stage, "payer-bic"), "financialAddress": _ACCOUNT}
    return {"requestType": "00", "payerFiDetails": payer}


def request_to_pay_request(stage: Stage, correlation: str, reply: str, body: Mapping[str, Any]) -> Request:
    """Ask as the biller that a payer pay; the payer's answer comes to ``reply``."""
    return json_request("POST", "/rtpRequest", body, {**_hop(stage, correlation), "X-Callback-URL": reply})


async def ask_to_pay(
    scene: Scene, payer: Mapping[str, Any], *, step: str = "biller", name: str = "City Water"
) -> RequestToPay:
    """Ask as the biller that a payer pay a fresh bill; nothing is expected of the receipt."""
    address = scene.address(step)
    address.answer = THANKS
    institution = scene.counterparty("payer-fi")
    institution.answer = THANKS
    request, number = scene.fresh.identifier(12), int(scene.fresh.number(9))
    correlation, bill = scene.fresh.identifier(12), fresh_bill(scene, longest=BILL_LENGTH)
    details = {"billerName": name, "amount": AMOUNT}
    body = {"requestId": request, "rtpId": number, "billID": bill, **payer, "billDetails": details}
    since = institution.arrived
    sent = request_to_pay_request(scene, correlation, address.url, body)
    return RequestToPay(
        request=request,
        number=number,
        bill=bill,
        details=details,
        correlation=correlation,
        address=address,
        since=since,
        answer=await scene.send("request-to-pay", sent),
    )


async def forwarded(scene: Scene, made: RequestToPay, seconds: float | None = None) -> Callback | None:
    """Wait until a request to pay is put before the payer's institution."""
    call = await scene.counterparty("payer-fi").wait_for(
        lambda call: _field(call, "rTPID") == made.number,
        scene.callback_seconds if seconds is None else seconds,
        mentions=str(made.number),
        since=made.since,
    )
    return None if call is None else scene.met(call)


async def forwarded_again(scene: Scene, made: RequestToPay, seconds: float) -> list[Callback]:
    """Wait so long for a second call, and give all by which a request to pay was put before the payer's institution."""
    institution = scene.counterparty("payer-fi")

    def calls() -> list[Callback]:
        count = institution.arrived - made.since
        late = institution.callbacks[-count:] if count > 0 else ()
        return [call for call in late if _field(call, "rTPID") == made.number]

    await institution.wait_for(
        lambda _call: len(calls()) > 1, seconds, mentions=str(made.number), since=made.since
    )
    return [scene.met(call) for call in calls()]


async def payer_says(
    scene: Scene, made: RequestToPay, asked: Callback, status: str = "00", reason: str | None = None
) -> Answer:
    """Answer a request to pay as the payer's institution: 00, or 01 and why."""
    body = {
        "RequestId": scene.fresh.identifier(12),
        "txnId": str(_field(asked, "TxnID") or ""),
        "rtpId": made.number,
        "billId": made.bill,
        "rtpStatus": status,
        "rejectReason": reason,
    }
    headers = _hop(scene, header(asked, "X-CorrelationID"))
    return await scene.send("request-to-pay-answer", json_request("POST", "/rtpResponse", body, headers))


async def result(
    scene: Scene, made: RequestToPay, seconds: float | None = None, *, after: Callback | None = None
) -> Callback | None:
    """Wait for what the biller is told of its request to pay, at the address that it named.

    ``after``: one that says something else; the same delivered again counts once.
    """
    call = await made.address.wait_for(
        lambda call: _says(call) and (after is None or content(call) != content(after)),
        scene.callback_seconds if seconds is None else seconds,
    )
    return None if call is None else scene.met(call)


async def status_of(scene: Scene, made: RequestToPay) -> Callback | None:
    """Ask what became of a request to pay, by the identifier of its request, as no file names another; give the reply."""
    address = scene.address("request-to-pay-status")
    address.answer = _RECEIVED
    correlation = scene.fresh.identifier(12)
    headers = {**_hop(scene, correlation), "X-Callback-URL": address.url}
    body = {"RequestId": scene.fresh.identifier(12), "rtpId": made.number}
    target = f"/transferRequests/{quote(made.request, safe='')}"
    biller = scene.counterparty("biller") if "biller" in scene.counterparties else None
    since = biller.arrived if biller else 0
    await scene.call("request-to-pay-status", json_request("GET", target, body, headers))
    places = [address.wait_for(_says, scene.callback_seconds)]
    if biller is not None:
        shared = biller.wait_for(
            lambda call: _field(call, "requestStatus") is not None,
            scene.callback_seconds,
            mentions=str(made.number),
            since=since,
        )
        places.append(shared)
    call = await first(places)
    if call is None:
        scene.counterparty("biller")  # where it is not ours, it may have been told
    return None if call is None else scene.met(call)


def _says(call: Callback) -> bool:
    """Tell whether a call has content that can be read."""
    body = content(call)
    return isinstance(body, Mapping) and bool(body)


def number_told(call: Callback) -> str:
    """Give the number of the request to pay that a call is about; empty where it holds none that can be read."""
    number = _field(call, "rtpId")
    return "" if number is None else str(number)


def _field(call: Callback, name: str) -> Any:
    body = content(call)
    return body.get(name) if isinstance(body, Mapping) else None


def _hop(stage: Stage, correlation: str) -> dict[str, str]:
    return {
        "X-CorrelationID": correlation,
        "X-Platform-TenantId": name_of(stage, "tenant"),
        "X-billerId": name_of(stage, "biller"),
    }
