"""``selftest``: every fault of a block's mock against the checks that claim to catch it."""

import time

import click
from rich.console import Console
from rich.table import Table

from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.selftest import Proof, faults_of, prove
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.options import language_option
from dpi_conformance.i18n import N_, Message
from dpi_conformance.mockkit.faults import require_faults
from dpi_conformance.reporting import Language, load_language

__all__ = ["command"]


@click.command(name="selftest")
@click.argument("blocks", nargs=-1, metavar="[BLOCK]…")
@click.option("--fault", "names", multiple=True, metavar="NAME", help="Only this fault (and the clean mock).")
@click.option("--all-cases", is_flag=True, help="Let every case of the quick profile meet each fault.")
@language_option
def command(*, blocks: tuple[str, ...], names: tuple[str, ...], all_cases: bool, lang: str) -> None:
    """Prove that each fault of a block's mock is caught by the named check; exit 3 if one is not."""
    pack = Pack.builtin()
    language = load_language(lang, pack)
    good = [
        _prove(pack, pack.require(block), names, language, all_cases=all_cases)
        for block in blocks or pack.blocks
    ]
    raise SystemExit(0 if all(good) else 3)


def _prove(pack: Pack, block: str, names: tuple[str, ...], language: Language, *, all_cases: bool) -> bool:
    faults = faults_of(pack, block)
    chosen = require_faults(names, faults) or {fault.name for fault in faults}
    console = Console()
    table = _table(language)
    proofs: list[Proof] = []
    started = time.perf_counter()

    async def collect() -> None:
        with console.status(block) as status:
            async for proof in prove(block, [f for f in faults if f.name in chosen], all_cases=all_cases):
                proofs.append(proof)
                table.add_row(*_row(proof, language))
                status.update(f"{block} {len(proofs)}/{len(chosen) + 1}")

    run_to_end(collect())
    console.print(table, soft_wrap=not console.is_terminal, width=None if console.is_terminal else 200)
    caught = sum(proof.good for proof in proofs if proof.fault)
    summary = Message(
        text=N_(
            "{block}: {caught} of {faults} faults caught by their check; the clean mock: {accused} findings; {seconds} s."
        ),
        values={
            "block": block,
            "caught": caught,
            "faults": len(chosen),
            "accused": sum(len(proof.caught_by) for proof in proofs if proof.fault is None),
            "seconds": round(time.perf_counter() - started, 1),
        },
    )
    console.print(language.translate(summary))
    return all(proof.good for proof in proofs)


def _table(language: Language) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (N_("fault"), N_("clause"), N_("check"), N_("caught by"), N_("cases"), N_("others"), "ms"):
        table.add_column(language.text(title), overflow="fold")
    return table


def _row(proof: Proof, language: Language) -> tuple[str, ...]:
    fault = proof.fault
    if fault is None:
        seen = f"[red]{proof.caught_by[0]}[/]" if proof.caught_by else "[green]–[/]"
        name, clause, check = language.text(N_("(clean mock)")), "", ""
    else:
        more = f" (+{len(proof.caught_by) - 1})" if len(proof.caught_by) > 1 else ""
        seen = (
            f"[green]{proof.caught_by[0]}[/]{more}"
            if proof.caught_by
            else f"[red]{language.text(N_('NOT CAUGHT'))}[/]"
        )
        name, clause, check = fault.name, fault.clause, fault.check
    return name, clause, check, seen, str(proof.cases), str(proof.dragged), f"{proof.duration_ms:.0f}"
