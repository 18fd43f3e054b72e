"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

from .access_faults import ACCESS_FAULTS
from .authorize_faults import AUTHORIZE_FAULTS
from .code_faults import CODE_FAULTS
from .provider_faults import PROVIDER_FAULTS
from .token_faults import TOKEN_FAULTS

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *PROVIDER_FAULTS,
    *TOKEN_FAULTS,
    *CODE_FAULTS,
    *AUTHORIZE_FAULTS,
    *ACCESS_FAULTS,
)
