"""How much memory the comparison of both sides of a mediated call takes."""

import subprocess
import sys
import tempfile

from benchmarks.row import Row

__all__ = ["memory"]

_SMALL, _LARGE = "exchange/suite/D7/methods", "exchange/suite/D7/large-*"
_MEGABYTES = 10
_PROGRAM = """
import contextlib, io, resource, sys
from dpi_conformance.cli import main
try:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        main(sys.argv[1:])
except SystemExit as end:
    print(end.code or 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _peak(only: str) -> float:
    """Give the harness' peak resident memory in MB; the mock is a process of its own. RuntimeError if a case failed."""
    with tempfile.TemporaryDirectory() as folder:
        order = ["run", "exchange", "--only", only, "--out", f"{folder}/run"]
        ran = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *order], capture_output=True, text=True, check=True
        )
    code, kilobytes = ran.stdout.split()
    if code != "0":
        raise RuntimeError(f"{only} ended with {code}")
    return int(kilobytes) / 1024


def memory() -> list[Row]:
    """Mediate 10 MB each way, with a length and streamed, beside a run that mediates a few bytes."""
    small, large = _peak(_SMALL), _peak(_LARGE)
    return [
        Row(
            what=f"peak resident memory, {_MEGABYTES} MB mediated each way − a few bytes ({small:.0f} MB)",
            measured=f"{large - small:.1f} MB",
            goal=f"< {2 * _MEGABYTES} MB: no body is held twice",
            met=large - small < 2 * _MEGABYTES,
        )
    ]
