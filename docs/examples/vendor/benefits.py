"""A benefit system's way to the Payments building block: registers people, and hands out vouchers."""

from collections.abc import Mapping
from typing import Any

import httpx

__all__ = ["Benefits", "PaymentsError"]


class PaymentsError(Exception):
    """The Payments block refused what it was asked for, or answered with something else."""


class Benefits:
    """Orders payments and vouchers for one institution."""

    def __init__(self, base_url: str, token: str, *, institution: str, callbacks: str) -> None:
        """Take where the block is, how to prove who we are, and where its callbacks reach us."""
        self._client = httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {token}"})
        self._institution = institution
        self._callbacks = callbacks

    def register(self, request: str, people: Mapping[str, str]) -> None:
        """Ask the block to enter people with their accounts; it calls back with who could not be entered."""
        body = {
            "RequestID": request,
            "Beneficiaries": [
                {"payeeIdentity": person, "PaymentModality": "00", "FinancialAddress": account}
                for person, account in people.items()
            ],
        }
        headers = {
            "X-Callback-URL": f"{self._callbacks}/registered",
            **self._ours("X-Registering-Institution-ID"),
        }
        self._sent("POST", "/identityAccountMapper/beneficiary", body, headers)

    def order_vouchers(self, request: str, people: list[str], amount: float) -> None:
        """Ask for one voucher for each of these people; the block calls back with them."""
        body = {
            "requestID": request,
            "batchID": request,
            "voucherInstructions": [
                {
                    "instructionID": f"{request}{index:04d}",
                    "groupCode": "AGR",
                    "currency": "EUR",
                    "amount": amount,
                    "payeeFunctionalID": person,
                    "narration": "Seeds",
                }
                for index, person in enumerate(people)
            ],
        }
        headers = {
            "X-Callback-URL": f"{self._callbacks}/vouchers",
            "X-Program-Id": "SEEDS",
            **self._ours("X-Registering-Institution-Id"),
        }
        self._sent("POST", "/vouchers", body, headers)

    def _ours(self, name: str) -> Mapping[str, str]:
        return {name: self._institution}

    def _sent(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> Any:
        response = self._client.request(method, path, json=body, headers=headers)
        answer = response.json()
        if response.is_error or "01" in {answer.get("responseCode"), answer.get("ResponseCode")}:
            raise PaymentsError(f"{response.status_code} {answer}")
        return answer
