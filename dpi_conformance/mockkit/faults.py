"""Faults: realistic vendor bugs that a mock can be told to have, each by its name."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message

__all__ = ["Fault", "FaultSwitches", "require_faults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One bug: what the product does wrong, under which clause, and which check must see it in which cases."""

    name: str
    summary: str
    """A sentence for the reader, marked for translation."""
    clause: str
    check: str
    """The id of the check that must catch it, e.g. ``status.refused``."""
    cases: str
    """A glob over the ids of the cases that meet it."""
    variants: tuple[str, ...] = ()
    """The variants that have the bug; empty: all."""
    side: str = ""
    """In a scenario: the block whose mock has it, and that must be blamed."""
    declares: Mapping[str, str] = field(default_factory=dict)
    """What its product.yaml says otherwise than the clean product's."""


class FaultSwitches:
    """Tells whether a fault is switched on, for a variant; asked by name at the one place where it acts."""

    __slots__ = ("_on",)

    def __init__(self, faults: Iterable[Fault], names: Iterable[str]) -> None:
        """Switch on the faults that are named; a name without a fault is a KeyError."""
        known = {fault.name: fault for fault in faults}
        self._on: Mapping[str, frozenset[str]] = {name: frozenset(known[name].variants) for name in names}

    def __bool__(self) -> bool:
        """Tell whether any fault is on."""
        return bool(self._on)

    def __call__(self, name: str, variant: str = "") -> bool:
        """Tell whether the fault acts on this variant."""
        variants = self._on.get(name)
        return variants is not None and (not variants or not variant or variant in variants)


def require_faults(names: Iterable[str], faults: Sequence[Fault]) -> frozenset[str]:
    """Give the names back as a set, or say which fault was meant, or where they are listed (UsageError)."""
    chosen = frozenset(names)
    known = [fault.name for fault in faults]
    for name in sorted(chosen - set(known)):
        near = difflib.get_close_matches(name, known, n=1)
        text = (
            N_("There is no fault “{name}”; did you mean “{near}”? See: dpi-conformance list faults")
            if near
            else N_("There is no fault “{name}”; see: dpi-conformance list faults")
        )
        values = {"name": name, "near": near[0] if near else ""}
        raise UsageError(Message(text=text, values=values))
    return chosen
