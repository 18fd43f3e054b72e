"""A frozen vector becomes a request: fresh identifiers, addresses, resources, long runs."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpi_conformance.execution.slots import Fresh, fill
from dpi_conformance.model.vectors import Expectation, Vector

VECTOR = Vector(
    id="v",
    case="t/contract/create/positive/full",
    variant="create",
    method="POST",
    target="/things/{{thing.serial}}?id={{id:6}}",
    expect=Expectation.ACCEPTED,
    headers=(("X-Callback-URL", "{{callback}}"), ("X-Id", "{{id:6}}")),
    body='{"id":"{{id:6}}","name":"{{thing.name}}"}',
)
RESOURCE = {"thing.serial": "a/b ?", "thing.name": 'quo"te\n'}


def test_one_slot_is_one_value_in_the_whole_request() -> None:
    request = fill(VECTOR, Fresh(), "http://127.0.0.1/cb", RESOURCE)
    identifier = dict(request.headers)["X-Id"]
    assert len(identifier) == 6
    assert request.url == f"/things/a%2Fb%20%3F?id={identifier}"
    assert json.loads(request.body) == {"id": identifier, "name": 'quo"te\n'}
    assert dict(request.headers)["X-Callback-URL"] == "http://127.0.0.1/cb"


def test_two_vectors_never_share_an_identifier() -> None:
    fresh = Fresh()
    bodies = {fill(VECTOR, fresh, "", RESOURCE).body for _ in range(500)}
    assert len(bodies) == 500


@settings(deadline=None)  # a busy machine halts anywhere
@given(st.integers(min_value=1, max_value=50), st.integers(min_value=1, max_value=30))
def test_identifiers_have_the_asked_length_and_differ(length: int, count: int) -> None:
    fresh = Fresh()
    made = [fresh.identifier(length) for _ in range(count)]
    assert {len(identifier) for identifier in made} == {length}
    assert len(set(made)) == count


def test_two_runs_do_not_share_identifiers() -> None:
    assert Fresh().identifier(12) != Fresh().identifier(12)


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(KeyError, match=r"thing\.serial"):
        fill(VECTOR, Fresh(), "", {})


def test_long_runs_are_unrolled_and_bytes_are_kept() -> None:
    long = fill(replace(VECTOR, body='{"x":"@@"}', repeat=(("@@", "ab", 1000),)), Fresh(), "", RESOURCE)
    assert json.loads(long.body) == {"x": "ab" * 1000}
    raw = fill(replace(VECTOR, body=None, body_base64="/w=="), Fresh(), "", RESOURCE)
    assert raw.body == b"\xff"


def test_a_field_that_is_json_stands_as_it_is() -> None:
    vector = replace(VECTOR, body='{"lines":{{json:thing.lines}},"text":"{{thing.lines}}"}')
    lines = '[{"note":"quo\\"te"}]'
    request = fill(vector, Fresh(), "", {**RESOURCE, "thing.lines": lines})
    assert json.loads(request.body) == {"lines": [{"note": 'quo"te'}], "text": lines}
