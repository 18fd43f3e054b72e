"""What led to a suite's findings: in order, bounded, and nothing where nothing was found."""

import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from dpi_conformance.judge import judge
from dpi_conformance.judge.conversations import STEPS_OF_A_RUN
from dpi_conformance.model.report import CaseReport, Report
from tests.chained import planned

Line = Mapping[str, Any]
JOURNAL = Path(__file__).parent.parent / "journals" / "behaviour.ndjson"
RACE = "payments/suite/V6/simultaneous-redemptions"
SECRET = "payments/suite/V7/wrong-secret"


def lines() -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in JOURNAL.read_bytes().splitlines()]


def case_of(report: Report, name: str) -> CaseReport:
    return next(case for case in report.cases if case.id == name)


def of_case(name: str) -> list[dict[str, Any]]:
    return [line for line in lines() if line.get("case") == name and line["type"] != "result"]


def test_a_finding_brings_all_that_led_to_it() -> None:
    report = judge(lines())
    case = case_of(report, RACE)
    assert len(case.steps) == case.exchanges == 12
    assert {finding.exchange for finding in case.findings} <= set(case.steps)
    kept = {one.id: one for one in report.exchanges}
    assert [kept[step].kind for step in case.steps[:4]] == ["exchange", "callback"] * 2
    assert all(kept[step].request["url"] for step in case.steps)  # type: ignore[index]


def test_steps_are_in_the_order_of_time() -> None:
    """The journal has a callback where its case met it, which may be later."""
    own = of_case(SECRET)
    turned = [line for line in lines() if line.get("case") != SECRET or line["type"] == "result"]
    at = next(n for n, line in enumerate(turned) if line["type"] == "result" and line["case"] == SECRET)
    steps = case_of(judge([*turned[:at], *reversed(own), *turned[at:]]), SECRET).steps
    began = {line["id"]: line.get("started_at") or line["received_at"] for line in own}
    assert [began[step] for step in steps] == sorted(began.values())


def test_a_case_without_findings_brings_nothing() -> None:
    report = judge(lines())
    assert {case.verdict.value for case in report.cases if not case.findings} == {"passed", "inconclusive"}
    assert not [case.id for case in report.cases if case.steps and not case.findings]


def test_each_evidence_stands_once_in_the_report() -> None:
    report = judge(lines())
    ids = [one.id for one in report.exchanges]
    assert len(ids) == len(set(ids))
    assert set(ids) == {step for case in report.cases for step in case.steps}


def test_what_one_exchange_shows_has_no_steps() -> None:
    shown = next(line["findings"][0]["exchange"] for line in of_case(RACE) if line.get("findings"))
    alone = [
        line
        for line in lines()
        if line.get("case") != RACE or line["type"] == "result" or line["id"] == shown
    ]
    report = judge(alone)
    assert case_of(report, RACE).steps == []
    assert shown in {one.id for one in report.exchanges}


def test_of_too_many_steps_those_stay_that_show_something() -> None:
    """Forty stay: what shows the findings, and the first of the others."""
    report = judge(_long(60, cases=1))
    (case,) = report.cases
    assert case.exchanges == 60
    assert case.steps == [f"0-{number}" for number in [*range(39), 59]]
    assert case.findings[0].exchange == "0-59"


def test_memory_is_bounded() -> None:
    """Beyond the bound of the run, a case keeps what shows its findings."""
    tracemalloc.start()
    report = judge(_long(50, cases=400))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(case.steps) for case in report.cases) <= STEPS_OF_A_RUN + 100
    assert [case.id for case in report.cases if case.steps] == [
        case.id for case in report.cases[: STEPS_OF_A_RUN // 40]
    ]
    assert all(case.findings for case in report.cases)
    assert peak < 60_000_000


def _long(steps: int, *, cases: int) -> Iterator[Line]:
    """A journal of cases with many steps each, whose last shows the finding."""
    journal = lines()
    head = [line for line in journal if line["type"] in {"start", "block", "requirement"}]
    (planned_case,) = (line for line in journal if line["type"] == "case" and line["id"] == RACE)
    names = [f"{RACE}-{number}" for number in range(cases)]
    yield from planned([*head, *({**planned_case, "id": name} for name in names)])
    plain, shows = (
        next(line for line in of_case(RACE) if bool(line.get("findings")) is found and "response" in line)
        for found in (False, True)
    )
    for place, name in enumerate(names):
        for number in range(steps):
            own = shows if number == steps - 1 else plain
            request = {**own["request"], "body": f"{number}" + "x" * 2000}
            at = f"2026-11-25T00:{number:02}:{place % 60:02}.000Z"
            found = [{**finding, "exchange": f"{place}-{number}"} for finding in own["findings"]]
            yield {
                **own,
                "id": f"{place}-{number}",
                "case": name,
                "request": request,
                "started_at": at,
                "findings": found,
            }
        yield {"type": "result", "case": name, "verdict": "FAIL", "reason": None, "duration_ms": 1.0}
    yield {"type": "end", "finished_at": "2026-11-24T19:08:09.000Z", "ended": "complete", "reason": None}
