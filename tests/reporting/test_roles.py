"""What a report says of a scenario's roles, and of where it broke."""

from pathlib import Path
from typing import Any

import orjson

from dpi_conformance.judge import judge
from dpi_conformance.model.report import Conformance, Report
from dpi_conformance.model.verdicts import Outcome
from dpi_conformance.reporting.roles import breaks, broken, players

JOURNAL = Path(__file__).parent.parent / "journals" / "failing.ndjson"
ROLES = [
    {
        "scenario": "payments",
        "role": "bank",
        "title": "The bank",
        "played_by": "product",
        "name": "BankAll",
        "version": "3",
        "address": "http://bank.example",
    },
    {
        "scenario": "payments",
        "role": "registry",
        "title": "The registry",
        "played_by": "harness",
        "name": "dpi-conformance",
        "version": "1",
        "address": "",
    },
]


def _report(*, side: str = "bank", roles: list[dict[str, Any]] = ROLES) -> Report:
    """Give the report of a journal whose findings all lie at one interface."""
    lines = [orjson.loads(line) for line in JOURNAL.read_bytes().splitlines()]
    for line in lines:
        for finding in line.get("findings") or ():
            finding |= {"interface": "payments → bank", "side": side}
    return judge([{**lines[0], "roles": roles}, *lines[1:]])


def test_a_break_names_interface_side_player_and_findings() -> None:
    report = _report()
    (one,) = breaks(report)
    failures = [name for name, (_, finding) in report.findings.items() if not finding.advisory]
    assert (one.interface, one.side, list(one.findings)) == ("payments → bank", "bank", failures)
    assert one.player is not None
    assert one.player.name == "BankAll"
    (said,) = broken(report)
    assert "at “payments → bank”, on the side of bank, played by BankAll 3: F0" in str(said)


def test_what_breaks_on_the_side_of_a_mock_is_no_failure_of_the_product() -> None:
    ours = _report(side="registry")
    assert ours.verdict is Conformance.INCONCLUSIVE
    assert (ours.counts.failed, ours.counts.error) == (0, _report().counts.failed)
    (reason,) = {
        str(case.reason.message) for case in ours.cases if case.verdict is Outcome.ERROR and case.reason
    }
    assert "on the side of registry" in reason
    mocks = [{**role, "played_by": "mock"} for role in ROLES]
    assert _report(side="registry", roles=mocks).counts.failed == _report().counts.failed


def test_advisory_findings_break_nothing() -> None:
    lines = [orjson.loads(line) for line in JOURNAL.read_bytes().splitlines()]
    for line in lines:
        for finding in line.get("findings") or ():
            finding |= {"interface": "payments → bank", "side": "bank", "advisory": True}
    assert breaks(judge([{**lines[0], "roles": ROLES}, *lines[1:]])) == []


def test_a_side_that_the_journal_has_no_player_of_is_named_without() -> None:
    (said,) = broken(_report(roles=[]))
    assert "played by –" in str(said)


def test_each_role_is_told_with_its_player() -> None:
    assert [str(one) for one in players(_report())] == [
        "bank (The bank): the product BankAll 3, at http://bank.example",
        "registry (The registry): the harness",
    ]
