"""Rules for what an answer must carry to prove anything: the identifier that was sent, and times in UTC.

The published files require almost no field of an answer, so that an answer without them breaks nothing. The cases of
these rules ask for evidence: without it they are undecided, and the other cases of the operation are not touched.
"""

from collections.abc import Iterator

from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.trials import Subject, Trial, noted

__all__ = ["answered"]

_ACCEPTED = Expectation.ACCEPTED


def answered(subject: Subject) -> Iterator[Trial]:
    """Give the base request once for each thing that its answer is to be looked at for."""
    for site in subject.sites:
        pointer = subject.known.echo.get(str(site.place))
        if pointer is None or (subject.bodiless and site.place.location == "body"):
            continue
        yield subject.trial(
            "echo",
            site.place,
            _ACCEPTED,
            subject.base,
            note=noted(N_("the base request; its answer is looked at for {place}"), place=str(site.place)),
            echo=((str(site.value), pointer),),
        )
    if subject.known.times:
        note = noted(N_("the base request; its answer is looked at for time stamps"))
        yield subject.trial("times", "answer", _ACCEPTED, subject.base, note=note, shows=subject.known.times)
