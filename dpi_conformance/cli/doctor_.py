"""``doctor``: judge the configuration against the living target, before any verdict."""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from dpi_conformance.campaign.assignment import Assignment, read_assignment
from dpi_conformance.campaign.certify import open_ground
from dpi_conformance.campaign.examination import examined
from dpi_conformance.campaign.ground import make_ground
from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.order import Order
from dpi_conformance.campaign.ordering import make_order, read_products
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole, paragraph, warn
from dpi_conformance.cli.options import language_option, target_options
from dpi_conformance.errors import UsageError
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Profile
from dpi_conformance.reporting.language import Language, load_language
from dpi_conformance.reporting.visible import visible

__all__ = ["command"]

_MARKS = {Health.OK: ("✓", "green"), Health.WARNING: ("!", "yellow"), Health.TROUBLE: ("✗", "red")}
_WIDE = 60
"""Columns of a terminal that has room for the probes' names beside what they saw."""
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
    warn(described.warnings, language)
    order = make_order(blocks, described, product, Profile.QUICK, lang)
    console = PatientConsole()
    troubles = 0
    for block in order.blocks:
        for place, observations in _examined(
            order, pack, read_assignment(pack, block, order.profile)
        ).items():
            _show(console, place, observations, language)
            troubles += sum(observation.health is Health.TROUBLE for observation in observations)
    summary = paragraph(console, language.translate(_summary(troubles)))
    console.print(Text(summary), soft_wrap=True)
    raise SystemExit(_CANNOT_BE_JUDGED if troubles else 0)


def _examined(order: Order, pack: Pack, work: Assignment) -> dict[str, list[Observation]]:
    """Give what the doctor sees, by place: in a scenario each block that takes part, product or mock."""
    observations: dict[str, list[Observation]] = {}

    async def looked() -> None:
        async with open_ground(ground, work) as (_, stages):
            for place, stage in stages.items():
                target = ground.benches[place].target()
                observations[place] = list(await examined(stage, target, work.places[place]))

    with make_ground(order, pack, work.block.id) as ground:
        run_to_end(looked())
    return observations


def _show(console: Console, block: str, observations: list[Observation], language: Language) -> None:
    """Print one probe after the other; on a narrow terminal its name stands above what it saw."""
    names = max((len(observation.probe) for observation in observations), default=0)
    beside = console.width >= _WIDE
    indent = names + 5 if beside else 3
    console.print(Text(block, style="italic"))
    for observation in observations:
        head = Text.assemble(" ", _MARKS[observation.health], f" {observation.probe:<{names}}")
        told = _shown(console, language, observation.message, indent)
        console.print(head.append(f"  {told}" if beside else f"\n   {told}"), soft_wrap=True, highlight=False)
        if observation.advice is not None and observation.health is not Health.OK:
            advice = f"{' ' * indent}→ {_shown(console, language, observation.advice, indent + 2)}"
            console.print(Text(advice, style="dim"), soft_wrap=True)


def _shown(console: Console, language: Language, message: Message, indent: int) -> str:
    return paragraph(console, visible(language.translate(message)), indent)


def _summary(troubles: int) -> Message:
    if troubles:
        return Message(
            text=N_("The product cannot be judged as it is configured; that is no verdict about the product.")
        )
    return Message(text=N_("The product can be judged."))
