"""The chain through a journal: each line ends with a digest of itself and of the digest before it, so that edits show.

``chain`` of a line is the hex sha256 of: the ``chain`` of the line before (nothing before the first), then the line's
own bytes as they stand, without ``,"chain":"…"`` and without the line feed.
"""

import hashlib
from pathlib import Path

from dpi_conformance.errors import JournalError
from dpi_conformance.i18n import N_, Message

__all__ = ["BEGINNING", "last_link", "link_of", "linked"]

BEGINNING = ""
"""What stands before the first line."""
_KEY = b',"chain":"'
_ENDING = len(_KEY) + 64 + len(b'"}\n')


def linked(line: bytes, before: str) -> tuple[bytes, str]:
    """Give a JSON object's bytes as the journal's next line, and the digest that the line after it rests on."""
    link = _digest(line, before)
    return b'%b%b%b"}\n' % (line[:-1], _KEY, link.encode()), link


def link_of(line: bytes, before: str) -> str | None:
    """Give the digest that a whole line ends with; None where it does not follow from the line before."""
    written = _written(line[-_ENDING:])
    if written is None or written != _digest(line[:-_ENDING] + b"}", before):
        return None
    return written


def last_link(path: Path) -> str:
    """Give the digest that a journal's next line rests on; raises JournalError where its last line has none."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - _ENDING, 0))
            written = _written(file.read(_ENDING)) if size else BEGINNING
    except OSError as error:
        raise JournalError(
            Message(
                text=N_("The journal {path} cannot be read: {reason}."),
                values={"path": str(path), "reason": error.strerror or str(error)},
            )
        ) from error
    if written is None:
        raise JournalError(
            Message(
                text=N_(
                    "The last line of {path} has no chain: the file was edited, or is no journal of this release. It "
                    "cannot be gone on with; start a new run."
                ),
                values={"path": str(path)},
            )
        )
    return written


def _written(ending: bytes) -> str | None:
    if len(ending) == _ENDING and ending.startswith(_KEY) and ending.endswith(b'"}\n'):
        return ending[len(_KEY) : -3].decode("ascii", "replace")
    return None


def _digest(line: bytes, before: str) -> str:
    return hashlib.sha256(before.encode("ascii", "replace") + line).hexdigest()
