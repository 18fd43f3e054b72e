"""What products with faults make of a request on its way to the provider; each fault is one small function."""

import gzip
from collections.abc import Callable, Mapping
from posixpath import normpath
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

import orjson

from dpi_conformance.mockkit.faults import FaultSwitches

from .forwarding import Fields

__all__ = [
    "WHOLE_REQUEST",
    "bent_body",
    "bent_method",
    "bent_path",
    "bent_query",
    "bent_request_headers",
    "replaced",
    "value_of",
    "without",
]

_MEGABYTE = 1024 * 1024
_Body = tuple[bytes, Fields]


def without(headers: Fields, *names: bytes) -> Fields:
    """Give header fields but those of these names."""
    return tuple(field for field in headers if field[0] not in names)


def value_of(headers: Fields, name: bytes) -> bytes:
    """Give the first value of a header field; empty if there is none."""
    return next((value for one, value in headers if one == name), b"")


def replaced(headers: Fields, name: bytes, value: bytes) -> Fields:
    """Give header fields with one of this name and value."""
    return (*without(headers, name), (name, value))


_METHODS: Mapping[str, Callable[[str], str]] = {
    "head-becomes-get": lambda method: "GET" if method == "HEAD" else method,
    "put-becomes-post": lambda method: "POST" if method == "PUT" else method,
}


def _unescaped(path: bytes) -> bytes:
    return quote(unquote_to_bytes(path), safe="/~!$&'()*+,;=:@").encode()


def _one_slash(path: bytes) -> bytes:
    while b"//" in path:
        path = path.replace(b"//", b"/")
    return path


def _resolved(path: bytes) -> bytes:
    if not path:
        return path
    end = b"/" if path.endswith(b"/") else b""
    kept = b"/" + normpath(path).lstrip(b"/")
    return kept if kept == b"/" else kept + end


_PATHS: Mapping[str, Callable[[bytes], bytes]] = {
    "path-decoded": _unescaped,
    "double-slash-collapsed": _one_slash,
    "dot-segments-resolved": _resolved,
    "trailing-slash-lost": lambda path: path.rstrip(b"/"),
}


def _sorted(query: bytes) -> bytes:
    return b"&".join(sorted(query.split(b"&")))


def _last_of_each(query: bytes) -> bytes:
    return b"&".join({pair.partition(b"=")[0]: pair for pair in query.split(b"&")}.values())


def _encoded_anew(query: bytes) -> bytes:
    return urlencode(parse_qsl(query, keep_blank_values=True)).encode()


_QUERIES: Mapping[str, Callable[[bytes], bytes]] = {
    "query-sorted": _sorted,
    "query-encoded-anew": _encoded_anew,
    "query-duplicates-dropped": _last_of_each,
    "query-cut-at-semicolon": lambda query: query.partition(b";")[0],
    "query-cut-at-2048": lambda query: query[:2048],
}


def _json_anew(body: bytes, headers: Fields) -> _Body:
    if b"json" not in value_of(headers, b"content-type"):
        return body, headers
    try:
        return orjson.dumps(orjson.loads(body)), headers
    except orjson.JSONDecodeError:
        return body, headers


def _to_utf_8(body: bytes, headers: Fields) -> _Body:
    if b"iso-8859-1" not in value_of(headers, b"content-type").lower():
        return body, headers
    kind = value_of(headers, b"content-type").partition(b";")[0]
    return body.decode("latin-1").encode(), replaced(headers, b"content-type", kind + b"; charset=utf-8")


def _unzipped(body: bytes, headers: Fields) -> _Body:
    if value_of(headers, b"content-encoding") != b"gzip":
        return body, headers
    try:
        return gzip.decompress(body), without(headers, b"content-encoding")
    except (OSError, EOFError):
        return body, headers


def _packed_anew(body: bytes, headers: Fields) -> _Body:
    """Unpack and pack again: the same data, and other bytes."""
    unpacked, kept = _unzipped(body, headers)
    return (body, headers) if kept is headers else (gzip.compress(unpacked, 6, mtime=0), headers)


def _latin_1_taken_for_utf_8(headers: Fields) -> Fields:
    """Decode values as ISO-8859-1 and encode them as UTF-8, which leaves ASCII as it is."""
    return tuple((name, value.decode("latin-1").encode()) for name, value in headers)


def _of_get_dropped(body: bytes, _headers: Fields, method: str) -> bytes:
    return b"" if method in {"GET", "DELETE"} else body


_BODIES: Mapping[str, Callable[[bytes, Fields], _Body]] = {
    "request-json-written-anew": _json_anew,
    "request-charset-converted": _to_utf_8,
    "request-unzipped": _unzipped,
    "request-packed-anew": _packed_anew,
    "request-cut-at-a-megabyte": lambda body, headers: (body[:_MEGABYTE], headers),
    "request-line-ends-changed": lambda body, headers: (body.replace(b"\r\n", b"\n"), headers),
    "empty-request-becomes-object": lambda body, headers: (body or b"{}", headers),
}

WHOLE_REQUEST = frozenset(
    {*_BODIES, "body-of-get-dropped", "unanswered-call-repeated", "call-repeated-on-503"}
)
"""Faults for which a request has to be there as a whole."""


def _own_headers(headers: Fields) -> Fields:
    return (*headers, (b"x-forwarded-for", b"10.0.3.17"), (b"x-mediator-node", b"im-node-2.internal"))


_HEADERS: Mapping[str, Callable[[Fields], Fields]] = {
    "own-headers-reach-provider": _own_headers,
    "other-headers-dropped": lambda headers: tuple(
        field
        for field in headers
        if not field[0].startswith(b"x-") or field[0].startswith((b"x-road-", b"x-govstack-"))
    ),
    "header-octets-converted": _latin_1_taken_for_utf_8,
    "accept-replaced": lambda headers: replaced(headers, b"accept", b"*/*"),
    "repeated-headers-merged": lambda headers: tuple(dict(headers).items()),
    "conditions-dropped": lambda headers: without(headers, b"if-none-match", b"if-modified-since", b"range"),
    "content-type-made-up": lambda headers: (
        headers
        if value_of(headers, b"content-type")
        else (*headers, (b"content-type", b"application/octet-stream"))
    ),
}


def bent_method(method: str, on: FaultSwitches) -> str:
    """Give the method that the provider gets."""
    for name, bend in _METHODS.items():
        method = bend(method) if on(name) else method
    return method


def bent_path(path: bytes, on: FaultSwitches) -> bytes:
    """Give the path below the service that the provider gets."""
    for name, bend in _PATHS.items():
        path = bend(path) if on(name) else path
    return path


def bent_query(query: bytes, method: str, on: FaultSwitches) -> bytes:
    """Give the query that the provider gets."""
    if method == "POST" and on("query-of-post-lost"):
        return b""
    for name, bend in _QUERIES.items():
        query = bend(query) if on(name) else query
    return query


def bent_request_headers(headers: Fields, on: FaultSwitches) -> Fields:
    """Give the end-to-end header fields that the provider gets."""
    for name, bend in _HEADERS.items():
        headers = bend(headers) if on(name) else headers
    return headers


def bent_body(body: bytes, headers: Fields, method: str, on: FaultSwitches) -> _Body:
    """Give the body that the provider gets, and its headers with it."""
    for name, bend in _BODIES.items():
        if on(name):
            body, headers = bend(body, headers)
    if on("body-of-get-dropped"):
        body = _of_get_dropped(body, headers, method)
    framed = any(name in {b"content-length", b"transfer-encoding"} for name, _ in headers)
    bare = without(headers, b"content-length", b"transfer-encoding")
    return body, (*bare, (b"content-length", str(len(body)).encode())) if body or framed else bare
