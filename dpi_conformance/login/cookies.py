"""One person's cookies, kept and given back as a browser does."""

from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from dpi_conformance.login.landing import Session
from dpi_conformance.model.evidence import Exchange

__all__ = ["Cookies"]

_KEY = "cookies"


class Cookies:
    """The cookies of a session. A host's own go to this host only; Secure ones go by http on this machine only."""

    def __init__(self, session: Session, base_url: str) -> None:
        """Take the session that they stay in, and the product's address."""
        if _KEY not in session.kept:
            policy = DefaultCookiePolicy(
                strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain,
                secure_protocols=("https", "http") if _is_here(base_url) else ("https",),
            )
            session.kept[_KEY] = httpx.Cookies(CookieJar(policy))
        self._cookies: httpx.Cookies = session.kept[_KEY]

    def header(self, method: str, url: str) -> str:
        """Give the Cookie header for a request; empty: none."""
        request = httpx.Request(method, url)
        self._cookies.set_cookie_header(request)
        return str(request.headers.get("cookie", ""))

    def take(self, exchange: Exchange) -> None:
        """Keep what an answer sets."""
        if exchange.response is None or exchange.response.header("set-cookie") is None:
            return
        request = httpx.Request(exchange.request.method, exchange.request.url)
        headers = [(name, value) for name, value in exchange.response.headers if name == "set-cookie"]
        self._cookies.extract_cookies(
            httpx.Response(exchange.response.status, headers=headers, request=request)
        )


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
