"""The cases of callbacks against the mock: the clean one keeps them all, and a faulty one is caught where it is wrong."""

import asyncio
import threading
from collections import Counter
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.product import product_at
from dpi_conformance.execution.observer import Silent
from dpi_conformance.execution.scene import Scene
from dpi_conformance.judge import judge
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.model.report import Report
from dpi_conformance.model.vectors import Profile
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.journal import read_journal

PACK = Pack.builtin()
SPEC = load_spec(PACK.spec("payments", "openapi.yaml"))


def judged(folder: Path, *only: str, fault: str = "") -> Report:
    order = Order(
        blocks=("payments",),
        profile=Profile.STANDARD,
        only=tuple(f"payments/suite/{glob}" for glob in only),
        faults=frozenset({fault} if fault else ()),
    )
    asyncio.run(certify(order, folder, Silent()))
    return judge(read_journal(folder / JOURNAL))


def found(report: Report) -> dict[str, set[str]]:
    """Give the codes of the findings by case, without the ids' common beginning."""
    return {
        case.id.removeprefix("payments/suite/"): {finding.code for finding in case.findings}
        for case in report.cases
        if case.findings
    }


def test_the_clean_mock_keeps_all_of_them(tmp_path: Path) -> None:
    report = judged(tmp_path, "C?/*")
    undecided = {case.id: str(case.reason) for case in report.cases if case.verdict is not Outcome.PASSED}
    assert undecided == {}
    assert found(report) == {}
    assert len(report.cases) > 100
    assert max(case.duration_ms for case in report.cases) < 12_000


def test_each_result_and_each_call_of_the_specification_is_asked_for() -> None:
    orders = {order.call: order for order in PACK.load("suites.payments.orders").ORDERS}
    errands = {str(errand): errand for errand in PACK.load("suites.payments.test_consumer").ERRANDS}
    by_kind = {
        kind: {call.id: call for call in SPEC.outbounds if call.kind == kind}
        for kind in ("callback", "webhook")
    }
    assert orders.keys() == by_kind["callback"].keys()
    assert errands.keys() == by_kind["webhook"].keys()
    for name, order in orders.items():
        assert name in SPEC.variant(order.variant).callbacks
        assert order.function == by_kind["callback"][name].function
        assert f"GovStack Payments {order.clause}" in by_kind["callback"][name].clause
        offered = [one for one in SPEC.variant(order.variant).parameters if one.name == "X-Callback-URL"]
        assert bool(order.elsewhere) is not offered[0].required, name
        assert not order.elsewhere or order.elsewhere == by_kind["callback"][name].counterparty
    for name, errand in errands.items():
        assert errand.party == by_kind["webhook"][name].counterparty


@pytest.mark.parametrize(
    ("fault", "only", "expected"),
    [
        (
            "failed-case-without-modality",
            ("C4/valid*/register-*",),
            {"C4/valid-of-failure/register-beneficiary-result": {"outbound.schema"}},
        ),
        (
            "bank-not-told-where",
            ("C4/asked-as-declared/*",),
            {"C4/asked-as-declared/validate-accounts": {"outbound.parameter"}},
        ),
        (
            "callback-for-refused",
            ("C?/*/vouchers-created",),
            {"C5/none-for-refused/vouchers-created": {"callback.none-for-refused"}},
        ),
        (
            "callback-retried-as-new",
            ("C?/*/vouchers-cancelled",),
            {
                "C3/retried-after-503/vouchers-cancelled": {"callback.retried-unchanged"},
                "C3/retried-after-drop/vouchers-cancelled": {"callback.retried-unchanged"},
            },
        ),
    ],
)
def test_a_fault_is_found_where_it_is_and_nowhere_else(
    tmp_path: Path, fault: str, only: tuple[str, ...], expected: dict[str, set[str]]
) -> None:
    assert found(judged(tmp_path, *only, fault=fault)) == expected


def test_what_cannot_be_read_is_no_result(tmp_path: Path) -> None:
    report = judged(tmp_path, "C[1256]/*/update-beneficiary-result", fault="callback-as-form")
    assert {case.id.split("/")[2] for case in report.cases} == {"C1", "C2", "C5", "C6"}
    assert {case.verdict for case in report.cases} == {Outcome.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("declared", "advisory"),
    [
        ({}, [True]),
        ({"callback-delivery": "once"}, [False]),
        ({"callback-delivery": "at-least-once"}, []),
    ],
)
def test_a_repetition_is_a_fault_only_as_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: dict[str, str], advisory: list[bool]
) -> None:
    monkeypatch.setattr(
        Scene, "declared", property(lambda _scene: declared, lambda _scene, _value: None), raising=False
    )
    report = judged(tmp_path, "C3/settled-by-200/vouchers-created", fault="callback-resent-after-200")
    assert [finding.advisory for case in report.cases for finding in case.findings] == advisory


def test_the_evidence_of_a_finding_is_the_call_itself(tmp_path: Path) -> None:
    report = judged(tmp_path, "C4/asked-as-declared/inquire-bill", fault="token-passed-on")
    (finding,) = next(case.findings for case in report.cases if case.findings)
    evidence = next(one for one in report.exchanges if one.id == finding.exchange)
    assert (finding.code, finding.exchange, evidence.kind) == (
        "outbound.credentials",
        evidence.id,
        "callback",
    )
    assert evidence.request is not None
    headers = Counter(name.lower() for name, _ in evidence.request["headers"])
    assert headers["authorization"] == 1
    assert "[redacted]" in str(evidence.request["headers"]), "the token itself is not shown"


def test_a_product_that_is_gone_is_not_told_to_have_lost_a_result(tmp_path: Path) -> None:
    with MockProcess.start("payments", token="t") as mock:
        described = {"payments": load_block(PACK.spec("payments", "block.yaml"))}
        product = product_at(mock.url, described, {"DPI_CONFORMANCE_TOKEN": "t"})
        order = Order(
            blocks=("payments",),
            product=product,
            only=("payments/suite/C3/retried-after-hang/vouchers-created",),
        )
        ending = threading.Timer(3, mock.stop)
        ending.start()
        asyncio.run(certify(order, tmp_path, Silent()))
        ending.join()
    report = judge(read_journal(tmp_path / JOURNAL))
    assert [case.verdict for case in report.cases] == [Outcome.INCONCLUSIVE]
    assert found(report) == {}
