"""A product plays one role of the scenario, and the built-in mocks play the others."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.mockkit.process import MockProcess
from tests.conftest import Cli

TOKEN = "a-token-of-the-test"


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@pytest.fixture(name="product")
def _product(tmp_path: Path) -> Iterator[Path]:
    """A payments product that pays although its bank says no, and the file that describes it alone."""
    pack, port = Pack.builtin(), _free_port()
    parties = ("payer-bank", "biller", "payer-fi", "source-bb")
    places = {name: f"http://127.0.0.1:{port}/counterparty/{name}" for name in parties}
    mock = MockProcess.start(
        "payments", pack=pack, faults=frozenset({"pays-on-no"}), token=TOKEN, counterparties=places
    )
    described: dict[str, Any] = {
        "product": {"vendor": "Vendor", "name": "PayAll", "version": "4.2"},
        "blocks": {
            "payments": {
                "base_url": mock.url,
                "auth": {"type": "bearer", "token": TOKEN},
                "callbacks": {"bind": "127.0.0.1", "port": port},
                "counterparties": {name: {"identifier": name} for name in parties},
                "declares": dict(pack.load("mocks.payments.declared").DECLARED),
            }
        },
    }
    path = tmp_path / "product.yaml"
    path.write_text(yaml.safe_dump(described), "utf-8")
    try:
        yield path
    finally:
        mock.stop()


def test_a_product_in_one_role_is_blamed_by_its_name(cli: Cli, product: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    only = ("--only", "social-benefit/suite/R6/*", "--only", "social-benefit/suite/R4/*")
    ended = cli("run", "social-benefit", "--product", str(product), *only, "--out", str(out))
    assert ended.code == 1, ended.out + ended.err
    report = json.loads((out / "report.json").read_text("utf-8"))
    played = {role["role"]: (role["played_by"], role["name"]) for role in report["roles"]}
    assert played["payments"] == ("product", "PayAll")
    assert {played[block][0] for block in ("identity", "exchange")} == {"mock"}
    assert played["registry"][0] == played["payer-bank"][0] == "harness"
    found = {
        (finding["code"], finding["interface"], finding["side"])
        for case in report["cases"]
        for finding in case["findings"]
    }
    assert found == {("road.rejected-unpaid", "payments → payer-bank", "payments")}
    sentence = "It broke at “payments → payer-bank”, on the side of payments, played by PayAll 4.2: F0001."
    for name in ("report.html", "summary.md"):
        assert sentence in (out / name).read_text("utf-8").replace("\\", "")
    again = cli("replay", str(out), "F0001")
    assert again.code == 1, again.out + again.err


def test_a_target_that_names_no_role_is_refused(cli: Cli) -> None:
    refused = cli("run", "social-benefit", "--target", "http://127.0.0.1:9")
    assert refused.code == 2
    assert "identity, exchange, payments" in refused.err
