"""Where a login may lead: the client's redirect URI, the product's own hosts, or somewhere else, where nothing is sent."""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

__all__ = ["Places", "answers_at", "resolved"]

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[^!#$%&'()*+,./:;=?@\[\]_~0-9A-Za-z-]")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def answers_at(location: str, redirect_uri: str) -> bool:
    """Tell whether a location is the redirect URI with an answer behind it (RFC 6749, 4.1.2).

    A redirect URI is compared as text (RFC 3986, 6.2.1); a host in other letters or a port that goes without saying
    is let pass, since some libraries write them so, and nothing else is.
    """
    if _begins(location, redirect_uri):
        return True
    return _begins(_plain(location), _plain(redirect_uri))


def _begins(location: str, uri: str) -> bool:
    if not uri or not location.startswith(uri):
        return False
    rest = location[len(uri) :]
    return not rest or rest[0] in ("&#" if "?" in uri else "?#")


def _plain(url: str) -> str:
    """Write scheme and host in lower case, and leave out the port that goes without saying."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if not parts.netloc or "@" in parts.netloc:
        return url
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    authority = shown if port in {None, _PORTS.get(parts.scheme)} else f"{shown}:{port}"
    rest = url.partition("://")[2][len(parts.netloc) :]
    return f"{parts.scheme}://{authority}{rest if rest.startswith('/') else f'/{rest}'}"


def resolved(base: str, reference: str) -> str:
    """Give the absolute URL of a reference, as browsers read it: without line ends, other characters percent-encoded.

    Empty where it is no URL at all.
    """
    reference = re.sub(r"[\t\r\n]", "", reference.strip())
    try:
        url = reference if _ABSOLUTE.match(reference) else urljoin(base, reference)
        urlsplit(url).port  # noqa: B018 -- raises where there is none
    except ValueError:
        return ""
    return _UNSAFE.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), url
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The product's own address and the further hosts of its login."""

    base_url: str
    hosts: tuple[str, ...] = ()

    def may_go(self, url: str) -> bool:
        """Tell whether a person's browser may go there: a host of the login, and not from https to http."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return False
        home = urlsplit(self.base_url)
        if parts.scheme not in _PORTS or (home.scheme == "https" and parts.scheme == "http"):
            return False
        if parts.username is not None or parts.password is not None:
            return False
        host = (parts.hostname or "").lower()
        own = (home.hostname, home.port or _PORTS[home.scheme])
        named = {name.lower() for name in self.hosts}
        return (host, port) == own or host in named or f"{host}:{port}" in named
