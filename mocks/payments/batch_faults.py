"""Faults in batches of payments (properties G6–G14)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["BATCH_FAULTS"]

_S = "payments/suite"
_STATUS = "GovStack Payments 8.1.4 b"
_DETAILS = "GovStack Payments 8.1 (BatchDetails)"
_ONCE = "GovStack Payments 5.3.4"
_APPROVAL = "GovStack Payments 5.3.1, 9.1.3"
_ALONE = "GovStack Payments 9.1.2"
_MONEY = "GovStack Payments 5.1.10; ISO 4217"
_WHOLE = "GovStack Payments 8.1"


def _fault(name: str, check: str, cases: str, summary: str, clause: str) -> Fault:
    return Fault(name=name, check=check, cases=f"{_S}/{cases}", summary=summary, clause=clause)


_TOTALS = (
    _fault(
        "totals-forget-failed",
        "batch.counts-add-up",
        "G6/totals",
        N_("TotalTransactions leaves out the payments that failed."),
        _STATUS,
    ),
    _fault(
        "total-amount-of-paid",
        "batch.amounts-add-up",
        "G6/totals",
        N_("totalAmount is the sum of what was paid, not of the batch."),
        _STATUS,
    ),
    _fault(
        "amounts-in-float",
        "batch.totals-as-submitted",
        "G6/totals",
        N_("Sums are added up in floating point: 0.3 becomes 0.30000000000000004."),
        _STATUS,
    ),
    _fault(
        "totals-go-back",
        "batch.totals-never-go-back",
        "G6/totals",
        N_("In the last status update what had failed counts as completed."),
        _STATUS,
    ),
    _fault(
        "last-left-pending",
        "batch.ends-settled",
        "G6/totals",
        N_("The last payment of each batch stays under way for ever: the loop ends one too early."),
        _STATUS,
    ),
)

_PAGES = (
    _fault(
        "pages-overlap",
        "details.pages-partition",
        "G7/pages",
        N_("A page begins with the last payment of the page before."),
        _DETAILS,
    ),
    _fault(
        "pages-skip",
        "details.pages-partition",
        "G7/pages",
        N_("Between two pages one payment is left out."),
        _DETAILS,
    ),
    _fault(
        "page-size-ignored",
        "details.page-size-kept",
        "G7/pages",
        N_("A page has a hundred entries whatever pageSize is."),
        _DETAILS,
    ),
    _fault(
        "details-rounded",
        "details.as-submitted",
        "G7/pages",
        N_("Details show amounts with one decimal."),
        _DETAILS,
    ),
    _fault(
        "status-filter-ignored",
        "details.filter-kept",
        "G7/filters",
        N_("The status that details are asked for is not looked at."),
        _DETAILS,
    ),
    _fault(
        "details-behind",
        "details.agree-with-totals",
        "G7/filters",
        N_("Payments that failed stay in progress in the details."),
        _DETAILS,
    ),
    _fault(
        "tenant-not-checked",
        "tenant.own-batches-only",
        "G13/another-tenant",
        N_("A batch is found by its identifier alone, whichever tenant asks."),
        _DETAILS,
    ),
)

_REPEATS = (
    _fault(
        "retry-paid-again",
        "batch.paid-once",
        "G8/same-batch-again",
        N_("A batch that is handed over again is a new batch."),
        _ONCE,
    ),
    _fault(
        "identical-batches-race",
        "batch.paid-once",
        "G8/two-at-once",
        N_(
            "What was handed over is remembered a moment after it was taken: identical batches in between are paid."
        ),
        f"{_ONCE}; CWE-367",
    ),
    _fault(
        "repeat-gets-new-id",
        "batch.repeat-recognised",
        "G8/same-batch-again",
        N_(
            "A batch that is handed over again is not processed, and acknowledged with an identifier of nothing."
        ),
        _ONCE,
    ),
    _fault(
        "doubles-dropped",
        "batch.double-not-processed",
        "G8/payment-twice-in-a-batch",
        N_(
            "Of two payments with one requestId in a batch the first is dropped in silence, and the rest is paid."
        ),
        _ONCE,
    ),
)

_APPROVALS = (
    _fault(
        "paid-while-asking",
        "batch.unauthorised-unpaid",
        "G9/before-the-bank-s-word",
        N_("A batch is paid as soon as the bank was asked; its answer is only logged."),
        _APPROVAL,
    ),
    _fault(
        "last-of-batch-fails",
        "batch.authorised-is-paid",
        "G9/before-the-bank-s-word",
        N_("The last payment of a batch of several fails for no reason."),
        _APPROVAL,
    ),
    _fault(
        "pays-on-no",
        "batch.refused-unpaid",
        "G9/bank-refuses",
        N_("Any answer of the bank releases the batch, also N."),
        _APPROVAL,
    ),
    _fault(
        "no-leaves-pending",
        "batch.refused-is-failed",
        "G9/bank-refuses",
        N_("A batch that the bank refuses stays under way for ever."),
        _APPROVAL,
    ),
    _fault(
        "pays-on-silence",
        "batch.silence-unpaid",
        "G9/bank-stays-silent",
        N_("When the bank does not answer in time, the batch is paid."),
        _APPROVAL,
    ),
    _fault(
        "silence-leaves-pending",
        "batch.silence-is-failed",
        "G9/bank-stays-silent",
        N_("When the bank does not answer, the batch stays under way for ever."),
        _APPROVAL,
    ),
    _fault(
        "late-yes-pays",
        "batch.failed-stays-failed",
        "G9/bank-stays-silent",
        N_("A batch that was given up is paid when the bank's Y comes after all."),
        _APPROVAL,
    ),
    _fault(
        "authorised-in-float",
        "batch.authorised-sum",
        "G9/authorised-amount",
        N_("The sum that the bank is asked for is added up in floating point."),
        _APPROVAL,
    ),
)

_PARTS = (
    _fault(
        "accounts-not-validated",
        "consumer.called",
        "C4/asked-as-declared/validate-accounts",
        N_("The bank is asked for the funds of a batch at once, and not whether its accounts exist."),
        _ALONE,
    ),
    _fault(
        "sub-batch-drops-last",
        "batch.accounts-asked-once",
        "G10/sub-batches",
        N_("The last instruction for each destination is not validated."),
        _ALONE,
    ),
    _fault(
        "sub-batches-overlap",
        "batch.accounts-asked-once",
        "G10/sub-batches",
        N_("The first instruction of a batch is in the part for every destination."),
        _ALONE,
    ),
    _fault(
        "destination-of-first",
        "batch.asked-at-their-bank",
        "G10/sub-batches",
        N_("Each part of a batch names the bank of the batch's first payee."),
        _ALONE,
    ),
    _fault(
        "invalid-accounts-paid",
        "batch.invalid-account-unpaid",
        "G10/invalid-accounts",
        N_("What the bank says of accounts is logged, and all are paid."),
        _ALONE,
    ),
    _fault(
        "invalid-account-sinks-batch",
        "batch.rest-paid",
        "G10/invalid-accounts",
        N_("One invalid account fails the whole batch."),
        _ALONE,
    ),
    _fault(
        "unknown-payee-paid",
        "batch.unknown-payee-unpaid",
        "G11/unknown-payee",
        N_("A payee who is not registered is paid to an account that is named like their identity."),
        _ALONE,
    ),
    _fault(
        "unknown-payee-sinks-batch",
        "batch.rest-paid",
        "G11/unknown-payee",
        N_("A batch with one payee who is not registered is refused."),
        _ALONE,
    ),
)

_CURRENCIES = (
    _fault(
        "converted-to-home-currency",
        "batch.money-unchanged",
        "G12/no-conversion",
        N_("Payments in foreign currencies are converted when they are taken over."),
        "GovStack Payments 5.1.10, 5.1.12",
    ),
    _fault(
        "currencies-summed",
        "batch.currencies-apart",
        "G12/currencies-apart",
        N_("The status update of a batch adds its currencies up."),
        "GovStack Payments 5.1.16",
    ),
    _fault(
        "authorised-across-currencies",
        "batch.currencies-apart",
        "G12/currencies-apart",
        N_("The bank is asked once for the sum of all currencies of a batch."),
        "GovStack Payments 5.1.16",
    ),
    _fault(
        "amounts-rounded",
        "batch.minor-units",
        "G12/minor-units",
        N_("Amounts are rounded to the decimals of their currency, and paid."),
        _MONEY,
    ),
    _fault(
        "amount-sign-unchecked",
        "batch.amount-above-zero",
        "G12/amount-above-zero",
        N_("Amounts of zero and below are paid."),
        _MONEY,
    ),
    _fault(
        "currency-unchecked",
        "batch.currency-known",
        "G12/currency-code",
        N_("A currency is any text of up to three characters."),
        _MONEY,
    ),
)

_GAPS = (
    _fault(
        "required-not-checked",
        "request.incomplete-refused",
        "G14/*",
        N_(
            "Whether a request is complete is not checked: what it lacks is made up, or brings the product down."
        ),
        _WHOLE,
    ),
    _fault(
        "refused-and-done",
        "request.incomplete-does-nothing",
        "G14/*",
        N_("A request is checked after it was carried out: it is refused and done."),
        _WHOLE,
    ),
    _fault(
        "refusal-names-nothing",
        "request.incomplete-named",
        "G14/*",
        N_("Every refusal says that the request is not valid, and nothing else."),
        "govstack-cfr-data#req-5",
    ),
)

BATCH_FAULTS: tuple[Fault, ...] = (
    *_TOTALS,
    *_PAGES,
    *_REPEATS,
    *_APPROVALS,
    *_PARTS,
    *_CURRENCIES,
    *_GAPS,
)
