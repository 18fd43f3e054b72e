"""The cases about vouchers: nothing to say against the clean mock, each fault named, and no verdict from a guess."""

import asyncio
import hashlib
import random
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Prerequisite, Stage
from dpi_conformance.judge import judge
from dpi_conformance.model.report import CaseReport
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.journal import read_journal

PACK = Pack.builtin()
GUESSING = PACK.load("suites.payments.guessing")
REQUESTS = PACK.load("suites.payments.voucher_requests")
DECLARED = PACK.load("mocks.payments.declared")
ASKS_THE_VENDOR = {
    "V3/expiry-given": "voucher.expiry-field",
    "V3/life-from-activation": "voucher.short-lived-programme",
    "V5/second-activation-extends-nothing": "voucher.short-lived-programme",
    "V7/guessing-limited": "voucher.wrong-guesses",
    "V9/expired-not-redeemable": "voucher.short-lived-programme",
    "V10/other-group": "voucher.agent-outside-group",
    "V11/status-follows-life": "voucher-status.pre-activated",
    "V13/pays-and-consumes": "voucher.secret-hash",
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
    cases = cases_of(tmp_path, "V*")
    assert {name.partition("/")[0] for name in cases} >= {f"V{n}" for n in (*range(1, 12), 13)}
    assert {name: case.verdict for name, case in cases.items() if case.verdict is not Outcome.PASSED} == {}
    assert not [case.id for case in cases.values() if case.findings]


@pytest.mark.parametrize(
    ("fault", "case", "code", "said"),
    [
        ("redeemed-again", "V6/second-redemption", "voucher.spent-once", "a second time"),
        ("numbers-count-up", "V2/numbers-unguessable", "voucher.number-unguessable", "guessed"),
        ("cancellation-race", "V8/cancelled-while-redeemed", "voucher.cancelled-or-spent", "same moment"),
        ("voucher-bill-keeps-change", "V13/other-amount", "voucher-bill.equal-amounts", "160"),
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


def test_a_sequence_of_steps_names_the_voucher_of_each(tmp_path: Path) -> None:
    found = cases_of(tmp_path, "V12/any-sequence", faults=frozenset({"cancelled-redeemed"}))[
        "V12/any-sequence"
    ]
    assert found.verdict is Outcome.FAILED
    assert re.search(r"after .*cancel voucher ([AB]), redeem voucher \1$", found.findings[0].actual)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("voucher-bill-refused", "voucher-bill.served"), ("voucher-bill-rejected", "voucher-bill.marked")],
)
def test_a_product_whose_vouchers_pay_no_bill_at_all_has_refused_nothing_well(
    tmp_path: Path, fault: str, code: str
) -> None:
    cases = dict(cases_of(tmp_path, "V13/*", faults=frozenset({fault})))
    first = cases.pop("V13/pays-and-consumes")
    assert (first.verdict, [one.code for one in first.findings]) == (Outcome.FAILED, [code])
    assert len(cases) == 7
    assert {name: case.verdict for name, case in cases.items()} == dict.fromkeys(cases, Outcome.INCONCLUSIVE)
    assert not [case.id for case in cases.values() if case.findings]


def test_guessing_without_a_limit_is_advice_and_no_failure(tmp_path: Path) -> None:
    case = cases_of(tmp_path, "V7/guessing-limited", faults=frozenset({"guessing-unlimited"}))[
        "V7/guessing-limited"
    ]
    assert case.verdict is Outcome.PASSED
    assert [(one.code, one.advisory) for one in case.findings] == [("voucher.guessing-limited", True)]


def test_what_no_document_says_is_asked_of_the_vendor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DECLARED, "DECLARED", {})
    cases = cases_of(tmp_path, *ASKS_THE_VENDOR)
    assert {name: case.verdict for name, case in cases.items()} == dict.fromkeys(
        ASKS_THE_VENDOR, Outcome.INCONCLUSIVE
    )
    for name, word in ASKS_THE_VENDOR.items():
        assert word in str(cases[name].reason), name


def stage(**fixtures: str) -> Stage:
    """Give a stage that has only fixtures."""
    made = object.__new__(Stage)
    made.fixtures = {f"voucher-spare.{name}": value for name, value in fixtures.items()}
    made._taken = {}
    made.fresh = Fresh()
    return made


def test_a_prepared_voucher_is_given_to_one_case_only() -> None:
    prepared = stage(serial="1 2 3", secret="A B C")
    names = ("serial", "secret")
    first = prepared.take("voucher-spare", 2, *names)
    assert [one["voucher-spare.serial"] for one in first] == ["1", "2"]
    assert prepared.take("voucher-spare", 1, *names)[0]["voucher-spare.secret"] == "C"
    with pytest.raises(Prerequisite, match=r"voucher-spare.*more than 3"):
        prepared.take("voucher-spare", 1, *names)
    assert stage().take("voucher-spare", 1, *names) == []


def test_a_long_voucher_number_cannot_be_shown_at_a_redemption() -> None:
    told = REQUESTS.Voucher.told
    assert told({"serialNumber": "1", "voucherNumber": "K7M2PX"}, "B1").showable
    assert not told({"serialNumber": "1", "voucherNumber": "x" * 44}, "B1").showable
    assert not told({"serialNumber": "1"}, "B1").showable


SHUFFLED = random.Random(7)
DIGITS = [f"{SHUFFLED.randrange(10**6):06}" for _ in range(200)]
LETTERS = ["".join(SHUFFLED.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=6)) for _ in range(200)]
ENCRYPTED = [
    "".join(SHUFFLED.choices("abcdefghijklmnopqrstuvwxyzABCDEF0123456789+/", k=43)) + "=" for _ in range(200)
]
SERIALS = [str(10**9 + n) for n in range(200)]


@pytest.mark.parametrize("numbers", [DIGITS, LETTERS, ENCRYPTED])
def test_random_numbers_are_accused_of_nothing(numbers: list[str]) -> None:
    for _ in range(20):
        SHUFFLED.shuffle(numbers)
        assert GUESSING.step(numbers) == ""
    assert GUESSING.entropy_bits(numbers) > 19
    assert GUESSING.relation(list(zip(SERIALS, numbers, strict=True))) == ""


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([f"{n:06}" for n in range(200)], "the same (1)"),
        ([f"{n * 37 % 10**6:06}" for n in range(200)], "the same (37)"),
        ([f"{n * n:06}" for n in range(200)], "larger"),
        (sorted(LETTERS, reverse=True), "smaller"),
    ],
)
def test_an_order_among_numbers_is_seen(numbers: list[str], said: str) -> None:
    assert said in GUESSING.step(numbers)


def test_what_all_numbers_share_is_no_secret() -> None:
    assert GUESSING.entropy_bits([f"2026{n % 100:02}" for n in range(200)]) < 7


@pytest.mark.parametrize(
    ("follows", "said"),
    [
        (lambda serial: serial, "is the serial"),
        (lambda serial: serial[-6:], "a part of"),
        (lambda serial: serial[:-7:-1], "backwards"),
        (lambda serial: str((int(serial) + 4711) % 10**6).zfill(6), "constant"),
    ],
)
def test_numbers_that_follow_from_serials_are_seen(follows: object, said: str) -> None:
    assert callable(follows)
    assert said in GUESSING.relation([(serial, follows(serial)) for serial in SERIALS])


def test_numbers_hashed_from_serials_are_seen() -> None:
    pairs = [(serial, hashlib.sha256(serial.encode()).hexdigest()[:6].upper()) for serial in SERIALS]
    assert "SHA-256" in GUESSING.relation(pairs)


def status_numbers(*shown: object) -> list[object]:
    return [REQUESTS.status_number(one) for one in shown]


def test_a_status_is_compared_as_a_number() -> None:
    assert status_numbers("03", 3, "3", 3.0) == [3] * 4
    assert status_numbers("ACTIVE", None, [], True, 3.5, "1E+999999") == [
        "ACTIVE", "None", "[]", "True", "3.5", "1E+999999",
    ]  # fmt: skip


def test_another_number_for_cancelled_is_honoured_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = {**DECLARED.DECLARED, "voucher-status.cancelled": "06"}
    monkeypatch.setattr(DECLARED, "DECLARED", declared)
    cases = cases_of(tmp_path, "V8/*", faults=frozenset({"cancelled-is-six"}))
    found = {name: [one.code for one in case.findings] for name, case in cases.items() if case.findings}
    assert found == {"V8/cancelled-when-active": ["voucher.cancelled-is-3"]}
