"""The published documents, faults included: each loads, or says precisely why not."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.errors import UsageError
from dpi_conformance.model.spec import Outbound, Spec, Variant

_UPSTREAM = Path(__file__).parents[3] / "shared" / "upstream" / "govstack"

_REGISTRIES = "digital-registries/api/GovStack_Digital_registries_BB"
_NO_OPENAPI = {
    "information-mediator/api/GovStack_Configuration.yaml": "it has no key “openapi”, only domain, instance, members",
    "information-mediator/schemas/application.json": "line 19, column 7: “,” or the end",
    "information-mediator/schemas/broadcast.json": "is a JSON Schema",
    "information-mediator/schemas/member.json": "line 32, column 7: “,” or the end",
    "information-mediator/schemas/service.json": "line 19, column 7: “,” or the end",
    "registration/api/ExamplePayload.json": "it has no key “openapi”, only numberOfRegistrations",
}
_ENROLLMENT = [
    *("5 status codes are numbers", "“deault”", "“deafult”", "“14022”"),
    *["“string” stands where a schema belongs"] * 3,
    "Nothing stands where a schema belongs",
    *["“string” stands where a schema belongs"] * 2,
]
_MESSAGING = [
    *("“basePath” is Swagger 2", "“schemes”", "“securityDefinitions”", "“definitions”"),
    *["“apiKey” is not declared"] * 4,
]
_OPERATIONS: dict[str, tuple[int, int, list[str]]] = {
    "consent/api/consent-openapi.yaml": (42, 42, []),
    f"{_REGISTRIES}_Data_API_template-1.3.0.json": (11, 11, ["read as text"]),
    f"{_REGISTRIES}_Data_API_template-1.3.0.yaml": (10, 10, ["read as text"]),
    f"{_REGISTRIES}_Database_API_template-1.3.0.json": (
        4,
        4,
        ["“#/components/schemas/DatabasesSchema” points to nothing"],
    ),
    f"{_REGISTRIES}_Database_API_template-1.3.0.yaml": (
        4,
        4,
        ["DatabaseInfo” points", "DatabasesSchema” points", "DatabaseInfo” points"],
    ),
    "identity/api/Identity-Provider.yaml": (14, 14, []),
    "identity/api/enrollment.yaml": (1, 1, _ENROLLMENT),
    "identity/attached/Credential-Management.yaml": (
        8,
        8,
        ["16 status codes are numbers", "“language=LANGCODE”"],
    ),
    "information-mediator/api/GovStack_IM_Configuration_Management_API.yaml": (8, 8, []),
    "information-mediator/api/GovStack_IM_Directory_Services_API.yaml": (4, 4, []),
    "information-mediator/api/GovStack_IM_PubSub_API.yaml": (14, 14, ["“eventType” is declared twice"]),
    "messaging/api/swagger.json": (4, 4, _MESSAGING),
    "messaging/api/swagger.yaml": (4, 4, ["8 status codes are numbers", *_MESSAGING]),
    "registration/api/GovStack_Registration_BB_API.json": (12, 11, ["multipart/form-data"]),
    "registration/api/GovStack_Registration_BB_API_statistics.json": (1, 1, []),
    "scheduler/api/Govstack_scheduler_BB_APIs.json": (37, 37, ["“json” is no media type"] * 10),
    "workflow/api/swagger.yaml": (9, 9, ["An answer 204 has no body"]),
}
"""For each document: its operations, those that are usable, and what each trouble says."""
_PAYMENTS_TROUBLES = {
    "BulkPayment.yml": ["“parameters” is written twice"],
    "BulkPaymentStatusUpdate.yml": ["“parameters” is written twice"],
    "GetAuthorizationRequest.yml": ["“parameters” is written twice"],
    "GetAuthorizationResponse.yml": ["The whole path stands for an address"],
    "BulkValidateAccountRequest.yml": ["“command=validate”"],
    "billInquiryRequest.yml": ["ignores the body of GET"],
    "billInquiryBillerResponse.yml": ["Markdown fence", "ignores the body of GET"],
    "billInquiryResponse.yml": ["“00” without quotes", "“01” without quotes", "“billId” is not declared"],
    "v1_0_1_billInquiryResponse.yml": [
        "“00” without quotes",
        "“01” without quotes",
        "“billId” is not declared",
    ],
    "markBillPpaymentRequest.yml": ["“X-Payer FI-ID” is no header name"],
    "markBillPpaymentResponse.yml": ["“X-Payer FI-ID” is no header name"],
    "rtpStatusUpdateRequest.yml": ["ignores the body of GET"],
    "VoucherCreationResponse.yml": ["“float” is no type; it is read as “number”"],
    "VoucherPreactivationRequest.yml": ["“float” is no type; it is read as “number”"],
    "VoucherRedemption.yml": ["“headers” does not belong"],
    "VoucherStatus.yml": ["“headers” does not belong"],
}


def _published() -> list[str]:
    files = sorted(path for path in _UPSTREAM.rglob("*") if path.suffix in {".json", ".yaml", ".yml"})
    return [path.relative_to(_UPSTREAM).as_posix() for path in files]


@pytest.mark.skipif(not _UPSTREAM.is_dir(), reason="the published documents are not here")
@pytest.mark.parametrize("name", _published() or ["-"])
def test_a_published_document_loads_or_says_why_not(name: str) -> None:
    path = _UPSTREAM / name
    refusal = "it has no key “openapi”, only" if path.name == "requirements.json" else _NO_OPENAPI.get(name)
    if refusal is not None:
        with pytest.raises(UsageError) as caught:
            load_spec(path)
        assert refusal in str(caught.value)
        return
    operations, usable, said = _OPERATIONS.get(name) or (1, 1, _PAYMENTS_TROUBLES.get(path.name, []))
    spec = load_spec(path)
    reasons = _reasons(spec)
    assert (spec.operations, spec.usable, len(spec.variants)) == (operations, usable, operations)
    assert [part for part, reason in zip(said, reasons, strict=True) if part not in reason] == []
    for schema in _schemas(spec):
        jsonschema_rs.validator_for(schema)


def _reasons(spec: Spec) -> list[str]:
    return [str(trouble.reason) for trouble in spec.troubles]


def _schemas(spec: Spec) -> list[dict[str, Any]]:
    found: list[Any] = []
    calls: tuple[Variant | Outbound, ...] = (*spec.variants, *spec.outbounds)
    for call in calls:
        found += [parameter.schema for parameter in call.parameters]
        found += [call.body.schema] if call.body else []
        found += [schema for answer in call.responses for schema in answer.content.values()]
    return [dict(schema) for schema in found]
