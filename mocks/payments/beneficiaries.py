"""Beneficiaries: registration, update and look-up (GovStack Payments 8.1.2, 8.1.3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Later

from .identifiers import fresh_identifier
from .mapper import Account, AccountMapper
from .replies import receipt, reply, reply_address

__all__ = ["Beneficiaries"]

_MODALITIES = frozenset({"00", "01", "02", "03", "04"})
_RACE_SECONDS = 0.05
_HUNDRED = 100
"""So many entries of a list a fault takes in."""


class Beneficiaries:
    """The operations on the identity-to-account mapper."""

    def __init__(self, mapper: AccountMapper, source: str, on: FaultSwitches) -> None:
        """Take the mapper, and the address of the source building block for results without a callback address."""
        self._on = on
        self._mapper = mapper
        self._source = source
        self._unsettled: set[tuple[str, str]] = set()
        """Entries that a fault does not see yet."""
        self._first: dict[tuple[str, str], Account] = {}
        """What was entered first; only a fault comes back to it."""
        self._failed: list[dict[str, str]] = []

    def register(self, call: Call) -> Answer:
        """Enter each beneficiary that can be entered; the others are named in the callback."""
        address = reply_address(call)
        institution = self._scope(call.headers["x-registering-institution-id"])
        entries = call.body.get("Beneficiaries", [])
        for index, entry in enumerate(entries):
            known = entry.get("PaymentModality", "00") in _MODALITIES or self._on("unknown-modality-entered")
            if not known:
                raise Refused(f"Beneficiaries.{index}.PaymentModality is none of 00 to 04.")
        if self._on("registration-first-hundred"):
            entries = entries[:_HUNDRED]
        failed = [
            {
                "payeeIdentity": account.identity,
                **self._modality(account),
                "failureReason": reason,
            }
            for account in map(_registered, entries)
            if (reason := self._entered(institution, account))
        ]
        if failed and (
            self._on("registration-refused-whole") or self._on("registration-refused-and-entered")
        ):
            if self._on("registration-refused-whole"):
                self._rolled_back(institution, map(_registered, entries), failed)
            raise Refused(str(failed[0]["failureReason"]))
        if failed and self._on("one-bad-sinks-registration"):
            failed = self._rolled_back(institution, map(_registered, entries), failed)
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        outcomes = self._outcomes(call.body.get("RequestID", ""), failed, len(entries))
        then = tuple(one for outcome in outcomes for one in reply(address, outcome))
        return Answer(status=200, body=body, then=(*then, *self._settling()))

    def _modality(self, account: Account) -> dict[str, str]:
        if self._on("failed-case-without-modality"):
            return {}
        return {"paymentModality": account.modality or "00"}

    def update(self, call: Call) -> Answer:
        """Change each beneficiary that can be changed; the others are named in the callback."""
        address = reply_address(call, self._source)
        institution = self._scope(call.body["sourceBBID"])
        failed = []
        for entry in call.body["beneficiaries"]:
            change = _changed(entry)
            known = self._mapper.find(institution, change.identity)
            if reason := self._updated(institution, change):
                modality = change.modality or (known.modality if known else "") or "00"
                failed.append(
                    {
                        "payeeFunctionalID": change.identity,
                        **({"bankingInstitutionCode": change.bank} if change.bank else {}),
                        "paymentModality": modality,
                        "failureReason": reason,
                    }
                )
                if self._on("one-bad-sinks-update"):
                    break
        if failed and self._on("update-refused-and-made"):
            raise Refused(str(failed[0]["failureReason"]))
        body = receipt(call, "responseCode", "responseDescription", "requestID")
        outcomes = self._outcomes(call.body["requestID"], failed, len(call.body["beneficiaries"]))
        return Answer(status=200, body=body, then=reply(address, next(outcomes)))

    def look_up(self, call: Call) -> Answer:
        """Say how one beneficiary is paid; changes nothing."""
        return self._listed(call, [call.query["payeeIdentity"]], call.query["requestId"])

    def look_up_several(self, call: Call) -> Answer:
        """Say how several beneficiaries are paid; changes nothing although the method is PUT."""
        return self._listed(call, call.body.get("payeePartyIds", []), call.body.get("requestId"))

    def _listed(self, call: Call, identities: Sequence[str], request: str | None) -> Answer:
        institution = self._scope(call.headers["registeringinstitutionid"])
        found = [self._mapper.find(institution, identity) for identity in dict.fromkeys(identities)]
        if self._on("lookup-falls-back"):
            found = [
                one or next((elsewhere for _, elsewhere in self._mapper.entries(identity)), None)
                for identity, one in zip(dict.fromkeys(identities), found, strict=True)
            ]
        if self._on("bulk-lookup-repeats"):
            found = [one or before for before, one in pairwise([None, *found])]
        if self._on("lookup-enters"):
            for identity in identities:
                self._mapper.register(institution, Account(identity=identity))
        if self._on("modality-lost"):
            found = [one and replace(one, modality="00") for one in found]
        body: dict[str, Any] = {} if request is None else {"requestId": request}
        return Answer(status=200, body={**body, "paymentModalityList": list(_shown(found))})

    def _scope(self, institution: str) -> str:
        return "" if self._on("institution-not-in-key") else institution

    def _entered(self, institution: str, account: Account) -> str | None:
        """Enter an account; gives the reason if it cannot be entered."""
        if self._on("address-in-latin-1"):
            account = replace(account, address=account.address.encode("latin-1", "replace").decode("latin-1"))
        key = (institution, account.identity)
        known = self._mapper.find(*key)
        if known is not None and (key in self._unsettled or self._on("re-registration-overwrites")):
            self._mapper.put(institution, account)
        first = self._first.setdefault(key, account)
        if known is not None and self._on("re-registration-undoes-update"):
            self._mapper.put(institution, first)
        if key in self._unsettled or (known is not None and self._on("re-registration-not-reported")):
            return None
        if self._on("registration-race"):
            self._unsettled.add(key)
        if account.modality not in _MODALITIES and self._on("unknown-modality-entered"):
            self._mapper.put(institution, account)
            return None
        return self._mapper.register(institution, account)

    def _settling(self) -> tuple[Later, ...]:
        """End the moment in which a registration is not seen by others, where a fault has one."""
        return (Later(seconds=_RACE_SECONDS, then=self._settle),) if self._unsettled else ()

    def _settle(self) -> tuple[()]:
        self._unsettled.clear()
        return ()

    def _rolled_back(
        self, institution: str, accounts: Iterable[Account], failed: list[dict[str, str]]
    ) -> list[dict[str, str]]:
        """Take a whole registration back for those that failed: only a fault does."""
        lost = {one["payeeIdentity"] for one in failed}
        for account in accounts:
            if account.identity not in lost:
                self._mapper.remove(institution, account.identity)
                modality = account.modality or "00"
                failed.append({"payeeIdentity": account.identity, "paymentModality": modality})
        return failed

    def _updated(self, institution: str, change: Account) -> str | None:
        """Change an account; gives the reason if it cannot be changed."""
        known = self._mapper.find(institution, change.identity)
        if known is None and self._on("update-inserts"):
            return self._mapper.register(institution, change)
        if known is None and self._on("unknown-update-not-reported"):
            return None
        if self._on("update-not-written"):
            return None
        if known is not None and self._on("update-by-address"):
            for other in self._mapper.at(institution, known.address):
                self._mapper.update(institution, replace(change, identity=other.identity))
        if self._on("bank-code-dropped"):
            change = replace(change, bank="")
        if known is not None and self._on("update-clears-the-rest"):
            self._mapper.put(institution, change)
            return None
        if known is not None and self._on("update-for-all-institutions"):
            for by, _ in self._mapper.entries(change.identity):
                self._mapper.update(by, change)
        return self._mapper.update(institution, change)

    def _outcomes(
        self, request: str, failed: list[dict[str, str]], requested: int
    ) -> Iterator[dict[str, object]]:
        """Give what the callback says; more than one only by a fault."""
        if self._on("registration-failures-lost"):
            failed = []
        if self._on("account-failure-unexplained"):
            failed = [{**one, "failureReason": ""} for one in failed]
        if self._on("registration-failures-pile-up"):
            self._failed += failed
            failed = list(self._failed)
        number = requested if failed and self._on("registration-failures-miscounted") else len(failed)
        for _ in range(requested if self._on("outcome-per-beneficiary") else 1):
            own = fresh_identifier()
            yield {
                "requestID": own,
                "registerRequestID": own if self._on("outcome-without-request") else request,
                "numberFailedCases": number,
                "failedCases": failed,
            }


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
