"""OpenAPI documents, sound and faulty: what becomes of each, and what is said of it."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dpi_conformance.catalogue.documents import parse_document
from dpi_conformance.catalogue.openapi import NotOpenApi, load_spec, load_spec_document
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.model.spec import Outbound, Spec, Variant

_PAYMENTS = Pack.builtin().root / "specs" / "payments" / "openapi.yaml"


def _load(document: dict[str, Any] | str) -> Spec:
    text = document if isinstance(document, str) else json.dumps(document)
    return load_spec_document(parse_document(text.encode(), "file"))


def _document(version: str = "3.1.0", /, **top: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {}, **top}


def _operation(operation: dict[str, Any], path: str = "/a", **top: Any) -> dict[str, Any]:
    whole = {"responses": {"200": {"description": "-"}}, **operation}
    return _document(**top) | {"paths": {path: {"post": whole}}}


def _reasons(spec: Spec) -> list[str]:
    return [str(trouble.reason) for trouble in spec.troubles]


def _only(spec: Spec) -> Variant:
    (variant,) = spec.variants
    return variant


# --- what is not OpenAPI 3 ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"swagger": "2.0", "paths": {}}, "file is Swagger 2.0; convert it to OpenAPI 3.1"),
        ({"asyncapi": "3.0.0"}, "is AsyncAPI"),
        ({"$schema": "x", "type": "object"}, "is a JSON Schema"),
        ({"domain": 1, "members": 2}, "it has no key “openapi”, only domain, members"),
        ({}, "it has no key “openapi”, only {}"),
        ("[]", "is JSON, but no mapping"),
        ("just text", "is YAML, but no mapping"),
        ({"openapi": "4.0.0"}, "“openapi: 4.0.0”; OpenAPI 3.0 and 3.1 can be read"),
        ({"openapi": None}, "“openapi: None”"),
    ],
)
def test_other_documents_are_named(document: Any, said: str) -> None:
    with pytest.raises(NotOpenApi, match="file is") as caught:
        _load(document)
    assert said in str(caught.value)


@pytest.mark.parametrize("written", ["3.1", "3.0.3", "'3.1.0'", "3.0.0-rc1"])
def test_versions_3_are_read(written: str) -> None:
    spec = _load(f"openapi: {written}\ninfo: {{title: T, version: 1.10}}\npaths: {{}}\n")
    assert spec.openapi == written.strip("'")[:3]
    assert bool(spec.troubles) == (written == "3.1")


# --- operations ----------------------------------------------------------------------------------------


def test_an_operation_of_another_document_is_one_variant() -> None:
    parameters = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    document = _document(
        paths={
            "/a/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"parameters": parameters, "responses": {"4xx": {"description": "-"}}},
                "delete": {"operationId": "removeA", "responses": {"204": {"description": "-"}}},
            }
        }
    )
    spec = _load(document)
    assert [(v.id, v.method, v.path) for v in spec.variants] == [
        ("get-a-id", "get", "/a/{id}"),
        ("removeA", "delete", "/a/{id}"),
    ]
    assert [(p.name, p.location, p.required) for p in spec.variants[0].parameters] == [
        ("id", "path", True),
        ("q", "query", False),
    ]
    assert spec.variants[0].responses[0].status == "4XX"
    assert not spec.variants[0].secured
    assert (spec.operations, spec.usable) == (2, 2)


def test_a_parameter_of_the_operation_replaces_that_of_the_path() -> None:
    document = _operation({"parameters": [{"name": "q", "in": "query", "schema": {"type": "integer"}}]})
    document["paths"]["/a"]["parameters"] = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    (parameter,) = _only(_load(document)).parameters
    assert parameter.schema == {"type": "integer"}


@pytest.mark.parametrize(
    ("parameter", "said", "kept"),
    [
        ({"name": "X-Payer FI-ID", "in": "header", "schema": {}}, "is no header name", False),
        ({"name": "Authorization", "in": "header", "schema": {}}, "is no parameter in OpenAPI", False),
        ({"name": "a", "in": "path", "required": True, "schema": {}}, "The path has no “a”", False),
        ({"in": "query"}, "needs a name and a place", False),
        ({"$ref": "#/components/parameters/None"}, "points to nothing", False),
        ("text", "must be a mapping", False),
        ({"name": "a", "in": "query", "type": "integer"}, "where Swagger 2 has it", True),
        ({"name": "a", "in": "query"}, "has no schema", True),
        ({"name": "a", "in": "query", "required": "yes", "schema": {}}, "neither true nor false", True),
    ],
)
def test_a_faulty_parameter_is_listed(parameter: Any, said: str, kept: bool) -> None:
    spec = _load(_operation({"parameters": [parameter]}))
    assert said in " ".join(_reasons(spec))
    assert bool(_only(spec).parameters) == kept


def test_a_parameter_declared_twice_counts_once() -> None:
    twice = [{"name": "a", "in": "query", "schema": {"type": kind}} for kind in ("string", "integer")]
    spec = _load(_operation({"parameters": twice}))
    assert [p.schema for p in _only(spec).parameters] == [{"type": "string"}]
    assert "declared twice" in _reasons(spec)[0]


def test_an_undeclared_path_parameter_is_added_and_an_optional_one_required() -> None:
    parameters = [{"name": "b", "in": "path", "schema": {"type": "integer"}}]
    spec = _load(_operation({"parameters": parameters}, path="/a/{id}/{b}"))
    assert {(p.name, p.required) for p in _only(spec).parameters} == {("id", True), ("b", True)}
    assert len(spec.troubles) == 2


def test_a_query_in_the_path_selects() -> None:
    command = {"name": "command", "in": "query", "required": True, "schema": {"type": "string"}}
    spec = _load(_operation({"parameters": [command]}, path="/a?command=validate"))
    variant = _only(spec)
    assert (variant.path, variant.select, variant.parameters) == ("/a", (("command", "validate"),), ())
    assert "A path holds no query" in _reasons(spec)[0]


def test_a_query_in_the_path_that_only_shows_the_form_stays_a_parameter() -> None:
    language = {"name": "language", "in": "query", "required": True, "schema": {"type": "string"}}
    variant = _only(_load(_operation({"parameters": [language]}, path="/a?language=LANGCODE")))
    assert variant.select == ()
    assert [p.name for p in variant.parameters] == ["language"]


def test_a_path_that_stands_for_an_address_is_listed() -> None:
    spec = _load(_operation({}, path="/{X-Callback-URL}"))
    assert "this is a callback" in _reasons(spec)[0]


def test_an_id_that_is_taken_gets_a_number() -> None:
    operation = {"operationId": "same", "responses": {"200": {"description": "-"}}}
    spec = _load(_document(paths={"/a": {"get": operation, "put": operation}, "/b": {"get": operation}}))
    assert [variant.id for variant in spec.variants] == ["same", "same-2", "same-3"]
    assert len(spec.troubles) == 2


@pytest.mark.parametrize(
    ("own", "whole", "secured"),
    [
        (None, None, False),
        (None, [{"key": []}], True),
        ([], [{"key": []}], False),
        ([{"key": []}], None, True),
        ([{"key": []}, {}], None, False),
    ],
)
def test_security_is_the_operations_own_or_the_documents(own: Any, whole: Any, secured: bool) -> None:
    schemes = {"securitySchemes": {"key": {"type": "apiKey", "name": "k", "in": "header"}}}
    document = _operation({} if own is None else {"security": own}, components=schemes)
    spec = _load(document | ({} if whole is None else {"security": whole}))
    assert (_only(spec).secured, spec.troubles) == (secured, ())


def test_an_undeclared_security_scheme_is_listed() -> None:
    spec = _load(_operation({"security": [{"key": []}]}))
    assert _only(spec).secured
    assert _reasons(spec) == ["The security scheme “key” is not declared."]


def test_media_types_and_statuses_are_repaired() -> None:
    content = {"json": {"schema": {"type": "object"}}, "no media type": {}}
    spec = _load(
        _operation(
            {
                "responses": {
                    "200": {"description": "-", "content": content},
                    "204": {"description": "-", "content": {"application/json": {}}},
                    "2000": {"description": "-"},
                    "404": {"description": "-", "schema": {"type": "string"}},
                    "default": {"$ref": "#/components/responses/None"},
                }
            }
        )
    )
    answers = {answer.status: answer.content for answer in _only(spec).responses}
    assert answers == {
        "200": {"application/json": {"type": "object"}},
        "204": {},
        "404": {"application/json": {"type": "string"}},
        "default": {},
    }
    assert len(spec.troubles) == 6


def test_required_headers_of_an_answer() -> None:
    headers = {"Location": {"required": True}, "X-Other": {}, "Content-Type": {"required": True}}
    spec = _load(_operation({"responses": {"201": {"description": "-", "headers": headers}}}))
    assert _only(spec).responses[0].required_headers == ("Location",)


def test_of_several_media_types_the_json_one_is_the_body() -> None:
    content: dict[str, Any] = {
        "application/xml": {},
        "application/problem+json": {"schema": {"type": "object"}},
    }
    body = _only(_load(_operation({"requestBody": {"required": True, "content": content}}))).body
    assert body is not None
    assert (body.media_type, body.required) == ("application/problem+json", True)


def test_a_form_is_listed_and_not_usable() -> None:
    spec = _load(_operation({"requestBody": {"content": {"multipart/form-data": {}}}}))
    assert (spec.operations, spec.usable) == (1, 0)
    assert "only JSON bodies and forms are tested" in _reasons(spec)[0]


def test_a_body_in_the_manner_of_swagger_2_is_a_body() -> None:
    parameters = [{"name": "b", "in": "body", "required": True, "schema": {"type": "object"}}]
    spec = _load(_operation({"parameters": parameters}))
    body = _only(spec).body
    assert body is not None
    assert (body.schema, body.required) == ({"type": "object"}, True)
    assert len(spec.troubles) == 1


def test_strays_at_the_top_are_listed_in_their_order() -> None:
    spec = _load(_document(basePath="/v1", definitions={}, headers={}) | {"x-ours": 1})
    assert [(reason.split()[0], trouble.used) for reason, trouble in zip(_reasons(spec), spec.troubles, strict=True)] == [
        ("“basePath”", False),
        ("“definitions”", True),
        ("“headers”", False),
    ]  # fmt: skip


def test_what_is_no_operation_is_listed() -> None:
    spec = _load(
        _document(
            paths={"/a": {"get": "x", "fetch": {}, "POST": {"responses": {"200": {}}}}, "/b": 1, "c": {}}
        )
    )
    assert [variant.method for variant in spec.variants] == ["post"]
    assert len(spec.troubles) == 5
    assert (spec.operations, spec.usable) == (2, 1)


# --- our own extensions -----------------------------------------------------------------------------


def _vouchers() -> dict[str, Any]:
    answer = {"200": {"description": "-"}}
    hook = {
        "{$request.header.X-Callback-URL}": {"post": {"x-counterparty": "source-bb", "responses": answer}}
    }
    return _operation(
        {
            "operationId": "vouchers-post",
            "x-function": "vouchers",
            "parameters": [
                {"name": "command", "in": "query", "schema": {"type": "string"}},
                {"name": "X-A", "in": "header", "schema": {"type": "string"}},
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
            "callbacks": {"made": hook},
            "x-variants": [
                {
                    "id": "make",
                    "initiator": "source-bb",
                    "body": {"type": "object"},
                    "callbacks": ["made"],
                    "clause": "1",
                },
                {
                    "id": "cancel",
                    "select": {"command": ["cancel", "CANCEL"]},
                    "parameters": [{"name": "X-B", "in": "header", "schema": {"type": "string"}}],
                    "responses": {"202": {"description": "-"}},
                    "published": {"file": "f.yml", "method": "post", "path": "/p"},
                },
            ],
        },
        path="/vouchers",
        webhooks={
            "ask": {
                "post": {
                    "x-counterparty": "payer-bank",
                    "x-path": "/ask/{id}",
                    "x-path-parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
                    "x-function": "g2p",
                    "responses": answer,
                }
            }
        },
    )


def test_variants_share_a_method_and_a_path() -> None:
    spec = _load(_vouchers())
    assert spec.troubles == ()
    make, cancel = spec.variants
    assert (make.id, make.function, make.initiator, make.clause) == ("make", "vouchers", "source-bb", "1")
    assert make.body is not None
    assert make.body.required
    assert (make.select, make.callbacks) == ((), ("made",))
    assert [p.name for p in make.parameters] == ["X-A"]
    assert (cancel.select, cancel.callbacks, cancel.body) == ((("command", "cancel"),), (), None)
    assert [p.name for p in cancel.parameters] == ["X-B"]
    assert [answer.status for answer in cancel.responses] == ["202"]
    assert cancel.published == {"file": "f.yml", "method": "post", "path": "/p"}
    assert spec.variant("cancel") is cancel
    assert (spec.operations, spec.usable) == (1, 1)


def test_callbacks_and_webhooks_are_outbound_calls() -> None:
    made, ask = _load(_vouchers()).outbounds
    assert (made.id, made.kind, made.path) == ("made", "callback", "{$request.header.X-Callback-URL}")
    assert (made.function, made.counterparty) == ("vouchers", "source-bb")
    assert (ask.id, ask.kind, ask.path, ask.function) == ("ask", "webhook", "/ask/{id}", "g2p")
    assert [p.name for p in ask.parameters] == ["id"]


def test_faults_of_variants_are_listed() -> None:
    document = _vouchers()
    variants = document["paths"]["/vouchers"]["post"]["x-variants"]
    variants[0] |= {"callbacks": ["made", "unknown"], "colour": "red"}
    variants[1]["select"] = {"undeclared": ["x"], "command": []}
    variants.append({"summary": "no id"})
    spec = _load(document)
    assert [variant.id for variant in spec.variants] == ["make", "cancel"]
    assert spec.variants[0].callbacks == ("made",)
    assert len(spec.troubles) == 5


def test_the_payments_document_is_read_without_trouble() -> None:
    if not _PAYMENTS.exists():
        pytest.skip("no payments specification in this checkout")
    spec = load_spec(_PAYMENTS)
    assert (spec.troubles, len(spec.variants), spec.operations) == ((), 22, spec.usable)
    called = {name for variant in spec.variants for name in variant.callbacks}
    assert called == {call.id for call in spec.outbounds if call.kind == "callback"}
    for schema in _schemas(spec):
        jsonschema_rs.validator_for(schema)


# --- whatever comes --------------------------------------------------------------------------------


_NAMES = st.sampled_from(
    [
        *(
            "openapi",
            "paths",
            "/a",
            "/{b}",
            "get",
            "post",
            "parameters",
            "name",
            "in",
            "query",
            "path",
            "schema",
        ),
        *(
            "#/paths",
            "#/components/schemas/A",
            "requestBody",
            "content",
            "application/json",
            "responses",
            "200",
        ),
        *(
            "components",
            "schemas",
            "A",
            "properties",
            "items",
            "allOf",
            "enum",
            "required",
            "x-variants",
            "$ref",
        ),
        *(
            "string",
            "security",
            "webhooks",
            "headers",
            "example",
            "pattern",
            "select",
            "id",
            "callbacks",
            "type",
        ),
    ]
)
_TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 300) | _NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=30,
)


@settings(deadline=None, database=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["3.0.0", "3.1.0"]), _TREES, _TREES, _TREES)
def test_any_tree_becomes_a_spec(version: str, item: Any, schema: Any, rest: Any) -> None:
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": rest}
    document = {"openapi": version, "paths": {"/a": item, "/c": {"post": operation}, "/d": rest}}
    spec = _load(document | {"components": {"schemas": {"A": schema}}, "webhooks": rest, "security": item})
    for converted in _schemas(spec):
        jsonschema_rs.validator_for(converted)


def _schemas(spec: Spec) -> list[dict[str, Any]]:
    found: list[Any] = []
    calls: tuple[Variant | Outbound, ...] = (*spec.variants, *spec.outbounds)
    for call in calls:
        found += [parameter.schema for parameter in call.parameters]
        found += [call.body.schema] if call.body else []
        found += [schema for answer in call.responses for schema in answer.content.values()]
    return [dict(schema) for schema in found]
