"""``replay``: send a finding's exchange again."""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.replay import Replayed, replay
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole
from dpi_conformance.cli.options import language_option
from dpi_conformance.i18n import N_
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

    What the request needs is made anew. Exit 3 where nothing could be seen: the product is not reached, does not
    take the credentials, or does not serve the same request in its valid form either.
    """
    language = load_language(lang, Pack.builtin())
    seen: list[Replayed] = []

    async def work() -> None:
        seen.append(await replay(run_dir, finding))

    run_to_end(work())
    _show(PatientConsole(), seen[0], language)
    raise SystemExit(seen[0].exit_code)


def _show(console: Console, replayed: Replayed, language: Language) -> None:
    request, response = replayed.exchange.request, replayed.exchange.response
    console.print(Text(f"→ {request.method} {visible(request.url)}", style="bold"), soft_wrap=True)
    console.print(Text(_body(request.body)), soft_wrap=True)
    if response is None:
        trouble = replayed.exchange.trouble
        console.print(
            Text(f"← {trouble.kind}: {trouble.detail}" if trouble else "←", style="bold"), soft_wrap=True
        )
    else:
        console.print(Text(f"← HTTP {response.status}", style="bold"))
        console.print(Text(_body(response.body)), soft_wrap=True)
    for found in (*replayed.again, *replayed.instead):
        console.print(
            Text(f"✗ {found.code}: {language.translate(found.message)}", style="red"), soft_wrap=True
        )
        for label, text in (
            (N_("expected"), found.expected),
            (N_("actual"), found.actual),
            (N_("clause"), found.clause),
        ):
            console.print(Text(f"  {language.text(label)}: {visible(language.text(text))}"), soft_wrap=True)
    if replayed.judged.reason is not None:
        console.print(Text(f"? {language.translate(replayed.judged.reason)}", style="yellow"), soft_wrap=True)
    elif replayed.exit_code == 0:
        good = language.text(N_("The finding does not come again."))
        console.print(Text(f"✓ {replayed.finding.code}: {good}", style="green"), soft_wrap=True)


def _body(body: bytes) -> str:
    text = visible(body.decode("utf-8", "replace"))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(body)} B)"
