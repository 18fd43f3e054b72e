"""Faults that nobody sees who asks once, or asks only as it is usual: each was green until a hostile reader tried it."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["OVERLOOKED_FAULTS"]


def _fault(name: str, check: str, case: str, summary: str, clause: str, **declares: str) -> Fault:
    return Fault(
        name=name,
        check=check,
        cases=f"payments/suite/{case}",
        summary=summary,
        clause=clause,
        declares=declares,
    )


_VOUCHERS = (
    _fault(
        "order-first-hundred",
        "voucher.every-instruction-served",
        "V1/many-ordered",
        N_(
            "Of an order for vouchers the first hundred are made: the rest of the list is cut off in silence."
        ),
        "GovStack Payments 8.2.1",
    ),
    _fault(
        "secret-not-asked-for",
        "voucher.secret-asked-for",
        "V7/no-secret",
        N_("The secret is compared only where the request has one."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "voucher-bill-of-nobody",
        "voucher-bill.proof-asked-for",
        "V13/proof-left-out",
        N_("A bill payment without a proof is paid with the active voucher that was made last."),
        "GovStack Payments 9.3.6",
    ),
)
_LIVES = (
    _fault(
        "redemption-a-day-behind",
        "voucher.stamped-when-paid",
        "V6/stamped-when-paid",
        N_("Redemptions are stamped by a clock that is a day behind."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "secret-in-any-order",
        "voucher.secret-in-order",
        "V7/secret-in-another-order",
        N_("The characters of the secret are compared as a set."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "voucher-failure-unexplained",
        "voucher.failure-reason-given",
        "V5/partial-failure",
        N_("A voucher for which nothing was done is named without a reason."),
        "GovStack Payments 8.2.2 b",
    ),
    _fault(
        "outcome-names-all",
        "voucher.no-other-failed",
        "V5/partial-failure",
        N_("Where one voucher of an order fails, its outcome names all of them as failed."),
        "GovStack Payments 8.2.2 b",
    ),
    _fault(
        "outcome-names-stranger",
        "voucher.no-other-failed",
        "V8/unknown-serial",
        N_("The list of failed vouchers still has one of an order before."),
        "GovStack Payments 8.2.5",
    ),
    _fault(
        "value-to-one-decimal",
        "voucher.value-constant",
        "V11/value-constant",
        N_("The status rounds the value of a voucher to one decimal."),
        "GovStack Payments 8.2.4",
    ),
    _fault(
        "number-in-outcome",
        "voucher.number-secret",
        "V2/number-stays-secret",
        N_("The outcome of an activation is made of whole database rows, with the voucher numbers."),
        "GovStack Payments 6.2.5; CWE-200",
    ),
    _fault(
        "unknown-serial-is-fresh",
        "voucher.unknown-refused",
        "V11/unknown-serial",
        N_("A serial number that nobody has is told as a voucher before its activation."),
        "GovStack Payments 8.2.4",
    ),
    _fault(
        "time-ends-everything",
        "voucher.end-outlives-its-time",
        "V8/outlives-its-time",
        N_("Each voucher whose time is over becomes an expired one, cancelled and redeemed ones too."),
        "GovStack Payments 8.2.5, 6.2.3",
    ),
)
_REQUESTS_TO_PAY = (
    _fault(
        "late-word-lost",
        "bill.outcome-told",
        "B4/late-word",
        N_("A word of the biller that comes three seconds after the request is passed over."),
        "GovStack Payments 8.3.4, 9.3.3",
    ),
    _fault(
        "rtp-put-twice",
        "rtp.one-demand",
        "B5/asked-once",
        N_("A request to pay is sent on twice."),
        "GovStack Payments 8.3.5",
    ),
    _fault(
        "rtp-put-twice-anew",
        "rtp.one-demand",
        "B5/asked-once",
        N_("A request to pay is sent on twice, each time as a transaction of its own."),
        "GovStack Payments 8.3.5",
    ),
)
_ACCOUNTS = (
    _fault(
        "account-failure-unexplained",
        "account.failure-reason-given",
        "G4/partial-failure",
        N_("A beneficiary who could not be registered is named with an empty reason."),
        "GovStack Payments 8.1.2 b",
    ),
    _fault(
        "registration-first-hundred",
        "account.every-one-registered",
        "G1/many-registered",
        N_("Of a registration the first hundred are entered: the rest of the list is cut off in silence."),
        "GovStack Payments 8.1.2",
    ),
    _fault(
        "lookup-falls-back",
        "account.scoped-by-institution",
        "G2/registered-elsewhere",
        N_("A lookup of somebody whom the institution did not register tells what another one did."),
        "GovStack Payments 9.1.1",
    ),
    _fault(
        "update-for-all-institutions",
        "account.update-scoped",
        "G3/two-institutions",
        N_("An update changes the entries of all institutions that registered the same person."),
        "GovStack Payments 8.1.3, 9.1.1",
    ),
    _fault(
        "update-clears-the-rest",
        "account.left-out-kept",
        "G3/one-field",
        N_("An update replaces the whole entry: what it does not give is empty afterwards."),
        "GovStack Payments 8.1.3",
    ),
)
_BATCHES = (
    _fault(
        "small-batches-unasked",
        "batch.small-unpaid",
        "G9/small-batch",
        N_("Batches of less than fifty are paid without asking the bank."),
        "GovStack Payments 5.3.1",
    ),
    _fault(
        "batch-first-hundred",
        "batch.every-payment-made",
        "G6/many-payments",
        N_("Of a batch the first hundred payments are kept: the rest of the list is cut off in silence."),
        "GovStack Payments 8.1.4",
    ),
    _fault(
        "details-first-hundred",
        "batch.every-payment-shown",
        "G6/many-payments",
        N_("The details of a batch end after a hundred payments, on whatever page."),
        "GovStack Payments 8.1 (BatchDetails)",
    ),
    _fault(
        "word-not-matched",
        "batch.released-by-its-own-word",
        "G9/word-nobody-asked-for",
        N_("The bank's word counts for the batch that was asked about last, whatever identifier it carries."),
        "GovStack Payments 5.3.1, 9.1.3",
    ),
    _fault(
        "strangers-accounts-fail",
        "batch.failed-by-its-own-word",
        "G9/word-nobody-asked-for",
        N_("Failed accounts are found by the batchId; under which identifier they come is not looked at."),
        "GovStack Payments 9.1.3",
    ),
    _fault(
        "bank-s-figures-release",
        "batch.released-by-its-own-word",
        "G9/figures-before-the-word",
        N_("A status update is believed before the funds are released."),
        "GovStack Payments 5.3.1, 8.1.4 b",
    ),
)

OVERLOOKED_FAULTS: tuple[Fault, ...] = (*_VOUCHERS, *_LIVES, *_REQUESTS_TO_PAY, *_ACCOUNTS, *_BATCHES)
