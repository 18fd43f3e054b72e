"""Mediators that are not ours: an honest one is not accused, and each way to go wrong has its finding or a clear reason."""

import time

import pytest

from dpi_conformance.model.verdicts import Verdict
from tests.suites.exchange.plain_mediator import PlainMediator
from tests.suites.exchange.running import PREFIX, cases, codes, through

MEDIATION = ("D4/allowed", "D4/not-allowed", "D7/*")
CONFIGURED = {"D7/unreachable-provider", "D7/tls-to-the-provider"}
"""They need the operations of the configuration, which a plain mediator does not have."""


def test_an_honest_mediator_that_is_not_ours_is_not_accused() -> None:
    results = through(PlainMediator(), *MEDIATION)
    told = {name: [one.code for one in result.scene.findings] for name, result in results.items()}
    assert {name: one for name, one in told.items() if one} == {}
    undecided = {name for name, one in results.items() if one.verdict is Verdict.INCONCLUSIVE}
    assert undecided <= CONFIGURED


@pytest.mark.parametrize(
    ("way", "case", "code"),
    [
        ("wrong-service", "D4/allowed", "mediation.path"),
        ("served-by-itself", "D4/allowed", "mediation.served"),
        ("twice", "D7/once-503", "mediation.once"),
        ("reordered", "D7/large-requests", "mediation.request-body"),
        ("reordered", "D7/bodies", "mediation.request-body"),
        ("truncated", "D7/answers", "mediation.answer-body"),
    ],
)
def test_a_way_to_go_wrong_is_found(way: str, case: str, code: str) -> None:
    assert code in codes(through(PlainMediator(way=way), case))


def test_added_headers_are_told_and_accuse_nobody() -> None:
    results = through(PlainMediator(way="headers-added"), "D7/answers", "D7/methods")
    found = [one for result in results.values() for one in result.scene.findings]
    assert {(one.code, one.advisory) for one in found} == {("mediation.headers-added", True)}
    assert "im-7.internal" in found[0].actual
    assert {one.verdict for one in results.values()} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("way", "advisory", "verdict"),
    [("keep-alive-passed-on", True, Verdict.PASS), ("named-passed-on", False, Verdict.FAIL)],
)
def test_only_what_connection_names_must_stay_behind(way: str, advisory: bool, verdict: Verdict) -> None:
    (result,) = through(PlainMediator(way=way), "D7/headers-of-a-connection").values()
    told = [(one.code, one.advisory) for one in result.scene.findings]
    assert told == [("mediation.hop-by-hop", advisory)]
    assert result.verdict is verdict


def test_whoever_claims_mediation_alone_is_not_asked_to_be_configured() -> None:
    unclaimed = {
        one.case.id.removeprefix(PREFIX) for one in cases("*") if "mediation" not in one.case.functions
    }
    assert CONFIGURED | {"D4/other-application-of-the-member", "D5/allow", "D5/deny"} <= unclaimed


@pytest.mark.parametrize("way", ["silent", "garbage", "endless", "loops"])
def test_a_mediator_that_gives_no_answer_is_never_waited_for_without_end(way: str) -> None:
    began = time.monotonic()
    results = through(PlainMediator(way=way), *MEDIATION, answer_seconds=0.4)
    assert time.monotonic() - began < 20
    for result in results.values():
        assert result.verdict in {Verdict.INCONCLUSIVE, Verdict.FAIL}
        assert result.reason is not None or result.scene.findings
