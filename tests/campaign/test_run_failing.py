"""Products that are not conformant, cannot be judged, or are gone: the right verdict, and never another."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.mockkit.process import MockProcess
from tests.campaign.conftest import TOKEN, Front, journal_of, report_of
from tests.conftest import Cli

ONLY = (
    "--profile",
    "quick",
    "--only",
    "*/voucher-create/required/*",
    "--only",
    "*/voucher-create/boundary/*",
)
ProductFile = Callable[..., Path]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def nothing_failed(folder: Path) -> bool:
    """Tell whether the report blames the product for nothing, and the journal says how the run ended."""
    report = report_of(folder)
    assert journal_of(folder)[-1]["type"] == "end"
    assert report["verdict"] == "INCONCLUSIVE"
    assert report["counts"]["inconclusive"] == report["counts"]["expected"] > 0
    return report["counts"]["failed"] == 0 and not any(case["findings"] for case in report["cases"])


def test_a_fault_is_found_by_its_check(cli: Cli, tmp_path: Path, product_file: ProductFile) -> None:
    faults = ("missing-required-accepted",)
    with MockProcess.start("payments", token=TOKEN, faults=faults) as faulty:
        ran = cli("run", "--product", product_file(faulty.url), *ONLY, "--out", tmp_path / "run")
    assert ran.code == 1, ran.err
    report = report_of(tmp_path / "run")
    failed = [case for case in report["cases"] if case["verdict"] == "failed"]
    assert report["verdict"] == "NOT_CONFORMANT"
    assert len(failed) == report["counts"]["failed"] >= 2
    assert all("/required/" in case["id"] for case in failed)
    assert {finding["code"] for case in failed for finding in case["findings"]} == {"status.refused"}
    evidence = {exchange["id"] for exchange in report["exchanges"]}
    assert all(finding["exchange"] in evidence for case in failed for finding in case["findings"])
    assert "status.refused" in ran.out


def test_nobody_listens(cli: Cli, tmp_path: Path) -> None:
    port = free_port()
    ran = cli("run", "payments", "--target", f"http://127.0.0.1:{port}", *ONLY, "--out", tmp_path / "run")
    assert ran.code == 3
    assert nothing_failed(tmp_path / "run")
    assert str(port) in ran.err
    assert journal_of(tmp_path / "run")[-1]["ended"] == "lost"


def test_a_token_that_the_product_does_not_take(
    cli: Cli, tmp_path: Path, product_file: ProductFile, mock: Any
) -> None:
    ran = cli("run", "--product", product_file(mock.url, "another"), *ONLY, "--out", tmp_path / "run")
    assert ran.code == 3
    assert nothing_failed(tmp_path / "run")
    assert "credentials" in ran.err
    assert "auth in product.yaml" in ran.err, "it says what to change"
    assert "--resume" not in ran.err


def test_a_base_path_below_which_nothing_is(
    cli: Cli, tmp_path: Path, product_file: ProductFile, mock: Any
) -> None:
    file = product_file(f"{mock.url}/somewhere/else")
    ran = cli("run", "--product", file, *ONLY, "--out", tmp_path / "run")
    assert ran.code == 3
    assert nothing_failed(tmp_path / "run")
    assert "base_url" in ran.err


def test_a_product_that_goes_away(cli: Cli, tmp_path: Path, product_file: ProductFile) -> None:
    """It answers the doctor and then nobody any more: what was seen is kept, and nothing is held against it."""
    with MockProcess.start("payments", token=TOKEN) as mock, Front(mock.url) as front:
        seen = tmp_path / "run" / "journal.ndjson"

        async def gone(_writer: object) -> None:
            if not front_closed:
                front_closed.append(1)
                mock.stop()
                server.close()

        front_closed: list[int] = []
        server = front._server
        front.hostile, front.path = gone, "/vouchers?"
        limits = {"connect_seconds": 1, "answer_seconds": 1, "callback_seconds": 1, "concurrency": 8}
        file = product_file(front.url, limits=limits, claims=["vouchers"])
        ran = cli("run", "--product", file, "--only", "*/voucher-*", "--out", tmp_path / "run")
    assert ran.code == 3, ran.err
    assert seen.is_file()
    assert report_of(tmp_path / "run")["counts"]["passed"] < 20
    assert "--resume" in ran.err


def test_the_rate_limit_is_obeyed(cli: Cli, tmp_path: Path, product_file: ProductFile, mock: Any) -> None:
    limits = {"requests_per_second": 40, "connect_seconds": 2, "answer_seconds": 5}
    with Front(mock.url) as front:
        ran = cli(
            "run", "--product", product_file(front.url, limits=limits), *ONLY, "--out", tmp_path / "run"
        )
        arrived = sorted(front.arrived)
    assert ran.code == 0, ran.err
    assert len(arrived) > 20
    assert len(arrived) - 1 <= 40 * (arrived[-1] - arrived[0]) + 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-block"], "payments"),
        (["payments", "--target", "http://127.0.0.1:1", "--product", "product.yaml"], "not both"),
        (["payments", "--lang", "tlh"], "en"),
        (["payments", "--only", "payments/contract/nothing/*"], "list cases"),
        (["payments", "--target", "ftp://example.org"], "http"),
        (["payments", "--product", "missing.yaml"], "missing.yaml"),
        (["payments", "--profile", "slow"], "quick"),
        (["--resume", "nowhere"], "nowhere"),
        (["payments", "--resume", "nowhere"], "nothing besides"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_what_the_user_has_to_mend(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = cli("run", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert not [path for path in (tmp_path / "out").glob("*") if path.is_dir()], "no empty run is left"


def test_the_callback_port_is_in_use(cli: Cli, tmp_path: Path, product_file: ProductFile, mock: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = product_file(mock.url, callbacks={"port": port})
        ran = cli("run", "--product", file, *ONLY, "--out", tmp_path / "run")
    assert ran.code == 2
    assert f"callbacks.port in product.yaml: {port}" in ran.err
    assert not (tmp_path / "run").exists()


def test_the_run_directory_must_be_empty(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    ran = cli("run", "payments", *ONLY, "--out", tmp_path)
    assert ran.code == 2
    assert "is not empty" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_file_stands_where_the_run_directory_should(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        ran = cli("run", "payments", *ONLY, "--out", place)
        assert ran.code == 2
        assert "cannot be made a folder" in ran.err


def test_a_claim_that_nobody_knows(cli: Cli, tmp_path: Path, product_file: ProductFile, mock: Any) -> None:
    started = time.perf_counter()
    ran = cli("run", "--product", product_file(mock.url, claims=["teleport"]), "--out", tmp_path / "run")
    assert ran.code == 2
    assert "teleport" in ran.err
    assert time.perf_counter() - started < 10
