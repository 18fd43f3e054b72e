"""``selftest``: its table reads at 80 columns and in a pipe, and its exit code tells."""

from dataclasses import replace
from pathlib import Path

import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.observer import Observer
from tests.conftest import Cli

QUICK = "cut-off-answer"
FAULTS = {fault.name: fault for fault in Pack.builtin().load("mocks.payments.faults").FAULTS}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clean mock meet the cases of one operation only: what is tested here is the command."""

    async def few(order: Order, folder: Path, observer: Observer) -> None:
        only = order.only or ("*/voucher-status/positive/*",)
        await certify(replace(order, only=only), folder, observer)

    monkeypatch.setattr("dpi_conformance.campaign.selftest.certify", few)


def test_the_table_reads_in_a_pipe(cli: Cli) -> None:
    ran = cli("selftest", "payments", "--fault", QUICK)
    assert ran.code == 0, ran.out + ran.err
    lines = ran.out.splitlines()
    fault = FAULTS[QUICK]
    first = next(number for number, line in enumerate(lines) if QUICK in line)
    assert lines[first].split()[:3] == ["✓", QUICK, fault.check]
    assert lines[first].split()[-1].isdigit(), "milliseconds"
    assert lines[first + 1].strip().startswith(f"{fault.clause}; contract/voucher-status/")
    assert "payments/contract/" not in ran.out
    assert all(len(line) <= 80 for line in lines)
    assert "1 of 1 faults caught" in ran.out


def test_a_fault_that_is_not_caught_ends_with_3(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(FAULTS[QUICK], check="leak.sql")
    monkeypatch.setattr("dpi_conformance.cli.selftest_.faults_of", lambda *_: (wrong,))
    ran = cli("selftest", "payments")
    assert ran.code == 3
    assert "✗ cut-off-answer" in ran.out
    assert "NOT CAUGHT; at the second try; found instead: transport.answered" in ran.out
    assert "0 of 1 faults caught" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nothing"], "payments"), (["payments", "--fault", "cut-of-answer"], "did you mean “cut-off-answer”")],
)
def test_what_is_not_there(cli: Cli, arguments: list[str], said: str) -> None:
    ran = cli("selftest", *arguments)
    assert ran.code == 2
    assert said in ran.err
