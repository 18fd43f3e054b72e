"""Stateful models of what the product keeps: the life of vouchers (V12), and the account mapper (G1–G3, G15).

Loaded only where a model is walked: hypothesis takes longer to import than a run takes to begin.
"""

from collections.abc import Mapping
from typing import Final

from dpi_conformance.execution.models import Machine

from .account_model import AccountLife
from .voucher_model import VoucherLife

__all__ = ["MODELS"]

MODELS: Final[Mapping[str, type[Machine]]] = {"voucher-life": VoucherLife, "account-life": AccountLife}
