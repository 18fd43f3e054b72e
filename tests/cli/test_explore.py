"""``explore``: the doctor goes first, what is found is kept, and nothing of it decides."""

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dpi_conformance.campaign.explore import Round
from dpi_conformance.campaign.order import Order
from dpi_conformance.errors import JournalError, TargetError
from dpi_conformance.execution.observer import Observer
from dpi_conformance.i18n import Message
from tests.conftest import Cli


def test_a_closed_port_is_told_at_once(cli: Cli, tmp_path: Path) -> None:
    """No vectors are compiled for a product that is not there, and no folder is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    ran = cli("explore", "payments", "--target", f"http://127.0.0.1:{port}", "--out", tmp_path / "out")
    assert ran.code == 3
    assert f"No connection to 127.0.0.1:{port}" in ran.err
    assert "--resume" not in ran.err + ran.out, "explore has none"
    assert not (tmp_path / "out").exists()
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("end", [TargetError("The product was lost."), KeyboardInterrupt()], ids=type)
def test_what_was_found_before_the_end_is_shown(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    async def cut_short(
        _order: Order, _folder: Path, _seconds: float, _observer: Observer, told: Callable[[Round], None]
    ) -> None:
        told(Round(seed=7, vectors=12))
        raise end

    monkeypatch.setattr("dpi_conformance.cli.explore_.explore", cut_short)
    ran = cli("explore", "payments", "--out", tmp_path / "out")
    assert ran.code == 3
    assert "12 fresh vectors" in ran.out
    assert json.loads((tmp_path / "out" / "explored.json").read_text())[0]["seed"] == 7


def test_a_full_disk_leads_to_no_resume(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_order: Order, folder: Path, *_: object) -> None:
        values = {"path": str(folder), "reason": "No space left on device", "folder": str(folder)}
        raise JournalError(Message(text="{path}: {reason}; go on with: run --resume {folder}", values=values))

    monkeypatch.setattr("dpi_conformance.cli.explore_.explore", full)
    ran = cli("explore", "payments", "--out", tmp_path / "out")
    assert ran.code == 3
    assert f"cannot be written to {tmp_path / 'out'}: No space left on device." in ran.err
    assert "--resume" not in ran.err


@pytest.mark.parametrize("duration", ["soon", "-1s", "5d", ""])
def test_what_is_no_duration_is_refused(cli: Cli, duration: str) -> None:
    ran = cli("explore", "payments", "--for", duration)
    assert (ran.code, "is no duration; write a number and s, m or h" in ran.err) == (2, True)
