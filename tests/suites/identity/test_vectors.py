"""The frozen vectors of identity: complete, fair, and made of the documents that lie beside them."""

import hashlib
import re
from collections import Counter

import pytest

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.model.cases import Case
from dpi_conformance.model.spec import Spec
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.vectors.drafts import FORM
from dpi_conformance.vectors.knowledge import Knowledge, load_knowledge
from dpi_conformance.vectors.rules import subjects, trials
from dpi_conformance.vectors.store import CASES, MANIFEST, VECTORS, read_cases, read_manifest, read_vectors
from dpi_conformance.vectors.trials import Subject
from dpi_conformance.vectors.writing import SLOT

PACK = Pack.builtin()
OPENAPI, KNOWLEDGE = PACK.spec("identity", "openapi.yaml"), PACK.suite("identity", "knowledge.yaml")
FOLDER = PACK.suite("identity", f"vectors/{VECTORS}").parent


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
    return {case.id: case for case in read_cases(FOLDER / CASES, Profile.FULL, "identity")}


def test_the_set_was_frozen_from_the_documents_that_lie_here() -> None:
    made_of = {"openapi": OPENAPI, "knowledge": KNOWLEDGE}
    manifest = read_manifest(FOLDER / MANIFEST)
    assert {name: manifest.digests[name] for name in made_of} == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in made_of.items()
    }, "run: dpi-conformance vectors build identity"


def test_each_operation_has_a_control(spec: Spec, vectors: list[Vector]) -> None:
    assert [vector.variant for vector in vectors if vector.control] == [
        variant.id for variant in spec.variants
    ]


def test_profiles_have_their_sizes() -> None:
    counts = read_manifest(FOLDER / MANIFEST).counts
    assert counts["cases"] <= 1_500
    assert 800 <= counts["profiles"]["quick"] <= 1_200
    assert counts["profiles"]["standard"] <= 4_500


def test_every_declared_limit_has_a_case(known: dict[str, Subject], cases: dict[str, Case]) -> None:
    for name, one in known.items():
        for site in one.sites:
            for keyword in ("maxLength", "minLength", "minItems"):
                if keyword in site.schema:
                    assert f"identity/contract/{name}/boundary/{site.place}/{keyword}" in cases
            if site.required and site.place.location != "path":
                assert f"identity/contract/{name}/required/{site.place}" in cases


def test_every_case_reads_as_a_sentence_and_names_clause_and_function(cases: dict[str, Case]) -> None:
    functions = load_block(PACK.spec("identity", "block.yaml")).functions
    for case in cases.values():
        assert re.fullmatch(rf"{case.variant}: .+\.", str(case.purpose), re.DOTALL)
        assert case.clause
        assert "Payments" not in case.clause, case.id
        assert len(case.functions) == 1
        assert set(case.functions) <= set(functions)


def test_whatever_is_left_open_says_why_and_concerns_a_vector(known: dict[str, Subject]) -> None:
    for name, one in known.items():
        made = [(trial.kind, trial.keyword, trial.place) for trial in trials(one)]
        for entry in one.known.open:
            assert len(entry.why) > 10
            assert any(entry.holds(*trial) for trial in made), (name, entry)


def test_every_slot_is_made_by_a_step_that_the_vector_needs(
    vectors: list[Vector], knowledge: Knowledge
) -> None:
    for vector in vectors:
        text = " ".join([vector.target, vector.body or "", *(value for _, value in vector.headers)])
        for slot in SLOT.findall(text):
            resource, _, field = slot.partition(".")
            if field:
                assert resource in vector.needs, vector.id
                assert field in knowledge.resources[resource], vector.id


def test_signatures_and_times_are_slots_so_that_runs_compare(vectors: list[Vector]) -> None:
    token = [one for one in vectors if one.variant == "token" and one.control]
    assert "client_assertion={{login.assertion}}" in str(token[0].body)
    stamped = [one for one in vectors if one.control and "request" in (one.body or "")]
    assert len(stamped) > 10
    assert all("{{now:ms}}" in (one.body or "") for one in stamped if "equest" in (one.body or "")[:14])


def test_the_token_request_is_a_form(vectors: list[Vector]) -> None:
    (control,) = [one for one in vectors if one.variant == "token" and one.control]
    assert dict(control.headers)["Content-Type"] == FORM


def test_a_page_may_tell_an_error_so_no_refusal_is_expected_of_authorize(vectors: list[Vector]) -> None:
    expected = Counter(one.expect for one in vectors if one.variant == "authorize")
    assert Expectation.REFUSED not in expected
    assert expected[Expectation.METHOD_NOT_ALLOWED] == 3


@pytest.mark.parametrize("variant", ["authorize", "userinfo"])
def test_posting_is_openid_connect_s_own(vectors: list[Vector], variant: str) -> None:
    tried = {one.method for one in vectors if one.variant == variant}
    assert "POST" not in tried
