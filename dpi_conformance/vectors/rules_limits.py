"""Rules for limits: both sides of every published boundary, and extremes where none is published."""

from collections.abc import Iterator
from typing import Any

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.values import of_length
from dpi_conformance.vectors.writing import SLOT, has_slot

__all__ = ["limits"]

_LENGTH = N_("{count} characters")
_SHORTER = N_("{count} characters where {limit} are asked for")
_LONGER = N_("{count} characters where {limit} are allowed")
_BESIDE = N_("{value} where {keyword} is {limit}")
_FAR = 1000
"""So far beyond a limit that no buffer was made for it."""
_LONG = 5000
"""Characters where no limit is published."""
_NUMBERS = {
    "minimum": (0, -1),
    "maximum": (0, 1),
    "exclusiveMinimum": (1, 0),
    "exclusiveMaximum": (-1, 0),
}
"""How far from the limit the last valid and the first invalid value lie."""
_EXTREMES = (0, -1, 2**31, 2**53 + 1, 2**63, 10**30)
_EXTREME_FRACTIONS = (0.001, 1e-9, 1e308)


def limits(subject: Subject) -> Iterator[Trial]:
    """Give the trials at, below and beyond each limit of each place."""
    for site in subject.sites:
        if "string" in site.types:
            yield from _lengths(subject, site)
        if site.types & {"number", "integer"}:
            yield from _numbers(subject, site)
        if isinstance(site.value, list):
            yield from _items(subject, site)


def _lengths(subject: Subject, site: Site) -> Iterator[Trial]:
    longest, shortest = site.limit("maxLength"), site.limit("minLength")
    if longest is None:
        long = of_length(site.value, _LONG)
        yield _trial(subject, site, Expectation.EITHER, long, "length", noted(_LENGTH, count=_LONG))
    else:
        yield from _longest(subject, site, longest)
    if shortest:
        at = of_length(site.value, shortest)
        note = noted(_LENGTH, count=shortest)
        yield _trial(subject, site, _served(subject, site), at, "minLength", note, shortest)
        below = of_length(site.value, shortest - 1)
        note = noted(_SHORTER, count=shortest - 1, limit=shortest)
        yield _trial(subject, site, Expectation.REFUSED, below, "minLength", note, shortest)


def _longest(subject: Subject, site: Site, longest: int) -> Iterator[Trial]:
    accepted = _served(subject, site)
    for length in (longest, longest - 1):
        if length > 0 and _fits(site, length) and not _whole(site, longest):
            value = of_length(site.value, length)
            note = noted(_LONGER, count=length, limit=longest)
            yield _trial(subject, site, accepted, value, "maxLength", note, longest)
    for length in (longest + 1, longest + _FAR):
        value = of_length(site.value, length)
        note = noted(_LONGER, count=length, limit=longest)
        yield _trial(subject, site, Expectation.REFUSED, value, "maxLength", note, longest)


def _served(subject: Subject, site: Site) -> Expectation:
    """Give ACCEPTED, but where only values from elsewhere are served: a resource's, a dictionary's, a list's."""
    named = subject.refers(site) or subject.knowledge.dictionary(subject.variant.id, str(site.place))
    return Expectation.EITHER if named or "enum" in site.schema else Expectation.ACCEPTED


def _fits(site: Site, length: int) -> bool:
    """Tell whether the harness has an address so short: a callback's cannot be cut."""
    callback = has_slot(site.value) and "callback" in SLOT.findall(site.value)[0]
    return not callback or length >= 80


def _whole(site: Site, longest: int) -> bool:
    """Tell whether the base value fills the limit with a value that cannot be made longer or shorter."""
    return "enum" in site.schema or (not has_slot(site.value) and longest <= 3)


def _numbers(subject: Subject, site: Site) -> Iterator[Trial]:
    for keyword, (inside, outside) in _NUMBERS.items():
        limit = site.limit(keyword)
        if limit is not None:
            note = noted(_BESIDE, value=str(limit + inside), keyword=keyword, limit=str(limit))
            yield _trial(subject, site, _served(subject, site), limit + inside, keyword, note, limit)
            note = noted(_BESIDE, value=str(limit + outside), keyword=keyword, limit=str(limit))
            yield _trial(subject, site, Expectation.REFUSED, limit + outside, keyword, note, limit)
    fractions = () if "number" not in site.types else _EXTREME_FRACTIONS
    for value in (*_EXTREMES, *fractions):
        if subject.validity.valid(subject.variant, subject.base.with_value(site.place, value)):
            note = noted(N_("{place} is {value}"), place=str(site.place), value=str(value))
            yield _trial(subject, site, Expectation.EITHER, value, "magnitude", note)


def _items(subject: Subject, site: Site) -> Iterator[Trial]:
    fewest, most = site.limit("minItems"), site.limit("maxItems")
    if not fewest:
        yield _trial(subject, site, Expectation.EITHER, [], "empty", noted(N_("no item")))
    else:
        note = noted(N_("{count} items where {limit} are asked for"), count=fewest - 1, limit=fewest)
        yield _trial(subject, site, Expectation.REFUSED, _many(site, fewest - 1), "minItems", note, fewest)
    if most is not None:
        for count, expect in ((most, Expectation.ACCEPTED), (most + 1, Expectation.REFUSED)):
            note = noted(N_("{count} items where {limit} are allowed"), count=count, limit=most)
            yield _trial(subject, site, expect, _many(site, count), "maxItems", note, most)


def _many(site: Site, count: int) -> list[Any]:
    return [site.value[index % len(site.value)] for index in range(count)]


def _trial(  # noqa: PLR0913, PLR0917 -- one line a trial reads better than a value built for it
    subject: Subject,
    site: Site,
    expect: Expectation,
    value: Any,
    keyword: str,
    note: Message,
    limit: Any = None,
) -> Trial:
    constraint = f"{keyword} {limit}" if limit is not None else f"no limit for {keyword}"
    about = {} if limit is None else {"limit": limit}
    return subject.varied(
        "boundary", site.place, expect, value, keyword=keyword, note=note, constraint=constraint, about=about
    )
