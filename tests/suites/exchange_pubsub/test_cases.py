"""The cases P1 to P13 against the mock: the clean one is not accused, faults are caught, nothing is guessed."""

from collections.abc import Mapping

import pytest

from dpi_conformance.execution.behaviour import Performed
from dpi_conformance.model.verdicts import Verdict
from tests.suites.exchange_pubsub.running import PACK, PREFIX, cases, performed, told

FAULTS = {
    one.name: one for one in PACK.load("mocks.exchange.faults").FAULTS if one.cases.startswith(f"{PREFIX}P")
}
HANDFUL = (
    "second-subscriber-forgotten",
    "confirmation-drains-queue",
    "confirmed-twice-at-once",
    "numbers-read-as-floats",
    "outlived-event-delivered",
    "order-lost-on-retry",
    "pushed-after-unsubscribing",
    "push-not-retried",
    "push-repeated-after-success",
    "pulled-by-anybody",
    "retried-after-unsubscribing",
    "confirmed-by-anybody",
    "anothers-event-confirmed",
    "schema-not-checked",
    "schema-checked-at-the-top",
    "schema-references-not-followed",
    "texts-tidied",
    "rooms-mixed",
)
"""One of each kind; ``selftest exchange`` proves all."""
SEVERAL = {
    "P6/own-queues",
    "P6/not-subscribed",
    "P11/not-held-up",
    "P12/pushed-to-all",
    "P12/fetched-by-all",
    "P13/any-sequence",
}
"""Cases that take more than one subscriber."""


@pytest.fixture(scope="module")
def clean() -> Mapping[str, Performed]:
    return performed("P*")


def test_the_clean_mock_is_accused_of_nothing(clean: Mapping[str, Performed]) -> None:
    unhappy = {
        name: (one.verdict, str(one.reason), [finding.code for finding in one.scene.findings])
        for name, one in clean.items()
        if (one.verdict is not Verdict.PASS or one.scene.findings) and not one.starved
    }
    assert unhappy == {}
    assert {name.partition("/")[0] for name in clean} == {f"P{number}" for number in range(1, 14)}


def test_what_passes_rests_on_evidence(clean: Mapping[str, Performed]) -> None:
    assert all(one.scene.seen and one.scene.expected for one in clean.values() if not one.starved)
    assert sum(one.starved for one in clean.values()) < len(clean) / 4


def test_cases_run_side_by_side(clean: Mapping[str, Performed]) -> None:
    assert max(one.duration_ms for one in clean.values()) < 30_000


@pytest.mark.parametrize("name", HANDFUL)
def test_a_fault_is_caught_by_its_case(name: str) -> None:
    fault = FAULTS[name]
    results = performed(fault.cases.removeprefix(PREFIX), faults=[name])
    assert fault.check in {code for codes in told(results).values() for code in codes}


def test_each_fault_names_cases_that_are_there_and_a_summary_of_its_own() -> None:
    assert [one.name for one in FAULTS.values() if not cases(one.cases.removeprefix(PREFIX))] == []
    assert len({one.summary for one in FAULTS.values()}) == len(FAULTS) >= 45


def test_with_one_subscriber_whatever_takes_several_is_undecided() -> None:
    fixtures = {
        "room.id": "GOV/GOV/90000/civil-events",
        "publisher.client": "GOV/GOV/70000/registry",
        "subscriber.client": "GOV/COM/1234/benefits",
    }
    results = performed("P1/*", "P4/*", *SEVERAL, "P11/pushed", fixtures=fixtures)
    undecided = {
        name: str(one.reason) for name, one in results.items() if one.verdict is Verdict.INCONCLUSIVE
    }
    assert told(results) == {}
    assert undecided.keys() == SEVERAL
    assert all("subscriber.others" in reason for reason in undecided.values())


def test_where_the_harness_plays_no_subscriber_no_push_is_judged() -> None:
    results = performed("P9/push", "P11/*", "P12/pushed-to-all", counterparties=frozenset())
    assert {one.verdict for one in results.values()} == {Verdict.INCONCLUSIVE}
    assert told(results) == {}
    assert "subscriber" in str(results["P11/pushed"].reason)


def test_without_a_room_the_key_is_named() -> None:
    results = performed("P2/accepted", fixtures={"subscriber.client": "GOV/COM/1234/benefits"})
    assert results["P2/accepted"].verdict is Verdict.INCONCLUSIVE
    assert "room.id" in str(results["P2/accepted"].reason)


@pytest.mark.parametrize(
    ("fault", "case", "word"),
    [
        ("push-not-retried", "P11/retried-after-503", "push.retry-seconds"),
        ("push-without-end", "P11/given-up", "push.attempts"),
    ],
)
def test_what_the_vendor_does_not_declare_is_not_held_against_it(fault: str, case: str, word: str) -> None:
    (one,) = performed(case, faults=[fault], declared={}, callback_seconds=2).values()
    assert (one.verdict, one.scene.findings) == (Verdict.INCONCLUSIVE, [])
    assert word in str(one.reason)


def test_a_repetition_is_told_and_accuses_nobody_who_has_not_declared_otherwise() -> None:
    (one,) = performed("P11/taken-once", faults=["push-repeated-after-success"], declared={}).values()
    assert one.verdict is Verdict.PASS
    assert [(found.code, found.advisory) for found in one.scene.findings] == [("push.once", True)]


def test_pauses_that_do_not_grow_accuse_nobody_who_has_not_declared_that_they_do() -> None:
    """The document says “standard backoff”, and that it may be exponential (requirement 6.5#8)."""
    faults = ["push-retried-at-once"]
    (told_only,) = performed("P11/growing-pauses", faults=faults, declared={}).values()
    (accused,) = performed("P11/growing-pauses", faults=faults).values()
    assert [(found.code, found.advisory) for found in told_only.scene.findings] == [
        ("push.pauses-grow", True)
    ]
    assert [(found.code, found.advisory) for found in accused.scene.findings] == [("push.pauses-grow", False)]
