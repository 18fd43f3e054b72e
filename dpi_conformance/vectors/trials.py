"""Trials: what one vector will try, before it is settled what its answer may be and it is written down."""

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dpi_conformance.i18n import Message
from dpi_conformance.model.spec import Variant
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT, FORM, Draft, Place
from dpi_conformance.vectors.knowledge import Knowledge, VariantKnowledge
from dpi_conformance.vectors.sites import Site, sites
from dpi_conformance.vectors.validity import Validity
from dpi_conformance.vectors.writing import SLOT, has_slot

__all__ = ["BLOCK", "Subject", "Trial", "noted", "settled"]

BLOCK = "block"
"""The origin of trials by the rules of this package, as against those of schemathesis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One request to try, and what the rule that made it expects."""

    kind: str
    place: str
    keyword: str = ""
    expect: Expectation
    draft: Draft
    note: Message
    constraint: str = ""
    """The keyword and its value, as published: ``maxLength 12``."""
    about: Mapping[str, str | int | float] = field(default_factory=dict)
    """Values for the sentence that says the case's purpose."""
    needs: tuple[str, ...] = ()
    echo: tuple[tuple[str, str], ...] = ()
    shows: tuple[str, ...] = ()
    control: bool = False
    credentials: str = "own"
    origin: str = BLOCK


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One variant with its valid base request: what all rules vary."""

    variant: Variant
    knowledge: Knowledge
    validity: Validity

    @property
    def known(self) -> VariantKnowledge:
        """Give what is known of this variant."""
        return self.knowledge.variants[self.variant.id]

    @cached_property
    def base(self) -> Draft:
        """Give the variant's valid request."""
        known = self.known
        return Draft(
            method=self.variant.method.upper(),
            path=self.variant.path,
            path_values=known.path,
            query={**dict(self.variant.select), **known.query},
            headers=known.headers,
            body=ABSENT if known.body is None else known.body,
            media_type=self.media_type if known.body is not None else None,
            form=self.form,
        )

    @property
    def media_type(self) -> str:
        """Give the media type of the variant's bodies."""
        return FORM if self.form else "application/json"

    @property
    def form(self) -> bool:
        """Tell whether the variant's bodies are forms, whose values are texts."""
        return self.variant.body is not None and self.variant.body.media_type == FORM

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Give the places of the base request."""
        return tuple(sites(self.variant, self.base))

    @property
    def bodiless(self) -> bool:
        """Tell whether the method is one whose content a product may ignore (RFC 9110, 9.3.1)."""
        return self.variant.method in {"get", "head", "delete"}

    def trial(self, kind: str, place: Place | str, expect: Expectation, draft: Draft, **more: Any) -> Trial:
        """Make a trial that needs what the variant needs."""
        return Trial(
            kind=kind, place=str(place), expect=expect, draft=draft, **{"needs": self.known.needs, **more}
        )

    def varied(self, kind: str, place: Place, expect: Expectation, value: Any, **more: Any) -> Trial:
        """Make a trial with another value at one place."""
        return self.trial(kind, place, expect, self.base.with_value(place, value), **more)

    def refers(self, site: Site) -> bool:
        """Tell whether a place must name something that exists, so that no other value is served."""
        slots = SLOT.findall(site.value) if has_slot(site.value) else []
        named = any(slot.partition(".")[0] in self.known.needs for slot in slots)
        return named or self._listed(self.known.refers, site.place)

    def borrows(self, value: Any) -> bool:
        """Tell whether a value names something that a step created for this very request."""
        slots = (slot.partition(".")[0] for slot in SLOT.findall(repr(value)))
        return any(name in self.known.needs and name not in self.knowledge.shared for name in slots)

    def free(self, place: Place) -> bool:
        """Tell whether a place holds free text."""
        return self._listed(self.known.free, place)

    @staticmethod
    def _listed(globs: tuple[str, ...], place: Place) -> bool:
        return any(fnmatch.fnmatchcase(str(place), glob) for glob in globs)


def settled(subject: Subject, trials: Iterator[Trial]) -> Iterator[Trial]:
    """Settle what each answer may be, and leave open what the published documents do not decide.

    A refusal is expected only of a request that is invalid for every variant on its address, an acceptance only
    of a valid one; what the block's knowledge leaves open, and bodies of methods that carry none, stay open. What is
    never to be sent is left out.
    Text that no answer gives back is not known to be unharmed.
    """
    for trial in trials:
        if subject.knowledge.never(subject.variant.id, trial.kind, trial.keyword, trial.place):
            continue
        expect = trial.expect
        if expect is Expectation.UNHARMED:
            expect = _if(bool(trial.echo), expect)
        if expect is Expectation.REFUSED and trial.draft.raw is None:
            expect = _if(not subject.validity.valid_for_any(subject.variant, trial.draft), expect)
        if expect in {Expectation.ACCEPTED, Expectation.UNHARMED}:
            expect = _if(subject.validity.valid(subject.variant, trial.draft), expect)
        if not trial.control:
            expect = _if(not _open(subject, trial), expect)
        yield replace(trial, expect=expect, shows=_shown(subject, trial, expect))


def noted(text: str, **values: str | int | float) -> Message:
    """Say what a trial varies: a text marked with ``N_``, and its values."""
    return Message(text=text, values=values)


def _shown(subject: Subject, trial: Trial, expect: Expectation) -> tuple[str, ...]:
    """Give where an answer must hold something to show anything: only a request that is to be served shows anything."""
    if expect is not Expectation.ACCEPTED:
        return ()
    unmatched = any(fnmatch.fnmatchcase(trial.place, glob) for glob in subject.known.unmatched)
    return trial.shows or (() if unmatched or trial.echo else subject.known.shows)


def _if(decided: bool, expect: Expectation) -> Expectation:
    return expect if decided else Expectation.EITHER


def _open(subject: Subject, trial: Trial) -> bool:
    if trial.expect is Expectation.UNAUTHORIZED:
        return False
    about_body = trial.place.startswith("body") or trial.draft.raw is not None
    other_method = trial.expect is Expectation.METHOD_NOT_ALLOWED
    if subject.bodiless and about_body and trial.kind != "positive" and not other_method:
        return True
    return subject.knowledge.left_open(subject.variant.id, trial.kind, trial.keyword, trial.place) is not None
