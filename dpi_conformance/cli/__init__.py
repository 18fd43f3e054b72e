"""The command line: one module a command, imported only when it is called."""

import importlib
import io
import os
import signal
import sys
from typing import NoReturn

import click

from dpi_conformance import __version__
from dpi_conformance.errors import DpiError

__all__ = ["main"]

_USAGE, _NOTHING_SAID = 2, 3
"""Exit codes: click's own for an interruption would be 1, which is a verdict here."""
_COMMANDS = {
    "doctor": "Judge the configuration against the living target, before any verdict.",
    "explore": "Send fresh random cases; what it finds never decides.",
    "init": "Write a commented product.yaml.",
    "judge": "Rebuild report.json from a run's journal.",
    "list": "List blocks, variants, cases, requirements or faults.",
    "mock": "Start a block's mock: a product that keeps the standard, or breaks it by name.",
    "replay": "Send a finding's exchange again.",
    "report": "Print a run's report in one format.",
    "run": "Certify a product; without a target, the built-in mock.",
    "selftest": "Prove that each fault of a block's mock is caught.",
    "spec": "Work with OpenAPI documents.",
    "vectors": "Compile and freeze a block's vectors.",
}
"""Each command's module is ``dpi_conformance.cli.<name>_`` (so that none hides a built-in), in it ``command``."""


class _Lazy(click.Group):
    """Knows all commands by name; imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"dpi_conformance.cli.{cmd_name}_")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dpi-conformance")
def group() -> None:
    """Tell whether a digital public infrastructure product speaks its building block's standard.

    Exit codes: 0 conformant, 1 not conformant, 2 usage or configuration, 3 inconclusive or our own error.
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; every trouble ends in one message and its exit code, never in a traceback.

    With the environment variable DPI_CONFORMANCE_DEBUG set, our own errors show their traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a terminal that lacks a character shows “?”, and the run goes on
    # Without this, SIGTERM (a CI system's way to cancel) would end what has not begun yet without a word.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(_code(arguments))
    finally:
        signal.signal(signal.SIGTERM, before)


def _code(arguments: list[str] | None) -> int:
    try:
        code = group.main(args=arguments, prog_name="dpi-conformance", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return _USAGE
    except DpiError as error:
        return _said(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _said("stopped.", _NOTHING_SAID)
    except Exception as error:
        if os.environ.get("DPI_CONFORMANCE_DEBUG"):
            raise
        text = (
            f"the harness itself failed ({type(error).__name__}: {error}). This is ours to mend: set "
            "DPI_CONFORMANCE_DEBUG=1 to see where, and report it."
        )
        return _said(text, _NOTHING_SAID)
    return code if isinstance(code, int) else 0


def _said(text: str, code: int) -> int:
    click.echo(f"dpi-conformance: {text}", err=True)
    return code
