"""Requirements in the order that a reader looks for them: by source, then by the section of their clause."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dpi_conformance.model.report import Report, RequirementReport
from dpi_conformance.model.verdicts import RequirementVerdict
from dpi_conformance.reporting.labels import SOURCES

__all__ = ["Chapter", "Section", "chapters"]

_NUMBER = re.compile(r"^(.*?\b\d+(?:\.\d+)?)(?=[.\s;,]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Requirements of one section."""

    title: str
    requirements: tuple[RequirementReport, ...]

    @property
    def verdicts(self) -> Counter[RequirementVerdict]:
        """Count its requirements by verdict."""
        return Counter(requirement.verdict for requirement in self.requirements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Requirements of one source in one block; ``heading`` is a text of the catalogue."""

    block: str
    heading: str
    sections: tuple[Section, ...]


def chapters(report: Report) -> tuple[Chapter, ...]:
    """Arrange all requirements; within a section they keep the order of their list."""
    gathered: dict[tuple[str, str], list[RequirementReport]] = {}
    for requirement in report.requirements:
        source = requirement.source if requirement.source in SOURCES else ""
        gathered.setdefault((requirement.block, source), []).append(requirement)
    return tuple(
        Chapter(block=block, heading=SOURCES[source], sections=_sections(source, own))
        for (block, source), own in gathered.items()
    )


def _sections(source: str, requirements: Sequence[RequirementReport]) -> tuple[Section, ...]:
    by_title: dict[str, list[RequirementReport]] = {}
    for requirement in requirements:
        by_title.setdefault(_title(source, requirement), []).append(requirement)
    return tuple(Section(title=title, requirements=tuple(own)) for title, own in by_title.items())


def _title(source: str, requirement: RequirementReport) -> str:
    """Name a requirement's section: ``GovStack Payments 6.2`` of the clause ``GovStack Payments 6.2.4``."""
    clause = requirement.clause.partition(";")[0].strip()
    if source == "cross-functional":
        return clause.partition(",")[0].strip()
    found = _NUMBER.match(clause)
    return found.group(1) if found else clause
