"""Rules for invalid requests: each requirement, type, list, format and pattern broken alone."""

from collections.abc import Iterator
from typing import Any

from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import Place
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.values import outside, unformatted, wrong_types

__all__ = ["broken", "null_expectation"]

_REFUSED = Expectation.REFUSED
_WHERE = N_("{value} where {constraint} is asked for")
_UNPATTERNED = ("!", "", "ß", "-", "0", " ")


def broken(subject: Subject) -> Iterator[Trial]:
    """Give the trials that break one constraint of one place each."""
    for site in subject.sites:
        yield from _missing(subject, site)
        yield from _types(subject, site)
        yield from _enumerations(subject, site)
        yield from _formats(subject, site)
        yield from _patterns(subject, site)
    yield from _selectors(subject)


def _missing(subject: Subject, site: Site) -> Iterator[Trial]:
    if not site.required or site.place.location == "path":
        return
    draft = subject.base.without(site.place)
    if site.place == Place("body"):
        note = noted(N_("without a body"))
        yield subject.trial("required", site.place, _REFUSED, draft, note=note, constraint="required")
        return
    note = noted(N_("without {place}"), place=str(site.place))
    yield subject.trial("required", site.place, _REFUSED, draft, note=note, constraint="required")
    if "string" in site.types and site.place.location != "path":
        note = noted(N_("{place} is empty"), place=str(site.place))
        more = {"keyword": "empty", "note": note, "constraint": "required"}
        yield subject.varied("required", site.place, _REFUSED, "", **more)


def _types(subject: Subject, site: Site) -> Iterator[Trial]:
    constraint = f"type {'/'.join(sorted(site.types))}"
    if site.place.location != "body":
        texts = (
            ("abc", "1.5")
            if site.types == {"integer"}
            else ("abc",)
            if site.types & {"number", "boolean"}
            else ()
        )
        for text in texts:
            note = noted(_WHERE, value=repr(text), constraint=constraint)
            yield subject.varied("type", site.place, _REFUSED, text, note=note, constraint=constraint)
        return
    if subject.form:
        return
    for value in wrong_types(site):
        yield _typed(subject, site, value, constraint)
    if site.types & {"integer", "number"}:
        yield _typed(subject, site, "100", constraint, keyword="numeric-text")
    if site.types and "null" not in site.types:
        yield _typed(subject, site, None, constraint, keyword="null", expect=null_expectation(site))


def null_expectation(site: Site) -> Expectation:
    """Refused where something is required; elsewhere many programs write null for what they leave out."""
    return _REFUSED if site.required or not site.place.steps else Expectation.EITHER


def _typed(
    subject: Subject,
    site: Site,
    value: Any,
    constraint: str,
    *,
    keyword: str = "",
    expect: Expectation = _REFUSED,
) -> Trial:
    shown = (
        {None: "null", True: "true"}.get(value, repr(value))
        if value is None or value is True
        else repr(value)
    )
    note = noted(_WHERE, value=shown, constraint=constraint)
    more = {"keyword": keyword, "note": note, "constraint": constraint}
    return subject.varied("type", site.place, expect, value, **more)


def _enumerations(subject: Subject, site: Site) -> Iterator[Trial]:
    if "enum" not in site.schema:
        return
    listed = ", ".join(str(value) for value in site.schema["enum"])
    for value in outside(site):
        note = noted(N_("{value}, which is none of {listed}"), value=repr(value), listed=listed)
        yield subject.varied(
            "enum",
            site.place,
            _REFUSED,
            value,
            note=note,
            constraint=f"enum {listed}",
            about={"listed": listed},
        )


def _formats(subject: Subject, site: Site) -> Iterator[Trial]:
    name = site.schema.get("format", "")
    for value in unformatted(site):
        note = noted(N_("{value}, which is no {format}"), value=repr(value), format=name)
        yield subject.varied(
            "format",
            site.place,
            _REFUSED,
            value,
            note=note,
            constraint=f"format {name}",
            about={"format": name},
        )


def _patterns(subject: Subject, site: Site) -> Iterator[Trial]:
    pattern = site.schema.get("pattern")
    if not pattern:
        return
    for value in _UNPATTERNED:
        changed = (
            f"{value}{str(site.value)[1:]}"
            if isinstance(site.value, str) and "{{" not in site.value
            else value
        )
        trial = subject.varied(
            "pattern",
            site.place,
            _REFUSED,
            changed,
            note=noted(
                N_("{value}, which does not match {pattern}"), value=repr(changed), pattern=str(pattern)
            ),
            constraint=f"pattern {pattern}",
            about={"pattern": pattern},
        )
        if not subject.validity.valid(subject.variant, trial.draft):
            yield trial


def _selectors(subject: Subject) -> Iterator[Trial]:
    """Break the query pairs that select the variant; where another variant does without, it stays open."""
    for name, value in subject.variant.select:
        place = Place("query", (name,))
        more = {"note": noted(N_("without {place}"), place=f"{name}={value}"), "constraint": "required"}
        yield subject.trial("required", place, _REFUSED, subject.base.without(place), **more)
        note = noted(N_("{place} is {value}"), place=str(place), value="none-of-these")
        more = {"note": note, "constraint": f"enum {value}"}
        yield subject.varied("enum", place, _REFUSED, "none-of-these", about={"listed": value}, **more)
