"""Each ``curl`` line of a report is run by a shell against the living product, and gets the status that it tells of."""

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.mockkit.process import MockProcess
from dpi_conformance.reporting.curl import Command, curl
from tests.campaign.conftest import TOKEN, report_of
from tests.conftest import Cli

BASH, CURL = shutil.which("bash"), shutil.which("curl")
FAULTS = ("html-errors", "crash-on-nul")
"""Every refusal has a finding, so that each kind of request is among the exchanges: long, empty, malformed, …"""
CASES = ("voucher-create", "voucher-status", "register-beneficiary")

pytestmark = pytest.mark.skipif(BASH is None or CURL is None, reason="needs bash and curl")


class _Lines(HTMLParser):
    """Collects the curl lines of a page, as a reader copies them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "pre":
            self._open = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] += data


def lines_of(page: str) -> list[str]:
    parser = _Lines()
    parser.feed(page)
    return [line.strip() for line in parser.found if "curl --include" in line]


def status_of(command: Command) -> int:
    """Run a line as it stands, and give the status of the answer."""
    done = subprocess.run(
        [str(BASH), "-c", command.line],
        env={"PATH": os.environ["PATH"], "TOKEN": TOKEN, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=30,
        check=False,
    )
    head = done.stdout.partition(b"\r\n")[0].split()
    assert len(head) >= 2, f"{done.stderr.decode(errors='replace')}\n{command.line}"
    return int(head[1])


def test_every_curl_line_runs_and_gets_the_same_status(
    cli: Cli, product_file: Callable[..., Path], tmp_path: Path
) -> None:
    only = [part for name in CASES for part in ("--only", f"*/{name}/*")]
    folder = tmp_path / "run"
    with MockProcess.start("payments", token=TOKEN, faults=FAULTS) as mock:
        file = product_file(mock.url)
        ran = cli("run", "--product", file, "--profile", "quick", *only, "--out", folder)
        assert ran.code == 1, ran.err
        cited: list[dict[str, Any]] = [
            one for one in report_of(folder)["exchanges"] if one["kind"] == "exchange" and one["response"]
        ]
        commands = [curl(one["request"]) for one in cited]
        with ThreadPoolExecutor(4) as shells:
            statuses = list(shells.map(status_of, commands))
    told = [one["response"]["status"] for one in cited]
    differing = [
        (was, now, command.line)
        for was, now, command in zip(told, statuses, commands, strict=True)
        if was != now and command.exact
    ]
    assert not differing
    assert {400, 401, 500} <= set(told)
    assert any("$'" in command.line for command in commands), "characters that cannot be seen are among them"
    assert any('"$TOKEN"' in command.line for command in commands)
    assert TOKEN not in (folder / "report.html").read_text("utf-8")
    shown = lines_of((folder / "report.html").read_text("utf-8"))
    assert shown
    assert set(shown) <= {command.line for command in commands}
