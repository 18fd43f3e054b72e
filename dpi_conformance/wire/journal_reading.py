"""Reads journals: line by line, each held against the chain; tolerant of the torn last line of a killed process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from dpi_conformance.errors import JournalError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.chain import BEGINNING, link_of

__all__ = ["finished_cases", "read_journal", "repair"]

_CHUNK = 65_536


def read_journal(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the journal's lines as objects, streaming; a torn last line is left out.

    Raises JournalError for a file that cannot be read, for a line in the middle that is no JSON object, and for one
    that does not follow from the line before it. A journal whose last lines are missing is read as one of a run that
    was killed.
    """
    link = BEGINNING
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                if (value := _object(line)) is None:
                    raise _corrupt(path, number)
                if (own := link_of(line, link)) is None:
                    raise _broken(path, number, value["type"])
                link = own
                yield value
    except OSError as error:
        raise JournalError(
            Message(
                text=N_("The journal {path} cannot be read: {reason}."),
                values={"path": str(path), "reason": error.strerror or str(error)},
            )
        ) from error


def _object(line: bytes) -> dict[str, Any] | None:
    """Give a whole line as an object with a type; None where it is none."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("type"), str) else None


def _corrupt(path: Path, number: int) -> JournalError:
    return JournalError(
        Message(
            text=N_(
                "Line {number} of {path} is no line of a journal: the file was edited or damaged. Judge an intact "
                "copy, or run again."
            ),
            values={"number": number, "path": str(path)},
        )
    )


def _broken(path: Path, number: int, kind: str) -> JournalError:
    return JournalError(
        Message(
            text=N_(
                "Line {number} of {path} ({type}) breaks the journal’s chain: this line was edited, or lines were "
                "removed, inserted or moved just before it. Judge an intact copy, or run again."
            ),
            values={"number": number, "path": str(path), "type": kind},
        )
    )


def repair(path: Path) -> int:
    """Cut a torn last line off, so that the journal can be appended to; gives the bytes that were cut."""
    try:
        with path.open("r+b") as file:
            size = file.seek(0, 2)
            end = _last_line_end(file, size)
            if end < size:
                file.truncate(end)
            return size - end
    except OSError as error:
        raise JournalError(
            Message(
                text=N_("The journal {path} cannot be repaired: {reason}."),
                values={"path": str(path), "reason": error.strerror or str(error)},
            )
        ) from error


def _last_line_end(file: Any, size: int) -> int:
    """Find the end of the last whole line, from the back; 0 if there is none."""
    position = size
    while position > 0:
        start = max(position - _CHUNK, 0)
        file.seek(start)
        found = file.read(position - start).rfind(b"\n")
        if found >= 0:
            return int(start + found + 1)
        position = start
    return 0


def finished_cases(path: Path) -> frozenset[str]:
    """Give the ids of the cases that were decided; a resumed run tries the others, also those without a verdict.

    A product that dies leaves cases inconclusive before it is known that it is gone.
    """
    return frozenset(
        line["case"]
        for line in read_journal(path)
        if line["type"] == "result" and line["verdict"] in {"PASS", "FAIL"}
    )
