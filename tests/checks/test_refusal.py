"""How a block refuses: by status, by a field's value, by a list that is filled, by a redirect."""

import pytest

from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import BodyRefusal, RedirectRefusal, RefusalRules
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.model.spec import ResponseDeclared, Spec, Variant
from dpi_conformance.model.vectors import Expectation, Vector

RULES = RefusalRules(
    bodies=(BodyRefusal(filled=frozenset({"errors"}), statuses=frozenset({200})),),
    redirects=(RedirectRefusal(parameter="error", variants=frozenset({"authorize"})),),
)
AUTHORIZE = Variant(
    id="authorize",
    method="get",
    path="/authorize",
    responses=(ResponseDeclared(status="200"), ResponseDeclared(status="302")),
    secured=False,
)
READ = Variant(
    id="read", method="get", path="/me", responses=(ResponseDeclared(status="200"),), scheme="token"
)
ANSWERS = Answers(
    spec=Spec(title="login", version="1", variants=(AUTHORIZE, READ)),
    rules=RULES,
    proofs=frozenset({"X-Key"}),
)


@pytest.mark.parametrize(
    ("body", "refuses"),
    [
        ({"errors": [{"errorCode": "invalid"}]}, True),
        ({"errors": {"errorCode": "invalid"}}, True),
        ({"errors": []}, False),
        ({"errors": {}}, False),
        ({"errors": None, "response": {}}, False),
        ({"errors": "none"}, False),
        ({"response": {}}, False),
        ([{"errors": [1]}], False),
    ],
)
def test_a_filled_list_refuses(body: object, refuses: bool) -> None:
    assert RULES.refuses("read", 200, body) is refuses
    assert RULES.serves("read", 200, body) is not refuses


def test_a_list_refuses_only_with_the_statuses_that_are_named() -> None:
    assert not RULES.refuses("read", 500, {"errors": [1]})
    assert not RULES.serves("read", 500, {"errors": []})


@pytest.mark.parametrize(
    ("location", "refuses"),
    [
        ("https://rp.example/back?error=invalid_scope&state=1", True),
        ("https://rp.example/back?error=", True),
        ("/login?transaction=1", False),
        ("https://rp.example/error", False),
        ("http://[broken", False),
        ("", False),
    ],
)
def test_a_redirect_refuses_by_its_query_and_only_where_the_block_says_so(
    location: str, refuses: bool
) -> None:
    assert RULES.refuses("authorize", 302, None, location) is refuses
    assert RULES.serves("authorize", 302, None, location) is not refuses
    assert not RULES.refuses("read", 302, None, location)
    assert not RULES.serves("read", 302, None, location)


def _codes(variant: Variant, status: int, location: str, expect: Expectation) -> set[str]:
    vector = Vector(
        id="v",
        case=f"login/contract/{variant.id}/x/y",
        variant=variant.id,
        method="GET",
        target="/",
        expect=expect,
    )
    response = Response(status=status, headers=(("location", location),), body=b"")
    exchange = Exchange(id="v", request=Request(method="GET", url="/"), response=response)
    return {finding.code for finding in ANSWERS.check(vector, exchange)}


def test_a_declared_redirect_is_an_answer() -> None:
    assert _codes(AUTHORIZE, 302, "/login", Expectation.ACCEPTED) == set()
    assert _codes(AUTHORIZE, 302, "/login", Expectation.REFUSED) == {"status.refused"}
    assert _codes(AUTHORIZE, 302, "https://rp.example/?error=x", Expectation.ACCEPTED) == {"status.accepted"}
    assert _codes(AUTHORIZE, 302, "https://rp.example/?error=x", Expectation.REFUSED) == set()


def test_a_redirect_that_nobody_declared_is_a_finding() -> None:
    assert "status.redirect" in _codes(READ, 302, "/login", Expectation.EITHER)
    assert "status.redirect" in _codes(AUTHORIZE, 307, "/login", Expectation.EITHER)


def test_who_is_asked_for_proof() -> None:
    assert (ANSWERS.scheme("read"), ANSWERS.scheme("authorize"), ANSWERS.scheme("none")) == (
        "token",
        None,
        "",
    )
    assert ANSWERS.asks_for_proof("read")
    assert not ANSWERS.asks_for_proof("authorize")
    assert not ANSWERS.asks_for_proof("read", "login/contract/read/required/header.X-Key")
    open_ = Answers(spec=Spec(title="o", version="1", variants=(AUTHORIZE,)), rules=RULES)
    assert open_.asks_for_proof("authorize"), "a document without any security says nothing about it"
