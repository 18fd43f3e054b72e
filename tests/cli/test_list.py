"""``list``: what there is, for people, pipes and programs."""

import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.packs import Pack
from tests.conftest import Cli, command

FIRST = {
    "blocks": "payments",
    "variants": "register-beneficiary",
    "cases": "payments/contract/register-beneficiary/positive/control",
    "requirements": "govstack-payments-",
    "faults": "missing-required-accepted",
}


def listed(cli: Cli, *arguments: str) -> list[dict[str, Any]]:
    ran = cli("list", *arguments, "--json")
    assert ran.code == 0, ran.err
    rows: list[dict[str, Any]] = json.loads(ran.out)
    return rows


@pytest.mark.parametrize("what", FIRST)
def test_the_forms_say_the_same(cli: Cli, what: str) -> None:
    rows = listed(cli, what, "payments")
    plain = cli("list", what, "payments")
    assert plain.code == 0
    lines = plain.out.rstrip("\n").split("\n")
    assert len(lines) == len(rows) >= 1
    assert lines[0].startswith(FIRST[what])
    assert [line.split("\t")[0] for line in lines] == [next(iter(row.values())) for row in rows]


def test_each_case_says_what_it_is_on(cli: Cli) -> None:
    """An operation; of a suite, a property whose title the reports have."""
    rows = {row["case"]: row["on"] for row in listed(cli, "cases", "payments", "--profile", "quick")}
    pack = Pack.builtin()
    titles = load_block(pack.spec("payments", "block.yaml")).properties
    variants = {row["variant"] for row in listed(cli, "variants", "payments")}
    assert {name.split("/")[2] for name in rows if "/suite/" in name} <= set(titles)
    assert {on for name, on in rows.items() if "/suite/" in name} <= set(titles)
    assert {on for name, on in rows.items() if "/suite/" not in name} <= variants
    assert rows["payments/suite/V6/simultaneous-redemptions"] == "V6"


def test_profiles_hold_each_other(cli: Cli) -> None:
    counts = [
        {row["case"]: row["vectors"] for row in listed(cli, "cases", "payments", "--profile", profile)}
        for profile in ("quick", "standard", "full")
    ]
    for smaller, larger in itertools.pairwise(counts):
        assert set(smaller) <= set(larger)
        assert all(count <= larger[case] for case, count in smaller.items())
    assert sum(counts[0].values()) < sum(counts[1].values()) < sum(counts[2].values())


def test_the_faults_are_those_of_the_mock(cli: Cli) -> None:
    faults = Pack.builtin().load("mocks.payments.faults").FAULTS
    assert [row["fault"] for row in listed(cli, "faults", "payments")] == [fault.name for fault in faults]


def test_brackets_are_text_on_a_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    rows = [{"block": "[bold]payments[/]", "functions": ["[a]", "[/b]"]}]
    monkeypatch.setitem(_what(), "blocks", lambda *_: iter(rows))
    shown = cli("list", "blocks")
    assert shown.code == 0, shown.err
    assert "[bold]payments[/]" in shown.out
    assert "[a], [/b]" in shown.out


def _what() -> Any:
    from dpi_conformance.cli import list_

    return list_._WHAT


@pytest.mark.parametrize(
    ("arguments", "said"), [(["cases", "no-such-block"], "payments"), (["secrets"], "requirements")]
)
def test_what_is_not_there(cli: Cli, arguments: list[str], said: str) -> None:
    ran = cli("list", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_reader_who_has_seen_enough(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command("list", "cases", "payments"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"payments/contract/")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 0
    process.stderr.close()
