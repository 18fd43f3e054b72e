"""Rules for valid requests: the control, what may be left out, each listed value, each further valid form."""

from collections.abc import Iterator
from typing import Any

from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT, Place
from dpi_conformance.vectors.knowledge import Dictionary
from dpi_conformance.vectors.rules_many import entries
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial, noted

__all__ = ["valid_requests"]

_ACCEPTED = Expectation.ACCEPTED
_EITHER = Expectation.EITHER


def valid_requests(subject: Subject) -> Iterator[Trial]:
    """Give the positive control first, then every other form that the documents allow."""
    note = noted(N_("the base request, as it is"))
    yield subject.trial("positive", "control", _ACCEPTED, subject.base, note=note, control=True)
    yield from _left_out(subject)
    yield from _minimal(subject)
    yield from _listed(subject)
    yield from _several(subject)
    yield from _alternatives(subject)


def _may_lack(site: Site) -> bool:
    return (
        not site.required
        and site.place.location != "path"
        and bool(site.place.steps)
        and site.place.steps[-1] != 0
    )


def _decided(site: Site) -> bool:
    """Tell whether the documents say that a place is optional, by naming others that are not."""
    return site.place.location != "body" or site.distinguishes


def _left_out(subject: Subject) -> Iterator[Trial]:
    for site in subject.sites:
        if _may_lack(site):
            yield subject.trial(
                "positive",
                site.place,
                _ACCEPTED if _decided(site) else _EITHER,
                subject.base.without(site.place),
                keyword="left-out",
                note=noted(N_("without {place}, which is optional"), place=str(site.place)),
                constraint="not required",
            )


def _minimal(subject: Subject) -> Iterator[Trial]:
    lacking = [site for site in subject.sites if _may_lack(site)]
    draft = subject.base
    for site in lacking:
        if draft.value(site.place) is not ABSENT:
            draft = draft.without(site.place)
    open_ = any(
        not _decided(site)
        or subject.knowledge.left_open(subject.variant.id, "positive", "left-out", str(site.place))
        for site in lacking
    )
    if lacking:
        note = noted(N_("without everything that is optional"))
        yield subject.trial("positive", "minimal", _EITHER if open_ else _ACCEPTED, draft, note=note)


def _listed(subject: Subject) -> Iterator[Trial]:
    for site in subject.sites:
        for value in site.schema.get("enum", ()):
            if value is not None:
                yield _with(subject, site, value, "enum", f"enum {value}")
        if "null" in site.types and site.value is not None:
            yield _with(subject, site, None, "null", "type null")
        dictionary = subject.knowledge.dictionary(subject.variant.id, str(site.place))
        for value in dictionary.values if dictionary and "enum" not in site.schema else ():
            yield _with(subject, site, value, "dictionary", dictionary.clause if dictionary else "")
        if dictionary and "enum" not in site.schema:
            yield from _unlisted(subject, site, dictionary)


def _unlisted(subject: Subject, site: Site, dictionary: Dictionary) -> Iterator[Trial]:
    for value in dictionary.wrong:
        note = noted(
            N_("{place} is {value}, which {clause} does not list"),
            place=str(site.place),
            value=repr(value),
            clause=dictionary.clause,
        )
        yield subject.varied("positive", site.place, _EITHER, value, keyword="unlisted", note=note)


def _with(subject: Subject, site: Site, value: Any, keyword: str, constraint: str) -> Trial:
    expect = _EITHER if subject.refers(site) else _ACCEPTED
    note = noted(N_("{place} is {value}"), place=str(site.place), value=repr(value))
    return subject.varied(
        "positive", site.place, expect, value, keyword=keyword, note=note, constraint=constraint
    )


def _several(subject: Subject) -> Iterator[Trial]:
    """Give each list that is no order's (``rules_many``) with a second item, whose identifiers are its own."""
    for site in subject.sites:
        if str(site.place) in subject.known.many or not isinstance(site.value, list) or len(site.value) != 1:
            continue
        if not subject.borrows(site.value):
            value = entries(subject, site.value[0], 2)
            note = noted(N_("{count} items in {place}"), count=2, place=str(site.place))
            yield subject.varied("positive", site.place, _ACCEPTED, value, keyword="two-items", note=note)


def _alternatives(subject: Subject) -> Iterator[Trial]:
    for name, changes in subject.known.alternatives.items():
        draft = subject.base
        for place, value in changes.items():
            draft = draft.with_value(Place.read(place), ABSENT if value is None else value)
        yield subject.trial(
            "positive", name, _ACCEPTED, draft, note=noted(N_("another valid form: {name}"), name=name)
        )
