"""How soon the first request goes out, and how long a whole run takes."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.row import Row

__all__ = ["first_request", "profiles"]

_COMMAND = [sys.executable, "-m", "dpi_conformance", "run", "payments"]
_ROUNDS = 5


def first_request() -> list[Row]:
    """Time from starting the process to the first byte of a request at the product."""
    seconds = sorted(_seconds_to_first_byte() for _ in range(_ROUNDS))[_ROUNDS // 2]
    return [
        Row(
            what="seconds from start to first request (median of 5)",
            measured=f"{seconds:.2f}",
            goal="≤ 1.5",
            met=seconds <= 1.5,
        )
    ]


def _seconds_to_first_byte() -> float:
    with socket.create_server(("127.0.0.1", 0)) as product, tempfile.TemporaryDirectory() as out:
        port = product.getsockname()[1]
        began = time.perf_counter()
        run = subprocess.Popen(
            [*_COMMAND, "--target", f"http://127.0.0.1:{port}", "--out", f"{out}/run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "DPI_CONFORMANCE_TOKEN": "token-of-a-benchmark"},
        )
        try:
            while True:
                connection, _ = product.accept()
                with connection:
                    if connection.recv(1):
                        return time.perf_counter() - began
        finally:
            run.kill()
            run.wait()


def profiles() -> list[Row]:
    """Time whole runs against the built-in mock, reports included."""
    rows = []
    for profile, most in (("quick", 20), ("standard", 60), ("full", None)):
        with tempfile.TemporaryDirectory() as out:
            began = time.perf_counter()
            done = subprocess.run(
                [*_COMMAND, "--profile", profile, "--out", str(Path(out) / "run")],
                capture_output=True,
                check=False,
            )
            seconds = time.perf_counter() - began
        rows.append(
            Row(
                what=f"wall seconds of `run payments --profile {profile}` (exit code {done.returncode})",
                measured=f"{seconds:.1f}",
                goal=f"≤ {most}" if most else "–",
                met=seconds <= most and done.returncode == 0 if most else None,
            )
        )
    return rows
