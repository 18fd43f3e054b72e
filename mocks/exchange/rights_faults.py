"""Faults of access rights and their list (properties D4 to D6)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["RIGHTS_FAULTS"]

_USE = "GovStack IM 6.3, 8.6 (rights)"
_ALLOW = "GovStack IM 8.6 (setAllowed)"
_DENY = "GovStack IM 8.6 (setDenied)"
_LIST = "GovStack IM 8.6 (getAllowed)"

_ENFORCEMENT = (
    suite_fault(
        "rights-not-enforced",
        "rights.refused-without",
        "D4/*",
        N_("Rights are shown and kept, and calls are mediated whoever calls."),
        _USE,
    ),
    suite_fault(
        "rights-of-the-whole-member",
        "rights.refused-without",
        "D4/other-application*",
        N_("A right is looked up by the member: its other applications may call as well."),
        _USE,
    ),
    suite_fault(
        "denied-only-after-restart",
        "rights.deny-effective",
        "D5/*",
        N_("Rights are kept in a cache that nobody empties: who was let through once is let through."),
        _DENY,
    ),
)

_CHANGES = (
    suite_fault(
        "allow-is-not-written",
        "rights.allow-effective",
        "D5/allow",
        N_("To give a right is checked and answered, and never written."),
        _ALLOW,
    ),
    suite_fault(
        "first-right-of-an-order-only",
        "rights.allow-effective",
        "D5/allow-several",
        N_("Of an order that names several applications the first one gets its right."),
        _ALLOW,
    ),
    suite_fault(
        "allow-twice-counts-twice",
        "rights.once",
        "D5/allow-twice",
        N_("A right that is given again is a second row, and the list of rights has it twice."),
        _ALLOW,
    ),
    suite_fault(
        "allow-replaces-others",
        "rights.others-kept",
        "D5/*",
        N_("To give one application a right takes it from all others."),
        _ALLOW,
    ),
    suite_fault(
        "deny-takes-all",
        "rights.others-kept",
        "D5/*",
        N_("To take one application's right takes everybody's right to that service."),
        _DENY,
    ),
    suite_fault(
        "deny-of-absent-breaks",
        "rights.deny-harmless",
        "D5/denied-what-was-not-allowed",
        N_("To take a right that is not there ends in an unhandled exception."),
        _DENY,
    ),
)

_PAGES = (
    suite_fault(
        "page-skips-one",
        "rights.pages-whole",
        "D6/*",
        N_("The next page begins one right too late: at each turn of the page one is lost."),
        _LIST,
    ),
    suite_fault(
        "page-repeats-the-last",
        "rights.pages-without-repeats",
        "D6/*",
        N_("The next page begins with the last right of the page before."),
        _LIST,
    ),
    suite_fault(
        "page-size-ignored",
        "rights.page-size",
        "D6/*",
        N_("pageSize is not looked at: a page has a hundred rights."),
        _LIST,
    ),
    suite_fault(
        "page-counts-services",
        "rights.page-size",
        "D6/*",
        N_("pageSize counts services, each with all who may use it, and not pairs."),
        _LIST,
    ),
    suite_fault(
        "page-token-ignored",
        "rights.pages-end",
        "D6/*",
        N_("nextPageToken is not looked at: each page is the first one."),
        _LIST,
    ),
    suite_fault(
        "last-page-has-a-token",
        "rights.pages-end",
        "D6/*",
        N_("Each page that is not empty names a next one, the last one too."),
        _LIST,
    ),
    suite_fault(
        "rights-filter-ignored",
        "rights.filter-sound",
        "D6/*",
        N_("Of the filters applicationId is not looked at."),
        _LIST,
    ),
)

RIGHTS_FAULTS: tuple[Fault, ...] = (*_ENFORCEMENT, *_CHANGES, *_PAGES)
