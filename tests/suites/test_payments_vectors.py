"""The frozen vectors of payments: complete, fair, made of what lies beside them, and rebuilt to the same bytes."""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.model.cases import Case
from dpi_conformance.model.spec import Spec
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.reporting.extraction import texts
from dpi_conformance.vectors.compiling import build
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
OPENAPI, KNOWLEDGE = PACK.spec("payments", "openapi.yaml"), PACK.suite("payments", "knowledge.yaml")
FOLDER = PACK.suite("payments", f"vectors/{VECTORS}").parent
UNDECIDED_BY_METHOD = {"bill-inquiry", "request-to-pay-status"}
"""GET with content, which a gateway may drop (payments-e023)."""


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
    return {case.id: case for case in read_cases(FOLDER / CASES, Profile.FULL, "payments")}


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return read_manifest(FOLDER / MANIFEST)


def test_the_set_was_frozen_from_the_documents_that_lie_here(manifest: Manifest) -> None:
    made_of = {"openapi": OPENAPI, "knowledge": KNOWLEDGE}
    assert {name: manifest.digests[name] for name in made_of} == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in made_of.items()
    }, "run: dpi-conformance vectors build payments"
    assert {"schemathesis", "hypothesis", "jsonschema-rs"} <= manifest.versions.keys()


def test_each_published_operation_has_a_control_and_no_operation_is_forgotten(
    spec: Spec, vectors: list[Vector]
) -> None:
    controls = [vector.variant for vector in vectors if vector.control]
    assert controls == [variant.id for variant in spec.variants]
    assert len(controls) == 22


def test_base_requests_are_complete(known: dict[str, Subject]) -> None:
    lacking = {name: list(undescribed(one.variant, one.base)) for name, one in known.items()}
    assert {name: places for name, places in lacking.items() if places} == {
        "batch-details": ["query.status"]  # no document says which statuses there are to ask for
    }


def test_profiles_have_their_sizes(manifest: Manifest) -> None:
    sizes = manifest.counts["profiles"]
    assert 1_500 <= sizes["quick"] <= 2_500
    assert 5_000 <= sizes["standard"] <= 8_000
    assert sizes["full"] > sizes["standard"]


def test_quick_tries_both_sides_of_every_decided_case(vectors: list[Vector]) -> None:
    decided = {(v.case, v.expect) for v in vectors if v.expect is not Expectation.EITHER}
    quick = {(v.case, v.expect) for v in vectors if v.profile is Profile.QUICK}
    assert decided <= quick


def test_standard_holds_everything_systematic(vectors: list[Vector]) -> None:
    assert not [v for v in vectors if v.origin == "block" and v.profile is Profile.FULL]


def test_generators_took_part_in_every_operation(vectors: list[Vector]) -> None:
    for generator in ("schemathesis", "hypothesis"):
        variants = {v.variant for v in vectors if v.origin.startswith(generator)}
        assert len(variants) == 22


@pytest.mark.parametrize(
    "kind", ["positive", "boundary", "required", "type", "enum", "format", "protocol", "credentials", "text"]
)
def test_every_kind_of_case_is_there(cases: dict[str, Case], kind: str) -> None:
    assert [case for case in cases if case.split("/")[3] == kind]


def test_every_declared_limit_has_a_case(known: dict[str, Subject], cases: dict[str, Case]) -> None:
    for name, one in known.items():
        for site in one.sites:
            for keyword in ("maxLength", "minLength", "minimum", "maximum", "minItems", "maxItems"):
                if keyword in site.schema:
                    assert f"payments/contract/{name}/boundary/{site.place}/{keyword}" in cases
            if "enum" in site.schema:
                assert f"payments/contract/{name}/enum/{site.place}" in cases
            if site.required and site.place.location != "path":
                assert f"payments/contract/{name}/required/{site.place}" in cases


def test_every_case_reads_as_a_sentence_and_names_its_clause(cases: dict[str, Case]) -> None:
    for case in cases.values():
        sentence = str(case.purpose)
        assert re.fullmatch(rf"{case.variant}: .+\.", sentence, re.DOTALL)
        assert case.clause
        assert "leave it open" not in sentence or "/boundary/" in case.id, (
            case.id
        )  # every sort has its sentence
        assert case.functions in {("g2p",), ("p2g",), ("vouchers",)}


def test_nothing_that_was_left_open_is_expected_to_be_refused(
    vectors: list[Vector], knowledge: Knowledge
) -> None:
    for vector in vectors:
        _, _, variant, kind, place, *keyword = vector.case.split("/")
        if not vector.control and knowledge.left_open(variant, kind, "".join(keyword), place):
            assert vector.expect is Expectation.EITHER, vector.case


def test_whatever_is_left_open_says_why_and_concerns_a_vector(
    known: dict[str, Subject], knowledge: Knowledge
) -> None:
    for name, one in known.items():
        made = [(trial.kind, trial.keyword, trial.place) for trial in trials(one)]
        for entry in one.known.open:
            assert len(entry.why) > 10
            assert any(entry.holds(*trial) for trial in made), (name, entry)
    everything = [(t.kind, t.keyword, t.place) for one in known.values() for t in trials(one)]
    for entry in knowledge.open:
        assert any(entry.holds(*trial) for trial in everything), entry


def test_content_of_a_get_decides_nothing(vectors: list[Vector]) -> None:
    about_bodies = [
        v
        for v in vectors
        if v.variant in UNDECIDED_BY_METHOD
        and v.case.split("/")[3] not in {"positive", "credentials"}
        and v.case.split("/")[4].startswith(("body", "malformed", "truncated", "invalid-utf-8", "media-type"))
    ]
    assert about_bodies
    assert {v.expect for v in about_bodies} == {Expectation.EITHER}


def test_bodies_that_no_file_requires_are_not_held_against_a_product(
    vectors: list[Vector], spec: Spec
) -> None:
    for vector in vectors:
        if vector.case.endswith("/protocol/empty-body"):
            body = spec.variant(vector.variant).body
            assert body is not None
            assert (vector.expect is Expectation.REFUSED) == (body.required and vector.method != "GET")


def test_no_method_of_a_path_is_expected_to_be_refused(vectors: list[Vector], spec: Spec) -> None:
    for vector in vectors:
        if vector.expect is Expectation.METHOD_NOT_ALLOWED:
            path = spec.variant(vector.variant).path.rstrip("/")
            assert vector.method.lower() not in {
                v.method for v in spec.variants if v.path.rstrip("/") == path
            }


def test_all_slots_are_known_and_all_needs_are_met(vectors: list[Vector], knowledge: Knowledge) -> None:
    for vector in vectors:
        texts = [vector.target, vector.body or "", *(text for _, text in vector.headers)]
        slots = {match[1] for text in texts for match in SLOT.finditer(text)}
        named = {slot.partition(".")[0] for slot in slots if "." in slot}
        assert named <= set(vector.needs), vector.case
        for slot in slots - {"callback", "now"}:
            resource = slot.partition(".")[0]
            assert re.fullmatch(r"(id|number|callback):\d+(:\w+)?", slot) or any(
                resource.partition(":")[0] == one or resource.startswith(f"{one}-")
                for one in knowledge.resources
            ), slot


def test_headers_can_be_sent_by_every_client(vectors: list[Vector]) -> None:
    for vector in vectors:
        for _, value in vector.headers:
            assert re.fullmatch(r"[ -~]*", value), vector.case
            assert value == value.strip()


def test_large_and_deep_bodies_are_large_and_deep(vectors: list[Vector]) -> None:
    sizes = Counter[str]()
    for vector in vectors:
        if vector.repeat:
            body = vector.body or ""
            for marker, piece, times in vector.repeat:
                body = body.replace(marker, piece * times)
            sizes["large"] += len(body) > 1_500_000
            sizes["deep"] += "[" * 10_000 in body
    assert sizes["large"] == sizes["deep"] == 19


LISTS = {
    "batch-details": "/0",
    "account-lookup": "/paymentModalityList/0",
    "bulk-account-lookup": "/paymentModalityList/0",
}
"""Operations that answer with a list of what a step created: an empty one would show nothing."""


def test_no_empty_list_is_the_answer_where_something_was_created_to_be_listed(
    vectors: list[Vector], spec: Spec, known: dict[str, Subject]
) -> None:
    lists = {
        variant.id
        for variant in spec.variants
        if any(need not in known[variant.id].knowledge.shared for need in known[variant.id].known.needs)
        and any(
            _lists(schema)
            for response in variant.responses
            if response.status.startswith("2")
            for schema in response.content.values()
        )
    }
    assert lists == LISTS.keys()
    for vector in vectors:
        if vector.variant in lists and vector.expect is Expectation.ACCEPTED:
            unmatched = "/positive/query.pageSize/" in vector.case
            assert unmatched or vector.echo or vector.shows[0].startswith(LISTS[vector.variant]), vector.case
        elif vector.expect is not Expectation.ACCEPTED:
            assert not vector.shows


def _lists(schema: Any) -> bool:
    parts = [schema, *schema.get("$defs", {}).values()]
    return any(
        part.get("type") == "array"
        or any(p.get("type") == "array" for p in part.get("properties", {}).values())
        for part in parts
    )


def test_what_is_echoed_and_what_has_times_has_a_case_of_its_own(
    cases: dict[str, Case], known: dict[str, Subject]
) -> None:
    echo = {
        f"payments/contract/{name}/echo/{place}"
        for name, one in known.items()
        for place in one.known.echo
        if name not in UNDECIDED_BY_METHOD
    }
    assert {case for case in cases if case.split("/")[3] == "echo"} == echo
    assert len(echo) == 11
    times = {f"payments/contract/{name}/times/answer" for name in ("batch-details", "voucher-redeem")}
    assert {case for case in cases if case.split("/")[3] == "times"} == times


def test_every_declared_time_of_an_answer_is_looked_at(spec: Spec, known: dict[str, Subject]) -> None:
    for variant in spec.variants:
        declared = {
            name
            for response in variant.responses
            if response.status.startswith("2")
            for schema in response.content.values()
            for name in re.findall(r"'(\w+)': \{[^{}]*'date-time'", str(dict(schema)))
        }
        assert declared == {pointer.rpartition("/")[2] for pointer in known[variant.id].known.times}


@pytest.mark.parametrize(
    ("variant", "place", "sizes"),
    [
        ("register-beneficiary", "body.Beneficiaries", {2, 10, 100}),
        ("update-beneficiary", "body.beneficiaries", {2, 10}),
        ("bulk-account-lookup", "body.payeePartyIds", {2, 10}),
        ("batch-submit", "body", {2, 10, 100}),
        ("voucher-create", "body.voucherInstructions", {2, 10, 100}),
        ("voucher-activate", "body.VoucherInstructions", {2, 10}),
        ("voucher-cancel", "body.voucherInstructions", {2, 10}),
    ],
)
def test_orders_of_many_entries_must_be_served(
    vectors: list[Vector], variant: str, place: str, sizes: set[int]
) -> None:
    made = [
        v for v in vectors if re.fullmatch(rf"payments/contract/{variant}/positive/{place}/\w+-items", v.case)
    ]
    bodies = [json.loads(v.body or "") for v in made]
    lists = [body[place.removeprefix("body.")] if "." in place else body for body in bodies]
    assert {len(entries) for entries in lists} == sizes
    assert {v.expect for v in made} == {Expectation.ACCEPTED}
    for entries in lists:
        assert len({json.dumps(entry) for entry in entries}) == len(entries)


def test_every_sentence_about_a_vector_or_a_case_can_be_translated(
    vectors: list[Vector], cases: dict[str, Case]
) -> None:
    known = set(texts(PACK))
    said = [*(vector.note for vector in vectors if vector.note), *(case.purpose for case in cases.values())]
    assert len(said) == len(vectors) + len(cases)
    data = {"{request}", "{media_type}"}  # no word in them
    for message in said:
        assert message.text in known | data, message.text
        for name, value in message.values.items():
            assert not name.endswith("_text") or value in known, value
            assert f"{{{name}}}" in message.text


def test_every_contradicted_limit_that_stays_open_names_its_erratum(knowledge: Knowledge) -> None:
    errata = {erratum.id: erratum for erratum in load_errata(PACK.spec("payments", "errata.yaml"))}
    limits = [
        entry
        for one in knowledge.variants.values()
        for entry in one.open
        if any(kind.startswith("boundary/max") for kind in entry.kinds)
    ]
    assert len(limits) == 7
    for entry in limits:
        (named,) = re.findall(r"payments-e\d{3}", entry.why)
        assert "left open" in f"{errata[named].ours} {errata[named].reason}", named


def test_a_frozen_line_is_plain_json(vectors: list[Vector]) -> None:
    assert len({v.id for v in vectors}) == len(vectors) == len({json.dumps(v.id) for v in vectors})


def test_a_rebuild_in_clean_processes_gives_the_same_vectors(
    tmp_path: Path, vectors: list[Vector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "12345")
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(tmp_path / "elsewhere"))
    build(OPENAPI, KNOWLEDGE, tmp_path, only=["voucher-status"])
    rebuilt = {v.id: (v.case, v.target, v.body, v.expect, v.origin) for v in read_vectors(tmp_path / VECTORS)}
    frozen = {
        v.id: (v.case, v.target, v.body, v.expect, v.origin) for v in vectors if v.variant == "voucher-status"
    }
    assert rebuilt == frozen
    assert len(rebuilt) > 50


def test_no_purpose_promises_more_than_its_vectors_decide(
    vectors: list[Vector], cases: dict[str, Case]
) -> None:
    expected: dict[str, set[Expectation]] = {}
    for vector in vectors:
        expected.setdefault(vector.case, set()).add(vector.expect)
    for name, case in cases.items():
        sentence = str(case.purpose)
        if "served up to its limit" in sentence:
            assert {Expectation.ACCEPTED, Expectation.REFUSED} <= expected[name]
        if " refused" in sentence and "served or refused" not in sentence and "or is refused" not in sentence:
            assert expected[name] & {Expectation.REFUSED, Expectation.UNSUPPORTED_MEDIA_TYPE}, sentence
