"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

from .assertion_faults import ASSERTION_FAULTS
from .client_faults import CLIENT_FAULTS
from .discovery_faults import DISCOVERY_FAULTS
from .linked_faults import LINKED_FAULTS
from .login_faults import LOGIN_FAULTS
from .redirect_faults import REDIRECT_FAULTS
from .token_faults import TOKEN_FAULTS
from .userinfo_faults import USERINFO_FAULTS

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *DISCOVERY_FAULTS,
    *TOKEN_FAULTS,
    *ASSERTION_FAULTS,
    *REDIRECT_FAULTS,
    *LOGIN_FAULTS,
    *USERINFO_FAULTS,
    *CLIENT_FAULTS,
    *LINKED_FAULTS,
)
