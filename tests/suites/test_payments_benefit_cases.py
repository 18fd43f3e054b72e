"""The cases about beneficiaries and batches: nothing to say against the clean mock, each fault named, no guess judged."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.observer import Silent
from dpi_conformance.judge import judge
from dpi_conformance.model.evidence import Callback, Request
from dpi_conformance.model.report import CaseReport
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.journal import read_journal

PACK = Pack.builtin()
BATCHES = PACK.load("suites.payments.batches")
FIGURES = PACK.load("suites.payments.batch_figures")
ACCOUNTS = PACK.load("suites.payments.accounts")
DECLARED = PACK.load("mocks.payments.declared")
ASKS_THE_VENDOR = {
    "G7/pages": "batch-details.first-page",
    "G7/filters": "transaction-status.completed",
    "G9/bank-stays-silent": "bank.timeout-seconds",
    "G11/unknown-payee": "credit-party.payee",
}
"""Cases that nothing but the vendor's word makes decidable, and the word that they ask for."""


def cases_of(folder: Path, *only: str, faults: frozenset[str] = frozenset()) -> Mapping[str, CaseReport]:
    """Run cases of the suite against the built-in mock; by their name in the suite."""
    chosen = tuple(f"payments/suite/{one}" for one in only)
    order = Order(blocks=("payments",), only=chosen, faults=faults)
    asyncio.run(certify(order, folder, Silent()))
    report = judge(read_journal(folder / JOURNAL))
    return {case.id.removeprefix("payments/suite/"): case for case in report.cases}


def test_the_clean_mock_keeps_every_property(tmp_path: Path) -> None:
    cases = cases_of(tmp_path, "G*")
    assert {name.partition("/")[0] for name in cases} == {f"G{n}" for n in range(1, 16)}
    assert {name: case.verdict for name, case in cases.items() if case.verdict is not Outcome.PASSED} == {}
    assert not [case.id for case in cases.values() if case.findings]


@pytest.mark.parametrize(
    ("fault", "case", "code", "said"),
    [
        ("registration-race", "G2/registered-at-once", "account.registered-once", "same moment"),
        ("amounts-in-float", "G6/totals", "batch.totals-as-submitted", "binary fractions"),
        ("identical-batches-race", "G8/two-at-once", "batch.paid-once", "4 times"),
        ("paid-while-asking", "G9/before-the-bank-s-word", "batch.unauthorised-unpaid", "approval"),
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


def test_a_refusal_that_names_nothing_is_advice_and_no_failure(tmp_path: Path) -> None:
    name = "G14/incomplete-registration"
    case = cases_of(tmp_path, name, faults=frozenset({"refusal-names-nothing"}))[name]
    assert case.verdict is Outcome.PASSED
    assert {(one.code, one.advisory) for one in case.findings} == {("request.incomplete-named", True)}


def test_what_no_document_says_is_asked_of_the_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DECLARED, "DECLARED", {})
    cases = cases_of(tmp_path, "G*")
    undecided = {name for name, case in cases.items() if case.verdict is Outcome.INCONCLUSIVE}
    assert undecided == ASKS_THE_VENDOR.keys()
    assert not [case.id for case in cases.values() if case.verdict is Outcome.FAILED]
    for name, word in ASKS_THE_VENDOR.items():
        assert word in str(cases[name].reason), name


def update_of(body: bytes) -> Callback:
    request = Request(method="POST", url="http://x/", body=body)
    return Callback(id="c", address="a", request=request, received_at="", after_ms=0, answered=202)


def test_a_status_update_is_read_to_the_last_digit_and_a_wrong_figure_is_none() -> None:
    raw = b'{"TotalTransactions":3,"completed":2,"failed":1,"totalAmount":0.30000000000000004,"failed_amount":1e999}'
    report = FIGURES.Report.read(update_of(raw))
    assert report.amounts["total"] == Decimal("0.30000000000000004")
    assert report.amounts["failed"] is None, "no sum of money has a thousand digits"
    assert report.amounts["completed"] is None
    assert report.counts["ongoing"] == 0, "the file does not demand it: it is what is left"
    assert report.final


@pytest.mark.parametrize("body", [b"", b"[]", b"NaN", b'{"completed": NaN}', b'{"completed": true}'])
def test_a_status_update_that_says_nothing_is_not_final(body: bytes) -> None:
    report = FIGURES.Report.read(update_of(body))
    assert not report.final
    assert report.counts["completed"] is None


def test_a_sum_tells_which_payments_it_is_of() -> None:
    paid = [
        BATCHES.Payment(id=str(number), amount=Decimal(amount), currency="EUR", payee={"accountNumber": "A"})
        for number, amount in enumerate(("0.1", "0.2", "0.3"))
    ]
    assert BATCHES.which(paid, Decimal("0.5")) == [paid[1], paid[2]]
    assert BATCHES.which(paid, Decimal(0)) == []
    assert BATCHES.which(paid, Decimal("0.3")) is None, "one payment, or two others"
    assert BATCHES.which(paid, Decimal("0.7")) is None
    assert BATCHES.which(paid, None) is None


def test_a_bank_s_code_is_compared_only_where_it_was_given() -> None:
    mine = ACCOUNTS.Account(identity="A")
    derived = ACCOUNTS.Account(identity="A", bank="DEUTDEFF500")
    assert mine.differences(derived) == ""
    assert derived.differences(mine) == "bankingInstitutionCode"
    assert mine.differences(mine.moved()) == "financialAddress"


@pytest.mark.parametrize(
    ("declared", "verdict", "said"),
    [
        ({}, Outcome.INCONCLUSIVE, "declares: batch.account-validation"),
        (
            {"batch.account-validation": "elsewhere"},
            Outcome.INCONCLUSIVE,
            "elsewhere than at the payer's bank",
        ),
        ({"batch.account-validation": "nobody"}, Outcome.INCONCLUSIVE, "write payer-bank or elsewhere"),
        ({"batch.account-validation": "payer-bank"}, Outcome.FAILED, ""),
    ],
)
def test_whether_the_bank_is_asked_about_accounts_is_what_the_vendor_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: dict[str, str], verdict: Outcome, said: str
) -> None:
    own = {name: value for name, value in DECLARED.DECLARED.items() if name != "batch.account-validation"}
    monkeypatch.setattr(DECLARED, "DECLARED", {**own, **declared})
    only = ("G10/sub-batches", "C4/asked-as-declared/validate-accounts")
    cases = cases_of(tmp_path, *only, faults=frozenset({"accounts-not-validated"}))
    assert {name: case.verdict for name, case in cases.items()} == {
        "C4/asked-as-declared/validate-accounts": verdict,
        "G10/sub-batches": Outcome.INCONCLUSIVE,  # one fact, one finding
    }
    assert all(said in str(case.reason) for case in cases.values())


@pytest.mark.parametrize(
    ("declared", "fault", "verdict"),
    [
        (None, "registration-refused-whole", Outcome.INCONCLUSIVE),
        ("some", "registration-refused-whole", Outcome.INCONCLUSIVE),
        ("whole", "registration-refused-whole", Outcome.PASSED),
        ("each", "registration-refused-whole", Outcome.FAILED),
        ("whole", "registration-refused-and-entered", Outcome.FAILED),
    ],
)
def test_whether_one_failure_sinks_a_request_is_what_the_vendor_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str | None, fault: str, verdict: Outcome
) -> None:
    own = {name: value for name, value in DECLARED.DECLARED.items() if name != "accounts.partial-failure"}
    added = {} if declared is None else {"accounts.partial-failure": declared}
    monkeypatch.setattr(DECLARED, "DECLARED", {**own, **added})
    case = cases_of(tmp_path, "G4/partial-failure", faults=frozenset({fault}))["G4/partial-failure"]
    assert case.verdict is verdict
    if verdict is Outcome.INCONCLUSIVE:
        assert "declares: accounts.partial-failure" in str(case.reason)


@pytest.mark.parametrize(
    ("name", "words", "fault", "case"),
    [
        ("accounts.update-scope", ("all", "source-bb"), "update-for-all-institutions", "G3/two-institutions"),
        ("accounts.left-out-field", ("cleared", "kept"), "update-clears-the-rest", "G3/one-field"),
        (
            "batch.bank-figures",
            ("always", "when-authorised"),
            "bank-s-figures-release",
            "G9/figures-before-the-word",
        ),
    ],
)
def test_what_the_documents_leave_open_is_what_the_vendor_declares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: tuple[str, str], fault: str, case: str
) -> None:
    yes, no = words
    own = {one: value for one, value in DECLARED.DECLARED.items() if one != name}
    verdicts = {}
    for word in (yes, no, "some", ""):
        monkeypatch.setattr(DECLARED, "DECLARED", {**own, **({name: word} if word else {})})
        folder = tmp_path / (word or "nothing")
        folder.mkdir()
        verdicts[word] = cases_of(folder, case, faults=frozenset({fault}))[case].verdict
    undecided = {"some": Outcome.INCONCLUSIVE, "": Outcome.INCONCLUSIVE}
    assert verdicts == {yes: Outcome.PASSED, no: Outcome.FAILED, **undecided}


def test_a_pass_of_a_model_says_how_many_sequences_it_rests_on(tmp_path: Path) -> None:
    case = cases_of(tmp_path, "G15/any-sequence")["G15/any-sequence"]
    assert case.verdict is Outcome.PASSED
    assert case.reason is not None
    assert "agreed with its model" in case.reason.text
    assert 8 <= int(case.reason.values["met"]) <= int(case.reason.values["drawn"])


def test_a_clock_that_is_a_day_ahead_is_found_in_a_status(tmp_path: Path) -> None:
    name = "C4/stamped-when-made/batch-status"
    case = cases_of(tmp_path, name, faults=frozenset({"callback-a-day-ahead"}))[name]
    assert [one.code for one in case.findings] == ["callback.stamped-when-made"]
    assert any(sign in case.findings[0].actual for sign in ("(+86399 s)", "(+86400 s)", "(+86398 s)"))
    (tmp_path / "clean").mkdir()
    assert cases_of(tmp_path / "clean", name)[name].verdict is Outcome.PASSED
