"""Words of the report for its fixed values, through the translation catalogue."""

from collections.abc import Mapping
from types import MappingProxyType

from dpi_conformance.i18n import N_
from dpi_conformance.model.report import Conformance
from dpi_conformance.model.requirements import Level, Observability
from dpi_conformance.model.verdicts import Outcome, RequirementVerdict

__all__ = [
    "ANSWERS",
    "CONFORMANCE",
    "ENDED",
    "HEALTH",
    "LEVELS",
    "OBSERVABILITY",
    "OUTCOMES",
    "SOURCES",
    "VERDICTS",
]

ANSWERS: Mapping[Conformance, str] = MappingProxyType(
    {
        Conformance.CONFORMANT: N_("Yes."),
        Conformance.NOT_CONFORMANT: N_("No."),
        Conformance.INCONCLUSIVE: N_("Cannot say."),
    }
)
CONFORMANCE: Mapping[Conformance, str] = MappingProxyType(
    {
        Conformance.CONFORMANT: N_("Conformant"),
        Conformance.NOT_CONFORMANT: N_("Not conformant"),
        Conformance.INCONCLUSIVE: N_("Inconclusive"),
    }
)
OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.PASSED: N_("passed"),
        Outcome.FAILED: N_("failed"),
        Outcome.INCONCLUSIVE: N_("inconclusive"),
        Outcome.NOT_APPLICABLE: N_("not applicable"),
        Outcome.ERROR: N_("error of the harness"),
    }
)
VERDICTS: Mapping[RequirementVerdict, str] = MappingProxyType(
    {
        RequirementVerdict.PASS: N_("met"),
        RequirementVerdict.FAIL: N_("not met"),
        RequirementVerdict.INCONCLUSIVE: N_("inconclusive"),
        RequirementVerdict.NOT_TESTED: N_("not tested"),
        RequirementVerdict.NOT_APPLICABLE: N_("not applicable"),
    }
)
LEVELS: Mapping[Level, str] = MappingProxyType(
    {
        Level.REQUIRED: N_("required"),
        Level.RECOMMENDED: N_("recommended"),
        Level.OPTIONAL: N_("optional"),
        Level.DRAFT: N_("draft"),
        Level.DEPRECATED: N_("withdrawn"),
    }
)
OBSERVABILITY: Mapping[Observability, str] = MappingProxyType(
    {
        Observability.OBSERVABLE: N_("can be seen from outside"),
        Observability.AUDITABLE: N_("for an auditor"),
    }
)
ENDED: Mapping[str, str] = MappingProxyType(
    {
        "interrupted": N_("The run was interrupted before it was complete."),
        "lost": N_("The product could not be reached or judged to the end."),
        "error": N_("The run ended early, by an error of the harness or of its configuration."),
        "killed": N_("The run was killed before it was complete."),
    }
)
HEALTH: Mapping[str, str] = MappingProxyType(
    {"ok": N_("in order"), "warning": N_("warning"), "trouble": N_("trouble")}
)
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "api": N_("Operations of the interface"),
        "cross-functional": N_("Requirements on every building block"),
        "": N_("Requirements of the specification"),
    }
)
"""Headings over requirements by where they come from; ``""``: the block's own specification."""
