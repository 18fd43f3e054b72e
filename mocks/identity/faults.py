"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

from .access_faults import ACCESS_FAULTS
from .authorize_faults import AUTHORIZE_FAULTS
from .client_faults import CLIENT_FAULTS
from .code_faults import CODE_FAULTS
from .contract_faults import CONTRACT_FAULTS
from .further_faults import FURTHER_FAULTS
from .linked_faults import LINKED_FAULTS
from .provider_faults import PROVIDER_FAULTS
from .register_faults import REGISTER_FAULTS
from .token_faults import TOKEN_FAULTS
from .userinfo_faults import USERINFO_FAULTS

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *PROVIDER_FAULTS,
    *TOKEN_FAULTS,
    *CODE_FAULTS,
    *AUTHORIZE_FAULTS,
    *ACCESS_FAULTS,
    *FURTHER_FAULTS,
    *USERINFO_FAULTS,
    *CLIENT_FAULTS,
    *LINKED_FAULTS,
    *REGISTER_FAULTS,
    *CONTRACT_FAULTS,
)
