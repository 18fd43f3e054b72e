"""``selftest``: every fault of a block's mock against the checks that claim to catch it."""

import time

import click
from rich.console import Console
from rich.text import Text

from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.selftest import Proof, faults_of, prove
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole
from dpi_conformance.cli.options import language_option
from dpi_conformance.i18n import N_, Message
from dpi_conformance.mockkit.faults import Fault, require_faults
from dpi_conformance.reporting import Language, load_language

__all__ = ["command"]

_CHECK = N_("check")
_SHOWN = 3
"""Cases named of those that a fault drags down."""


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
        _prove(pack, pack.require_judged(block), names, language, all_cases=all_cases)
        for block in blocks or (*pack.blocks, *pack.scenarios)
    ]
    raise SystemExit(0 if all(good) else 3)


def _prove(pack: Pack, block: str, names: tuple[str, ...], language: Language, *, all_cases: bool) -> bool:
    faults = faults_of(pack, block)
    chosen = require_faults(names, faults) or {fault.name for fault in faults}
    console = PatientConsole()
    table = _Table(console, language, block, [fault for fault in faults if fault.name in chosen])
    proofs: list[Proof] = []
    started = time.perf_counter()

    async def collect() -> None:
        with console.status(block) as status:
            async for proof in prove(block, table.faults, all_cases=all_cases):
                proofs.append(proof)
                table.print(proof)
                status.update(f"{block} {len(proofs)}/{len(chosen) + 1}")

    table.print_head()
    run_to_end(collect())
    summary = Message(
        text=N_(
            "{block}: {caught} of {faults} faults caught by their check; the clean mock: {accused} findings; {seconds} s."
        ),
        values={
            "block": block,
            "caught": sum(proof.good for proof in proofs if proof.fault),
            "faults": len(chosen),
            "accused": sum(len(proof.caught_by) for proof in proofs if proof.fault is None),
            "seconds": round(time.perf_counter() - started, 1),
        },
    )
    console.print(language.translate(summary), highlight=False)
    return all(proof.good for proof in proofs)


class _Table:
    """Two lines a fault, as each is proven: what and when on the first, clause and case on the second.

    Fits 80 columns, and reads the same in a pipe: no name is folded.
    """

    def __init__(self, console: Console, language: Language, block: str, faults: list[Fault]) -> None:
        self.faults = faults
        self._console = console
        self._text = language.text
        self._translate = language.translate
        self._prefix = f"{block}/"
        self._widths = (
            max(len(name) for name in (self._clean, *(fault.name for fault in faults))),
            max(len(check) for check in (self._text(_CHECK), *(fault.check for fault in faults))),
        )

    @property
    def _clean(self) -> str:
        return self._text(N_("(clean mock)"))

    def print_head(self) -> None:
        """Print the titles of both lines."""
        self._row("  ", self._text(N_("fault")), self._text(_CHECK), self._text(N_("cases")), "ms", "bold")
        self._second(self._text(N_("clause; caught by")), "bold")

    def print(self, proof: Proof) -> None:
        """Print a proof."""
        fault = proof.fault
        name, check = (fault.name, fault.check) if fault else (self._clean, "–")
        mark, style = ("✓ ", "green") if proof.good else ("✗ ", "bold red")
        self._row(mark, name, check, str(proof.cases), f"{proof.duration_ms:.0f}", style)
        seen = self._seen(proof)
        self._second(f"{fault.clause}; {seen}" if fault else seen, "dim" if proof.good else "red")

    def _seen(self, proof: Proof) -> str:
        said = [self._caught(proof)]
        if proof.tries > 1:
            said.append(self._text(N_("at the second try")))
        if proof.instead and not proof.caught_by:
            said.append(f"{self._text(N_('found instead:'))} {', '.join(proof.instead)}")
        if proof.blamed:
            said.append(f"{self._text(N_('blamed as well:'))} {', '.join(proof.blamed)}")
        if proof.dragged:
            more = " …" if len(proof.dragged) > _SHOWN else ""
            names = ", ".join(name.removeprefix(self._prefix) for name in proof.dragged[:_SHOWN])
            said.append(f"{self._text(N_('dragged down:'))} {len(proof.dragged)} ({names}{more})")
        if proof.starved:
            said.append(f"{self._text(N_('undecided for want of the processor:'))} {proof.starved}")
        if proof.trouble is not None:
            said.append(self._translate(proof.trouble))
        return "; ".join(said)

    def _caught(self, proof: Proof) -> str:
        if not proof.caught_by:
            return self._text(N_("NOT CAUGHT") if proof.fault else N_("no finding"))
        more = f" (+{len(proof.caught_by) - 1})" if len(proof.caught_by) > 1 else ""
        return f"{proof.caught_by[0].removeprefix(self._prefix)}{more}"

    def _row(self, mark: str, name: str, check: str, cases: str, duration: str, style: str) -> None:
        wide, narrow = self._widths
        line = Text.assemble((mark, style), (f"{name:<{wide}}  ", "bold"), f"{check:<{narrow}}")
        line.append(f"  {cases:>5}  {duration:>6}", style="dim")
        self._console.print(line, soft_wrap=True)

    def _second(self, text: str, style: str) -> None:
        self._console.print(Text(f"    {text}", style=style), soft_wrap=True)
