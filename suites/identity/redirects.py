"""Redirect URIs that look like a registered one and are not it: each way in which a loose comparison can be bent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from posixpath import dirname
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from dpi_conformance.i18n import N_

__all__ = ["BENDS", "EVIL", "Bend", "leads_to", "on_loopback"]

EVIL = "dpi-evil"
"""Stands in every part of a bent URI that is nobody's: wherever a redirect has it, it went astray."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """One way to bend a redirect URI."""

    name: str
    told: str
    """What the bent one is, marked for translation."""
    make: Callable[[SplitResult], str]
    """Given the registered one; empty where it cannot be bent so."""


def _text(parts: SplitResult) -> str:
    return parts.geturl()


def _path(change: Callable[[str], str]) -> Callable[[SplitResult], str]:
    return lambda own: own._replace(path=change(own.path)).geturl()


def _host(change: Callable[[str], str]) -> Callable[[SplitResult], str]:
    """Change the host, not the port behind it."""

    def make(own: SplitResult) -> str:
        host = own.hostname or ""
        if not host or ":" in host:
            return ""
        return own._replace(netloc=own.netloc.replace(host, change(host), 1)).geturl()

    return make


def _named(change: Callable[[str], str]) -> Callable[[SplitResult], str]:
    """Change a host that has a name, not a number."""
    made = _host(change)
    return lambda own: "" if _is_number(own.hostname or "") else made(own)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def on_loopback(parts: SplitResult) -> bool:
    """Tell whether a redirect URI leads to this machine, where RFC 8252 (7.3) lets any port do."""
    host = parts.hostname or ""
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _port(own: SplitResult) -> str:
    other = 8444 if own.port != 8444 else 8445
    host = own.netloc.rpartition("@")[2].partition(":")[0]
    return "" if on_loopback(own) else own._replace(netloc=f"{host}:{other}").geturl()


def _standard_port(own: SplitResult) -> str:
    port = {"https": 443, "http": 80}.get(own.scheme)
    return (
        ""
        if own.port or not port or on_loopback(own)
        else own._replace(netloc=f"{own.netloc}:{port}").geturl()
    )


def _letters(text: str) -> str:
    return text.upper() if text.upper() != text else text.lower()


def _changed(make: Callable[[SplitResult], str]) -> Callable[[SplitResult], str]:
    """Give what is bent; empty if it is still the registered one."""
    return lambda own: bent if (bent := make(own)) != own.geturl() else ""


def _encoded(path: str) -> str:
    """Write the last letter of a path as its percent-encoding."""
    return f"{path[:-1]}%{ord(path[-1]):02x}" if path[-1:].isalnum() else f"{path}%2e"


def _behind(text: str) -> Callable[[SplitResult], str]:
    return lambda own: _text(own) + text


def _query(own: SplitResult) -> str:
    return own._replace(query=f"{own.query}&next={EVIL}" if own.query else f"next={EVIL}").geturl()


def _slash(path: str) -> str:
    return path.removesuffix("/") if path.endswith("/") and path != "/" else f"{path}/"


def _in_authority(before: str) -> Callable[[SplitResult], str]:
    return lambda own: own._replace(netloc=f"{before}{own.netloc}").geturl()


def _bend(name: str, told: str, make: Callable[[SplitResult], str]) -> Bend:
    return Bend(name=name, told=told, make=make)


BENDS: Mapping[str, Bend] = {
    one.name: one
    for one in (
        _bend(
            "other-host", N_("on another host"), lambda own: own._replace(netloc=f"{EVIL}.example").geturl()
        ),
        _bend("other-path", N_("another path of the same host"), _path(lambda _: f"/{EVIL}")),
        _bend("suffix", N_("the registered one with more behind it"), _path(lambda path: f"{path}{EVIL}")),
        _bend("sub-path", N_("a path below the registered one"), _path(lambda path: f"{path}/{EVIL}")),
        _bend("parent-path", N_("the path above the registered one"), _changed(_path(dirname))),
        _bend(
            "prefix",
            N_("the registered one without its last letter"),
            _changed(_path(lambda path: path[:-1])),
        ),
        _bend("extra-query", N_("the registered one with a further parameter"), _query),
        _bend("fragment", N_("the registered one with a fragment"), _behind(f"#{EVIL}")),
        _bend("other-port", N_("on another port"), _port),
        _bend("standard-port", N_("with the standard port written out"), _standard_port),
        _bend("host-in-capitals", N_("with the host in other letters"), _changed(_named(_letters))),
        _bend("path-in-capitals", N_("with the path in other letters"), _changed(_path(_letters))),
        _bend("trailing-slash", N_("with a slash more or less at its end"), _path(_slash)),
        _bend(
            "scheme-downgraded",
            N_("by http in place of https"),
            _changed(lambda own: own._replace(scheme="http").geturl()),
        ),
        _bend("other-scheme", N_("by a scheme of an app"), lambda own: own._replace(scheme=EVIL).geturl()),
        _bend(
            "subdomain", N_("on a subdomain of the registered host"), _named(lambda host: f"{EVIL}.{host}")
        ),
        _bend(
            "host-suffix",
            N_("on a host that begins as the registered one"),
            _named(lambda host: f"{host}.{EVIL}.example"),
        ),
        _bend(
            "host-prefix",
            N_("on a host that ends as the registered one"),
            _named(lambda host: f"{EVIL}-{host}"),
        ),
        _bend(
            "user-info",
            N_("with the registered host as a user's name on another host"),
            lambda own: own._replace(netloc=f"{own.netloc}@{EVIL}.example").geturl(),
        ),
        _bend(
            "backslash",
            N_("with a backslash that browsers take for a slash"),
            _in_authority(f"{EVIL}.example\\@"),
        ),
        _bend(
            "dot-segments",
            N_("with a path that climbs out of the registered one"),
            _path(lambda path: f"{path}/../{EVIL}"),
        ),
        _bend(
            "encoded-dot-segments",
            N_("with an encoded path that climbs out of the registered one"),
            _path(lambda path: f"{path}/%2e%2e/{EVIL}"),
        ),
        _bend("percent-encoded", N_("with a letter percent-encoded"), _path(_encoded)),
        _bend(
            "localhost",
            N_("on the person's own machine"),
            lambda own: f"http://localhost:{own.port or 8080}{own.path}/{EVIL}",
        ),
        _bend(
            "loopback-address",
            N_("on the loopback address"),
            lambda own: f"http://127.0.0.1:{own.port or 8080}{own.path}/{EVIL}",
        ),
        _bend("null-byte", N_("with a null byte and more behind it"), _behind(f"\x00.{EVIL}.example")),
        _bend("line-break", N_("with a line break and more behind it"), _behind(f"\r\nX-{EVIL}: 1")),
        _bend("blank-behind", N_("with a blank behind it"), _behind(" ")),
        _bend("script", N_("a script"), lambda own: f"javascript:alert('{EVIL}')//{own.netloc}"),
    )
}
"""In the order in which they are tried."""


def leads_to(location: str, bent: str, registered: str) -> bool:
    """Tell whether a redirect goes to the bent URI, or to any place that only the bent one can have led to."""
    there, own, wrong = (_before_answer(one) for one in (location, registered, bent))
    if EVIL in there.lower():
        return True
    if wrong != own:
        return bool(there) and there in {wrong, quote(wrong, safe=_RESERVED)}
    return there == own and _adds(location, bent, registered)


_RESERVED = ":/?#[]@!$&'()*+,;=%~"


def _before_answer(uri: str) -> str:
    """Give a URI without what an answer is written into: query and fragment."""
    return uri.partition("#")[0].partition("?")[0]


def _adds(location: str, bent: str, registered: str) -> bool:
    """Tell whether a redirect to the registered address carries what only the bent URI has in query or fragment."""
    there, wrong, own = (urlsplit(one) for one in (location, bent, registered))
    more = set(parse_qsl(wrong.query, True)) - set(parse_qsl(own.query, True))
    return bool(more & set(parse_qsl(there.query, True))) or bool(
        wrong.fragment and wrong.fragment in there.fragment
    )
