"""Faults are switched on by name, for the variants that have them, and a slip of the pen is helped."""

import pytest

from dpi_conformance.errors import UsageError
from dpi_conformance.mockkit.faults import Fault, FaultSwitches, require_faults

FAULTS = tuple(
    Fault(name=name, summary="s", clause="c", check="x", cases="*", variants=variants)
    for name, variants in (("html-errors", ()), ("slow-answer", ("account-lookup",)))
)


def test_a_switch_is_asked_by_name_and_variant() -> None:
    on = FaultSwitches(FAULTS, ["slow-answer"])
    assert on
    assert on("slow-answer", "account-lookup")
    assert not on("slow-answer", "voucher-status")
    assert not on("html-errors", "account-lookup")
    assert not FaultSwitches(FAULTS, [])
    with pytest.raises(KeyError):
        FaultSwitches(FAULTS, ["nonsense"])


@pytest.mark.parametrize(
    ("name", "said"),
    [("html-error", "did you mean “html-errors”?"), ("xyz", "“xyz”; see: dpi-conformance list faults")],
)
def test_an_unknown_fault_is_a_usage_error_that_says_where_the_known_ones_are(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"no fault “{name}”") as refused:
        require_faults([name], FAULTS)
    assert said in str(refused.value)
    assert require_faults(["html-errors"], FAULTS) == {"html-errors"}
