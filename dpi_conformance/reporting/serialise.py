"""``report.json``: one canonical form, so that the same journal gives the same bytes."""

from dpi_conformance.model.report import Report

__all__ = ["report_json"]


def report_json(report: Report) -> bytes:
    """Serialise a report: keys in the schema's order, two spaces, UTF-8, a line feed at the end."""
    return report.model_dump_json(indent=2).encode() + b"\n"
