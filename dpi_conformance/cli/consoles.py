"""The console that commands print to: a reader who goes away does not change what a command comes to."""

import os
import sys
import textwrap

from rich.console import Console

__all__ = ["PatientConsole", "paragraph", "reader_gone"]

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


def reader_gone() -> None:
    """Lead standard output nowhere, so that nothing that is still buffered ends in an error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
