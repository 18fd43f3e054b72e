"""Faults in how the product calls back (properties C1–C6), and in what it asks of others."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["CALLBACK_FAULTS"]

_S = "payments/suite"
_HTTP = "RFC 9110, 15.3, 15.6"

_WHETHER_AND_WHERE: tuple[Fault, ...] = (
    Fault(
        name="callback-never",
        check="callback.arrives",
        cases=f"{_S}/C6/in-time/vouchers-created",
        summary=N_("Requests are acknowledged, and the job that sends their results does not run."),
        clause="GovStack Payments 8.2.1 b",
    ),
    Fault(
        name="callback-late",
        check="callback.in-time",
        cases=f"{_S}/C6/in-time/register-beneficiary-result",
        summary=N_("Results wait for a job that runs every few minutes."),
        clause="GovStack Payments 8.1.2 b",
    ),
    Fault(
        name="callback-early",
        check="callback.after-acknowledgement",
        cases=f"{_S}/C2/after-acknowledgement/vouchers-created",
        summary=N_("The result is sent while the request is still being handled, before it is acknowledged."),
        clause="GovStack Payments 8.2.1",
    ),
    Fault(
        name="callback-path-dropped",
        check="callback.own-address",
        cases=f"{_S}/C1/own-address/vouchers-created",
        summary=N_(
            "Of the address in X-Callback-URL only host and port are used, with a path of the product's own."
        ),
        clause="GovStack Payments 8.2.1",
    ),
    Fault(
        name="callback-address-cached",
        check="callback.own-address",
        cases=f"{_S}/C1/own-address/register-beneficiary-result",
        summary=N_("The first address that a caller ever named is kept and used for all its later requests."),
        clause="GovStack Payments 8.1.2",
    ),
    Fault(
        name="callback-for-refused",
        check="callback.none-for-refused",
        cases=f"{_S}/C5/none-for-refused/batch-status",
        summary=N_("A request is refused, and a result of it is sent all the same."),
        clause="GovStack Payments 8.1.4",
    ),
)

_HOW_OFTEN: tuple[Fault, ...] = (
    Fault(
        name="callback-flood",
        check="callback.flood",
        cases=f"{_S}/C3/settled-by-200/vouchers-created",
        summary=N_(
            "The loop that sends results never looks at the answer, and ends only after a hundred attempts."
        ),
        clause=_HTTP,
    ),
    Fault(
        name="callback-twice",
        check="callback.once",
        cases=f"{_S}/C3/settled-by-200/vouchers-created",
        summary=N_("Two workers take the same job, and each sends a result of its own."),
        clause="GovStack Payments 8.2.1 b",
    ),
    Fault(
        name="callback-resent-after-200",
        check="callback.settled-by-2xx",
        cases=f"{_S}/C3/settled-by-200/bill-inquiry-result",
        summary=N_("A result is sent again and again, whatever its receiver answers."),
        clause=_HTTP,
    ),
    Fault(
        name="callback-not-retried-on-503",
        check="callback.retried",
        cases=f"{_S}/C3/retried-after-503/vouchers-created",
        summary=N_("Any answer, also 503, counts as delivered."),
        clause=_HTTP,
    ),
    Fault(
        name="callback-not-retried-on-error",
        check="callback.retried",
        cases=f"{_S}/C3/retried-after-drop/register-beneficiary-result",
        summary=N_("An error of the connection is logged, and the result forgotten."),
        clause=_HTTP,
    ),
    Fault(
        name="callback-retried-as-new",
        check="callback.retried-unchanged",
        cases=f"{_S}/C3/retried-after-503/vouchers-activated",
        summary=N_("A result that is sent again is made again, under a new number."),
        clause="GovStack Payments 8.2.2 b",
    ),
    Fault(
        name="callbacks-one-at-a-time",
        check="callback.held-up",
        cases=f"{_S}/C3/not-held-up/vouchers-created",
        summary=N_(
            "One worker sends all results, one after the other, and waits for each receiver's answer."
        ),
        clause="GovStack Payments 8.2.1 b",
    ),
    Fault(
        name="batch-status-overtaken",
        check="callback.in-order",
        cases=f"{_S}/C2/in-order/batch-status",
        summary=N_(
            "The statuses of a batch are sent by several workers, and an old one comes after the last."
        ),
        clause="GovStack Payments 8.1.4 b",
    ),
)

_WHAT_IT_SAYS: tuple[Fault, ...] = (
    Fault(
        name="callback-correlation-lost",
        check="callback.correlation",
        cases=f"{_S}/C1/own-address/vouchers-activated",
        summary=N_("A result names the product's own number in place of its request's."),
        clause="GovStack Payments 8.2.2 b",
    ),
    Fault(
        name="callback-counts-as-text",
        check="outbound.schema",
        cases=f"{_S}/C4/valid/register-beneficiary-result",
        summary=N_("Numbers in results are written as text."),
        clause="GovStack Payments 8.1.2 b",
    ),
    Fault(
        name="failed-case-without-modality",
        check="outbound.schema",
        cases=f"{_S}/C4/valid-of-failure/register-beneficiary-result",
        summary=N_(
            "An entry of failedCases lacks a field that is required; a list without entries looks well."
        ),
        clause="GovStack Payments 8.1.2 b",
    ),
    Fault(
        name="callback-in-local-time",
        check="outbound.utc",
        cases=f"{_S}/C4/valid/batch-status",
        summary=N_("Time stamps in results are in the server's own zone."),
        clause="GovStack cross-functional requirements 2.0.0, govstack-cfr-data#req-2",
    ),
    Fault(
        name="callback-as-text",
        check="outbound.content-type",
        cases=f"{_S}/C4/valid/vouchers-created",
        summary=N_("Results are sent as text/plain, as the client's default is."),
        clause="RFC 9110, 8.3",
    ),
    Fault(
        name="callback-as-form",
        check="outbound.json",
        cases=f"{_S}/C4/valid/update-beneficiary-result",
        summary=N_("Results are sent as a form with the JSON in one field."),
        clause="GovStack Payments 8.1.3 b",
    ),
)

_MADE_WHEN: tuple[Fault, ...] = (
    Fault(
        name="callback-a-day-ahead",
        check="callback.stamped-when-made",
        cases=f"{_S}/C4/stamped-when-made/batch-status",
        summary=N_("The machine that sends results has a clock that is a day ahead."),
        clause="GovStack Payments 8.1.4 b",
    ),
)

_ASKED_OF_OTHERS: tuple[Fault, ...] = (
    Fault(
        name="callback-put",
        check="outbound.method",
        cases=f"{_S}/C4/sent-without-address/vouchers-activated",
        summary=N_("The source building block is called with PUT where POST is published."),
        clause="GovStack Payments 8.2.2 b",
    ),
    Fault(
        name="bank-not-told-where",
        check="outbound.parameter",
        cases=f"{_S}/C4/asked-as-declared/validate-accounts",
        summary=N_(
            "The bank is asked to validate accounts and is not told where to answer (X-Callback-URL)."
        ),
        clause="GovStack Payments 8.1; BulkValidateAccountRequest",
    ),
    Fault(
        name="biller-asked-elsewhere",
        check="outbound.path",
        cases=f"{_S}/C4/asked-as-declared/inquire-bill",
        summary=N_("The biller is asked for a bill under another path than the published one."),
        clause="GovStack Payments 8.3; billInquiryBillerRequest",
    ),
    Fault(
        name="biller-not-told",
        check="consumer.called",
        cases=f"{_S}/C4/asked-as-declared/mark-bill-paid",
        summary=N_("A payment is taken in, and the biller is never asked to mark the bill as paid."),
        clause="GovStack Payments 8.3.3",
    ),
    Fault(
        name="token-passed-on",
        check="outbound.credentials",
        cases=f"{_S}/C4/asked-as-declared/inquire-bill",
        summary=N_("A request's headers are passed on whole, so that the biller gets the caller's token."),
        clause="GovStack cross-functional requirements 2.0.0, govstack-cfr-security#req-3; CWE-522",
    ),
)

CALLBACK_FAULTS: tuple[Fault, ...] = (
    *_WHETHER_AND_WHERE,
    *_HOW_OFTEN,
    *_WHAT_IT_SAYS,
    *_MADE_WHEN,
    *_ASKED_OF_OTHERS,
)
