"""The contract tier of data exchange finds known bugs in its mock, and accuses the clean mock of nothing."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.order import Order
from dpi_conformance.campaign.selftest import Proof, faults_of, prove
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.checks.table import ANSWER_CHECKS
from dpi_conformance.execution.observer import Observer

FAULTS = {fault.name: fault for fault in faults_of(Pack.builtin(), "exchange")}
CONTRACT = {name: fault for name, fault in FAULTS.items() if fault.cases.startswith("exchange/contract/")}
HANDFUL = {
    "missing-required-accepted": "*/get-openapi/required/*",
    "no-auth-check": "*/mediator-status/credentials/*",
    "missing-required-answer-field": "*/config-read/positive/control",
    "allow-header-wrong": "*/list-clients/protocol/method",
    "refusal-as-success": "*/rights-allow/type/*",
    "emoji-dropped": "*/rights-list/text/*",
}
"""One fault of each family, and the cases of few operations, so that it is quick; ``selftest exchange`` proves all."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clean mock meet the same few cases."""

    async def few(order: Order, folder: Path, observer: Observer) -> None:
        only = order.only or tuple(HANDFUL.values())
        await certify(replace(order, only=only), folder, observer)

    monkeypatch.setattr("dpi_conformance.campaign.selftest.certify", few)


def test_every_contract_fault_names_a_check_and_the_cases_that_meet_it() -> None:
    known = {check.id for check in ANSWER_CHECKS} | {"transport.answered"}
    assert len(CONTRACT) >= 30
    assert {fault.check for fault in CONTRACT.values()} <= known
    assert len({fault.check for fault in CONTRACT.values()}) >= 15


def test_a_handful_of_faults_is_caught_and_the_clean_mock_is_not_accused(small: None) -> None:
    async def collect() -> list[Proof]:
        faults = [replace(CONTRACT[name], cases=cases) for name, cases in HANDFUL.items()]
        return [proof async for proof in prove("exchange", faults)]

    clean, *proofs = asyncio.run(collect())
    assert clean.good
    assert (clean.caught_by, clean.dragged, clean.instead) == ((), (), ())
    assert clean.cases > 20
    assert [proof.fault.name for proof in proofs if proof.fault] == list(HANDFUL)
    for proof in proofs:
        assert proof.good, proof
