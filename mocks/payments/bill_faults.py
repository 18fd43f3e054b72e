"""Faults in bills, their payment, and what the parties are told (properties B1–B4, B7, B8)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["BILL_FAULTS"]

_S = "payments/suite"

BILL_FAULTS: tuple[Fault, ...] = (
    Fault(
        name="biller-not-asked",
        check="bill.biller-asked",
        cases=f"{_S}/B1/answer-passed-on",
        summary=N_("An inquiry is acknowledged and never handed on to the biller."),
        clause="GovStack Payments 8.3.1",
    ),
    Fault(
        name="bill-answer-kept-back",
        check="bill.inquiry-answered",
        cases=f"{_S}/B1/answer-passed-on",
        summary=N_("The biller's answer is stored and not passed on to the payer's institution."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-answer-under-own-id",
        check="bill.inquiry-identified",
        cases=f"{_S}/B1/answer-passed-on",
        summary=N_(
            "The answer to an inquiry carries an identifier of the product's own instead of the inquiry's."
        ),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-fee-added",
        check="bill.details-unchanged",
        cases=f"{_S}/B1/answer-passed-on",
        summary=N_("The product adds its fee to the amount that the biller names."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="due-date-by-local-clock",
        check="bill.due-date-kept",
        cases=f"{_S}/B1/due-date",
        summary=N_("The due date is read in the server's local time, although it says UTC."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-text-to-ascii",
        check="bill.text-unchanged",
        cases=f"{_S}/B1/text-in-any-script",
        summary=N_("A bill's text goes through a column that holds ASCII only."),
        clause="GovStack Payments 8.3.2; RFC 8259, 8.1",
    ),
    Fault(
        name="bill-not-found-as-found",
        check="bill.finding-kept",
        cases=f"{_S}/B1/bill-not-found",
        summary=N_("Any answer of the biller counts as found, whatever its code."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-answer-passed-on-twice",
        check="bill.inquiry-answered-once",
        cases=f"{_S}/B1/answered-twice",
        summary=N_("Each answer of the biller is passed on, those that it repeats too."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-answer-made-up",
        check="bill.answer-not-invented",
        cases=f"{_S}/B1/late-answer",
        summary=N_("While the biller thinks, the payer's institution is told that the bill was found."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="silent-biller-forgotten",
        check="bill.silence-told",
        cases=f"{_S}/B1/silent-biller",
        summary=N_("An inquiry waits for the biller without an end."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-answer-to-last-payer",
        check="bill.answer-to-its-payer",
        cases=f"{_S}/B1/each-payer-its-answer",
        summary=N_("The address of the answer is kept with the bill: the last to ask gets all answers."),
        clause="GovStack Payments 8.3.2; CWE-200",
    ),
    Fault(
        name="unknown-prefix-in-silence",
        check="bill.unknown-told",
        cases=f"{_S}/B2/unknown-prefix",
        summary=N_("An inquiry for a bill of no biller is dropped without a word."),
        clause="GovStack Payments 9.3.3.1",
    ),
    Fault(
        name="unknown-prefix-forwarded",
        check="bill.unknown-not-asked",
        cases=f"{_S}/B2/unknown-prefix",
        summary=N_("A bill whose prefix belongs to no biller is asked for at the first biller in the list."),
        clause="GovStack Payments 9.3.3.1",
    ),
    Fault(
        name="payment-without-inquiry",
        check="bill.inquired-before-payment",
        cases=f"{_S}/B3/unknown-inquiry",
        summary=N_("The inquiry that a payment names is not looked up."),
        clause="GovStack Payments 8.3.3, 9.3.3",
    ),
    Fault(
        name="payment-by-any-inquiry",
        check="bill.inquired-before-payment",
        cases=f"{_S}/B3/bill-not-inquired",
        summary=N_("The inquiry that a payment names has to exist, for whichever bill."),
        clause="GovStack Payments 8.3.3, 9.3.3",
    ),
    Fault(
        name="payment-of-bill-not-found",
        check="bill.inquired-before-payment",
        cases=f"{_S}/B3/bill-not-found",
        summary=N_("A bill can be paid once it was asked for, also if the biller does not have it."),
        clause="GovStack Payments 8.3.3, 9.3.3",
    ),
    Fault(
        name="refused-payment-in-silence",
        check="bill.refusal-told",
        cases=f"{_S}/B3/unknown-inquiry",
        summary=N_("A payment that is not carried out is dropped without a word."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="valid-payment-refused",
        check="bill.payment-taken-in",
        cases=f"{_S}/B4/marked-and-confirmed",
        summary=N_("Each payment is refused as if its inquiry had found nothing."),
        clause="GovStack Payments 8.3.3, 9.3.3",
    ),
    Fault(
        name="mark-not-sent",
        check="bill.marked-paid",
        cases=f"{_S}/B4/marked-and-confirmed",
        summary=N_("A payment is booked, and the biller is not asked to mark the bill."),
        clause="GovStack Payments 8.3.3, 9.3.3",
    ),
    Fault(
        name="mark-without-reference",
        check="bill.mark-names-payment",
        cases=f"{_S}/B4/marked-and-confirmed",
        summary=N_(
            "The biller is given the identifier of the request in the place of the payment's reference."
        ),
        clause="GovStack Payments 8.3.3",
    ),
    Fault(
        name="mark-not-repeated",
        check="bill.mark-repeated",
        cases=f"{_S}/B4/repeated-until-answered",
        summary=N_("The biller's receipt (202) is taken for its answer: it is not asked again."),
        clause="GovStack Payments 9.3.3",
    ),
    Fault(
        name="mark-tried-once",
        check="bill.mark-repeated",
        cases=f"{_S}/B4/repeated-after-*",
        summary=N_(
            "A request to the biller that fails is logged and forgotten: nothing is kept to be sent again."
        ),
        clause="GovStack Payments 9.3.3",
    ),
    Fault(
        name="mark-repeated-with-new-id",
        check="bill.mark-same-id",
        cases=f"{_S}/B4/repeated-until-answered",
        summary=N_("A repeated request to mark a bill is a new request with an identifier of its own."),
        clause="GovStack Payments 9.3.3",
    ),
    Fault(
        name="mark-goes-on",
        check="bill.mark-stops",
        cases=f"{_S}/B4/stops-after-answer",
        summary=N_("The biller is asked again although it has acknowledged."),
        clause="GovStack Payments 9.3.3",
    ),
    Fault(
        name="outcome-kept-back",
        check="bill.outcome-told",
        cases=f"{_S}/B4/marked-and-confirmed",
        summary=N_("The biller's word is stored and not told to the payer's institution."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="outcome-under-own-id",
        check="bill.outcome-identified",
        cases=f"{_S}/B4/marked-and-confirmed",
        summary=N_(
            "The outcome carries the identifier of the request to the biller instead of the payment's."
        ),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="rejection-as-ack",
        check="bill.outcome-kept",
        cases=f"{_S}/B4/rejected",
        summary=N_("Each word of the biller is told as ACK."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="reject-reason-lost",
        check="bill.reject-reason-kept",
        cases=f"{_S}/B4/rejected",
        summary=N_("The reason of a rejection is always told as Und."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="outcome-told-twice",
        check="bill.outcome-once",
        cases=f"{_S}/B4/answered-twice",
        summary=N_("Each word of the biller on one payment is told, those that it repeats too."),
        clause="GovStack Payments 8.3.4, 9.3.3",
    ),
    Fault(
        name="outcome-before-biller",
        check="bill.outcome-not-invented",
        cases=f"{_S}/B4/silent-biller",
        summary=N_("A payment is acknowledged before the biller has said a word."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="outcome-to-last-payer",
        check="bill.outcome-to-its-payer",
        cases=f"{_S}/B4/each-payer-its-outcome",
        summary=N_("The address of outcomes is kept once: the last to pay gets those of all."),
        clause="GovStack Payments 8.3.4; CWE-200",
    ),
    Fault(
        name="paid-bill-confirmed-again",
        check="bill.paid-once",
        cases=f"{_S}/B4/second-payment",
        summary=N_("The payment of a bill that is paid is acknowledged a second time."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="outcome-by-bill",
        check="bill.paid-once",
        cases=f"{_S}/B4/simultaneous-payments",
        summary=N_("The biller's word goes to all payments of the bill that wait for one."),
        clause="GovStack Payments 8.3.4; CWE-367",
    ),
    Fault(
        name="duplicate-called-undefined",
        check="bill.duplicate-named",
        cases=f"{_S}/B4/second-payment",
        summary=N_("A duplicate payment is rejected with the reason Und instead of Dup."),
        clause="GovStack Payments 8.3.4",
    ),
    Fault(
        name="bill-payment-race",
        check="bill.marked-once",
        cases=f"{_S}/B4/simultaneous-payments",
        summary=N_(
            "That a bill is being paid is noted a moment after the check: payments in between go to the biller too."
        ),
        clause="GovStack Payments 9.3.3; CWE-367",
    ),
    Fault(
        name="bill-amounts-swapped",
        check="bill.late-amount",
        cases=f"{_S}/B7/late-amount",
        summary=N_("The amounts until and after the due date change places."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="bill-told-from-memory",
        check="bill.paid-status",
        cases=f"{_S}/B7/paid-status",
        summary=N_("An inquiry for a known bill is answered from an earlier answer of the biller."),
        clause="GovStack Payments 8.3.2",
    ),
    Fault(
        name="correlation-lost-to-biller",
        check="bill.correlation-kept",
        cases=f"{_S}/B8/inquiry",
        summary=N_("The biller is asked under a correlation identifier of the product's own."),
        clause="govstack-cfr-architecture#req-13",
    ),
    Fault(
        name="bill-answer-without-correlation",
        check="bill.correlation-kept",
        cases=f"{_S}/B8/inquiry",
        summary=N_("The answer to an inquiry carries a correlation identifier of the product's own."),
        clause="govstack-cfr-architecture#req-13",
    ),
    Fault(
        name="mark-under-own-correlation",
        check="bill.correlation-kept",
        cases=f"{_S}/B8/payment",
        summary=N_("The biller is asked to mark a bill under a correlation identifier of the product's own."),
        clause="govstack-cfr-architecture#req-13",
    ),
)
