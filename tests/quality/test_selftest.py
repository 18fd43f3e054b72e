"""Does the harness find known bugs? Faults of the mock are proven, and a proof that cannot fail would be none."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from dpi_conformance.campaign import selftest
from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.order import Order
from dpi_conformance.campaign.selftest import Proof, faults_of, prove
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.observer import Observer
from dpi_conformance.mockkit.faults import Fault
from dpi_conformance.model.report import CaseReport, Sentence
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.wire.pulse import SHORTAGE

FAULTS = {fault.name: fault for fault in faults_of(Pack.builtin(), "payments")}
HANDFUL = {
    "cut-off-answer": "*/voucher-status/positive/*",
    "no-auth-check": "*/voucher-*/credentials/*",
    "missing-required-accepted": "*/voucher-create/required/*",
    "undeclared-status": "*/voucher-create/positive/control",
    "comma-too-many": "*/voucher-create/type/*",
    "text-to-ascii": "*/voucher-create/text/*",
}
"""One fault of each family, and the cases of few operations, so that it is quick; ``make selftest`` proves all."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clean mock meet the same few cases."""

    async def few(order: Order, folder: Path, observer: Observer) -> None:
        only = order.only or tuple(HANDFUL.values())
        await certify(replace(order, only=only), folder, observer)

    monkeypatch.setattr("dpi_conformance.campaign.selftest.certify", few)


def proven(faults: Sequence[Fault]) -> list[Proof]:
    async def collect() -> list[Proof]:
        return [proof async for proof in prove("payments", faults)]

    return asyncio.run(collect())


def test_a_handful_of_faults_is_caught_and_the_clean_mock_is_not_accused(small: None) -> None:
    clean, *proofs = proven([replace(FAULTS[name], cases=cases) for name, cases in HANDFUL.items()])
    assert clean.fault is None
    assert clean.good
    assert (clean.caught_by, clean.dragged, clean.instead) == ((), (), ())
    assert clean.cases > 20
    assert [proof.fault.name for proof in proofs if proof.fault] == list(HANDFUL)
    for proof in proofs:
        assert proof.good, proof
        assert proof.trouble is None
        assert proof.duration_ms > 0


def test_a_proof_can_fail(small: None) -> None:
    """A wrong check, a glob that matches nothing, and a fault that meets only cases which it does not touch."""
    fault = replace(FAULTS["undeclared-status"], cases="*/voucher-create/positive/control")
    wrong_check = replace(fault, check="leak.sql")
    no_case = replace(fault, cases="*/voucher-create/no-such-kind/*")
    untouched = replace(FAULTS["text-to-ascii"], cases="*/voucher-create/required/*")
    clean, *proofs = proven([wrong_check, no_case, untouched])
    assert clean.good
    assert not any(proof.good for proof in proofs)
    assert proofs[0].instead == ("status.declared",)
    assert proofs[1].trouble is not None
    assert proofs[1].cases == 0
    assert proofs[2].caught_by == ()
    assert proofs[2].cases > 0


def test_an_accused_clean_mock_is_no_good() -> None:
    clean = Proof(fault=None, caught_by=(), instead=(), dragged=(), starved=0, cases=5, duration_ms=1)
    assert clean.good
    assert not replace(clean, caught_by=("case",)).good
    assert not replace(clean, dragged=("case",)).good
    assert not replace(clean, starved=1).good


def test_what_a_busy_machine_leaves_undecided_is_not_dragged_down_by_a_fault() -> None:
    fault = replace(FAULTS["cut-off-answer"], cases="own/*")
    told = {
        "own/x": None,
        "other/starved": SHORTAGE,
        "other/dragged": "The product sent none.",
        "other/good": None,
    }
    cases = [
        SimpleNamespace(
            id=name,
            verdict=Outcome.INCONCLUSIVE if text else Outcome.PASSED,
            reason=Sentence(text=text) if text else None,
            findings=[],
        )
        for name, text in told.items()
    ]
    proof = selftest._judged(fault, cast("Sequence[CaseReport]", cases), 1.0, None)
    assert (proof.dragged, proof.starved) == (("other/dragged",), 1)
