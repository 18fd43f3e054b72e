"""``report.json``: the whole report for machines, independent of the reader's language."""

from dpi_conformance.model.report import Report
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.serialise import report_json

__all__ = ["render"]


def render(report: Report, language: Language) -> bytes:  # noqa: ARG001 -- every renderer's signature
    """Give the canonical bytes, the same in every language."""
    return report_json(report)
