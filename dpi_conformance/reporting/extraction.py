"""Gathers every text of the catalogue: ``N_`` literals, templates, and the sentences of specifications.

Run as ``python -m dpi_conformance.reporting.extraction``, it rewrites ``reports/locale/messages.pot``.
"""

import ast
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dpi_conformance.catalogue.packs import Pack

__all__ = ["catalogue_template", "texts"]

_PACKAGE = Path(__file__).resolve().parent.parent
_HEADER = """# Texts of dpi-conformance, gathered by dpi_conformance.reporting.extraction.
# A translation is locale/<language>/LC_MESSAGES/messages.po beside this file; see docs/report.md."""
_OPTIONS: dict[str, str] = {
    "trimmed": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
_SENTENCES = {"requirements.yaml": ("text", "tested", "untestable"), "block.yaml": ("title",)}
_CHANGING = tuple(
    f'"{name}'
    for name in (
        "POT-",
        "PO-",
        "Generated-By",
        "Last-Translator",
        "Language-Team",
        "Report-Msgid",
        "Project-",
    )
)
_NAMED = ("functions", "properties", "counterparties")
"""Keys of ``block.yaml`` that map a name to a sentence."""


def texts(pack: Pack) -> Iterator[str | tuple[str, str]]:
    """Give every text once for each place that it stands in; a pair is a singular and its plural."""
    for folder in (_PACKAGE, *(pack.root / name for name in ("suites", "mocks", "reports"))):
        for path in sorted(folder.rglob("*.py")):
            yield from _literals(path)
    for path in sorted((pack.root / "suites").glob("*/test_*.py")):
        yield from _purposes(path)
    for path in sorted((pack.root / "reports").rglob("*.j2")):
        yield from _of_template(path)
    for name, keys in _SENTENCES.items():
        for path in sorted((pack.root / "specs").glob(f"*/{name}")):
            yield from _of_document(path, keys)


def catalogue_template(pack: Pack) -> bytes:
    """Give ``messages.pot``: sorted, without places and dates, so that it changes only where a text does."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415 -- for translators only
    from babel.messages.pofile import write_po  # noqa: PLC0415 -- as above

    catalog = Catalog(project="dpi-conformance", header_comment=_HEADER, fuzzy=False)
    for text in set(texts(pack)):
        catalog.add(text)
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_output=True)
    lines = written.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not _dated(line)).encode()


def _dated(line: str) -> bool:
    return line.startswith(_CHANGING)


def _literals(path: Path) -> Iterator[str]:
    from babel.messages.extract import extract_python  # noqa: PLC0415 -- as above

    with path.open("rb") as file:
        for _, _, found, _ in extract_python(file, {"N_": None}, (), {"encoding": "utf-8"}):
            text = found[0] if isinstance(found, tuple | list) else found
            if text:
                yield text


def _purposes(path: Path) -> Iterator[str]:
    """Give the purposes of a suite's cases: their docstrings."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.AsyncFunctionDef) and node.decorator_list:
            yield " ".join((ast.get_docstring(node) or "").split())


def _of_template(path: Path) -> Iterator[str | tuple[str, str]]:
    from jinja2.ext import babel_extract  # noqa: PLC0415 -- as above

    with path.open("rb") as file:
        for _, _, found, _ in babel_extract(file, ["_", "gettext", "ngettext"], (), dict(_OPTIONS)):
            if isinstance(found, str):
                yield found
            elif found and isinstance(found[0], str) and isinstance(found[1], str):
                yield found[0], found[1]


def _of_document(path: Path, keys: tuple[str, ...]) -> Iterator[str]:
    import yaml  # noqa: PLC0415 -- as above

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast, where built
    document = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 -- both are safe loaders
    for row in document.get("requirements", [document]):
        yield from (str(row[key]) for key in keys if row.get(key))
    for name in _NAMED:
        yield from _sentences(document.get(name) or {})


def _sentences(named: Mapping[str, Any]) -> Iterator[str]:
    yield from (text for text in named.values() if isinstance(text, str))


if __name__ == "__main__":
    pack = Pack.builtin()
    target = pack.root / "reports" / "locale" / "messages.pot"
    target.write_bytes(catalogue_template(pack))
