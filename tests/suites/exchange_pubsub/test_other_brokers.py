"""A broker that is not ours: honest, it is not accused; what goes wrong with it is found, or told as undecided."""

import pytest

from dpi_conformance.model.verdicts import Verdict
from tests.suites.exchange_pubsub.other_broker import OtherBroker
from tests.suites.exchange_pubsub.running import against, told

NOT_OFFERED = {"P7/fetched", "P7/pushed", "P7/pushed-after-failure", "P8/fetched", "P8/pushed"}
"""It keeps no order, and nothing for less than a minute."""
NOT_DECLARED = {"P11/given-up"}


def test_an_honest_broker_that_decides_otherwise_is_not_accused() -> None:
    """Leases, a log that is read from its beginning, queues that lag, CloudEvents by PUT, no sequence, no publisher."""
    results = against(OtherBroker(), "P*")
    undecided = {name for name, one in results.items() if one.verdict is Verdict.INCONCLUSIVE}
    assert told(results) == {}
    assert undecided == NOT_OFFERED | NOT_DECLARED


def test_a_broker_that_never_pushes_is_found() -> None:
    assert told(against(OtherBroker(way="never-pushes"), "P11/pushed", "P4/fetched")) == {
        "P11/pushed": ["event.reaches-all"]
    }


@pytest.mark.parametrize(
    ("way", "said"),
    [("one-address", "no subscriber's"), ("base64", "could not be compared")],
)
def test_what_cannot_be_told_apart_or_compared_is_undecided(way: str, said: str) -> None:
    results = against(OtherBroker(way=way), "P11/pushed", "P12/pushed-to-all")
    assert told(results) == {}
    assert said in str(results["P11/pushed"].reason)
