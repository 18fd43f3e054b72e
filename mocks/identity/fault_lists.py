"""How the lists of faults are written down."""

from collections.abc import Callable

from dpi_conformance.mockkit.faults import Fault

__all__ = ["listed"]


def listed(clause: str = "") -> Callable[..., Fault]:
    """Give a writer of faults: name, the code of the finding, the case that meets it, what is wrong, and its clause."""

    def fault(name: str, check: str, case: str, summary: str, own_clause: str = "") -> Fault:
        return Fault(
            name=name,
            check=check,
            cases=f"identity/suite/{case}",
            summary=summary,
            clause=own_clause or clause,
        )

    return fault
