"""Faults of the configuration and the status (properties D9 and D10)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["CONFIGURATION_FAULTS"]

_CHANGE = "GovStack IM 8.6 (updateIMconf)"
_REPLACE = "GovStack IM 8.6 (replaceIMconf)"

CONFIGURATION_FAULTS: tuple[Fault, ...] = (
    suite_fault(
        "change-wipes-the-rest",
        "configuration.rest-kept",
        "D9/*",
        N_("PATCH does what PUT does: what is not described is gone."),
        _CHANGE,
    ),
    suite_fault(
        "change-replaces-members",
        "configuration.rest-kept",
        "D9/*",
        N_("PATCH takes a member as it is described: its services that are not described are gone."),
        _CHANGE,
    ),
    suite_fault(
        "change-is-not-written",
        "configuration.change-shown",
        "D9/*",
        N_("PATCH is checked and answered, and never written."),
        _CHANGE,
    ),
    suite_fault(
        "replacing-keeps-the-rest",
        "configuration.rest-removed",
        "D9/*",
        N_("PUT does what PATCH does: what is not described stays."),
        _REPLACE,
    ),
    suite_fault(
        "replacing-again-adds",
        "configuration.put-idempotent",
        "D9/*",
        N_("The same PUT once more adds each service a second time, under another name."),
        f"{_REPLACE}; RFC 9110, 9.2.2",
    ),
    suite_fault(
        "rights-of-configuration-ignored",
        "configuration.put-as-read",
        "D9/*",
        N_("The rights in a configuration are not taken over; only the operations on rights give any."),
        _REPLACE,
    ),
    suite_fault(
        "service-address-kept",
        "configuration.change-in-force",
        "D9/*",
        N_("A changed serviceUrl is shown and not used: calls go to the address that was used first."),
        _CHANGE,
    ),
    suite_fault(
        "removed-service-still-served",
        "configuration.removal-in-force",
        "D9/*",
        N_("A service that was removed is still mediated to whoever could call it before."),
        _REPLACE,
    ),
    suite_fault(
        "yaml-refused",
        "configuration.yaml-taken",
        "D9/yaml*",
        N_("A configuration in YAML is refused as a media type that is not supported."),
        "GovStack IM 8.6 (createIMconf)",
    ),
    suite_fault(
        "yaml-of-old",
        "configuration.yaml-taken",
        "D9/yaml*",
        N_("YAML is read as of version 1.1: a member of the class NO is one of the class false."),
        "GovStack IM 8.6 (createIMconf); YAML 1.2.2, 10.3.2",
    ),
    suite_fault(
        "status-never-good",
        "configuration.status-true",
        "D10/*",
        N_("The status is 500 until the process was started anew, though there is a configuration."),
        "GovStack IM 8.6 (checkIMconf)",
    ),
)
