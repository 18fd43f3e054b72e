"""One answer of the provider, as a relying party reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.evidence import Exchange, Request

__all__ = ["Reply", "ask", "error_of", "get"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of one request to an endpoint of the provider."""

    exchange: Exchange
    body: Any
    """The JSON of the answer; an empty object if it is none."""

    @property
    def status(self) -> int:
        """Give the HTTP status; 0 if no answer came."""
        return self.exchange.response.status if self.exchange.response else 0

    @property
    def text(self) -> str:
        """Give the body as text."""
        return self.exchange.response.body.decode("utf-8", "replace") if self.exchange.response else ""

    @property
    def media_type(self) -> str:
        """Give the media type without its parameters, in lower case."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @property
    def location(self) -> str:
        """Give where a redirect leads, as it was written; empty if it is none."""
        return self.header("location") if 300 <= self.status < 400 else ""

    @property
    def served(self) -> bool:
        """Tell whether it is a success."""
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Tell whether it is a refusal by status; a 5xx is none."""
        return 400 <= self.status < 500

    @property
    def error(self) -> str:
        """Give the error code of an OAuth error (RFC 6749, 5.2), or of the GovStack envelope."""
        return error_of(self.body)

    def header(self, name: str) -> str:
        """Give a header's value; empty without it."""
        return (self.exchange.response.header(name) if self.exchange.response else None) or ""

    def get(self, name: str) -> Any:
        """Give a member of the JSON object; None without it."""
        return self.body.get(name) if isinstance(self.body, Mapping) else None

    def all(self, name: str) -> list[str]:
        """Give every value of a parameter of the redirect, in query and fragment."""
        parts = urlsplit(self.location)
        pairs = (*parse_qsl(parts.query, True), *parse_qsl(parts.fragment, True))
        return [value for key, value in pairs if key == name]

    def __str__(self) -> str:
        """Give status and the begin of what came, for ``actual``."""
        if self.exchange.response is None:
            trouble = self.exchange.trouble
            return f"{trouble.kind}: {trouble.detail}" if trouble else "-"
        return f"HTTP {self.status} {self.location or self.text[:200]}".rstrip()


def error_of(body: Any) -> str:
    """Give the error code of an OAuth error (RFC 6749, 5.2), or the first of the GovStack envelope; empty without one."""
    if not isinstance(body, Mapping):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
    return str(body.get("error") or first.get("errorCode") or "")


def get(url: str, accept: str = "application/json") -> Request:
    """Make a GET request to an absolute URL."""
    return Request(method="GET", url=url, headers=(("Accept", accept),))


async def ask(scene: Scene, request: Request, name: str, *, broken: bool = False) -> Reply:
    """Send a request to an absolute URL without the target's credentials.

    Raises Prerequisite where the product throttles, fails (5xx) or cannot be reached: that says nothing of a property.
    ``broken``: the request is valid, and an answer 500 that comes again is given back.
    """
    exchange = await scene.visit(request, name)
    if broken and exchange.response is not None and exchange.response.status == 500:
        exchange = await scene.visit(request, name)
    reply = Reply(exchange=exchange, body=_json(exchange))
    if broken and reply.status == 500:
        return reply
    if reply.status in {0, 429} or reply.status >= 500:
        text = N_("The request ({variant}) could not be judged: {answer}.")
        raise Prerequisite(Message(text=text, values={"variant": name, "answer": str(reply)}))
    return reply


def _json(exchange: Exchange) -> Any:
    try:
        return json_in_unicode(exchange.response.body) if exchange.response is not None else {}
    except (ValueError, RecursionError):
        return {}
