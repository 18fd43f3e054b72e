"""A vector's verdict and a case's: nothing is green that proved nothing."""

from dataclasses import replace

import pytest

from dpi_conformance.checks.answers import EMPTY_ANSWER
from dpi_conformance.execution.tally import NO_CONTROL, Judged, Tally, judge_vector, standing
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import Case
from dpi_conformance.model.evidence import Exchange, Finding, Request, Response, TransportTrouble
from dpi_conformance.model.vectors import Expectation, Vector
from dpi_conformance.model.verdicts import Verdict

CASE = Case(id="c", block="b", kind="contract", purpose=Message(text="p"), vectors=2)


def _vector(expect: Expectation, credentials: str = "own") -> Vector:
    return Vector(
        id="v", case="c", variant="x", method="POST", target="/", expect=expect, credentials=credentials
    )


def _exchange(status: int = 200, trouble: str = "") -> Exchange:
    return Exchange(
        id="v",
        request=Request(method="POST", url="http://127.0.0.1/"),
        response=None if trouble else Response(status=status),
        trouble=TransportTrouble(kind=trouble, detail="d") if trouble else None,
        elapsed_ms=2,
    )


def _finding(*, advisory: bool = False) -> Finding:
    return Finding(
        code="k", message=Message(text="m"), expected="e", actual="a", clause="c", advisory=advisory
    )


@pytest.mark.parametrize(
    ("expect", "controlled", "verdict"),
    [
        (Expectation.REFUSED, True, Verdict.PASS),
        (Expectation.REFUSED, False, Verdict.INCONCLUSIVE),
        (Expectation.UNAUTHORIZED, False, Verdict.INCONCLUSIVE),
        (Expectation.UNHARMED, True, Verdict.PASS),
        (Expectation.UNHARMED, False, Verdict.INCONCLUSIVE),
        (Expectation.ACCEPTED, False, Verdict.PASS),
        (Expectation.EITHER, False, Verdict.INCONCLUSIVE),
        (Expectation.EITHER, True, Verdict.PASS),
    ],
)
def test_a_refusal_counts_only_beside_a_served_control(
    expect: Expectation, controlled: bool, verdict: Verdict
) -> None:
    judged = judge_vector(_vector(expect), _exchange(400), (), controlled=controlled)
    assert judged.verdict is verdict
    assert (judged.reason is NO_CONTROL) == (verdict is Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(("status", "controlled", "kept"), [(400, False, 0), (400, True, 1), (200, False, 1)])
def test_which_status_refuses_a_caller_is_judged_only_beside_a_served_control(
    status: int, controlled: bool, kept: int
) -> None:
    found = (replace(_finding(), code="status.unauthorized"),)
    assert len(standing(found, _exchange(status), controlled=controlled)) == kept


def test_a_finding_fails_and_an_advisory_one_does_not() -> None:
    vector = _vector(Expectation.ACCEPTED)
    assert judge_vector(vector, _exchange(), (_finding(),), controlled=True).verdict is Verdict.FAIL
    advisory = judge_vector(vector, _exchange(), (_finding(advisory=True),), controlled=True)
    assert advisory.verdict is Verdict.PASS


@pytest.mark.parametrize("kind", ["refused", "unreachable", "tls"])
def test_a_product_that_is_not_reached_is_not_failed(kind: str) -> None:
    judged = judge_vector(
        _vector(Expectation.ACCEPTED), _exchange(trouble=kind), (_finding(),), controlled=True
    )
    assert judged.verdict is Verdict.INCONCLUSIVE


def test_throttling_and_refused_credentials_hide_the_answer() -> None:
    for status in (429, 401):
        judged = judge_vector(_vector(Expectation.REFUSED), _exchange(status), (_finding(),), controlled=True)
        assert judged.verdict is Verdict.INCONCLUSIVE
    wanted = judge_vector(_vector(Expectation.UNAUTHORIZED, "none"), _exchange(401), (), controlled=True)
    assert wanted.verdict is Verdict.PASS


def test_a_case_only_worsens_and_keeps_the_first_reason() -> None:
    tally = Tally(case=CASE)
    assert tally.result().verdict is Verdict.NONE
    first = Message(text="first")
    tally.add(Judged(verdict=Verdict.INCONCLUSIVE, reason=first), _exchange())
    assert not tally.complete
    tally.add(Judged(verdict=Verdict.INCONCLUSIVE, reason=Message(text="second")), None)
    assert tally.complete
    tally.add(Judged(verdict=Verdict.PASS), _exchange())
    result = tally.result()
    assert (result.verdict, result.reason, result.exchanges, result.duration_ms) == (
        Verdict.INCONCLUSIVE,
        first,
        2,
        4,
    )


def test_a_success_that_says_nothing_proves_nothing() -> None:
    vector = _vector(Expectation.ACCEPTED)
    judged = judge_vector(vector, _exchange(), (), controlled=True, unseen=EMPTY_ANSWER)
    assert (judged.verdict, judged.reason) == (Verdict.INCONCLUSIVE, EMPTY_ANSWER)
    failed = judge_vector(vector, _exchange(), (_finding(),), controlled=True, unseen=EMPTY_ANSWER)
    assert failed.verdict is Verdict.FAIL
