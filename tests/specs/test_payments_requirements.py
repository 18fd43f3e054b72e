"""The payments requirements are the published ones, in our words, and each is tested or says why not."""

import fnmatch
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.execution.behaviour import suite_cases
from dpi_conformance.model.requirements import Requirement, RequirementSet
from dpi_conformance.model.vectors import Profile

_PACK = Pack.builtin()
_FILE = _PACK.root / "specs" / "payments" / "requirements.yaml"
_CASES = _PACK.root / "suites" / "payments" / "vectors" / "cases.ndjson"
_UPSTREAM = _PACK.root.parent / "shared" / "upstream" / "govstack"
_MARKED = _UPSTREAM / "payments" / "requirements.json"
_CROSS = _UPSTREAM / "cross-functional" / "requirements.json"
_COPIED = 8
"""So many words in a row in common with the source are a copy, not our words."""

needs_upstream = pytest.mark.skipif(not _MARKED.is_file(), reason="../shared/upstream is not here")
needs_cases = pytest.mark.skipif(not _CASES.is_file(), reason="the vectors are not built")


@pytest.fixture(scope="module")
def requirements() -> RequirementSet:
    return load_requirements(_FILE)


def _rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["requirements"]
    return rows


def _entries(source: str) -> list[dict[str, Any]]:
    """Give the file's own entries of one source, with the keys that the engine does not read."""
    entries = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["requirements"]
    return [entry for entry in entries if entry.get("source", "payments") == source]


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
            f"GovStack Payments {row['section'].split()[0]}",
        )
        for row in _rows(_MARKED)
    ]
    ours = [
        (*(entry["published"][key] for key in ("file", "line", "digest")), entry["level"], entry["clause"])
        for entry in _entries("payments")
    ]
    assert len(ours) == 163
    assert ours == published


def test_ids_follow_the_section_and_count_from_one(requirements: RequirementSet) -> None:
    counted: Counter[str] = Counter()
    for requirement in _of(requirements, "payments"):
        section = requirement.clause.removeprefix("GovStack Payments ")
        counted[section] += 1
        assert requirement.id == f"govstack-payments-{section}#{counted[section]}"


@needs_upstream
def test_no_sentence_is_copied(requirements: RequirementSet) -> None:
    sources = [f"{row['text']} {row.get('detail', '')}" for row in _rows(_MARKED)]
    sources += [f"{row['title']} {row.get('note', '')}" for row in _rows(_CROSS)]
    published = {run: text for text in sources for run in _runs(text)}
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
    for one, other in [("6.1#9", "6.1#19"), ("6.1#10", "6.1#20"), ("6.1#12", "6.1#21"), ("6.1#4", "6.1#7")]:
        first, second = f"govstack-payments-{one}", f"govstack-payments-{other}"
        assert second in requirements.requirement(first).related
        assert first in requirements.requirement(second).related


def test_each_has_cases_or_a_reason_that_says_something(requirements: RequirementSet) -> None:
    for requirement in requirements:
        assert requirement.cases or len(requirement.untestable) > 30, requirement.id


def test_the_api_has_one_requirement_for_each_variant_and_outbound_call(requirements: RequirementSet) -> None:
    declared = _declared(yaml.safe_load(_PACK.spec("payments", "openapi.yaml").read_text(encoding="utf-8")))
    ours = {
        entry["id"].removeprefix("payments-api#"): (
            entry["published"]["file"].removeprefix("api/"),
            entry["published"]["method"],
            entry["published"]["path"],
            entry["functions"],
        )
        for entry in _entries("api")
    }
    assert ours == {name: entry[:-1] for name, entry in declared.items()}
    tested = {entry["id"].removeprefix("payments-api#") for entry in _entries("api") if entry.get("cases")}
    inbound = {name for name, entry in declared.items() if entry[-1]}
    assert inbound <= tested, "what the product is asked, the frozen vectors ask"
    for requirement in _of(requirements, "api"):
        assert requirement.clause.startswith("GovStack Payments "), requirement.id
        assert requirement.clause.endswith(requirement.published.removeprefix("api/")), requirement.id


def _declared(document: Mapping[str, Any]) -> dict[str, tuple[str, str, str, list[str], bool]]:
    """Give each variant and outbound call of our OpenAPI document with what it was published as."""
    found: dict[str, tuple[str, str, str, list[str], bool]] = {}

    def note(name: str, published: Mapping[str, str], function: str, *, inbound: bool) -> None:
        found[name] = (
            published["file"],
            published["method"].upper(),
            published["path"],
            [function],
            inbound,
        )

    for operation in _operations(document["paths"]):
        variants = operation.get("x-variants") or [
            {"id": operation["operationId"], "published": operation["x-published"]}
        ]
        for variant in variants:
            note(variant["id"], variant["published"], operation["x-function"], inbound=True)
        for name, callback in operation.get("callbacks", {}).items():
            for call in _operations(callback):
                note(name, call["x-published"], call["x-function"], inbound=False)
    for name, webhook in document["webhooks"].items():
        for call in _operations({name: webhook}):
            note(name, call["x-published"], call["x-function"], inbound=False)
    return found


def _operations(paths: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in paths.values():
        for method, operation in item.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield operation


@needs_upstream
def test_cross_functional_ones_keep_their_published_ids_and_levels(requirements: RequirementSet) -> None:
    published = {row["id"]: (row["level"], row["observability"]) for row in _rows(_CROSS)}
    ours = {r.id: (str(r.level), str(r.observability)) for r in _of(requirements, "cross-functional")}
    assert ours == {name: published[name] for name in ours}
    decisive = {name for name, classified in published.items() if classified == ("REQUIRED", "OBSERVABLE")}
    assert decisive <= ours.keys()


def test_named_checks_exist(requirements: RequirementSet) -> None:
    faults = _PACK.load("mocks.payments.faults").FAULTS
    known = [check.id for check in ANSWER_CHECKS] + ["transport.answered"] + [fault.check for fault in faults]
    for requirement in requirements:
        for glob in requirement.checks:
            assert fnmatch.filter(known, glob), f"{requirement.id}: no check is called {glob}"


def test_functions_are_the_block_s(requirements: RequirementSet) -> None:
    block = yaml.safe_load(_PACK.spec("payments", "block.yaml").read_text(encoding="utf-8"))
    assert {function for r in requirements for function in r.functions} == set(block["functions"])


def _cases() -> list[str]:
    return [json.loads(line)["id"] for line in _CASES.read_text(encoding="utf-8").splitlines()]


def _suite() -> list[str]:
    """Give the ids of the cases that are written in Python."""
    files = sorted((_PACK.root / "suites" / "payments").glob("test_*.py"))
    modules = [_PACK.load(f"suites.payments.{path.stem}") for path in files]
    return [one.case.id for one in suite_cases("payments", modules, Profile.FULL)]


@needs_cases
def test_each_glob_matches_a_case(requirements: RequirementSet) -> None:
    cases = [*_cases(), *_suite()]
    unmatched = [
        f"{requirement.id}: {glob}"
        for requirement in requirements
        for glob in requirement.cases
        if not fnmatch.filter(cases, glob)
    ]
    assert unmatched == []


@needs_cases
def test_each_case_belongs_to_its_operation_and_to_nothing_foreign(requirements: RequirementSet) -> None:
    for case in _cases():
        variant = case.split("/")[2]
        apis = [name for name in requirements.for_case(case) if name.startswith("payments-api#")]
        assert apis == [f"payments-api#{variant}"], case


@needs_cases
def test_a_requirement_s_cases_are_about_its_functions(requirements: RequirementSet) -> None:
    functions = {r.id.removeprefix("payments-api#"): r.functions for r in _of(requirements, "api")}
    for case in _cases():
        for name in requirements.for_case(case):
            bound = requirements.requirement(name).functions
            assert not bound or set(functions[case.split("/")[2]]) <= set(bound), f"{case} tests {name}"


def test_loading_and_linking_are_no_burden_on_a_run() -> None:
    started = time.perf_counter()
    requirements = load_requirements(_FILE)
    loaded = time.perf_counter()
    for number in range(3000):
        requirements.for_case(f"payments/contract/voucher-create/required/body.voucherInstructions.{number}")
    linked = time.perf_counter()
    assert loaded - started < 1.0, "ten times what it takes on the slowest machine tried"
    assert linked - loaded < 1.0, "ten times what it takes on the slowest machine tried"


def test_the_documentation_counts_as_the_list_does(requirements: RequirementSet) -> None:
    page = (_PACK.root / "docs" / "requirements.md").read_text(encoding="utf-8").split("## Identity")[0]
    counted = Counter(requirement.source for requirement in requirements)
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", page, re.MULTILINE)) == {
        source: str(number) for source, number in counted.items()
    }
    named = re.findall(r"`((?:govstack-|payments-api#)[a-z0-9.#-]+)`", page)
    assert named
    for name in named:
        assert requirements.requirement(name)
