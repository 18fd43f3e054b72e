"""The payer's bank, the biller and the payer's institution, as the harness plays them in a case."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import NotServed, Prerequisite, json_request
from dpi_conformance.model.evidence import Callback

from .participants import content, header, missed, name_of
from .voucher_steps import AMOUNT

__all__ = [
    "NotAsked",
    "authorization_asked",
    "bank_asked",
    "bank_releases",
    "bill_asked",
    "bill_found",
    "bill_marked",
    "marking_asked",
    "payer_answers",
    "payer_asked",
]


_FOREVER = 3600.0


class NotAsked(Prerequisite):
    """The product did not ask a counterparty what it has to ask it."""


async def bank_asked(scene: Scene, batch: str, *commands: str, since: int = 0) -> Callback:
    """Wait until the product asks the payer's bank to ``validate`` a batch's accounts, or to ``authorize`` it.

    Of several ``commands`` any one is waited for.
    """
    return await _called(
        scene,
        "payer-bank",
        " / ".join(commands),
        lambda call: _about(call, batch) in commands,
        mentions=batch,
        since=since,
    )


async def authorization_asked(scene: Scene, batch: str, since: int = 0) -> Callback:
    """Wait until the product asks to have a batch's funds released; say whenever it asks that accounts exist.

    That goes on beside what the case does next: a product may ask about accounts, or about some, later than for the funds.
    """
    accounts = _Accounts(scene, batch, since)
    scene.beside(accounts.confirm())
    try:
        return await bank_asked(scene, batch, "authorize", since=since)
    except NotAsked:
        if accounts.trouble is not None:
            raise accounts.trouble from None
        raise


async def bank_releases(scene: Scene, batch: str, since: int = 0) -> None:
    """Say as the bank that a batch's funds are released, and of its accounts, whenever it is asked, that they exist."""
    asked = await authorization_asked(scene, batch, since)
    body = {"clientCorrelationId": header(asked, "X-Client-Correlation-ID"), "status": "Y"}
    request = json_request("POST", "/callbacks/authorization", body)
    await scene.call("authorization-result", request)


class _Accounts:
    """Says as the bank that the accounts of one batch exist, once for each question."""

    def __init__(self, scene: Scene, batch: str, since: int) -> None:
        self._scene, self._batch, self._since = scene, batch, since
        self._answered = set[str]()
        self.trouble: NotServed | None = None
        """The product did not take the answer: that counts only if it then does not go on."""

    async def confirm(self) -> None:
        """Answer for as long as the case goes on."""
        bank = self._scene.counterparty("payer-bank")
        while True:
            asked = await bank.wait_for(self._asks, _FOREVER, mentions=self._batch, since=self._since)
            if asked is not None:
                self._answered.add(asked.id)
                await self._answer(asked)

    def _asks(self, call: Callback) -> bool:
        return _about(call, self._batch) == "validate" and call.id not in self._answered

    async def _answer(self, asked: Callback) -> None:
        try:
            await _accounts_exist(self._scene, self._batch, asked)
        except NotServed as trouble:
            self.trouble = trouble


async def _accounts_exist(scene: Scene, batch: str, asked: Callback) -> None:
    """Say as the bank that the accounts of a batch exist."""
    body = {
        "clientCorrelationId": header(asked, "X-Client-Correlation-ID"),
        "batchId": batch,
        "numberOfFailedCases": 0,
        "failedAccountLookups": [],
    }
    headers = {"X-Callback-URL": scene.listener.counterparty("payer-bank").url}
    request = json_request("POST", "/callbacks/account-validation", body, headers)
    await scene.call("account-validation-result", request)


async def bill_asked(scene: Scene, bill: str, since: int = 0) -> Callback:
    """Wait until the product asks the biller for a bill."""
    path = f"/{quote(bill, safe='')}"
    return await _called(
        scene,
        "biller",
        "inquire-bill",
        lambda call: call.request.url.endswith(path),
        mentions=path,
        since=since,
    )


async def bill_found(scene: Scene, bill: str, inquiry: str, asked: Callback, *, found: bool = True) -> None:
    """Say as the biller what a bill comes to, or that there is none."""
    headers = {
        "X-CorrelationID": header(asked, "X-CorrelationID"),
        "X-Platform-TenantId": name_of(scene, "tenant"),
        "X-PayerFI-Id": name_of(scene, "payer-fi"),
    }
    details = {
        "billerId": name_of(scene, "biller"),
        "billerName": "City Water",
        "billStatus": "UNPAID",
        "dueDate": "2027-12-31T00:00:00Z",
        "amountonDueDate": AMOUNT,
        "amountAfterDueDate": AMOUNT + 10,
    }
    answer = (
        {"code": "00", "reason": "Found", "billDetails": details}
        if found
        else {"code": "01", "reason": "None"}
    )
    target = f"/callbacks/bill-inquiry/{quote(bill, safe='')}"
    body = {**answer, "requestID": inquiry, "billId": bill}
    await scene.call("bill-inquiry-answer", json_request("POST", target, body, headers))


async def marking_asked(scene: Scene, bill: str, since: int = 0) -> Callback:
    """Wait until the product asks the biller to mark a bill as paid."""
    return await _called(
        scene,
        "biller",
        "mark-bill-paid",
        lambda call: _said(call).get("billId") == bill,
        mentions=bill,
        since=since,
    )


async def bill_marked(scene: Scene, bill: str, asked: Callback, *, rejected: str = "") -> None:
    """Say as the biller that a bill is marked as paid, or is rejected for this reason."""
    headers = {
        "X-CorrelationID": header(asked, "X-CorrelationID"),
        "X-Platform-TenantId": name_of(scene, "tenant"),
        "X-PayerFI-Id": name_of(scene, "payer-fi"),
    }
    word = {"status": "RJC", "rejectReason": rejected} if rejected else {"status": "ACK"}
    body = {"requestId": str(_said(asked).get("requestID", "")), "billId": bill, **word}
    await scene.call("bill-marked-paid", json_request("POST", "/billTransferRequests", body, headers))


async def payer_asked(scene: Scene, number: int, since: int = 0) -> Callback:
    """Wait until the product puts a request to pay before the payer's institution."""
    return await _called(
        scene,
        "payer-fi",
        "forward-request-to-pay",
        lambda call: _said(call).get("rTPID") == number,
        mentions=str(number),
        since=since,
    )


async def payer_answers(
    scene: Scene, number: int, bill: str, asked: Callback, *, rejected: bool = False
) -> None:
    """Say as the payer's institution that the payer agrees, or does not."""
    headers = {
        "X-CorrelationID": header(asked, "X-CorrelationID"),
        "X-Platform-TenantId": name_of(scene, "tenant"),
        "X-billerId": name_of(scene, "biller"),
    }
    body = {
        "RequestId": scene.fresh.identifier(12),
        "txnId": str(_said(asked).get("TxnID", "")),
        "rtpId": number,
        "billId": bill,
        "rtpStatus": "01" if rejected else "00",
        "rejectReason": "R" if rejected else None,
    }
    await scene.call("request-to-pay-answer", json_request("POST", "/rtpResponse", body, headers))


async def _called(
    scene: Scene, who: str, what: str, wanted: Callable[[Callback], bool], *, mentions: str, since: int
) -> Callback:
    party = scene.counterparty(who)
    call = await party.wait_for(wanted, scene.callback_seconds, mentions=mentions, since=since)
    if call is None:
        raise NotAsked(missed(scene, what, who).message)
    return call


def _about(call: Callback, batch: str) -> str:
    if batch not in (_said(call).get("batchId"), _said(call).get("batchID")):
        return ""
    return (
        "validate" if urlsplit(call.request.url).path.rstrip("/").endswith("/beneficiaries") else "authorize"
    )


def _said(call: Callback) -> Mapping[str, Any]:
    said = content(call)
    return said if isinstance(said, Mapping) else {}
