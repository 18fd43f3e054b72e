"""Faults of the account mapper (properties G1–G5, G14, G15)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["ACCOUNT_FAULTS"]

_S = "payments/suite"
_REGISTRATION = "GovStack Payments 8.1.2, 9.1.1"
_UPDATE = "GovStack Payments 8.1.3"


_WHOLE = {"accounts.partial-failure": "whole"}


def _fault(name: str, check: str, cases: str, summary: str, clause: str, **declares: str) -> Fault:
    return Fault(
        name=name, check=check, cases=f"{_S}/{cases}", summary=summary, clause=clause, declares=declares
    )


_LOOKUPS = (
    _fault(
        "modality-lost",
        "account.found-as-registered",
        "G1/registered-and-looked-up",
        N_("The mapper keeps addresses only; every lookup says that the beneficiary has a bank account."),
        "GovStack Payments 6.3, 7.1.1",
    ),
    _fault(
        "bulk-lookup-repeats",
        "account.each-asked-for-once",
        "G1/several-looked-up",
        N_(
            "In a lookup of several, an identity that is not registered is given the entry of the one before."
        ),
        "GovStack Payments 8.1 (BulkAccountLookup)",
    ),
    _fault(
        "address-in-latin-1",
        "account.text-unharmed",
        "G1/address-in-other-scripts",
        N_("Addresses lie in a column of Latin-1: other scripts become question marks."),
        "govstack-cfr-data#req-1",
    ),
    _fault(
        "lookup-enters",
        "account.lookup-changes-nothing",
        "G15/lookups-change-nothing",
        N_("A lookup of somebody unknown leaves an empty entry behind, which blocks their registration."),
        "govstack-cfr-architecture#req-5",
    ),
)

_REGISTRATIONS = (
    _fault(
        "re-registration-not-reported",
        "account.registered-once",
        "G2/registered-twice",
        N_("A second registration of the same beneficiary is passed over in silence."),
        "GovStack Payments 9.1.1 step 8",
    ),
    _fault(
        "registration-race",
        "account.registered-once",
        "G2/registered-at-once",
        N_("Whether somebody is registered is looked up first: of registrations at once the last one wins."),
        "GovStack Payments 9.1.1 step 8; CWE-367",
    ),
    _fault(
        "re-registration-overwrites",
        "account.second-registration-changes-nothing",
        "G2/registered-twice",
        N_("A second registration is reported as failed, and has replaced the address all the same."),
        "GovStack Payments 9.1.1 step 8",
    ),
    _fault(
        "institution-not-in-key",
        "account.scoped-by-institution",
        "G2/two-institutions",
        N_("Entries are kept by payeeIdentity alone, whichever institution registered them."),
        _REGISTRATION,
    ),
    _fault(
        "unknown-modality-entered",
        "account.modality-known",
        "G5/unknown-modality",
        N_("The modality of a registration is stored as it comes."),
        "GovStack Payments 7.1.1",
    ),
)

_UPDATES = (
    _fault(
        "update-not-written",
        "account.update-shown",
        "G3/updated-and-looked-up",
        N_("An update is reported as done and is lost: the transaction is never committed."),
        _UPDATE,
    ),
    _fault(
        "update-by-address",
        "account.update-touches-its-own",
        "G3/updated-and-looked-up",
        N_("An update changes every entry that had the same address."),
        _UPDATE,
    ),
    _fault(
        "unknown-update-not-reported",
        "account.update-of-unknown-fails",
        "G3/unknown-updated",
        N_("An update of somebody unknown changes no row, and nobody looks how many rows it changed."),
        _UPDATE,
    ),
    _fault(
        "update-inserts",
        "account.update-creates-nothing",
        "G3/unknown-updated",
        N_("An update of somebody unknown registers them."),
        _UPDATE,
    ),
    _fault(
        "bank-code-dropped",
        "account.bank-code-shown",
        "G5/bank-code",
        N_("The bank's code of an update is not stored."),
        "GovStack Payments 7.1.1, 8.1.3",
    ),
)

_OUTCOMES = (
    _fault(
        "registration-failures-miscounted",
        "account.failed-cases-counted",
        "G4/partial-*",
        N_("numberFailedCases counts all beneficiaries of the request as soon as one fails."),
        _REGISTRATION,
    ),
    _fault(
        "registration-failures-pile-up",
        "account.failed-cases-requested",
        "G4/partial-*",
        N_("The list of failed cases is never emptied: each outcome also has those of the requests before."),
        _REGISTRATION,
    ),
    _fault(
        "registration-failures-lost",
        "account.failed-case-named",
        "G4/partial-*",
        N_("The outcome of a request in which some succeed has no failed cases."),
        _REGISTRATION,
    ),
    _fault(
        "registration-refused-whole",
        "account.good-ones-registered",
        "G4/partial-failure",
        N_("A registration is refused for one beneficiary who is registered already."),
        _REGISTRATION,
    ),
    _fault(
        "registration-refused-and-entered",
        "account.refused-enters-nobody",
        "G4/partial-failure",
        N_("A registration is refused for one beneficiary, and the others of it are entered all the same."),
        _REGISTRATION,
        **_WHOLE,
    ),
    _fault(
        "update-refused-and-made",
        "account.refused-changes-nobody",
        "G4/partial-update",
        N_("An update is refused for one beneficiary, and the others of it are changed all the same."),
        _UPDATE,
        **_WHOLE,
    ),
    _fault(
        "one-bad-sinks-registration",
        "account.good-ones-registered",
        "G4/partial-failure",
        N_("A registration is one transaction: for one beneficiary that fails all are rolled back."),
        _REGISTRATION,
    ),
    _fault(
        "one-bad-sinks-update",
        "account.good-ones-updated",
        "G4/partial-update",
        N_("An update ends at the first beneficiary that is not registered."),
        _UPDATE,
    ),
    _fault(
        "outcome-per-beneficiary",
        "account.one-outcome",
        "G4/one-outcome",
        N_("A registration is answered with one callback for each beneficiary."),
        _REGISTRATION,
    ),
    _fault(
        "outcome-without-request",
        "account.outcome-names-request",
        "G4/one-outcome",
        N_("registerRequestID is the callback's own identifier."),
        _REGISTRATION,
    ),
)

_SEQUENCE = (
    _fault(
        "re-registration-undoes-update",
        "account.lookup-agrees",
        "G15/any-sequence",
        N_(
            "A second registration is reported as failed, and leaves the account of the first one in force again: what "
            "was updated since is lost."
        ),
        _REGISTRATION,
    ),
)

ACCOUNT_FAULTS: tuple[Fault, ...] = (*_LOOKUPS, *_REGISTRATIONS, *_UPDATES, *_OUTCOMES, *_SEQUENCE)
