"""Faults in the life of vouchers (properties V1–V13)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["VOUCHER_FAULTS"]


def _fault(name: str, check: str, case: str, summary: str, clause: str) -> Fault:
    return Fault(name=name, check=check, cases=f"payments/suite/{case}", summary=summary, clause=clause)


_CREATION = (
    _fault(
        "last-instruction-lost",
        "voucher.one-for-each-instruction",
        "V1/each-instruction-its-voucher",
        N_("The last instruction of an order gets no voucher: a loop ends one too early."),
        "GovStack Payments 8.2.1",
    ),
    _fault(
        "amount-rounded",
        "voucher.as-ordered",
        "V1/each-instruction-its-voucher",
        N_("Amounts are kept as whole numbers: cents are lost."),
        "GovStack Payments 8.2.1",
    ),
    _fault(
        "number-withheld",
        "voucher.handed-over-whole",
        "V1/each-instruction-its-voucher",
        N_("Vouchers are handed over without their voucher number."),
        "GovStack Payments 6.2.2",
    ),
    _fault(
        "order-forgotten",
        "voucher.order-named",
        "V1/each-instruction-its-voucher",
        N_("The callback on an order carries identifiers of the product's own instead of the order's."),
        "GovStack Payments 8.2.1",
    ),
    _fault(
        "serials-by-currency",
        "voucher.serial-unique",
        "V2/serials-unique",
        N_("Each currency has its own sequence of serial numbers."),
        "GovStack Payments 6.2.1",
    ),
    _fault(
        "numbers-count-up",
        "voucher.number-unguessable",
        "V2/numbers-unguessable",
        N_("Voucher numbers are counted up."),
        "GovStack Payments 5.3.2; CWE-330",
    ),
    _fault(
        "numbers-repeat",
        "voucher.number-unique",
        "V2/numbers-unguessable",
        N_("Voucher numbers are drawn from a thousand, and not compared with those that exist."),
        "GovStack Payments 5.3.2",
    ),
    _fault(
        "number-from-serial",
        "voucher.number-not-serial",
        "V2/numbers-unguessable",
        N_("The voucher number is made from the serial number."),
        "GovStack Payments 5.3.2; CWE-330",
    ),
    _fault(
        "number-in-status",
        "voucher.number-secret",
        "V2/number-stays-secret",
        N_("The status answer is the whole database row, with the voucher number."),
        "GovStack Payments 6.2.5; CWE-200",
    ),
    _fault(
        "no-expiry",
        "voucher.expiry-given",
        "V3/expiry-given",
        N_("Vouchers are created without an expiry."),
        "GovStack Payments 6.2.1",
    ),
    _fault(
        "expiry-at-random",
        "voucher.expiry-alike",
        "V3/expiry-given",
        N_("The vouchers of one programme are good for different times."),
        "GovStack Payments 6.2.1",
    ),
    _fault(
        "life-from-creation",
        "voucher.life-from-activation",
        "V3/life-from-activation",
        N_("The life of a voucher is counted from its creation."),
        "GovStack Payments 6.2.1",
    ),
)
_ACTIVATION = (
    _fault(
        "activation-extends",
        "voucher.life-not-extended",
        "V5/second-activation-extends-nothing",
        N_("Each activation sets the moment of expiry anew."),
        "GovStack Payments 6.2.1",
    ),
    _fault(
        "activation-refills",
        "voucher.activation-once",
        "V5/activation-of-a-redeemed-voucher",
        N_("The activation does not look at the state: a redeemed voucher is good again."),
        "GovStack Payments 8.2.2",
    ),
    _fault(
        "activation-renews",
        "voucher.expired-not-renewed",
        "V9/expired-not-redeemable",
        N_("The activation of an expired voucher starts a new life."),
        "GovStack Payments 6.2.1",
    ),
    _fault(
        "activation-unshown",
        "voucher.activation-shown",
        "V5/activation-makes-usable",
        N_("The status number of an active voucher is still that of one that is not."),
        "GovStack Payments 8.2.2, 8.2.4",
    ),
    _fault(
        "one-unknown-stops-all",
        "voucher.others-go-on",
        "V5/partial-failure",
        N_("One unknown serial number rolls the whole activation back, and only that one is reported."),
        "GovStack Payments 8.2.2 b",
    ),
    _fault(
        "failed-cases-lost",
        "voucher.failed-case-named",
        "V[58]/*",
        N_("The list of failed vouchers is always empty."),
        "GovStack Payments 8.2.2 b, 8.2.5",
    ),
    _fault(
        "failed-cases-miscounted",
        "voucher.failed-cases-counted",
        "V5/partial-failure",
        N_("The number of failed vouchers is the number of all."),
        "GovStack Payments 8.2.2 b",
    ),
    _fault(
        "outcome-forgets-request",
        "voucher.outcome-named",
        "V5/partial-failure",
        N_("The outcome of an order carries an identifier that nobody knows."),
        "GovStack Payments 8.2.2 b",
    ),
)
_REDEMPTION = (
    _fault(
        "redeemed-before-activation",
        "voucher.not-before-activation",
        "V4/*",
        N_("A voucher can be redeemed as soon as it exists."),
        "GovStack Payments 6.1",
    ),
    _fault(
        "redemption-race",
        "voucher.spent-once",
        "V6/simultaneous-redemptions",
        N_(
            "A voucher is looked up, and marked as consumed a moment later: what comes in between is paid too."
        ),
        "GovStack Payments 8.2.3; CWE-367",
    ),
    _fault(
        "redeemed-again",
        "voucher.spent-once",
        "V6/second-redemption",
        N_("A redeemed voucher is paid out again: consumed vouchers are not refused."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "spent-shown-active",
        "voucher.spent-shown",
        "V6/second-redemption",
        N_("The status of a redeemed voucher is still active."),
        "GovStack Payments 6.2.3, 8.2.4",
    ),
    _fault(
        "redeemed-in-part",
        "voucher.whole-amount",
        "V6/whole-amount",
        N_("Half of a voucher is paid out, and all of it is used up."),
        "GovStack Payments 9.2.3",
    ),
    _fault(
        "redemption-names-another",
        "voucher.redemption-names-voucher",
        "V6/whole-amount",
        N_("The answer to a redemption names the serial number of the redemption before."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "any-secret",
        "voucher.secret-checked",
        "V7/wrong-secret",
        N_("The secret is not looked at: the serial number is enough."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "wrong-secret-consumes",
        "voucher.refusal-changes-nothing",
        "V7/wrong-secret",
        N_("A voucher that is presented with a wrong secret is used up."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "secret-of-another",
        "voucher.secret-of-its-own",
        "V7/secret-of-another-voucher",
        N_("The secret is looked for among those of all vouchers."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "serial-not-checked",
        "voucher.serial-checked",
        "V7/unknown-serial",
        N_("A voucher is found by its secret alone; the serial number does not matter."),
        "GovStack Payments 8.2.3",
    ),
    _fault(
        "guessing-unlimited",
        "voucher.guessing-limited",
        "V7/guessing-limited",
        N_("Wrong secrets are not counted."),
        "GovStack Payments 5.3.2; CWE-307",
    ),
    _fault(
        "expired-redeemed",
        "voucher.expired-refused",
        "V9/*",
        N_("An expired voucher is paid out."),
        "GovStack Payments 6.2.1",
    ),
    _fault(
        "expired-shown-active",
        "voucher.expired-shown",
        "V9/*",
        N_("The status of an expired voucher is still active: a nightly job sets it."),
        "GovStack Payments 6.2.1, 8.2.4",
    ),
    _fault(
        "group-ignored",
        "voucher.group-kept",
        "V10/*",
        N_("The group of a voucher is stored and not looked at."),
        "GovStack Payments 9.2.1, 9.2.3",
    ),
)
_CANCELLATION = (
    _fault(
        "activation-revives",
        "voucher.cancelled-stays",
        "V8/cancelled-when-active",
        N_("The activation of a cancelled voucher makes it good again."),
        "GovStack Payments 8.2.5",
    ),
    _fault(
        "cancelled-redeemed",
        "voucher.cancelled-unusable",
        "V8/cancelled-*",
        N_("A cancelled voucher is paid out."),
        "GovStack Payments 8.2.5",
    ),
    _fault(
        "cancelled-is-six",
        "voucher.cancelled-is-3",
        "V8/cancelled-*",
        N_("The status number of a cancelled voucher is another than the published one."),
        "GovStack Payments 8.2.5",
    ),
    _fault(
        "second-cancellation-silent",
        "voucher.second-cancellation-told",
        "V8/cancelled-twice",
        N_("A second cancellation is reported like the first."),
        "GovStack Payments 9.2.4",
    ),
    _fault(
        "spent-cancelled",
        "voucher.spent-stays",
        "V8/cancelled-after-redemption",
        N_("A redeemed voucher can be cancelled."),
        "GovStack Payments 8.2.5, 9.2.4",
    ),
    _fault(
        "cancellation-race",
        "voucher.cancelled-or-spent",
        "V8/cancelled-while-redeemed",
        N_("A cancellation is decided, and written a moment later over whatever has happened since."),
        "GovStack Payments 8.2.5; CWE-367",
    ),
)
_STATUS = (
    _fault(
        "reading-consumes",
        "voucher.reading-changes-nothing",
        "V11/reading-changes-nothing",
        N_("The status is read through the look-up of a redemption, which uses an active voucher up."),
        "GovStack Payments 8.2.4",
    ),
    _fault(
        "spent-is-worth-nothing",
        "voucher.value-constant",
        "V11/value-constant",
        N_("The value of a redeemed voucher is 0."),
        "GovStack Payments 6.2.1, 8.2.4",
    ),
    _fault(
        "unknown-serial-breaks",
        "voucher.unknown-refused",
        "V11/unknown-serial",
        N_("The status of an unknown voucher ends in a server error."),
        "GovStack Payments 8.2.4",
    ),
    _fault(
        "spent-shown-cancelled",
        "voucher.states-told-apart",
        "V11/states-told-apart",
        N_("A redeemed voucher has the status number of a cancelled one: both are only “closed”."),
        "GovStack Payments 8.2.4",
    ),
    _fault(
        "states-counted-from-zero",
        "voucher.status-in-range",
        "V11/states-told-apart",
        N_("Status numbers begin with 0."),
        "GovStack Payments 8.2.4",
    ),
    _fault(
        "states-exchanged",
        "voucher.status-as-declared",
        "V11/status-follows-life",
        N_("The status numbers of pre-activated and active are exchanged against what is declared."),
        "GovStack Payments 8.2.4",
    ),
)
_BILLS = (
    _fault(
        "voucher-bill-refused",
        "voucher-bill.served",
        "V13/pays-and-consumes",
        N_("Every payment of a bill with a voucher is refused, whatever the voucher is worth."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-rejected",
        "voucher-bill.marked",
        "V13/pays-and-consumes",
        N_("Every payment of a bill with a voucher is taken in and then rejected."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-not-marked",
        "voucher-bill.marked",
        "V13/pays-and-consumes",
        N_("A bill that is paid with a voucher is not reported to the biller."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-keeps-voucher",
        "voucher-bill.consumes",
        "V13/pays-and-consumes",
        N_("A voucher that pays a bill is not used up."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-race",
        "voucher-bill.spent-once",
        "V13/one-voucher-one-bill",
        N_("A voucher is used up a moment after it has paid a bill: what comes in between is paid too."),
        "GovStack Payments 9.3.6; CWE-367",
    ),
    _fault(
        "voucher-bill-rejected-in-silence",
        "voucher-bill.outcome-told",
        "V13/outcome-told",
        N_("The payer's institution is not told of a voucher that is not good for a bill."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-keeps-change",
        "voucher-bill.equal-amounts",
        "V13/other-amount",
        N_("A voucher pays each bill up to its amount, and the rest is lost."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-payer-says",
        "voucher-bill.biller-says",
        "V13/amount-of-the-biller",
        N_("The bill's amount is taken from the payer's request."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-any-state",
        "voucher-bill.active-only",
        "V13/active-only",
        N_("A voucher pays a bill whatever state it is in."),
        "GovStack Payments 9.3.6, 6.1",
    ),
    _fault(
        "voucher-bill-without-proof",
        "voucher-bill.proof-checked",
        "V13/proof-checked",
        N_("The hash of the secret is stored and not looked at."),
        "GovStack Payments 9.3.6",
    ),
    _fault(
        "voucher-bill-consumes-again",
        "voucher-bill.refused-keeps-voucher",
        "V13/bill-paid-already",
        N_("A voucher is used up before it is seen that the bill is paid already."),
        "GovStack Payments 9.3.6",
    ),
)

_SEQUENCE = (
    _fault(
        "stale-reading",
        "voucher.spent-once",
        "V12/any-sequence",
        N_(
            "Redemption trusts what the last status query left in a cache: a voucher that was read while it was active "
            "is paid out although it was cancelled since."
        ),
        "GovStack Payments 8.2.3, 8.2.5",
    ),
)

VOUCHER_FAULTS: tuple[Fault, ...] = (
    *_CREATION,
    *_ACTIVATION,
    *_REDEMPTION,
    *_CANCELLATION,
    *_STATUS,
    *_BILLS,
    *_SEQUENCE,
)
