"""``dpi-conformance report``: prints a run's report in one format."""

import sys
from pathlib import Path

import click

from dpi_conformance.campaign.directory import existing_run
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.judge import judge
from dpi_conformance.reporting import FORMATS, load_language, render
from dpi_conformance.wire.journal import read_journal

__all__ = ["command"]


@click.command(name="report")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="markdown", show_default=True)
@click.option(
    "--lang", default=None, help="Language of the report; without, the one that the run was made in."
)
def command(run_dir: Path, form: str, lang: str | None) -> None:
    """Print the report of RUN_DIR to standard output, rebuilt from its journal."""
    pack = Pack.builtin()
    report = judge(read_journal(existing_run(run_dir)))
    language = load_language(lang or report.run.lang, pack)
    sys.stdout.buffer.write(render(report, language, pack, form=form))
