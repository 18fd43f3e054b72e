"""``spec lint``: what is wrong with OpenAPI documents, and what can still be used."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from dpi_conformance.catalogue.lint import Linted, Outcome, lint_path
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.options import language_option
from dpi_conformance.errors import DpiError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Spec, Trouble
from dpi_conformance.reporting.language import Language, load_language

__all__ = ["command"]

_CLEAN, _TROUBLES, _UNUSABLE = 0, 1, 2


@click.group(name="spec")
def command() -> None:
    """Work with OpenAPI documents."""


@command.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document instead of text.")
@language_option
def lint(*, paths: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Say what is wrong with OpenAPI documents (files or folders), and what can still be used.

    Exit codes: 0 no trouble, 1 troubles, 2 a path is missing or is no readable OpenAPI document (for a
    folder: holds none).
    """
    language = load_language(lang, Pack.builtin())
    code = _CLEAN
    everything: list[Linted] = []
    for path in paths:
        try:
            found = lint_path(path)
        except DpiError as error:
            click.echo(f"dpi-conformance: {language.translate(error.message)}", err=True)
            code = _UNUSABLE
            continue
        code = max(code, _code(found, alone=not path.is_dir()))
        everything += found
    if as_json:
        _write_json(everything)
    else:
        _write_text(everything, language)
    raise SystemExit(code)


def _code(found: Sequence[Linted], *, alone: bool) -> int:
    """Give the exit code of one path; beside OpenAPI documents, a folder may hold other files."""
    readable = [linted for linted in found if linted.outcome is Outcome.OPENAPI]
    if not readable:
        return _UNUSABLE
    broken = any(linted.outcome is Outcome.UNREADABLE for linted in found) and not alone
    return _TROUBLES if broken or any(linted.troubles for linted in readable) else _CLEAN


def _write_json(found: Sequence[Linted]) -> None:
    import orjson  # noqa: PLC0415 -- for this form only

    documents = [_as_json(linted) for linted in found]
    click.echo(orjson.dumps({"documents": documents}, option=orjson.OPT_INDENT_2).decode())


def _as_json(linted: Linted) -> dict[str, Any]:
    spec = linted.spec
    return {
        "file": linted.file,
        "outcome": linted.outcome.value,
        "kind": linted.kind,
        "reason": str(linted.reason) if linted.reason else None,
        "openapi": spec.openapi if spec else None,
        "title": spec.title if spec else None,
        "version": spec.version if spec else None,
        "operations": spec.operations if spec else 0,
        "usable": spec.usable if spec else 0,
        "outbound": len(spec.outbounds) if spec else 0,
        "sha256": spec.digest if spec else None,
        "troubles": [
            {"place": trouble.place, "reason": str(trouble.reason), "used": trouble.used}
            for trouble in linted.troubles
        ],
    }


def _write_text(found: Sequence[Linted], language: Language) -> None:
    console = Console()
    for linted in found:
        for line in _lines(linted, language):
            console.print(line, soft_wrap=True)
    if len(found) > 1:
        console.print(Text(language.translate(_summary(found)), style="bold"), soft_wrap=True)


def _lines(linted: Linted, language: Language) -> list[Text]:
    if linted.spec is None:
        style = "red" if linted.outcome is Outcome.UNREADABLE else "dim"
        mark = "✗" if linted.outcome is Outcome.UNREADABLE else "–"
        reason = language.translate(linted.reason) if linted.reason else linted.file
        return [Text(f"{mark} {reason}", style=style)]
    head = Text(f"{'!' if linted.troubles else '✓'} ", style="yellow" if linted.troubles else "green")
    head.append(linted.file, style="bold")
    return [
        head,
        Text(f"  {language.translate(_about(linted, linted.spec))}"),
        *(_trouble_line(trouble, language) for trouble in linted.troubles),
    ]


def _trouble_line(trouble: Trouble, language: Language) -> Text:
    line = Text("    ! " if trouble.used else "    ✗ ", style="yellow" if trouble.used else "red")
    line.append(trouble.place, style="cyan")
    return line.append(f"  {language.translate(trouble.reason)}", style="default")


def _about(linted: Linted, spec: Spec) -> Message:
    values: dict[str, str | int] = {
        "version": spec.openapi,
        "kind": linted.kind,
        "title": spec.title or "–",
        "usable": spec.usable,
        "operations": spec.operations,
        "outbound": len(spec.outbounds),
        "troubles": len(linted.troubles),
    }
    if spec.outbounds:
        text = N_(
            "OpenAPI {version}, {kind}, “{title}”: {usable} of {operations} operations usable, "
            "{outbound} calls that the product makes, {troubles} troubles"
        )
    else:
        text = N_(
            "OpenAPI {version}, {kind}, “{title}”: {usable} of {operations} operations usable, {troubles} troubles"
        )
    return Message(text=text, values=values)


def _summary(found: Sequence[Linted]) -> Message:
    readable = [linted for linted in found if linted.spec]
    text = N_(
        "{files} files: {readable} OpenAPI documents with {troubles} troubles, {other} other files, "
        "{unreadable} that cannot be read. ! is used all the same, ✗ is not."
    )
    values = {
        "files": len(found),
        "readable": len(readable),
        "troubles": sum(len(linted.troubles) for linted in readable),
        "other": sum(linted.outcome is Outcome.OTHER for linted in found),
        "unreadable": sum(linted.outcome is Outcome.UNREADABLE for linted in found),
    }
    return Message(text=text, values=values)
