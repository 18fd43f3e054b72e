"""From a report to what people and machines read: pure rendering in the reader's language.

What ``run`` needs while it still measures (``Language``) is imported at once, the rest when it is asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from dpi_conformance.reporting.language import ENGLISH, Language, load_language

if TYPE_CHECKING:
    from dpi_conformance.reporting.serialise import report_json, report_schema
    from dpi_conformance.reporting.writing import FORMATS, render, write_reports

__all__ = [
    "ENGLISH",
    "FORMATS",
    "Language",
    "load_language",
    "render",
    "report_json",
    "report_schema",
    "write_reports",
]

_LATER = {
    "FORMATS": "writing",
    "render": "writing",
    "report_json": "serialise",
    "report_schema": "serialise",
    "write_reports": "writing",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
