"""Writes out a request as it goes over the wire: exactly what it says, and what HTTP and the target add to it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import httpx

from dpi_conformance import __version__
from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Headers, Request
from dpi_conformance.wire.authentication import Proof
from dpi_conformance.wire.connector import Departure
from dpi_conformance.wire.passage import KEPT_BYTES, Load, Passage

__all__ = ["Outgoing"]

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods whose empty body is not announced."""
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_OURS: Headers = (
    ("Accept", "application/json"),
    ("Accept-Encoding", "identity"),
    ("User-Agent", f"dpi-conformance/{__version__}"),
)
"""Identity, so that the evidence is what the product wrote and its time limit counts no packing."""
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
"""Characters that no header may hold (RFC 9110, 5.5), and surrogates, which UTF-8 has no form for."""
_SMALL = 65_536
"""A body of at most so many bytes goes together with its head; a copy of a longer one would cost more."""
_NOTHING = httpx.ByteStream(b"")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BLANK = re.compile(r"\s")


class Outgoing:
    """Writes requests to one base URL. A header that a request names itself goes as given, ours of that name not."""

    def __init__(self, base_url: str, headers: Headers = (), spelt: Mapping[str, str] | None = None) -> None:
        """Take the target's base URL, the headers that go with every request, and how the target spells others.

        ``spelt`` gives the target's own name of a header for its lower-case published one.
        """
        parts = urlsplit(base_url)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self.origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._url = httpx.URL(self.origin)
        self._spelt = dict(spelt or {})
        self._prefix = parts.path.rstrip("/")
        self._host = ("Host", parts.netloc.rpartition("@")[2])
        named = {name.lower() for name, _ in headers}
        standing = (*headers, *(ours for ours in _OURS if ours[0].lower() not in named))
        self._standing = tuple((name.lower(), (name, value)) for name, value in standing)

    def write(self, request: Request, proof: Proof, passage: Passage | None = None) -> tuple[Request, bytes]:
        """Give the request as it is sent, its URL absolute, for the evidence; and its head, byte for byte.

        Characters beyond ASCII go as UTF-8, in headers and in the target too. Raises HarnessError where HTTP has no
        such request.
        """
        target = self._target(request.url, proof.query)
        if passage is not None:
            request = replace(request, body=_excerpt(passage.load))
        headers = self._headers(request, proof, passage)
        lines = [f"{name}: {value}" for name, value in headers]
        text = target + "".join(lines)
        unfit = not text.isprintable() and _UNFIT.search(text)
        if unfit or _BLANK.search(target) or not _METHOD.fullmatch(request.method):
            raise _impossible(f"{request.method} {target}")
        sent = Request(method=request.method, url=self.origin + target, headers=headers, body=request.body)
        return sent, "\r\n".join((f"{request.method} {target} HTTP/1.1", *lines, "", "")).encode()

    def envelope(
        self, sent: Request, head: bytes, departure: Departure, passage: Passage | None = None
    ) -> httpx.Request:
        """Give a written request as ``Transport`` carries it."""
        message: Iterable[bytes] = (head + sent.body,) if len(sent.body) <= _SMALL else (head, sent.body)
        if passage is not None and (passage.load.chunked or passage.load.length > _SMALL):
            message = _Pieces(head, passage.load)
        return httpx.Request(
            _Method(sent.method),
            self._url,
            stream=_NOTHING,
            extensions={"message": message, "departure": departure},
        )

    def _target(self, origin_form: str, query: str) -> str:
        if not origin_form.startswith("/"):
            raise HarnessError(f"a request's url is in origin form and starts with /, not {origin_form!r}")
        target = self._prefix + origin_form
        return f"{target}{'&' if '?' in target else '?'}{query}" if query else target

    def _headers(self, request: Request, proof: Proof, passage: Passage | None) -> Headers:
        if self._spelt:
            own = tuple((self._spelt.get(name.lower(), name), value) for name, value in request.headers)
            request = replace(request, headers=own)
        named = {name.lower() for name, _ in request.headers}
        if len(named) < len(request.headers):
            request = replace(request, headers=_spelt_alike(request.headers))
        if not _FRAMING.isdisjoint(named):
            raise HarnessError(
                "Content-Length and Transfer-Encoding are the wire's own; leave them out of a request"
            )
        headers = [self._host, *request.headers] if "host" not in named else _host_first(request.headers)
        for header in proof.headers:
            if header[0].lower() not in named:
                headers.append(header)
        if proof.headers:
            named.update([name.lower() for name, _ in proof.headers])
        load, without = (passage.load, passage.without) if passage else (None, frozenset[str]())
        headers += [header for name, header in self._standing if name not in named and name not in without]
        if load is not None and load.chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif load is not None and load.length:
            headers.append(("Content-Length", str(load.length)))
        elif request.body or request.method not in _BODILESS:
            headers.append(("Content-Length", str(len(request.body))))
        return tuple(headers)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """A head and a body that is made as it is sent; it can be sent again."""

    head: bytes
    load: Load

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        yield from self.load.framed()


def _excerpt(load: Load) -> bytes:
    """Give the beginning of a body, as evidence keeps it."""
    return next(load.pieces(), b"")[:KEPT_BYTES]


def _host_first(headers: Headers) -> list[tuple[str, str]]:
    return sorted(headers, key=lambda header: header[0].lower() != "host")


def _spelt_alike(headers: Headers) -> Headers:
    """Write a repeated name as the first time."""
    first: dict[str, str] = {}
    return tuple((first.setdefault(name.lower(), name), value) for name, value in headers)


class _Method(str):
    """A method as it is written: methods are case-sensitive (RFC 9110, 9.1), httpx and aiohttp write capitals."""

    __slots__ = ()

    def upper(self) -> str:
        """Give the method itself."""
        return self


def _impossible(line: str) -> HarnessError:
    return HarnessError(
        Message(
            text=N_("HTTP has no such request: {line}. A line break, NUL or blank stands where none may."),
            values={"line": repr(line)},
        )
    )
