"""What is sent through the mediator: drawn by frozen seeds, so that each run, and each replay, sends the same."""

import gzip
import io
import random
from collections.abc import Iterator, Sequence
from typing import Final

from dpi_conformance.wire.passage import Load

__all__ = [
    "BODIES",
    "BROTLI",
    "GZIPPED",
    "LARGE",
    "PATHS",
    "PATHS_REFUSABLE",
    "QUERIES",
    "QUERIES_REFUSABLE",
    "Body",
    "block",
    "drawn_bodies",
    "drawn_paths",
    "drawn_queries",
]

Body = tuple[str | None, tuple[tuple[str, str], ...], Load]
"""A content type, further headers, and the body itself."""
_UNRESERVED: Final = "abcXYZ019-._~"
_SUB: Final = "!$&'()*+,;=:@"
_ESCAPES: Final = ("%20", "%C3%A4", "%e2%82%ac", "%7E", "%41", "%25", "%3F", "%23", "%2B")
_MEGABYTE: Final = 1_048_576
_LARGE: Final = 10 * _MEGABYTE + 4321
"""So that the last piece fills no usual buffer."""


def _packed(raw: bytes) -> bytes:
    """Pack as few would do it again: with a file's name and moment, and little effort (RFC 1952, 2.3)."""
    with io.BytesIO() as kept:
        with gzip.GzipFile("people.json", "wb", compresslevel=1, fileobj=kept, mtime=951_782_400) as file:
            file.write(raw)
        return kept.getvalue()


GZIPPED: Final = _packed(b'{"name": "Ada",\r\n  "born": 1815}' * 20)
BROTLI: Final = b"\x0b\x02\x80hello\x03"
"""“hello” in the Brotli format (RFC 7932, 9.2: one uncompressed meta-block)."""

PATHS: Final = (
    "",
    "/",
    "/a/b",
    "/a/b/",
    "/a%20b",
    "/%C3%A4/%e2%82%ac",
    "/~user",
    "/%7Euser/%41",
    "/a;v=1/b;w=2",
    "/a:b@c",
    "/a+b%2Bc",
    "/!$&'()*,=",
    "/listings/getOpenAPI",
)
PATHS_REFUSABLE: Final = (
    "/a%2Fb",
    "/a%2fb/c",
    "//a",
    "/a//b",
    "/a/./b",
    "/a/../b",
    "/%2e%2e/b",
    "/a%5Cb",
    "/a%00b",
)
"""Legal (RFC 3986), and known from attacks: a mediator may refuse them, but not change them."""
QUERIES: Final = (
    "a=1&b=2",
    "b=2&a=1&c=3&a=0",
    "a=1&a=2&a=1",
    "a",
    "a&b=&=c",
    "q=%20+%2B",
    "q=%C3%A4%e2%82%ac&r=%7E%41",
    "a=b;c=d",
    "a=x%26y%3Dz",
    "url=https%3A%2F%2Fexample.org%2F%3Fa%3D1&p=/?x",
    "a=1&&b=2",
)
QUERIES_REFUSABLE: Final = (
    "a[]=1&a[]=2",
    'a={"b":1}',
    "a=%00",
    "a=%ZZ",
    "a=<b>|c^`",
    f"a={'long' * 1800}&z=last",
)
"""Not all of it legal, or longer than some servers take (RFC 9110, 4.1): it may be refused, but not changed."""


def block(seed: str, size: int) -> bytes:
    """Give so many bytes that look like noise, always the same for one seed."""
    return random.Random(seed).randbytes(size)  # noqa: S311 -- not for secrets


LARGE: Final = (
    Load(block=block("large", 65_528), size=_LARGE),
    Load(block=block("streamed", 16_376), size=_LARGE, chunked=True),
)
"""10 MB with a length before them, and 10 MB without; none of it is ever held as a whole."""


def _bytes(raw: bytes) -> Load:
    return Load(block=raw)


BODIES: Final[Sequence[Body]] = (
    (None, (), Load()),
    ("application/json", (), _bytes(b'{ "b" : 1.0,\r\n "a": 12345678901234567890.10, "a": "\\u00e4\\/" }\n')),
    ("application/json; charset=utf-8", (), _bytes('["ä", "€"]  '.encode())),
    ("text/plain; charset=iso-8859-1", (), _bytes("Grüße aus Köln".encode("latin-1"))),
    ("text/plain", (), _bytes(b"one\r\ntwo\nthree\rfour\r\n\r\n")),
    ("text/plain; charset=utf-16", (), _bytes("ä€".encode("utf-16"))),
    ("application/json", (("Content-Encoding", "gzip"),), _bytes(GZIPPED)),
    ("text/plain", (("Content-Encoding", "br"),), _bytes(BROTLI)),
    ("application/octet-stream", (), _bytes(bytes(range(256)) * 3)),
    ("application/x-www-form-urlencoded", (), _bytes(b"b=2&a=1&a=%C3%A4+x&c")),
    ("application/xml", (), _bytes(b"<?xml version='1.0'?>\n<a  b='1'/>")),
    (
        'multipart/form-data; boundary="x-y"',
        (),
        _bytes(b'--x-y\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00\xff\r\n--x-y--\r\n'),
    ),
    ("application/vnd.example+json;v=1", (), _bytes(b"null")),
    (None, (), _bytes(b"untyped \x00\x01")),
    ("application/json", (), Load(block=b'{"a":  1}', chunked=True, piece=3)),
    ("application/octet-stream", (), Load(chunked=True)),
)
"""Bodies that are changed by mediators which read them."""


def drawn_paths(seed: str, count: int) -> Iterator[str]:
    """Give paths of segments that every server takes."""
    drawn = random.Random(seed)  # noqa: S311 -- not for secrets
    alphabet = [*_UNRESERVED, *_SUB, *_ESCAPES]
    for _ in range(count):
        segments = (
            "".join(drawn.choices(alphabet, k=drawn.randint(1, 9))) for _ in range(drawn.randint(1, 4))
        )
        yield "".join(f"/x{segment}" for segment in segments) + drawn.choice(("", "", "/"))


def drawn_queries(seed: str, count: int) -> Iterator[str]:
    """Give queries of names and values in all legal spellings."""
    drawn = random.Random(seed)  # noqa: S311 -- not for secrets
    alphabet = [*_UNRESERVED, *"!$'()*+,;:@/?", *_ESCAPES]
    for _ in range(count):
        pairs = []
        for _ in range(drawn.randint(1, 6)):
            name, value = ("".join(drawn.choices(alphabet, k=drawn.randint(1, 5))) for _ in range(2))
            pairs.append(drawn.choice((name, f"{name}=", f"{name}={value}", f"a={value}")))
        yield "&".join(pairs)


def drawn_bodies(seed: str, count: int) -> Iterator[Body]:
    """Give bodies of noise with sizes around the limits of usual buffers, in one piece and in many."""
    drawn = random.Random(seed)  # noqa: S311 -- not for secrets
    edges = (1, 1023, 4096, 8191, 8192, 8193, 16_384, 65_535, 65_536, 65_537, _MEGABYTE - 1, _MEGABYTE + 1)
    for number in range(count):
        size = edges[number % len(edges)] + (drawn.randint(0, 2) if number >= len(edges) else 0)
        chunked = drawn.random() < 0.5
        load = Load(block=block(f"{seed}{number}", min(size, 65_528)), size=size, chunked=chunked)
        yield drawn.choice(("application/octet-stream", "image/png", "text/plain")), (), load
