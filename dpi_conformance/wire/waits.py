"""Notes the waits of one case whose time ran out: what it then says rests on the harness's own clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

__all__ = ["Wait", "note", "noted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A stretch of time that a judgement rests on; ``time.perf_counter()`` at both ends."""

    began: float
    ended: float


_NOTED: Final[ContextVar[list[Wait] | None]] = ContextVar("waits of a case", default=None)


@contextmanager
def noted() -> Iterator[list[Wait]]:
    """Note all waits of what is done within it, and of the tasks that it starts."""
    waits: list[Wait] = []
    token = _NOTED.set(waits)
    try:
        yield waits
    finally:
        _NOTED.reset(token)


def note(began: float) -> None:
    """Note that something rests on the time from ``began`` (``time.perf_counter()``) until now."""
    waits = _NOTED.get()
    if waits is not None:
        waits.append(Wait(began=began, ended=time.perf_counter()))
