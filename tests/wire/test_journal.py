"""The journal keeps what happened, line by line, through disks that fill and processes that die."""

import asyncio
import dataclasses
import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.errors import JournalError, UsageError
from dpi_conformance.i18n import Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Callback, Exchange, Finding, Request, Response, TransportTrouble
from dpi_conformance.model.requirements import Level, Observability, Requirement
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire.journal import Journal, finished_cases, read_journal, repair
from dpi_conformance.wire.redaction import REDACTED, Redactor, personal
from tests.chained import chained

TOKEN = "token-of-the-product"
FINDING = Finding(
    code="status.refused",
    message=Message(text="It is refused."),
    expected="4xx",
    actual=f"HTTP 200 {TOKEN}",
    clause="8.2",
    exchange="e1",
    place="body.a",
    advice=Message(text="Refuse it."),
)


def _exchange(body: bytes = b'{"ok": true}', **changes: Any) -> Exchange:
    exchange = Exchange(
        id="e1",
        request=Request(
            method="POST",
            url="http://it/vouchers?command=cancel",
            headers=(("Authorization", f"Bearer {TOKEN}"),),
            body=b'{"requestID": "1"}',
        ),
        response=Response(
            status=200, headers=(("content-type", "application/json; charset=utf-8"),), body=body
        ),
        elapsed_ms=1.23456,
        started_at="2026-11-24T19:00:00.000+00:00",
    )
    return dataclasses.replace(exchange, **changes)


def _journal(folder: Path) -> Journal:
    return Journal(folder / "journal.ndjson", Redactor([TOKEN], personal={"payeeIdentity"}))


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "journal.ndjson").read_text("utf-8").splitlines()]


@dataclass
class Probe:
    probe: str = "tls"
    health: str = "warning"
    message: Message = dataclasses.field(default_factory=lambda: Message(text="{v}", values={"v": TOKEN}))
    advice: Message | None = None


def test_every_kind_of_line_stands_as_the_contract_says(tmp_path: Path) -> None:
    requirement = Requirement(
        id="govstack-payments-5.3.2#1",
        source="payments",
        clause="5.3.2",
        text="It must.",
        level=Level.REQUIRED,
        observability=Observability.OBSERVABLE,
        cases=("payments/contract/**",),
    )
    case = Case(
        id="payments/contract/a/positive",
        block="payments",
        kind="contract",
        purpose=Message(text="p"),
        vectors=2,
    )
    block = Block(id="payments", title="e-payments", specification="GovStack", functions={"g2p": "G2P"})
    with _journal(tmp_path) as journal:
        journal.start(
            run={"id": "r"},
            product={"name": "n"},
            product_file=None,
            target={"payments": {}},
            claims={},
            order={},
        )
        journal.block(block, {"openapi": "ff"}, [case])
        journal.requirement("payments", requirement)
        journal.case(case)
        journal.observation("payments", Probe())
        journal.exchange(
            _exchange(), case=case.id, vector="v1", verdict=Verdict.PASS, findings=(), note=Message(text="n")
        )
        journal.outcome(CaseResult(case=case.id, verdict=Verdict.PASS, exchanges=1, duration_ms=1.2))
        journal.resumed()
        journal.end("complete")
    start, told, normative, planned, seen, exchange, result, resume, end = _lines(tmp_path)
    assert (start["type"], start["schema_version"], start["run"], start["order"]) == (
        "start",
        1,
        {"id": "r"},
        {},
    )
    assert told["planned"]["count"] == 1
    assert (told["id"], told["digests"], told["functions"]) == ("payments", {"openapi": "ff"}, {"g2p": "G2P"})
    assert normative["block"] == "payments"
    assert normative["level"] == "REQUIRED"
    assert set(normative) == {"type", "block", "chain"} | {
        field.name for field in dataclasses.fields(Requirement)
    }
    assert (planned["purpose"], planned["vectors"]) == ({"text": "p", "values": {}}, 2)
    assert {key: value for key, value in seen.items() if key != "chain"} == {
        "type": "observation",
        "block": "payments",
        "probe": "tls",
        "health": "warning",
        "message": {"text": "{v}", "values": {"v": REDACTED}},
        "advice": None,
    }
    assert list(exchange) == [
        *("type", "id", "case", "vector", "verdict", "status", "elapsed_ms", "started_at"),
        *("media_type", "size", "sha256", "note", "chain"),
    ]
    assert (exchange["status"], exchange["media_type"], exchange["size"]) == (200, "application/json", 12)
    assert (result["verdict"], result["reason"]) == ("PASS", None)
    assert resume["at"].endswith("Z")
    assert (end["ended"], end["reason"]) == ("complete", None)


def test_a_finding_comes_with_its_evidence_redacted(tmp_path: Path) -> None:
    body = f'{{"payeeIdentity": "Amina", "echo": "{TOKEN}"}}'.encode()
    with _journal(tmp_path) as journal:
        journal.exchange(_exchange(body), case="c", vector="v", verdict=Verdict.FAIL, findings=[FINDING])
    (line,) = _lines(tmp_path)
    assert line["request"] == {
        "method": "POST",
        "url": "http://it/vouchers?command=cancel",
        "headers": [["Authorization", f"Bearer {REDACTED}"]],
        "body": '{"requestID": "1"}',
        "body_bytes": 18,
    }
    assert line["response"]["body"] == f'{{"payeeIdentity": "{personal("Amina")}", "echo": "{REDACTED}"}}'
    assert line["findings"][0]["actual"] == f"HTTP 200 {REDACTED}"
    assert line["findings"][0]["advice"] == {"text": "Refuse it.", "values": {}}
    assert line["trouble"] is None
    assert TOKEN not in (tmp_path / "journal.ndjson").read_text("utf-8")


@pytest.mark.parametrize(
    "asked", [{"verdict": Verdict.INCONCLUSIVE}, {"verdict": Verdict.PASS, "full": True}]
)
def test_inconclusive_exchanges_and_those_asked_for_keep_their_evidence(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    trouble = TransportTrouble(kind="timeout", detail=f"nothing came for {TOKEN}")
    with _journal(tmp_path) as journal:
        lost = _exchange(response=None, trouble=trouble)
        journal.exchange(lost, case="", vector="", findings=(), step="voucher-active", **asked)
    (line,) = _lines(tmp_path)
    assert (line["status"], line["response"], line["sha256"], line["step"]) == (
        None,
        None,
        "",
        "voucher-active",
    )
    assert line["trouble"] == {"kind": "timeout", "detail": f"nothing came for {REDACTED}"}


def test_a_callback_is_kept_with_what_came(tmp_path: Path) -> None:
    request = Request(
        method="POST", url="http://us/x", headers=(("Cookie", "a=b"),), body=b'{"payeeIdentity": "Amina"}'
    )
    callback = Callback(
        id="callback-1", address="c", request=request, received_at="t", after_ms=3.0, answered=202
    )
    with _journal(tmp_path) as journal:
        journal.callback(callback, case="c", findings=[FINDING], verdict=Verdict.FAIL)
    (line,) = _lines(tmp_path)
    assert line["request"]["body"] == f'{{"payeeIdentity": "{personal("Amina")}"}}'
    assert line["request"]["headers"] == [["Cookie", REDACTED]]
    assert (line["type"], line["answered"], len(line["findings"])) == ("callback", 202, 1)


def test_a_header_that_utf8_has_no_form_for_is_written_all_the_same(tmp_path: Path) -> None:
    broken = Response(status=200, headers=(("x", "\udcff"),), body=b"")
    with _journal(tmp_path) as journal:
        journal.exchange(
            _exchange(response=broken), case="c", vector="v", verdict=Verdict.FAIL, findings=[FINDING]
        )
    (line,) = read_journal(tmp_path / "journal.ndjson")
    assert line["response"]["headers"] == [["x", "?"]]


def test_every_line_is_there_at_once_for_another_reader(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        journal.outcome(CaseResult(case="c", verdict=Verdict.PASS))
        assert finished_cases(journal.path) == {"c"}


def test_what_was_not_decided_is_not_finished(tmp_path: Path) -> None:
    with _journal(tmp_path) as journal:
        for verdict in (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR):
            journal.outcome(CaseResult(case=verdict.name, verdict=verdict))
        assert finished_cases(journal.path) == {"PASS", "FAIL"}


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    program = """
        import os, pathlib, signal, sys
        from dpi_conformance.model.cases import CaseResult
        from dpi_conformance.model.verdicts import Verdict
        from dpi_conformance.wire.journal import Journal
        from dpi_conformance.wire.redaction import Redactor
        journal = Journal(pathlib.Path(sys.argv[1]), Redactor())
        for number in range(500):
            journal.outcome(CaseResult(case=str(number), verdict=Verdict.PASS))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    path = tmp_path / "journal.ndjson"
    died = subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(path)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(finished_cases(path)) == 500
    with Journal(path, Redactor()) as journal:  # its lock died with it
        journal.end("complete")


def test_two_processes_never_write_one_journal(tmp_path: Path) -> None:
    with (
        _journal(tmp_path),
        pytest.raises(UsageError, match="Another run is writing to .*journal.ndjson; wait"),
    ):
        _journal(tmp_path)
    with _journal(tmp_path) as journal:
        journal.end("complete")


def test_a_folder_that_is_not_there_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="--out: the journal .* cannot be written .No such file or directory"
    ):
        Journal(tmp_path / "nowhere" / "journal.ndjson", Redactor())


def _fill(journal: Journal) -> None:
    for number in range(10):
        journal.outcome(CaseResult(case=f"more-{number}", verdict=Verdict.PASS))


def test_a_full_disk_is_said_and_what_was_written_stays_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [400]
    real = os.write

    def write(file: int, data: memoryview) -> int:
        if room[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(file, data[: room[0]])
        room[0] -= written
        return written

    journal = _journal(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        journal.outcome(CaseResult(case="first", verdict=Verdict.PASS))
        with pytest.raises(JournalError, match="cannot be written: No space left on device.*run --resume"):
            _fill(journal)
    assert "first" in finished_cases(journal.path)
    journal.end("error", Message(text="full"))  # room again: the torn line is gone
    journal.close()
    assert [line["type"] for line in read_journal(journal.path)][-1] == "end"


def test_a_device_without_room_ends_in_one_message() -> None:
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("this system has no /dev/full")
    journal = Journal(device, Redactor())
    with pytest.raises(JournalError, match="No space left on device"):
        journal.end("complete")
    with pytest.raises(JournalError, match="cannot be written"):
        journal.close()


def test_a_failed_sync_beside_the_run_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = _journal(tmp_path)

    def sync(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync)
        with pytest.raises(JournalError, match="Input/output error"):
            journal.end("complete")
    journal.close()


def test_the_disk_is_synced_beside_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    monkeypatch.setattr("dpi_conformance.wire.journal._SYNC_SECONDS", 0.0)

    async def run() -> None:
        with _journal(tmp_path) as journal:
            journal.outcome(CaseResult(case="c", verdict=Verdict.PASS))
            await asyncio.sleep(0)

    asyncio.run(run())
    assert len(synced) >= 2


@pytest.mark.parametrize(
    "torn", [b'{"type":"res', b'{"type":"result","case":"b","verdict":"PASS"}', b"\x00\x00"]
)
def test_a_torn_last_line_is_left_out_and_repaired(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "journal.ndjson"
    whole = chained([{"type": "result", "case": "a", "verdict": "PASS"}])
    path.write_bytes(whole + torn)
    assert finished_cases(path) == {"a"}
    assert repair(path) == len(torn)
    assert path.read_bytes() == whole
    assert repair(path) == 0


def test_opening_a_torn_journal_repairs_it_first(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(chained([{"type": "result", "case": "a", "verdict": "PASS"}]) + b'{"type')
    with Journal(path, Redactor()) as journal:
        journal.outcome(CaseResult(case="b", verdict=Verdict.PASS))
    assert finished_cases(path) == {"a", "b"}


def test_a_journal_that_is_one_torn_line_becomes_empty(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(b"x" * 200_000)
    assert list(read_journal(path)) == []
    assert repair(path) == 200_000
    assert path.read_bytes() == b""


@pytest.mark.parametrize("corrupt", [b"{oops}", b"[1]", b'"text"', b"", b'{"no": "type"}', b"\xff"])
def test_a_corrupt_line_in_the_middle_is_named(tmp_path: Path, corrupt: bytes) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(chained([{"type": "start"}]) + corrupt + b'\n{"type":"end"}\n')
    with pytest.raises(JournalError, match=r"Line 2 of .*journal.ndjson is no line of a journal"):
        list(read_journal(path))


def test_a_journal_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read: No such file"):
        list(read_journal(tmp_path / "journal.ndjson"))
    with pytest.raises(JournalError, match="cannot be repaired: No such file"):
        repair(tmp_path / "journal.ndjson")


def test_reading_streams(tmp_path: Path) -> None:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(chained([{"type": "start"}]) + b"broken\n")
    lines = read_journal(path)
    assert next(lines)["type"] == "start"
    with pytest.raises(JournalError):
        next(lines)
