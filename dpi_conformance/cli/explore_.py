"""``explore``: fresh random vectors; what they find never decides."""

import dataclasses
import json
import re
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from dpi_conformance.campaign.directory import discard_empty, new_run
from dpi_conformance.campaign.explore import Explored, Round, explore
from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.ordering import make_order, read_products
from dpi_conformance.campaign.walking import Walked
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole, warn
from dpi_conformance.cli.options import language_option, target_options
from dpi_conformance.cli.progress import ProgressObserver
from dpi_conformance.errors import JournalError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Profile
from dpi_conformance.reporting.language import Language, load_language
from dpi_conformance.reporting.visible import visible

__all__ = ["command"]

_UNITS = {"s": 1, "m": 60, "h": 3600}
FOUND = "explored.json"


@click.command(name="explore")
@click.argument("block")
@target_options
@click.option(
    "--for", "duration", default="60s", show_default=True, metavar="DURATION", help="E.g. 90s, 10m, 2h."
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder; default: out/<time>-explore-<block>.")
@language_option
def command(
    *, block: str, target: str | None, product: Path | None, duration: str, out: Path | None, lang: str
) -> None:
    """Send BLOCK fresh random vectors, and walk its stateful models, for a while.

    What is found is to be looked at; it never decides.
    """
    Pack.builtin().require(block)
    seconds = _seconds(duration)
    language = load_language(lang, Pack.builtin())
    described = read_products(target, product, (block,))
    warn(described.warnings if described else (), language)
    order = make_order((block,), described, product, Profile.FULL, lang)
    folder = new_run(out, ("explore", *order.blocks))
    console, rounds = PatientConsole(), list[Round]()
    text = N_(
        "Each round compiles fresh vectors first, which takes a while (20 s or more), and then sends them."
    )
    console.print(language.text(text), style="dim", soft_wrap=True)

    def told(one: Round) -> None:
        rounds.append(one)
        _write(folder / FOUND, rounds)

    try:
        with ProgressObserver(console, language) as observer:
            run_to_end(explore(order, folder, seconds, observer, told))
    except JournalError as error:  # its own words lead to --resume, which is for runs
        raise _unwritable(folder, str(error.message.values.get("reason", error))) from error
    finally:
        discard_empty(folder)
        if rounds:  # also where the time was cut short: what was found until then is shown
            _show(console, rounds, language, folder / FOUND)


def _seconds(duration: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", duration)
    if match is None:
        text = N_("--for {duration}: is no duration; write a number and s, m or h, e.g. 90s, 10m, 2h.")
        raise UsageError(Message(text=text, values={"duration": duration}))
    return float(match[1]) * _UNITS[match[2] or "s"]


def _write(path: Path, rounds: list[Round]) -> None:
    found = [
        {
            "seed": one.seed,
            "vectors": one.vectors,
            "explored": [_plain(explored) for explored in one.explored],
            "walked": [_plain_walk(walked) for walked in one.walked],
        }
        for one in rounds
    ]
    try:
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(path.parent, error.strerror or str(error)) from error


def _unwritable(folder: Path, reason: str) -> JournalError:
    text = N_(
        "What is found cannot be written to {folder}: {reason}. Make room, or name another --out, and explore again."
    )
    return JournalError(Message(text=text, values={"folder": str(folder), "reason": reason}))


def _plain(explored: Explored) -> dict[str, object]:
    vector, finding = explored.vector, explored.finding
    return {
        "vector": vector.id,
        "case": vector.case,
        "note": str(vector.note or ""),
        "method": vector.method,
        "target": vector.target,
        "headers": vector.headers,
        "body": vector.body,
        "code": finding.code,
        "expected": finding.expected,
        "place": finding.place,
        "clause": finding.clause,
        "came again": explored.again,
        "repeats": explored.repeats,
    }


def _plain_walk(walked: Walked) -> dict[str, object]:
    plain = dataclasses.asdict(walked)
    told = {name: str((plain[name] and getattr(walked, name)) or "") for name in ("message", "trouble")}
    return {**plain, **told, "repeats": walked.repeats}


def _show_walks(console: Console, rounds: list[Round], language: Language) -> None:
    """Say what the stateful models came to: a line for each that went wrong, or could not be walked."""
    for walked in (one for round_ in rounds for one in round_.walked):
        if walked.trouble is not None:
            console.print(
                Text(f"? {walked.model}  {language.translate(walked.trouble)}", style="yellow"),
                soft_wrap=True,
            )
        elif walked.steps:
            mark, style = ("✗", "red") if walked.repeats else ("?", "yellow")
            line = f"{mark} {walked.code or walked.model}  {visible(', '.join(walked.steps))}"
            console.print(Text(line, style=style), soft_wrap=True)


def _show(console: Console, rounds: list[Round], language: Language, path: Path) -> None:
    explored = [one for round_ in rounds for one in round_.explored]
    for one in explored[:20]:
        mark = "✗" if one.repeats else "?"
        note = language.translate(one.vector.note) if one.vector.note else ""
        line = f"{mark} {one.finding.code}  {one.vector.case}  {visible(note)}"
        console.print(Text(line, style="red" if one.repeats else "yellow"), soft_wrap=True)
    walks = [walked for one in rounds for walked in one.walked]
    _show_walks(console, rounds, language)
    repeats = [one.repeats for one in explored] + [walk.repeats for walk in walks if walk.steps]
    text = N_(
        "{vectors} fresh vectors and {walks} walks through models in {rounds} rounds: {found} findings that come again "
        "each time, {unsure} that do not. None of them decides; they are in {path}."
    )
    values: dict[str, str | int | float] = {
        "vectors": sum(one.vectors for one in rounds),
        "rounds": len(rounds),
        "found": repeats.count(True),
        "unsure": repeats.count(False),
        "walks": len(walks),
        "path": str(path),
    }
    console.print(language.translate(Message(text=text, values=values)), soft_wrap=True, highlight=False)
