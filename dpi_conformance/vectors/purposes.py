"""What each case is about, in one sentence, and under which clause."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Variant
from dpi_conformance.model.vectors import Expectation
from dpi_conformance.vectors.scripts import NAMES
from dpi_conformance.vectors.trials import Trial

__all__ = ["clause_of", "purpose_of"]

_DECIDED: Final[Mapping[str, str]] = {
    "positive/control": N_("{operation}: a complete valid request is served."),
    "positive/minimal": N_("{operation}: a request without anything optional is served."),
    "positive/left-out": N_("{operation}: a request without {place}, which is optional, is served."),
    "positive/enum": N_("{operation}: every listed value of {place} is served."),
    "positive/null": N_("{operation}: null at {place}, which the schema allows, is served."),
    "positive/dictionary": N_("{operation}: known values of {place} are served."),
    "positive/two-items": N_("{operation}: a request with two items in {place} is served."),
    "positive/ten-items": N_("{operation}: a request with ten items in {place} is served."),
    "positive/hundred-items": N_("{operation}: a request with a hundred items in {place} is served."),
    "echo": N_("{operation}: the answer gives {place} back as it was sent."),
    "times": N_("{operation}: the time stamps of the answer are in UTC."),
    "positive": N_("{operation}: another valid form of the request is served ({place})."),
    "boundary": N_(
        "{operation}: {place} is served up to its limit ({keyword} {limit}) and refused beyond it."
    ),
    "boundary/refused": N_("{operation}: {place} is refused beyond its limit ({keyword} {limit})."),
    "required": N_("{operation}: a request without {place}, which is required, is refused."),
    "required/empty": N_("{operation}: an empty {place} is refused."),
    "type": N_("{operation}: a value of the wrong type at {place} is refused."),
    "type/null": N_("{operation}: null at {place} is refused."),
    "type/numeric-text": N_("{operation}: a number written as text at {place} is refused."),
    "enum": N_("{operation}: a value of {place} that is not listed ({listed}) is refused."),
    "format": N_("{operation}: a value of {place} that is no {format} is refused."),
    "pattern": N_("{operation}: a value of {place} that does not match {pattern} is refused."),
    "protocol/method": N_("{operation}: methods that the path does not have are answered with 405."),
    "protocol/media-type": N_("{operation}: a body under another media type is refused."),
    "protocol/charset": N_("{operation}: application/json with the parameter charset=utf-8 is served."),
    "protocol/malformed": N_("{operation}: a body that is no JSON is refused."),
    "protocol/truncated": N_("{operation}: a body that ends too early is refused."),
    "protocol/trailing-garbage": N_("{operation}: a body with something after it is refused."),
    "protocol/empty-body": N_("{operation}: an empty body is refused."),
    "protocol/not-a-number": N_("{operation}: NaN and other numbers that JSON does not have are refused."),
    "protocol/invalid-utf-8": N_("{operation}: a body that is not UTF-8 is refused."),
    "protocol/white-space": N_("{operation}: white space between the tokens of the body changes nothing."),
    "protocol/unknown-field": N_("{operation}: fields of a later version are tolerated."),
    "protocol/form-charset": N_("{operation}: a form with the parameter charset=utf-8 is served."),
    "protocol/form-json": N_("{operation}: JSON under the media type of a form is refused."),
    "protocol/repeated-parameter": N_("{operation}: a form with a parameter that comes twice is refused."),
    "credentials/missing": N_("{operation}: nothing is served without credentials."),
    "credentials/wrong": N_("{operation}: nothing is served with credentials that nobody issued."),
    "text": N_("{operation}: text at {place} comes back unharmed or is refused: {script_text}."),
}
_OPEN: Final[Mapping[str, str]] = {
    "protocol/unknown-parameter": N_("{operation}: an unknown query parameter is answered well."),
    "protocol/long-query": N_("{operation}: a very long query is answered well."),
    "protocol/form-bytes": N_("{operation}: a form with bytes that are not UTF-8 is answered well."),
    "protocol/form-escapes": N_("{operation}: a form with broken percent signs is answered well."),
    "protocol/form-charset": N_("{operation}: a form with the parameter charset=utf-8 is answered well."),
    "protocol/form-json": N_("{operation}: JSON under the media type of a form is answered well."),
    "protocol/repeated-parameter": N_(
        "{operation}: a form with a parameter that comes twice is answered well."
    ),
    "protocol/no-media-type": N_("{operation}: a body without a media type is answered well."),
    "protocol/byte-order-mark": N_("{operation}: a body with a byte order mark is answered well."),
    "protocol/duplicate-keys": N_("{operation}: a body with the same name twice is answered well."),
    "protocol/large-body": N_("{operation}: a very large body is answered well."),
    "protocol/deep-body": N_("{operation}: a very deep body is answered well."),
    "boundary/magnitude": N_("{operation}: extreme numbers at {place} are answered well."),
    "boundary/length": N_("{operation}: very long text at {place} is answered well."),
    "boundary/same-twice": N_("{operation}: the same item twice in {place} is answered well."),
    "boundary/one-wrong": N_("{operation}: a wrong item among good ones in {place} is answered well."),
    "boundary/empty": N_("{operation}: an empty list at {place} is answered well."),
    "boundary": N_(
        "{operation}: {place} at and beyond its limit ({keyword} {limit}) is answered well; the documents leave it open."
    ),
    "positive/generated": N_("{operation}: generated valid values of {place} are answered well."),
    "positive/minimal": N_("{operation}: a request without anything optional is answered well."),
    "positive/left-out": N_("{operation}: a request without {place} is answered well."),
    "positive/enum": N_("{operation}: the listed values of {place} are answered well."),
    "positive/null": N_("{operation}: null at {place} is answered well."),
    "positive/dictionary": N_("{operation}: known values of {place} are answered well."),
    "positive/unlisted": N_("{operation}: values of {place} that no list holds are answered well."),
    "positive/two-items": N_("{operation}: two items in {place} are answered well."),
    "positive/ten-items": N_("{operation}: ten items in {place} are answered well."),
    "positive/hundred-items": N_("{operation}: a hundred items in {place} are answered well."),
    "positive": N_("{operation}: another form of the request is answered well ({place})."),
    "required": N_("{operation}: a request without {place} is answered well."),
    "required/empty": N_("{operation}: an empty {place} is answered well."),
    "type": N_("{operation}: a value of another type at {place} is answered well."),
    "type/null": N_("{operation}: null at {place} is answered well."),
    "type/numeric-text": N_("{operation}: a number written as text at {place} is answered well."),
    "enum": N_("{operation}: a value of {place} that is not listed ({listed}) is answered well."),
    "format": N_("{operation}: a value of {place} that is no {format} is answered well."),
    "pattern": N_("{operation}: a value of {place} that does not match {pattern} is answered well."),
    "protocol/media-type": N_("{operation}: a body under another media type is answered well."),
    "protocol/charset": N_("{operation}: the media type with the parameter charset=utf-8 is answered well."),
    "protocol/malformed": N_("{operation}: a body that is no JSON is answered well."),
    "protocol/truncated": N_("{operation}: a body that ends too early is answered well."),
    "protocol/trailing-garbage": N_("{operation}: a body with something after it is answered well."),
    "protocol/empty-body": N_("{operation}: an empty body is answered well."),
    "protocol/not-a-number": N_("{operation}: numbers that JSON does not have are answered well."),
    "protocol/invalid-utf-8": N_("{operation}: a body that is not UTF-8 is answered well."),
    "protocol/white-space": N_("{operation}: white space between the tokens of the body is answered well."),
    "protocol/unknown-field": N_("{operation}: fields of a later version are answered well."),
    "text": N_(
        "{operation}: text at {place} is answered well, whether it is served or refused: {script_text}."
    ),
}
"""Answered well: served or refused, as the documents leave it open; without a crash, a leak or a wrong answer."""
_ELSE: Final = N_("{operation}: {place} is answered well, served or refused; the documents leave it open.")

_CLAUSES: Final[Mapping[str, str]] = {
    "echo": "GovStack Payments 6.8",
    "times": "govstack-cfr-data#req-2",
    "credentials": "GovStack Payments 5.3.1; RFC 9110, 15.5.2",
    "text": "RFC 8259, 8.1",
    "protocol/method": "RFC 9110, 15.5.6",
    "protocol/media-type": "RFC 9110, 15.5.16",
    "protocol/no-media-type": "RFC 9110, 8.3",
    "protocol/charset": "RFC 8259, 11",
    "protocol/malformed": "RFC 8259, 2",
    "protocol/truncated": "RFC 8259, 2",
    "protocol/trailing-garbage": "RFC 8259, 2",
    "protocol/empty-body": "RFC 8259, 2",
    "protocol/white-space": "RFC 8259, 2",
    "protocol/duplicate-keys": "RFC 8259, 4",
    "protocol/not-a-number": "RFC 8259, 6",
    "protocol/invalid-utf-8": "RFC 8259, 8.1",
    "protocol/byte-order-mark": "RFC 8259, 8.1",
    "protocol/large-body": "RFC 9110, 15.5.14",
    "protocol/deep-body": "RFC 8259, 9",
    "protocol/long-query": "RFC 9110, 15.5.15",
    "protocol/form-charset": "RFC 6749, appendix B",
    "protocol/form-json": "RFC 6749, 4.1.3",
    "protocol/form-bytes": "RFC 6749, appendix B",
    "protocol/form-escapes": "RFC 6749, appendix B",
    "protocol/repeated-parameter": "RFC 6749, 3.2",
}
"""Clauses of general standards; elsewhere the clause is the published file's."""


def purpose_of(variant: Variant, trial: Trial, expectations: Collection[Expectation]) -> Message:
    """Say what a case is about by one of its trials; where all of it is open, only that it is answered well."""
    decided = set(expectations) != {Expectation.EITHER}
    keys: tuple[str, ...] = (f"{trial.kind}/{trial.keyword or trial.place}", trial.kind)
    table = _DECIDED if decided else _OPEN
    if trial.kind == "boundary" and decided and Expectation.ACCEPTED not in expectations:
        keys = ("boundary/refused",)
    text = next((table[key] for key in keys if key in table), _ELSE)
    known = {
        "operation": variant.id,
        "place": trial.place,
        "keyword": trial.keyword,
        **trial.about,
    }
    if trial.kind == "text":
        known["script_text"] = NAMES[trial.keyword]
    return Message(text=text, values={name: value for name, value in known.items() if f"{{{name}}}" in text})


def clause_of(variant: Variant, trial: Trial, own: Mapping[str, str] = MappingProxyType({})) -> str:
    """Name the clause: the block's ``own`` for a kind, the general standard's, or the published file and constraint."""
    known = {**_CLAUSES, **own}
    for key in (f"{trial.kind}/{trial.keyword or trial.place}", f"{trial.kind}/{trial.place}", trial.kind):
        if key in known:
            return known[key]
    file = variant.published.get("file", "").rpartition("/")[2]
    place = trial.place.rpartition(".")[2] if not trial.place[-1:].isdigit() else trial.place
    constraint = " ".join(part for part in (place, trial.constraint) if part)
    parts = [f"{file}: {constraint}" if trial.constraint else file, variant.clause]
    return "; ".join(part for part in parts if part)
