"""The cases E1 to E16 against the built-in mock: nothing to say against the clean one, and each fault has its case."""

import ast
from collections.abc import Mapping

import pytest

from dpi_conformance.execution.behaviour import Performed
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.model.verdicts import Verdict
from tests.suites.identity.running import PACK, PREFIX, cases, performed

OWN = ("E?/*", "E1[0-6]/*")
FAULTS: Mapping[str, Fault] = {one.name: one for one in PACK.load("mocks.identity.faults").FAULTS}
HANDFUL = (
    "discovery-endpoint-dead",
    "jwks-private-members",
    "id-token-key-swapped",
    "code-race",
    "code-never-expires",
    "assertion-key-from-header",
    "redirect-decoded-first",
    "redirect-last-wins",
    "state-trimmed",
    "max-age-ignored",
    "pkce-challenge-as-verifier",
    "id-token-as-bearer",
    "subject-of-party-alone",
    "userinfo-of-last-login",
    "code-bound-to-registration",
    "code-bound-to-address-only",
    "assertion-audience-by-prefix",
    "nonce-cut",
    "pkce-plain-by-default",
    "consent-kept-for-all",
    "token-fields-not-read",
    "max-age-zero-ignored",
    "iam-signature-not-checked",
)
"""One of each kind; ``selftest identity`` proves all."""
MODULES = (
    "test_discovery",
    "test_keys",
    "test_id_tokens",
    "test_id_token_contexts",
    "test_tokens",
    "test_codes",
)
MORE_MODULES = (
    "test_assertions",
    "test_redirects",
    "test_authorize",
    "test_sessions",
    "test_state",
    "test_pkce",
    "test_userinfo",
    "test_persons",
    "test_token_requests",
)


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
    assert {name.partition("/")[0] for name in clean} == {f"E{number}" for number in range(1, 17)}


def test_what_passes_rests_on_evidence(clean: Mapping[str, Performed]) -> None:
    assert all(one.scene.seen and one.scene.expected for one in clean.values())


def test_cases_run_side_by_side(clean: Mapping[str, Performed]) -> None:
    """Each takes seconds, and all of them together not their sum."""
    assert max(one.duration_ms for one in clean.values()) < 30_000
    assert sum(one.duration_ms for one in clean.values()) > max(one.duration_ms for one in clean.values()) * 5


@pytest.mark.parametrize("name", HANDFUL)
def test_a_fault_is_caught_by_its_case(name: str) -> None:
    fault = FAULTS[name]
    results = performed(fault.cases.removeprefix(PREFIX), faults=[name])
    assert fault.check in {finding.code for one in results.values() for finding in one.scene.findings}


def test_every_code_is_claimed_by_a_fault_and_every_fault_has_a_case() -> None:
    folder = PACK.root / "suites" / "identity"
    trees = [
        ast.parse((folder / f"{name}.py").read_text("utf-8"))
        for name in (*MODULES, *MORE_MODULES, "assertions")
    ]
    keywords = (
        one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.keyword) and one.arg == "code"
    )
    codes = {str(one.value.value) for one in keywords if isinstance(one.value, ast.Constant)}
    assert len(codes) > 90
    claimed = {one.check for one in FAULTS.values()}
    assert codes - claimed == set()
    own = [one for one in FAULTS.values() if one.check in codes]
    assert [one.name for one in own if not cases(one.cases.removeprefix(PREFIX))] == []


def test_what_these_cases_ask_to_be_declared_is_documented() -> None:
    text = (PACK.root / "docs" / "suites.md").read_text("utf-8")
    declared = [
        name for name in PACK.load("mocks.identity.declared").DECLARED if name.startswith("short-lived.")
    ]
    assert len(declared) == 2
    own = (*declared, "code.lifetime-seconds", "access-token.lifetime-seconds", "assertion.audience")
    assert [name for name in own if f"`{name}`" not in text] == []
