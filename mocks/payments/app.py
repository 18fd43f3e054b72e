"""The payments product: a stateful implementation of the whole building block, as a careful vendor would make it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Carrier
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.mockkit.service import Operation, Service
from dpi_conformance.mockkit.serving import serve_app
from dpi_conformance.mockkit.settings import MockSettings
from dpi_conformance.model.spec import Variant

from .batch_details import BatchDetails
from .batch_operations import BatchOperations
from .beneficiaries import Beneficiaries
from .bill_operations import BillOperations
from .biller import Biller
from .faults import FAULTS
from .payer_bank import PayerBank
from .request_to_pay_operations import RequestToPayOperations
from .state import State
from .voucher_operations import VoucherOperations

__all__ = ["create_app"]

_SPEC = Path(__file__).resolve().parents[2] / "specs" / "payments" / "openapi.yaml"
_SPELLINGS = Spellings(
    code=("responseCode", "ResponseCode", "respCode", "code"),
    description=("responseDescription", "ResponseDescription", "reason", "message"),
    request_id=("requestID", "requestId", "RequestID", "RequestId"),
    success={"responseCode": "00", "ResponseCode": "00", "respCode": "00", "code": "00", "status": 1},
    failure={
        "responseCode": "01",
        "ResponseCode": "01",
        "respCode": "01",
        "code": "01",
        "status": 9,
        "value": 0,
    },
)


def create_app(
    settings: MockSettings, state: State | None = None, carrier: Carrier | None = None
) -> Starlette:
    """Make the product; ``state`` is its memory, a fresh one if none is given; ``carrier`` carries its own calls."""
    service = Service(
        spec=load_spec(_SPEC),
        operations=_operations(settings, state or State()),
        spellings=_SPELLINGS,
        faults=FAULTS,
        correlation=("x-correlationid",),
        tell_apart=_tell_apart,
    )
    return serve_app(service, settings, carrier)


def _operations(settings: MockSettings, state: State) -> Mapping[str, Operation]:
    """Give each variant's operation by its id."""
    parties, on = settings.counterparties, FaultSwitches(FAULTS, settings.faults)
    source, payer_fi = parties.get("source-bb", ""), parties.get("payer-fi", "")
    bank = PayerBank(state, parties.get("payer-bank", ""), settings.public_url, on)
    people = Beneficiaries(state.mapper, source, on)
    batches = BatchOperations(state, bank, on)
    bills = BillOperations(state, Biller(parties.get("biller", ""), on), payer_fi, on)
    requests = RequestToPayOperations(state, payer_fi, parties.get("biller", ""), on)
    vouchers = VoucherOperations(state.vouchers, source, on)
    return {
        "register-beneficiary": people.register,
        "update-beneficiary": people.update,
        "account-lookup": people.look_up,
        "bulk-account-lookup": people.look_up_several,
        "batch-submit": batches.submit,
        "batch-status-update": batches.status_updated,
        "batch-details": BatchDetails(state, on).details,
        "account-validation-result": batches.accounts_validated,
        "authorization-result": batches.authorized,
        "bill-inquiry": bills.inquire,
        "bill-inquiry-answer": bills.biller_answered,
        "bill-payment": bills.pay,
        "bill-marked-paid": bills.marked,
        "request-to-pay": requests.request,
        "request-to-pay-answer": requests.payer_answered,
        "request-to-pay-status": requests.status,
        "voucher-bill-payment": bills.pay_by_voucher,
        "voucher-create": vouchers.create,
        "voucher-activate": vouchers.activate,
        "voucher-cancel": vouchers.cancel,
        "voucher-redeem": vouchers.redeem,
        "voucher-status": vouchers.status,
    }


def _tell_apart(candidates: Sequence[Variant], body: Any) -> Variant:
    """Tell a biller's word on a payment from the payer institution's: only the former has a status (payments-e028)."""
    by_id = {variant.id: variant for variant in candidates}
    marked, payment = by_id.get("bill-marked-paid"), by_id.get("bill-payment")
    if marked is None or payment is None:
        return candidates[0]
    is_mark = isinstance(body, dict) and "status" in body
    return marked if is_mark else payment
