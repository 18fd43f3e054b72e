"""The console that commands print to: a reader who goes away does not change what a command comes to."""

import os
import sys

from rich.console import Console

__all__ = ["PatientConsole", "reader_gone"]


class PatientConsole(Console):
    """Goes on in silence where the reader closes the pipe (``run … | head``): the verdict stays the exit code."""

    def on_broken_pipe(self) -> None:
        """Print nothing any more."""
        self.quiet = True
        reader_gone()


def reader_gone() -> None:
    """Lead standard output nowhere, so that nothing that is still buffered ends in an error at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
