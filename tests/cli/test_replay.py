"""``replay``: a finding comes again, is mended, or cannot be seen."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.mockkit.process import MockProcess
from tests.campaign.conftest import TOKEN, Front, report_of
from tests.chained import chained, planned, read_lines
from tests.conftest import Cli

ONLY = ("--only", "*/voucher-create/required/*")
RACE = "payments/suite/V6/simultaneous-redemptions"


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a faulty product behind an address that stays; its upstream can be exchanged."""
    monkeypatch.setenv("TESTED_TOKEN", TOKEN)
    faults = ["missing-required-accepted", "redemption-race"]
    with MockProcess.start("payments", token=TOKEN, faults=faults) as faulty, Front(faulty.url) as front:
        payments = {
            "base_url": front.url,
            "auth": {"type": "bearer", "token": "${TESTED_TOKEN}"},
            "limits": {"connect_seconds": 1, "answer_seconds": 2, "callback_seconds": 2},
        }
        described = {
            "product": {"vendor": "T", "name": "T", "version": "1"},
            "blocks": {"payments": payments},
        }
        (tmp_path / "product.yaml").write_text(json.dumps(described))
        yield front


def test_again_mended_and_unseen(
    cli: Cli, product: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    assert cli("run", "--product", tmp_path / "product.yaml", *ONLY, "--out", folder).code == 1
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    finding = next(case["findings"][0] for case in report_of(folder)["cases"] if case["findings"])

    again = cli("replay", folder, finding["id"])
    assert again.code == 1, again.err
    assert f"✗ {finding['code']}" in again.out
    assert "POST" in again.out

    with MockProcess.start("payments", token=TOKEN) as mended:
        product.upstream = mended.url
        good = cli("replay", folder, finding["id"].lower())
        assert good.code == 0, good.out + good.err
        assert "does not come again" in good.out

        monkeypatch.setenv("TESTED_TOKEN", "no-longer-valid")
        unseen = cli("replay", folder, finding["id"])
        assert unseen.code == 3
        assert "does not come again" not in unseen.out

    gone = cli("replay", folder, finding["id"])
    assert gone.code == 3

    unknown = cli("replay", folder, "F9999")
    assert unknown.code == 2
    assert "F9999" in unknown.err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files, "evidence is not touched"


def test_a_suite_s_finding_carries_its_whole_case_out_again(
    cli: Cli, product: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    ran = cli("run", "--product", tmp_path / "product.yaml", "--only", RACE, "--out", folder)
    assert ran.code == 1
    assert "V6 A voucher is paid out once, and whole" in " ".join(ran.out.split())
    assert f"dpi-conformance replay {folder} F0001" in ran.out
    (case,) = report_of(folder)["cases"]
    assert len(case["steps"]) == case["exchanges"]

    again = cli("replay", folder, "F0001")
    assert again.code == 1, again.err
    assert f"The whole case was carried out again: {case['purpose']['text']}" in again.out
    assert "✗ voucher.spent-once: A voucher was redeemed" in again.out
    assert "  1 → POST " in again.out
    assert " ⇠ POST " in again.out, "the product called the replay's own listener"
    serials = {
        line.partition('"voucherSerialNumber":"')[2].partition('"')[0]
        for line in again.out.splitlines()
        if "voucherSerialNumber" in line
    }
    assert serials
    assert not [serial for serial in serials if serial in (folder / "journal.ndjson").read_text()]

    with MockProcess.start("payments", token=TOKEN) as mended:
        product.upstream = mended.url
        good = cli("replay", folder, "F0001")
        assert good.code == 0, good.out + good.err
        assert (
            "✓ voucher.spent-once: The case was carried out 3 times; the finding does not come again."
            in good.out
        )

        product.hostile, product.path = _failing, "/vouchers"
        undecided = cli("replay", folder, "F0001")
        assert undecided.code == 3
        assert "does not come again" not in undecided.out

        product.hostile = None
        monkeypatch.setenv("TESTED_TOKEN", "no-longer-valid")
        assert cli("replay", folder, "F0001").code == 3
    assert cli("replay", folder, "F0001").code == 3


async def _failing(writer: Any) -> None:
    writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_a_case_of_another_release_is_not_guessed(cli: Cli, tmp_path: Path) -> None:
    written = Path(__file__).parent.parent / "journals" / "behaviour.ndjson"
    lines = read_lines(written)
    renamed = json.loads(json.dumps(lines).replace(RACE, f"{RACE}-of-old"))
    renamed[0].update({"product_file": None, "order": {"target": None}})  # the built-in mock
    (tmp_path / "journal.ndjson").write_bytes(chained(planned(renamed)))
    ran = cli("replay", tmp_path, "F0002")
    assert ran.code == 2
    assert f"The case {RACE}-of-old is not among this release's" in " ".join(ran.err.split())


def test_a_finding_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    written = Path(__file__).parent.parent / "journals" / "failing.ndjson"
    shutil.copy(written, tmp_path / "journal.ndjson")
    ran = cli("replay", tmp_path, "F9999")
    assert (ran.code, "has no finding “F9999”; its report names them, e.g. F0001." in ran.err) == (2, True)

    clean = [{**line, "findings": []} if "findings" in line else line for line in read_lines(written)]
    for line in clean:
        line.update({"verdict": "PASS"} if line.get("verdict") == "FAIL" else {})
    (tmp_path / "journal.ndjson").write_bytes(chained(clean))
    ran = cli("replay", tmp_path, "F0001")
    assert (ran.code, "has no findings, so there is nothing to replay" in ran.err) == (2, True)


def test_no_run_is_there(cli: Cli, tmp_path: Path) -> None:
    ran = cli("replay", tmp_path, "F0001")
    assert ran.code == 2
    assert "journal.ndjson" in ran.err
