"""Rules for the protocol: methods, media types, credentials, and bodies that are no valid JSON value."""

import base64
from collections.abc import Iterator
from dataclasses import replace

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.drafts import ABSENT, JSON, Draft, Place, RawBody
from dpi_conformance.vectors.rules_forms import form_protocol
from dpi_conformance.vectors.trials import Subject, Trial, noted
from dpi_conformance.vectors.writing import body_text, sampled

__all__ = ["protocol"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""HEAD and OPTIONS are answered by servers themselves, TRACE and CONNECT by what stands before them."""
_OTHER_TYPES = ("text/plain", "application/xml", "application/x-www-form-urlencoded")
_PROOF = "Authorization"
_LARGE = 1_500_000
_DEEP = 10_000
_LONG = 6_000
_EITHER = Expectation.EITHER
_REFUSED = Expectation.REFUSED


def protocol(subject: Subject) -> Iterator[Trial]:
    """Give the trials that concern HTTP and JSON as such."""
    yield from _credentials(subject)
    yield from _methods(subject)
    yield _trial(
        subject,
        "unknown-parameter",
        _EITHER,
        _asked(subject.base, "x-unknown", "1"),
        noted(N_("a query parameter more")),
    )
    long = _asked(subject.base, "x-unknown", "a" * _LONG)
    yield _trial(
        subject,
        "long-query",
        _EITHER,
        long,
        noted(N_("a query parameter of {count} characters more"), count=_LONG),
    )
    if subject.base.body is not ABSENT and subject.form:
        yield from form_protocol(subject)
    elif subject.base.body is not ABSENT:
        yield from _media_types(subject)
        yield from _unreadable(subject)
        yield from _readable(subject)
        yield from _unknown_fields(subject)
        yield from _huge(subject)


def _credentials(subject: Subject) -> Iterator[Trial]:
    if not subject.variant.secured:
        return
    for keyword, credentials, note in (
        ("missing", "none", noted(N_("without credentials"))),
        ("wrong", "wrong", noted(N_("with credentials that nobody issued"))),
    ):
        draft = _unproven(subject.base, credentials)
        yield subject.trial(
            "credentials", keyword, Expectation.UNAUTHORIZED, draft, note=note, credentials=credentials
        )


def _unproven(draft: Draft, credentials: str) -> Draft:
    """Take a proof that the request itself bears, a token that a step got, out of it, or put an invented one there."""
    place = Place("header", (_PROOF,))
    if draft.value(place) is ABSENT:
        return draft
    return draft.without(place) if credentials == "none" else draft.with_value(place, "Bearer {{id:40}}")


def _methods(subject: Subject) -> Iterator[Trial]:
    if not subject.validity.first(subject.variant):
        return
    for method in _METHODS:
        if method not in {*subject.validity.methods(subject.variant), *subject.known.methods}:
            draft = replace(subject.base, method=method)
            yield _trial(
                subject,
                "method",
                Expectation.METHOD_NOT_ALLOWED,
                draft,
                noted("{request}", request=f"{method} {subject.variant.path}"),
            )


def _media_types(subject: Subject) -> Iterator[Trial]:
    for media_type in _OTHER_TYPES:
        draft = replace(subject.base, media_type=media_type)
        expect = _EITHER if subject.bodiless else Expectation.UNSUPPORTED_MEDIA_TYPE
        yield _trial(
            subject,
            "media-type",
            expect,
            draft,
            noted(N_("JSON sent as {media_type}"), media_type=media_type),
        )
    draft = replace(subject.base, media_type=None)
    yield _trial(subject, "no-media-type", _EITHER, draft, noted(N_("JSON sent without a Content-Type")))
    draft = replace(subject.base, media_type=f"{JSON}; charset=utf-8")
    yield _trial(
        subject,
        "charset",
        Expectation.ACCEPTED,
        draft,
        noted("{media_type}", media_type=f"{JSON}; charset=utf-8"),
    )


def _unreadable(subject: Subject) -> Iterator[Trial]:
    """Give bodies that are not JSON (RFC 8259)."""
    text = body_text(subject.base, subject.knowledge.numbers) or ""
    for keyword, body, note in (
        (
            "malformed",
            text.replace(":", "=", 1) if ":" in text else "[=]",
            noted(N_("an equals sign for a colon")),
        ),
        ("malformed", "this is no JSON", noted(N_("prose"))),
        ("malformed", _last_comma(text), noted(N_("a comma before the closing bracket"))),
        ("malformed", text.replace('"', "'"), noted(N_("single quotes"))),
        ("truncated", text[: len(text) // 2].rstrip("{}"), noted(N_("the first half of the body"))),
        ("truncated", text[:-1], noted(N_("all but the last character"))),
        ("trailing-garbage", f"{text} {text[:1]}", noted(N_("the body, and the beginning of another"))),
    ):
        yield _raw(subject, keyword, _REFUSED, RawBody(text=body), note)
    declared = subject.variant.body
    expect = _REFUSED if declared is not None and declared.required else _EITHER
    yield _raw(subject, "empty-body", expect, RawBody(text=""), noted(N_("an empty body")))
    yield from _unreadable_numbers(subject)
    yield _raw(
        subject,
        "invalid-utf-8",
        _REFUSED,
        _bytes(subject, b"\xff\xfe"),
        noted(N_("bytes that are not UTF-8")),
    )
    with_mark = RawBody(text=f"\ufeff{text}")
    yield _raw(
        subject,
        "byte-order-mark",
        _EITHER,
        with_mark,
        noted(N_("a byte order mark before the body (RFC 8259, 8.1)")),
    )


def _unreadable_numbers(subject: Subject) -> Iterator[Trial]:
    """Put what JSON has no number for in the place of a number, else of the first value."""
    site = next(
        (site for site in subject.sites if site.types & {"number", "integer"} and site.place.steps), None
    )
    if site is None or site.place.location != "body":
        return
    text = body_text(subject.base.with_value(site.place, "@@"), subject.knowledge.numbers) or ""
    for literal in ("NaN", "Infinity", "0x10", "01"):
        body = RawBody(text=text.replace('"@@"', literal))
        yield _raw(
            subject,
            "not-a-number",
            _REFUSED,
            body,
            noted(N_("{place} is {value}"), place=str(site.place), value=literal),
        )


def _readable(subject: Subject) -> Iterator[Trial]:
    """Give bodies that are JSON and odd."""
    text = body_text(subject.base, subject.knowledge.numbers) or ""
    spaced = body_text(subject.base, subject.knowledge.numbers, spaced=True)
    yield _raw(
        subject,
        "white-space",
        Expectation.ACCEPTED,
        RawBody(text=f" \n{spaced}\n"),
        noted(N_("white space between tokens")),
    )
    if text.startswith("{") and len(text) > 2:
        first = text[1:].partition(",")[0].rstrip("}")
        doubled = RawBody(text="{" + first + "," + text[1:])
        yield _raw(
            subject, "duplicate-keys", _EITHER, doubled, noted(N_("the first member twice (RFC 8259, 4)"))
        )


def _unknown_fields(subject: Subject) -> Iterator[Trial]:
    for site in subject.sites:
        if site.place.location == "body" and isinstance(site.value, dict):
            place = site.place.below("x-unknown-field")
            draft = subject.base.with_value(place, "of a later version")
            yield _trial(
                subject,
                "unknown-field",
                Expectation.ACCEPTED,
                draft,
                noted(N_("a field more: {place}"), place=str(place)),
            )


def _huge(subject: Subject) -> Iterator[Trial]:
    body = subject.base.body
    place = Place("body") if isinstance(body, dict) else Place("body", (0,))
    if not isinstance(subject.base.value(place), dict):
        return
    for keyword, filler, repeat, note in (
        (
            "large-body",
            '"@@"',
            (("@@", "large", _LARGE // 5),),
            noted(N_("a field of {count} bytes more"), count=_LARGE),
        ),
        (
            "deep-body",
            "@<@>",
            (("@<", "[", _DEEP), ("@>", "]", _DEEP)),
            noted(N_("a field of {count} nested arrays more"), count=_DEEP),
        ),
    ):
        draft = subject.base.with_value(place.below("x-unknown-field"), "@fill@")
        text = (body_text(draft, subject.knowledge.numbers) or "").replace('"@fill@"', filler)
        yield _raw(subject, keyword, _EITHER, RawBody(text=text, repeat=repeat), note)


def _bytes(subject: Subject, wrong: bytes) -> RawBody:
    """Give the base body with wrong bytes in its first text; slots are filled by samples, as bytes hold none."""
    sample = subject.validity.sample
    text = body_text(replace(subject.base, body=sampled(subject.base.body, sample))) or ""
    head, _, tail = text.partition(':"') if ':"' in text else (text[:1], "", text[1:])
    return RawBody(base64=base64.b64encode(head.encode() + b':"' + wrong + tail.encode()).decode())


def _last_comma(text: str) -> str:
    return f"{text[:-1]},{text[-1:]}"


def _asked(draft: Draft, name: str, value: str) -> Draft:
    return draft.with_value(Place("query", (name,)), value)


def _raw(subject: Subject, keyword: str, expect: Expectation, raw: RawBody, note: Message) -> Trial:
    return _trial(subject, keyword, expect, replace(subject.base, raw=raw), note)


def _trial(subject: Subject, keyword: str, expect: Expectation, draft: Draft, note: Message) -> Trial:
    return subject.trial("protocol", keyword, expect, draft, note=note)
