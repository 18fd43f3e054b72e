"""Knowledge is read strictly, and a base request that is not valid is said, not frozen."""

import copy
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.errors import PackError
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.knowledge import Knowledge, Open, load_knowledge
from dpi_conformance.vectors.rules import subjects, trials
from dpi_conformance.vectors.trials import Trial
from dpi_conformance.vectors.writing import body_text
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


def _held(changes: dict[str, Any], variant: str) -> list[Trial]:
    """Give the trials of a variant whose knowledge has these keys too."""
    content = copy.deepcopy(KNOWLEDGE)
    content["open"] = changes.pop("open", [])
    content["variants"][variant] |= changes
    made = {one.variant.id: one for one in subjects(SPEC, Knowledge.model_validate(content))}
    return list(trials(made[variant]))


def test_what_is_never_sent_is_left_out_of_the_set() -> None:
    before = {(one.kind, one.place) for one in _held({}, "create")}
    never = [
        {"place": "body.kind", "kinds": ["*"], "why": "w"},
        {"place": "body.id", "kinds": ["type"], "why": "w"},
    ]
    after = {(one.kind, one.place) for one in _held({"never": never}, "create")}
    gone = {one for one in before if one[1] == "body.kind"} | {("type", "body.id")}
    assert gone
    assert before - after == gone


def test_a_list_of_json_stands_where_its_slot_does() -> None:
    content = copy.deepcopy(KNOWLEDGE)
    content["resources"]["order"]["lines"] = [{"count": 2}]
    content["variants"]["create"] |= {"needs": ["order"]}
    content["variants"]["create"]["body"]["items"] = "{{json:order.lines}}"
    (subject,) = (
        one for one in subjects(SPEC, Knowledge.model_validate(content)) if one.variant.id == "create"
    )
    text = body_text(subject.base, subject.knowledge.numbers) or ""
    assert '"items":{{json:order.lines}}' in text


def test_a_list_that_is_not_valid_is_said_though_it_comes_later() -> None:
    content = copy.deepcopy(KNOWLEDGE)
    content["resources"]["order"]["lines"] = [{"count": "many"}]
    content["variants"]["create"]["body"]["items"] = "{{json:order.lines}}"
    with pytest.raises(PackError, match="many"):
        list(subjects(SPEC, Knowledge.model_validate(content)))


def test_other_methods_are_open_where_the_block_says_so_of_a_variant() -> None:
    def method(variants: list[str]) -> set[Expectation]:
        entry = {"place": "method", "kinds": ["protocol"], "why": "w", "variants": variants}
        return {one.expect for one in _held({"open": [entry]}, "create") if one.place == "method"}

    assert method(["cre*"]) == {Expectation.EITHER}
    assert method(["read"]) == {Expectation.METHOD_NOT_ALLOWED}
