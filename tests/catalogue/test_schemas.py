"""Schemas of OpenAPI documents: bundled, converted from 3.0, repaired."""

import json
from typing import Any

import jsonschema_rs
import pytest

from dpi_conformance.catalogue.documents import parse_document
from dpi_conformance.catalogue.openapi import load_spec_document
from dpi_conformance.model.spec import Spec, Variant


def _load(operation: dict[str, Any], version: str, schemas: dict[str, Any]) -> Spec:
    whole = {"responses": {"200": {"description": "-"}}, **operation}
    document = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": whole}},
        "components": {"schemas": schemas},
    }
    return load_spec_document(parse_document(json.dumps(document).encode(), "file"))


def _body(schema: Any, version: str = "3.1.0", schemas: Any = None) -> tuple[dict[str, Any], Spec]:
    """Load a document whose one operation takes this body; give the body's schema as it was read."""
    content = {"application/json": {"schema": schema}}
    spec = _load({"requestBody": {"content": content}}, version, schemas or {})
    body = spec.variants[0].body
    assert body is not None
    jsonschema_rs.validator_for(dict(body.schema))
    return dict(body.schema), spec


def _reasons(spec: Spec) -> list[str]:
    return [str(trouble.reason) for trouble in spec.troubles]


def _only(spec: Spec) -> Variant:
    (variant,) = spec.variants
    return variant


def _accepts(schema: dict[str, Any], value: Any) -> bool:
    return bool(jsonschema_rs.validator_for(schema).is_valid(value))


def test_references_are_bundled_and_recursion_is_kept() -> None:
    tree = {
        "type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Tree"}},
        "required": ["v"],
    }
    schema, spec = _body(
        {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}, schemas={"Tree": tree}
    )
    assert spec.troubles == ()
    assert schema["items"] == {"$ref": "#/$defs/Tree"}
    assert _accepts(schema, [{"v": 1, "next": {"v": 2}}])
    assert not _accepts(schema, [{"v": 1, "next": {}}])


def test_a_body_that_is_a_reference_stands_at_the_top() -> None:
    schema, _ = _body(
        {"$ref": "#/components/schemas/A"},
        schemas={"A": {"$ref": "#/components/schemas/B"}, "B": {"type": "string"}},
    )
    assert schema == {"type": "string"}


def test_definitions_of_one_name_do_not_collide() -> None:
    here = {"$ref": "#/components/schemas/X/properties/id"}
    there = {"$ref": "#/components/schemas/Y/properties/id"}
    x, y = {"properties": {"id": {"type": "string"}}}, {"properties": {"id": {"type": "integer"}}}
    schema, _ = _body({"properties": {"a": here, "b": there}}, schemas={"X": x, "Y": y})
    assert _accepts(schema, {"a": "text", "b": 1})
    assert not _accepts(schema, {"a": 1})
    assert not _accepts(schema, {"b": "text"})


def test_references_with_escapes_are_found() -> None:
    schema, spec = _body({"$ref": "#/components/schemas/a~1b%20c~0d"}, schemas={"a/b c~d": {"type": "null"}})
    assert (schema, spec.troubles) == ({"type": "null"}, ())


@pytest.mark.parametrize("reference", ["#/components/schemas/None", "#/paths/0/x", "#anchor", "#/openapi/x"])
def test_a_dangling_reference_allows_anything_and_is_listed(reference: str) -> None:
    schema, spec = _body({"properties": {"a": {"$ref": reference}}})
    assert schema == {"properties": {"a": {}}}
    assert _reasons(spec) == [f"The reference “{reference}” points to nothing in this document."]
    assert not spec.troubles[0].used


@pytest.mark.parametrize(
    "reference", ["other.yaml#/A", "https://example.invalid/a.json", "file:///etc/passwd"]
)
def test_an_external_reference_is_not_fetched(reference: str) -> None:
    schema, spec = _body({"$ref": reference})
    assert schema == {}
    assert _reasons(spec) == [f"The reference “{reference}” leaves the document; it is not fetched."]


@pytest.mark.parametrize(
    "endless",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}},
        {"A": {"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}]}},
        {
            "A": {"anyOf": [{"not": {"$ref": "#/components/schemas/B"}}]},
            "B": {"oneOf": [{"$ref": "#/components/schemas/A"}]},
        },
    ],
)
def test_a_schema_that_is_its_own_part_is_cut(endless: dict[str, Any]) -> None:
    schema, spec = _body({"properties": {"a": {"$ref": "#/components/schemas/A"}}}, schemas=endless)
    assert isinstance(_accepts(schema, {"a": {"x": 1}}), bool)
    assert any("itself without end" in reason or "circle" in reason for reason in _reasons(spec))


def test_idioms_of_3_0_become_json_schema() -> None:
    schema, spec = _body(
        {
            "type": "object",
            "nullable": True,
            "properties": {
                "n": {
                    "type": "number",
                    "minimum": 1,
                    "exclusiveMinimum": True,
                    "maximum": 9,
                    "exclusiveMaximum": False,
                },
                "t": {"type": "string", "example": "x", "xml": {"name": "y"}},
            },
        },
        version="3.0.3",
    )
    assert spec.troubles == ()
    assert schema["type"] == ["object", "null"]
    assert schema["properties"]["n"] == {"type": "number", "exclusiveMinimum": 1, "maximum": 9}
    assert schema["properties"]["t"] == {"type": "string", "examples": ["x"]}


def test_the_same_idioms_in_3_1_are_read_and_listed() -> None:
    schema, spec = _body({"type": "number", "nullable": True, "minimum": 1, "exclusiveMinimum": True})
    assert schema == {"type": ["number", "null"], "exclusiveMinimum": 1}
    assert len(spec.troubles) == 2


def test_beside_a_reference_3_0_ignores_and_3_1_adds() -> None:
    beside = {"$ref": "#/components/schemas/A", "maxLength": 2, "description": "d"}
    old, spec = _body({"properties": {"a": beside}}, version="3.0.0", schemas={"A": {"type": "string"}})
    assert _accepts(old, {"a": "long"})
    assert _reasons(spec) == ["Beside a reference, OpenAPI 3.0 ignores everything: maxLength."]
    new, spec = _body({"properties": {"a": beside}}, schemas={"A": {"type": "string"}})
    assert not _accepts(new, {"a": "long"})
    assert not _accepts(new, {"a": 1})
    assert spec.troubles == ()


@pytest.mark.parametrize(
    ("faulty", "read"),
    [
        ({"type": "float"}, {"type": "number", "format": "float"}),
        ({"type": "float", "format": "money"}, {"type": "number", "format": "money"}),
        ({"type": "String"}, {"type": "string"}),
        ({"type": "datetime"}, {"type": "string", "format": "date-time"}),
        ({"type": "banana"}, {}),
        ({"type": None}, {"type": "null"}),
        ({"type": ["string", "banana"]}, {"type": ["string"]}),
        ({"type": {"enum": ["a"]}}, {}),
        ({"type": "array", "items": None}, {"type": "array", "items": {}}),
        ({"items": "string"}, {"items": {"type": "string"}}),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        ({"properties": {"type": "string"}}, {"properties": {"type": {"type": "string"}}}),
        ({"properties": {"a": 5}}, {"properties": {"a": {}}}),
        ({"properties": ["a"]}, {"properties": {}}),
        ({"allOf": {"type": "string"}}, {}),
        ({"maxLength": "20"}, {"maxLength": 20}),
        ({"maxLength": -1}, {}),
        ({"minimum": "low"}, {}),
        ({"multipleOf": 0}, {}),
        ({"required": True}, {}),
        ({"required": "a"}, {"required": ["a"]}),
        ({"required": ["a", "a", 1]}, {"required": ["a"]}),
        ({"enum": "a"}, {"enum": ["a"]}),
        ({"enum": []}, {}),
        ({"enum": ["a", "a"]}, {"enum": ["a"]}),
        ({"pattern": "("}, {}),
        ({"pattern": 3}, {}),
        ({"deault": 1}, {}),
        ({"uniqueItems": "yes"}, {}),
        ({"type": "integer", "enum": ["00", "01"]}, {"enum": ["00", "01"]}),
        ({"type": "string", "example": 14022}, {"type": "string", "examples": ["14022"]}),
        ({"examples": {"one": 1}}, {"examples": [1]}),
        ({"dependentRequired": {"a": ["b"], "c": "d"}}, {"dependentRequired": {"a": ["b"]}}),
    ],
)  # fmt: skip
def test_a_faulty_schema_is_repaired_and_listed(faulty: dict[str, Any], read: dict[str, Any]) -> None:
    schema, spec = _body(faulty)
    assert schema == read
    assert len(spec.troubles) == 1


def test_a_code_without_quotes_keeps_its_zero_where_text_is_declared() -> None:
    text = (
        "openapi: 3.0.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    post:\n      requestBody:\n"
        "        content:\n          application/json:\n            schema:\n              properties:\n"
        "                text: {type: string, enum: [00, 01, 01]}\n"
        "                number: {type: integer, enum: [00, 01]}\n"
        "      responses: {default: {description: d}}\n"
    )
    spec = load_spec_document(parse_document(text.encode(), "file"))
    body = _only(spec).body
    assert body is not None
    assert body.schema["properties"]["text"]["enum"] == ["00", "01"]
    assert body.schema["properties"]["number"]["enum"] == [0, 1]


def test_read_only_properties_are_required_of_answers_alone() -> None:
    schema = {
        "type": "object",
        "required": ["id", "secret", "name"],
        "properties": {"id": {"readOnly": True}, "secret": {"writeOnly": True}, "name": {}},
    }
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}
    operation = {"requestBody": content, "responses": {"200": {"description": "-", **content}}}
    variant = _only(_load(operation, "3.1.0", {"A": schema}))
    assert variant.body is not None
    assert variant.body.schema["required"] == ["secret", "name"]
    assert variant.responses[0].content["application/json"]["required"] == ["id", "name"]


def test_troubles_of_schemas_that_nothing_refers_to_are_listed() -> None:
    (trouble,) = _load({}, "3.1.0", {"A": {"type": "float"}}).troubles
    assert trouble.place.startswith("/components/schemas/A/type (line 1, column 1")


def test_the_deepest_schema_that_is_read_is_converted() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        schema = {"properties": {"a": schema}}
    assert _body(schema)[1].troubles == ()
    nested: dict[str, Any] = {"not": {}}
    for _ in range(115):
        nested = {"not": nested}
    assert _body(nested)[1].troubles == ()
