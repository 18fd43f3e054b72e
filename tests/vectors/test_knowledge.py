"""Knowledge is read strictly, and a base request that is not valid is said, not frozen."""

import copy
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.errors import PackError
from dpi_conformance.vectors.knowledge import Knowledge, Open, load_knowledge
from dpi_conformance.vectors.rules import subjects
from tests.vectors.conftest import KNOWLEDGE, SPEC


def test_a_key_that_nobody_knows_is_named(tmp_path: Path) -> None:
    (tmp_path / "knowledge.yaml").write_text("block: x\nvariants: {a: {bdy: 1}}\n")
    with pytest.raises(PackError, match="bdy"):
        load_knowledge(tmp_path / "knowledge.yaml")


@pytest.mark.parametrize("text", ["{", "- a", ""])
def test_what_is_no_knowledge_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "knowledge.yaml").write_text(text)
    with pytest.raises(PackError, match=r"knowledge\.yaml"):
        load_knowledge(tmp_path / "knowledge.yaml")


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("variants", "create", "body", "note"), "x" * 51, "body.note"),
        (("variants", "create", "body", "kind"), "other", "body.kind"),
        (("variants", "create", "headers"), {}, "header.X-Id: missing"),
        (("variants", "read", "query", "page"), "first", "query.page"),
    ],
)
def test_a_base_request_that_is_not_valid_is_refused(path: tuple[str, ...], value: Any, reason: str) -> None:
    content: Any = copy.deepcopy(KNOWLEDGE)
    here = content
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    with pytest.raises(PackError, match=reason):
        list(subjects(SPEC, Knowledge.model_validate(content)))


def test_a_variant_without_a_request_is_named() -> None:
    content = copy.deepcopy(KNOWLEDGE)
    del content["variants"]["read"]
    with pytest.raises(PackError, match=r"read.*has no request"):
        list(subjects(SPEC, Knowledge.model_validate(content)))


def test_numbers_are_known_by_their_samples(knowledge: Knowledge) -> None:
    assert knowledge.numbers == {"order.number"}


@pytest.mark.parametrize(
    ("kind", "keyword", "place", "holds"),
    [
        ("required", "", "body.a.b", True),
        ("required", "empty", "body.a.b", True),
        ("type", "null", "body.a.b", True),
        ("type", "", "body.a.b", False),
        ("required", "", "header.a", False),
    ],
)
def test_what_is_open_is_open_for_its_kinds_and_places(
    kind: str, keyword: str, place: str, holds: bool
) -> None:
    entry = Open(place="body.a*", kinds=("required", "type/null"), why="because")
    assert entry.holds(kind, keyword, place) is holds
