"""All rules of this package, applied to a variant in one order."""

from collections.abc import Iterator
from itertools import chain

from dpi_conformance.errors import PackError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Spec, Variant
from dpi_conformance.vectors.knowledge import Knowledge
from dpi_conformance.vectors.rules_answers import answered
from dpi_conformance.vectors.rules_broken import broken
from dpi_conformance.vectors.rules_limits import limits
from dpi_conformance.vectors.rules_many import many
from dpi_conformance.vectors.rules_protocol import protocol
from dpi_conformance.vectors.rules_text import texts
from dpi_conformance.vectors.rules_valid import valid_requests
from dpi_conformance.vectors.trials import Subject, Trial, settled
from dpi_conformance.vectors.validity import Validity

__all__ = ["subjects", "trials"]


def subjects(spec: Spec, knowledge: Knowledge) -> Iterator[Subject]:
    """Give each variant with its base request; raises PackError where the knowledge lacks one or it is not valid."""
    validity = Validity(spec, knowledge)
    for variant in spec.variants:
        if variant.id not in knowledge.variants:
            raise _unusable(variant, "knowledge.yaml has no request of it")
        subject = Subject(variant=variant, knowledge=knowledge, validity=validity)
        complaints = validity.complaints(variant, subject.base)
        if complaints:
            raise _unusable(variant, "; ".join(complaints))
        yield subject


def trials(subject: Subject) -> Iterator[Trial]:
    """Give all trials of one variant, settled, the positive control first."""
    rules = (valid_requests, many, answered, limits, broken, protocol, texts)
    return settled(subject, chain.from_iterable(rule(subject) for rule in rules))


def _unusable(variant: Variant, reason: str) -> PackError:
    return PackError(
        Message(
            text=N_("The valid request of {variant} cannot be used: {reason}."),
            values={"variant": variant.id, "reason": reason},
        )
    )
