"""What this product declares in its product.yaml where the published documents are silent."""

from collections.abc import Mapping
from typing import Final

__all__ = ["DECLARED"]

DECLARED: Final[Mapping[str, str]] = {
    "voucher-status.pre-activated": "1",
    "voucher-status.activated": "2",
    "voucher-status.cancelled": "3",
    "voucher-status.consumed": "4",
    "voucher-status.expired": "5",
    "voucher.secret-hash": "sha256",
    "voucher.expiry-field": "validityPeriod",
    "voucher.short-lived-programme": "SHORT-LIVED",
    "voucher.short-life-seconds": "3",
    "voucher.agent-outside-group": "AGENT-0002",
    "voucher.wrong-guesses": "10",
    "callback-retry-seconds": "5",
    "callback-delivery": "once",
    "bill.unknown-prefix": "UNKNOWN",
    "bill.due-date": "seconds",
    "biller.timeout-seconds": "6",
    "mark-bill-paid.repeat-seconds": "2",
    "request-to-pay.aliases": "account-mapper",
    "request-to-pay.unreached-bic": "NOSUCHXX",
    "request-to-pay.status-accepted": "00",
    "batch-details.first-page": "0",
    "transaction-status.completed": "COMPLETED",
    "transaction-status.failed": "FAILED",
    "credit-party.account": "accountNumber",
    "credit-party.payee": "payeeIdentity",
    "credit-party.bank": "bankingInstitutionCode",
    "accounts.partial-failure": "each",
    "accounts.update-scope": "source-bb",
    "accounts.left-out-field": "kept",
    "batch.partial-failure": "each",
    "batch.account-validation": "payer-bank",
    "batch.bank-figures": "when-authorised",
    "bank.timeout-seconds": "4",
    "bank.timeout-programme": "HURRIED-BANK",
}
