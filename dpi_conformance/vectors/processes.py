"""Runs a program of ours in a process group of its own, and ends all of it when nobody waits any more."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message

__all__ = ["finished"]

_TURN_SECONDS: Final = 0.2
"""So often it is looked whether anybody still waits."""


def finished(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], stop: threading.Event
) -> tuple[int, str]:
    """Give the exit code and what stood on standard error; raises HarnessError where ``stop`` was set meanwhile."""
    with subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            return _awaited(child, stop)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise


def _awaited(child: subprocess.Popen[str], stop: threading.Event) -> tuple[int, str]:
    while not stop.is_set():
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, said = child.communicate(timeout=_TURN_SECONDS)
            return child.returncode, said
    raise HarnessError(Message(text=N_("The vectors were no longer wanted while they were built.")))
