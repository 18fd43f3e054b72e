"""The cases D1 to D10, X1 to X14 and M1 to M4 against the mock: the clean one is not accused, faults are caught."""

from collections.abc import Mapping

import pytest

from dpi_conformance.execution.behaviour import Performed
from dpi_conformance.model.verdicts import Verdict
from tests.suites.exchange.running import PACK, PREFIX, assignment, cases, performed

OWN = ("D*", "X*", "M*")
FAULTS = {one.name: one for one in PACK.load("mocks.exchange.faults").FAULTS}
HANDFUL = (
    "path-decoded",
    "query-cut-at-2048",
    "request-cut-at-a-megabyte",
    "answers-mixed-up",
    "answers-from-a-cache",
    "redirects-followed",
    "call-repeated-on-503",
    "tls-given-up",
    "own-headers-reach-caller",
    "rights-of-the-whole-member",
    "page-skips-one",
    "replacing-again-adds",
    "request-hash-of-the-body",
    "metadata-in-a-form-of-its-own",
)
"""One of each kind; ``selftest exchange`` proves all."""


@pytest.fixture(scope="module")
def clean() -> Mapping[str, Performed]:
    return performed(*OWN)


def test_the_clean_mock_is_accused_of_nothing(clean: Mapping[str, Performed]) -> None:
    unhappy = {
        name: (one.verdict, str(one.reason), [finding.code for finding in one.scene.findings])
        for name, one in clean.items()
        if one.verdict is not Verdict.PASS or one.scene.findings
    }
    assert unhappy == {}
    wanted = {f"D{number}" for number in range(1, 11)} | {f"X{number}" for number in range(1, 15)}
    assert {name.partition("/")[0] for name in clean} == wanted | {f"M{number}" for number in range(1, 5)}


def test_what_passes_rests_on_evidence(clean: Mapping[str, Performed]) -> None:
    assert all(one.scene.seen and one.scene.expected for one in clean.values())


def test_cases_run_side_by_side(clean: Mapping[str, Performed]) -> None:
    assert max(one.duration_ms for one in clean.values()) < 30_000


def test_nothing_large_is_kept(clean: Mapping[str, Performed]) -> None:
    """10 MB go both ways, and the evidence has their beginning."""
    for one in clean.values():
        for seen in one.scene.evidence():
            assert len(seen.request.body) <= 65_536


@pytest.mark.parametrize("name", HANDFUL)
def test_a_fault_is_caught_by_its_case(name: str) -> None:
    fault = FAULTS[name]
    results = performed(fault.cases.removeprefix(PREFIX), faults=[name])
    assert fault.check in {finding.code for one in results.values() for finding in one.scene.findings}


def test_each_fault_of_the_suite_names_cases_that_are_there() -> None:
    own = [one for one in FAULTS.values() if one.cases.startswith(PREFIX) and one.cases[len(PREFIX)] in "DXM"]
    assert [one.name for one in own if not cases(one.cases.removeprefix(PREFIX))] == []


def test_the_directory_is_told_who_asks_although_no_security_is_published_for_it() -> None:
    """Whether it asks for a proof is left to the product (exchange-e001)."""
    answers = assignment().answers(10)
    assert answers.scheme("list-clients") == ""
    assert answers.scheme("rights-list") == "authorization"
