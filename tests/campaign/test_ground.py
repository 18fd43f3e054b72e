"""A ground that is closed when its block is judged: its mock is gone, and says nothing into the next block's run."""

import asyncio
import importlib
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dpi_conformance.campaign.assignment import Assignment
from dpi_conformance.campaign.ground import Ground, make_ground
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.observer import Silent
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.model.vectors import Profile

certifying = importlib.import_module("dpi_conformance.campaign.certify")


def test_a_closed_ground_has_no_mock_and_no_listener() -> None:
    with make_ground(Order(blocks=("payments",)), Pack.builtin(), "payments") as ground:
        address = urlsplit(ground.lead.target().base_url)
        place = (address.hostname or "", address.port or 0)
        socket.create_connection(place, 5).close()
        ground.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place, 5)
        assert ground.lead.socket.fileno() == -1
        ground.close()


def test_a_block_s_mock_ends_before_the_next_block_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    stop, open_ground = MockProcess.stop, certifying.open_ground

    def stopped(mock: MockProcess) -> None:
        happened.append("stopped")
        stop(mock)

    def opened(ground: Ground, work: Assignment, first: int = 1) -> Any:
        happened.append(ground.lead.block)
        return open_ground(ground, work, first)

    monkeypatch.setattr(MockProcess, "stop", stopped)
    monkeypatch.setattr(certifying, "open_ground", opened)
    order = Order(blocks=("payments", "exchange"), profile=Profile.QUICK, only=("*/positive/control",))
    asyncio.run(certifying.certify(order, tmp_path, Silent()))
    assert happened == ["payments", "stopped", "exchange", "stopped"]
