"""Rules for orders of many entries: two, ten and a hundred, the same one twice, and one that is wrong among good ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.writing import SLOT

__all__ = ["entries", "many"]

_EITHER = Expectation.EITHER
_SIZES = {"two-items": 2, "ten-items": 10}
_HUNDRED = 100
"""Only where no step has to create what the entries name: no vendor's test system need hold so many for one request."""


def many(subject: Subject) -> Iterator[Trial]:
    """Give the trials of each list whose entries an order is about; how many it may have is published nowhere."""
    for site in subject.sites:
        if str(site.place) in subject.known.many and isinstance(site.value, list) and len(site.value) == 1:
            yield from _served(subject, site)
            yield _twice(subject, site)
            yield _one_wrong(subject, site)


def entries(subject: Subject, item: Any, count: int) -> list[Any]:
    """Give an entry and further ones like it, whose fresh identifiers and resources are their own."""
    return [item, *(_renewed(subject, item, number) for number in range(2, count + 1))]


def _served(subject: Subject, site: Site) -> Iterator[Trial]:
    (item,) = site.value
    sizes = _SIZES if subject.borrows(item) else {**_SIZES, "hundred-items": _HUNDRED}
    for keyword, count in sizes.items():
        yield _trial(subject, site, Expectation.ACCEPTED, entries(subject, item, count), keyword=keyword)


def _twice(subject: Subject, site: Site) -> Trial:
    """Whether the same entry twice is refused at once, or one of them later, is not published."""
    note = noted(N_("the same item twice in {place}"), place=str(site.place))
    return _trial(subject, site, _EITHER, site.value * 2, kind="boundary", keyword="same-twice", note=note)


def _one_wrong(subject: Subject, site: Site) -> Trial:
    """Whether a wrong entry costs the whole order or only itself, told later, is not published."""
    value = [*entries(subject, site.value[0], _SIZES["ten-items"] - 1), "of a wrong type"]
    note = noted(N_("nine good items in {place}, and text in place of the tenth"), place=str(site.place))
    return _trial(subject, site, _EITHER, value, kind="boundary", keyword="one-wrong", note=note)


def _trial(subject: Subject, site: Site, expect: Expectation, value: list[Any], **more: Any) -> Trial:
    told = {"note": noted(N_("{count} items in {place}"), count=len(value), place=str(site.place))}
    kind = more.pop("kind", "positive")
    return subject.varied(kind, site.place, expect, value, needs=_needs(subject, value), **{**told, **more})


def _needs(subject: Subject, value: list[Any]) -> tuple[str, ...]:
    """Add the further resources of each kind to those that the variant needs."""
    named = (slot.partition(".")[0] for slot in SLOT.findall(repr(value)))
    further = (name for name in named if name.partition(":")[0] in subject.known.needs)
    return tuple(dict.fromkeys([*subject.known.needs, *further]))


def _renewed(subject: Subject, value: Any, number: int) -> Any:
    if isinstance(value, str):
        return SLOT.sub(lambda match: f"{{{{{_numbered(subject, match[1], number)}}}}}", value)
    if isinstance(value, Mapping):
        return {name: _renewed(subject, member, number) for name, member in value.items()}
    return [_renewed(subject, item, number) for item in value] if isinstance(value, list) else value


def _numbered(subject: Subject, slot: str, number: int) -> str:
    """Give the slot of the so-manieth fresh identifier or resource; what all share stays the same."""
    resource, _, field = slot.partition(".")
    if slot.startswith("id:"):
        return f"{slot}:{number}"
    return f"{resource}:{number}.{field}" if field and subject.borrows(f"{{{{{slot}}}}}") else slot
