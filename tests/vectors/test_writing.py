"""Drafts are written down with their slots whole and everything else encoded."""

import base64
import json

import pytest

from dpi_conformance.execution.slots import Fresh, filled
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.vectors.drafts import ABSENT, Draft, Place
from dpi_conformance.vectors.samples import Sampler
from dpi_conformance.vectors.writing import body_text, headers, sampled, target

DRAFT = Draft(
    method="POST",
    path="/a/{x}/b",
    path_values={"x": "{{thing.id}} é/"},
    query={"q": "1&2=3", "id": "{{id:4}}", "flag": True},
    headers={"X-Id": "{{id:4}}", "X-Count": 3},
    body={"a": [{"n": "{{number:3}}", "t": "{{thing.id}}", "s": "\ud800"}], "k": 1.5},
)


def test_paths_and_queries_are_encoded_around_their_slots() -> None:
    assert target(DRAFT) == "/a/{{thing.id}}%20%C3%A9%2F/b?q=1%262%3D3&id={{id:4}}&flag=true"


def test_headers_are_text_with_the_media_type_first() -> None:
    assert headers(DRAFT) == (("Content-Type", "application/json"), ("X-Id", "{{id:4}}"), ("X-Count", "3"))


def test_number_slots_stand_without_quotes_and_lone_surrogates_are_escaped() -> None:
    text = body_text(DRAFT)
    assert text == '{"a":[{"n":{{number:3}},"t":"{{thing.id}}","s":"\\ud800"}],"k":1.5}'
    assert body_text(DRAFT, {"thing.id"}) == text.replace('"{{thing.id}}"', "{{thing.id}}")


def test_white_space_leaves_the_value_and_the_slots_as_they_are() -> None:
    spaced = body_text(DRAFT, spaced=True)
    assert spaced is not None
    assert "{{thing.id}}" in spaced
    assert json.loads(spaced.replace("{{number:3}}", "1")) == json.loads(
        (body_text(DRAFT) or "").replace("{{number:3}}", "1")
    )


def test_no_body_is_no_text() -> None:
    assert body_text(Draft(method="GET", path="/")) is None


def test_a_place_is_changed_and_the_rest_is_not() -> None:
    place = Place.read("body.a.0.n")
    changed = DRAFT.with_value(place, 7)
    assert changed.value(place) == 7
    assert DRAFT.value(place) == "{{number:3}}"
    assert changed.without(place).value(place) is ABSENT
    assert changed.without(Place.read("body.a.0")).body == {"a": [], "k": 1.5}
    assert DRAFT.without(Place.read("query.q")).query == {"id": "{{id:4}}", "flag": True}


def test_places_are_read_back_from_their_names() -> None:
    place = Place("body", ("a", 0, "c"))
    assert str(place) == "body.a.0.c"
    assert Place.read("body.a.0.c") == place


@pytest.mark.parametrize(
    ("slot", "sample"),
    [
        ("id:12", "A1B2C3D4E5A1"),
        ("number:3", 111),
        ("thing.id", "T1"),
        ("thing.count", 5),
        ("thing-arabic.id", "T1"),
    ],
)
def test_slots_have_samples(slot: str, sample: object) -> None:
    assert Sampler({"thing": {"id": "T1", "count": 5}})(slot) == sample


def test_a_slot_alone_keeps_its_samples_type_and_one_in_text_does_not() -> None:
    sample = Sampler({"thing": {"id": "T1", "count": 5}})
    given = {"n": ["{{thing.count}}", "x{{thing.count}}"]}
    assert sampled(given, sample) == {"n": [5, "x5"]}
    assert len(sampled("{{callback:100}}", sample)) == 100


def test_an_unknown_slot_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Sampler({})("nothing.here")


def vector(**changes: object) -> Vector:
    content = {"id": "v", "case": "c", "variant": "create", "method": "POST", "target": "/"}
    return Vector(**{**content, "expect": Expectation.UNHARMED, **changes})  # type: ignore[arg-type]


def test_a_callback_is_lengthened_to_the_character_and_its_echo_is_this_requests_own() -> None:
    headers = (("X-Callback-URL", "{{callback:100}}"),)
    made = vector(body='{"id":"م{{id:5}}"}', headers=headers, echo=(("م{{id:5}}", "/id"),))
    sent, request = filled(made, Fresh(), "http://127.0.0.1:1/x", {})
    (value,) = [value for _, value in request.headers]
    assert len(value) == 100
    assert value.startswith("http://127.0.0.1:1/x?")
    assert sent.echo == ((json.loads(request.body)["id"], "/id"),)
    assert sent.echo[0][0].startswith("م")


def test_numbers_are_fresh_and_have_their_digits() -> None:
    fresh = Fresh()
    numbers = [
        json.loads(filled(vector(body='{"n":{{number:9}}}'), fresh, "", {})[1].body)["n"] for _ in range(50)
    ]
    assert len(set(numbers)) == 50
    assert {len(str(number)) for number in numbers} == {9}


def test_bytes_go_out_as_they_were_frozen() -> None:
    raw = base64.b64encode(b"\xff{{id:5}}").decode()
    assert filled(vector(body_base64=raw), Fresh(), "", {})[1].body == b"\xff{{id:5}}"
