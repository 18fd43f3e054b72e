"""Rebases generated cases: each difference from the base request becomes a trial of its own, one place at a time."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT, Place
from dpi_conformance.vectors.rules_broken import null_expectation
from dpi_conformance.vectors.sites import Site
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.writing import sampled

__all__ = ["rebased"]

Difference = tuple[Place, Any]

_PARTS: Final = ("path", "query", "header")
_KEYWORDS: Final = ("type", "enum", "format", "pattern")
"""Constraints with a kind of their own, the plainest first; the others are boundaries."""
_PRINTABLE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?|")
"""A header value that every client sends unchanged (RFC 9110, 5.5), or none."""
_LONGEST: Final = 4000
"""Characters of a generated value that are kept; longer ones are the boundary rules' affair."""
_PATH_TRAPS: Final = {"", ".", ".."}
"""Segments that make another path of it (RFC 3986, 5.2.4)."""


def rebased(subject: Subject, cases: Iterable[Mapping[str, Any]]) -> Iterator[Trial]:
    """Give a trial for each place at which a generated case differs from the base, each difference once."""
    base = _base(subject)
    seen: set[str] = set()
    for case in cases:
        given = {
            **{name: case.get(name, {}) for name in ("path", "query")},
            "header": case.get("headers", {}),
        }
        for place, value in _differences(base, {**given, "body": case.get("body", ABSENT)}):
            key = f"{place} {'-' if value is ABSENT else json.dumps(value, sort_keys=True)}"
            if key not in seen and _sendable(place, value, form=subject.form):
                seen.add(key)
                yield from _trial(subject, place, value, case["origin"])


def _base(subject: Subject) -> dict[str, Any]:
    """Give the base request with samples in its slots, as the generator was given it."""
    draft, sample = subject.base, subject.validity.sample
    parts = {"path": draft.path_values, "query": draft.query, "header": draft.headers, "body": draft.body}
    return {name: sampled(dict(part) if name in _PARTS else part, sample) for name, part in parts.items()}


def _differences(base: Mapping[str, Any], case: Mapping[str, Any]) -> Iterator[Difference]:
    for location in _PARTS:
        names = [*base[location], *(name for name in case[location] if name not in base[location])]
        for name in names:
            ours, theirs = base[location].get(name, ABSENT), case[location].get(name, ABSENT)
            if theirs is not ABSENT and ours is not ABSENT and str(ours) != str(theirs):
                yield Place(location, (name,)), theirs
    if base["body"] is not ABSENT and case["body"] is not ABSENT:
        yield from _within(Place("body"), base["body"], case["body"])


def _within(place: Place, ours: Any, theirs: Any) -> Iterator[Difference]:
    """Give the smallest places that differ; members that the generator made up are no difference."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for name, value in ours.items():
            if name in theirs:
                yield from _within(place.below(name), value, theirs[name])
    elif isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        yield from _within(place.below(0), ours[0], theirs[0])
        if len(theirs) > 1 and any(type(item) is not type(ours[0]) for item in theirs):
            yield place, theirs
    elif type(ours) is not type(theirs) or ours != theirs:
        yield place, theirs


def _sendable(place: Place, value: Any, *, form: bool) -> bool:
    if place.location == "body" and form and (not place.steps or not isinstance(value, str)):
        return False
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > _LONGEST or "{{" in text or "}}" in text:
        return False
    if place.location == "body" and not form:
        return True
    if not isinstance(value, (str, int, float, bool)):
        return False
    if place.location == "header":
        return _PRINTABLE.fullmatch(str(value)) is not None and str(value) != ""
    encodable = not re.search("[\ud800-\udfff]", str(value))
    return encodable and (place.location in {"query", "body"} or str(value) not in _PATH_TRAPS)


def _trial(subject: Subject, place: Place, value: Any, origin: str) -> Iterator[Trial]:
    site = next((site for site in subject.sites if site.place == place), None)
    if site is None:
        return
    draft = subject.base.with_value(place, value)
    shown = json.dumps(value, ensure_ascii=True)[:80]
    if subject.validity.valid(subject.variant, draft):
        expect = Expectation.UNHARMED if subject.free(place) else Expectation.EITHER
        note = noted(N_("{place} is {value}, which is valid"), place=str(place), value=shown)
        more = {"keyword": "generated", "note": note, "origin": origin}
        yield subject.trial("positive", place, expect, draft, **more)
        return
    kind = _kind(site, value, subject.validity.keywords(subject.variant, draft, place))
    if kind is not None:
        expect = null_expectation(site) if value is None else Expectation.REFUSED
        note = noted(N_("{place} is {value}"), place=str(place), value=shown)
        yield subject.trial(kind.name, place, expect, draft, note=note, origin=origin, **kind.more)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """The kind of case that a broken keyword belongs to, and what the rules of this package say of it."""

    name: str
    more: Mapping[str, Any]


def _kind(site: Site, value: Any, keywords: frozenset[str]) -> _Kind | None:
    """Give the kind of the plainest keyword broken; None where the breach lies deeper, and is a place's own."""
    keyword = next((known for known in _KEYWORDS if known in keywords), min(keywords, default=""))
    limit = site.schema.get(keyword)
    match keyword:
        case "type":
            more = {
                "keyword": "null" if value is None else "",
                "constraint": f"type {'/'.join(sorted(site.types))}",
            }
            return _Kind(name="type", more=more)
        case "enum":
            listed = ", ".join(str(one) for one in site.schema["enum"])
            return _Kind(name="enum", more={"constraint": f"enum {listed}", "about": {"listed": listed}})
        case "format" | "pattern":
            return _Kind(name=keyword, more={"constraint": f"{keyword} {limit}", "about": {keyword: limit}})
        case "" | "required" | "additionalProperties":
            return None
        case _:
            about = {"limit": limit}
            return _Kind(
                name="boundary", more={"keyword": keyword, "constraint": f"{keyword} {limit}", "about": about}
            )
