"""Our e-payments document: valid by itself, and every published fact is in it or in the errata."""

from collections import Counter
from typing import Any

import yaml

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.model.errata import Cover
from tests.specs.comparison import (
    SPECS,
    UPSTREAM,
    Tree,
    covers,
    differences,
    our_document,
    published,
    sources,
    stale,
    uncovered,
    unmatched,
    with_upstream,
)
from tests.specs.facts import Facts, our_operations, published_facts

INBOUND = {
    "register-beneficiary", "update-beneficiary", "account-lookup", "bulk-account-lookup", "batch-submit",
    "batch-status-update", "batch-details", "account-validation-result", "authorization-result", "bill-inquiry",
    "bill-inquiry-answer", "bill-payment", "bill-marked-paid", "request-to-pay", "request-to-pay-answer",
    "request-to-pay-status", "voucher-bill-payment", "voucher-create", "voucher-activate", "voucher-cancel",
    "voucher-redeem", "voucher-status",
}  # fmt: skip
CALLBACKS = {
    "register-beneficiary-result", "update-beneficiary-result", "batch-status", "bill-inquiry-result",
    "bill-payment-result", "request-to-pay-result", "request-to-pay-status-result", "vouchers-created",
    "vouchers-activated", "vouchers-cancelled",
}  # fmt: skip
WEBHOOKS = {
    "validate-accounts",
    "authorize-batch",
    "inquire-bill",
    "mark-bill-paid",
    "forward-request-to-pay",
}
CONSTRAINTS = {"maxLength", "minLength", "pattern", "enum", "format"}


# --- the document by itself ----------------------------------------------------------------------------------------


def test_the_validator_has_no_error() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert [str(error) for error in OpenAPIV31SpecValidator(our_document()).iter_errors()] == []


def test_no_key_is_there_twice_and_yaml_1_2_reads_the_same() -> None:
    from ruamel.yaml import YAML

    text = (SPECS / "openapi.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe", pure=True).load(text) == our_document()


def test_every_id_of_the_contract_is_there_once() -> None:
    spec = our_document()
    ids = Counter(target for target, _ in our_operations(spec))
    assert set(ids) == INBOUND | CALLBACKS | WEBHOOKS
    assert set(ids.values()) == {1}
    assert set(spec["webhooks"]) == WEBHOOKS


def test_every_callback_is_named_by_the_variant_that_it_answers() -> None:
    operations = [operation for item in our_document()["paths"].values() for operation in item.values()]
    for operation in operations:
        if "x-variants" in operation:
            named = [name for variant in operation["x-variants"] for name in variant["callbacks"]]
            assert sorted(named) == sorted(operation.get("callbacks", {})), operation["operationId"]


def test_every_operation_says_whose_it_is() -> None:
    block = yaml.safe_load((SPECS / "block.yaml").read_text(encoding="utf-8"))
    for target, operation in our_operations(our_document()):
        assert operation["x-function"] in block["functions"], target
        assert operation["published"]["file"], target
    for item in our_document()["paths"].values():
        for operation in item.values():
            initiators = {v["initiator"] for v in operation.get("x-variants", [])} or {
                operation["x-initiator"]
            }
            assert initiators <= set(block["counterparties"])


def test_doctor_has_a_harmless_probe_and_a_canary_that_nobody_serves() -> None:
    doctor = yaml.safe_load((SPECS / "block.yaml").read_text(encoding="utf-8"))["doctor"]
    probe = dict(our_operations(our_document()))[doctor["probe"]]
    assert probe["method"] == "get"
    assert "requestBody" not in probe
    assert "security" not in probe, "the document's own security holds"
    assert not any(path.startswith(doctor["canary"]) for path in our_document()["paths"])


def test_variants_on_one_operation_are_its_parts() -> None:
    """What an ordinary reader of OpenAPI sees of an operation is the union of its variants."""
    spec = our_document()
    for item in spec["paths"].values():
        for operation in item.values():
            declared = {(p["in"], p["name"]) for p in _resolved(operation.get("parameters", []), spec)}
            for variant in operation.get("x-variants", []):
                own = _resolved(variant.get("parameters", []), spec)
                assert {(p["in"], p["name"]) for p in own} <= declared, variant["id"]
                assert set(variant.get("responses", {})) <= set(operation["responses"]), variant["id"]
                assert set(variant.get("select", {})) <= {name for _, name in declared}, variant["id"]


def test_what_we_added_ourselves_can_fail_no_product() -> None:
    parameters = our_document()["components"]["parameters"]
    offered = parameters["CallbackUrlOffered"]
    assert offered["required"] is False
    assert not CONSTRAINTS & offered["schema"].keys()


def test_further_fields_are_never_forbidden() -> None:
    assert "additionalProperties" not in (SPECS / "openapi.yaml").read_text(encoding="utf-8")


def test_every_example_is_valid() -> None:
    import jsonschema

    checked = 0
    for schema in _schemas(our_document()):
        for example in schema.get("examples", []):
            jsonschema.validate(example, schema, jsonschema.Draft202012Validator)
            checked += 1
    assert checked > 80


# --- the document against the published files ---------------------------------------------------------------------


@with_upstream
def test_all_39_published_files_are_matched() -> None:
    assert len(list(UPSTREAM.rglob("*.yml"))) == 39
    assert unmatched(our_document()) == set()


@with_upstream
def test_every_difference_has_its_erratum() -> None:
    assert uncovered(differences(our_document()), covers()) == []


@with_upstream
def test_every_erratum_still_covers_something() -> None:
    assert stale(differences(our_document()), covers()) == set()


@with_upstream
def test_a_stale_cover_is_noticed() -> None:
    old = Cover(file="BulkPayment.yml", operation="batch-submit", fact="body[].amount#maximum", ours="9")
    assert stale(differences(our_document()), {*covers(), old}) == {old}


@with_upstream
def test_every_file_of_an_erratum_ispublished() -> None:
    names = {path.name for path in UPSTREAM.rglob("*.yml")}
    for erratum in load_errata(SPECS / "errata.yaml"):
        assert {file for file in erratum.files if not file.startswith("spec ")} <= names, erratum.id


@with_upstream
def test_what_the_errata_say_is_missing_is_missing_in_just_those_files() -> None:
    """Errata that leave our document as published name their files rightly: no refusal, no required part."""
    said = {erratum.id: set(erratum.files) for erratum in load_errata(SPECS / "errata.yaml")}
    facts = {
        published(s).name: published_facts(published(s)) for t, s in sources(our_document()) if t in INBOUND
    }
    api = {name: found for name, found in facts.items() if not name.startswith("v1_0_1_")}
    bodies = {name: found for name, found in api.items() if "body" in found}
    assert said["payments-e062"] == {name for name, found in bodies.items() if not _any_required(found)}
    assert said["payments-e063"] == {name for name, found in bodies.items() if not found["body#required"]}
    assert said["payments-e064"] == {
        n for n, found in api.items() if not any(k.startswith("response.4") for k in found)
    }


@with_upstream
def test_no_sentence_is_copied() -> None:
    theirs = {_bare(text) for _, source in sources(our_document()) for text in published(source).sentences}
    ours = {_bare(text) for text in _texts(our_document())}
    assert ours & theirs == set()


@with_upstream
def test_the_reader_hides_nothing() -> None:
    """The oddities that would hide parameters are seen, and so are the parameters."""
    assert {"document#fence"} == set(published("P2G API YAMLs/billInquiryBillerResponse.yml").oddities)
    bulk = published_facts(published("G2P API YAMLs/BulkPayment.yml"))
    assert bulk["query.type#enum"] == ["raw"]
    assert bulk["header.Platform-TenantId#maxLength"] == 20
    redeem = published_facts(published("Voucher API YAMLs/VoucherRedemption.yml"))
    assert redeem["header.X-Registering-Institution-Id#required"] is True


# --- walking the document --------------------------------------------------------------------------------------------


def _resolved(parameters: list[Tree], spec: Tree) -> list[Tree]:
    known = spec["components"]["parameters"]
    return [known[p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p for p in parameters]


def _any_required(facts: Facts) -> bool:
    return any(
        found
        for key, found in facts.items()
        if key.startswith(("body.", "body[]")) and key.endswith("#required")
    )


def _schemas(node: Any) -> list[Tree]:
    """Give every schema that carries examples."""
    if isinstance(node, list):
        return [schema for item in node for schema in _schemas(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if "examples" in node and "type" in node else []
    return own + [schema for value in node.values() for schema in _schemas(value)]


def _texts(node: Any) -> list[str]:
    """Give every description and summary."""
    if isinstance(node, list):
        return [text for item in node for text in _texts(item)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("description", "summary", "title") if isinstance(node.get(key), str)]
    return own + [text for value in node.values() for text in _texts(value)]


def _bare(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")
