"""What the errata of payments accept as another spelling is accepted: in each answer, by each check that it concerns."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import pytest

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.errata import load_errata
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import RefusalRules
from dpi_conformance.model.errata import Accepts, Erratum
from dpi_conformance.model.evidence import Exchange, Finding, Request, Response
from dpi_conformance.model.spec import Variant
from dpi_conformance.model.vectors import Expectation, Vector

PACK = Pack.builtin()
SPEC = load_spec(PACK.spec("payments", "openapi.yaml"))
BLOCK = load_block(PACK.spec("payments", "block.yaml"))
ERRATA = [one for one in load_errata(PACK.spec("payments", "errata.yaml")) if one.accepts is Accepts.ALIAS]
NAMES = {one.id: one for one in ERRATA if not all(alias.isdigit() for alias in one.aliases)}
VALUES = {one.id: one for one in ERRATA if one.id not in NAMES}
ANSWERS = Answers(spec=SPEC, rules=RefusalRules(), echo=BLOCK.echo, aliases=BLOCK.aliases)
STRICT = Answers(spec=SPEC, rules=RefusalRules())
SENT = "A1B2C3D4E5F6"


def _answers(erratum: Erratum) -> Iterator[tuple[Variant, str, dict[str, Any], str]]:
    """Give each declared answer that has one of the names at its top: the variant, status, a body, and the name."""
    for variant in SPEC.variants:
        for response in variant.responses:
            for schema in response.content.values():
                properties = _properties(schema)
                for name in erratum.aliases:
                    if name in properties and response.status.isdigit():
                        body = {known: _sample(properties[known]) for known in properties}
                        yield variant, response.status, body, name


def _properties(schema: Any) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    target = schema["$defs"][reference.rpartition("/")[2]] if reference else schema
    properties: dict[str, Any] = target.get("properties", {})
    return properties


def _sample(schema: Any) -> Any:
    samples: dict[str, Any] = {"string": "00", "integer": 1, "number": 1.5, "array": [], "object": {}}
    return samples[schema["type"] if isinstance(schema["type"], str) else schema["type"][0]]


def _found(answers: Answers, variant: Variant, status: str, body: object, sent: object = None) -> set[str]:
    vector = Vector(
        id="v", case="c", variant=variant.id, method="POST", target="/", expect=Expectation.EITHER
    )
    exchange = Exchange(
        id="v",
        request=Request(method="POST", url="http://127.0.0.1/", body=orjson.dumps(sent or {})),
        response=Response(
            status=int(status), headers=(("content-type", "application/json"),), body=orjson.dumps(body)
        ),
    )
    findings: tuple[Finding, ...] = answers.check(vector, exchange)
    return {finding.code for finding in findings}


def test_there_are_errata_that_accept_spellings() -> None:
    assert set(NAMES) == {"payments-e034", "payments-e035", "payments-e036", "payments-e037"}
    assert set(VALUES) == {"payments-e011"}


@pytest.mark.parametrize("erratum", NAMES.values(), ids=NAMES)
def test_the_block_knows_each_group_of_spellings(erratum: Erratum) -> None:
    assert frozenset(erratum.aliases) in {*BLOCK.echo.values(), *BLOCK.aliases.values()}


@pytest.mark.parametrize("erratum", NAMES.values(), ids=NAMES)
def test_an_answer_is_as_good_in_each_spelling_and_not_better(erratum: Erratum) -> None:
    tried = 0
    for variant, status, body, name in _answers(erratum):
        for alias in erratum.aliases:
            tried += 1
            spelt = {alias if known == name else known: value for known, value in body.items()}
            assert "body.schema" not in _found(ANSWERS, variant, status, spelt), (variant.id, alias)
            wrong = {**spelt, alias: {"of": "a wrong type"}}
            required = "body.schema" in _found(STRICT, variant, status, _without(body, name))
            if alias == name or required:
                assert "body.schema" in _found(ANSWERS, variant, status, wrong), (variant.id, alias)
                assert required == (
                    "body.schema" in _found(ANSWERS, variant, status, _without(spelt, alias))
                ), (variant.id, alias)
    assert tried >= len(erratum.aliases)


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {known: value for known, value in body.items() if known != name}


@pytest.mark.parametrize("erratum", [NAMES["payments-e035"], NAMES["payments-e036"]], ids=lambda one: one.id)
def test_an_identifier_is_looked_for_in_each_spelling(erratum: Erratum) -> None:
    for variant, status, body, name in _answers(erratum):
        if not status.startswith("2"):
            continue
        for asked in erratum.aliases:
            for alias in erratum.aliases:
                spelt = {alias if known == name else known: value for known, value in body.items()}
                sent = {asked: SENT}
                assert "body.echo" not in _found(ANSWERS, variant, status, {**spelt, alias: SENT}, sent)
                assert "body.echo" in _found(ANSWERS, variant, status, {**spelt, alias: "other"}, sent)


@pytest.mark.parametrize("erratum", VALUES.values(), ids=VALUES)
def test_each_accepted_value_is_valid_where_the_erratum_has_it(erratum: Erratum) -> None:
    (place,) = {(cover.operation, cover.fact.partition("#")[0]) for cover in erratum.covers}
    assert place == ("bill-inquiry-result", "body.code")
    outbound = next(one for one in SPEC.outbounds if one.id == place[0])
    assert outbound.body is not None
    validator = jsonschema_rs.Draft202012Validator(dict(outbound.body.schema))
    for value in erratum.aliases:
        written: list[object] = [value] if value.startswith("0") and len(value) > 1 else [int(value)]
        assert all(validator.is_valid({"code": one}) for one in written), value
    assert not validator.is_valid({"code": "2"})
