"""``list``: what there is to test and to be tested by."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from dpi_conformance.campaign.assignment import read_assignment
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.cli.consoles import PatientConsole, paragraph, reader_gone
from dpi_conformance.model.vectors import Profile

__all__ = ["command"]

Rows = Iterator[Mapping[str, Any]]


def _blocks(pack: Pack, _profile: Profile, blocks: tuple[str, ...]) -> Rows:
    for name in blocks:
        block = load_block(pack.description(name))
        yield {
            "block": block.id,
            "title": block.title,
            "specification": block.specification,
            "functions": list(block.functions or block.scenario),
        }


def _variants(pack: Pack, _profile: Profile, blocks: tuple[str, ...]) -> Rows:
    for name in (block for block in blocks if block not in pack.scenarios):
        for variant in load_spec(pack.spec(name, "openapi.yaml")).variants:
            query = "&".join(f"{key}={value}" for key, value in variant.select)
            yield {
                "variant": variant.id,
                "operation": f"{variant.method.upper()} {variant.path}{'?' if query else ''}{query}",
                "function": variant.function,
                "initiator": variant.initiator,
                "clause": variant.clause,
            }


def _cases(pack: Pack, profile: Profile, blocks: tuple[str, ...]) -> Rows:
    for name in blocks:
        for case in read_assignment(pack, name, profile).cases:
            yield {
                "case": case.id,
                "purpose": str(case.purpose),
                "vectors": case.vectors,
                "requirements": list(case.requirements),
                "on": case.place,
            }


def _requirements(pack: Pack, _profile: Profile, blocks: tuple[str, ...]) -> Rows:
    for name in blocks:
        for requirement in load_requirements(pack.spec(name, "requirements.yaml")):
            yield {
                "requirement": requirement.id,
                "level": requirement.level.value,
                "observability": requirement.observability.value,
                "clause": requirement.clause,
                "text": requirement.text,
                "cases": list(requirement.cases) or requirement.untestable,
            }


def _faults(pack: Pack, _profile: Profile, blocks: tuple[str, ...]) -> Rows:
    for name in blocks:
        for fault in pack.load(f"mocks.{name}.faults").FAULTS:
            yield {
                "fault": fault.name,
                "summary": fault.summary,
                "caught by": fault.check,
                "cases": fault.cases,
                "clause": fault.clause,
            }


_WHAT: Mapping[str, Callable[[Pack, Profile, tuple[str, ...]], Rows]] = {
    "blocks": _blocks,
    "variants": _variants,
    "cases": _cases,
    "requirements": _requirements,
    "faults": _faults,
}


@click.command(name="list")
@click.argument("what", type=click.Choice(list(_WHAT)))
@click.argument("block", required=False)
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    default=Profile.FULL.value,
    show_default=True,
    help="Count the vectors of this profile (cases only).",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def command(*, what: str, block: str | None, profile: str, as_json: bool) -> None:
    """List blocks, variants, cases, requirements or faults, of one block or of all."""
    pack = Pack.builtin()
    blocks = (pack.require_judged(block),) if block else (*pack.blocks, *pack.scenarios)
    rows = list(_WHAT[what](pack, Profile(profile), blocks))
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    console = PatientConsole()
    if console.is_terminal:
        _show(console, rows)
        return
    try:
        for row in rows:  # for pipes, one tab-separated line a row: nothing folded, nothing cut
            click.echo("\t".join(map(_cell, row.values())))
    except BrokenPipeError:  # who reads it has seen enough
        reader_gone()


def _show(console: Console, rows: list[Mapping[str, Any]]) -> None:
    """Print a table; where it would have to break words, print each row as a paragraph."""
    columns = [[name, *(_cell(row[name]) for row in rows)] for name in (rows[0] if rows else ())]
    least = sum(
        max(len(word) for cell in column for word in (cell.split() or [""])) + 2 for column in columns
    )
    if least <= console.width:
        console.print(_table(rows), highlight=False)
        return
    for row in rows:
        first, *others = row.items()
        console.print(Text(_cell(first[1]), style="bold"), soft_wrap=True)
        for name, value in others:
            text = paragraph(console, f"{name}: {_cell(value)}", 4)
            console.print(Text(f"    {text}"), soft_wrap=True)


def _table(rows: list[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0] if rows else ():
        words = (word for row in rows for word in (column, *_cell(row[column]).split()))
        table.add_column(column, overflow="fold", min_width=max(map(len, words)))
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    return table


def _cell(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
