"""Runs that are stopped, killed, or run out of disk: nothing is lost, nothing is left over, and they go on."""

import asyncio
import contextlib
import os
import resource
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.product import TOKEN_VARIABLE, Product, ProductFile
from dpi_conformance.catalogue.target import Callbacks, Target
from dpi_conformance.errors import UsageError
from dpi_conformance.execution.observer import Silent
from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.wire.journal import Journal, held
from dpi_conformance.wire.redaction import Redactor
from tests.campaign.conftest import TOKEN, Front, journal_of, report_of, wait_until
from tests.chained import chained, read_lines
from tests.conftest import PROCESS_SECONDS, Cli, command

CASES = ("--only", "payments/contract/register-beneficiary/*", "--only", "payments/contract/voucher-create/*")


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def listens(url: str) -> bool:
    place = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((place.hostname, place.port)) == 0


def results(folder: Path) -> int:
    """Count a journal's finished cases while it is written."""
    with contextlib.suppress(FileNotFoundError):
        return (folder / "journal.ndjson").read_bytes().count(b'"type":"result"')
    return 0


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a run in a process of its own, and wait until it has finished a few cases."""
    processes = []

    def start(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            command("run", "payments", *arguments, "--out", folder),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        wait_until(lambda: results(folder) >= 5 or process.poll() is not None)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


def left_over(folder: Path, mocks: list[int]) -> None:
    """Check that neither a process nor a port is left."""
    assert len(mocks) == 1
    wait_until(lambda: not any(map(alive, mocks)), 10)
    assert not listens(journal_of(folder)[0]["target"]["payments"]["base_url"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run(started: Any, cli: Cli, tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "run"
    process = started(folder, "--profile", "full", *CASES)
    mocks = children(process.pid)
    process.send_signal(number)
    out, err = process.communicate(timeout=PROCESS_SECONDS)
    assert process.returncode == 3, out + err
    left_over(folder, mocks)
    assert "Traceback" not in err
    assert f"--resume {folder}" in err
    report = report_of(folder)
    counts = report["counts"]
    assert (report["run"]["ended"], report["verdict"]) == ("interrupted", "INCONCLUSIVE")
    assert counts["expected"] == counts["passed"] + counts["inconclusive"]
    assert 5 <= counts["passed"] < counts["expected"]
    assert cli("judge", folder).code == 3


def test_a_killed_run_goes_on_and_comes_to_the_same(started: Any, cli: Cli, tmp_path: Path) -> None:
    folder, straight = tmp_path / "run", tmp_path / "straight"
    process = started(folder, *CASES)
    mocks = children(process.pid)
    process.kill()
    process.communicate(timeout=PROCESS_SECONDS)
    left_over(folder, mocks)
    assert cli("judge", folder).code == 3
    assert report_of(folder)["run"]["ended"] == "killed"
    done = results(folder)

    assert cli("run", "--resume", folder).code == 0
    assert cli("run", "payments", *CASES, "--out", straight).code == 0
    went_on, whole = report_of(folder), report_of(straight)
    assert 5 <= done < whole["counts"]["expected"]
    assert went_on["counts"] == whole["counts"]
    assert [(c["id"], c["verdict"], c["exchanges"]) for c in went_on["cases"]] == [
        (c["id"], c["verdict"], c["exchanges"]) for c in whole["cases"]
    ]
    assert len(went_on["run"]["resumed_at"]) == 1
    assert (went_on["verdict"], went_on["run"]["ended"]) == ("CONFORMANT", "complete")
    steps = [line["id"] for line in journal_of(folder) if line.get("id", "").startswith("step-")]
    assert len(steps) == len(set(steps)), "evidence of both sessions is told apart"


def test_a_product_that_dies_half_way(
    started: Any, cli: Cli, mock: MockProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts for nothing; with the product up again, and its token at hand again, the run goes on to its end."""
    folder = tmp_path / "run"
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    with Front(mock.url) as front:
        process = started(folder, "--target", front.url, *CASES)
    _, err = process.communicate(timeout=PROCESS_SECONDS)
    assert process.returncode == 3, err
    caution, lost, go_on = err.strip().splitlines()
    assert caution.startswith("! --target names none of those whom “payments” asks (payer-bank, biller, ")
    assert f"The product was lost during the run: no connection to 127.0.0.1:{front.port} (" in lost
    assert go_on == f"Stopped. Go on with: dpi-conformance run --resume {folder}"
    report = report_of(folder)
    assert (report["run"]["ended"], report["verdict"]) == ("lost", "INCONCLUSIVE")
    assert report["counts"]["passed"] >= 5
    assert report["counts"]["failed"] == 0
    assert cli("judge", folder).code == 3

    with Front(mock.url, port=front.port):
        monkeypatch.delenv(TOKEN_VARIABLE)
        ran = cli("run", "--resume", folder)
        assert (ran.code, f"set {TOKEN_VARIABLE} in the environment as it was then" in ran.err) == (2, True)
        monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
        assert cli("run", "--resume", folder).code == 0
    assert (report_of(folder)["verdict"], report_of(folder)["run"]["ended"]) == ("CONFORMANT", "complete")


def test_a_folder_that_holds_something_is_not_written_to(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    ran = cli("run", "payments", "--out", tmp_path)
    assert (ran.code, "name a new folder." in ran.err, "--resume" in ran.err) == (2, True, False)
    (tmp_path / "journal.ndjson").touch()
    ran = cli("run", "payments", "--out", tmp_path)
    assert (ran.code, f"dpi-conformance run --resume {tmp_path}" in ran.err) == (2, True)


@pytest.mark.parametrize("command", [("run", "--resume"), ("replay",)])
@pytest.mark.parametrize(
    "spoilt", [{"order": None}, {"run": {"blocks": ["payments"], "profile": "huge", "only": []}}]
)
def test_an_order_that_cannot_be_read_is_not_our_bug(
    cli: Cli, tmp_path: Path, command: tuple[str, ...], spoilt: dict[str, Any]
) -> None:
    start, *rest = read_lines(Path(__file__).parents[1] / "journals" / "failing.ndjson")
    start = {
        **start,
        "order": {"target": None},
        **{key: {**start["run"], **value} if value else value for key, value in spoilt.items()},
    }
    rest = [line for line in rest if line["type"] != "end"]
    (tmp_path / "journal.ndjson").write_bytes(chained([start, *rest]))
    ran = cli(*command, tmp_path, *(("F0001",) if command == ("replay",) else ()))
    assert ran.code == 3
    assert "its start line is not of this release" in ran.err


def test_a_complete_run_does_not_go_on(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert cli("run", "payments", "--only", "*/voucher-create/required/*", "--out", folder).code == 0
    ran = cli("run", "--resume", folder)
    assert ran.code == 2
    assert "complete" in ran.err


def test_a_run_that_was_begun_otherwise_does_not_go_on(started: Any, cli: Cli, tmp_path: Path) -> None:
    """Killed before its plan was written, made by another release, or without its first line."""
    folder = tmp_path / "run"
    process = started(folder, *CASES)
    process.kill()
    process.communicate(timeout=PROCESS_SECONDS)
    journal = folder / "journal.ndjson"
    written = journal.read_bytes().splitlines(keepends=True)
    first = next(number for number, line in enumerate(written) if b'"type":"case"' in line)
    digest = next(line for line in journal_of(folder) if line["type"] == "block")["digests"]["vectors"]
    other = [line.replace(digest.encode(), b"0" * 64) for line in written]
    own = [orjson.dumps(line) for line in read_lines(journal)]
    spoilt = (
        (written[: first + 3], 2, "list of cases"),
        (other, 3, "breaks the journal’s chain"),
        (written[1:], 3, "breaks the journal’s chain"),
        ([chained(line.replace(digest.encode(), b"0" * 64) for line in own)], 2, "other vectors"),
        ([chained(own[1:])], 3, "no start line"),
    )
    for kept, code, said in spoilt:
        journal.write_bytes(b"".join(kept))
        ran = cli("run", "--resume", folder)
        assert ran.code == code
        assert said in ran.err
        assert journal.read_bytes() == b"".join(kept)
        assert {path.name for path in folder.iterdir()} == {"journal.ndjson"}


def test_two_runs_do_not_share_a_journal(started: Any, cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = started(folder, "--profile", "full")
    ran = cli("run", "--resume", folder)
    assert ran.code == 2
    assert "Another run" in ran.err
    assert not (folder / "report.json").exists()
    assert process.poll() is None


def test_the_disk_is_full(tmp_path: Path) -> None:
    """A limit on the size of files stands in for it: the same error at the same place, without being root."""
    folder, most = tmp_path / "run", 120_000
    process = subprocess.Popen(
        command("run", "payments", *CASES, "--out", folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),  # noqa: PLW1509
    )
    _, err = process.communicate(timeout=PROCESS_SECONDS)
    assert process.returncode == 3
    assert err.count("dpi-conformance: ") == 1
    assert "cannot be written" in err
    assert "Traceback" not in err
    assert 0 < (folder / "journal.ndjson").stat().st_size <= most
    assert journal_of(folder)[0]["type"] == "start"


def test_the_reader_of_the_screen_goes_away(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    read, write = os.pipe()
    only = ("--only", "*/voucher-create/required/*")
    process = subprocess.Popen(command("run", "payments", *only, "--out", folder), stdout=write)
    os.close(write)
    os.read(read, 10)
    os.close(read)
    assert process.wait(PROCESS_SECONDS) == 0
    assert report_of(folder)["verdict"] == "CONFORMANT"


def test_a_run_that_is_under_way_is_named_before_the_port_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b"")
    with socket.create_server(("127.0.0.1", 0)) as taken, held(tmp_path / JOURNAL):
        callbacks = Callbacks(port=taken.getsockname()[1])
        target = Target(base_url="http://127.0.0.1:9", callbacks=callbacks)
        product = ProductFile(product=Product(name="P"), blocks={"payments": target})
        order = Order(blocks=("payments",), product=product)
        with pytest.raises(UsageError, match="Another run is writing to"):
            asyncio.run(certify(order, tmp_path, Silent(), done=frozenset()))
        assert (tmp_path / JOURNAL).read_bytes() == b""


def test_a_resumed_run_holds_its_journal_from_beginning_to_end(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    with held(path) as lock:
        journal = Journal(path, Redactor(), lock)
    with pytest.raises(UsageError, match="Another run"):
        Journal(path, Redactor())
    journal.close()
    Journal(path, Redactor()).close()
