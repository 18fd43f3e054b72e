"""``junit.xml``: one test case a case, in the form that Jenkins, GitLab, GitHub and Azure read.

What a CI system shows as green must be proven: an inconclusive case is an error, never a skip.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from datetime import datetime

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.report import BlockReport, CaseReport, FindingReport, Report, Sentence
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting import headline
from dpi_conformance.reporting.groups import SEVERITIES, Severity
from dpi_conformance.reporting.language import Language
from dpi_conformance.reporting.visible import visible

__all__ = ["render"]

_FINDINGS = 20
"""Findings written out of one case."""


def render(report: Report, language: Language) -> bytes:
    """Give the document; text that XML cannot hold is written out (``⟨U+0000⟩``)."""
    cases = {block.id: [case for case in report.cases if case.block == block.id] for block in report.blocks}
    root = ET.Element(
        "testsuites", {"name": visible(headline.product_named(report)), **_totals(report.cases)}
    )
    for block in report.blocks:
        root.append(_suite(report, block, cases[block.id], language))
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _totals(cases: Sequence[CaseReport]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(_tag(case) == "failure" for case in cases)),
        "errors": str(sum(_tag(case) == "error" for case in cases)),
        "skipped": str(sum(_tag(case) == "skipped" for case in cases)),
        "time": _seconds(sum(case.duration_ms for case in cases)),
    }


def _suite(report: Report, block: BlockReport, cases: Sequence[CaseReport], language: Language) -> ET.Element:
    began = _without_zone(report.run.started_at)
    suite = ET.Element(
        "testsuite",
        {
            "name": block.id,
            "package": block.id,
            "id": block.id,
            "timestamp": began,
            "hostname": "localhost",
            **_totals(cases),
        },
    )
    suite.append(_properties(report, block))
    suite.extend(_case(case, language) for case in cases)
    out = ET.SubElement(suite, "system-out")
    lines = (headline.headline(report), headline.because(report, language), *headline.scope(report))
    out.text = "\n".join(language.translate(line) for line in lines)
    ET.SubElement(suite, "system-err")
    return suite


def _properties(report: Report, block: BlockReport) -> ET.Element:
    properties = ET.Element("properties")
    named = {
        "verdict": report.verdict.value,
        "product": headline.product_named(report),
        "specification": block.specification,
        "claims": ", ".join(block.claims),
        "profile": report.run.profile,
        "run": report.run.id,
        **{f"sha256.{name}": digest for name, digest in block.digests.items()},
    }
    for name, value in named.items():
        ET.SubElement(properties, "property", {"name": visible(name), "value": visible(value)})
    return properties


def _case(case: CaseReport, language: Language) -> ET.Element:
    element = ET.Element(
        "testcase",
        {
            "name": visible(_name(case)),
            "classname": visible(case.block if case.place == case.block else f"{case.block}.{case.place}"),
            "time": _seconds(case.duration_ms),
        },
    )
    if (tag := _tag(case)) is not None:
        outcome = ET.SubElement(element, tag, _attributes(case, language))
        outcome.text = _text(case, language)
    elif case.findings:
        ET.SubElement(element, "system-out").text = _text(case, language)
    return element


def _name(case: CaseReport) -> str:
    """Give what a case's id says beside its block, its kind, and its operation or property."""
    rest = case.id.split("/")
    return "/".join(rest[3:]) if rest[2:3] == [case.place] and rest[3:] else case.id


def _tag(case: CaseReport) -> str | None:
    """Choose the element: only a pass has none; a recommendation that is not met must not break a pipeline."""
    if case.verdict is Outcome.FAILED:
        return "failure" if case.decides else "skipped"
    return {Outcome.INCONCLUSIVE: "error", Outcome.ERROR: "error", Outcome.NOT_APPLICABLE: "skipped"}.get(
        case.verdict
    )


def _attributes(case: CaseReport, language: Language) -> dict[str, str]:
    kind = {Outcome.FAILED: "requirement" if case.decides else "recommendation", Outcome.ERROR: "harness"}
    deciding = [finding for finding in case.findings if not finding.advisory]
    return {
        "type": deciding[0].code
        if case.decides and deciding and case.verdict is Outcome.FAILED
        else kind.get(case.verdict, case.verdict.value),
        "message": _message(case, deciding, language),
    }


def _message(case: CaseReport, deciding: Sequence[FindingReport], language: Language) -> str:
    if case.verdict is Outcome.FAILED and not case.decides:
        weight = language.text(SEVERITIES[Severity.RECOMMENDATION])
        return f"{weight}: {_say(case.purpose, language)}"
    if deciding:
        return _say(deciding[0].message, language)
    return _say(case.reason or case.purpose, language)


def _text(case: CaseReport, language: Language) -> str:
    lines = [_say(case.purpose, language)]
    if case.reason:
        lines.append(_say(case.reason, language))
    for finding in case.findings[:_FINDINGS]:
        lines += ["", *_finding(finding, language)]
    if case.findings:
        lines += ["", *_again(case, language)]
    if (more := len(case.findings) - _FINDINGS) > 0:
        text = N_("Further findings, in report.json: {count}")
        lines += ["", language.translate(Message(text=text, values={"count": more}))]
    return "\n".join(lines)


def _finding(finding: FindingReport, language: Language) -> Iterable[str]:
    yield f"{finding.id} {finding.code}: {_say(finding.message, language)}"
    named = (
        (N_("Varied"), _say(finding.note, language) if finding.note else ""),
        (N_("Expected"), language.text(finding.expected)),
        (N_("Came"), language.text(finding.actual)),
        (N_("Where"), finding.place),
        (N_("Clause"), finding.clause),
    )
    for name, value in named:
        if value:
            yield f"  {language.text(name)}: {visible(value)}"
    if finding.advice:
        yield f"  {_say(finding.advice, language)}"


def _again(case: CaseReport, language: Language) -> Iterable[str]:
    """Say how what was found is seen again."""
    if case.steps:
        text = N_(
            "This rests on {count} requests and callbacks, in order; report.html shows them. No single request repeats "
            "it; the whole case is carried out again by:"
        )
        yield language.translate(Message(text=text, values={"count": case.exchanges}))
    else:
        yield language.text(N_("It is sent again, and judged, by:"))
    yield f"  dpi-conformance replay RUN_DIR {case.findings[0].id}"


def _say(sentence: Sentence, language: Language) -> str:
    return language.translate(sentence.message)


def _seconds(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.3f}"


def _without_zone(iso: str) -> str:
    """Give a time as the schema wants it: to the second, without a zone (it is UTC)."""
    try:
        return datetime.fromisoformat(iso).strftime("%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return "1970-01-01T00:00:00"
