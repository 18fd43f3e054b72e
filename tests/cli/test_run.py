"""``run`` on the screen: what is shown, in a pipe and on a terminal."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.progress import ProgressObserver
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.reporting.language import load_language
from tests.conftest import Cli

ONLY = ("--only", "payments/contract/voucher-create/required/*")


def test_it_says_the_verdict_the_counts_and_where_the_report_lies(cli: Cli, tmp_path: Path) -> None:
    ran = cli("run", "payments", *ONLY, "--out", tmp_path / "run")
    assert ran.code == 0
    assert ran.err == ""
    assert "Conformant" in ran.out
    assert "0 failed" in ran.out
    assert f"{tmp_path}/run/report.html\n" in ran.out, "a path is not folded"
    assert "\x1b" not in ran.out, "no control sequence in a pipe"


def test_runs_without_a_folder_get_one_of_their_own(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("run", "payments", *ONLY).code == 0
    assert cli("run", "payments", *ONLY).code == 0
    folders = list((tmp_path / "out").iterdir())
    assert len(folders) == 2
    assert all("payments" in folder.name for folder in folders)


def shown(*, terminal: bool) -> str:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100)
    cases = tuple(
        Case(id=f"c{n}", block="t", kind="contract", purpose=Message(text="p"), variant="v", vectors=32)
        for n in range(2)
    )
    with ProgressObserver(console, load_language("en", Pack.builtin())) as observer:
        for health in Health:
            seen, advice = Message(text="said [/red] \x1b[2J"), Message(text="[do] this")
            observer.observed(Observation(probe="p", health=health, message=seen, advice=advice))
        observer.planned(cases, 64)
        for case, verdict in zip(cases, (Verdict.PASS, Verdict.FAIL), strict=True):
            for _ in range(32):
                observer.answered()
            observer.finished(
                CaseResult(case=case.id, verdict=verdict, reason=None, exchanges=32, duration_ms=1)
            )
    return written.getvalue()


def test_what_a_product_says_is_neither_markup_nor_control() -> None:
    for terminal in (True, False):
        text = shown(terminal=terminal)
        assert text.count("[/red]") == 3
        assert text.count("[do] this") == 2, "advice only where something is wrong"
        assert "\x1b[2J" not in text


def test_a_bar_on_a_terminal_a_line_in_a_pipe() -> None:
    assert "2 cases, 64 vectors" in shown(terminal=False)
    assert "32/64" in shown(terminal=True) or "64/64" in shown(terminal=True)
    assert "\x1b" not in shown(terminal=False)
