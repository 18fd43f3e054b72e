"""Commands on a real terminal: narrow, without colours, dumb, and stopped by Ctrl-C."""

import contextlib
import fcntl
import itertools
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.campaign.conftest import journal_of
from tests.campaign.test_run_stopped import children, left_over
from tests.conftest import PROCESS_SECONDS, command

ONLY = ("--only", "*/voucher-status/required/*")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")


@dataclass
class Terminal:
    """What a command wrote to a terminal, its exit code, and who its children were when Ctrl-C was typed."""

    written: str
    code: int
    children: Sequence[int]

    @property
    def lines(self) -> list[str]:
        """Give the lines without control sequences."""
        return [CONTROL.sub("", line).rstrip() for line in re.split(r"[\r\n]+", self.written)]


def never() -> bool:
    """Type nothing."""
    return False


def on_terminal(
    *arguments: str | Path,
    columns: int = 80,
    interrupt: Callable[[], bool] = never,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Terminal:
    """Run a command on a terminal of its own; Ctrl-C is typed as soon as ``interrupt`` says so."""
    screen, end = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        command(*arguments),
        stdin=end,
        stdout=end,
        stderr=end,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), **environment},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 -- makes Ctrl-C a signal
    )
    os.close(end)
    written, begun, ends = b"", list[int](), time.monotonic() + PROCESS_SECONDS
    with contextlib.suppress(OSError):  # how Linux says that nobody holds the other end any more
        while time.monotonic() < ends:
            if select.select([screen], [], [], 0.02)[0]:
                written += os.read(screen, 65536)
            if not begun and interrupt():
                begun = children(process.pid)
                os.write(screen, b"\x03")
    os.close(screen)
    return Terminal(written.decode(), process.wait(PROCESS_SECONDS), begun)


def test_ctrl_c_leaves_a_tidy_terminal_one_message_and_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    journal = folder / "journal.ndjson"
    shown = on_terminal(
        "run",
        "payments",
        "--profile",
        "full",
        "--out",
        folder,
        columns=400,
        interrupt=lambda: journal.exists() and b'"type":"result"' in journal.read_bytes(),
    )
    assert shown.code == 3
    left_over(folder, list(shown.children))
    assert shown.written.rfind("\x1b[?25h") > shown.written.rfind("\x1b[?25l"), "the cursor is shown again"
    assert "Traceback" not in shown.written
    (told,) = [line for line in shown.lines if "--resume" in line]
    assert told == f"Stopped. Go on with: dpi-conformance run --resume {folder}"
    after = shown.written[shown.written.rindex("Inconclusive") :]
    assert "cases, " not in after.partition("cases expected")[0], "no bar is left below the verdict"
    assert journal_of(folder)[-1]["ended"] == "interrupted"


@pytest.mark.parametrize("columns", [40, 60])
def test_no_word_is_broken_on_a_narrow_terminal(columns: int) -> None:
    for arguments in (("doctor", "payments", "--target", "http://127.0.0.1:9"), ("list", "faults")):
        shown = on_terminal(*arguments, columns=columns)
        words = {word for line in shown.lines for word in line.split()}
        assert len(words) > 20
        whole = on_terminal(*arguments, columns=1000)
        said = {word for line in whole.lines for word in line.split()}
        assert words <= said | {"summary:", "caught", "by:", "cases:", "clause:"}
        long = [line for line in shown.lines if len(line) > columns]
        assert all(len(line.split()) <= 2 for line in long), (
            "only a name that cannot be broken reaches beyond"
        )


def test_a_run_fits_a_narrow_terminal(tmp_path: Path) -> None:
    shown = on_terminal("run", "payments", *ONLY, "--out", tmp_path / "run", columns=40)
    assert shown.code == 0
    before = itertools.takewhile(lambda line: "Report:" not in line, shown.lines)
    assert max(map(len, before)) <= 40


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_where_no_colours_are_wanted_there_are_none(tmp_path: Path, environment: dict[str, str]) -> None:
    shown = on_terminal("run", "payments", *ONLY, "--out", tmp_path / "run", environment=environment)
    assert shown.code == 0
    assert not COLOUR.search(shown.written)
    if "TERM" in environment:
        assert "\x1b" not in shown.written
