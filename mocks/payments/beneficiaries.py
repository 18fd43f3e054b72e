"""Beneficiaries: registration, update and look-up (GovStack Payments 8.1.2, 8.1.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .identifiers import fresh_identifier
from .mapper import Account, AccountMapper
from .replies import receipt, reply, reply_address

__all__ = ["Beneficiaries"]

_MODALITIES = frozenset({"00", "01", "02", "03", "04"})


class Beneficiaries:
    """The operations on the identity-to-account mapper."""

    def __init__(self, mapper: AccountMapper, source: str, on: FaultSwitches) -> None:
        """Take the mapper, and the address of the source building block for results without a callback address."""
        self._on = on
        self._mapper = mapper
        self._source = source

    def register(self, call: Call) -> Answer:
        """Enter each beneficiary that can be entered; the others are named in the callback."""
        address = reply_address(call)
        institution = call.headers["x-registering-institution-id"]
        entries = call.body.get("Beneficiaries", [])
        for index, entry in enumerate(entries):
            if entry.get("PaymentModality", "00") not in _MODALITIES:
                raise Refused(f"Beneficiaries.{index}.PaymentModality is none of 00 to 04.")
        failed = [
            {
                "payeeIdentity": account.identity,
                **self._modality(account),
                "failureReason": reason,
            }
            for account in map(_registered, entries)
            if (reason := self._mapper.register(institution, account))
        ]
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        outcome = _outcome(call.body.get("RequestID", ""), failed)
        return Answer(status=200, body=body, then=reply(address, outcome))

    def _modality(self, account: Account) -> dict[str, str]:
        if self._on("failed-case-without-modality"):
            return {}
        return {"paymentModality": account.modality or "00"}

    def update(self, call: Call) -> Answer:
        """Change each beneficiary that can be changed; the others are named in the callback."""
        address = reply_address(call, self._source)
        institution = call.body["sourceBBID"]
        failed = []
        for entry in call.body["beneficiaries"]:
            change = _changed(entry)
            known = self._mapper.find(institution, change.identity)
            if reason := self._mapper.update(institution, change):
                modality = change.modality or (known.modality if known else "") or "00"
                failed.append(
                    {
                        "payeeFunctionalID": change.identity,
                        **({"bankingInstitutionCode": change.bank} if change.bank else {}),
                        "paymentModality": modality,
                        "failureReason": reason,
                    }
                )
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        return Answer(status=200, body=body, then=reply(address, _outcome(call.body["requestID"], failed)))

    def look_up(self, call: Call) -> Answer:
        """Say how one beneficiary is paid; changes nothing."""
        return self._listed(call, [call.query["payeeIdentity"]], call.query["requestId"])

    def look_up_several(self, call: Call) -> Answer:
        """Say how several beneficiaries are paid; changes nothing although the method is PUT."""
        return self._listed(call, call.body.get("payeePartyIds", []), call.body.get("requestId"))

    def _listed(self, call: Call, identities: Sequence[str], request: str | None) -> Answer:
        institution = call.headers["registeringinstitutionid"]
        found = (self._mapper.find(institution, identity) for identity in dict.fromkeys(identities))
        body: dict[str, Any] = {} if request is None else {"requestId": request}
        return Answer(status=200, body={**body, "paymentModalityList": list(_shown(found))})


def _registered(entry: Mapping[str, str]) -> Account:
    return Account(
        identity=entry.get("payeeIdentity", ""),
        modality=entry.get("PaymentModality", ""),
        address=entry.get("FinancialAddress", ""),
    )


def _changed(entry: Mapping[str, str]) -> Account:
    return Account(
        identity=entry["payeeIdentity"],
        modality=entry.get("paymentModality", ""),
        address=entry.get("financialAddress", ""),
        bank=entry.get("bankingInstitutionCode", ""),
    )


def _shown(accounts: Iterable[Account | None]) -> Iterable[dict[str, str]]:
    for account in accounts:
        if account is not None:
            fields = {
                "payeeIdentity": account.identity,
                "paymentModality": account.modality,
                "financialAddress": account.address,
                "bankingInstitutionCode": account.bank,
            }
            yield {name: value for name, value in fields.items() if value}


def _outcome(request: str, failed: list[dict[str, str]]) -> dict[str, object]:
    return {
        "requestID": fresh_identifier(),
        "registerRequestID": request,
        "numberFailedCases": len(failed),
        "failedCases": failed,
    }
