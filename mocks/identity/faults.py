"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

from .client_faults import CLIENT_FAULTS
from .linked_faults import LINKED_FAULTS
from .userinfo_faults import USERINFO_FAULTS

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *USERINFO_FAULTS,
    *CLIENT_FAULTS,
    *LINKED_FAULTS,
)
