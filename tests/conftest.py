"""The command line as a user meets it: in this process, or in one of its own."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dpi_conformance.cli import main


@dataclasses.dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]

PROCESS_SECONDS = 90


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command in this process."""
    monkeypatch.delenv("DPI_CONFORMANCE_TOKEN", raising=False)

    def run(*arguments: str | Path) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capfd.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, said.out, said.err)

    return run


def command(*arguments: str | Path) -> list[str]:
    """Give the command line of a process of its own."""
    return [sys.executable, "-m", "dpi_conformance", *map(str, arguments)]


@pytest.fixture
def cli_process(tmp_path: Path) -> Cli:
    """Run a command in a process of its own, in an empty folder."""

    def run(*arguments: str | Path, **environment: str) -> Ran:
        done = subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=PROCESS_SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
