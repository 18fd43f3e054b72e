"""Faults in requests to pay (properties B5, B6, B8)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["REQUEST_TO_PAY_FAULTS"]

_S = "payments/suite"

REQUEST_TO_PAY_FAULTS: tuple[Fault, ...] = (
    Fault(
        name="rtp-not-forwarded",
        check="rtp.put-before-payer",
        cases=f"{_S}/B5/by-institution",
        summary=N_("A request to pay is acknowledged and put before nobody."),
        clause="GovStack Payments 9.3",
    ),
    Fault(
        name="rtp-amount-in-cents",
        check="rtp.forwarded-unchanged",
        cases=f"{_S}/B5/by-institution",
        summary=N_("The payer is shown the amount in minor units, a hundred times what is asked."),
        clause="GovStack Payments 9.3; payerRtpRequest.yml",
    ),
    Fault(
        name="rtp-answer-kept-back",
        check="rtp.answer-told",
        cases=f"{_S}/B5/by-institution",
        summary=N_("The payer's answer is stored and not told to the biller."),
        clause="GovStack Payments 8.3.5",
    ),
    Fault(
        name="rtp-answer-under-own-id",
        check="rtp.answer-identified",
        cases=f"{_S}/B5/by-institution",
        summary=N_("The biller is told the payer's answer under an identifier of the product's own."),
        clause="GovStack Payments 8.3.5",
    ),
    Fault(
        name="rtp-refusal-as-consent",
        check="rtp.answer-kept",
        cases=f"{_S}/B5/refused-by-payer",
        summary=N_("A payer's refusal is told to the biller as consent."),
        clause="GovStack Payments 8.3.5",
    ),
    Fault(
        name="rtp-answer-told-twice",
        check="rtp.answer-once",
        cases=f"{_S}/B5/refused-by-payer",
        summary=N_("Each answer of the payer's institution is told, those that it repeats too."),
        clause="GovStack Payments 8.3.5",
    ),
    Fault(
        name="rtp-alias-not-supported",
        check="rtp.alias-resolved",
        cases=f"{_S}/B5/by-alias",
        summary=N_("A request to pay that names an alias is acknowledged and dropped."),
        clause="GovStack Payments 9.3; billerRtpReq.yml",
    ),
    Fault(
        name="rtp-alias-not-looked-up",
        check="rtp.put-before-nobody-else",
        cases=f"{_S}/B5/unknown-alias",
        summary=N_("Any alias is taken for a payer at the institution that comes first."),
        clause="GovStack Payments 9.3; billerRtpReq.yml",
    ),
    Fault(
        name="rtp-bic-ignored",
        check="rtp.put-before-nobody-else",
        cases=f"{_S}/B5/other-institution",
        summary=N_("Each request to pay goes to the same institution, whichever it names."),
        clause="GovStack Payments 9.3; CWE-200",
    ),
    Fault(
        name="rtp-unreached-in-silence",
        check="rtp.refusal-told",
        cases=f"{_S}/B5/unknown-alias",
        summary=N_("A request to pay that can be put before nobody is dropped without a word."),
        clause="GovStack Payments 8.3.5",
    ),
    Fault(
        name="rtp-answer-to-last-address",
        check="rtp.answer-to-its-address",
        cases=f"{_S}/B5/each-to-its-address",
        summary=N_("The biller's address is kept once: the latest request to pay gets the answers of all."),
        clause="GovStack Payments 8.3.5",
    ),
    Fault(
        name="rtp-status-kept-back",
        check="rtp.status-told",
        cases=f"{_S}/B5/status",
        summary=N_("A status inquiry is acknowledged and not answered."),
        clause="GovStack Payments 8.3.7",
    ),
    Fault(
        name="rtp-status-always-completed",
        check="rtp.status-agrees",
        cases=f"{_S}/B5/status",
        summary=N_("The status of each request to pay is COM."),
        clause="GovStack Payments 8.3.7",
    ),
    Fault(
        name="rtp-terminal-left",
        check="rtp.terminal-stays",
        cases=f"{_S}/B5/terminal-stays",
        summary=N_("A later answer of the payer's institution reopens a request to pay that was refused."),
        clause="GovStack Payments 8.3.7",
    ),
    Fault(
        name="rtp-stays-pending",
        check="rtp.completed-by-payment",
        cases=f"{_S}/B6/request-to-payment",
        summary=N_("A request to pay stays pending when its bill is paid."),
        clause="GovStack Payments 8.3.7",
    ),
    Fault(
        name="rtp-blocks-payment",
        check="bill.marked-paid",
        cases=f"{_S}/B6/request-to-payment",
        summary=N_(
            "A request to pay that was agreed to counts as the payment: the payment itself is rejected as a duplicate."
        ),
        clause="GovStack Payments 8.3.3, 9.3",
    ),
    Fault(
        name="rtp-under-own-correlation",
        check="rtp.correlation-kept",
        cases=f"{_S}/B8/request-to-pay",
        summary=N_(
            "A request to pay is put before the payer under a correlation identifier of the product's own."
        ),
        clause="govstack-cfr-architecture#req-13",
    ),
)
