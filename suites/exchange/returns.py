"""What the harness answers as a provider."""

from collections.abc import Mapping, Sequence
from typing import Final

from dpi_conformance.wire.passage import Load
from dpi_conformance.wire.visits import Return

from .payloads import BROTLI, GZIPPED, drawn_bodies

__all__ = ["ANSWERS", "GREETING", "REDIRECTS", "STATUSES", "error", "redirect"]

GREETING: Final = Return(
    headers=(("Content-Type", "application/json"), ("X-Provider", "registry")),
    load=Load(block=b'{"greeting":  "hello"}'),
)
STATUSES: Final = (
    200, 201, 202, 203, 204, 205, 299, 400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 415, 418, 422, 423, 428,
    429, 451, 499, 500, 501, 502, 503, 504, 507,
)  # fmt: skip
REDIRECTS: Final = (300, 301, 302, 303, 307, 308)
_MORE: Final[Mapping[int, tuple[tuple[str, str], ...]]] = {
    201: (("Location", "/people/7"),),
    401: (("WWW-Authenticate", 'Bearer realm="provider"'),),
    405: (("Allow", "GET, HEAD"),),
    429: (("Retry-After", "7"),),
    503: (("Retry-After", "120"),),
}
_NO_BODY: Final = frozenset({204, 205})


def error(status: int) -> Return:
    """Give a provider's answer with a status, and a body of its own where it may have one."""
    if status in _NO_BODY:
        return Return(status=status, headers=_MORE.get(status, ()))
    headers = (("Content-Type", "application/problem+json"), *_MORE.get(status, ()))
    body = b'{"title":  "the provider\'s own", "status": %d}' % status
    return Return(status=status, headers=headers, load=Load(block=body))


def redirect(status: int, location: str) -> Return:
    """Give a redirect."""
    return Return(status=status, headers=(("Location", location),), load=Load(block=b"elsewhere"))


def _typed(kind: str | None, raw: bytes, *more: tuple[str, str]) -> Return:
    typed = (("Content-Type", kind),) if kind else ()
    return Return(headers=(*typed, *more), load=Load(block=raw))


ANSWERS: Final[Sequence[Return]] = (
    _typed("application/json", b'{ "b":1.0,\r\n "a": 12345678901234567890.10, "a": "\\u00e4\\/" }\n'),
    _typed("application/json", GZIPPED, ("Content-Encoding", "gzip")),
    _typed("text/plain", BROTLI, ("Content-Encoding", "br")),
    _typed("text/plain; charset=iso-8859-1", "Grüße aus Köln".encode("latin-1")),
    _typed("text/plain", b"one\r\ntwo\nthree\r"),
    _typed("text/html", b"<p>no charset"),
    _typed("application/octet-stream", bytes(range(256)) * 40),
    _typed(None, b"untyped"),
    _typed("application/json", b""),
    _typed(
        "application/json",
        b"{}",
        ("Set-Cookie", "a=1; Expires=Wed, 09 Jun 2032 10:18:14 GMT; Path=/"),
        ("Set-Cookie", "b=2; HttpOnly"),
        ("ETag", 'W/"x,y"'),
        ("Cache-Control", "private, max-age=0"),
        ("Last-Modified", "Sat, 29 Oct 1994 19:43:31 GMT"),
        ("Content-Language", "et"),
        ("Content-Disposition", "attachment; filename*=UTF-8''%e2%82%ac.txt"),
        ("Link", "</a>; rel=next"),
        ("Link", "</b>; rel=prev"),
        ("X-Example", "one"),
        ("X-Example", "two"),
        ("X-Empty", ""),
    ),
    Return(
        headers=(("Content-Type", "text/plain"),), load=Load(block=b"to the end " * 900), until_close=True
    ),
    Return(
        headers=(("Content-Type", "text/plain"),),
        load=Load(block=b"piece by piece " * 90, chunked=True, piece=7),
    ),
    Return(headers=(("Content-Type", "text/plain"),), load=Load(block=b"after a hint"), interim=(103,)),
    Return(headers=(("Content-Type", "text/plain"),), load=Load(block=b"after two"), interim=(102, 103)),
    *(
        Return(headers=(("Content-Type", kind or "text/plain"),), load=load)
        for kind, _, load in drawn_bodies("answers-1", 12)
    ),
)
"""Answers in all the forms that HTTP has for them."""
