"""Requests are held to their declaration, and each complaint names its place."""

from typing import Any

import pytest

from dpi_conformance.mockkit.refusals import Spellings, acknowledgement, refusal_shape
from dpi_conformance.mockkit.routing import Misdirected, Routes
from dpi_conformance.mockkit.samples import sample
from dpi_conformance.mockkit.validation import RequestRules, tightened
from dpi_conformance.model.spec import BodyDeclared, Parameter, ResponseDeclared, Variant

BODY = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "maxLength": 3},
        "mode": {"enum": ["00", "01"]},
        "at": {"type": "string", "format": "date-time"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/Item"}},
    },
    "$defs": {"Item": {"type": "object", "properties": {"n": {"type": "number", "exclusiveMinimum": 0}}}},
}


def variant(**settings: Any) -> Variant:
    return Variant(**{"id": "v", "method": "post", "path": "/things", **settings})


def complaints(body: object, *, has_body: bool = True, tight: bool = False) -> list[tuple[str, str, str]]:
    rules = RequestRules(variant(body=BodyDeclared(schema=BODY)), tight=tight)
    return [(c.place, c.keyword, c.text) for c in rules.complaints({}, body, has_body=has_body)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": "abc"}, []),
        ({}, [("body.id", "required", "id is missing.")]),
        ({"id": "abcd"}, [("body.id", "maxLength", "id has more than 3 characters.")]),
        ({"id": None}, [("body.id", "type", "id is not of type string.")]),
        ({"id": "a", "mode": "02"}, [("body.mode", "enum", "mode is none of 00, 01.")]),
        ({"id": "a", "at": "soon"}, [("body.at", "format", "at is not a date-time.")]),
        (
            {"id": "a", "items": [{}, {"n": 0}]},
            [("body.items.1.n", "exclusiveMinimum", "items.1.n is not above 0.")],
        ),
        ({"id": "😀😀😀"}, []),
    ],
)
def test_a_complaint_names_the_field_and_the_limit(
    body: object, expected: list[tuple[str, str, str]]
) -> None:
    assert complaints(body) == expected


def test_a_declared_body_must_be_there_although_the_document_forgot_to_require_it() -> None:
    assert complaints(None, has_body=False) == [("body", "required", "The body is missing.")]


def test_tight_limits_are_one_lower() -> None:
    assert complaints({"id": "abc"}, tight=True)[0][1] == "maxLength"
    assert complaints({"id": "ab"}, tight=True) == []
    assert tightened({"maxLength": 1, "allOf": [{"maxLength": 5}]}) == {
        "maxLength": 1,
        "allOf": [{"maxLength": 4}],
    }


@pytest.mark.parametrize(
    ("value", "keyword"),
    [
        ("5", None),
        ("-3", None),
        ("1.0", "type"),
        ("five", "type"),
        ("+5", "type"),
        ("", "type"),
        (None, "required"),
    ],
)
def test_a_parameter_is_read_by_its_type(value: str | None, keyword: str | None) -> None:
    page = Parameter(name="pageNo", location="query", required=True, schema={"type": "integer"})
    rules = RequestRules(variant(parameters=(page,)))
    found = rules.complaints({"query": {} if value is None else {"pageNo": value}}, None, has_body=False)
    assert [c.keyword for c in found] == ([keyword] if keyword else [])
    assert all(c.place == "query.pageNo" for c in found)


def test_header_names_have_no_case() -> None:
    header = Parameter(name="X-Callback-URL", location="header", required=True, schema={"maxLength": 2})
    rules = RequestRules(variant(parameters=(header,)))
    assert rules.complaints({"header": {"x-callback-url": "ab"}}, None, has_body=False) == ()
    (complaint,) = rules.complaints({"header": {"x-callback-url": "abc"}}, None, has_body=False)
    assert complaint.text == "header.X-Callback-URL has more than 2 characters."


# --- routes -------------------------------------------------------------------------------------------------

CREATE = variant(id="create", path="/vouchers")
CANCEL = variant(id="cancel", path="/vouchers", select=(("command", "cancel"),))
ACTIVATE = variant(id="activate", path="/vouchers", method="put", select=(("command", "activate"),))
STATUS = variant(id="status", path="/vouchers/{serial}", method="get")


@pytest.mark.parametrize(
    ("method", "query", "chosen"),
    [
        ("POST", {}, "create"),
        ("POST", {"command": "cancel"}, "cancel"),
        ("POST", {"other": "x"}, "create"),
        ("PUT", {"command": "activate"}, "activate"),
    ],
)
def test_query_pairs_select_a_variant(method: str, query: dict[str, str], chosen: str) -> None:
    route = Routes([CREATE, CANCEL, ACTIVATE, STATUS]).find(b"/vouchers")
    assert route is not None
    assert [one.id for one in route.candidates(method, query)] == [chosen]


@pytest.mark.parametrize(
    ("method", "query", "keyword"), [("POST", {"command": "x"}, "enum"), ("PUT", {}, "required")]
)
def test_a_selection_that_nobody_serves_names_its_parameter(
    method: str, query: dict[str, str], keyword: str
) -> None:
    route = Routes([CREATE, CANCEL, ACTIVATE]).find(b"/vouchers")
    assert route is not None
    with pytest.raises(Misdirected) as refused:
        route.candidates(method, query)
    assert (refused.value.complaint.place, refused.value.complaint.keyword) == ("query.command", keyword)


@pytest.mark.parametrize(
    ("path", "serial"),
    [
        (b"/vouchers/1", "1"),
        (b"/vouchers/%D9%85", "م"),
        (b"/vouchers/a%2Fb", "a/b"),
        (b"/vouchers/", None),
        (b"/vouchers/1/2", None),
        (b"/vouchers/%FF", None),
        (b"/Vouchers/1", None),
    ],
)
def test_path_parameters_are_decoded_after_the_path_is_taken_apart(path: bytes, serial: str | None) -> None:
    route = Routes([CREATE, STATUS]).find(path)
    assert (route.values if route else None) == ({"serial": serial} if serial else None)


# --- refusals -----------------------------------------------------------------------------------------------

SPELLINGS = Spellings(
    code=("responseCode", "code"),
    description=("responseDescription", "reason"),
    request_id=("requestID", "requestId"),
    success={"responseCode": "00", "code": "00"},
    failure={"responseCode": "01", "code": "01"},
)


def answering(status: str, *names: str, limit: int = 12) -> Variant:
    properties = {name: {"type": "string", "maxLength": limit} for name in names}
    schema = {"type": "object", "properties": properties, "required": list(names[:1])}
    return variant(responses=(ResponseDeclared(status=status, content={"application/json": schema}),))


def test_a_refusal_takes_the_declared_shape_and_keeps_its_limits() -> None:
    shape = refusal_shape(answering("400", "code", "reason", "requestId"), SPELLINGS)
    assert shape.filled("far too long a text", "REQ1") == {
        "code": "01",
        "reason": "far too long",
        "requestId": "REQ1",
    }
    assert "requestId" not in shape.filled("text", "1234567890123")


def test_without_a_declared_refusal_the_spelling_is_that_of_success() -> None:
    shape = refusal_shape(answering("200", "code", "reason", "requestId"), SPELLINGS)
    assert shape.filled("text", "R") == {"code": "01", "reason": "text", "requestId": "R"}
    assert refusal_shape(None, SPELLINGS).filled("text", None) == {
        "responseCode": "01",
        "responseDescription": "text",
    }


def test_an_acknowledgement_is_valid_and_says_success() -> None:
    assert acknowledgement(answering("202", "batchId", "code", "requestID"), SPELLINGS, "R") == (
        202,
        {"batchId": "0", "code": "00", "requestID": "R"},
    )


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 0),
        ({"type": ["string", "null"], "minLength": 3}, "000"),
        ({"type": "string", "format": "date-time"}, "2026-01-01T00:00:00Z"),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [False, False]),
        (
            {
                "$ref": "#/$defs/A",
                "$defs": {"A": {"type": "object", "required": ["b"], "properties": {"b": {"type": "null"}}}},
            },
            {"b": None},
        ),
    ],
)
def test_a_sample_is_the_smallest_valid_value(schema: dict[str, Any], value: object) -> None:
    assert sample(schema, {}) == value
