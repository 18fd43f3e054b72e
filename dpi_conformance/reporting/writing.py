"""Renders a report with a pack's renderers and puts the files into the run directory, each whole or not at all."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import JournalError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.report import Report
from dpi_conformance.reporting.language import Language

__all__ = ["FORMATS", "render", "write_reports"]

FORMATS: Mapping[str, str] = MappingProxyType(
    {"json": "report.json", "html": "report.html", "junit": "junit.xml", "markdown": "summary.md"}
)
"""Each format and the file that holds it; its renderer is ``reports/<format>.py`` of the pack."""


def render(report: Report, language: Language, pack: Pack, *, form: str) -> bytes:
    """Render a report in one format; pure."""
    rendered: str | bytes = pack.load(f"reports.{form}").render(report, language)
    return rendered if isinstance(rendered, bytes) else rendered.encode()


def write_reports(run_dir: Path, report: Report, language: Language, pack: Pack) -> Mapping[str, Path]:
    """Write every format beside the journal and say where, by format; raises JournalError on a full disk."""
    written = {}
    for form, name in FORMATS.items():
        written[form] = run_dir / name
        _replace(written[form], render(report, language, pack, form=form))
    return written


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that a reader never sees half of it."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise JournalError(
            Message(
                text=N_(
                    "{path} cannot be written: {reason}. The journal is kept; make room, then: "
                    "dpi-conformance judge {run}"
                ),
                values={"path": str(path), "reason": error.strerror or str(error), "run": str(path.parent)},
            )
        ) from error
