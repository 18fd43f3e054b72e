"""Journals for tests: lines with their links, and blocks that know the list of their cases."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from dpi_conformance.wire.chain import BEGINNING, linked

__all__ = ["chained", "planned", "read_lines"]

Line = Mapping[str, Any]


def chained(lines: Iterable[Line | bytes]) -> bytes:
    """Give lines (or the bytes of JSON objects) as a journal, each linked to the one before."""
    link, parts = BEGINNING, []
    for line in lines:
        raw = line if isinstance(line, bytes) else orjson.dumps(_own(line))
        part, link = linked(raw, link)
        parts.append(part)
    return b"".join(parts)


def planned(lines: Iterable[Line]) -> list[Line]:
    """Give lines whose blocks say of the list of cases what is now in it."""
    every = list(lines)
    return [
        {**line, "planned": _plan(line["id"], every)} if line["type"] == "block" else line for line in every
    ]


def read_lines(journal: Path) -> list[dict[str, Any]]:
    """Give a journal's lines without their links, whatever they are."""
    return [dict(_own(orjson.loads(line))) for line in journal.read_bytes().splitlines()]


def _plan(block: str, lines: Iterable[Line]) -> Line:
    own = [_own(line) for line in lines if line["type"] == "case" and line["block"] == block]
    text = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in own)
    return {"count": len(own), "sha256": hashlib.sha256(text).hexdigest()}


def _own(line: Line) -> Line:
    return {key: value for key, value in line.items() if key != "chain"}
