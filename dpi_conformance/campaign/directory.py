"""Run directories: where a run's journal and reports lie."""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message

__all__ = ["JOURNAL", "discard_empty", "existing_run", "new_run"]

JOURNAL = "journal.ndjson"


def new_run(out: Path | None, blocks: Sequence[str]) -> Path:
    """Make an empty run directory: ``out``, else ``out/<time>-<block>``; UsageError if it holds anything."""
    folder = out or Path("out") / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{'-'.join(blocks)}"
    number = 1
    while out is None and folder.exists():
        number += 1
        folder = folder.with_name(f"{folder.name.partition('.')[0]}.{number}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            Message(
                text=N_(
                    "--out {path}: cannot be made a folder ({reason}); name a folder that you can write to."
                ),
                values={"path": str(folder), "reason": error.strerror or type(error).__name__},
            )
        ) from error
    if occupied:
        text = N_("--out {path}: is not empty; name a new folder.")
        if (folder / JOURNAL).exists():
            text = N_(
                "--out {path}: holds a run already; name a new folder, or go on with that run: "
                "dpi-conformance run --resume {path}"
            )
        raise UsageError(Message(text=text, values={"path": str(folder)}))
    return folder


def discard_empty(folder: Path) -> None:
    """Remove the directory of a run that never began; one that holds anything, or cannot be removed, stays."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def existing_run(folder: Path) -> Path:
    """Give a run's journal; UsageError if there is none."""
    journal = folder / JOURNAL
    if not journal.is_file():
        raise UsageError(
            Message(
                text=N_(
                    "{path}: no run is there ({journal} is missing); name the folder of a run, e.g. out/…"
                ),
                values={"path": str(folder), "journal": JOURNAL},
            )
        )
    return journal
