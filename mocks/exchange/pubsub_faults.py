"""Faults of event types, events and subscriptions (properties P1 to P4 and P9 to P11)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["PUBSUB_FAULTS"]

_API = "GovStack Information Mediator API"
_TYPES = f"{_API} (createEventType, deleteEventType)"
_PUBLISH = f"{_API} (publishEvent)"
_SUBSCRIBE = f"{_API} (addSub, patchSub, deleteSub)"
_WITHDRAW = f"{_API} (deleteEvent)"
_ALL = "GovStack IM 6.5"

_EVENT_TYPES = (
    suite_fault(
        "event-type-created-again",
        "event-type.once",
        "P1/*",
        N_(
            "An event type that is there is created again: its schema is another one, its subscribers are gone."
        ),
        _TYPES,
    ),
    suite_fault(
        "schema-shown-in-part",
        "event-type.schema-equal",
        "P1/*",
        N_("The schema of an event type is shown without what it requires."),
        _TYPES,
    ),
    suite_fault(
        "listed-with-subscribers-only",
        "event-type.listed",
        "P1/*",
        N_(
            "The list of event types is joined with the subscriptions: a type that nobody has yet is not in it."
        ),
        _TYPES,
    ),
    suite_fault(
        "event-type-deletion-without-effect",
        "event-type.gone",
        "P1/*",
        N_("The deletion of an event type ends its subscriptions, and the type itself stays."),
        _TYPES,
    ),
    suite_fault(
        "absent-type-deleted",
        "event-type.deleted-once",
        "P1/*",
        N_("The deletion of an event type that is not there is acknowledged."),
        _TYPES,
    ),
)

_EVENTS = (
    suite_fault(
        "schema-not-checked",
        "event.schema-checked",
        "P2/*",
        N_("Events are not held against the schema of their type."),
        _PUBLISH,
    ),
    suite_fault(
        "schema-checked-at-the-top",
        "event.schema-checked",
        "P2/invalid-within/*",
        N_("Of a schema the types of the outermost members are checked, and nothing within them."),
        _PUBLISH,
    ),
    suite_fault(
        "schema-references-not-followed",
        "event.schema-checked",
        "P2/invalid-within/reference",
        N_("What a schema only refers to is not checked."),
        _PUBLISH,
    ),
    suite_fault(
        "event-id-of-payload",
        "event.id-fresh",
        "P2/*",
        N_("The identifier of an event is made of its payload: two events of the same kind are one."),
        _PUBLISH,
    ),
    suite_fault(
        "unknown-type-made-up",
        "event.unknown-type-refused",
        "P2/*",
        N_("An event of an unknown type creates the type."),
        _PUBLISH,
    ),
    suite_fault(
        "refused-event-delivered",
        "event.refused-not-delivered",
        "P2/*",
        N_("An event is queued before it is validated, and stays there when it is refused."),
        _PUBLISH,
    ),
    suite_fault(
        "latest-event-read",
        "event.shown",
        "P2/*",
        N_("Whoever reads an event gets the latest of its type."),
        f"{_API} (getStatus)",
    ),
    suite_fault(
        "numbers-read-as-floats",
        "event.payload-unchanged",
        "P4/payload/*",
        N_("Payloads are read with numbers of 53 bits: the last digits of long identifiers are others."),
        _ALL,
    ),
    suite_fault(
        "texts-tidied",
        "event.payload-unchanged",
        "P4/payload/texts-as-typed",
        N_("Texts in payloads are composed and stripped of outer white space."),
        _ALL,
    ),
    suite_fault(
        "empty-members-dropped",
        "event.payload-unchanged",
        "P11/payload/*",
        N_("Payloads are written anew without what is empty: a cleared field does not show."),
        _ALL,
    ),
    suite_fault(
        "withdrawn-event-delivered",
        "event.withdrawn",
        "P10/*",
        N_("An event that was withdrawn stays in the queues."),
        _WITHDRAW,
    ),
    suite_fault(
        "withdrawn-event-still-read",
        "event.withdrawn-gone",
        "P10/*",
        N_("An event that was withdrawn is shown as before."),
        _WITHDRAW,
    ),
)

_SUBSCRIPTIONS = (
    suite_fault(
        "subscribed-twice",
        "subscription.once",
        "P3/*",
        N_("A second subscription to the same event type takes the place of the first, with its queue."),
        _SUBSCRIBE,
    ),
    suite_fault(
        "pushed-subscriptions-not-listed",
        "subscription.shown",
        "P3/*",
        N_("The list of subscriptions has those by pull only."),
        f"{_API} (listSub)",
    ),
    suite_fault(
        "pull-by-default",
        "subscription.push-by-default",
        "P3/*",
        N_("A subscription that names no way of delivery is one by pull."),
        _SUBSCRIBE,
    ),
    suite_fault(
        "change-without-effect",
        "subscription.changed",
        "P3/*",
        N_("A change of a subscription is acknowledged, and nothing is written."),
        _SUBSCRIBE,
    ),
    suite_fault(
        "way-of-delivery-kept",
        "subscription.changed-in-effect",
        "P3/*",
        N_("Of a change of a subscription the options are written, and the way of delivery is not."),
        _SUBSCRIBE,
    ),
    suite_fault(
        "absent-subscription-ended",
        "subscription.ended-shown",
        "P3/*",
        N_("The end of a subscription that is not there is acknowledged."),
        _SUBSCRIBE,
    ),
    suite_fault(
        "pushed-after-unsubscribing",
        "subscription.ended",
        "P9/*",
        N_("A subscription that was ended disappears from the list, and its events go on to be pushed."),
        _SUBSCRIBE,
    ),
    suite_fault(
        "pulled-after-unsubscribing",
        "subscription.ended",
        "P9/*",
        N_("The end of a subscription by pull is acknowledged, and its queue is handed out as before."),
        _SUBSCRIBE,
    ),
)

PUBSUB_FAULTS: tuple[Fault, ...] = (*_EVENT_TYPES, *_EVENTS, *_SUBSCRIPTIONS)
