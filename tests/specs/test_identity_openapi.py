"""Our e-ID document: valid by itself, and every published fact is in it or in the errata."""

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.model.errata import Accepts, Cover
from tests.specs.comparison import Tree, stale, uncovered
from tests.specs.facts import our_operations
from tests.specs.identity_comparison import (
    SPECS,
    UPSTREAM,
    covers,
    differences,
    our_document,
    sources,
    unmatched,
    with_upstream,
)

OPERATIONS = {
    "client-create", "client-update", "authorize", "link-code", "link-status", "link-auth-code", "link-transaction",
    "linked-authenticate", "linked-consent", "token", "userinfo", "wallet-binding", "jwks", "discovery", "enroll",
    "share-credential", "credential-event", "download-card", "update-uin", "service-history", "update-identity",
    "block", "unblock",
}  # fmt: skip


# --- the document by itself ----------------------------------------------------------------------------------------


def test_the_validator_has_no_error() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert [str(error) for error in OpenAPIV31SpecValidator(our_document()).iter_errors()] == []


def test_no_key_is_there_twice_and_yaml_1_2_reads_the_same() -> None:
    from ruamel.yaml import YAML

    text = (SPECS / "openapi.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe", pure=True).load(text) == our_document()


def test_every_operation_can_be_tested() -> None:
    spec = load_spec(SPECS / "openapi.yaml")
    assert spec.troubles == ()
    assert {variant.id for variant in spec.variants} == OPERATIONS
    assert (spec.operations, spec.usable) == (23, 23)


def test_every_operation_says_whose_it_is_and_by_which_credentials() -> None:
    functions = load_block(SPECS / "block.yaml").functions
    schemes = our_document()["components"]["securitySchemes"]
    for variant in load_spec(SPECS / "openapi.yaml").variants:
        assert variant.function in functions, variant.id
        assert variant.clause.startswith("GovStack Identity 8."), variant.id
        assert variant.secured == (variant.scheme in schemes), variant.id


def test_the_doctor_asks_for_what_every_openid_provider_has_and_for_what_nobody_has() -> None:
    block = load_block(SPECS / "block.yaml")
    probe = load_spec(SPECS / "openapi.yaml").variant(block.probe)
    assert (probe.method, probe.path) == ("get", "/.well-known/openid-configuration")
    assert not any(path.startswith(block.canary) for path in our_document()["paths"])


def test_all_28_properties_have_a_title() -> None:
    assert list(load_block(SPECS / "block.yaml").properties) == [f"E{number}" for number in range(1, 29)]


def test_every_example_is_valid() -> None:
    import jsonschema

    checked = 0
    for schema in _schemas(our_document()):
        for example in schema.get("examples", []):
            jsonschema.validate(example, schema, jsonschema.Draft202012Validator)
            checked += 1
    assert checked > 10


# --- the document against the published files ---------------------------------------------------------------------


@with_upstream
def test_every_published_operation_is_matched() -> None:
    assert unmatched(our_document()) == set()


@with_upstream
def test_every_difference_has_its_erratum() -> None:
    assert uncovered(differences(our_document()), covers()) == []


@with_upstream
def test_every_erratum_still_covers_something() -> None:
    assert stale(differences(our_document()), covers()) == set()


@with_upstream
def test_a_stale_cover_is_noticed() -> None:
    old = Cover(file="enrollment.yaml", operation="enroll", fact="body.request.id#maxLength", ours="9")
    assert stale(differences(our_document()), {*covers(), old}) == {old}


@with_upstream
def test_every_file_of_an_erratum_is_published() -> None:
    names = {path.name for path in UPSTREAM.rglob("*.yaml")}
    for erratum in load_errata(SPECS / "errata.yaml"):
        assert {file for file in erratum.files if not file.startswith("spec ")} <= names, erratum.id


def test_errata_are_numbered_without_a_gap() -> None:
    ids = [erratum.id for erratum in load_errata(SPECS / "errata.yaml")]
    assert ids == [f"identity-e{number:03d}" for number in range(1, len(ids) + 1)]


def test_each_accepted_spelling_is_accepted() -> None:
    """Names by block.yaml, values by the schema of the answer."""
    block = load_block(SPECS / "block.yaml")
    groups = {frozenset(group) for group in block.aliases.values()}
    refusal = our_document()["components"]["schemas"]["TokenRefusal"]["properties"]["error"]["enum"]
    aliased = [one for one in load_errata(SPECS / "errata.yaml") if one.accepts is Accepts.ALIAS]
    assert len(aliased) == 3
    for erratum in aliased:
        assert frozenset(erratum.aliases) in groups or set(erratum.aliases) == set(refusal), erratum.id


@with_upstream
def test_no_sentence_is_copied() -> None:
    theirs = {_bare(text) for _, document in sources(our_document()) for text in document.sentences}
    ours = {_bare(text) for text in _texts(our_document())}
    assert len(ours) >= 100
    assert ours & theirs == set()


# --- the comparison can fail ---------------------------------------------------------------------------------------


def _drop_code(spec: Tree) -> None:
    errors = spec["components"]["schemas"]["ClientCreated"]["properties"]["errors"]
    errors["items"]["properties"]["errorCode"]["enum"].remove("duplicate_client_id")


def _change_limit(spec: Tree) -> None:
    spec["components"]["schemas"]["LogoUri"]["maxLength"] = 1023


def _drop_required(spec: Tree) -> None:
    spec["components"]["schemas"]["TokenRequest"]["required"].remove("redirect_uri")


def _allow_twins(spec: Tree) -> None:
    creation = spec["components"]["schemas"]["ClientCreation"]["properties"]["request"]["properties"]
    del creation["redirectUris"]["uniqueItems"]


def _drop_header(spec: Tree) -> None:
    del spec["paths"]["/wallet-binding"]["post"]["parameters"][1]


def _drop_answer_header(spec: Tree) -> None:
    del spec["paths"]["/oauth/token"]["post"]["responses"]["200"]["headers"]["Pragma"]


def _change_media_type(spec: Tree) -> None:
    content = spec["paths"]["/oidc/userinfo"]["get"]["responses"]["200"]["content"]
    content["application/json"] = content.pop("application/jwt")


def _open_up(spec: Tree) -> None:
    spec["paths"]["/client-mgmt/oidc-client"]["post"]["security"] = []


def _change_nested(spec: Tree) -> None:
    spec["components"]["schemas"]["BiometricVersion"]["properties"]["major"]["type"] = "string"


TAMPERING: list[tuple[Callable[[Tree], None], str, str]] = [
    (_drop_code, "client-create", "response.200.body.errors[].errorCode#enum"),
    (_change_limit, "client-update", "body.request.logoUri#maxLength"),
    (_drop_required, "token", "body.redirect_uri#required"),
    (_allow_twins, "client-create", "body.request.redirectUris#uniqueItems"),
    (_drop_header, "wallet-binding", "header.PARTNER-API-KEY"),
    (_drop_answer_header, "token", "response.200.header.pragma"),
    (_change_media_type, "userinfo", "response.200.body#media-type"),
    (_open_up, "client-create", "security"),
    (_change_nested, "enroll", "body.request.biometrics.version.major#type"),
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


def test_ids_are_there_once() -> None:
    ids = Counter(target for target, _ in our_operations(our_document()))
    assert set(ids.values()) == {1}


def _schemas(node: Any) -> list[Tree]:
    if isinstance(node, list):
        return [schema for item in node for schema in _schemas(item)]
    if not isinstance(node, dict):
        return []
    own = [node] if "examples" in node and "type" in node else []
    return own + [schema for value in node.values() for schema in _schemas(value)]


def _texts(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for item in node for text in _texts(item)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("description", "summary", "title") if isinstance(node.get(key), str)]
    return own + [text for value in node.values() for text in _texts(value)]


def _bare(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")


def test_the_block_file_is_plain_yaml_too() -> None:
    assert yaml.safe_load((SPECS / "block.yaml").read_text(encoding="utf-8"))["id"] == "identity"
