"""The frozen vectors of data exchange: complete, fair, harmless, and made of what lies beside them."""

import hashlib
import json
import re
from collections.abc import Iterator

import pytest

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.model.cases import Case
from dpi_conformance.model.spec import Spec
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.reporting.extraction import texts
from dpi_conformance.vectors.knowledge import Knowledge, load_knowledge
from dpi_conformance.vectors.rules import subjects, trials
from dpi_conformance.vectors.sites import undescribed
from dpi_conformance.vectors.store import (
    CASES,
    MANIFEST,
    VECTORS,
    Manifest,
    read_cases,
    read_manifest,
    read_vectors,
)
from dpi_conformance.vectors.trials import Subject
from dpi_conformance.vectors.writing import SLOT

PACK = Pack.builtin()
OPENAPI, KNOWLEDGE = PACK.spec("exchange", "openapi.yaml"), PACK.suite("exchange", "knowledge.yaml")
FOLDER = PACK.suite("exchange", f"vectors/{VECTORS}").parent
WHOLE = ("config-create", "config-replace")
"""Operations that describe the whole configuration anew."""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec(OPENAPI)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(KNOWLEDGE)


@pytest.fixture(scope="module")
def known(spec: Spec, knowledge: Knowledge) -> dict[str, Subject]:
    return {subject.variant.id: subject for subject in subjects(spec, knowledge)}


@pytest.fixture(scope="module")
def vectors() -> list[Vector]:
    return list(read_vectors(FOLDER / VECTORS))


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {case.id: case for case in read_cases(FOLDER / CASES, Profile.FULL, "exchange")}


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return read_manifest(FOLDER / MANIFEST)


def test_the_set_was_frozen_from_the_documents_that_lie_here(manifest: Manifest) -> None:
    made_of = {"openapi": OPENAPI, "knowledge": KNOWLEDGE}
    assert {name: manifest.digests[name] for name in made_of} == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in made_of.items()
    }, "run: dpi-conformance vectors build exchange"


def test_each_published_operation_has_a_control(spec: Spec, vectors: list[Vector]) -> None:
    controls = [vector.variant for vector in vectors if vector.control]
    assert controls == [variant.id for variant in spec.variants]
    assert len(controls) == 26


def test_base_requests_are_complete(known: dict[str, Subject]) -> None:
    lacking = {name: list(undescribed(one.variant, one.base)) for name, one in known.items()}
    assert {name: places for name, places in lacking.items() if places} == {
        "rights-list": ["query.nextPageToken"],  # only an answer tells one; the suite follows it (D6)
        "subscribe": ["body.id"],  # who makes the identifier is not published (exchange-e039)
        "subscription-change": ["body.id"],
    }


def test_there_are_about_a_thousand_cases_and_profiles_hold_each_other(
    manifest: Manifest, cases: dict[str, Case]
) -> None:
    sizes = manifest.counts["profiles"]
    assert 800 <= len(cases) <= 1_100
    assert 400 <= sizes["quick"] < sizes["standard"] <= 3_000 < sizes["full"]


def test_quick_tries_both_sides_of_every_decided_case(vectors: list[Vector]) -> None:
    decided = {(v.case, v.expect) for v in vectors if v.expect is not Expectation.EITHER}
    assert decided <= {(v.case, v.expect) for v in vectors if v.profile is Profile.QUICK}


@pytest.mark.parametrize("kind", ["positive", "required", "type", "enum", "protocol", "credentials", "text"])
def test_every_kind_of_case_is_there(cases: dict[str, Case], kind: str) -> None:
    assert [case for case in cases if case.split("/")[3] == kind]


def test_every_case_reads_as_a_sentence_and_names_clause_and_function(cases: dict[str, Case]) -> None:
    for case in cases.values():
        assert re.fullmatch(rf"{case.variant}: .+\.", str(case.purpose), re.DOTALL)
        assert case.clause
        assert case.functions in {("directory",), ("configuration",), ("pubsub",), ("pubsub-pull",)}


def test_every_sentence_can_be_translated(vectors: list[Vector], cases: dict[str, Case]) -> None:
    translated = set(texts(PACK)) | {"{request}", "{media_type}"}  # no word in the two
    said = [*(vector.note for vector in vectors if vector.note), *(case.purpose for case in cases.values())]
    assert {message.text for message in said} <= translated


# --- fair: nothing is asked that no document says -----------------------------------------------------------------


def test_whoever_does_not_say_who_calls_is_to_be_refused(vectors: list[Vector], spec: Spec) -> None:
    missing = "required/header.X-GovStack-Client"
    refused = {v.variant for v in vectors if v.case.endswith(missing) and v.expect is Expectation.REFUSED}
    assert refused == {variant.id for variant in spec.variants if variant.path.startswith("/r1/")}


def test_a_method_is_to_be_refused_only_where_nothing_is_mediated(vectors: list[Vector]) -> None:
    methods = [vector for vector in vectors if vector.case.endswith("/protocol/method")]
    decided = {v.target.partition("?")[0] for v in methods if v.expect is Expectation.METHOD_NOT_ALLOWED}
    assert decided == {
        "/listClients",
        "/api/v1/config",
        "/api/v1/status",
        "/api/v1/rights/allow",
        "/api/v1/rights/deny",
    }
    assert {v.expect for v in methods if v.target.startswith("/r1/")} == {Expectation.EITHER}


def test_the_directory_asks_for_no_credentials_and_all_else_does(cases: dict[str, Case], spec: Spec) -> None:
    asked = {case.variant for case in cases.values() if "/credentials/" in case.id}
    assert asked == {variant.id for variant in spec.variants if variant.function != "directory"}


def test_what_names_an_allowed_application_decides_nothing(vectors: list[Vector]) -> None:
    """Two sets of fields are published, and no instance fits both (exchange-e020)."""
    about = [v for v in vectors if "/body.0.rights.0" in v.case and "/positive/" not in v.case]
    assert about
    assert Expectation.REFUSED not in {v.expect for v in about}
    controls = [json.loads(v.body or "") for v in vectors if v.control and v.variant.startswith("rights-a")]
    for (order,) in controls:
        assert set(order["rights"][0]) == {
            "memberClass",
            "memberCode",
            "applicationId",
            "member",
            "application",
        }


def test_bodies_that_no_file_requires_are_not_held_against_a_product(
    vectors: list[Vector], spec: Spec
) -> None:
    empty = [vector for vector in vectors if vector.case.endswith("/protocol/empty-body")]
    assert len(empty) == 9
    for vector in empty:
        body = spec.variant(vector.variant).body
        assert body is not None
        assert (vector.expect is Expectation.REFUSED) == body.required


def test_whatever_is_left_open_says_why_and_concerns_a_vector(
    known: dict[str, Subject], knowledge: Knowledge, vectors: list[Vector]
) -> None:
    made = {name: {_parts(v) for v in vectors if v.variant == name} for name in known}
    for name, one in known.items():
        tried = made[name] | {(trial.kind, trial.keyword, trial.place) for trial in trials(one)}
        for entry in one.known.open:
            assert len(entry.why) > 10
            assert any(entry.holds(*parts) for parts in tried), (name, entry)
    for entry in knowledge.open:
        assert any(entry.holds(*parts) for every in made.values() for parts in every), entry


def test_reasons_name_errata_that_are_there(knowledge: Knowledge) -> None:
    errata = {erratum.id for erratum in load_errata(PACK.spec("exchange", "errata.yaml"))}
    named = {name for entry in _entries(knowledge) for name in re.findall(r"exchange-e\d{3}", entry)}
    assert named
    assert named <= errata


def test_nothing_that_was_left_open_is_expected_to_be_refused(
    vectors: list[Vector], knowledge: Knowledge
) -> None:
    for vector in vectors:
        if not vector.control and knowledge.left_open(vector.variant, *_parts(vector)):
            assert vector.expect is Expectation.EITHER, vector.case


# --- harmless: the ground on which other requests stand is left ---------------------------------------------------


def test_a_configuration_that_is_replaced_keeps_whoever_is_in_it(vectors: list[Vector]) -> None:
    for vector in vectors:
        if vector.variant in WHOLE and vector.body and vector.body.startswith("{") and not _broken(vector):
            assert "{{json:configuration.members}}" in vector.body, vector.case


def test_no_other_instance_or_domain_is_named(vectors: list[Vector]) -> None:
    for vector in vectors:
        if vector.variant in {*WHOLE, "config-change"} and vector.body and not _broken(vector):
            for field in ("domain", "instance"):
                named = re.search(rf'"{field}"\s*:\s*("[^"]*"|[^,}}]*)', vector.body)
                assert named is None or named[1] == f'"{{{{configuration.{field}}}}}"', vector.case


def test_nothing_sets_central_servers_up(vectors: list[Vector]) -> None:
    for vector in vectors:
        assert "init=true" not in vector.target.lower()
        assert vector.variant == "config-create" or "init=" not in vector.target


def test_nothing_large_is_left_in_the_configuration(vectors: list[Vector]) -> None:
    assert {v.variant for v in vectors if v.repeat}.isdisjoint({*WHOLE, "config-change"})


def test_whatever_is_never_sent_says_why_and_would_be_sent_else(
    spec: Spec, knowledge: Knowledge, vectors: list[Vector]
) -> None:
    bare = knowledge.model_copy(
        update={
            "variants": {n: one.model_copy(update={"never": ()}) for n, one in knowledge.variants.items()}
        }
    )
    everything = {
        one.variant.id: [(t.kind, t.keyword, t.place) for t in trials(one)] for one in subjects(spec, bare)
    }
    for name, one in knowledge.variants.items():
        for entry in one.never:
            assert len(entry.why) > 10
            assert any(entry.holds(*parts) for parts in everything[name]) or "generated" in str(entry.kinds)
            assert not [v for v in vectors if v.variant == name and entry.holds(*_parts(v))]


# --- whole: what stands in a vector can be filled -----------------------------------------------------------------


def test_all_slots_are_known_and_all_needs_are_met(vectors: list[Vector], knowledge: Knowledge) -> None:
    steps = PACK.load("suites.exchange.steps")
    for vector in vectors:
        lines = [vector.target, vector.body or "", *(text for _, text in vector.headers)]
        slots = {match[1].removeprefix("json:") for text in lines for match in SLOT.finditer(text)}
        named = {slot.partition(".")[0] for slot in slots if "." in slot}
        assert named <= set(vector.needs), vector.case
        assert {need.partition(":")[0] for need in vector.needs} <= steps.STEPS.keys()
        for slot in slots:
            assert re.fullmatch(r"id:\d+(:\w+)*", slot) or slot.partition(".")[0] in named, slot
    assert set(knowledge.resources) <= steps.STEPS.keys()
    assert set(steps.FREE) <= steps.STEPS.keys()
    assert set(steps.LAST) == set(WHOLE)


def _parts(vector: Vector) -> tuple[str, str, str]:
    _, _, _, kind, place, *keyword = vector.case.split("/")
    return kind, "".join(keyword), place


def _broken(vector: Vector) -> bool:
    """Tell whether a body is no JSON on purpose, or lacks the field that it is about."""
    kind, _, place = _parts(vector)
    return kind == "protocol" or place == "body"


def _entries(knowledge: Knowledge) -> Iterator[str]:
    for one in knowledge.variants.values():
        yield from (entry.why for entry in (*one.open, *one.never))
    yield from (entry.why for entry in knowledge.open)
