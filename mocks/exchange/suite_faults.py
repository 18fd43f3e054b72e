"""How the faults that the suite catches are written down."""

from dpi_conformance.mockkit.faults import Fault

__all__ = ["suite_fault"]


def suite_fault(name: str, check: str, cases: str, summary: str, clause: str) -> Fault:
    """Give a fault; ``cases`` is the glob below ``exchange/suite/``."""
    return Fault(name=name, check=check, cases=f"exchange/suite/{cases}", summary=summary, clause=clause)
