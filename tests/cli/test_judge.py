"""``judge``: from the journal alone, byte for byte, with the verdict's exit code."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from dpi_conformance.cli import group
from dpi_conformance.errors import DpiError

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


def test_a_torn_last_line_is_left_out(run: Path) -> None:
    with (run / "journal.ndjson").open("ab") as file:
        file.write(b'{"type":"exchange","id":"torn')
    assert CliRunner().invoke(group, ["judge", str(run)]).exit_code == 1


def test_no_run_is_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(group, ["judge", str(tmp_path)])
    assert isinstance(result.exception, DpiError)
    assert result.exception.exit_code == 2


def test_a_language_without_a_translation_is_the_users_to_mend(run: Path) -> None:
    result = CliRunner().invoke(group, ["judge", str(run), "--lang", "ar"])
    assert isinstance(result.exception, DpiError)
    assert (result.exception.exit_code, "write one of: en" in str(result.exception)) == (2, True)
    assert not (run / "report.json").exists()
