"""No product is failed for what no document forbids: lawful products, each the mock with one change."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.observer import Silent
from dpi_conformance.judge import judge
from dpi_conformance.mockkit import process
from dpi_conformance.model.report import CaseReport
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.journal import read_journal
from tests.suites.lawful_products import spawning

DECLARED = Pack.builtin().load("mocks.payments.declared")
_BILLS = (
    "B1/answer-passed-on",
    "B1/due-date",
    "B4/stops-after-answer",
    "B6/one-bill",
    "V13/pays-and-consumes",
)
PASSED, INCONCLUSIVE, FAILED = Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FAILED


def cases_of(
    folder: Path,
    patch: pytest.MonkeyPatch,
    product: str,
    only: tuple[str, ...],
    declares: Mapping[str, str | None] | None = None,
) -> Mapping[str, CaseReport]:
    """Run cases of the suite against a lawful product; ``declares``: in place of the mock's, None for a key left out."""
    declared = {**DECLARED.DECLARED, **(declares or {})}
    patch.setattr(DECLARED, "DECLARED", {key: value for key, value in declared.items() if value is not None})
    patch.setattr(process, "_spawn", spawning(product))
    order = Order(blocks=("payments",), only=tuple(f"payments/suite/{one}" for one in only))
    asyncio.run(certify(order, folder, Silent()))
    report = judge(read_journal(folder / JOURNAL))
    return {case.id.removeprefix("payments/suite/"): case for case in report.cases}


@pytest.mark.parametrize(
    ("product", "only", "verdict"),
    [
        ("lookups_behind", ("G[1-5]/*", "G14/*update", "G15/*"), PASSED),
        ("statuses_behind", ("V13/*", "V8/cancelled-while-redeemed", "V9/*", "V12/*"), PASSED),
        ("status_without_value", ("V5/*", "V9/*", "V12/*"), PASSED),
        ("status_without_value", ("V11/value-constant",), INCONCLUSIVE),
        ("outcomes_without_count", ("V5/partial-failure", "V8/unknown-serial"), PASSED),
        ("reports_without_currency", ("G6/*", "G12/*"), PASSED),
        ("unknown_sinks_lookup", ("G1/several-looked-up", "G15/*"), PASSED),
        ("accounts_verified_elsewhere", ("G10/*",), INCONCLUSIVE),
        ("hears_biller_late", _BILLS, INCONCLUSIVE),
        ("asks_twice", ("B1/each-payer-its-answer",), PASSED),
        ("calls_late", ("B4/stops-after-answer",), PASSED),
        ("short_pages", ("G7/*", "G12/no-conversion"), PASSED),
        ("details_out_of_order", ("G7/*", "G12/no-conversion", "G13/*"), INCONCLUSIVE),
        ("results_empty", ("C4/valid/vouchers-created", "C4/valid*/request-to-pay-result"), INCONCLUSIVE),
        ("results_null", ("G2/registered-at-once", "G3/unknown-updated", "G4/*"), INCONCLUSIVE),
        ("results_listed", ("G2/registered-at-once", "G3/unknown-updated", "G4/*"), INCONCLUSIVE),
        ("results_unreadable", ("G2/registered-at-once", "G3/unknown-updated", "G4/*"), INCONCLUSIVE),
        ("results_empty", ("G2/registered-at-once", "G3/unknown-updated", "G4/*"), INCONCLUSIVE),
    ],
)
def test_a_lawful_product_is_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, product: str, only: tuple[str, ...], verdict: Outcome
) -> None:
    cases = cases_of(tmp_path, monkeypatch, product, only)
    verdicts = {case.verdict for case in cases.values()}
    assert verdicts >= {verdict}
    tolerated = {verdict, Outcome.INCONCLUSIVE}  # a busy machine leaves a case undecided
    assert {name: case.verdict for name, case in cases.items() if case.verdict not in tolerated} == {}


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [(None, INCONCLUSIVE), ("some", INCONCLUSIVE), ("whole", PASSED), ("each", FAILED)],
)
def test_whether_an_unknown_payee_sinks_a_batch_is_what_the_vendor_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str | None, verdict: Outcome
) -> None:
    declares = {"batch.partial-failure": declared}
    (case,) = cases_of(
        tmp_path, monkeypatch, "unknown_sinks_batch", ("G11/unknown-payee",), declares
    ).values()
    assert case.verdict is verdict
    if verdict is INCONCLUSIVE:
        assert "declares: batch.partial-failure" in str(case.reason)


def test_a_product_that_throttles_is_told_the_key_that_slows_the_harness_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = cases_of(tmp_path, monkeypatch, "throttled", ("V*",))
    undecided = [case for case in cases.values() if case.verdict is INCONCLUSIVE]
    assert undecided
    throttled = [case for case in undecided if "429" in str(case.reason)]
    assert throttled
    assert all("limits.requests_per_second" in str(case.reason) for case in throttled)


def test_two_states_that_are_read_by_turns_are_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = cases_of(tmp_path, monkeypatch, "two_workers", ("V11/reading-changes-nothing",)).values()
    assert case.verdict is FAILED
    assert "by turns" in str(case.findings[0].message)
