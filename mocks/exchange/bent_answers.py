"""What products with faults make of a provider's answer on its way to the caller; each fault is one small function."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import orjson

from dpi_conformance.mockkit.faults import FaultSwitches

from .bent_requests import replaced, value_of, without
from .forwarding import Fields

__all__ = ["WHOLE_ANSWER", "Whole", "bent_answer", "bent_answer_headers", "bent_status"]

_PIECE = 8192
_PAGE = b"<html><body><h1>Something went wrong</h1></body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A provider's answer that was read whole, as only products with a fault do."""

    status: int
    headers: Fields
    body: bytes


def _json_anew(answer: Whole) -> Whole:
    if b"json" not in value_of(answer.headers, b"content-type"):
        return answer
    try:
        return replace(answer, body=orjson.dumps(orjson.loads(answer.body)))
    except orjson.JSONDecodeError:
        return answer


def _unzipped(answer: Whole) -> Whole:
    if value_of(answer.headers, b"content-encoding") != b"gzip":
        return answer
    try:
        body = gzip.decompress(answer.body)
    except (OSError, EOFError):
        return answer
    return replace(answer, body=body, headers=without(answer.headers, b"content-encoding"))


def _packed_anew(answer: Whole) -> Whole:
    """Unpack and pack again: the same data, and other bytes."""
    unpacked = _unzipped(answer)
    if unpacked is answer:
        return answer
    return replace(answer, body=gzip.compress(unpacked.body, 6, mtime=0))


def _converted(answer: Whole) -> Whole:
    kind = value_of(answer.headers, b"content-type")
    if b"iso-8859-1" not in kind.lower():
        return answer
    headers = replaced(answer.headers, b"content-type", kind.partition(b";")[0] + b"; charset=utf-8")
    return replace(answer, body=answer.body.decode("latin-1").encode(), headers=headers)


def _null(answer: Whole) -> Whole:
    if answer.body or answer.status in {204, 304}:
        return answer
    headers = replaced(answer.headers, b"content-type", b"application/json")
    return replace(answer, body=b"null", headers=headers)


def _cut(answer: Whole) -> Whole:
    """Lose the last piece of an answer that has more than one, unless it is a full one."""
    size = len(answer.body)
    return replace(answer, body=answer.body[: size - size % _PIECE]) if size > _PIECE else answer


def _own_page(answer: Whole) -> Whole:
    if answer.status < 400:
        return answer
    return replace(answer, body=_PAGE, headers=replaced(answer.headers, b"content-type", b"text/html"))


_BODIES: Mapping[str, Callable[[Whole], Whole]] = {
    "answer-json-written-anew": _json_anew,
    "answer-unzipped": _unzipped,
    "answer-packed-anew": _packed_anew,
    "answer-charset-converted": _converted,
    "empty-answer-becomes-null": _null,
    "answer-cut-at-pieces": _cut,
    "provider-errors-covered": _own_page,
}

WHOLE_ANSWER = frozenset({*_BODIES, "answers-mixed-up", "answers-from-a-cache"})
"""Faults for which an answer has to be there as a whole."""


def _with_charset(headers: Fields) -> Fields:
    kind = value_of(headers, b"content-type")
    if not kind or b"charset" in kind:
        return headers
    return replaced(headers, b"content-type", kind + b"; charset=utf-8")


def _merged(headers: Fields) -> Fields:
    """Join fields of one name with commas, Set-Cookie too, which cannot be (RFC 9110, 5.3)."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return tuple(joined.items())


def _own_headers(headers: Fields) -> Fields:
    return (*headers, (b"x-powered-by", b"Mediator/3.1"), (b"x-mediator-route", b"10.0.3.17:8080/registry"))


_HEADERS: Mapping[str, Callable[[Fields], Fields]] = {
    "charset-added": _with_charset,
    "set-cookie-merged": _merged,
    "own-headers-reach-caller": _own_headers,
    "entity-tag-dropped": lambda headers: without(headers, b"etag", b"last-modified"),
    "answer-headers-dropped": lambda headers: tuple(
        field for field in headers if field[0] in {b"content-type", b"content-length", b"date", b"location"}
    ),
}


def bent_answer_headers(headers: Fields, on: FaultSwitches) -> Fields:
    """Give the end-to-end header fields that the caller gets."""
    for name, bend in _HEADERS.items():
        headers = bend(headers) if on(name) else headers
    return headers


_STATUSES: Mapping[str, Mapping[int, int]] = {
    "not-modified-becomes-ok": {304: 200},
    "no-content-becomes-ok": {204: 200, 202: 200, 201: 200},
    "not-found-becomes-bad-request": {404: 400, 410: 400, 422: 400},
    "provider-failure-becomes-gateway-failure": {500: 502, 503: 502},
}


def bent_status(status: int, on: FaultSwitches) -> int:
    """Give the status that the caller gets."""
    for name, others in _STATUSES.items():
        status = others.get(status, status) if on(name) else status
    return status


def bent_answer(answer: Whole, on: FaultSwitches) -> Whole:
    """Give an answer as a product with these faults passes it on."""
    for name, bend in _BODIES.items():
        answer = bend(answer) if on(name) else answer
    headers = without(answer.headers, b"content-length", b"transfer-encoding")
    if answer.status not in {204, 304}:
        headers = (*headers, (b"content-length", str(len(answer.body)).encode()))
    return replace(answer, headers=headers)
