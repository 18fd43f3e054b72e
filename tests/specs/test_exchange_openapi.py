"""Our data exchange document: valid by itself, and every published fact is in it or in the errata."""

import json
from collections import Counter
from typing import Any

import jsonschema
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.model.errata import Cover
from tests.specs.exchange_comparison import (
    API,
    METHODS,
    SPECS,
    Tree,
    covers,
    differences,
    our_document,
    our_operations,
    published_operations,
    with_upstream,
)

DIRECTORY = {"list-clients", "list-methods", "allowed-methods", "get-openapi"}
CONFIGURATION = {
    "config-read", "config-create", "config-change", "config-replace", "mediator-status",
    "rights-list", "rights-allow", "rights-deny",
}  # fmt: skip
PUBSUB = {
    "event-type-create", "event-types", "event-type-read", "event-type-delete", "event-publish", "event-read",
    "event-delete", "subscriptions", "subscribe", "subscription-read", "subscription-change", "unsubscribe",
}  # fmt: skip
PULL = {"event-pull", "event-confirm"}


# --- the document by itself ----------------------------------------------------------------------------------------


def test_the_validator_has_no_error() -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(our_document()).iter_errors()] == []


def test_the_reader_has_no_trouble_with_it() -> None:
    spec = load_spec(SPECS / "openapi.yaml")
    assert spec.troubles == ()
    assert {call.id: (call.kind, call.counterparty) for call in spec.outbounds} == {
        "event-push": ("webhook", "subscriber")
    }


def test_no_key_is_there_twice_and_yaml_1_2_reads_the_same() -> None:
    text = (SPECS / "openapi.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe", pure=True).load(text) == our_document()


def test_every_operation_is_there_once_and_says_whose_it_is() -> None:
    operations = [(target, operation["x-function"]) for target, operation, _ in our_operations()]
    assert dict(operations) == {
        **dict.fromkeys(DIRECTORY, "directory"),
        **dict.fromkeys(CONFIGURATION, "configuration"),
        **dict.fromkeys(PUBSUB, "pubsub"),
        **dict.fromkeys(PULL, "pubsub-pull"),
    }
    assert set(Counter(target for target, _ in operations).values()) == {1}
    assert {operation["x-initiator"] for _, operation, _ in our_operations()} <= set(
        _block()["counterparties"]
    )


def test_every_function_is_of_the_block_and_what_is_recommended_must_be_claimed() -> None:
    block = _block()
    used = {operation["x-function"] for _, operation, _ in our_operations()}
    assert used | {"mediation", "x-road"} == set(block["functions"])
    assert set(block["optional"]) == {"pubsub", "pubsub-pull", "x-road"}


def test_every_call_below_r1_names_its_client() -> None:
    for target, operation, parameters in our_operations():
        named = {"$ref": "#/components/parameters/Client"} in parameters
        assert named == operation["x-published"]["path"].startswith("/r1/"), target


def test_doctor_has_a_harmless_probe_and_a_canary_that_nobody_serves() -> None:
    doctor = _block()["doctor"]
    (probe,) = (operation for target, operation, _ in our_operations() if target == doctor["probe"])
    assert probe["x-published"]["method"] == "get"
    assert "requestBody" not in probe
    assert probe["security"]
    assert not any(path.startswith(doctor["canary"]) for path in our_document()["paths"])


def test_further_fields_are_never_forbidden() -> None:
    assert "additionalProperties" not in (SPECS / "openapi.yaml").read_text(encoding="utf-8")


def test_every_example_is_valid() -> None:
    checked = 0
    for schema in _schemas(our_document()):
        for example in schema.get("examples", []):
            jsonschema.validate(
                example,
                {**schema, "components": our_document()["components"]},
                jsonschema.Draft202012Validator,
            )
            checked += 1
    assert checked > 60


def test_every_answer_that_the_published_example_makes_is_valid_in_either_form() -> None:
    """GovStack's list of methods and X-Road's are both good (exchange-e014)."""
    (schema,) = (
        operation["responses"]["200"]["content"]["application/json"]["schema"]
        for target, operation, _ in our_operations()
        if target == "list-methods"
    )
    endpoint = {"method": "GET", "path": "/people"}
    whole = {**schema, "components": our_document()["components"]}
    for endpoints in ({"member": [endpoint]}, [endpoint]):
        answer = {"member": [{"objectType": "SERVICE", "endpointList": endpoints}]}
        jsonschema.validate(answer, whole, jsonschema.Draft202012Validator)
    wrong = {"member": [{"objectType": "SERVICE", "endpointList": [{"method": 1}]}]}
    assert not jsonschema.Draft202012Validator(whole).is_valid(wrong)


# --- the document against the published files ---------------------------------------------------------------------


@with_upstream
def test_all_26_published_operations_are_matched() -> None:
    ours = Counter(
        tuple(operation["x-published"][key] for key in ("file", "method", "path"))
        for _, operation, _ in our_operations()
    )
    assert len(published_operations()) == 26
    assert set(ours) == set(published_operations())
    assert set(ours.values()) == {1}


@with_upstream
def test_every_operation_lies_where_it_was_published() -> None:
    for path, item in our_document()["paths"].items():
        for method in METHODS & item.keys():
            source = item[method]["x-published"]
            assert (source["method"], source["path"]) == (method, path)


@with_upstream
def test_every_difference_has_its_erratum() -> None:
    known = covers()
    assert [one for one in differences() if _cover(one) not in known] == []


@with_upstream
def test_every_erratum_still_covers_something() -> None:
    assert covers() - {_cover(one) for one in differences()} == set()


@with_upstream
def test_every_file_of_an_erratum_is_published() -> None:
    names = {path.name for folder in (API, API.parent / "schemas") for path in folder.iterdir()}
    for erratum in load_errata(SPECS / "errata.yaml"):
        assert {file for file in erratum.files if not file.startswith("spec ")} <= names, erratum.id


@with_upstream
def test_the_required_fields_that_nobody_describes_are_as_the_errata_say() -> None:
    published = yaml.safe_load((API / "GovStack_IM_Configuration_Management_API.yaml").read_text("utf-8"))
    allowed = published["components"]["schemas"]["AllowedApplication"]
    assert set(allowed["required"]) == {"member", "application"}
    assert set(allowed["properties"]).isdisjoint(allowed["required"])
    ours = our_document()["components"]["schemas"]["Rights"]["items"]["properties"]["rights"]["items"]
    assert set(ours["properties"]) == {*allowed["required"], *allowed["properties"]}
    assert "required" not in ours


@with_upstream
def test_no_sentence_is_copied() -> None:
    files = [path for path in API.iterdir() if path.suffix == ".yaml"]
    theirs = {_bare(text) for path in files for text in _texts(yaml.safe_load(path.read_text("utf-8")))}
    assert {_bare(text) for text in _texts(our_document()) if len(text) > 12} & theirs == set()


def _block() -> Tree:
    loaded: Tree = yaml.safe_load((SPECS / "block.yaml").read_text(encoding="utf-8"))
    return loaded


def _cover(difference: Any) -> Cover:
    ours = json.dumps(difference.ours, separators=(",", ":"), sort_keys=True)
    return Cover(file=difference.file, operation=difference.target, fact=difference.fact, ours=ours)


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
    own = [node[key] for key in ("description", "summary") if isinstance(node.get(key), str)]
    return own + [text for value in node.values() for text in _texts(value)]


def _bare(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")
