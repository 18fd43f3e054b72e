"""Each field of the payments specification that could be about a person was decided upon."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.wire.key_names import PERSON, SECRET, KeyNames

PACK = Pack.builtin()
BLOCK = load_block(PACK.spec("payments", "block.yaml"))
NAMES = KeyNames(BLOCK.personal, BLOCK.secret)

ABOUT_SOMEBODY = re.compile(
    r"payee|payer|alias|party|account|address|identi|name|phone|mobile|benefic|agent|holder|customer|voucher.*number|secret"
    r"|iban|mail|birth|person",
    re.IGNORECASE,
)
"""What makes a field's name or description worth a decision."""
_OTHERS = """
    BatchID BillId billId billID billerId billerName Biller_Name Bill_ID RequestID RequestId requestID requestId
    TxnID txnId batchID batchId
    bankingInstitutionCode destinationDFSPID payerFIBIC payerDfspId payeeDfspId PayerFI-Id X-PayerFI-Id
    Platform-TenantId X-Platform-TenantId X-Registering-Institution-ID X-Registering-Institution-Id
    registeringInstitutionId sourceBBID X-billerId X-Program-Id
    payerFee payeeFee payerFeeCurrency payeeFeeCurrency payeePartyIdType payerPartyIdType aliasType key requestType
    X-Callback-URL X-Callback_URL X-CorrelationID X-Client-Correlation-ID clientCorrelationId
    billInquiryRequestId registerRequestID PaymentReferenceID paymentReferenceID instructionID rTPID rtpId
    transactionId transferRequestId serialNumber voucherSerialNumber billDetails Beneficiaries beneficiaries
    creditInstructions payerFiDetails alias value failedAccountLookups workflowInstanceKey PaymentModality paymentModality
"""
NOT_PERSONAL = frozenset(_OTHERS.split())
"""Institutions, operations, kinds of identifiers, and what only holds fields that are decided upon themselves."""


def fields() -> Iterator[tuple[str, str]]:
    """Yield (name, description) of every property and parameter."""
    stack: list[Any] = [yaml.safe_load(PACK.spec("payments", "openapi.yaml").read_text("utf-8"))]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            own = node.get("properties")
            for name, schema in own.items() if isinstance(own, dict) else ():
                yield name, str(schema.get("description", ""))
            if "in" in node and "name" in node:
                yield str(node["name"]), str(node.get("description", ""))
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def test_every_field_about_somebody_is_private_or_known_not_to_be() -> None:
    about = {name for name, says in fields() if ABOUT_SOMEBODY.search(name) or ABOUT_SOMEBODY.search(says)}
    open_ = {name for name in about if not NAMES.kind(name)}
    assert open_ - {name.replace("_", " ") for name in NOT_PERSONAL} - NOT_PERSONAL == set()


@pytest.mark.parametrize("name", sorted(BLOCK.personal | BLOCK.secret))
def test_every_private_key_is_a_field(name: str) -> None:
    assert name in {field for field, _ in fields()}


@pytest.mark.parametrize("name", ["voucherNumber", "voucherSecretNumber", "VoucherSecretHash"])
def test_what_a_voucher_is_paid_out_for_is_secret(name: str) -> None:
    assert NAMES.kind(name) == SECRET


@pytest.mark.parametrize(
    "name", ["payeeIdentity", "financialAddress", "payerIdentifier", "creditParty", "aliasId"]
)
def test_who_is_paid_and_who_pays_is_personal(name: str) -> None:
    assert NAMES.kind(name) == PERSON
    assert NAMES.kind(name.upper()) == PERSON
