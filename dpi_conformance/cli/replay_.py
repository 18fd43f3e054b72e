"""``replay``: send a finding's exchange, or carry out its whole case, again."""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.replay import Replayed, replay
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole
from dpi_conformance.cli.options import language_option
from dpi_conformance.execution.scene import Evidence
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Exchange
from dpi_conformance.reporting import Language, load_language
from dpi_conformance.reporting.visible import visible

__all__ = ["command"]

_SHOWN = 2000
"""Characters of a body that are printed."""


@click.command(name="replay")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.argument("finding")
@language_option
def command(*, run_dir: Path, finding: str, lang: str) -> None:
    """Send the exchange behind FINDING (e.g. F0001) again: exit 1 if it is still so, 0 if it is mended.

    What the request needs is made anew. Where the finding is a suite's, its whole case is carried out again, with
    identifiers and callback addresses of its own, up to three times where nothing is found. Exit 3 where nothing could
    be seen: the product is not reached, does not take the credentials, does not serve the same request in its valid
    form either, or the case cannot be decided.
    """
    language = load_language(lang, Pack.builtin())
    seen: list[Replayed] = []

    async def work() -> None:
        seen.append(await replay(run_dir, finding))

    run_to_end(work())
    _show(PatientConsole(), seen[0], language)
    raise SystemExit(seen[0].exit_code)


def _show(console: Console, replayed: Replayed, language: Language) -> None:
    if replayed.whole:
        _tell(console, replayed, language)
    for seen in replayed.showing:
        _print(console, f"{_arrow(seen)} {seen.request.method} {visible(seen.request.url)}", "bold")
        _print(console, _body(seen.request.body))
        _print(console, f"{_back(seen)} {_came(seen, language)}", "bold")
        if isinstance(seen, Exchange) and seen.response is not None:
            _print(console, _body(seen.response.body))
    for found in (*replayed.again, *replayed.instead):
        _print(console, f"✗ {found.code}: {language.translate(found.message)}", "red")
        named = (
            (N_("expected"), found.expected),
            (N_("actual"), found.actual),
            (N_("clause"), found.clause),
        )
        for label, text in named:
            _print(console, f"  {language.text(label)}: {visible(language.text(text))}")
    if replayed.exit_code == 0:
        _print(console, f"✓ {replayed.finding.code}: {language.translate(_mended(replayed))}", "green")
    elif replayed.judged.reason is not None:
        _print(console, f"? {language.translate(replayed.judged.reason)}", "yellow")


def _tell(console: Console, replayed: Replayed, language: Language) -> None:
    """Print what a case did, a line each, in order."""
    text = N_("The whole case was carried out again: {purpose}")
    values = {"purpose": language.translate(replayed.case.purpose.message)}
    _print(console, language.translate(Message(text=text, values=values)), "bold")
    for number, seen in enumerate(replayed.evidence, start=1):
        line = f"{number:>3} {_arrow(seen)} {seen.request.method} {visible(seen.request.url)}"
        _print(console, f"{line} {_back(seen)} {_came(seen, language)}", "dim")


def _mended(replayed: Replayed) -> Message:
    if not replayed.whole:
        return Message(text=N_("The finding does not come again."))
    text = N_("The case was carried out {tries} times; the finding does not come again.")
    return Message(text=text, values={"tries": replayed.tries})


def _arrow(seen: Evidence) -> str:
    """Point from us to the product, or from the product to us."""
    return "→" if isinstance(seen, Exchange) else "⇠"


def _back(seen: Evidence) -> str:
    return "←" if isinstance(seen, Exchange) else "⇢"


def _came(seen: Evidence, language: Language) -> str:
    """Say what came of it: the status, or why there is none."""
    if isinstance(seen, Callback):
        return (
            f"HTTP {seen.answered}" if seen.answered else language.text(N_("the case closed the connection"))
        )
    if seen.response is not None:
        return f"HTTP {seen.response.status}"
    return visible(f"{seen.trouble.kind}: {seen.trouble.detail}") if seen.trouble else ""


def _print(console: Console, line: str, style: str = "") -> None:
    console.print(Text(line, style=style), soft_wrap=True)


def _body(body: bytes) -> str:
    text = visible(body.decode("utf-8", "replace"))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(body)} B)"
