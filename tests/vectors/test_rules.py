"""Each rule tries what it must, one place at a time, and expects only what the documents decide."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT, Place
from dpi_conformance.vectors.rules import trials
from dpi_conformance.vectors.rules_many import entries
from dpi_conformance.vectors.trials import Subject, Trial

Subjects = Callable[[str], Subject]


def found(subject: Subject, kind: str, place: str, keyword: str = "") -> Sequence[Trial]:
    return [t for t in trials(subject) if (t.kind, t.place, t.keyword) == (kind, place, keyword)]


def expectations(made: Sequence[Trial]) -> set[str]:
    return {trial.expect.value for trial in made}


def test_the_positive_control_comes_first_and_is_the_base(subject: Subjects) -> None:
    create = subject("create")
    first = next(iter(trials(create)))
    assert first.control
    assert first.draft == create.base
    assert first.expect is Expectation.ACCEPTED


@pytest.mark.parametrize(
    ("place", "keyword", "served", "refused"),
    [
        ("body.id", "maxLength", {12, 11}, {13, 1012}),
        ("body.note", "maxLength", {50, 49}, {51, 1050}),
        ("header.X-Id", "maxLength", {20, 19}, {21, 1020}),
        ("body.owner", "minLength", {2}, {1}),
        ("body.items", "maxItems", {3}, {4}),
    ],
)
def test_both_sides_of_a_length_are_tried(
    subject: Subjects, place: str, keyword: str, served: set[int], refused: set[int]
) -> None:
    create = subject("create")
    made = found(create, "boundary", place, keyword)
    sizes: dict[str, set[int]] = {"accepted": set(), "refused": set()}
    for trial in made:
        value = trial.draft.value(Place.read(place))
        size = len(value) if isinstance(value, list) or "{{" not in value else int(value[5:-2])
        sizes[trial.expect.value].add(size)
    assert sizes == {"accepted": served, "refused": refused}


def test_a_list_may_be_short_only_as_far_as_the_schema_says(subject: Subjects) -> None:
    (empty,) = found(subject("create"), "boundary", "body.items", "minItems")
    assert empty.draft.value(Place.read("body.items")) == []
    assert empty.expect is Expectation.REFUSED


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("minimum", {(1, "accepted"), (0, "refused")}),
        ("exclusiveMaximum", {(9, "accepted"), (10, "refused")}),
    ],
)
def test_both_sides_of_a_number_are_tried(
    subject: Subjects, keyword: str, values: set[tuple[int, str]]
) -> None:
    place = "body.items.0.count"
    made = found(subject("create"), "boundary", place, keyword)
    assert {(trial.draft.value(Place.read(place)), trial.expect.value) for trial in made} == values


def test_each_required_thing_is_left_out_alone(subject: Subjects) -> None:
    create = subject("create")
    missing = {t.place for t in trials(create) if t.kind == "required" and not t.keyword}
    assert missing == {"body", "body.id", "body.kind", "body.items", "header.X-Id"}
    for trial in trials(create):
        if trial.kind == "required" and not trial.keyword:
            place = Place.read(trial.place)
            assert trial.draft.value(place) is ABSENT
            assert trial.draft == create.base.without(place)
            assert trial.expect is Expectation.REFUSED


def test_what_is_optional_may_be_left_out_where_the_documents_distinguish(subject: Subjects) -> None:
    assert expectations(found(subject("create"), "positive", "body.note", "left-out")) == {"accepted"}
    assert expectations(found(subject("create"), "positive", "query.dry", "left-out")) == {"accepted"}
    assert expectations(found(subject("create"), "positive", "body.items.0.count", "left-out")) == {"either"}


def test_types_are_broken_with_every_other_type(subject: Subjects) -> None:
    made = found(subject("create"), "type", "body.items.0.count")
    assert [trial.draft.value(Place.read("body.items.0.count")) for trial in made] == [
        "abc",
        True,
        1.5,
        [],
        {},
    ]
    assert expectations(made) == {"refused"}


def test_null_is_refused_where_something_is_required_and_else_left_open(subject: Subjects) -> None:
    assert expectations(found(subject("create"), "type", "body.id", "null")) == {"refused"}
    assert expectations(found(subject("create"), "type", "body.note", "null")) == {"either"}
    assert not found(subject("create"), "type", "body.owner", "null")
    assert expectations(found(subject("create"), "positive", "body.owner", "null")) == {"accepted"}


def test_parameters_are_broken_as_text(subject: Subjects) -> None:
    values = [t.draft.query["page"] for t in found(subject("read"), "type", "query.page")]
    assert values == ["abc", "1.5"]


def test_lists_hold_every_value_and_no_other(subject: Subjects) -> None:
    create, place = subject("create"), Place.read("body.kind")
    assert {t.draft.value(place) for t in found(create, "positive", "body.kind", "enum")} == {"new", "old"}
    outside = found(create, "enum", "body.kind")
    assert {"NEW", "OLD", ""} <= {t.draft.value(place) for t in outside}
    assert expectations(outside) == {"refused"}


def test_a_dictionary_is_tried_and_what_it_lacks_is_left_open(subject: Subjects) -> None:
    create = subject("create")
    assert expectations(found(create, "positive", "body.currency", "dictionary")) == {"accepted"}
    assert expectations(found(create, "positive", "body.currency", "unlisted")) == {"either"}


def test_formats_are_broken(subject: Subjects) -> None:
    made = found(subject("create"), "format", "body.at")
    assert {t.draft.value(Place.read("body.at")) for t in made} >= {"yesterday", "2026-13-45T99:99:99Z"}
    assert expectations(made) == {"refused"}


def test_what_the_knowledge_leaves_open_is_never_expected_to_be_refused(subject: Subjects) -> None:
    assert expectations(found(subject("create"), "pattern", "body.code")) == {"either"}


def test_a_value_that_must_exist_is_not_expected_to_be_served_at_its_limit(subject: Subjects) -> None:
    made = found(subject("cancel"), "boundary", "body.id", "maxLength")
    assert {(str(t.note)[:2], t.expect.value) for t in made} == {
        ("12", "either"),
        ("11", "either"),
        ("13", "refused"),
        ("10", "refused"),
    }


def test_a_selector_that_another_variant_does_without_is_left_open(subject: Subjects) -> None:
    (without,) = found(subject("cancel"), "required", "query.command")
    assert without.expect is Expectation.REFUSED  # create requires more than cancel has
    (unknown,) = found(subject("cancel"), "enum", "query.command")
    assert unknown.draft.query == {"command": "none-of-these"}


def test_only_methods_that_no_variant_of_the_path_has_are_expected_to_be_refused(subject: Subjects) -> None:
    methods = [t.draft.method for t in found(subject("create"), "protocol", "method")]
    assert methods == ["GET", "PUT", "PATCH", "DELETE"]
    assert not found(subject("cancel"), "protocol", "method")  # the path was tried with its first variant


def test_credentials_are_tried_only_where_they_are_asked_for(subject: Subjects) -> None:
    kinds = {t.place: t.credentials for t in trials(subject("create")) if t.kind == "credentials"}
    assert kinds == {"missing": "none", "wrong": "wrong"}
    assert not [t for t in trials(subject("read")) if t.kind == "credentials"]


@pytest.mark.parametrize(
    ("keyword", "expected"),
    [
        ("malformed", "refused"),
        ("truncated", "refused"),
        ("trailing-garbage", "refused"),
        ("empty-body", "refused"),
        ("not-a-number", "refused"),
        ("invalid-utf-8", "refused"),
        ("byte-order-mark", "either"),
        ("duplicate-keys", "either"),
        ("white-space", "accepted"),
        ("charset", "accepted"),
        ("unknown-field", "accepted"),
        ("media-type", "unsupported-media-type"),
        ("large-body", "either"),
        ("deep-body", "either"),
    ],
)
def test_bodies_are_broken_as_json(subject: Subjects, keyword: str, expected: str) -> None:
    made = found(subject("create"), "protocol", keyword)
    assert made
    assert expectations(made) == {expected}


def test_text_is_tried_where_it_is_free_where_it_is_echoed_and_where_it_was_stored(subject: Subjects) -> None:
    assert expectations(found(subject("create"), "text", "body.note", "amharic")) == {
        "either"
    }  # never given back
    (echoed,) = found(subject("create"), "text", "body.id", "arabic")
    assert echoed.expect is Expectation.UNHARMED
    ((text, pointer),) = echoed.echo
    assert pointer == "/id"
    assert echoed.draft.value(Place.read("body.id")) == text
    (stored,) = found(subject("read"), "text", "order.name", "emoji")
    assert stored.expect is Expectation.UNHARMED
    assert stored.needs == ("order-emoji",)
    assert stored.draft.path_values == {"id": "{{order-emoji.id}}"}
    assert stored.echo == (("{{order-emoji.name}}", "/name"),)


@pytest.mark.parametrize(
    ("kind", "keyword", "count", "expected"),
    [
        ("positive", "two-items", 2, "accepted"),
        ("positive", "ten-items", 10, "either"),  # the schema allows three
        ("positive", "hundred-items", 100, "either"),
        ("boundary", "same-twice", 2, "either"),
        ("boundary", "one-wrong", 10, "either"),
    ],
)
def test_an_order_is_tried_with_many_entries(
    subject: Subjects, kind: str, keyword: str, count: int, expected: str
) -> None:
    (trial,) = found(subject("create"), kind, "body.items", keyword)
    assert len(trial.draft.value(Place.read("body.items"))) == count
    assert trial.expect.value == expected
    assert str(count) in str(trial.note) or kind == "boundary"


def test_each_entry_has_identifiers_and_resources_of_its_own_and_shares_what_all_share(
    subject: Subjects,
) -> None:
    cancel = subject("cancel")
    shared = cancel.knowledge.model_copy(update={"shared": ("shop",)})
    one = replace(cancel, knowledge=shared)
    item = {"id": "{{id:12}}", "order": "{{order.id}}", "of": ["{{shop.name}}", 7]}
    assert entries(one, item, 3)[2] == {
        "id": "{{id:12:3}}",
        "order": "{{order:3.id}}",
        "of": ["{{shop.name}}", 7],
    }
    assert one.borrows(item)
    assert not one.borrows({"of": "{{shop.name}} {{id:4}}"})


def test_an_answer_is_looked_at_for_what_was_sent_in_a_case_of_its_own(subject: Subjects) -> None:
    create = subject("create")
    (trial,) = found(create, "echo", "body.id")
    assert trial.draft == create.base
    assert trial.expect is Expectation.ACCEPTED
    assert trial.echo == (("{{id:12}}", "/id"),)
    assert not [t for t in trials(subject("read")) if t.kind == "echo"]


def test_an_answer_is_looked_at_for_time_stamps_in_a_case_of_its_own(subject: Subjects) -> None:
    (trial,) = found(subject("read"), "times", "answer")
    assert (trial.expect, trial.shows) == (Expectation.ACCEPTED, ("/made", "/paid"))
    assert not [t for t in trials(subject("create")) if t.kind == "times"]


def test_only_what_must_be_served_must_show_something(subject: Subjects) -> None:
    made = [t for t in trials(subject("read")) if t.kind != "times"]
    assert {t.expect for t in made if t.shows == ("/lines/0",)} == {Expectation.ACCEPTED}
    assert next(iter(made)).shows == ("/lines/0",)
    (page,) = found(subject("read"), "positive", "query.page", "left-out")
    assert (page.expect, page.shows) == (Expectation.ACCEPTED, ())  # there may be no such page


def test_every_trial_that_is_to_be_refused_differs_from_the_base_at_one_place(subject: Subjects) -> None:
    create = subject("create")
    for trial in trials(create):
        if trial.expect is Expectation.REFUSED and trial.draft.raw is None:
            place = Place.read(trial.place)
            value = trial.draft.value(place)
            assert trial.draft == create.base.with_value(place, value)
            assert not create.validity.valid_for_any(create.variant, trial.draft)
