"""The console that commands print to: a reader who goes away does not change what a command comes to."""

import os
import sys
import textwrap
from collections.abc import Iterable

import click
from rich.console import Console

from dpi_conformance.i18n import Message
from dpi_conformance.reporting.language import Language

__all__ = ["PatientConsole", "paragraph", "reader_gone", "warn"]

_NARROWEST = 20


class PatientConsole(Console):
    """Goes on in silence where the reader closes the pipe (``run … | head``): the verdict stays the exit code."""

    def on_broken_pipe(self) -> None:
        """Print nothing any more."""
        self.quiet = True
        reader_gone()


def paragraph(console: Console, text: str, indent: int = 0) -> str:
    """Give a text in lines that fit a terminal, those after the first indented; in a pipe, as it is.

    No word is broken: a name or an address that is longer than the line must still be copied as one.
    """
    if not console.is_terminal:
        return text
    room = max(console.width - indent, _NARROWEST)
    lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(lines)


def warn(warnings: Iterable[Message], language: Language) -> None:
    """Say on standard error what ought to be changed, and keeps nothing from going on."""
    console = Console(stderr=True)
    for warning in warnings:
        click.echo(f"! {paragraph(console, language.translate(warning), 2)}", err=True)


def reader_gone() -> None:
    """Lead standard output nowhere, so that nothing that is still buffered ends in an error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
