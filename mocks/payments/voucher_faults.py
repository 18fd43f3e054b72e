"""Faults in the life of vouchers (properties V1–V13)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["VOUCHER_FAULTS"]

_S = "payments/suite"

VOUCHER_FAULTS: tuple[Fault, ...] = (
    Fault(
        name="redemption-race",
        check="voucher.spent-once",
        cases=f"{_S}/V6/simultaneous-redemptions",
        summary=N_(
            "A voucher is looked up, and marked as consumed a moment later: what comes in between is paid too."
        ),
        clause="GovStack Payments 8.2.3; CWE-367",
    ),
)
