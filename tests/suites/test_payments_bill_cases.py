"""The cases about bills and requests to pay: nothing to say against the clean mock, each fault named, nothing guessed."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.product import Product, ProductFile
from dpi_conformance.catalogue.target import NoAuth, Target
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.steps import json_request
from dpi_conformance.judge import judge
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.model.evidence import Request
from dpi_conformance.model.report import CaseReport
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.journal import read_journal

PACK = Pack.builtin()
BILLS = PACK.load("suites.payments.bills")
DECLARED = PACK.load("mocks.payments.declared")
ASKS_THE_VENDOR = {
    "B1/due-date": "bill.due-date",
    "B1/silent-biller": "biller.timeout-seconds",
    "B2/unknown-prefix": "bill.unknown-prefix",
    "B4/repeated-after-503": "mark-bill-paid.repeat-seconds",
    "B4/repeated-until-answered": "mark-bill-paid.repeat-seconds",
    "B4/stops-after-answer": "mark-bill-paid.repeat-seconds",
    "B5/by-alias": "request-to-pay.aliases",
    "B5/unknown-alias": "request-to-pay.aliases",
    "B5/other-institution": "request-to-pay.unreached-bic",
    "B5/status": "request-to-pay.status-accepted",
    "B5/terminal-stays": "request-to-pay.status-accepted",
    "B6/request-to-payment": "request-to-pay.status-accepted",
}
"""Cases that nothing but the vendor's word makes decidable, and the word that they ask for."""


def cases_of(
    folder: Path, *only: str, faults: frozenset[str] = frozenset(), product: ProductFile | None = None
) -> Mapping[str, CaseReport]:
    """Run cases of the suite against the built-in mock, or a product; by their name in the suite."""
    chosen = tuple(f"payments/suite/{one}" for one in only)
    order = Order(blocks=("payments",), only=chosen, faults=faults, product=product)
    asyncio.run(certify(order, folder, Silent()))
    report = judge(read_journal(folder / JOURNAL))
    return {case.id.removeprefix("payments/suite/"): case for case in report.cases}


def test_the_clean_mock_keeps_every_property(tmp_path: Path) -> None:
    cases = cases_of(tmp_path, "B*")
    assert {name.partition("/")[0] for name in cases} == {f"B{number}" for number in range(1, 9)}
    assert {name: case.verdict for name, case in cases.items() if case.verdict is not Outcome.PASSED} == {}
    assert not [case.id for case in cases.values() if case.findings]


@pytest.mark.parametrize(
    ("fault", "case", "code", "said"),
    [
        ("bill-fee-added", "B1/answer-passed-on", "bill.details-unchanged", "amountonDueDate"),
        ("due-date-by-local-clock", "B1/due-date", "bill.due-date-kept", "2027-12-30T22:15:00Z"),
        ("unknown-prefix-forwarded", "B2/unknown-prefix", "bill.unknown-not-asked", "belongs to no biller"),
        ("rejection-as-ack", "B4/rejected", "bill.outcome-kept", "told ACK"),
        ("paid-bill-confirmed-again", "B4/second-payment", "bill.paid-once", "2 payments"),
        ("outcome-by-bill", "B4/simultaneous-payments", "bill.paid-once", "3 payments"),
        ("mark-goes-on", "B4/stops-after-answer", "bill.mark-stops", "asked to mark it again"),
        ("rtp-terminal-left", "B5/terminal-stays", "rtp.terminal-stays", "became COM"),
    ],
)
def test_a_fault_is_found_by_its_case_and_said_in_words(
    tmp_path: Path, fault: str, case: str, code: str, said: str
) -> None:
    found = cases_of(tmp_path, case, faults=frozenset({fault}))[case]
    assert found.verdict is Outcome.FAILED
    finding = next(one for one in found.findings if one.code == code)
    assert said in str(finding.message)
    assert finding.exchange, "a finding shows what was seen"
    assert finding.advice is not None


def test_each_kind_of_trouble_shows_that_nothing_is_repeated(tmp_path: Path) -> None:
    cases = cases_of(tmp_path, "B4/repeated-*", faults=frozenset({"mark-tried-once"}))
    assert len(cases) == 4
    for case in cases.values():
        assert [one.code for one in case.findings] == ["bill.mark-repeated"], case.id


@pytest.mark.parametrize(
    ("fault", "case", "code"),
    [
        ("bill-payment-race", "B4/simultaneous-payments", "bill.marked-once"),
        ("bill-amounts-swapped", "B7/late-amount", "bill.late-amount"),
    ],
)
def test_what_the_documents_leave_to_the_biller_is_advice(
    tmp_path: Path, fault: str, case: str, code: str
) -> None:
    found = cases_of(tmp_path, case, faults=frozenset({fault}))[case]
    assert found.verdict is Outcome.PASSED
    assert [(one.code, one.advisory) for one in found.findings] == [(code, True)]


def test_what_no_document_says_is_asked_of_the_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DECLARED, "DECLARED", {})
    cases = cases_of(tmp_path, *ASKS_THE_VENDOR)
    assert {name: case.verdict for name, case in cases.items()} == dict.fromkeys(
        ASKS_THE_VENDOR, Outcome.INCONCLUSIVE
    )
    for name, case in cases.items():
        assert ASKS_THE_VENDOR[name] in str(case.reason), name


@pytest.mark.parametrize("given", ["soon", "0", "86400"])
def test_a_time_that_no_case_can_wait_for_is_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    declared = {**DECLARED.DECLARED, "mark-bill-paid.repeat-seconds": given}
    monkeypatch.setattr(DECLARED, "DECLARED", declared)
    case = cases_of(tmp_path, "B4/stops-after-answer")["B4/stops-after-answer"]
    assert case.verdict is Outcome.INCONCLUSIVE
    assert f"“{given}”" in str(case.reason)


def test_a_biller_that_cannot_tell_two_inquiries_apart_judges_neither(tmp_path: Path) -> None:
    name = "B1/each-payer-its-answer"
    case = cases_of(tmp_path, name, faults=frozenset({"correlation-lost-to-biller"}))[name]
    assert case.verdict is Outcome.INCONCLUSIVE
    assert "B8/inquiry" in str(case.reason)


def test_a_product_that_calls_nobody_of_ours_is_accused_of_nothing(tmp_path: Path) -> None:
    with MockProcess.start("payments", pack=PACK) as mock:
        target = Target(base_url=mock.url, auth=NoAuth(type="none"))
        product = ProductFile(product=Product(vendor="V", name="P", version="1"), blocks={"payments": target})
        cases = cases_of(tmp_path, "B1/answer-passed-on", "B4/rejected", "B5/status", "B7/*", product=product)
    assert {name: case.verdict for name, case in cases.items()} == {
        **dict.fromkeys(["B1/answer-passed-on", "B4/rejected", "B5/status"], Outcome.INCONCLUSIVE),
        "B7/late-amount": Outcome.PASSED,
        "B7/paid-status": Outcome.INCONCLUSIVE,
    }
    assert "biller" in str(cases["B1/answer-passed-on"].reason)
    assert "payer-fi" in str(cases["B5/status"].reason)


def test_a_product_may_tell_the_institution_at_its_own_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The published inquiry and payment have no field for an address (payments-e049)."""

    def addressless(method: str, target: str, body: object, headers: Mapping[str, str]) -> Request:
        kept = {name: value for name, value in headers.items() if name != "X-Callback-URL"}
        return json_request(method, target, body, kept)

    monkeypatch.setattr(BILLS, "json_request", addressless)
    names = (
        "B1/answer-passed-on",
        "B1/answered-twice",
        "B1/each-payer-its-answer",
        "B4/*",
        "B7/*",
        "B8/inquiry",
    )
    cases = cases_of(tmp_path, *names)
    assert len(cases) > 15
    assert {name: case.verdict for name, case in cases.items() if case.verdict is not Outcome.PASSED} == {}


def test_a_product_that_refuses_each_payment_is_accused_of_that_alone(tmp_path: Path) -> None:
    names = ("B3/*", "B4/marked-and-confirmed", "B4/second-payment", "B4/simultaneous-payments", "B8/payment")
    cases = dict(cases_of(tmp_path, *names, faults=frozenset({"valid-payment-refused"})))
    accused = cases.pop("B4/marked-and-confirmed")
    assert [finding.code for finding in accused.findings] == ["bill.payment-taken-in"]
    assert len(cases) == 6
    assert {case.verdict for case in cases.values()} == {Outcome.INCONCLUSIVE}
