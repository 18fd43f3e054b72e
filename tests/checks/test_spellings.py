"""One field under several names: found, and written as the schema has it."""

from typing import Any

import pytest

from dpi_conformance.checks.spellings import Spellings, declared_names

SPELLINGS = Spellings(groups=(frozenset({"id", "ID", "Id"}), frozenset({"code", "respCode"})))
ITEM = {"type": "object", "properties": {"ID": {"type": "string"}, "kind": {"type": "string"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["id", "code"],
    "allOf": [{"$ref": "#/$defs/Named"}],
    "properties": {"code": {"type": "string"}, "list": {"type": "array", "items": ITEM}},
    "$defs": {"Named": {"properties": {"id": {"type": "string"}, "up": {"$ref": "#"}}}},
}


@pytest.mark.parametrize(
    ("document", "pointer", "found"),
    [
        ({"id": 1}, "/id", [1]),
        ({"Id": 1}, "/id", [1]),
        ({"ID": 1, "Id": 2}, "/Id", [2]),  # its own name first
        ({"list": [{"ID": 1}]}, "/list/0/id", [1]),
        ([{"a/b": 1}], "/0/a~1b", [1]),
        ({"list": [1]}, "/list/1", []),
        ({"list": "text"}, "/list/0", []),
        ({"other": 1}, "/id", []),
        ("text", "/id", []),
        ({"id": None}, "/id", [None]),
    ],
)
def test_a_value_is_found_under_any_spelling_of_its_names(
    document: Any, pointer: str, found: list[Any]
) -> None:
    assert list(SPELLINGS.resolve(document, pointer)) == found


def test_a_field_is_given_or_none() -> None:
    assert SPELLINGS.value({"respCode": "00"}, "code") == "00"
    assert SPELLINGS.value({"other": "00"}, "code") is None
    assert SPELLINGS.value(["00"], "code") is None


@pytest.mark.parametrize(
    ("body", "written"),
    [
        ({"Id": "1", "respCode": "00"}, {"id": "1", "code": "00"}),
        ({"id": "1", "code": "00", "respCode": 7}, {"id": "1", "code": "00", "respCode": 7}),
        ({"list": [{"id": "1"}, {"ID": "2"}]}, {"list": [{"ID": "1"}, {"ID": "2"}]}),
        ({"up": {"ID": "1"}}, {"up": {"id": "1"}}),
        ({"up": {"up": {"respCode": "00"}}}, {"up": {"up": {"code": "00"}}}),
        ({"unknown": {"ID": "1"}}, {"unknown": {"ID": "1"}}),
    ],
)
def test_a_body_is_written_as_its_schema_has_it(body: Any, written: Any) -> None:
    assert SPELLINGS.respelt(body, SCHEMA) == written


def test_a_body_that_is_as_declared_is_the_very_same() -> None:
    for body in ({"id": "1", "list": [{"ID": "1"}]}, ["text"], 7, None):
        assert SPELLINGS.respelt(body, SCHEMA) is body


def test_a_body_deeper_than_any_published_one_ends() -> None:
    body: dict[str, Any] = {"Id": "0"}
    for _ in range(50):
        body = {"up": body}
    assert SPELLINGS.respelt(body, SCHEMA) == body


def test_the_declared_names_are_those_of_the_object_or_of_the_list_s_objects() -> None:
    assert set(declared_names(SCHEMA)) == {"id", "up", "code", "list"}
    assert set(declared_names({"type": "array", "items": ITEM})) == {"ID", "kind"}
    assert set(declared_names({"type": "string"})) == set()
