"""What renderers share: the headline, groups, sections, the canonical bytes, and the files of a run."""

import io
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from rich.console import Console

from dpi_conformance import reporting
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.errors import JournalError
from dpi_conformance.judge import judge
from dpi_conformance.model import report as model
from dpi_conformance.model.report import Report
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting import ENGLISH, headline
from dpi_conformance.reporting.groups import Severity, check_groups
from dpi_conformance.reporting.reasons import reason_groups
from dpi_conformance.reporting.sections import chapters
from dpi_conformance.reporting.serialise import SCHEMA, report_json, report_schema
from dpi_conformance.reporting.terminal import print_report

JOURNALS = Path(__file__).parent.parent / "journals"
ALL = ["conformant", "failing", "inconclusive", "killed", "resumed", "hostile", "behaviour"]


def lines(name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (JOURNALS / f"{name}.ndjson").read_bytes().splitlines()]


def report(name: str, **run: Any) -> Report:
    start, *rest = lines(name)
    return judge([{**start, "run": {**start["run"], **run}}, *rest])


class TestHeadline:
    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            (
                "conformant",
                "Zawadi Pay 2.4 (Zawadi Systems) conforms to GovStack Payments BB in everything that this run tests.",
            ),
            ("failing", "Zawadi Pay 2.4 (Zawadi Systems) does not conform to GovStack Payments BB."),
            (
                "killed",
                "Whether Zawadi Pay 2.4 (Zawadi Systems) conforms to GovStack Payments BB cannot be said from this run.",
            ),
        ],
    )
    def test_sentence(self, name: str, sentence: str) -> None:
        assert ENGLISH.translate(headline.headline(report(name))) == sentence

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            (
                "conformant",
                "Of 5 cases that apply to what the vendor claims, 5 passed and none failed a requirement.",
            ),
            (
                "failing",
                "Of 5 cases that apply to what the vendor claims, 2 failed a requirement, and 1 only a recommendation.",
            ),
            ("behaviour", "Of 7 cases that apply to what the vendor claims, 3 failed a requirement."),
            (
                "inconclusive",
                "No case failed a requirement, but of 5 that apply to what the vendor claims, 1 were not decided.",
            ),
        ],
    )
    def test_what_it_rests_on(self, name: str, sentence: str) -> None:
        assert ENGLISH.translate(headline.because(report(name), ENGLISH)) == sentence

    def test_a_failed_recommendation_is_said_where_the_product_conforms(self) -> None:
        plain = report("conformant")
        counts = plain.counts.model_copy(update={"passed": 4, "failed": 1})
        told = plain.model_copy(update={"counts": counts})
        assert "everything that is required" in str(headline.headline(told))
        assert "4 passed, none failed a requirement, and 1 failed a recommendation." in ENGLISH.translate(
            headline.because(told, ENGLISH)
        )

    def test_nothing_passed(self) -> None:
        start = [line for line in lines("conformant") if line["type"] not in {"exchange", "result"}]
        assert "Not one of the 5" in ENGLISH.translate(headline.because(judge(start), ENGLISH))

    def test_recommendations_alone_decide_nothing_and_nothing_is_said_to_be_undecided(self) -> None:
        told = report("conformant").model_copy(update={"verdict": model.Conformance.INCONCLUSIVE})
        assert "recommendations alone decide nothing" in ENGLISH.translate(headline.because(told, ENGLISH))

    def test_a_selection_certifies_nothing(self) -> None:
        selected = report("conformant", only=["payments/contract/voucher-*"])
        assert "certifies nothing" in str(headline.headline(selected))
        assert ["voucher-*" in str(line) for line in headline.scope(selected)] == [True]

    @pytest.mark.parametrize(("name", "limits"), [("conformant", 0), ("killed", 1), ("resumed", 1)])
    def test_what_limits_it(self, name: str, limits: int) -> None:
        assert len(list(headline.scope(report(name)))) == limits

    @pytest.mark.parametrize(
        ("name", "step"),
        [
            ("conformant", "rebuild this report"),
            ("failing", "“The answer comes under the declared media type.” (cases: 1)"),
            ("inconclusive", "the reasons are listed under “Not decided”"),
            ("killed", "dpi-conformance run --resume"),
        ],
    )
    def test_what_to_do_next(self, name: str, step: str) -> None:
        assert step in " ".join(map(str, headline.next_steps(report(name), ENGLISH)))

    def test_trouble_before_the_run_is_not_resumed_from(self) -> None:
        journal = [line for line in lines("killed") if line["type"] not in {"exchange", "result"}]
        trouble = {**next(line for line in journal if line["type"] == "observation"), "health": "trouble"}
        steps = " ".join(map(str, headline.next_steps(judge([*journal, trouble]), ENGLISH)))
        assert "under “Before the run”" in steps
        assert "--resume" not in steps


class TestGroups:
    def test_findings_by_weight_then_by_cases(self) -> None:
        assert [(g.severity, g.code, g.cases, g.findings) for g in check_groups(report("failing"))] == [
            (Severity.FAILURE, "header.content-type", 1, 1),
            (Severity.FAILURE, "status.refused", 1, 2),
            (Severity.FAILURE, "text.unharmed", 1, 1),
            (Severity.RECOMMENDATION, "status.accepted", 1, 1),
            (Severity.ADVISORY, "refusal.names-field", 1, 1),
        ]

    def test_what_was_not_decided_by_reason(self) -> None:
        assert [(g.outcome, len(g.cases)) for g in reason_groups(report("killed").cases)] == [
            (Outcome.INCONCLUSIVE, 4),
            (Outcome.NOT_APPLICABLE, 1),
        ]


def test_requirements_by_source_and_section() -> None:
    assert [(c.heading, [s.title for s in c.sections]) for c in chapters(report("conformant"))] == [
        (
            "Requirements of the specification",
            ["GovStack Payments 5.1", "GovStack Payments 5.3", "GovStack Payments 6.2"],
        ),
        ("Operations of the interface", ["GovStack Payments 8.2", "GovStack Payments 8.1"]),
        ("Requirements on every building block", ["GovStack cross-functional requirements 2.0.0"]),
    ]


class TestSchema:
    def test_the_published_one_is_current(self) -> None:
        assert SCHEMA.read_bytes() == report_schema(), "run: python -m dpi_conformance.reporting.serialise"

    @pytest.mark.parametrize("name", ALL)
    def test_reports_are_valid(self, name: str) -> None:
        validator = jsonschema_rs.Draft202012Validator(orjson.loads(SCHEMA.read_bytes()))
        written = orjson.loads(report_json(report(name)))
        assert [error.message for error in validator.iter_errors(written)] == []
        assert not validator.is_valid({**written, "verdict": "PERHAPS"})

    def test_what_the_design_fixes_is_there(self) -> None:
        written = orjson.loads(report_json(report("failing")))
        top = "schema_version product target run verdict counts blocks requirements cases exchanges"
        assert set(top.split()) <= written.keys()
        case = next(case for case in written["cases"] if case["findings"])
        assert {
            "id",
            "block",
            "purpose",
            "kind",
            "requirements",
            "verdict",
            "duration_ms",
            "findings",
        } <= case.keys()
        assert {"code", "message", "expected", "actual", "clause", "exchange"} <= case["findings"][0].keys()
        assert {"id", "level", "observability", "verdict", "cases"} <= written["requirements"][0].keys()
        assert {"id", "request", "response"} <= written["exchanges"][0].keys()

    @pytest.mark.parametrize("name", ALL)
    def test_what_is_written_reads_back_as_the_same_report(self, name: str) -> None:
        written = report_json(report(name))
        assert Report.model_validate_json(written) == report(name)
        assert report_json(Report.model_validate_json(written)) == written


class TestFiles:
    def test_every_format_is_written_whole(self, tmp_path: Path) -> None:
        files = reporting.write_reports(tmp_path, report("failing"), ENGLISH, Pack.builtin())
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "junit.xml",
            "report.html",
            "report.json",
            "summary.md",
        ]
        for form, path in files.items():
            assert path.read_bytes() == reporting.render(
                report("failing"), ENGLISH, Pack.builtin(), form=form
            )

    def test_a_second_time_replaces(self, tmp_path: Path) -> None:
        for name in ("failing", "conformant"):
            reporting.write_reports(tmp_path, report(name), ENGLISH, Pack.builtin())
        assert orjson.loads((tmp_path / "report.json").read_bytes())["verdict"] == "CONFORMANT"

    def test_a_full_disk_leaves_what_was_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "report.json").write_text("before")

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(JournalError, match="No space left on device"):
            reporting.write_reports(tmp_path, report("failing"), ENGLISH, Pack.builtin())
        assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
        assert (tmp_path / "report.json").read_text() == "before"


class TestTerminal:
    def shown(self, name: str, width: int = 100) -> str:
        console = Console(file=io.StringIO(), width=width, color_system="truecolor", force_terminal=True)
        print_report(
            console, report(name), ENGLISH, {"html": Path("out/run/report.html"), "json": Path("report.json")}
        )
        written: str = console.file.getvalue()  # type: ignore[attr-defined]
        return written

    def test_a_failure_says_what_failed_why_and_where_the_report_lies(self) -> None:
        shown = self.shown("failing")
        for text in (
            "does not conform",
            "6",
            "A request that breaks a constraint is refused.",
            "HTTP 200 application/json",
            "Check this constraint before acting, and refuse.",
            "out/run/report.html",
        ):
            assert text in shown

    def test_what_was_not_decided_is_said(self) -> None:
        assert "1 × " in self.shown("inconclusive")
        assert "The run ended before this case was decided." in self.shown("killed")

    def test_a_name_of_any_length_leaves_the_verdict_in_sight(self) -> None:
        start, *rest = lines("failing")
        start["product"] = {**start["product"], "name": "Pay " * 2_000, "vendor": "\x1b[2J" + "V" * 9_000}
        console = Console(file=io.StringIO(), width=80, force_terminal=True)
        print_report(console, judge([start, *rest]), ENGLISH, {})
        shown: str = console.file.getvalue()  # type: ignore[attr-defined]
        assert "…" in shown
        assert "does not conform" in shown
        assert len(shown) < 6_000
        assert "\x1b[2J" not in shown

    def test_hostile_text_moves_no_cursor_and_is_no_markup(self) -> None:
        shown = self.shown("hostile", width=400)
        assert "\x1b[31m\u202e" not in shown
        assert "\u202e" not in shown
        assert "⟨U+001B⟩[31m⟨U+202E⟩" in shown
        assert "\x00" not in shown


def test_the_package_names_what_it_gives() -> None:
    assert sorted(reporting.__all__) == reporting.__all__
    assert all(getattr(reporting, name) is not None for name in reporting.__all__)
    with pytest.raises(AttributeError):
        _ = reporting.nothing


def test_the_manual_names_every_key_of_the_report_and_every_kind_of_line() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    models = (Report, model.FindingReport, model.Levels, model.CaseReport, model.Evidence)
    keys = {key for one in models for key in one.model_fields}
    kinds = {line["type"] for name in ALL for line in lines(name)} | {"callback"}
    assert [word for word in sorted(keys | kinds) if word not in manual] == []
