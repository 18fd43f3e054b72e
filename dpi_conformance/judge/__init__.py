"""The judge: a pure function from a run's journal to its report; knows no network, no clock and no pack."""

from collections.abc import Iterable, Mapping
from typing import Any

from dpi_conformance.judge.cases import case_reports
from dpi_conformance.judge.reading import Reading, read
from dpi_conformance.judge.requirements import requirement_reports
from dpi_conformance.judge.totals import block_report, conformance, counts_of, levels_of
from dpi_conformance.model.report import CaseReport, Evidence, Report

__all__ = ["judge"]


def judge(lines: Iterable[Mapping[str, Any]]) -> Report:
    """Judge a run by its journal's lines, read once; raises JournalError where they are not a journal.

    The same lines give the same report, byte for byte (see ``reporting.serialise``).
    """
    reading = read(lines)
    cases = case_reports(reading)
    requirements = requirement_reports(reading, cases)
    return Report(
        verdict=conformance(cases, reading.run),
        product=reading.product,
        target=reading.target,
        run=reading.run,
        counts=counts_of(cases),
        levels=levels_of(requirements),
        blocks=[block_report(block, reading, cases, requirements) for block in reading.blocks.values()],
        roles=reading.roles,
        requirements=requirements,
        cases=cases,
        exchanges=_cited(reading, cases),
        observations=list(reading.observations.values()),
    )


def _cited(reading: Reading, cases: Iterable[CaseReport]) -> list[Evidence]:
    """Give the kept evidence in the order of the findings that rest on it: what shows them, then what led to it."""
    found: dict[str, Evidence] = {}
    for case in cases:
        kept = reading.cases[case.id].evidence
        for finding in case.findings:
            if finding.exchange in kept:
                found.setdefault(finding.exchange, kept[finding.exchange])
        if case.steps:
            found.update({one.id: one for one in reading.cases[case.id].steps if one.id not in found})
    return list(found.values())
