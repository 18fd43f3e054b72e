"""The verdict on a terminal: what it is, what failed and why, and where the report lies."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.report import Conformance, Report
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting import headline, roles
from dpi_conformance.reporting.groups import CheckGroup, Severity, check_groups
from dpi_conformance.reporting.labels import ANSWERS, CONFORMANCE, OUTCOMES
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.reasons import reason_groups
from dpi_conformance.reporting.visible import visible

__all__ = ["print_report"]

_COLOURS = {
    Conformance.CONFORMANT: "green",
    Conformance.NOT_CONFORMANT: "red",
    Conformance.INCONCLUSIVE: "yellow",
}
_OUTCOME_COLOURS = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.ERROR: "magenta",
}
_MARKS = {
    Severity.FAILURE: ("✗", "red"),
    Severity.RECOMMENDATION: ("!", "yellow"),
    Severity.ADVISORY: ("·", "dim"),
}
_NAME = 120
"""Characters of a name that are shown."""
_GROUPS = 8
_REASONS = 5
_OPERATIONS = 4


def print_report(console: Console, report: Report, language: Language, files: Mapping[str, Path]) -> None:
    """Print the verdict, the counts, the heaviest findings, what was not decided, and the files."""
    console.print(_verdict(report, language))
    console.print(_counts(report, language), highlight=False)
    for part in (*_roles(report, language), *_findings(report, language), *_undecided(report, language)):
        console.print(part, highlight=False)
    for part in (*_files(files, language), *_again(report, files, language), *_digest(report, language)):
        console.print(part, highlight=False, soft_wrap=True)  # a folded path cannot be copied


def _roles(report: Report, language: Language) -> Iterator[RenderableType]:
    """Say who played a scenario's roles, and at which interface it broke."""
    if not report.roles:
        return
    yield _heading(N_("Who played which role"), language)
    for line in roles.players(report):
        yield Padding(Text(visible(language.translate(line)), style="dim"), (0, 2))
    for line in roles.broken(report):
        yield Padding(Text(visible(language.translate(line)), style="bold red"), (0, 2))


def _verdict(report: Report, language: Language) -> RenderableType:
    colour = _COLOURS[report.verdict]
    lines = [
        Text.assemble(
            (language.text(ANSWERS[report.verdict]), f"bold {colour}"),
            " ",
            (language.translate(_short(headline.headline(report))), "bold"),
        ),
        Text(language.translate(headline.because(report, language))),
        *(Text(visible(language.translate(line)), style="yellow") for line in headline.scope(report)),
    ]
    title = Text(language.text(CONFORMANCE[report.verdict]), style=f"bold {colour}")
    return Panel(Group(*lines), title=title, title_align="left", border_style=colour, padding=(1, 2))


def _short(message: Message) -> Message:
    """Cut what product.yaml may make any length, so that the verdict stays in sight."""
    return replace(message, values={name: _cut(str(value)) for name, value in message.values.items()})


def _cut(text: str) -> str:
    shown = visible(" ".join(text.split()))
    return shown if len(shown) <= _NAME else f"{shown[: _NAME - 1]}…"


def _counts(report: Report, language: Language) -> RenderableType:
    line = Text.assemble(
        (language.number(report.counts.expected), "bold"), " ", language.text(N_("cases expected"))
    )
    for outcome in Outcome:
        count = report.counts.of(outcome)
        line.append(" = " if outcome is Outcome.PASSED else " + ", style="dim")
        line.append(
            f"{language.number(count)} {language.text(OUTCOMES[outcome])}",
            style=_OUTCOME_COLOURS[outcome] if count else "dim",
        )
    return Padding(line, (0, 2))


def _findings(report: Report, language: Language) -> Iterator[RenderableType]:
    groups = check_groups(report)
    if not groups:
        return
    yield _heading(N_("Findings"), language)
    for group in groups[:_GROUPS]:
        yield _group(group, language)
    if (more := len(groups) - _GROUPS) > 0:
        text = Message(text=N_("Further groups of findings, in the report: {count}"), values={"count": more})
        yield Text(f"    {language.translate(text)}", style="dim")


def _group(group: CheckGroup, language: Language) -> RenderableType:
    mark, colour = _MARKS[group.severity]
    case, finding = group.operations[0].found[0]
    named = ", ".join(
        visible(f"{operation.place} {language.text(operation.title)}" if operation.title else operation.place)
        for operation in group.operations[:_OPERATIONS]
    )
    named += " …" if len(group.operations) > _OPERATIONS else ""
    cases = language.translate(Message(text=N_("cases: {count}"), values={"count": group.cases}))
    head = Text.assemble(
        (f"{mark} ", colour), (language.translate(group.message.message), "bold"), (f"  {group.code}", "dim")
    )
    lines = [Text(f"{cases} · {named}", style="dim")]
    if group.severity is Severity.FAILURE:
        lines += [
            _named(N_("e.g."), f"{finding.id} {language.translate(case.purpose.message)}", language),
            _named(N_("expected"), visible(language.text(finding.expected)), language),
            _named(N_("came"), visible(language.text(finding.actual)), language),
        ]
        if group.advice:
            lines.append(Text(language.translate(group.advice.message), style="italic"))
    return Padding(Group(head, Padding(Group(*lines), (0, 0, 1, 2))), (0, 2, 0, 2))


def _named(name: str, value: str, language: Language) -> Text:
    shown = " ".join(value.split())
    shown = f"{shown[:240]} …" if len(shown) > 240 else shown
    return Text.assemble((f"{language.text(name)}: ", "dim"), shown)


def _undecided(report: Report, language: Language) -> Iterator[RenderableType]:
    groups = [group for group in reason_groups(report.cases) if group.outcome is not Outcome.NOT_APPLICABLE]
    if not groups:
        return
    yield _heading(N_("Not decided"), language)
    for group in groups[:_REASONS]:
        reason = (
            language.translate(group.reason.message)
            if group.reason
            else language.text(OUTCOMES[group.outcome])
        )
        yield Padding(Text.assemble((f"? {len(group.cases)} × ", "yellow"), reason), (0, 2))


def _files(files: Mapping[str, Path], language: Language) -> Iterator[RenderableType]:
    if "html" in files:
        yield Text.assemble("\n  ", (language.text(N_("Report:")), "dim"), f" {files['html']}")
        yield Text.assemble(
            "  ",
            (language.text(N_("Also:")), "dim"),
            " ",
            ", ".join(path.name for form, path in files.items() if form != "html"),
        )


def _again(report: Report, files: Mapping[str, Path], language: Language) -> Iterator[RenderableType]:
    """Say how the heaviest finding is seen again."""
    group = next(iter(check_groups(report)), None)
    if group is not None and "html" in files:
        (_, finding), folder = group.operations[0].found[0], files["html"].parent
        line = f"dpi-conformance replay {shlex.quote(str(folder))} {finding.id}"
        yield Text.assemble("  ", (language.text(N_("See it again:")), "dim"), f" {line}")


def _digest(report: Report, language: Language) -> Iterator[RenderableType]:
    if report.run.journal_digest:
        yield Text.assemble(
            "  ", (language.text(N_("Journal digest:")), "dim"), f" {report.run.journal_digest}"
        )


def _heading(text: str, language: Language) -> RenderableType:
    return Text(f"\n  {language.text(text)}", style="bold underline")
