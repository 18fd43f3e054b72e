"""The faults that this product can be told to have: realistic vendor bugs, each caught by a named check."""

from dpi_conformance.mockkit.faults import Fault

from .account_faults import ACCOUNT_FAULTS
from .batch_faults import BATCH_FAULTS
from .bill_faults import BILL_FAULTS
from .callback_faults import CALLBACK_FAULTS
from .contract_faults import CONTRACT_FAULTS
from .overlooked_faults import OVERLOOKED_FAULTS
from .request_to_pay_faults import REQUEST_TO_PAY_FAULTS
from .voucher_faults import VOUCHER_FAULTS

__all__ = ["FAULTS"]

FAULTS: tuple[Fault, ...] = (
    *CONTRACT_FAULTS,
    *VOUCHER_FAULTS,
    *ACCOUNT_FAULTS,
    *BATCH_FAULTS,
    *BILL_FAULTS,
    *REQUEST_TO_PAY_FAULTS,
    *CALLBACK_FAULTS,
    *OVERLOOKED_FAULTS,
)
