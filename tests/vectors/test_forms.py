"""A body that is a form is varied place by place as an object is, and goes out as a form."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from dpi_conformance.execution.slots import Anew, Fresh, fill
from dpi_conformance.model.spec import BodyDeclared, ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.documents import document
from dpi_conformance.vectors.drafts import FORM, Place
from dpi_conformance.vectors.freezing import vector_of
from dpi_conformance.vectors.knowledge import Knowledge
from dpi_conformance.vectors.rebasing import rebased
from dpi_conformance.vectors.rules import subjects, trials
from dpi_conformance.vectors.trials import Subject, Trial

SCHEMA = {
    "type": "object",
    "required": ["grant", "code"],
    "properties": {
        "grant": {"type": "string", "enum": ["code"]},
        "code": {"type": "string"},
        "note": {"type": "string"},
    },
}
SPEC = Spec(
    title="tokens",
    version="1",
    variants=(
        Variant(
            id="token",
            method="post",
            path="/token",
            body=BodyDeclared(schema=SCHEMA, media_type=FORM),
            responses=(ResponseDeclared(status="200", content={"application/json": {"type": "object"}}),),
            secured=False,
        ),
        Variant(id="read", method="get", path="/me", responses=(ResponseDeclared(status="200"),)),
    ),
)
KNOWN = Knowledge.model_validate(
    {
        "block": "tokens",
        "resources": {"login": {"code": "c/1", "token": "t1"}},
        "clauses": {"required": "Tokens 7"},
        "variants": {
            "token": {"needs": ["login"], "body": {"grant": "code", "code": "{{login.code}}", "note": "a b"}},
            "read": {
                "needs": ["login"],
                "headers": {"Authorization": "Bearer {{login.token}}"},
                "methods": ["POST"],
            },
        },
    }
)


def _subject(name: str) -> Subject:
    return next(one for one in subjects(SPEC, KNOWN) if one.variant.id == name)


@pytest.fixture(scope="module")
def token() -> Subject:
    return _subject("token")


def _made(subject: Subject, kind: str, place: str) -> Sequence[Trial]:
    return [trial for trial in trials(subject) if (trial.kind, trial.place) == (kind, place)]


def test_the_control_goes_out_as_a_form_with_its_values_encoded(token: Subject) -> None:
    (control,) = _made(token, "positive", "control")
    vector = vector_of("tokens", token, control)
    assert ("Content-Type", FORM) in vector.headers
    assert vector.body == "grant=code&code={{login.code}}&note=a%20b"
    request = fill(vector, Fresh(), "", {"login.code": "a/b&c=d é"})
    assert dict(parse_qsl(request.body.decode())) == {"grant": "code", "code": "a/b&c=d é", "note": "a b"}


def test_generators_are_given_the_form_as_an_object(token: Subject) -> None:
    described = document(token)["paths"]["/token"]["post"]["requestBody"]["content"]
    assert described["application/json"]["example"] == {"grant": "code", "code": "c/1", "note": "a b"}


def test_a_form_knows_no_types_and_no_json(token: Subject) -> None:
    made = list(trials(token))
    assert {trial.kind for trial in made} >= {"positive", "required", "enum", "protocol", "boundary"}
    assert "type" not in {trial.kind for trial in made}
    places = {trial.place for trial in made if trial.kind == "protocol"}
    assert not places & {"malformed", "truncated", "deep-body", "not-a-number", "byte-order-mark"}


@pytest.mark.parametrize(
    ("place", "expect"),
    [
        ("media-type", Expectation.UNSUPPORTED_MEDIA_TYPE),
        ("form-charset", Expectation.ACCEPTED),
        ("unknown-field", Expectation.ACCEPTED),
        ("repeated-parameter", Expectation.REFUSED),
        ("form-json", Expectation.REFUSED),
        ("empty-body", Expectation.EITHER),
        ("form-bytes", Expectation.EITHER),
        ("large-body", Expectation.EITHER),
    ],
)
def test_what_is_said_of_forms(token: Subject, place: str, expect: Expectation) -> None:
    assert {trial.expect for trial in _made(token, "protocol", place)} <= {expect, Expectation.REFUSED}
    assert _made(token, "protocol", place)


def test_each_parameter_comes_twice_once(token: Subject) -> None:
    texts = [
        trial.draft.raw.text for trial in _made(token, "protocol", "repeated-parameter") if trial.draft.raw
    ]
    assert [
        text.count(f"{name}=") for text, name in zip(texts, ("grant", "code", "note"), strict=True) if text
    ] == [
        2,
        2,
        2,
    ]


def test_json_under_a_form_s_media_type_is_filled_as_json(token: Subject) -> None:
    (trial,) = _made(token, "protocol", "form-json")
    vector = replace(vector_of("tokens", token, trial), body='{"code":"{{login.code}}"}')
    assert fill(vector, Fresh(), "", {"login.code": "a/b"}).body == b'{"code":"a/b"}'


def test_generated_values_that_no_form_can_carry_are_left_out(token: Subject) -> None:
    bodies: list[object] = [
        {"grant": "code", "code": 7, "note": "a b"},
        "no object",
        {"grant": "x", "code": "c/1"},
    ]
    made = list(rebased(token, [{"body": body, "origin": "schemathesis:x"} for body in bodies]))
    assert [(trial.place, trial.draft.value(Place.read(trial.place))) for trial in made] == [
        ("body.grant", "x")
    ]


def test_a_block_s_own_clause_stands_in_place_of_the_usual_one(token: Subject) -> None:
    from dpi_conformance.vectors.purposes import clause_of

    (missing,) = [trial for trial in _made(token, "required", "body.code") if not trial.keyword]
    assert clause_of(token.variant, missing, KNOWN.clauses) == "Tokens 7"
    assert clause_of(token.variant, missing) != "Tokens 7"


def test_a_token_in_the_request_itself_is_left_out_and_made_up() -> None:
    read = _subject("read")
    (missing,) = _made(read, "credentials", "missing")
    (wrong,) = _made(read, "credentials", "wrong")
    assert dict(missing.draft.headers) == {}
    assert dict(wrong.draft.headers) == {"Authorization": "Bearer {{id:40}}"}
    assert {missing.expect, wrong.expect} == {Expectation.UNAUTHORIZED}


def test_methods_that_another_standard_allows_are_not_tried() -> None:
    methods = {trial.draft.method for trial in _made(_subject("read"), "protocol", "method")}
    assert methods == {"PUT", "PATCH", "DELETE"}


def test_a_signature_is_made_for_each_request(token: Subject) -> None:
    (control,) = _made(token, "positive", "control")
    vector = replace(vector_of("tokens", token, control), body="code={{login.code}}&again={{login.code}}")
    numbers = iter(range(9))
    resource = {"login.code": Anew(lambda: str(next(numbers)))}
    assert [fill(vector, Fresh(), "", resource).body for _ in range(2)] == [
        b"code=0&again=0",
        b"code=1&again=1",
    ]


def test_the_moment_is_given_to_the_millisecond_where_it_is_asked_for(token: Subject) -> None:
    (control,) = _made(token, "positive", "control")
    vector = replace(vector_of("tokens", token, control), headers=(("X", "{{now:ms}} {{now}}"),), body=None)
    first, second = dict(fill(vector, Fresh(), "", {}).headers)["X"].split()
    assert (len(first), len(second)) == (24, 20)
    assert first[:16] == second[:16]
