"""A small specification with its knowledge: every keyword that the rules know, two variants on one address."""

from collections.abc import Callable
from typing import Any

import pytest

from dpi_conformance.model.spec import BodyDeclared, Parameter, ResponseDeclared, Spec, Variant
from dpi_conformance.vectors.knowledge import Knowledge
from dpi_conformance.vectors.rules import subjects
from dpi_conformance.vectors.trials import Subject

ORDER = {
    "type": "object",
    "required": ["id", "kind", "items"],
    "properties": {
        "id": {"type": "string", "maxLength": 12},
        "kind": {"type": "string", "enum": ["new", "old"]},
        "code": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": "string", "maxLength": 50},
        "currency": {"type": "string", "maxLength": 3},
        "owner": {"$ref": "#/$defs/Owner"},
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {"count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10}},
            },
        },
    },
    "$defs": {"Owner": {"type": ["string", "null"], "minLength": 2, "maxLength": 8}},
}
CANCEL = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "maxLength": 12}}}
OK = (ResponseDeclared(status="200", content={"application/json": {"type": "object"}}),)

SPEC = Spec(
    title="orders",
    version="1",
    variants=(
        Variant(
            id="create",
            method="post",
            path="/orders",
            function="orders",
            parameters=(
                Parameter(
                    name="X-Id", location="header", required=True, schema={"type": "string", "maxLength": 20}
                ),
                Parameter(name="dry", location="query", required=False, schema={"type": "boolean"}),
            ),
            body=BodyDeclared(schema=ORDER),
            responses=OK,
            published={"file": "api/Order.yml", "method": "post", "path": "/orders"},
            clause="Orders 1.1",
        ),
        Variant(
            id="cancel",
            method="post",
            path="/orders",
            select=(("command", "cancel"),),
            body=BodyDeclared(schema=CANCEL),
            responses=OK,
            published={"file": "api/Cancel.yml", "method": "post", "path": "/orders"},
        ),
        Variant(
            id="read",
            method="get",
            path="/orders/{id}",
            parameters=(
                Parameter(
                    name="id", location="path", required=True, schema={"type": "string", "maxLength": 20}
                ),
                Parameter(name="page", location="query", required=False, schema={"type": "integer"}),
            ),
            responses=OK,
            secured=False,
            published={"file": "api/Read.yml", "method": "get", "path": "/orders/{id}"},
        ),
    ),
)

KNOWLEDGE: dict[str, Any] = {
    "block": "shop",
    "dictionaries": {"currency": {"clause": "ISO 4217", "values": ["EUR", "XOF"], "wrong": ["ZZZ"]}},
    "resources": {"order": {"id": "ORDER00001", "number": 7, "name": "Ann"}},
    "variants": {
        "create": {
            "headers": {"X-Id": "{{id:12}}"},
            "query": {"dry": True},
            "body": {
                "id": "{{id:12}}",
                "kind": "new",
                "code": "AB",
                "at": "{{now}}",
                "note": "by hand",
                "currency": "EUR",
                "owner": "Ann",
                "items": [{"count": 3}],
            },
            "bound": {"body.currency": "currency"},
            "free": ["body.note"],
            "echo": {"body.id": "/id"},
            "open": [{"place": "body.code", "kinds": ["pattern"], "why": "two files disagree"}],
            "alternatives": {"ownerless": {"body.owner": None}},
            "many": ["body.items"],
        },
        "cancel": {"needs": ["order"], "body": {"id": "{{order.id}}"}},
        "read": {
            "needs": ["order"],
            "path": {"id": "{{order.id}}"},
            "query": {"page": 1},
            "texts": {"order": {"name": "/name"}},
            "shows": ["/lines/0"],
            "unmatched": ["query.page"],
            "times": ["/made", "/paid"],
        },
    },
}


@pytest.fixture
def knowledge() -> Knowledge:
    return Knowledge.model_validate(KNOWLEDGE)


@pytest.fixture
def subject(knowledge: Knowledge) -> Callable[[str], Subject]:
    made = {one.variant.id: one for one in subjects(SPEC, knowledge)}
    return made.__getitem__
