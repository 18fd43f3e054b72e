"""The identity requirements are the published ones, in our words, and each is tested or says why not."""

import fnmatch
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.model.requirements import Requirement, RequirementSet
from dpi_conformance.model.vectors import Profile
from dpi_conformance.vectors.store import read_cases

_PACK = Pack.builtin()
_FILE = _PACK.spec("identity", "requirements.yaml")
_UPSTREAM = _PACK.root.parent / "shared" / "upstream" / "govstack"
_MARKED = _UPSTREAM / "identity" / "requirements.json"
_CROSS = _UPSTREAM / "cross-functional" / "requirements.json"
_COPIED = 8

needs_upstream = pytest.mark.skipif(not _MARKED.is_file(), reason="../shared/upstream is not here")


@pytest.fixture(scope="module")
def requirements() -> RequirementSet:
    return load_requirements(_FILE)


def _rows(path: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["requirements"]
    return rows


def _entries(source: str) -> list[dict[str, Any]]:
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["requirements"]
    return [entry for entry in entries if entry.get("source", "identity") == source]


def _of(requirements: RequirementSet, source: str) -> list[Requirement]:
    return [requirement for requirement in requirements if requirement.source == source]


@needs_upstream
def test_each_marked_row_is_there_once_in_order_and_at_its_level() -> None:
    published = [
        (
            row["file"],
            row["line"],
            hashlib.sha256(row["text"].encode()).hexdigest()[:12],
            row["level"],
            f"GovStack Identity {row['section'].split()[0]}",
        )
        for row in _rows(_MARKED)
    ]
    ours = [
        (*(entry["published"][key] for key in ("file", "line", "digest")), entry["level"], entry["clause"])
        for entry in _entries("identity")
    ]
    assert len(ours) == 49
    assert ours == published


def test_ids_follow_the_section_and_count_from_one(requirements: RequirementSet) -> None:
    counted: Counter[str] = Counter()
    for requirement in _of(requirements, "identity"):
        section = requirement.clause.removeprefix("GovStack Identity ")
        counted[section] += 1
        assert requirement.id == f"govstack-identity-{section}#{counted[section]}"


@needs_upstream
def test_no_sentence_is_copied(requirements: RequirementSet) -> None:
    sources = [f"{row['text']} {row.get('detail', '')}" for row in _rows(_MARKED)]
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


def test_sentences_that_repeat_each_other_point_at_each_other(requirements: RequirementSet) -> None:
    for one, other in [("6.1#1", "6.1#6"), ("6.1#3", "6.5#7"), ("5.1.2#1", "5.1.3#1"), ("6.4#1", "6.4#2")]:
        first, second = f"govstack-identity-{one}", f"govstack-identity-{other}"
        assert second in requirements.requirement(first).related
        assert first in requirements.requirement(second).related


def test_each_has_cases_or_a_reason_that_says_something(requirements: RequirementSet) -> None:
    for requirement in requirements:
        assert requirement.cases or len(requirement.untestable) > 30, requirement.id


def test_the_api_has_one_requirement_for_each_operation(requirements: RequirementSet) -> None:
    declared = {
        variant.id: (
            variant.published["file"],
            variant.published["method"].upper(),
            variant.published["path"],
            [variant.function],
        )
        for variant in load_spec(_PACK.spec("identity", "openapi.yaml")).variants
    }
    ours = {
        entry["id"].removeprefix("identity-api#"): (
            *(entry["published"][key] for key in ("file", "method", "path")),
            entry["functions"],
        )
        for entry in _entries("api")
    }
    assert ours == declared
    for requirement in _of(requirements, "api"):
        assert f"identity/contract/{requirement.id.removeprefix('identity-api#')}/*" in requirement.cases


@needs_upstream
def test_cross_functional_ones_keep_their_published_ids_and_levels(requirements: RequirementSet) -> None:
    published = {row["id"]: (row["level"], row["observability"]) for row in _rows(_CROSS)}
    ours = {r.id: (str(r.level), str(r.observability)) for r in _of(requirements, "cross-functional")}
    assert ours == {name: published[name] for name in ours}
    decisive = {name for name, classified in published.items() if classified == ("REQUIRED", "OBSERVABLE")}
    assert decisive <= ours.keys()


def test_each_glob_names_a_frozen_case_or_a_property(requirements: RequirementSet) -> None:
    block = load_block(_PACK.spec("identity", "block.yaml"))
    folder = _PACK.suite("identity", "vectors/cases.ndjson")
    cases = [case.id for case in read_cases(folder, Profile.FULL, "identity")]
    properties = [f"identity/suite/{name}/any" for name in block.properties]
    for requirement in requirements:
        for glob in requirement.cases:
            assert fnmatch.filter([*cases, *properties], glob), f"{requirement.id}: {glob}"
        assert set(requirement.functions) <= set(block.functions), requirement.id


def test_each_frozen_case_belongs_to_its_operation(requirements: RequirementSet) -> None:
    folder = _PACK.suite("identity", "vectors/cases.ndjson")
    for case in read_cases(folder, Profile.FULL, "identity"):
        apis = [name for name in requirements.for_case(case.id) if name.startswith("identity-api#")]
        assert apis == [f"identity-api#{case.variant}"], case.id


def test_the_documentation_counts_as_the_list_does(requirements: RequirementSet) -> None:
    page = (_PACK.root / "docs" / "requirements.md").read_text(encoding="utf-8")
    section = page.split("## Identity", 1)[1]
    counted = Counter(requirement.source for requirement in requirements)
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", section, re.MULTILINE)) == {
        source: str(number) for source, number in counted.items()
    }
