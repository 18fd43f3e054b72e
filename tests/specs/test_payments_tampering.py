"""The comparison with the published files can fail: each way of tampering with our document is caught by name."""

import copy
from collections.abc import Callable

import pytest

from tests.specs.comparison import (
    Tree,
    covers,
    differences,
    our_document,
    uncovered,
    unmatched,
    with_upstream,
)


def _drop_field(spec: Tree) -> None:
    del spec["components"]["schemas"]["Batch"]["items"]["properties"]["descriptionText"]


def _drop_nested_answer_field(spec: Tree) -> None:
    del spec["components"]["schemas"]["AccountList"]["properties"]["paymentModalityList"]["items"][
        "properties"
    ]["financialAddress"]


def _change_limit(spec: Tree) -> None:
    spec["components"]["schemas"]["VoucherCreation"]["properties"]["requestID"]["maxLength"] = 13


def _drop_limit(spec: Tree) -> None:
    del spec["components"]["parameters"]["CorrelationId"]["schema"]["maxLength"]


def _change_enum(spec: Tree) -> None:
    spec["components"]["schemas"]["RequestToPayStatus"]["properties"]["requestStatus"]["enum"].remove("EXP")


def _change_type(spec: Tree) -> None:
    spec["components"]["schemas"]["BatchStatus"]["properties"]["failed"]["type"] = "string"


def _drop_format(spec: Tree) -> None:
    del spec["components"]["schemas"]["BillerAnswer"]["properties"]["billDetails"]["properties"]["dueDate"][
        "format"
    ]


def _drop_required(spec: Tree) -> None:
    spec["components"]["schemas"]["BillPayment"]["required"].remove("billInquiryRequestId")


def _invent_required(spec: Tree) -> None:
    spec["components"]["schemas"]["VoucherCreation"]["required"] = ["requestID"]


def _invent_limit(spec: Tree) -> None:
    spec["components"]["schemas"]["VoucherRedemption"]["properties"]["voucherSerialNumber"]["maxLength"] = 10


def _drop_status(spec: Tree) -> None:
    del spec["paths"]["/identityAccountMapper/beneficiary"]["post"]["responses"]["400"]


def _drop_variant_status(spec: Tree) -> None:
    del spec["paths"]["/billTransferRequests"]["post"]["x-variants"][1]["responses"]["400"]


def _add_status(spec: Tree) -> None:
    spec["webhooks"]["mark-bill-paid"]["post"]["responses"]["409"] = {"description": "Invented."}


def _drop_header(spec: Tree) -> None:
    del spec["paths"]["/api/v1/batch/detail"]["get"]["parameters"][6]


def _make_optional(spec: Tree) -> None:
    spec["components"]["parameters"]["PlatformTenant"]["required"] = False


def _rename_parameter(spec: Tree) -> None:
    spec["components"]["parameters"]["Biller"]["name"] = "X-Biller-Id"


def _change_selector(spec: Tree) -> None:
    spec["paths"]["/batchtransactions"]["post"]["x-variants"][0]["select"]["type"] = ["csv"]


def _change_method(spec: Tree) -> None:
    spec["paths"]["/rtpResponse"]["put"] = spec["paths"]["/rtpResponse"].pop("post")


def _change_path(spec: Tree) -> None:
    spec["paths"]["/beneficiaries"] = spec["paths"].pop("/beneficiary/")


def _require_body(spec: Tree) -> None:
    spec["paths"]["/voucherRedemption"]["post"]["requestBody"]["required"] = True


def _drop_security(spec: Tree) -> None:
    spec["paths"]["/vouchers/{serialNumber}"]["get"]["security"] = []


def _change_outbound(spec: Tree) -> None:
    del spec["components"]["schemas"]["VouchersCreated"]["properties"]["voucherInstructions"]["items"][
        "properties"
    ]["voucherNumber"]


def _change_media_type(spec: Tree) -> None:
    content = spec["paths"]["/beneficiary"]["put"]["requestBody"]["content"]
    content["text/json"] = content.pop("application/json")


def _change_what_an_erratum_changed(spec: Tree) -> None:
    spec["components"]["schemas"]["BillInquiryOutcome"]["properties"]["code"]["enum"].append("02")


def _limit_what_an_erratum_added(spec: Tree) -> None:
    spec["components"]["parameters"]["CallbackUrlOffered"]["schema"]["maxLength"] = 100


TAMPERING: list[tuple[Callable[[Tree], None], str, str]] = [
    (_drop_field, "batch-submit", "body[].descriptionText"),
    (_drop_nested_answer_field, "account-lookup", "response.200.body.paymentModalityList[].financialAddress"),
    (_change_limit, "voucher-create", "body.requestID#maxLength"),
    (_drop_limit, "request-to-pay", "header.X-CorrelationID#maxLength"),
    (_change_enum, "request-to-pay-status-result", "body.requestStatus#enum"),
    (_change_type, "batch-status-update", "body.failed#type"),
    (_drop_format, "bill-inquiry-answer", "body.billDetails.dueDate#format"),
    (_drop_required, "bill-payment", "body.billInquiryRequestId#required"),
    (_invent_required, "voucher-create", "body.requestID#required"),
    (_invent_limit, "voucher-redeem", "body.voucherSerialNumber#maxLength"),
    (_drop_status, "register-beneficiary", "response.400"),
    (_drop_variant_status, "bill-marked-paid", "response.400"),
    (_add_status, "mark-bill-paid", "response.409"),
    (_drop_header, "batch-details", "header.Platform-TenantId"),
    (_make_optional, "bill-inquiry", "header.Platform-TenantId#required"),
    (_rename_parameter, "forward-request-to-pay", "header.X-billerId"),
    (_change_selector, "batch-submit", "query.type#enum"),
    (_change_method, "request-to-pay-answer", "method"),
    (_change_path, "account-lookup", "path"),
    (_require_body, "voucher-bill-payment", "body#required"),
    (_drop_security, "voucher-status", "security"),
    (_change_outbound, "vouchers-created", "body.voucherInstructions[].voucherNumber"),
    (_change_what_an_erratum_changed, "bill-inquiry-result", "body.code#enum"),
    (_limit_what_an_erratum_added, "voucher-activate", "header.X-Callback-URL"),
    (_change_media_type, "bulk-account-lookup", "body#media-type"),
]


@with_upstream
@pytest.mark.parametrize(
    ("tamper", "target", "fact"), TAMPERING, ids=[tamper.__name__.strip("_") for tamper, _, _ in TAMPERING]
)
def test_a_tampered_document_is_caught(tamper: Callable[[Tree], None], target: str, fact: str) -> None:
    spec = copy.deepcopy(our_document())
    tamper(spec)
    caught = {(difference.target, difference.fact) for difference in uncovered(differences(spec), covers())}
    assert (target, fact) in caught


@with_upstream
def test_a_missing_operation_is_caught() -> None:
    spec = copy.deepcopy(our_document())
    del spec["webhooks"]["inquire-bill"]
    assert unmatched(spec) == {"P2G API YAMLs/billInquiryBillerRequest.yml"}
