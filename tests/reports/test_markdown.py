"""``summary.md``: short, whatever was found, and no markup but its own."""

import itertools
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.judge import judge
from dpi_conformance.reporting import ENGLISH, render
from dpi_conformance.reporting.templates import markdown_code, markdown_text
from tests.chained import planned

JOURNALS = Path(__file__).parent.parent / "journals"


def lines(name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (JOURNALS / f"{name}.ndjson").read_bytes().splitlines()]


def page(name: str) -> str:
    return render(judge(lines(name)), ENGLISH, Pack.builtin(), form="markdown").decode()


def test_verdict_counts_and_findings_come_first() -> None:
    shown = page("failing").splitlines()
    assert shown[0] == "# ❌ No. Zawadi Pay 2.4 (Zawadi Systems) does not conform to GovStack Payments BB."
    assert "| expected | passed | failed | inconclusive | not applicable | error of the harness |" in shown
    assert "| 6 | 2 | 3 | 0 | 1 | 0 |" in shown
    assert "## Findings" in shown
    assert any(line.startswith("- **F0001** body.requestID: at most 12 characters.") for line in shown)


@pytest.mark.parametrize(("name", "mark"), [("conformant", "✅ Yes."), ("killed", "❔ Cannot say.")])
def test_other_verdicts(name: str, mark: str) -> None:
    assert page(name).startswith(f"# {mark} ")


def test_a_finding_is_named_to_be_replayed_only_where_there_is_one() -> None:
    shown = page("failing")
    (named,) = re.findall(r"`dpi-conformance replay \. (F\d+)`", shown)
    assert f"- **{named}** " in shown
    clean = [{**line, "findings": []} if "findings" in line else line for line in lines("inconclusive")]
    without = render(judge(clean), ENGLISH, Pack.builtin(), form="markdown").decode()
    assert "replay" not in without
    assert "has no findings, so there is nothing to send again" in without


def test_a_suite_s_finding_names_its_property_and_its_conversation() -> None:
    shown = page("behaviour")
    assert "`voucher.spent-once` | `V6` |" in shown
    assert "rests on 12 requests and callbacks, in order in report.html" in shown
    assert "or carries out the whole case" in shown
    assert "- 3 × inconclusive: " in shown
    (declared,) = re.findall(r"To be written under declares: in product\.yaml.*", shown)
    assert "`voucher.short-lived-programme`, `voucher.expiry-field`" in declared


@pytest.mark.parametrize(
    "name", ["conformant", "killed", "resumed", "failing", "hostile", "inconclusive", "behaviour"]
)
def test_a_table_begins_after_an_empty_line(name: str) -> None:
    """Else it is text of the paragraph before."""
    before = [
        above for above, line in itertools.pairwise(page(name).splitlines()) if line.startswith("| expected")
    ]
    assert before == [""]


def test_tables_have_the_same_number_of_cells_in_every_row() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page("failing") + page("hostile"), re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_hostile_text_is_inert() -> None:
    shown = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", page("hostile"))  # without code spans
    assert not re.search(r"(?<!\\)<(?!/?small)", shown)
    assert "javascript:" not in shown
    assert "\u202e" not in page("hostile")


def test_many_findings_stay_one_page() -> None:
    journal = lines("failing")
    case = next(line for line in journal if line["type"] == "case")
    exchange = next(line for line in journal if line.get("id") == "voucher-create-0003")
    head = [line for line in journal if line["type"] in {"start", "block", "requirement"}]
    many = []
    for number in range(2_000):
        own = f"payments/contract/voucher-create/boundary/{number}"
        finding = {**exchange["findings"][0], "code": f"status.{number % 40}", "exchange": f"v-{number}"}
        head.append({**case, "id": own, "vectors": 1, "variant": f"variant-{number % 60}"})
        many.append({**exchange, "id": f"v-{number}", "case": own, "findings": [finding]})
        many.append({"type": "result", "case": own, "verdict": "FAIL", "reason": None, "exchanges": 1})
    report = judge(planned([*head, *many, journal[-1]]))
    assert len(render(report, ENGLISH, Pack.builtin(), form="markdown")) < 20_000
    assert len(render(report, ENGLISH, Pack.builtin(), form="html")) < 4_000_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b", r"a \| b"),
        ("<b>*x*</b> [l](http://e.vil) ![i](x)", r"\<b\>\*x\*\</b\> \[l\](http:\//e.vil) \!\[i\](x)"),
        ("www.evil.example @all #1 $x$", r"www\.evil.example \@all \#1 \$x\$"),
        ("two\n\n# lines", r"two \# lines"),
    ],
)
def test_running_text(text: str, shown: str) -> None:
    assert markdown_text(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("", "`–`"),
        ("a|b", "`a¦b`"),
        ("x" * 400, "`" + "x" * 300 + " …`"),
    ],
)
def test_code(text: str, shown: str) -> None:
    assert markdown_code(text) == shown
