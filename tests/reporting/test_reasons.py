"""Why cases were not decided: one sentence a reason, with all the names that it is about."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from dpi_conformance.judge import judge
from dpi_conformance.model.report import CaseReport
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting.reasons import reason_groups, undeclared

JOURNAL = Path(__file__).parent.parent / "journals" / "behaviour.ndjson"


def cases(*reasons: tuple[str, dict[str, Any]]) -> list[CaseReport]:
    """Give undecided cases with these reasons."""
    report = judge(orjson.loads(line) for line in JOURNAL.read_bytes().splitlines())
    one = next(case for case in report.cases if case.verdict is Outcome.INCONCLUSIVE)
    made = []
    for number, (text, values) in enumerate(reasons):
        reason = {"text": text, "values": values}
        made.append(CaseReport.model_validate({**one.model_dump(), "id": f"case-{number}", "reason": reason}))
    return made


def told(*reasons: tuple[str, dict[str, Any]]) -> list[tuple[int, str]]:
    return [(len(group.cases), str(group.reason)) for group in reason_groups(cases(*reasons))]


WRITE = "Write declares: {name} in product.yaml."


def test_reasons_that_differ_only_in_a_name_are_one_with_all_names() -> None:
    named = [(WRITE, {"name": name}) for name in ("a.b", "c-d", "c-d")]
    assert told(*named) == [(3, "Write declares: c-d, a.b in product.yaml.")]


def test_reasons_that_differ_in_what_came_stay_apart() -> None:
    answers = [("Not served: {answer}.", {"answer": answer}) for answer in ("HTTP 500 {}", "HTTP 400 {}")]
    assert sorted(told(*answers)) == [(1, "Not served: HTTP 400 {}."), (1, "Not served: HTTP 500 {}.")]


def test_words_that_are_translated_are_not_joined() -> None:
    kinds = [("It is {kind_text}.", {"kind_text": kind}) for kind in ("slow", "gone")]
    assert len(told(*kinds)) == 2


def test_very_many_names_are_cut() -> None:
    ((count, sentence),) = told(*[(WRITE, {"name": f"n{number}"}) for number in range(30)])
    assert count == 30
    assert sentence.endswith("n11 … in product.yaml.")


def test_what_to_declare_is_named_with_the_cases_that_wait_for_it() -> None:
    waiting = [(WRITE, {"name": name}) for name in ("a.b", "c-d", "c-d")]
    other = (
        "The product gives up after {seconds} s (declares: {key} in product.yaml).",
        {"seconds": 1, "key": "e"},
    )
    assert undeclared(cases(*waiting, other)) == {"c-d": 2, "a.b": 1, "e": 1}


@pytest.mark.parametrize("name", ["a b", "a\nb: c", "", "x" * 61])
def test_only_names_are_given_to_be_copied(name: str) -> None:
    assert undeclared(cases((WRITE, {"name": name}))) == {}
