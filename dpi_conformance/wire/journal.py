"""The journal of a run: one JSON object a line, appended as things happen, never rewritten."""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import orjson

from dpi_conformance.errors import JournalError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Callback, Exchange, Finding
from dpi_conformance.model.requirements import Requirement
from dpi_conformance.model.verdicts import Verdict
from dpi_conformance.wire import lines
from dpi_conformance.wire.chain import last_link, linked
from dpi_conformance.wire.journal_reading import finished_cases, read_journal, repair
from dpi_conformance.wire.redaction import Redactor

try:
    import fcntl
except ImportError:  # Windows: two runs into one folder are kept apart by the folder's own check only
    fcntl = None  # type: ignore[assignment]

__all__ = ["Journal", "finished_cases", "held", "read_journal", "repair"]

SCHEMA_VERSION = 1
_SYNC_SECONDS = 2.0
"""So much of a run is lost at most where the machine itself fails."""
_EVIDENT = frozenset({Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.ERROR})


class Probed(Protocol):
    """What is journalled of the doctor's observation."""

    @property
    def probe(self) -> str:
        """Name the probe."""

    @property
    def health(self) -> str:
        """Give ``ok``, ``warning`` or ``trouble``."""

    @property
    def message(self) -> Message:
        """Say what was seen."""

    @property
    def advice(self) -> Message | None:
        """Say what to change."""


class Journal:
    """Appends a run's lines to a file, redacted; a context manager that holds the file's lock.

    Each line goes to the operating system at once (1.6 µs), so that a killed process loses none; it goes to the
    disk every two seconds, beside the run, and at the end. Each ends with its link of the chain (``wire.chain``),
    with which a resumed run goes on. Every method raises JournalError where it cannot be written: what was written
    until then stays readable.
    """

    def __init__(self, path: Path, redactor: Redactor, lock: int | None = None) -> None:
        """Open or create the file; UsageError where another process writes to it, or it cannot be opened.

        ``lock`` is what ``held`` gave where the file is locked already.
        """
        self.path = path
        self.redactor = redactor
        self._file = _locked(path) if lock is None else os.dup(lock)
        try:
            repair(path)
            self._link = last_link(path)
        except JournalError:
            os.close(self._file)
            raise
        self._size = os.fstat(self._file).st_size
        self._syncing: Future[None] | None = None
        self._synced = time.monotonic()
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-sync")

    def __enter__(self) -> Self:
        """Give the journal."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Bring everything to the disk and release the file."""
        self.close()

    def close(self) -> None:
        """Bring everything to the disk and release the file; a second time, do nothing."""
        if self._file < 0:
            return
        file, self._file = self._file, -1
        self._beside.shutdown()
        try:
            os.fsync(file)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            os.close(file)

    def start(
        self,
        *,
        run: Mapping[str, Any],
        product: Mapping[str, Any],
        product_file: str | None,
        target: Mapping[str, Any],
        claims: Mapping[str, Any],
        **more: Any,
    ) -> None:
        """Write the first line: the run, the product, and its target as it may be shown (``Target.public``)."""
        head = {"type": "start", "schema_version": SCHEMA_VERSION}
        told = {
            "run": run,
            "product": product,
            "product_file": product_file,
            "target": target,
            "claims": claims,
        }
        self._write({**head, **told, **more})

    def block(self, block: Block, digests: Mapping[str, str], cases: Iterable[Case]) -> None:
        """Write a block's titles, functions and digests, and how many cases of which digest will follow."""
        self._write(lines.block(block, dict(digests), cases))

    def requirement(self, block: str, requirement: Requirement) -> None:
        """Write one requirement of a block."""
        self._write(lines.requirement(block, requirement))

    def case(self, case: Case) -> None:
        """Write one planned case."""
        self._write(lines.case(case))

    def observation(self, block: str, observation: Probed) -> None:
        """Write one probe of the doctor."""
        line = {"type": "observation", "block": block, "probe": observation.probe}
        shown = {"message": self._shown(observation.message), "advice": self._shown(observation.advice)}
        self._write({**line, "health": str(observation.health), **shown})

    def exchange(  # noqa: PLR0913 -- an exchange and all that was made of it, by keyword
        self,
        exchange: Exchange,
        *,
        case: str,
        vector: str,
        verdict: Verdict,
        findings: Iterable[Finding],
        note: Message | None = None,
        full: bool = False,
        step: str = "",
    ) -> None:
        """Write one exchange; with its request and answer where they are evidence, or ``full`` asks for them."""
        self.redactor.sent(exchange.request.url, exchange.request.body)
        line = {
            "type": "exchange",
            "id": exchange.id,
            "case": case,
            "vector": vector,
            "verdict": verdict.name,
            **lines.seen(exchange),
            "note": lines.message(note),
        }
        if step:
            line["step"] = step
        found = tuple(findings)
        if full or found or verdict in _EVIDENT:
            line.update(lines.evidence(exchange, found, self.redactor.cleaned()))
        self._write(line)

    def callback(
        self, callback: Callback, *, case: str, findings: Iterable[Finding], verdict: Verdict
    ) -> None:
        """Write one call that the product made to us."""
        head = {"type": "callback", "id": callback.id, "case": case, "verdict": verdict.name, "note": None}
        self._write({**head, **lines.callback_evidence(callback, tuple(findings), self.redactor.cleaned())})

    def outcome(self, result: CaseResult) -> None:
        """Write what a finished case came to."""
        line = lines.outcome(result)
        line["reason"] = self._shown(result.reason)
        self._write(line)

    def resumed(self, at: str = "") -> None:
        """Write that a killed run goes on now: what unfinished cases had seen is void."""
        self._write({"type": "resume", "at": at or _now()})

    def end(self, ended: str, reason: Message | None = None) -> None:
        """Write the last line: ``complete``, ``interrupted``, ``lost`` or ``error``, and why; it is on the disk then."""
        self._write({"type": "end", "finished_at": _now(), "ended": ended, "reason": self._shown(reason)})
        self._sync(wait=True)

    def _shown(self, message: Message | None) -> Mapping[str, Any] | None:
        return lines.message(self.redactor.cleaned().message(message)) if message is not None else None

    def _write(self, line: Mapping[str, Any]) -> None:
        whole_line, link = linked(_encoded(line), self._link)
        rest = memoryview(whole_line)
        whole = self._size + len(rest)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            with contextlib.suppress(
                OSError
            ):  # else the torn line stays, and is repaired when the run is resumed
                os.ftruncate(self._file, self._size)
            raise self._unwritable(error) from error
        self._size, self._link = whole, link
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            self._sync(wait=False)

    def _sync(self, *, wait: bool) -> None:
        """Have the disk take what was written, one at a time and beside the run; a failed one is raised here."""
        try:
            if self._syncing is not None and (wait or self._syncing.done()):
                self._syncing.result()
                self._syncing = None
            if self._syncing is None:
                self._syncing = self._beside.submit(os.fsync, self._file)
                self._synced = time.monotonic()
            if wait:
                self._syncing.result()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> JournalError:
        return JournalError(
            Message(
                text=N_(
                    "The journal {path} cannot be written: {reason}. What was seen until now is in it; make room, then "
                    "go on with: dpi-conformance run --resume {folder}"
                ),
                values={
                    "path": str(self.path),
                    "reason": error.strerror or str(error),
                    "folder": str(self.path.parent),
                },
            )
        )


@contextlib.contextmanager
def held(path: Path) -> Iterator[int]:
    """Lock a journal before anything else is taken that its run may hold; UsageError where a run writes to it."""
    file = _locked(path)
    try:
        yield file
    finally:
        os.close(file)


def _encoded(line: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(line)
    except TypeError:  # a lone surrogate, which UTF-8 has no form for: a product may put one into a header
        import json  # noqa: PLC0415

        return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _locked(path: Path) -> int:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o644)
    except OSError as error:
        raise UsageError(
            Message(
                text=N_("--out: the journal {path} cannot be written ({reason}); name a folder that can."),
                values={"path": str(path), "reason": error.strerror or str(error)},
            )
        ) from error
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        raise UsageError(
            Message(
                text=N_("Another run is writing to {path}; wait for it, or name another folder with --out."),
                values={"path": str(path)},
            )
        ) from error
    return file
