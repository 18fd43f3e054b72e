"""``run``: certify a product; without a target, the built-in mock."""

import dataclasses
from pathlib import Path

import click
from rich.console import Console

from dpi_conformance.campaign.certify import certify
from dpi_conformance.campaign.directory import JOURNAL, discard_empty, existing_run, new_run
from dpi_conformance.campaign.loop import run_to_end
from dpi_conformance.campaign.order import Order
from dpi_conformance.campaign.ordering import make_order, read_products, resumed_order
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.cli.consoles import PatientConsole, warn
from dpi_conformance.cli.options import language_option, target_options
from dpi_conformance.cli.progress import ProgressObserver
from dpi_conformance.errors import DpiError, TargetError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.report import Report
from dpi_conformance.model.vectors import Profile
from dpi_conformance.reporting.language import Language, load_language
from dpi_conformance.wire.journal import read_journal

__all__ = ["command"]

_STOPPED = 3
"""The exit code of a run that was stopped: nothing can be said yet."""


@click.command(name="run")
@click.argument("blocks", nargs=-1, metavar="[BLOCK]…")
@target_options
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    default=Profile.STANDARD.value,
    show_default=True,
    help="How many of the frozen vectors are sent; each profile holds the one before.",
)
@click.option("--only", multiple=True, metavar="GLOB", help="Only cases whose ids match; * crosses slashes.")
@click.option("--out", type=click.Path(path_type=Path), help="Run directory; default: out/<time>-<block>.")
@click.option(
    "--resume", type=click.Path(path_type=Path), metavar="RUN_DIR", help="Go on with a stopped run."
)
@language_option
def command(
    *,
    blocks: tuple[str, ...],
    target: str | None,
    product: Path | None,
    profile: str,
    only: tuple[str, ...],
    out: Path | None,
    resume: Path | None,
    lang: str,
) -> None:
    """Certify a product against its building blocks; without --target or --product, the built-in mock.

    Exit codes: 0 conformant, 1 not conformant, 2 usage or configuration, 3 inconclusive or our own error.
    """
    if resume is None:
        order, done = _ordered(blocks, target, product, Profile(profile), lang), None
        order = dataclasses.replace(order, only=only)
        folder = new_run(out, order.blocks)
    elif blocks or target or product or only or out:
        raise UsageError(
            Message(
                text=N_("--resume RUN_DIR goes on with what that run was asked for; give nothing besides.")
            )
        )
    else:
        order, done = resumed_order(existing_run(resume))
        folder = resume
    raise SystemExit(_run(order, folder, done))


def _ordered(
    blocks: tuple[str, ...], target: str | None, path: Path | None, profile: Profile, language: str
) -> Order:
    spoken = load_language(language, Pack.builtin())
    product = read_products(target, path, blocks)
    warn(product.warnings if product else (), spoken)
    return make_order(blocks, product, path, profile, language)


def _run(order: Order, folder: Path, done: frozenset[str] | None) -> int:
    """Run, judge and report, whatever ended the run; give the exit code."""
    console = PatientConsole()
    language = load_language(order.language, Pack.builtin())
    trouble: DpiError | None = None
    stopped = False
    try:
        with ProgressObserver(console, language) as observer:
            run_to_end(certify(order, folder, observer, done=done))
    except KeyboardInterrupt:
        stopped = True
    except DpiError as error:
        trouble = error
    if _never_began(folder, trouble, resumed=done is not None):
        discard_empty(folder)
        raise trouble or click.Abort
    report = _report(folder, console, language, trouble)
    if trouble is not None:
        click.echo(f"dpi-conformance: {language.translate(trouble.message)}", err=True)
    if stopped or (isinstance(trouble, TargetError) and report.counts.passed + report.counts.failed):
        go_on = N_("Stopped. Go on with: dpi-conformance run --resume {path}")
        click.echo(language.translate(Message(text=go_on, values={"path": str(folder)})), err=True)
    if trouble is not None:
        return trouble.exit_code
    return _STOPPED if stopped else report.verdict.exit_code


def _never_began(folder: Path, trouble: DpiError | None, *, resumed: bool) -> bool:
    """Tell whether there is nothing to report: no journal, or one that this command was not allowed to go on with."""
    barred = resumed and trouble is not None and trouble.exit_code == UsageError.exit_code
    return barred or not (folder / JOURNAL).exists()


def _report(folder: Path, console: Console, language: Language, trouble: DpiError | None) -> Report:
    """Judge the journal, write the reports and print the verdict; raises ``trouble`` where it keeps that from us too."""
    # Imported only now: the first request need not wait for what judges the last one.
    from dpi_conformance.judge import judge  # noqa: PLC0415
    from dpi_conformance.reporting import write_reports  # noqa: PLC0415
    from dpi_conformance.reporting.terminal import print_report  # noqa: PLC0415

    try:
        report = judge(read_journal(folder / JOURNAL))
        files = write_reports(folder, report, language, Pack.builtin())
    except DpiError as error:
        raise (trouble or error) from error
    print_report(console, report, language, files)
    return report
