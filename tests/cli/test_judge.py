"""``judge``: from the journal alone, byte for byte, with the verdict's exit code."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from dpi_conformance.cli import group
from dpi_conformance.errors import DpiError, JournalError
from tests.chained import chained, read_lines

JOURNALS = Path(__file__).parent.parent / "journals"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    shutil.copy(JOURNALS / "failing.ndjson", tmp_path / "journal.ndjson")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "code"), [("conformant", 0), ("failing", 1), ("inconclusive", 3), ("killed", 3)]
)
def test_exit_code(name: str, code: int, tmp_path: Path) -> None:
    shutil.copy(JOURNALS / f"{name}.ndjson", tmp_path / "journal.ndjson")
    assert CliRunner().invoke(group, ["judge", str(tmp_path)]).exit_code == code


def test_the_reports_are_rebuilt_byte_for_byte(run: Path) -> None:
    names = ("report.json", "report.html", "junit.xml", "summary.md")
    CliRunner().invoke(group, ["judge", str(run)])
    first = {name: (run / name).read_bytes() for name in names}
    for name in names:
        (run / name).write_text("edited")
    result = CliRunner().invoke(group, ["judge", str(run)])
    assert {name: (run / name).read_bytes() for name in names} == first
    assert "does not conform" in result.output
    assert f"Journal digest: {orjson.loads(first['report.json'])['run']['journal_digest']}\n" in result.output


def test_a_torn_last_line_is_left_out(run: Path) -> None:
    with (run / "journal.ndjson").open("ab") as file:
        file.write(b'{"type":"exchange","id":"torn')
    assert CliRunner().invoke(group, ["judge", str(run)]).exit_code == 1


def _cut_out(lines: list[bytes]) -> list[bytes]:
    case = next(orjson.loads(line)["id"] for line in lines if b'"type":"case"' in line)
    return [line for line in lines if case.encode() not in line]


@pytest.mark.parametrize("command", [["judge"], ["report", "--format", "json"]])
@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_cut_out, r"Line \d+ of .*journal.ndjson \(case\) breaks the journal’s chain"),
        (
            lambda lines: [line.replace(b'"verdict":"FAIL"', b'"verdict":"PASS"') for line in lines],
            r"Line \d+ of .*journal.ndjson \((exchange|result)\) breaks the journal’s chain",
        ),
        (lambda lines: [*lines[:-2], lines[-1]], r"\(end\) breaks the journal’s chain"),
        (lambda lines: [*lines[:-1], lines[-2], lines[-1]], r"\(result\) breaks the journal’s chain"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "Line 2 of .* breaks the journal’s chain"),
    ],
)
def test_an_edited_journal_is_refused(
    edit: Callable[[list[bytes]], list[bytes]], said: str, command: list[str], run: Path
) -> None:
    journal = run / "journal.ndjson"
    journal.write_bytes(b"".join(edit(journal.read_bytes().splitlines(keepends=True))))
    result = CliRunner().invoke(group, [command[0], str(run), *command[1:]])
    assert isinstance(result.exception, JournalError)
    assert result.exception.exit_code == 3
    assert re.search(said, str(result.exception))
    assert [path.name for path in run.iterdir()] == ["journal.ndjson"]


def test_an_edit_that_was_linked_again_is_refused_where_it_contradicts(run: Path) -> None:
    """Who writes the chain anew is not stopped by it, but must leave no contradiction."""
    journal = run / "journal.ndjson"
    passed = [
        {**line, "verdict": "PASS"} if line["type"] == "result" else line for line in read_lines(journal)
    ]
    journal.write_bytes(chained(passed))
    result = CliRunner().invoke(group, ["judge", str(run)])
    assert isinstance(result.exception, JournalError)
    assert "the worst of its exchanges is FAIL. The journal was edited" in str(result.exception)


def test_a_journal_that_was_cut_at_its_end_is_one_of_a_killed_run(run: Path) -> None:
    journal = run / "journal.ndjson"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-2]))
    assert CliRunner().invoke(group, ["judge", str(run)]).exit_code == 1  # what failed until then stands
    report = orjson.loads((run / "report.json").read_bytes())
    assert (report["run"]["ended"], report["counts"]["inconclusive"]) == ("killed", 1)


def test_no_run_is_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(group, ["judge", str(tmp_path)])
    assert isinstance(result.exception, DpiError)
    assert result.exception.exit_code == 2


def test_a_language_without_a_translation_is_the_users_to_mend(run: Path) -> None:
    result = CliRunner().invoke(group, ["judge", str(run), "--lang", "ar"])
    assert isinstance(result.exception, DpiError)
    assert (result.exception.exit_code, "write one of: en" in str(result.exception)) == (2, True)
    assert not (run / "report.json").exists()
