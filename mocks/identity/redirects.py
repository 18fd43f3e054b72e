"""Which address an answer of the authorization endpoint is sent to, and how it is written."""

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit, urlunsplit

from dpi_conformance.mockkit.calls import Answer
from dpi_conformance.mockkit.faults import FaultSwitches

from .clients import Client, Clients

__all__ = ["Redirects"]


class Redirects:
    """Compares redirect URIs character by character (RFC 9700, 2.1), and writes redirects."""

    def __init__(self, clients: Clients, on: FaultSwitches) -> None:
        """Take what clients had before, and the faults that are on."""
        self._clients = clients
        self._on = on

    def registered(self, client: Client, given: str) -> bool:
        """Tell whether a client has registered this very URI (OpenID Connect Core 3.1.2.1)."""
        if given in client.redirect_uris:
            return True
        if self._on("removed-redirect-accepted"):
            return given in self._clients.former_redirects.get(client.client_id, ())
        return bool(self._on) and any(self._taken_for(own, given) for own in client.redirect_uris)

    def _taken_for(self, own: str, given: str) -> bool:
        """Compare as a product with a fault does."""
        if self._on("redirect-prefix-match") and given.startswith(own):
            return True
        try:
            mine, other = urlsplit(own), urlsplit(given)
            _ = other.port
        except ValueError:
            return False
        return any(self._on(name) and rule(mine, other) for name, rule in _LOOSE.items())

    def success(self, uri: str, code: str, state: str | None) -> Answer:
        """Redirect with a code (OpenID Connect Core 3.1.2.5)."""
        return self._redirect(uri, {"code": code}, None if self._on("state-dropped") else state)

    def failure(self, uri: str, error: str, description: str, state: str | None) -> Answer:
        """Redirect with an error (OpenID Connect Core 3.1.2.6)."""
        denied = error == "access_denied" and self._on("state-missing-when-denied")
        kept = None if denied or self._on("state-missing-in-error") else state
        return self._redirect(uri, {"error": error, "error_description": description}, kept)

    def _redirect(self, uri: str, values: Mapping[str, str], state: str | None) -> Answer:
        pairs = [*values.items(), *([] if state is None else self._state(state))]
        parts = urlsplit(uri)
        query = "&".join(filter(None, [parts.query, urlencode(pairs, quote_via=quote)]))
        part = "fragment" if self._on("code-in-fragment") else "query"
        return Answer(
            status=303,
            body=None,
            headers={
                "location": urlunsplit(parts._replace(**{part: query})),
                "cache-control": "no-store",
                "referrer-policy": "no-referrer",
            },
        )

    def _state(self, state: str) -> list[tuple[str, str]]:
        if self._on("state-decoded-again"):
            state = unquote(state)
        if self._on("state-trimmed"):
            state = " ".join(state.split())
        if self._on("state-to-ascii"):
            state = state.encode("ascii", "replace").decode()
        return [("state", state)] * (2 if self._on("state-doubled") else 1)


def _where(parts: SplitResult) -> tuple[str, str, str]:
    return parts.scheme, parts.netloc, parts.path


_LOOSE: Mapping[str, Callable[[SplitResult, SplitResult], bool]] = {
    "redirect-query-ignored": lambda own, other: _where(own) == _where(other) and not other.fragment,
    "redirect-port-ignored": lambda own, other: (
        (own.scheme, own.hostname, own.path, own.query, other.fragment)
        == (other.scheme, other.hostname, other.path, other.query, "")
    ),
    "redirect-case-ignored": lambda own, other: own.geturl().lower() == other.geturl().lower(),
    "redirect-trailing-slash-ignored": lambda own, other: (
        own.geturl().rstrip("/") == other.geturl().rstrip("/")
    ),
    "redirect-fragment-ignored": lambda own, other: (
        own.geturl() == other._replace(fragment="").geturl() and bool(other.fragment)
    ),
    "redirect-subpath-accepted": lambda own, other: (
        own[:2] == other[:2] and other.path.startswith(own.path.rstrip("/") + "/")
    ),
    "redirect-host-only": lambda own, other: own.hostname == other.hostname,
    "redirect-decoded-first": lambda own, other: own.geturl() == unquote(other.geturl()),
    "redirect-subdomain-accepted": lambda own, other: (
        (other.hostname or "").endswith(f".{own.hostname}") and own.path == other.path
    ),
    "redirect-origin-prefix": lambda own, other: other.geturl().startswith(f"{own.scheme}://{own.netloc}"),
    "redirect-normalised-first": lambda own, other: (
        own[:2] == other[:2] and other.path.replace("/..", "").startswith(own.path)
    ),
    "redirect-to-own-machine": lambda _own, other: other.hostname in {"localhost", "127.0.0.1"},
    "redirect-scheme-ignored": lambda own, other: own[1:] == other[1:],
}
"""How products that do not compare character by character compare."""
