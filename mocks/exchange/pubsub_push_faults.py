"""Faults of events that are pushed (properties P7 and P11)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["PUSH_FAULTS"]

_RETRY = "GovStack IM 6.5"
_PUSH = "GovStack IM 9.2.3, 9.2.4"

PUSH_FAULTS: tuple[Fault, ...] = (
    suite_fault(
        "order-lost-on-retry",
        "event.order",
        "P7/pushed-after-failure",
        N_(
            "An event that failed goes behind those that were published later, although an order was asked for."
        ),
        "GovStack Information Mediator API (SubscriptionItem, options)",
    ),
    suite_fault(
        "push-not-retried",
        "push.retried",
        "P11/retried-*",
        N_("An event is pushed once: whoever is away at that moment never gets it."),
        _RETRY,
    ),
    suite_fault(
        "push-retried-as-new",
        "push.retried-unchanged",
        "P11/retried-*",
        N_("Each further attempt is another event, with an identifier of its own."),
        _RETRY,
    ),
    suite_fault(
        "push-repeated-after-success",
        "push.once",
        "P11/taken-once",
        N_("An event that its receiver has taken is pushed once more."),
        _PUSH,
    ),
    suite_fault(
        "push-retried-at-once",
        "push.pauses-grow",
        "P11/growing-pauses",
        N_("Further attempts follow each other at the same short distance."),
        _RETRY,
    ),
    suite_fault(
        "push-without-end",
        "push.ends",
        "P11/given-up",
        N_("An event that cannot be delivered is tried for ever."),
        _RETRY,
    ),
    suite_fault(
        "slow-subscriber-blocks-all",
        "push.not-held-up",
        "P11/not-held-up",
        N_(
            "Events are pushed one after the other, whoever they are for: one that hangs keeps all others waiting."
        ),
        _PUSH,
    ),
)
