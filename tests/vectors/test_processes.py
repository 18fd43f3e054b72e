"""A program that nobody waits for any more is ended, with all that it has started."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dpi_conformance.errors import HarnessError
from dpi_conformance.vectors.processes import finished

ENVIRONMENT = {"PATH": os.defpath}


def run(program: str, folder: Path, stop: threading.Event) -> tuple[int, str]:
    return finished([sys.executable, "-I", "-c", program], folder, ENVIRONMENT, stop)


def test_the_exit_code_and_what_was_said_are_given(tmp_path: Path) -> None:
    program = "import sys; sys.stderr.write('no' * 100_000); sys.exit(3)"
    assert run(program, tmp_path, threading.Event()) == (3, "no" * 100_000)


def test_once_it_is_stopped_nothing_of_it_is_left(tmp_path: Path) -> None:
    stop = threading.Event()
    program = (
        "import os, subprocess, sys, pathlib, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
        "pathlib.Path('pids').write_text(f'{os.getpid()} {child.pid}'); time.sleep(60)"
    )
    timer = threading.Timer(1.5, stop.set)
    timer.start()
    started = time.monotonic()
    with pytest.raises(HarnessError, match="no longer wanted"):
        run(program, tmp_path, stop)
    assert time.monotonic() - started < 10
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 2
    for _ in range(50):
        asked = ["ps", "-o", "stat=", "-p", ",".join(pids)]
        states = subprocess.run(asked, check=False, capture_output=True, text=True)
        if all(state.startswith("Z") for state in states.stdout.split()):
            break
        time.sleep(0.1)
    assert all(state.startswith("Z") for state in states.stdout.split()), "ended, reaped or not"
