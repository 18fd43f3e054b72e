"""Writes a request as it goes over the wire: exactly what it says, and what HTTP and the target add to it."""

from urllib.parse import urlsplit

from dpi_conformance import __version__
from dpi_conformance.errors import HarnessError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Headers, Request
from dpi_conformance.wire.authentication import Proof

__all__ = ["Outgoing"]

_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose empty body is announced too (RFC 9110, 8.6)."""
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_OURS: Headers = (
    ("Accept", "application/json"),
    ("Accept-Encoding", "identity"),
    ("User-Agent", f"dpi-conformance/{__version__}"),
)
"""Identity, so that the evidence is what the product wrote and its time limit counts no packing."""


class Outgoing:
    """Writes requests to one base URL. A header that a request names itself goes as given, ours of that name not."""

    def __init__(self, base_url: str, headers: Headers = ()) -> None:
        """Take the target's base URL and the headers that go with every request."""
        parts = urlsplit(base_url)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.secure else 80)
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._prefix = parts.path.rstrip("/")
        self._host = ("Host", parts.netloc.rpartition("@")[2])
        named = {name.lower() for name, _ in headers}
        standing = (*headers, *(ours for ours in _OURS if ours[0].lower() not in named))
        self._standing = tuple((name.lower(), (name, value)) for name, value in standing)

    def write(self, request: Request, proof: Proof) -> tuple[Request, bytes]:
        """Give the request as it is sent, its URL absolute, and its bytes; raises HarnessError if HTTP has no such.

        Characters beyond ASCII go as UTF-8, in headers and in the target too.
        """
        target = self._target(request.url, proof.query)
        headers = self._headers(request, proof)
        lines = [
            f"{request.method} {target} HTTP/1.1",
            *[f"{name}: {value}" for name, value in headers],
            "",
            "",
        ]
        head = "\r\n".join(lines)
        ends = len(lines) - 1
        if head.count("\n") != ends or head.count("\r") != ends or "\0" in head or lines[0].count(" ") != 2:
            raise HarnessError(
                Message(
                    text=N_(
                        "HTTP has no such request: {line}. A line break, NUL or blank stands where none may."
                    ),
                    values={"line": repr(lines[0])},
                )
            )
        sent = Request(method=request.method, url=self._origin + target, headers=headers, body=request.body)
        return sent, head.encode("utf-8", "surrogateescape") + request.body

    def _target(self, origin_form: str, query: str) -> str:
        if not origin_form.startswith("/"):
            raise HarnessError(f"a request's url is in origin form and starts with /, not {origin_form!r}")
        target = self._prefix + origin_form
        return f"{target}{'&' if '?' in target else '?'}{query}" if query else target

    def _headers(self, request: Request, proof: Proof) -> Headers:
        named = {name.lower() for name, _ in request.headers}
        headers = [] if "host" in named else [self._host]
        headers += request.headers
        headers += [header for header in proof.headers if header[0].lower() not in named]
        if proof.headers:
            named |= {name.lower() for name, _ in proof.headers}
        headers += [header for name, header in self._standing if name not in named]
        if (request.body or request.method in _WITH_LENGTH) and not named & _FRAMING:
            headers.append(("Content-Length", str(len(request.body))))
        return tuple(headers)
