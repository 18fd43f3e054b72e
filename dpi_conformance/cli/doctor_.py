"""``doctor``: judge the configuration against the living target, before any verdict."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage
from dpi_conformance.campaign.examination import examined
from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.order import Order
from dpi_conformance.campaign.ordering import make_order, read_products
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole
from dpi_conformance.cli.options import language_option, target_options
from dpi_conformance.errors import UsageError
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Profile
from dpi_conformance.reporting.language import Language, load_language

__all__ = ["command"]

_MARKS = {Health.OK: "[green]✓[/]", Health.WARNING: "[yellow]![/]", Health.TROUBLE: "[red]✗[/]"}
_CANNOT_BE_JUDGED = 3


@click.command(name="doctor")
@click.argument("blocks", nargs=-1, metavar="[BLOCK]…")
@target_options
@language_option
def command(*, blocks: tuple[str, ...], target: str | None, product: Path | None, lang: str) -> None:
    """Judge whether a product can be judged: reachability, TLS, clock, credentials, base path, callbacks.

    Exit codes: 0 it can (warnings aside), 2 the file or the options are wrong, 3 it cannot.
    """
    pack = Pack.builtin()
    language = load_language(lang, pack)
    described = read_products(target, product, blocks)
    if described is None:
        raise UsageError(
            Message(
                text=N_("Name the product to examine: --product product.yaml (see: init), or --target URL.")
            )
        )
    for warning in described.warnings:
        click.echo(f"! {language.translate(warning)}", err=True)
    order = make_order(blocks, described, product, Profile.QUICK, lang)
    console = PatientConsole()
    troubles = 0
    for block in order.blocks:
        observations = _examined(order, pack, read_assignment(pack, block, order.profile))
        console.print(_table(block, observations, language))
        troubles += sum(observation.health is Health.TROUBLE for observation in observations)
    console.print(escape(language.translate(_summary(troubles))))
    raise SystemExit(_CANNOT_BE_JUDGED if troubles else 0)


def _examined(order: Order, pack: Pack, work: Assignment) -> list[Observation]:
    observations: list[Observation] = []

    async def looked() -> None:
        async with open_stage(bench, work) as stage:
            observations.extend(await examined(stage, bench.target(), work))

    with make_bench(order, pack, work.block.id) as bench:
        run_to_end(looked())
    return observations


def _table(block: str, observations: list[Observation], language: Language) -> Table:
    table = Table(title=block, title_justify="left", box=None, show_header=False, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for observation in observations:
        told = escape(language.translate(observation.message))
        if observation.advice is not None and observation.health is not Health.OK:
            told += f"\n[dim]→ {escape(language.translate(observation.advice))}[/]"
        table.add_row(_MARKS[observation.health], observation.probe, told)
    return table


def _summary(troubles: int) -> Message:
    if troubles:
        return Message(
            text=N_("The product cannot be judged as it is configured; that is no verdict about the product.")
        )
    return Message(text=N_("The product can be judged."))
