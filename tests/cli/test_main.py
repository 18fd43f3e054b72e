"""``main``: every trouble ends in one message and its exit code."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from dpi_conformance import __version__, cli
from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.cli import group
from dpi_conformance.errors import HarnessError, TargetError, UsageError
from tests.conftest import Cli


class Failing(click.Command):
    """A command that ends as it is told."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("failing")
        self.error = error

    def invoke(self, ctx: click.Context) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("write this instead"), 2, "dpi-conformance: write this instead\n"),
        (TargetError("cannot be judged"), 3, "dpi-conformance: cannot be judged\n"),
        (HarnessError("ours"), 3, "dpi-conformance: ours\n"),
        (KeyboardInterrupt(), 3, "dpi-conformance: stopped.\n"),
        (click.Abort(), 3, "dpi-conformance: stopped.\n"),
        (click.ClickException("click's"), 2, "Error: click's\n"),
        (RuntimeError("a bug"), 3, "(RuntimeError: a bug)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_each_trouble_has_its_exit_code(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """None is 1, which is a verdict, and only our own bug asks to be reported."""
    monkeypatch.delenv("DPI_CONFORMANCE_DEBUG", raising=False)
    monkeypatch.setattr(type(group), "get_command", lambda *_: Failing(error))
    ran = cli("failing")
    assert ran.code == code
    assert said in ran.err
    assert ran.err.strip().count("\n") == 0
    assert ("ours to mend" in ran.err) is (type(error) is RuntimeError)


def test_sigterm_is_told_as_ctrl_c_is(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a run has begun, while it runs on its loop, and after."""
    before = signal.getsignal(signal.SIGTERM)

    async def stopped() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(60)

    async def nothing() -> None:
        return

    def after() -> None:
        run_to_end(nothing())
        signal.raise_signal(signal.SIGTERM)

    for end in (lambda: signal.raise_signal(signal.SIGTERM), lambda: run_to_end(stopped()), after):
        monkeypatch.setattr(
            type(group), "get_command", lambda *_, end=end: click.Command("ended", callback=end)
        )
        ran = cli("ended")
        assert (ran.code, ran.err.strip()) == (3, "dpi-conformance: stopped.")
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_bug_shows_its_traceback_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DPI_CONFORMANCE_DEBUG", "1")
    monkeypatch.setattr(type(group), "get_command", lambda *_: Failing(RuntimeError("a bug")))
    with pytest.raises(RuntimeError, match="a bug"):
        cli.main(["failing"])


def test_an_exit_code_of_a_command_is_kept(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.pass_context
    def command(ctx: click.Context) -> None:
        ctx.exit(1)

    monkeypatch.setattr(type(group), "get_command", lambda *_: command)
    assert cli("any").code == 1


def test_every_command_is_there(cli: Cli) -> None:
    context = click.Context(group)
    names = group.list_commands(context)
    assert names == sorted(names)
    shown = cli("--help")
    assert shown.code == 0
    for name in names:
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert f"  {name} " in shown.out
        assert command.help


def test_version_and_unknown_commands(cli: Cli) -> None:
    assert cli("--version").out.strip().endswith(__version__)
    assert cli("--version").code == 0
    unknown = cli("certify")
    assert (unknown.code, "No such command" in unknown.err) == (2, True)


def test_a_terminal_that_lacks_a_character_does_not_end_a_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dpi_conformance", "list", "requirements"],
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
