"""The judge: one journal in, one report out, and no green that checked nothing."""

import dataclasses
import itertools
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from dpi_conformance.errors import JournalError
from dpi_conformance.judge import judge
from dpi_conformance.model.report import Conformance, Counts, Report
from dpi_conformance.model.verdicts import Outcome, RequirementVerdict
from tests.chained import planned

JOURNALS = Path(__file__).parent.parent / "journals"
Line = dict[str, Any]

BOUNDARY = "payments/contract/voucher-create/boundary/body.requestID/maxLength"
ARABIC = "payments/contract/voucher-create/text/body.voucherInstructions.0.narration/arabic"
MISSING = "payments/contract/voucher-redeem/required/body.voucherSerialNumber"
POSITIVE = "payments/contract/voucher-create/positive/whole"
UNKNOWN_FIELD = "payments/contract/voucher-create/protocol/unknown-field"
BATCH = "payments/contract/batch-submit/positive/whole"


def lines(name: str) -> list[Line]:
    return [orjson.loads(line) for line in (JOURNALS / f"{name}.ndjson").read_bytes().splitlines()]


def changed(name: str, change: Callable[[Line], Line | None]) -> list[Line]:
    """A journal with some lines changed (None: left out)."""
    return [line for line in map(change, lines(name)) if line is not None]


def outcomes(report: Report) -> dict[str, Outcome]:
    return {case.id: case.verdict for case in report.cases}


def requirements(report: Report) -> dict[str, RequirementVerdict]:
    return {requirement.id: requirement.verdict for requirement in report.requirements}


@pytest.mark.parametrize(
    ("name", "verdict", "exit_code", "counts"),
    [
        ("conformant", Conformance.CONFORMANT, 0, (6, 5, 0, 0, 1, 0)),
        ("failing", Conformance.NOT_CONFORMANT, 1, (6, 2, 3, 0, 1, 0)),
        ("inconclusive", Conformance.INCONCLUSIVE, 3, (6, 4, 0, 1, 1, 0)),
        ("killed", Conformance.INCONCLUSIVE, 3, (6, 1, 0, 4, 1, 0)),
        ("resumed", Conformance.CONFORMANT, 0, (6, 5, 0, 0, 1, 0)),
        ("hostile", Conformance.NOT_CONFORMANT, 1, (6, 4, 1, 0, 1, 0)),
    ],
)
def test_verdict_and_counts(name: str, verdict: Conformance, exit_code: int, counts: tuple[int, ...]) -> None:
    report = judge(lines(name))
    assert report.verdict is verdict
    assert report.verdict.exit_code == exit_code
    expected, passed, failed, inconclusive, not_applicable, error = counts
    assert report.counts == Counts(
        expected=expected,
        passed=passed,
        failed=failed,
        inconclusive=inconclusive,
        not_applicable=not_applicable,
        error=error,
    )
    assert report.blocks[0].counts == report.counts


def test_the_same_lines_give_the_same_report() -> None:
    assert judge(lines("failing")).model_dump_json() == judge(iter(lines("failing"))).model_dump_json()


def test_a_case_of_a_function_that_is_not_claimed_is_not_applicable() -> None:
    assert outcomes(judge(lines("conformant")))[BATCH] is Outcome.NOT_APPLICABLE


def test_a_claimed_function_without_a_result_is_not_reached() -> None:
    def claim(line: Line) -> Line:
        return {**line, "claims": {"payments": ["g2p", "vouchers"]}} if line["type"] == "start" else line

    report = judge(changed("conformant", claim))
    assert outcomes(report)[BATCH] is Outcome.INCONCLUSIVE
    assert report.verdict is Conformance.INCONCLUSIVE


def test_cases_that_were_not_reached_say_so() -> None:
    report = judge(lines("killed"))
    (reason,) = {str(case.reason) for case in report.cases if case.verdict is Outcome.INCONCLUSIVE}
    assert reason == "The run ended before this case was decided."
    assert report.run.ended == "killed"
    assert report.run.finished_at is None


def test_what_unfinished_cases_had_seen_before_a_resume_is_void() -> None:
    report = judge(lines("resumed"))
    (boundary,) = (case for case in report.cases if case.id == BOUNDARY)
    assert boundary.verdict is Outcome.PASSED
    assert boundary.exchanges == 2
    assert not [finding for finding in boundary.findings if not finding.advisory]
    assert report.run.resumed_at == ["2026-11-24T19:20:00.000Z"]


def test_a_case_without_a_verdict_is_tried_again_by_a_resumed_run() -> None:
    """A product that died had left it inconclusive: its evidence stays in the journal, and counts no more."""
    journal = lines("resumed")
    place = next(number for number, line in enumerate(journal) if line["type"] == "resume")
    others = [line for line in journal[:place] if line["type"] != "exchange" or line["case"] != BOUNDARY]
    sent = next(line for line in journal if line["type"] == "exchange" and line["case"] == BOUNDARY)

    def judged(verdict: str) -> Report:
        result = {"type": "result", "case": BOUNDARY, "verdict": verdict, "reason": None, "exchanges": 1}
        return judge([*others, {**sent, "verdict": verdict}, result, *journal[place:]])

    (boundary,) = (case for case in judged("INCONCLUSIVE").cases if case.id == BOUNDARY)
    assert (boundary.verdict, boundary.exchanges) == (Outcome.PASSED, 2)
    with pytest.raises(JournalError, match="a second result"):
        judged("FAIL")


def test_a_control_sent_again_after_its_case_was_finished_does_not_count() -> None:
    (positive,) = (case for case in judge(lines("resumed")).cases if case.id == POSITIVE)
    assert positive.exchanges == 1


def test_a_run_that_did_not_complete_gives_no_conformance() -> None:
    def cut(line: Line) -> Line:
        return {**line, "ended": "interrupted"} if line["type"] == "end" else line

    assert judge(changed("conformant", cut)).verdict is Conformance.INCONCLUSIVE


def test_a_failure_counts_even_where_the_run_did_not_complete() -> None:
    report = judge(changed("failing", lambda line: None if line["type"] == "end" else line))
    assert report.verdict is Conformance.NOT_CONFORMANT


def test_nothing_passed_is_inconclusive() -> None:
    nothing = [line for line in lines("conformant") if line["type"] not in {"case", "exchange", "result"}]
    assert judge(planned(nothing)).verdict is Conformance.INCONCLUSIVE


def test_a_recommendation_that_fails_denies_nothing() -> None:
    def only_recommended(line: Line) -> Line | None:
        if line.get("case", UNKNOWN_FIELD) == UNKNOWN_FIELD:
            return line
        return None

    good = [line for line in lines("conformant") if line.get("case") and line["case"] != UNKNOWN_FIELD]
    mixed = changed("failing", only_recommended)
    report = judge([*mixed[:-1], *good, mixed[-1]])
    assert outcomes(report)[UNKNOWN_FIELD] is Outcome.FAILED
    assert report.verdict is Conformance.CONFORMANT
    assert report.levels.recommended.failed == 1


def test_an_advisory_finding_never_fails() -> None:
    report = judge(lines("conformant"))
    (case,) = (case for case in report.cases if case.id == MISSING)
    assert case.verdict is Outcome.PASSED
    assert [(finding.code, finding.advisory) for finding in case.findings] == [("refusal.names-field", True)]


class TestEditedJournals:
    """Journals whose lines contradict each other, as they do where an edit was linked into the chain again."""

    def test_a_pass_of_a_case_whose_exchanges_failed(self) -> None:
        def passed(line: Line) -> Line:
            return (
                {**line, "verdict": "PASS"} if line["type"] == "result" and line["case"] == ARABIC else line
            )

        number = 1 + next(
            n
            for n, line in enumerate(lines("failing"))
            if line["type"] == "result" and line["case"] == ARABIC
        )
        said = f"Line {number} .* says PASS of the case {ARABIC}, and the worst of its exchanges is FAIL"
        with pytest.raises(JournalError, match=said):
            judge(changed("failing", passed))

    @pytest.mark.parametrize("verdict", ["PASS", "NONE"])
    def test_a_pass_of_a_case_whose_exchanges_were_inconclusive(self, verdict: str) -> None:
        def passed(line: Line) -> Line:
            return (
                {**line, "verdict": verdict}
                if line.get("verdict") == "INCONCLUSIVE" and line["type"] == "result"
                else line
            )

        with pytest.raises(JournalError, match=f"says {verdict} of the case .* is INCONCLUSIVE"):
            judge(changed("inconclusive", passed))

    def test_a_pass_of_an_exchange_with_a_finding(self) -> None:
        def passed(line: Line) -> Line:
            return {**line, "verdict": "PASS"} if line.get("case") == ARABIC and "verdict" in line else line

        with pytest.raises(JournalError, match="the exchange passed, and there is a finding against it"):
            judge(changed("failing", passed))

    def test_a_failure_that_no_exchange_shows(self) -> None:
        def failed(line: Line) -> Line:
            return (
                {**line, "verdict": "FAIL"} if line["type"] == "result" and line["case"] == ARABIC else line
            )

        with pytest.raises(JournalError, match="says FAIL of the case .* is PASS"):
            judge(changed("conformant", failed))

    def test_a_case_less(self) -> None:
        def without(line: Line) -> Line | None:
            return None if ARABIC in {line.get("id"), line.get("case")} else line

        with pytest.raises(JournalError, match="list of cases of “payments” was edited: 5 cases .*, 6 with"):
            judge(changed("failing", without))

    def test_a_case_with_fewer_vectors(self) -> None:
        def fewer(line: Line) -> Line:
            return {**line, "vectors": 1} if line.get("id") == BOUNDARY else line

        with pytest.raises(JournalError, match="list of cases of “payments” was edited: 6 cases"):
            judge(changed("failing", fewer))

    def test_a_plan_that_was_not_written_to_its_end_is_that_of_a_killed_run(self) -> None:
        head = list(itertools.takewhile(lambda line: line.get("id") != ARABIC, lines("conformant")))
        report = judge(head)
        assert (report.verdict, report.run.ended) == (Conformance.INCONCLUSIVE, "killed")
        assert report.counts.expected < 6
        ended = {"type": "end", "finished_at": None, "ended": "error", "reason": None}
        assert judge([*head, ended]).verdict is Conformance.INCONCLUSIVE
        with pytest.raises(JournalError, match="was edited"):
            judge([*head, {**ended, "ended": "complete"}])


def test_the_digest_of_a_journal_is_its_last_link() -> None:
    assert judge(lines("failing")).run.journal_digest == lines("failing")[-1]["chain"]


def test_a_pass_whose_exchanges_are_missing_is_our_error() -> None:
    def lost(line: Line) -> Line | None:
        return None if line["type"] == "exchange" and line["id"] == "voucher-create-0003" else line

    report = judge(changed("conformant", lost))
    assert outcomes(report)[BOUNDARY] is Outcome.ERROR
    assert report.verdict is Conformance.INCONCLUSIVE


def test_a_pass_without_any_exchange_is_inconclusive() -> None:
    def empty(line: Line) -> Line | None:
        if line["type"] == "case" and line["id"] == UNKNOWN_FIELD:
            return {**line, "vectors": 0, "requirements": []}
        return None if line["type"] == "exchange" and line["case"] == UNKNOWN_FIELD else line

    report = judge(planned(changed("conformant", empty)))
    assert outcomes(report)[UNKNOWN_FIELD] is Outcome.INCONCLUSIVE
    assert report.verdict is Conformance.INCONCLUSIVE


def test_what_hides_an_answer_is_no_finding() -> None:
    (case,) = (case for case in judge(lines("inconclusive")).cases if case.id == MISSING)
    assert case.verdict is Outcome.INCONCLUSIVE
    assert case.findings == []
    assert str(case.reason).startswith("The same request in its valid form was not served")


def test_findings_are_numbered_by_plan_and_vector_and_not_by_time() -> None:
    report = judge(lines("failing"))
    assert [(id_, finding.exchange, finding.code) for id_, (_, finding) in report.findings.items()] == [
        ("F0001", "voucher-create-0003", "status.refused"),
        ("F0002", "voucher-create-0003", "header.content-type"),
        ("F0003", "voucher-create-0011", "status.refused"),
        ("F0004", "voucher-create-0004", "text.unharmed"),
        ("F0005", "voucher-redeem-0001", "refusal.names-field"),
        ("F0006", "voucher-create-0005", "status.accepted"),
    ]


def test_the_evidence_is_what_findings_cite() -> None:
    report = judge(lines("failing"))
    assert [evidence.id for evidence in report.exchanges] == [
        "voucher-create-0003",
        "voucher-create-0011",
        "voucher-create-0004",
        "voucher-redeem-0001",
        "voucher-create-0005",
    ]
    request = report.exchanges[0].request
    assert request is not None
    assert request["method"] == "POST"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"text": "{count} characters", "values": {"count": 13}}, "13 characters"),
        ("13 characters", "13 characters"),  # as releases before wrote it
        ("", None),
        (None, None),
    ],
)
def test_what_was_varied_is_a_sentence_of_its_own(written: object, said: str | None) -> None:
    journal = changed(
        "failing", lambda line: {**line, "note": written} if line["type"] == "exchange" else line
    )
    notes = [finding.note for case in judge(journal).cases for finding in case.findings]
    assert notes
    assert {str(note.message) if note else None for note in notes} == {said}


def test_a_callback_is_evidence_too() -> None:
    callback = {
        "type": "callback",
        "id": "callback-7",
        "case": UNKNOWN_FIELD,
        "address": "contract",
        "received_at": "2026-11-24T19:08:03.000Z",
        "after_ms": 12.5,
        "answered": 202,
        "verdict": "FAIL",
        "request": {"method": "PUT", "url": "/c/1", "headers": [], "body": "{}", "body_bytes": 2},
        "findings": [
            {
                "code": "callback.method",
                "message": {"text": "The callback uses the declared method.", "values": {}},
                "expected": "POST",
                "actual": "PUT",
                "clause": "",
                "place": "method",
                "exchange": "callback-7",
                "advice": None,
                "advisory": False,
            }
        ],
    }
    journal = lines("conformant")
    at = next(
        n for n, line in enumerate(journal) if line["type"] == "result" and line["case"] == UNKNOWN_FIELD
    )
    journal[at] = {**journal[at], "verdict": "FAIL"}  # as the callback shows
    report = judge([*journal[:at], callback, *journal[at:]])
    (evidence,) = (evidence for evidence in report.exchanges if evidence.kind == "callback")
    assert (evidence.id, evidence.elapsed_ms, evidence.response) == ("callback-7", 12.5, {"status": 202})


class TestRequirements:
    def test_all_cases_passed(self) -> None:
        assert requirements(judge(lines("conformant"))) == {
            "govstack-payments-5.1.1#1": RequirementVerdict.NOT_TESTED,
            "govstack-payments-5.3.2#2": RequirementVerdict.NOT_TESTED,
            "govstack-payments-6.2.3#1": RequirementVerdict.PASS,
            "payments-api#voucher-create": RequirementVerdict.PASS,
            "payments-api#voucher-redeem": RequirementVerdict.PASS,
            "payments-api#batch-submit": RequirementVerdict.NOT_APPLICABLE,
            "govstack-cfr-data#req-1": RequirementVerdict.PASS,
            "govstack-cfr-security#req-16": RequirementVerdict.NOT_TESTED,
            "govstack-cfr-architecture#req-18": RequirementVerdict.PASS,
        }

    def test_why_a_requirement_is_not_tested(self) -> None:
        reasons = {own.id: str(own.reason) for own in judge(lines("conformant")).requirements if own.reason}
        assert reasons["govstack-payments-5.1.1#1"].startswith("An assumption about the surroundings")
        assert reasons["govstack-payments-5.3.2#2"].startswith("Cases for it exist")
        assert reasons["govstack-cfr-security#req-16"].endswith("for an auditor to say.")

    def test_a_failed_case_breaks_what_it_tests(self) -> None:
        verdicts = requirements(judge(lines("failing")))
        assert verdicts["payments-api#voucher-create"] is RequirementVerdict.FAIL
        assert verdicts["govstack-cfr-data#req-1"] is RequirementVerdict.FAIL
        assert verdicts["payments-api#voucher-redeem"] is RequirementVerdict.PASS

    def test_a_failure_by_another_check_hides_and_does_not_break(self) -> None:
        def other_check(line: Line) -> Line:
            if line["type"] == "requirement" and line["id"] == "govstack-cfr-data#req-1":
                return {**line, "checks": ["time.*"]}
            return line

        verdicts = requirements(judge(changed("failing", other_check)))
        assert verdicts["govstack-cfr-data#req-1"] is RequirementVerdict.INCONCLUSIVE

    def test_an_auditable_requirement_can_be_broken_from_outside(self) -> None:
        def leaking(line: Line) -> Line:
            if line["type"] == "requirement" and line["id"] == "govstack-cfr-security#req-16":
                return {**line, "checks": ["status.server-error"]}
            return line

        assert (
            requirements(judge(changed("hostile", leaking)))["govstack-cfr-security#req-16"]
            is RequirementVerdict.FAIL
        )

    def test_shares(self) -> None:
        required = judge(lines("failing")).levels.required
        assert dataclasses.asdict(_Share.of(required)) == {
            "total": 8,
            "met": 2,
            "failed": 2,
            "not_tested": 3,
            "not_applicable": 1,
        }
        assert required.percent_met == 28.5
        assert required.percent_met_of_tested == 50.0


@dataclasses.dataclass
class _Share:
    total: int
    met: int
    failed: int
    not_tested: int
    not_applicable: int

    @classmethod
    def of(cls, share: Any) -> "_Share":
        return cls(*(getattr(share, field.name) for field in dataclasses.fields(cls)))


class TestBadJournals:
    def test_no_start(self) -> None:
        with pytest.raises(JournalError, match="no start line"):
            judge(lines("conformant")[1:])

    def test_empty(self) -> None:
        with pytest.raises(JournalError, match="no start line"):
            judge([])

    def test_another_version(self) -> None:
        with pytest.raises(JournalError, match="of version 2"):
            judge([{**lines("conformant")[0], "schema_version": 2}])

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ({"type": "result", "case": "payments/none", "verdict": "PASS"}, "was not planned"),
            ({"type": "result", "case": POSITIVE, "verdict": "PASS"}, "second result"),
            ({"type": "result", "case": POSITIVE, "verdict": "GREEN"}, "GREEN"),
            ({"type": "case", "id": "x"}, "KeyError"),
            ({"type": "observation", "probe": "p", "health": "odd", "message": {"text": "x"}}, "health"),
            ({"verdict": "PASS"}, "type"),
        ],
    )
    def test_a_line_that_cannot_be_understood_is_named(self, line: Line, reason: str) -> None:
        journal = [*lines("conformant"), line]
        with pytest.raises(JournalError, match=f"Line {len(journal)} .*{reason}"):
            judge(journal)

    def test_a_case_planned_twice(self) -> None:
        journal = lines("conformant")
        (again,) = (line for line in journal if line.get("id") == POSITIVE)
        with pytest.raises(JournalError, match="planned twice"):
            judge([*journal, again])

    def test_kinds_of_lines_that_the_judge_does_not_know_are_passed_over(self) -> None:
        journal = lines("conformant")
        assert judge([*journal, {"type": "weather", "chain": journal[-1]["chain"]}]) == judge(journal)


def _many(exchanges: int, *, failing: bool) -> Iterator[Mapping[str, Any]]:
    """A journal of one case with very many exchanges, made while it is read."""
    journal = lines("failing")
    start = [line for line in journal if line["type"] in {"start", "block", "requirement"}]
    (case,) = (line for line in journal if line.get("id") == BOUNDARY)
    (bad,) = (line for line in journal if line.get("id") == "voucher-create-0003")
    yield from planned([*start, {**case, "vectors": exchanges}])
    for number in range(exchanges):
        exchange = f"voucher-create-{number}"
        line = {**bad, "id": exchange, "vector": exchange, "verdict": "FAIL" if failing else "PASS"}
        if failing:
            line["request"] = {**bad["request"], "body": f"{number}" + "x" * 4000}
            line["findings"] = [{**finding, "exchange": exchange} for finding in bad["findings"]]
        else:
            del line["request"], line["response"], line["findings"]
        yield line
    yield {"type": "result", "case": BOUNDARY, "verdict": "FAIL" if failing else "PASS", "reason": None}
    yield {"type": "end", "finished_at": "2026-11-24T19:08:09.000Z", "ended": "complete", "reason": None}


@pytest.mark.parametrize(("failing", "megabytes"), [(False, 4), (True, 60)])
def test_memory_is_bounded(failing: bool, megabytes: int) -> None:
    exchanges = 100_000 if not failing else 10_000
    tracemalloc.start()
    report = judge(_many(exchanges, failing=failing))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.cases[0].exchanges == exchanges
    assert len(report.exchanges) == (100 if failing else 0)
    assert len(report.cases[0].findings) == (2 * exchanges if failing else 0)
    assert peak < megabytes * 1_000_000


def test_evidence_of_one_check_on_one_operation_is_bounded_and_begins_with_the_first() -> None:
    report = judge(_many(300, failing=True))
    assert [evidence.id for evidence in itertools.islice(report.exchanges, 2)] == [
        "voucher-create-0",
        "voucher-create-1",
    ]
    assert len(report.exchanges) == 100
