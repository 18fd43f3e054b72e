"""The cases E17 to E28 against the built-in mock: nothing to say against the clean one, and each fault has its case."""

from collections.abc import Mapping

import pytest

from dpi_conformance.execution.behaviour import Performed
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.model.verdicts import Verdict
from tests.suites.identity.running import PACK, PREFIX, cases, performed

OWN = ("E1[7-9]/*", "E2?/*")
FAULTS: Mapping[str, Fault] = {one.name: one for one in PACK.load("mocks.identity.faults").FAULTS}
HANDFUL = (
    "claims-by-scope-without-consent",
    "essential-cannot-be-refused",
    "subject-public",
    "duplicate-refused-yet-written",
    "refused-registration-kept",
    "removed-redirect-accepted",
    "update-changes-key",
    "unauthorised-yet-created",
    "link-code-race",
    "link-codes-crossed",
    "auth-code-before-consent",
    "auth-failed-yet-authenticated",
    "wallet-key-of-anybody",
    "binding-proof-of-anybody",
    "iam-expiry-not-checked",
    "iam-not-before-not-checked",
    "xsrf-cookie-not-compared",
    "wallet-certificate-other-key",
    "response-time-local",
    "enrollment-reference-ignored",
)
"""One of each kind; ``selftest identity`` proves all."""


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
    assert {name.partition("/")[0] for name in clean} == {f"E{number}" for number in range(17, 29)}


def test_what_passes_rests_on_evidence(clean: Mapping[str, Performed]) -> None:
    assert all(one.scene.seen and one.scene.expected for one in clean.values())


def test_no_case_takes_long(clean: Mapping[str, Performed]) -> None:
    assert max(one.duration_ms for one in clean.values()) < 30_000


@pytest.mark.parametrize("name", HANDFUL)
def test_a_fault_is_caught_by_its_case(name: str) -> None:
    fault = FAULTS[name]
    results = performed(fault.cases.removeprefix(PREFIX), faults=[name])
    assert fault.check in {finding.code for one in results.values() for finding in one.scene.findings}


def test_each_fault_of_theirs_names_cases_that_there_are() -> None:
    names = [fault.cases.removeprefix(PREFIX) for fault in FAULTS.values() if fault.cases.startswith(PREFIX)]
    assert [name for name in names if not cases(name)] == []
