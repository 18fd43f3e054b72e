"""From a report to what people and machines read: pure rendering in the reader's language."""

from dpi_conformance.reporting.language import ENGLISH, Language, load_language
from dpi_conformance.reporting.serialise import report_json
from dpi_conformance.reporting.writing import FORMATS, render, write_reports

__all__ = ["ENGLISH", "FORMATS", "Language", "load_language", "render", "report_json", "write_reports"]
