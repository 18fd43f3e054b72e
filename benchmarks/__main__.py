"""Runs the benchmarks named on the command line, or all, and writes their table."""

import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import growth, mediation, speed, startup
from benchmarks.row import Row

BENCHMARKS: Mapping[str, Callable[[], list[Row]]] = {
    "loop": speed.loop,
    "schemathesis": speed.against_schemathesis,
    "latency": speed.latency,
    "start": startup.first_request,
    "profiles": startup.profiles,
    "memory": growth.memory,
    "linear": growth.linear,
    "mediation": mediation.memory,
}


def main(names: list[str]) -> None:
    """Measure, print as it goes, and write ``results.md`` where all were measured."""
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        for row in BENCHMARKS[name]():
            print(row.line(), flush=True)
            rows.append(row)
    if not names:
        head = f"Measured on {platform.machine()}, Python {platform.python_version()}, in one run of `make bench`.\n\n"
        table = "| what | measured | goal | met |\n|---|---|---|---|\n" + "".join(
            f"{row.line()}\n" for row in rows
        )
        Path(__file__).with_name("results.md").write_text(f"# Results\n\n{head}{table}")


main(sys.argv[1:])
