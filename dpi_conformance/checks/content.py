"""Checks on media type, headers and body."""

import re
from collections.abc import Iterator, Mapping
from email.message import Message as MimeHeader
from functools import lru_cache
from typing import Any

import orjson

from dpi_conformance.checks.seen import NOT_JSON, Seen
from dpi_conformance.i18n import N_
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.vectors import Expectation

__all__ = [
    "body_is_json",
    "content_type_declared",
    "declared_headers",
    "field_named",
    "request_id_echoed",
    "schema_valid",
    "size_bounded",
    "stamps_out_of_utc",
    "text_unharmed",
    "timestamps_in_utc",
    "utf8_only",
]

Deviations = Iterator[tuple[str, str, str]]
_JSON = re.compile(r"application/(json|[a-z0-9.+-]+\+json)")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(?P<zone>[Zz]|[+-]\d{2}:?\d{2})?$")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Perhaps half a surrogate pair, which the validator cannot be given."""
_STAMP_BYTES = re.compile(rb'"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}')


def content_type_declared(seen: Seen) -> Deviations:
    """A body comes under the media type that the operation declares; an undeclared refusal, under JSON."""
    if not seen.response.body or seen.response.status >= 500:
        return
    wanted = (
        tuple(seen.declared.content) if seen.declared and seen.declared.content else ("application/json",)
    )
    fits = seen.media_type in wanted or (seen.declared is None and _JSON.fullmatch(seen.media_type))
    if not fits and not (seen.refused and _JSON.fullmatch(seen.media_type)):
        yield "header.content-type", ", ".join(wanted), seen.response.header("content-type") or "-"


def utf8_only(seen: Seen) -> Deviations:
    """Text is UTF-8 and says nothing else."""
    charset = _charset(seen.response.header("content-type") or "")
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        yield "header.content-type", "charset=utf-8", f"charset={charset}"
    if seen.response.truncated or not _JSON.fullmatch(seen.media_type):
        return
    try:
        seen.response.body.decode()
    except UnicodeDecodeError as error:
        yield "body", "UTF-8", f"byte 0x{seen.response.body[error.start]:02x} at offset {error.start}"


def body_is_json(seen: Seen) -> Deviations:
    """A body under a JSON media type is JSON."""
    if seen.response.truncated or not seen.response.body or not _JSON.fullmatch(seen.media_type):
        return
    if seen.json is NOT_JSON:
        yield "body", N_("JSON (RFC 8259)"), seen.summary


def schema_valid(seen: Seen) -> Deviations:
    """The body is valid against the schema that the operation declares for this status."""
    if seen.declared is None or not seen.declared.content or seen.response.truncated:
        return
    if not seen.response.body:
        if 200 <= seen.response.status < 300:
            yield "body", N_("a body, as the operation declares"), N_("an empty body")
        return
    if seen.json is not NOT_JSON:
        body = json_in_unicode(seen.response.body) if _HALF.search(seen.response.body) else seen.json
        for place, complaint in seen.validate(seen.declared.status, body):
            yield place, N_("a body valid against the declared schema"), complaint


def declared_headers(seen: Seen) -> Deviations:
    """Headers that the operation declares as required are sent."""
    for name in seen.declared.required_headers if seen.declared else ():
        if seen.response.header(name.lower()) is None:
            yield f"header.{name.lower()}", N_("the header, as the operation declares"), "-"


def size_bounded(seen: Seen) -> Deviations:
    """An answer ends within the size that the harness reads."""
    if seen.response.truncated:
        yield "body", N_("an answer that ends"), f"> {len(seen.response.body)} bytes"


def request_id_echoed(seen: Seen) -> Deviations:
    """Where an acknowledgement carries the request's identifier, it is the one that was sent."""
    if not seen.served or not isinstance(seen.json, dict):
        return
    if seen.vector.expect is Expectation.ACCEPTED and seen.vector.echo:
        yield from _unlike(seen)
        return
    sent = _object(seen.exchange.request.body)
    for spellings in seen.echo.values():
        ours = [sent[name] for name in spellings & sent.keys() if isinstance(sent[name], str)]
        for name in sorted(spellings & seen.json.keys()) if ours else ():
            if seen.json[name] not in ours:
                yield f"body.{name}", _shown(ours[0]), _shown(seen.json[name])


def text_unharmed(seen: Seen) -> Deviations:
    """Accepted text comes back as it was sent: nothing normalised, cut, stripped or re-encoded."""
    if seen.vector.expect is not Expectation.UNHARMED or not seen.served:
        return
    yield from _unlike(seen)


def timestamps_in_utc(seen: Seen) -> Deviations:
    """Time stamps are ISO 8601 and in UTC."""
    if not seen.served or not _STAMP_BYTES.search(seen.response.body) or seen.json is NOT_JSON:
        return
    sent = seen.exchange.request.body.decode("utf-8", "replace")
    for place, text in stamps_out_of_utc(seen.json):
        if text not in sent:
            yield place, N_("a time stamp in UTC, e.g. 2026-03-01T09:30:00Z"), text


def stamps_out_of_utc(body: object) -> Iterator[tuple[str, str]]:
    """Give place and text of each time stamp that says another zone, or none."""
    for place, text in _strings(body, "body"):
        stamp = _STAMP.fullmatch(text)
        if stamp and (stamp["zone"] or "none").lower() not in {"z", "+00:00", "+0000"}:
            yield place, text


def field_named(seen: Seen) -> Deviations:
    """A refusal for a missing field names it."""
    if (
        seen.vector.expect is not Expectation.REFUSED
        or not seen.refused
        or "/required/" not in seen.vector.case
    ):
        return
    field = seen.vector.case.split("/")[4].rpartition(".")[2]
    if field.lower() not in seen.response.body.decode("utf-8", "replace").lower() and field != "body":
        yield "body", field, seen.summary


def _unlike(seen: Seen) -> Deviations:
    for text, pointer in seen.vector.echo:
        for found in seen.spellings.resolve(seen.json, pointer):
            if found != text:
                yield f"body{pointer.replace('/', '.')}", _shown(text), _shown(found)


@lru_cache(maxsize=256)
def _charset(content_type: str) -> str:
    header = MimeHeader()
    header["content-type"] = content_type
    return str(header.get_param("charset", "")).lower()


def _object(body: bytes) -> dict[str, Any]:
    """Give the object that was sent; empty for half a surrogate pair: what becomes of it is left open (RFC 8259, 8.2)."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _strings(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Walk all strings of a parsed body, without recursion: a hostile body is deep."""
    stack: list[tuple[object, str]] = [(value, place)]
    while stack:
        here, name = stack.pop()
        if isinstance(here, str):
            yield name, here
        elif isinstance(here, Mapping):
            stack.extend((child, f"{name}.{key}") for key, child in here.items())
        elif isinstance(here, list):
            stack.extend((child, f"{name}.{index}") for index, child in enumerate(here))


def _shown(value: object) -> str:
    """Show a value as it is; one with lone surrogates, which UTF-8 has no bytes for, spelt out."""
    if not isinstance(value, str):
        return str(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        return ascii(value)
    return value
