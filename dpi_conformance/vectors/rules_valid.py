"""Rules for valid requests: the control, what may be left out, each listed value, each further valid form."""

from collections.abc import Iterator, Mapping
from typing import Any

from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT, Place
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial
from dpi_conformance.vectors.writing import SLOT

__all__ = ["valid_requests"]

_ACCEPTED = Expectation.ACCEPTED
_EITHER = Expectation.EITHER


def valid_requests(subject: Subject) -> Iterator[Trial]:
    """Give the positive control first, then every other form that the documents allow."""
    note = "the base request, as it is"
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
                note=f"without {site.place}, which is optional",
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
        note = "without everything that is optional"
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
        for value in dictionary.wrong if dictionary and "enum" not in site.schema else ():
            draft = subject.base.with_value(site.place, value)
            note = f"{site.place} is {value!r}, which {dictionary.clause if dictionary else ''} does not list"
            yield subject.trial("positive", site.place, _EITHER, draft, keyword="unlisted", note=note)


def _with(subject: Subject, site: Site, value: Any, keyword: str, constraint: str) -> Trial:
    expect = _EITHER if subject.refers(site) else _ACCEPTED
    note = f"{site.place} is {value!r}"
    return subject.varied(
        "positive", site.place, expect, value, keyword=keyword, note=note, constraint=constraint
    )


def _several(subject: Subject) -> Iterator[Trial]:
    """Give each list with a second item, whose identifiers are its own."""
    for site in subject.sites:
        if isinstance(site.value, list) and len(site.value) == 1 and not _borrowed(subject, site.value):
            value = [site.value[0], _renewed(site.value[0])]
            note = f"two items in {site.place}"
            yield subject.varied("positive", site.place, _ACCEPTED, value, keyword="two-items", note=note)


def _borrowed(subject: Subject, value: Any) -> bool:
    return any(slot.partition(".")[0] in subject.known.needs for slot in SLOT.findall(repr(value)))


def _renewed(value: Any) -> Any:
    """Give a copy whose fresh identifiers are others than the first's."""
    if isinstance(value, str):
        return SLOT.sub(
            lambda match: f"{{{{{match[1]}:b}}}}" if match[1].startswith("id:") else match[0], value
        )
    if isinstance(value, Mapping):
        return {name: _renewed(member) for name, member in value.items()}
    return [_renewed(item) for item in value] if isinstance(value, list) else value


def _alternatives(subject: Subject) -> Iterator[Trial]:
    for name, changes in subject.known.alternatives.items():
        draft = subject.base
        for place, value in changes.items():
            draft = draft.with_value(Place.read(place), ABSENT if value is None else value)
        yield subject.trial("positive", name, _ACCEPTED, draft, note=f"another valid form: {name}")
