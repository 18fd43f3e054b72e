"""``dpi-conformance judge``: rebuilds a run's reports from its journal alone."""

from pathlib import Path

import click

from dpi_conformance.campaign.directory import existing_run
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.judge import judge
from dpi_conformance.reporting import load_language, write_reports
from dpi_conformance.wire.journal import read_journal

__all__ = ["command"]


@click.command(name="judge")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option(
    "--lang", default=None, help="Language of the reports; without, the one that the run was made in."
)
@click.pass_context
def command(ctx: click.Context, run_dir: Path, lang: str | None) -> None:
    """Rebuild report.json and the other reports of RUN_DIR from its journal, and say the verdict.

    Needs neither the product nor a network; the same journal gives the same report.json, byte for byte.
    """
    from dpi_conformance.cli.consoles import PatientConsole  # noqa: PLC0415 -- slow to import
    from dpi_conformance.reporting.terminal import print_report  # noqa: PLC0415 -- as above

    pack = Pack.builtin()
    report = judge(read_journal(existing_run(run_dir)))
    language = load_language(lang or report.run.lang, pack)
    files = write_reports(run_dir, report, language, pack)
    print_report(PatientConsole(), report, language, files)
    ctx.exit(report.verdict.exit_code)
