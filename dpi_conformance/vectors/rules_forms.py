"""Rules for bodies that are forms (RFC 6749, 3.2 and appendix B): what JSON's rules are to JSON."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import FORM, JSON, Place, RawBody
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.writing import form_text

__all__ = ["form_protocol"]

_OTHER_TYPES = ("text/plain", "application/xml", JSON)
_LARGE = 1_500_000
_EITHER = Expectation.EITHER
_REFUSED = Expectation.REFUSED


def form_protocol(subject: Subject) -> Iterator[Trial]:
    """Give the trials that concern a form as such."""
    yield from _media_types(subject)
    text = form_text(subject.base.body)
    yield _raw(subject, "empty-body", _REFUSED, RawBody(text=""), noted(N_("an empty body")))
    for name, value in subject.base.body.items():
        pair = form_text({name: value})
        note = noted(N_("{place} comes twice"), place=f"body.{name}")
        yield _raw(subject, "repeated-parameter", _REFUSED, RawBody(text=f"{text}&{pair}"), note)
    first = next(iter(subject.base.body))
    wrong = RawBody(text=f"{text}&x-unknown=%FF%FE")
    yield _raw(subject, "form-bytes", _EITHER, wrong, noted(N_("bytes that are not UTF-8, percent-encoded")))
    wrong = RawBody(text=f"{text}&x-unknown=%zz%2")
    yield _raw(subject, "form-escapes", _EITHER, wrong, noted(N_("percent signs without their digits")))
    yield _raw(
        subject, "form-json", _REFUSED, RawBody(text=f'{{"{first}":"x"}}'), noted(N_("JSON sent as a form"))
    )
    place = Place("body", ("x_unknown_field",))
    draft = subject.base.with_value(place, "of a later version")
    note = noted(N_("a field more: {place}"), place=str(place))
    yield _trial(subject, "unknown-field", Expectation.ACCEPTED, draft, note)
    large = RawBody(text=f"{text}&x-unknown=@@", repeat=(("@@", "large", _LARGE // 5),))
    note = noted(N_("a field of {count} bytes more"), count=_LARGE)
    yield _raw(subject, "large-body", _EITHER, large, note)


def _media_types(subject: Subject) -> Iterator[Trial]:
    for media_type in _OTHER_TYPES:
        note = noted(N_("a form sent as {media_type}"), media_type=media_type)
        draft = replace(subject.base, media_type=media_type)
        yield _trial(subject, "media-type", Expectation.UNSUPPORTED_MEDIA_TYPE, draft, note)
    draft = replace(subject.base, media_type=None)
    yield _trial(subject, "no-media-type", _EITHER, draft, noted(N_("a form sent without a Content-Type")))
    draft = replace(subject.base, media_type=f"{FORM}; charset=utf-8")
    note = noted("{media_type}", media_type=f"{FORM}; charset=utf-8")
    yield _trial(subject, "form-charset", Expectation.ACCEPTED, draft, note)


def _raw(subject: Subject, keyword: str, expect: Expectation, raw: RawBody, note: Message) -> Trial:
    return _trial(subject, keyword, expect, replace(subject.base, raw=raw), note)


def _trial(subject: Subject, keyword: str, expect: Expectation, draft: Any, note: Message) -> Trial:
    return subject.trial("protocol", keyword, expect, draft, note=note)
