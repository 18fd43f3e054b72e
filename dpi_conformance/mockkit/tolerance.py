"""The faults of a product that lets wrong requests pass, or falls over them."""

from collections.abc import Mapping, Sequence

from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.validation import Complaint

__all__ = ["Crashed", "crashes", "tolerated"]

_LETS_PASS: Mapping[str, frozenset[str]] = {
    "missing-required-accepted": frozenset({"required"}),
    "too-long-accepted": frozenset({"maxLength"}),
    "enum-not-checked": frozenset({"enum", "const"}),
    "type-coerced": frozenset({"type"}),
    "wrong-format-accepted": frozenset({"format"}),
}
"""For each fault, the keywords that its product does not look at."""

_FALLS_OVER: Mapping[str, str] = {
    "crash-on-null": "null",
    "crash-on-deep-body": "deep",
    "crash-on-nul": "nul",
    "crash-on-duplicate-keys": "duplicate",
    "crash-on-malformed": "malformed",
}
"""For each fault, the kind of body that its product does not survive."""


class Crashed(Exception):  # noqa: N818 -- it is meant to happen
    """A fault lets the product fall over."""


def tolerated(complaints: Sequence[Complaint], on: FaultSwitches) -> bool:
    """Tell whether the product overlooks everything that is wrong with a request."""
    if not on:
        return False
    overlooked = frozenset[str]().union(*(keywords for fault, keywords in _LETS_PASS.items() if on(fault)))
    return all(complaint.keyword in overlooked for complaint in complaints)


def crashes(kind: str, on: FaultSwitches) -> bool:
    """Tell whether the product falls over this kind of body."""
    return bool(on) and any(on(fault) for fault, fatal in _FALLS_OVER.items() if fatal == kind)
