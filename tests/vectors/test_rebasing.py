"""Generated cases become trials that differ from the base at one place each."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import Place
from dpi_conformance.vectors.rebasing import rebased
from dpi_conformance.vectors.trials import Subject, Trial
from dpi_conformance.vectors.writing import sampled

Subjects = Callable[[str], Subject]


def case(subject: Subject, **changes: Any) -> Mapping[str, Any]:
    base, sample = subject.base, subject.validity.sample
    parts = {
        "origin": "schemathesis:x",
        "path": dict(base.path_values),
        "query": dict(base.query),
        "headers": dict(base.headers),
        "body": base.body,
    }
    return {
        name: changes.get(name, part if name == "origin" else sampled(part, sample))
        for name, part in parts.items()
    }


def body(subject: Subject, **changes: Any) -> Mapping[str, Any]:
    return case(subject, body={**sampled(subject.base.body, subject.validity.sample), **changes})


def one(subject: Subject, given: Mapping[str, Any]) -> Trial:
    (trial,) = rebased(subject, [given])
    return trial


def test_a_case_like_the_base_is_no_trial(subject: Subjects) -> None:
    create = subject("create")
    assert list(rebased(create, [case(create)])) == []


def test_two_differences_become_two_trials_with_the_bases_slots(subject: Subjects) -> None:
    create = subject("create")
    made = list(rebased(create, [body(create, note=5, kind="third")]))
    assert [(t.kind, t.place, t.expect) for t in made] == [
        ("enum", "body.kind", Expectation.REFUSED),
        ("type", "body.note", Expectation.REFUSED),
    ]
    for trial in made:
        assert trial.draft.value(Place.read("body.id")) == "{{id:12}}"
        assert trial.draft == create.base.with_value(
            Place.read(trial.place), trial.draft.value(Place.read(trial.place))
        )


@pytest.mark.parametrize(
    ("changes", "kind", "keyword", "place"),
    [
        ({"id": "x" * 13}, "boundary", "maxLength", "body.id"),
        ({"at": "noon"}, "format", "", "body.at"),
        ({"code": "abc"}, "pattern", "", "body.code"),
        ({"items": [{"count": 0}]}, "boundary", "minimum", "body.items.0.count"),
        ({"items": "none"}, "type", "", "body.items"),
        ({"id": None}, "type", "null", "body.id"),
    ],
)
def test_a_breach_belongs_to_the_case_of_its_constraint(
    subject: Subjects, changes: dict[str, Any], kind: str, keyword: str, place: str
) -> None:
    trial = one(subject("create"), body(subject("create"), **changes))
    assert (trial.kind, trial.keyword, trial.place, trial.expect) == (
        kind,
        keyword,
        place,
        Expectation.REFUSED,
    )


def test_a_valid_difference_stays_open_and_free_text_must_be_unharmed(subject: Subjects) -> None:
    create = subject("create")
    assert one(create, body(create, currency="ÄÖÜ")).expect is Expectation.EITHER
    assert one(create, body(create, note="ÄÖÜ")).expect is Expectation.UNHARMED
    assert one(create, body(create, note=None)).expect is Expectation.EITHER


def test_the_same_difference_is_one_trial(subject: Subjects) -> None:
    create = subject("create")
    assert (
        len(list(rebased(create, [body(create, note=5), body(create, note=5), body(create, note=5, id=1)])))
        == 2
    )


def test_invented_members_are_no_difference(subject: Subjects) -> None:
    create = subject("create")
    assert list(rebased(create, [body(create, invented=1)])) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"X-Id": "a\nb"}},
        {"headers": {"X-Id": " a"}},
        {"headers": {"X-Id": "ä"}},
        {"query": {"dry": ["a", "b"]}},
        {"query": {"dry": "\ud800"}},
        {"body": "x{{id:3}}"},
        {"body": "x" * 5000},
    ],
)
def test_what_no_client_can_send_is_left_out(subject: Subjects, changes: dict[str, Any]) -> None:
    create = subject("create")
    assert list(rebased(create, [case(create, **changes)])) == []


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_segments_that_make_another_path_are_left_out(subject: Subjects, segment: str) -> None:
    read = subject("read")
    assert list(rebased(read, [case(read, path={"id": segment})])) == []


def test_parameters_are_read_as_their_schemas_mean_them(subject: Subjects) -> None:
    read = subject("read")
    assert one(read, case(read, query={"page": "7"})).expect is Expectation.EITHER
    assert one(read, case(read, query={"page": "seven"})).kind == "type"
    assert one(read, case(read, path={"id": "x" * 21})).kind == "boundary"
