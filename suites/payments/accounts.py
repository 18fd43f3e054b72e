"""What can be done with the identity-to-account mapper through the published API, as a case does it.

Each operation gives the answer, whatever it is; only an unreachable or throttling product raises (Prerequisite).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.execution.steps import Prerequisite, Stage, json_request
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Request
from dpi_conformance.wire.listener import CallbackAddress

from .participants import fields, name_of

__all__ = [
    "ADDRESS",
    "ADDRESSES",
    "MODALITIES",
    "Account",
    "Listing",
    "Order",
    "Outcome",
    "account",
    "look_up",
    "look_up_all",
    "looking_up",
    "outcome",
    "register",
    "registered",
    "registration",
    "said",
    "update",
    "updating",
    "without",
]

ADDRESS: Final = "DE89370400440532013000"
MODALITIES: Final = ("00", "01", "02", "03", "04")
"""Bank, mobile money, voucher, wallet, proxy (7.1.1)."""
ADDRESSES: Final = {
    "00": ADDRESS,
    "01": "254700000001",
    "02": "VOUCHER-DESK-07",
    "03": "WALLET-0000000001",
    "04": "amina@proxy.example",
}
"""An address of each modality; each fits the 30 characters that it may have."""
_OTHER_ADDRESSES = {
    "00": "DE02120300000000202051",
    "01": "254711000002",
    "02": "VOUCHER-DESK-08",
    "03": "WALLET-0000000002",
    "04": "yusuf@proxy.example",
}
_ELSEWHERE = "http://a.example/cb"
"""What a lookup names as its callback address, which never is used: 19 characters, as the published file has 20."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How one beneficiary is paid."""

    identity: str
    modality: str = "00"
    address: str = ADDRESS
    bank: str = ""
    """The bank's code (BIC); a registration has no field for it, an update has."""

    @classmethod
    def shown(cls, entry: Mapping[str, Any], identity: str = "") -> "Account":
        """Read an entry of a lookup's answer; ``identity`` where it names nobody."""
        return cls(
            identity=str(entry.get("payeeIdentity", identity)),
            modality=str(entry.get("paymentModality", "")),
            address=str(entry.get("financialAddress", "")),
            bank=str(entry.get("bankingInstitutionCode", "")),
        )

    def differences(self, other: "Account") -> str:
        """Name the fields in which ``other`` differs; the bank's code counts where it is known what it should be."""
        pairs = {
            "payeeIdentity": (self.identity, other.identity),
            "paymentModality": (self.modality, other.modality),
            "financialAddress": (self.address, other.address),
            "bankingInstitutionCode": (self.bank, other.bank if self.bank else ""),
        }
        return ", ".join(name for name, (mine, theirs) in pairs.items() if mine != theirs)

    def moved(self, bank: str = "") -> "Account":
        """Give the same beneficiary with another address of the same modality."""
        return replace(self, address=_OTHER_ADDRESSES[self.modality], bank=bank)

    def at(self, address: str) -> "Account":
        """Give the same beneficiary with this address."""
        return replace(self, address=address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A registration or an update: what was answered, and where its outcome is to come."""

    answer: Answer
    address: CallbackAddress
    request: str
    """The identifier of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a callback says of a registration or an update."""

    callback: Callback
    body: Mapping[str, Any]

    @property
    def cases(self) -> list[Mapping[str, Any]]:
        """Give the failed cases."""
        listed = self.body.get("failedCases")
        return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []

    @property
    def failed(self) -> list[str]:
        """Give the identities that it reports as failed."""
        return [str(one.get("payeeIdentity", one.get("payeeFunctionalID", ""))) for one in self.cases]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The answer to a lookup."""

    answer: Answer
    accounts: Sequence[Account]

    def of(self, identity: str) -> list[Account]:
        """Give what it says of one beneficiary."""
        return [one for one in self.accounts if one.identity == identity]


def account(stage: Stage, modality: str = "00", address: str = "", bank: str = "") -> Account:
    """Give somebody whom no product knows yet."""
    return Account(
        identity=stage.fresh.identifier(20),
        modality=modality,
        address=address or ADDRESSES[modality],
        bank=bank,
    )


def registration(
    stage: Stage, accounts: Sequence[Account], *, address: str, request: str, institution: str = ""
) -> Request:
    """Make the request that enters accounts."""
    headers = {
        "X-Callback-URL": address,
        "X-Registering-Institution-ID": institution or name_of(stage, "institution"),
    }
    entries = [
        {"payeeIdentity": one.identity, "PaymentModality": one.modality, "FinancialAddress": one.address}
        for one in accounts
    ]
    body = {"RequestID": request, "Beneficiaries": entries}
    return json_request("POST", "/identityAccountMapper/beneficiary", body, headers)


def updating(stage: Stage, accounts: Sequence[Account], *, address: str, request: str) -> Request:
    """Make the request that gives registered beneficiaries these means of payment."""
    entries = [
        {
            "payeeIdentity": one.identity,
            **({"paymentModality": one.modality} if one.modality else {}),
            "financialAddress": one.address,
            **({"bankingInstitutionCode": one.bank} if one.bank else {}),
        }
        for one in accounts
    ]
    body = {"requestID": request, "sourceBBID": name_of(stage, "source"), "beneficiaries": entries}
    return json_request("PUT", "/identityAccountMapper/beneficiary", body, {"X-Callback-URL": address})


def without(request: Request, header: str) -> Request:
    """Give the request without one header."""
    left = tuple((name, value) for name, value in request.headers if name.lower() != header.lower())
    return replace(request, headers=left)


async def register(scene: Scene, accounts: Sequence[Account], *, institution: str = "") -> Order:
    """Enter accounts for an institution, by default the harness's own."""
    back, number = scene.address("register-beneficiary-result"), scene.fresh.identifier(12)
    sent = registration(scene, accounts, address=back.url, request=number, institution=institution)
    return Order(answer=await scene.send("register-beneficiary", sent), address=back, request=number)


async def update(scene: Scene, accounts: Sequence[Account]) -> Order:
    """Give registered beneficiaries these means of payment."""
    back, number = scene.address("update-beneficiary-result"), scene.fresh.identifier(12)
    sent = updating(scene, accounts, address=back.url, request=number)
    return Order(answer=await scene.send("update-beneficiary", sent), address=back, request=number)


def looking_up(scene: Scene, identity: str, *, institution: str = "", leaving_out: str = "") -> Request:
    """Make the request that asks how one beneficiary is paid; without the parameter ``leaving_out``."""
    whole = {"payeeIdentity": identity, "requestId": scene.fresh.identifier(12)}
    query = urlencode({name: value for name, value in whole.items() if name != leaving_out})
    return json_request("GET", f"/beneficiary/?{query}", None, _asking(scene, institution))


async def look_up(scene: Scene, identity: str, *, institution: str = "") -> Listing:
    """Ask how one beneficiary is paid."""
    request = looking_up(scene, identity, institution=institution)
    return _listing(await scene.send("account-lookup", request), identity)


async def look_up_all(scene: Scene, identities: Sequence[str], *, institution: str = "") -> Listing:
    """Ask how several beneficiaries are paid, in one request."""
    body = {"requestId": scene.fresh.identifier(12), "payeePartyIds": list(identities)}
    request = json_request("PUT", "/beneficiary", body, _asking(scene, institution))
    return _listing(await scene.send("bulk-account-lookup", request))


def _asking(scene: Scene, institution: str) -> Mapping[str, str]:
    return {
        "X-Callback_URL": _ELSEWHERE,
        "registeringInstitutionId": institution or name_of(scene, "institution"),
    }


def _listing(answer: Answer, identity: str = "") -> Listing:
    listed = answer.get("paymentModalityList") if answer.served else None
    entries = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return Listing(answer=answer, accounts=[Account.shown(one, identity) for one in entries])


async def outcome(scene: Scene, order: Order) -> Outcome | None:
    """Wait for the callback on a registration or an update; None if none came in time.

    Raises Prerequisite for one that says nothing of failed cases: that nobody failed cannot be read from it.

    An update's file has no header for its address, so it counts also if it comes to the source building block that
    the harness plays.
    """
    places: list[tuple[CallbackAddress, str]] = [(order.address, "")]
    if "source-bb" in scene.counterparties:
        places.append((scene.counterparty("source-bb"), order.request))
    waits = [
        asyncio.ensure_future(place.wait_for(_whatever, scene.callback_seconds, mentions=mention))
        for place, mention in places
    ]
    try:
        for wait in asyncio.as_completed(waits):
            callback = await wait
            if callback is not None:
                return _read(scene.met(callback))
    finally:
        for wait in waits:
            wait.cancel()
    return None


def _read(callback: Callback) -> Outcome:
    body = fields(callback)
    if body.get("failedCases") is None and body.get("numberFailedCases") is None:
        text = N_(
            "The outcome of a request for beneficiaries has neither failedCases nor numberFailedCases, or is no JSON "
            "object, so that it does not say what became of them: {body}."
        )
        shown = callback.request.body[:160].decode("utf-8", "replace")
        raise Prerequisite(Message(text=text, values={"body": shown}))
    return Outcome(callback=callback, body=body)


def _whatever(_callback: Callback) -> bool:
    return True


async def said(scene: Scene, order: Order) -> Outcome:
    """Give the outcome of an order that was served; raises Prerequisite without one."""
    if not order.answer.served:
        text = N_("The product did not take a valid request for beneficiaries: {answer}.")
        raise Prerequisite(Message(text=text, values={"answer": str(order.answer)}))
    told = await outcome(scene, order)
    if told is None:
        text = N_("The product did not say within {seconds} s what became of a request for beneficiaries.")
        raise Prerequisite(Message(text=text, values={"seconds": scene.callback_seconds}))
    return told


async def registered(
    scene: Scene, accounts: Sequence[Account], *, institution: str = ""
) -> Sequence[Account]:
    """Enter accounts and wait until they are; raises Prerequisite if one could not be. Gives them back."""
    told = await said(scene, await register(scene, accounts, institution=institution))
    if told.cases:
        text = N_("The product did not register beneficiaries: {failed}.")
        raise Prerequisite(Message(text=text, values={"failed": str(told.body.get("failedCases"))[:200]}))
    return accounts
