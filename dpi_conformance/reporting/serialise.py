"""``report.json``: one canonical form, so that the same journal gives the same bytes; and its JSON Schema.

Run as ``python -m dpi_conformance.reporting.serialise``, it rewrites the published schema.
"""

import json
from pathlib import Path

from dpi_conformance.model.report import Report

__all__ = ["SCHEMA", "report_json", "report_schema"]

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "report.schema.json"
"""Where the schema is published within the package."""


def report_json(report: Report) -> bytes:
    """Serialise a report: keys in the schema's order, two spaces, UTF-8, a line feed at the end."""
    return report.model_dump_json(indent=2).encode() + b"\n"


def report_schema() -> bytes:
    """Give the JSON Schema (2020-12) of ``report.json``."""
    schema = Report.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "dpi-conformance report.json"}
    return json.dumps({**schema, **head}, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


if __name__ == "__main__":
    SCHEMA.write_bytes(report_schema())
