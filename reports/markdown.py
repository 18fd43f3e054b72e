"""``summary.md``: the verdict and the heaviest findings on one page, e.g. as a GitHub step summary."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from dpi_conformance.model.report import CaseReport, Conformance, FindingReport, Report
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting import headline, roles
from dpi_conformance.reporting.groups import SEVERITIES, CheckGroup, check_groups
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.reasons import reason_groups, undeclared
from dpi_conformance.reporting.templates import markdown_environment

__all__ = ["render"]

_GROUPS = 20
_DETAILED = 5
_FINDINGS = 3
_REASONS = 8
_MARKS = {Conformance.CONFORMANT: "✅", Conformance.NOT_CONFORMANT: "❌", Conformance.INCONCLUSIVE: "❔"}


def render(report: Report, language: Language) -> str:
    """Give the page; bounded in length, whatever the run found."""
    environment = markdown_environment(Path(__file__).parent / "templates", language)
    groups = check_groups(report)
    undecided = [
        group for group in reason_groups(report.cases) if group.outcome is not Outcome.NOT_APPLICABLE
    ]
    return environment.get_template("summary.md.j2").render(
        report=report,
        answer_mark=_MARKS[report.verdict],
        headline=headline.headline(report),
        because=headline.because(report, language),
        scope=list(headline.scope(report)),
        players=list(roles.players(report)),
        broken=list(roles.broken(report)),
        claims=headline.claims_named(report, language),
        groups=groups[:_GROUPS],
        more=max(0, len(groups) - _GROUPS),
        detailed=groups[:_DETAILED],
        severities=SEVERITIES,
        first=_first,
        replayed=next((finding.id for group in groups for _, finding in _first(group)), None),
        undecided=undecided[:_REASONS],
        undeclared=undeclared(report.cases),
    )


def _first(group: CheckGroup) -> Iterator[tuple[CaseReport, FindingReport]]:
    """Give some findings of a group, each from another operation as far as there are."""
    found = itertools.zip_longest(*(operation.found for operation in group.operations))
    pairs = (pair for row in found for pair in row if pair is not None)
    return itertools.islice(pairs, _FINDINGS)
