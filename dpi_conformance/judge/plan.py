"""Holds the cases of a journal against the count and digest that each block said of its list before the first request."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from dpi_conformance.errors import JournalError
from dpi_conformance.i18n import N_, Message

__all__ = ["Plan"]


@dataclass(slots=True)
class Plan:
    """One block's list of cases: what was said of it, and what was read of it so far."""

    count: int
    sha256: str
    _held: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def take(self, line: Mapping[str, Any]) -> None:
        """Take in the line of a planned case."""
        self._held += 1
        own = {key: value for key, value in line.items() if key != "chain"}
        self._digest.update(orjson.dumps(own, option=orjson.OPT_APPEND_NEWLINE))

    def require(self, block: str) -> None:
        """Raise JournalError where the list is not the one that was planned."""
        found = self._digest.hexdigest()
        if (self._held, found) != (self.count, self.sha256):
            raise JournalError(
                Message(
                    text=N_(
                        "The journal’s list of cases of “{block}” was edited: {held} cases with the digest {found} are "
                        "in it, {count} with the digest {planned} were planned. Judge an intact copy, or run again."
                    ),
                    values={
                        "block": block,
                        "held": self._held,
                        "found": found,
                        "count": self.count,
                        "planned": self.sha256,
                    },
                )
            )
