"""``report``: one format on standard output, the same bytes as the run's file."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from dpi_conformance.cli import group
from dpi_conformance.errors import DpiError
from dpi_conformance.reporting import FORMATS

JOURNALS = Path(__file__).parent.parent / "journals"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    shutil.copy(JOURNALS / "hostile.ndjson", tmp_path / "journal.ndjson")
    return tmp_path


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_standard_output_is_the_file(form: str, run: Path) -> None:
    printed = CliRunner().invoke(group, ["report", str(run), "--format", form])
    assert printed.exit_code == 0
    assert [path.name for path in run.iterdir()] == ["journal.ndjson"]
    CliRunner().invoke(group, ["judge", str(run)])
    assert printed.stdout_bytes == (run / FORMATS[form]).read_bytes()


def test_another_format_is_a_usage_error(run: Path) -> None:
    assert CliRunner().invoke(group, ["report", str(run), "--format", "pdf"]).exit_code == 2


def test_no_run_is_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(group, ["report", str(tmp_path), "--format", "json"])
    assert isinstance(result.exception, DpiError)
    assert result.exception.exit_code == 2
