"""The data exchange requirements are the published ones, in our words, and each is tested or says why not."""

import fnmatch
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.model.requirements import Level, Requirement, RequirementSet
from tests.specs.exchange_comparison import our_operations

_PACK = Pack.builtin()
_FILE = _PACK.root / "specs" / "exchange" / "requirements.yaml"
_CASES = _PACK.root / "suites" / "exchange" / "vectors" / "cases.ndjson"
_UPSTREAM = _PACK.root.parent / "shared" / "upstream" / "govstack"
_MARKED = _UPSTREAM / "information-mediator" / "requirements.json"
_CROSS = _UPSTREAM / "cross-functional" / "requirements.json"
_NAME = "GovStack Information Mediator "
_COPIED = 8
"""So many words in a row in common with the source are a copy, not our words."""

needs_upstream = pytest.mark.skipif(not _MARKED.is_file(), reason="../shared/upstream is not here")


@pytest.fixture(scope="module")
def requirements() -> RequirementSet:
    return load_requirements(_FILE)


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_MARKED.read_text(encoding="utf-8"))["requirements"]
    return rows


def _of(requirements: RequirementSet, source: str) -> list[Requirement]:
    return [requirement for requirement in requirements if requirement.source == source]


@needs_upstream
def test_each_of_the_47_marked_rows_is_there_once_in_order_and_at_its_level() -> None:
    published = [
        (
            row["file"],
            row["line"],
            hashlib.sha256(row["text"].encode()).hexdigest()[:12],
            row["level"],
            _NAME + row["section"].split()[0],
        )
        for row in _rows()
    ]
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["requirements"]
    ours = [
        (*(entry["published"][key] for key in ("file", "line", "digest")), entry["level"], entry["clause"])
        for entry in entries
        if entry.get("source", "exchange") == "exchange"
    ]
    assert len(ours) == 47
    assert ours == published


def test_ids_follow_the_section_and_count_from_one(requirements: RequirementSet) -> None:
    counted: Counter[str] = Counter()
    for requirement in _of(requirements, "exchange"):
        section = requirement.clause.removeprefix(_NAME)
        counted[section] += 1
        assert requirement.id == f"govstack-information-mediator-{section}#{counted[section]}"


@needs_upstream
def test_no_sentence_is_copied(requirements: RequirementSet) -> None:
    sources = [f"{row['text']} {row.get('detail', '')}" for row in _rows()]
    cross = json.loads(_CROSS.read_text(encoding="utf-8"))["requirements"]
    sources += [f"{row['title']} {row.get('note', '')}" for row in cross]
    published = {run for text in sources for run in _runs(text)}
    copied = {
        requirement.id: " ".join(run)
        for requirement in requirements
        for text in (requirement.text, requirement.tested, requirement.untestable)
        for run in _runs(text)
        if run in published
    }
    assert copied == {}


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[start : start + _COPIED]) for start in range(len(words) - _COPIED + 1))


def test_each_sentence_is_one_and_its_own(requirements: RequirementSet) -> None:
    for requirement in requirements:
        assert requirement.text.endswith("."), requirement.id
        assert not re.search(r"\. [A-Z]", requirement.text), f"{requirement.id} is more than one sentence"
    repeated = [text for text, times in Counter(r.text for r in requirements).items() if times > 1]
    assert repeated == []


def test_each_has_cases_or_a_reason_that_says_something(requirements: RequirementSet) -> None:
    for requirement in requirements:
        assert requirement.cases or len(requirement.untestable) > 30, requirement.id


def test_the_api_has_one_requirement_for_each_operation_and_outbound_call(
    requirements: RequirementSet,
) -> None:
    ours = {
        requirement.id.removeprefix("exchange-api#"): (requirement.functions, requirement.published)
        for requirement in _of(requirements, "api")
        if requirement.id.startswith("exchange-api#")
    }
    for target, operation, _ in our_operations():
        source = operation["x-published"]
        published = f"api/{source['file']}: {source['method'].upper()} {source['path']}"
        assert ours.pop(target) == ((operation["x-function"],), published)
    assert set(ours) == {"event-push", "mediation"}


def test_publish_and_subscribe_is_asked_of_those_who_claim_it(requirements: RequirementSet) -> None:
    asked = {
        requirement.id.removeprefix("exchange-api#"): requirement.level
        for requirement in _of(requirements, "api")
        if {"pubsub", "pubsub-pull"} & set(requirement.functions)
    }
    assert asked.pop("event-push") is Level.REQUIRED, "push is a must of those who offer it at all (9.2.3)"
    assert set(asked.values()) == {Level.RECOMMENDED, Level.OPTIONAL}


def test_the_x_road_profile_has_each_of_its_facts(requirements: RequirementSet) -> None:
    ours = {one.id: one for one in requirements if one.id.startswith("exchange-x-road#")}
    facts = [f"x{number}" for number in range(1, 15)] + [f"m{number}" for number in range(1, 5)]
    assert [name.removeprefix("exchange-x-road#") for name in ours] == facts
    for requirement in ours.values():
        assert requirement.functions == ("x-road",)
        assert requirement.clause.startswith(("X-Road PR-REST ", "X-Road PR-MREST "))


@needs_upstream
def test_cross_functional_ones_keep_their_published_ids_and_levels(requirements: RequirementSet) -> None:
    rows = json.loads(_CROSS.read_text(encoding="utf-8"))["requirements"]
    published = {row["id"]: (row["level"], row["observability"]) for row in rows}
    ours = {r.id: (str(r.level), str(r.observability)) for r in _of(requirements, "cross-functional")}
    assert ours == {name: published[name] for name in ours}
    decisive = {name for name, classified in published.items() if classified == ("REQUIRED", "OBSERVABLE")}
    assert decisive <= ours.keys()


def test_functions_and_properties_are_the_block_s(requirements: RequirementSet) -> None:
    block = yaml.safe_load(_PACK.spec("exchange", "block.yaml").read_text(encoding="utf-8"))
    assert {function for r in requirements for function in r.functions} == set(block["functions"])
    named = {
        found[1]
        for r in requirements
        for glob in r.cases
        if (found := re.match("exchange/suite/([A-Z0-9]+)/", glob))
    }
    assert named == set(block["properties"])


def test_each_glob_of_the_contract_matches_a_case(requirements: RequirementSet) -> None:
    cases = _cases()
    unmatched = [
        f"{requirement.id}: {glob}"
        for requirement in requirements
        for glob in requirement.cases
        if glob.startswith("exchange/contract/") and not fnmatch.filter(cases, glob)
    ]
    assert unmatched == []


def test_each_case_belongs_to_its_operation_and_to_nothing_foreign(requirements: RequirementSet) -> None:
    for case in _cases():
        variant = case.split("/")[2]
        apis = [name for name in requirements.for_case(case) if name.startswith("exchange-api#")]
        assert apis == [f"exchange-api#{variant}"], case


def _cases() -> list[str]:
    return [json.loads(line)["id"] for line in _CASES.read_text(encoding="utf-8").splitlines()]
