"""``junit.xml``: valid, nothing green that was not proven, any text made safe."""

import functools
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.judge import judge
from dpi_conformance.model.report import Report
from dpi_conformance.reporting import ENGLISH, render

JOURNALS = Path(__file__).parent.parent / "journals"
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("junit.rng")))
ALL = ["conformant", "failing", "inconclusive", "killed", "resumed", "hostile", "behaviour"]


@functools.cache
def report(name: str) -> Report:
    return judge(orjson.loads(line) for line in (JOURNALS / f"{name}.ndjson").read_bytes().splitlines())


def document(name: str) -> Any:
    return etree.fromstring(render(report(name), ENGLISH, Pack.builtin(), form="junit"))


@pytest.mark.parametrize("name", ALL)
def test_valid(name: str) -> None:
    written = document(name)
    assert SCHEMA.validate(written), SCHEMA.error_log
    written[0].attrib.pop("tests")
    assert not SCHEMA.validate(written), "a suite has to count its tests"


@pytest.mark.parametrize(
    ("name", "totals"),
    [
        ("conformant", {"tests": 6, "failures": 0, "errors": 0, "skipped": 1}),
        ("failing", {"tests": 6, "failures": 2, "errors": 0, "skipped": 2}),
        ("inconclusive", {"tests": 6, "failures": 0, "errors": 1, "skipped": 1}),
        ("killed", {"tests": 6, "failures": 0, "errors": 4, "skipped": 1}),
    ],
)
def test_totals_are_those_of_the_elements(name: str, totals: dict[str, int]) -> None:
    root = document(name)
    suite = root[0]
    elements = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    assert {key: int(suite.get(key)) for key in totals} == totals
    assert {key: int(root.get(key)) for key in totals} == totals
    assert {key: len(suite.findall(f".//{element}")) for key, element in elements.items()} == totals


def test_a_failure_says_what_was_expected_and_what_came() -> None:
    (failure,) = document("failing").xpath("//testcase[@name='boundary/body.requestID/maxLength']/failure")
    assert failure.get("type") == "status.refused"
    assert failure.get("message") == "A request that breaks a constraint is refused."
    for text in (
        "F0001",
        "refused: HTTP 4xx",
        'HTTP 200 application/json {"ResponseCode":"00"}',
        "13 characters",
    ):
        assert text in failure.text


def test_a_case_of_a_suite_has_its_property_as_class_and_says_how_it_is_seen_again() -> None:
    (failure,) = document("behaviour").xpath(
        "//testcase[@classname='payments.V6'][@name='simultaneous-redemptions']/failure"
    )
    assert failure.get("type") == "voucher.spent-once"
    for text in (
        "Expected: 1 of 8 redemptions succeeds",
        "Came: 8 of 8 succeeded",
        "This rests on 12 requests and callbacks",
        "dpi-conformance replay RUN_DIR F0002",
    ):
        assert text in failure.text
    assert float(failure.getparent().get("time")) > 0


@pytest.mark.parametrize("name", ALL)
def test_class_and_name_tell_cases_apart(name: str) -> None:
    """A CI system knows a case by both, from run to run."""
    named = [(case.get("classname"), case.get("name")) for case in document(name).iter("testcase")]
    assert len(named) == len(set(named)) == len(report(name).cases)


def test_an_inconclusive_case_is_no_green_one() -> None:
    (error,) = document("inconclusive").xpath("//testcase/error")
    assert error.get("type") == "inconclusive"
    assert error.get("message").startswith("The same request in its valid form was not served")


def test_a_recommendation_that_is_not_met_does_not_break_a_pipeline() -> None:
    (skipped,) = document("failing").xpath("//testcase[@name='protocol/unknown-field']/skipped")
    assert skipped.get("type") == "recommendation"
    assert skipped.get("message").startswith("Recommendation not met: ")


def test_an_advisory_finding_is_told_beside_the_pass() -> None:
    (out,) = document("conformant").xpath("//testcase[@classname='payments.voucher-redeem']/system-out")
    assert "refusal.names-field" in out.text


def test_text_that_xml_cannot_hold_is_written_out() -> None:
    (failure,) = document("hostile").xpath("//testcase/failure")
    assert "⟨U+0000⟩⟨U+001B⟩[31m⟨U+202E⟩⟨U+FEFF⟩ ]]> &amp;" in failure.text


@pytest.mark.parametrize("code", [*range(0x20), 0x7F, 0x85, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1FFFE])
def test_any_character_of_the_product_can_be_told(code: int) -> None:
    hostile = report("failing")
    case = next(case for case in hostile.cases if case.findings)
    finding = case.findings[0].model_construct(**{**dict(case.findings[0]), "actual": f"<{chr(code)}>"})
    changed = case.model_copy(update={"findings": [finding]})
    rendered = render(hostile.model_copy(update={"cases": [changed]}), ENGLISH, Pack.builtin(), form="junit")
    root: Any = etree.fromstring(rendered)
    (failure,) = root.xpath("//failure")
    shown = chr(code) if chr(code) in "\n\t" else f"⟨U+{code:04X}⟩"
    assert f"<{shown}>" in failure.text
