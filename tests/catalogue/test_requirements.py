"""Requirements are read as values, found by case, and every fault in their file is named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.errors import PackError
from dpi_conformance.model.requirements import Level, Observability, Requirement, RequirementSet
from dpi_conformance.model.verdicts import Outcome

_ROW: dict[str, Any] = {
    "id": "water-1#1",
    "clause": "Water 1",
    "level": "REQUIRED",
    "observability": "OBSERVABLE",
    "text": "Water runs.",
    "cases": ["water/contract/tap/positive/*"],
}


def _written(folder: Path, *rows: object, **heading: object) -> Path:
    path = folder / "requirements.yaml"
    document = {"block": "water", "dated": "2026-11-24", **heading, "requirements": list(rows)}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


def _without(key: str, **more: object) -> dict[str, Any]:
    return {name: value for name, value in {**_ROW, **more}.items() if name != key}


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        {
            **_ROW,
            "published": {"file": "spec/1.md", "line": 7, "digest": "ab12"},
            "functions": ["tap"],
            "checks": ["status.*"],
            "tested": "That it runs at all.",
            "related": ["water-api#tap"],
        },
        {
            **_without("cases", id="water-api#tap"),
            "source": "api",
            "published": {"file": "tap.yml", "method": "GET", "path": "/tap"},
            "untestable": "Nobody can see it.",
        },
    )
    read = load_requirements(path)
    assert (read.block, read.dated, len(read)) == ("water", "2026-11-24", 2)
    assert list(read) == [
        Requirement(
            id="water-1#1",
            source="water",
            clause="Water 1",
            text="Water runs.",
            level=Level.REQUIRED,
            observability=Observability.OBSERVABLE,
            functions=("tap",),
            cases=("water/contract/tap/positive/*",),
            checks=("status.*",),
            tested="That it runs at all.",
            published="spec/1.md:7",
            related=("water-api#tap",),
        ),
        Requirement(
            id="water-api#tap",
            source="api",
            clause="Water 1",
            text="Water runs.",
            level=Level.REQUIRED,
            observability=Observability.OBSERVABLE,
            untestable="Nobody can see it.",
            published="tap.yml: GET /tap",
        ),
    ]


def test_the_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    first = load_requirements(_written(tmp_path, _ROW)).digest
    assert first == load_requirements(_written(tmp_path, _ROW)).digest
    assert first != load_requirements(_written(tmp_path, {**_ROW, "text": "Water ran."})).digest


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (_without("clause"), "water-1#1: “clause” must be a text"),
        (_without("text"), "water-1#1: “text” must be a text"),
        ({**_ROW, "text": "  "}, "water-1#1: “text” must be a text"),
        (_without("id"), "#1: “id” must be a text"),
        ({**_ROW, "level": "MUST"}, "level “MUST” is unknown; write one of: DEPRECATED, DRAFT, OPTIONAL"),
        ({**_ROW, "observability": "MAYBE"}, "observability “MAYBE” is unknown"),
        ({**_ROW, "source": "fire"}, "source “fire” is unknown; write one of: api, cross-functional, water"),
        (_without("cases"), "water-1#1: write “cases” that test it, or “untestable” with the reason"),
        ({**_ROW, "untestable": "No."}, "water-1#1: it has “cases”, so “untestable” cannot be true"),
        (_without("cases", untestable="No.", tested="Half."), "“tested” and “checks” are about its cases"),
        (
            _without("cases", untestable="No.", checks=["status.*"]),
            "“tested” and “checks” are about its cases",
        ),
        ({**_ROW, "cases": "water/*"}, "“cases” must be a list of texts"),
        ({**_ROW, "cases": ["fire/contract/*"]}, "“fire/contract/\\*” is no pattern of case ids"),
        ({**_ROW, "cases": ["water/[a-z]/*"]}, "is no pattern of case ids; .* the first one “water”"),
        ({**_ROW, "cases": ["/water/*"]}, "is no pattern of case ids"),
        ({**_ROW, "cases": ["water//tap"]}, "is no pattern of case ids"),
        ({**_ROW, "cases": ["water/a b"]}, "is no pattern of case ids"),
        (
            {**_ROW, "published": {"file": "1.md"}},
            "“published” must state file and line, or file, method and path",
        ),
        ({**_ROW, "levle": "REQUIRED"}, "water-1#1: unknown key “levle”"),
        ({**_ROW, "related": ["water-9#9"]}, "“related” names water-9#9, which is not there"),
        ("a sentence", "#1: not a mapping"),
    ],
)
def test_a_fault_is_named_with_its_requirement(tmp_path: Path, row: object, complaint: str) -> None:
    path = _written(tmp_path, row)
    with pytest.raises(PackError, match=complaint) as caught:
        load_requirements(path)
    assert str(path) in str(caught.value)


def test_an_id_is_there_once(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="the id water-1#1 is there twice"):
        load_requirements(_written(tmp_path, _ROW, _ROW))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "holds no list “requirements”"),
        (b"- a\n", "holds no list “requirements”"),
        (b"block: water\nrequirements: []\n", "holds no list “requirements”"),
        (b"block: water\nrequirements: [{]\n", "cannot be read: .*line 2"),
        (b"block: \xff\n", "cannot be read"),
    ],
)
def test_a_file_that_holds_no_requirements_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "requirements.yaml"
    path.write_bytes(content)
    with pytest.raises(PackError, match=complaint):
        load_requirements(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="requirements.yaml cannot be read: .*No such file"):
        load_requirements(tmp_path / "requirements.yaml")


@pytest.mark.parametrize("heading", [{"block": ""}, {"dated": "yesterday"}])
def test_the_heading_is_checked(tmp_path: Path, heading: dict[str, str]) -> None:
    with pytest.raises(PackError, match=f"“{next(iter(heading))}” is missing or wrong"):
        load_requirements(_written(tmp_path, _ROW, **heading))


def _set(**globs: tuple[str, ...]) -> RequirementSet:
    return RequirementSet(
        block="water",
        dated="2026-11-24",
        digest="",
        requirements=tuple(
            Requirement(
                id=name,
                source="water",
                clause="Water 1",
                text="Water runs.",
                level=Level.REQUIRED,
                observability=Observability.OBSERVABLE,
                cases=cases,
            )
            for name, cases in globs.items()
        ),
    )


def test_a_case_finds_its_requirements_in_the_order_of_the_list() -> None:
    found = _set(
        exact=("water/contract/tap/required/body.size",),
        other=("water/contract/tap2/*",),
        every=("water/**",),
        kind=("water/contract/*/required/*",),
        variant=("water/contract/tap/*", "water/contract/tap/required/**"),
        family=("water/contract/tap*",),
        item=("water/contract/tap/required/body.?ize",),
        none=("water/contract/tap/positive/*",),
    )
    expected = ("exact", "every", "kind", "variant", "family", "item")
    assert found.for_case("water/contract/tap/required/body.size") == expected
    assert found.for_case("water/contract/tap2/positive/a/b") == ("other", "every", "family")
    assert found.for_case("fire/contract/tap/required/body.size") == ()


def test_a_glob_matches_the_whole_id_and_case_counts() -> None:
    found = _set(short=("water/tap",), long=("water/contract/tap/positive",))
    assert found.for_case("water/tap") == ("short",)
    assert found.for_case("water/tap/more") == ()
    assert found.for_case("water/contract/tap/positive") == ("long",)
    assert found.for_case("water/contract/Tap/positive") == ()


def test_a_requirement_is_found_by_its_id() -> None:
    found = _set(one=("water/a",), two=("water/b",))
    assert found.requirement("two").cases == ("water/b",)
    with pytest.raises(KeyError, match="three"):
        found.requirement("three")


@pytest.mark.parametrize(
    ("checks", "outcome", "codes", "expected"),
    [
        ((), Outcome.FAILED, ["leak.sql"], Outcome.FAILED),
        ((), Outcome.FAILED, [], Outcome.FAILED),
        (("leak.*",), Outcome.FAILED, ["status.refused", "leak.sql"], Outcome.FAILED),
        (("leak.*",), Outcome.FAILED, ["status.refused"], Outcome.INCONCLUSIVE),
        (("leak.*",), Outcome.FAILED, [], Outcome.INCONCLUSIVE),
        (("leak.*",), Outcome.PASSED, [], Outcome.PASSED),
        (("leak.*",), Outcome.ERROR, ["leak.sql"], Outcome.ERROR),
        (("leak.*",), Outcome.NOT_APPLICABLE, [], Outcome.NOT_APPLICABLE),
    ],
)
def test_only_its_own_checks_break_a_requirement(
    checks: tuple[str, ...], outcome: Outcome, codes: list[str], expected: Outcome
) -> None:
    requirement = Requirement(
        id="water-1#1",
        source="water",
        clause="Water 1",
        text="Water runs.",
        level=Level.REQUIRED,
        observability=Observability.OBSERVABLE,
        cases=("water/*",),
        checks=checks,
    )
    assert requirement.outcome(outcome, codes) is expected
