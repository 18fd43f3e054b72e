"""Faults of the queues in which events wait for their subscribers (properties P4 to P8, P12 and P13)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["QUEUE_FAULTS"]

_API = "GovStack Information Mediator API"
_PULL = f"{_API} (pullEvent)"
_CONFIRM = f"{_API} (confirmEvent)"
_OPTIONS = f"{_API} (SubscriptionItem, options)"
_ALL = "GovStack IM 6.5"

_QUEUES = (
    suite_fault(
        "delivered-under-another-id",
        "event.id-of-publication",
        "P4/*",
        N_("Each delivery has an identifier of its own: what was published is never found again."),
        _PULL,
    ),
    suite_fault(
        "publisher-is-room",
        "event.publisher",
        "P4/*",
        N_("Events name the room as their publisher, not the application that published them."),
        _PULL,
    ),
    suite_fault(
        "empty-queue-served",
        "event.none-made-up",
        "P4/*",
        N_("Where no event waits, an empty one is handed out."),
        _PULL,
    ),
    suite_fault(
        "pull-removes",
        "event.fetched-again",
        "P5/*",
        N_("An event leaves the queue when it is fetched, and not when it is confirmed."),
        _PULL,
    ),
    suite_fault(
        "confirmation-without-effect",
        "event.confirmed-gone",
        "P5/*",
        N_("A confirmation is acknowledged, and the event waits as before."),
        _CONFIRM,
    ),
    suite_fault(
        "confirmation-drains-queue",
        "event.confirmed-alone",
        "P5/*",
        N_("To confirm one event takes all that wait from the queue."),
        _CONFIRM,
    ),
    suite_fault(
        "confirmed-again",
        "event.confirmed-once",
        "P5/confirmed-twice",
        N_("An event that was confirmed can be confirmed again."),
        _CONFIRM,
    ),
    suite_fault(
        "confirmed-twice-at-once",
        "event.confirmed-once",
        "P5/confirmed-at-once",
        N_("Between the look for an event and its removal others confirm it too."),
        _CONFIRM,
    ),
    suite_fault(
        "any-confirmation-taken",
        "event.confirm-refused",
        "P5/*",
        N_("Any identifier can be confirmed."),
        _CONFIRM,
    ),
    suite_fault(
        "confirmation-for-everybody",
        "queue.own",
        "P6/*",
        N_("What one subscriber confirms leaves everybody's queue."),
        "GovStack IM 9.2.3",
    ),
    suite_fault(
        "last-published-first",
        "event.order",
        "P7/fetched",
        N_("Of the events that wait the latest is handed out first, although an order was asked for."),
        _OPTIONS,
    ),
    suite_fault(
        "retried-after-unsubscribing",
        "subscription.ended",
        "P9/retries",
        N_("The end of a subscription does not reach the attempts that are planned already."),
        "GovStack IM API (deleteSubscription)",
    ),
    suite_fault(
        "pulled-by-anybody",
        "queue.subscribers-only",
        "P6/not-subscribed",
        N_("Whoever is not subscribed gets the event that waits for the first subscriber."),
        "GovStack IM 9.2.3",
    ),
    suite_fault(
        "confirmed-by-anybody",
        "event.confirm-refused",
        "P6/not-subscribed",
        N_("Whoever is not subscribed can confirm the event that waits for the first subscriber."),
        "GovStack IM API (confirmEvent)",
    ),
    suite_fault(
        "anothers-event-confirmed",
        "queue.own",
        "P6/own-queues",
        N_("An event that is not in the caller's queue is confirmed in whichever queue it is."),
        "GovStack IM API (confirmEvent)",
    ),
    suite_fault(
        "sequence-repeats",
        "event.sequence-rises",
        "P7/*",
        N_("The sequence number is read, raised and written by several at once: two events share one."),
        _PULL,
    ),
    suite_fault(
        "outlived-event-delivered",
        "event.outlived",
        "P8/*",
        N_("TTL is stored, and nobody looks at it."),
        _OPTIONS,
    ),
)

_EVERYBODY = (
    suite_fault(
        "second-subscriber-forgotten",
        "event.reaches-all",
        "P12/*",
        N_("An event goes to the first of its subscribers only."),
        _ALL,
    ),
    suite_fault(
        "event-lost-under-load",
        "event.reaches-all",
        "P12/many-at-once",
        N_("Each eighth event is accepted and never queued, as of a buffer that is full."),
        _ALL,
    ),
    suite_fault(
        "rooms-mixed",
        "queue.own",
        "P13/*",
        N_(
            "Queues are kept by the name of the event type: what happens in one room comes in the other one too."
        ),
        "GovStack IM 9.2.3",
    ),
    suite_fault(
        "unsubscribing-empties-all-queues",
        "event.reaches-all",
        "P13/*",
        N_("The end of one subscription empties the queues of all others to the same event type."),
        _ALL,
    ),
)

QUEUE_FAULTS: tuple[Fault, ...] = (*_QUEUES, *_EVERYBODY)
