"""A run against the built-in mock: what it leaves, that it adds up, and that it can be repeated."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.campaign.conftest import TOKEN, journal_of, report_of
from tests.conftest import Cli

ONLY = (
    "--profile",
    "quick",
    "--only",
    "*/voucher-create/required/*",
    "--only",
    "*/voucher-create/boundary/*",
)
FILES = {"journal.ndjson", "report.json", "report.html", "junit.xml", "summary.md"}


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Path:
    ran = cli("run", "payments", *ONLY, "--out", tmp_path / "run")
    assert ran.code == 0, ran.err
    return tmp_path / "run"


def verdicts(report: Any) -> list[tuple[str, str]]:
    return [(case["id"], case["verdict"]) for case in report["cases"]]


def findings(report: Any) -> list[Any]:
    return [
        (case["id"], finding["code"], finding["expected"], finding["actual"], finding["place"])
        for case in report["cases"]
        for finding in case["findings"]
    ]


def test_it_is_conformant_and_everything_adds_up(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == FILES
    report, journal = report_of(run), journal_of(run)
    counts = report["counts"]
    assert report["verdict"] == "CONFORMANT"
    assert counts["expected"] == len(report["cases"]) == counts["passed"] > 5
    kinds = Counter(line["type"] for line in journal)
    assert (kinds["start"], kinds["block"], kinds["end"]) == (1, 1, 1)
    assert kinds["case"] == kinds["result"] == counts["expected"]
    assert journal[-1]["ended"] == report["run"]["ended"] == "complete"
    sent = Counter(line["case"] for line in journal if line["type"] == "exchange" and line["case"])
    planned = {case["id"]: case["vectors"] for case in report["cases"]}
    assert {case: count for case, count in sent.items() if case in planned} == planned
    assert all(case.endswith("/positive/control") for case in sent if case not in planned)


def test_every_format_tells_the_same(run: Path) -> None:
    expected = report_of(run)["counts"]["expected"]
    suites = ET.parse(run / "junit.xml").getroot()  # noqa: S314 -- our own file
    assert len(suites.findall(".//testcase")) == expected
    assert not suites.findall(".//failure") + suites.findall(".//error")
    assert "CONFORMANT" in (run / "summary.md").read_text().upper()
    assert "http://" not in (run / "report.html").read_text().partition("<body")[0]


def test_a_second_run_gives_the_same(cli: Cli, run: Path, tmp_path: Path) -> None:
    assert cli("run", "payments", *ONLY, "--out", tmp_path / "again").code == 0
    first, second = report_of(run), report_of(tmp_path / "again")
    assert verdicts(first) == verdicts(second)
    assert findings(first) == findings(second)
    assert first["run"]["digests"] == second["run"]["digests"]
    assert first["run"]["id"] != second["run"]["id"]


def test_judge_rebuilds_the_report_byte_for_byte(cli: Cli, run: Path) -> None:
    before = (run / "report.json").read_bytes()
    (run / "report.json").unlink()
    assert cli("judge", run).code == 0
    assert (run / "report.json").read_bytes() == before


def test_no_secret_is_written(cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any) -> None:
    folder = tmp_path / "run"
    only = "payments/contract/voucher-create/credentials/*"
    ran = cli("run", "--product", product_file(mock.url), "--only", only, "--out", folder)
    assert ran.code == 0, ran.err
    for path in folder.iterdir():
        assert TOKEN not in path.read_text(), path.name
    assert TOKEN not in ran.out
    assert "token" in ran.err.lower(), "a secret in the file is warned about"


def test_what_is_not_claimed_is_not_sent(
    cli: Cli, tmp_path: Path, product_file: Callable[..., Path], mock: Any
) -> None:
    folder = tmp_path / "run"
    only = ("--only", "*/voucher-create/positive/control", "--only", "*/bulk-account-lookup/positive/*")
    file = product_file(mock.url, claims=["vouchers"])
    ran = cli("run", "--product", file, "--profile", "quick", *only, "--out", folder)
    assert ran.code == 0, ran.err
    counts = report_of(folder)["counts"]
    assert counts["passed"] == 1
    assert counts["not_applicable"] == counts["expected"] - 1 > 3
    exchanges = [line for line in journal_of(folder) if line["type"] == "exchange"]
    assert not [line for line in exchanges if "bulk-account-lookup" in line["case"]]


def test_a_target_by_its_address(
    cli: Cli, tmp_path: Path, mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DPI_CONFORMANCE_TOKEN", TOKEN)
    folder = tmp_path / "run"
    ran = cli("run", "payments", "--target", mock.url, *ONLY, "--out", folder)
    assert ran.code == 0, ran.err
    assert report_of(folder)["target"]["payments"]["base_url"] == mock.url
    assert json.dumps(report_of(folder)).count(TOKEN) == 0
