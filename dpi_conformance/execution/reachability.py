"""Probes below HTTP: the product's name, the connection to it, and its TLS."""

import asyncio
import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from dpi_conformance.catalogue.target import Target
from dpi_conformance.execution.observations import Health, Observation
from dpi_conformance.i18n import N_, Message
from dpi_conformance.wire.tls import context

__all__ = ["TLS_CLAUSE", "Place", "reach", "speaks_tls"]

TLS_CLAUSE = "govstack-cfr-security#req-1"
_EXPIRING_DAYS = 14


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target is: host and port, and whether it speaks TLS."""

    host: str
    port: int
    secure: bool

    @classmethod
    def of(cls, target: Target) -> "Place":
        """Read it from the base URL."""
        parts = urlsplit(target.base_url)
        secure = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if secure else 80), secure)

    @property
    def is_local(self) -> bool:
        """Tell whether it is this machine by its address or name."""
        if self.address is not None:
            return self.address.is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")

    @property
    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """Give the host as an address; None where it is a name."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host)
        return None


async def reach(target: Target) -> AsyncIterator[Observation]:
    """Yield the probes in order, each within ``limits.connect_seconds``; the first trouble is the last yielded."""
    place = Place.of(target)
    for probe in (_name, _connection, _tls):
        observation = await probe(place, target)
        yield observation
        if observation.health is Health.TROUBLE:
            return


async def speaks_tls(target: Target) -> Observation | None:
    """Say that a target spoken to without TLS wants it; None where it does not, or is spoken to with it already."""
    place = Place.of(target)
    if place.secure or not await _shakes_hands(place, target):
        return None
    return _trouble(
        "tls",
        N_("This port speaks TLS, and base_url says http://."),
        N_("This port speaks TLS: write https:// in base_url (product.yaml)."),
    )


async def _shakes_hands(place: Place, target: Target) -> bool:
    """Tell whether a TLS handshake is answered as such, be it by an alert."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(target.limits.connect_seconds):
            _, writer = await asyncio.open_connection(place.host, place.port, ssl=anybody)
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "")
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


async def _name(place: Place, target: Target) -> Observation:
    if place.address is not None:
        return _well("name-resolution", N_("{host} is an address; no name is looked up."), host=place.host)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(target.limits.connect_seconds):
            found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        return _trouble(
            "name-resolution",
            N_("The name {host} leads nowhere ({reason})."),
            N_(
                "Check the host in base_url (product.yaml), and that this machine uses the name server or VPN that knows it."
            ),
            host=place.host,
            reason=_reason(error, target),
        )
    addresses = ", ".join(dict.fromkeys(str(one[4][0]) for one in found))
    return _well("name-resolution", N_("{host} is at {addresses}."), host=place.host, addresses=addresses)


async def _connection(place: Place, target: Target) -> Observation:
    try:
        async with asyncio.timeout(target.limits.connect_seconds):
            _, writer = await asyncio.open_connection(place.host, place.port)
    except (OSError, TimeoutError) as error:
        return _trouble(
            "connection",
            N_("No connection to {host}:{port} ({reason})."),
            N_(
                "See that the product runs and that a firewall lets this machine in; check host and port in base_url, and "
                "limits.connect_seconds if it is slow (product.yaml)."
            ),
            host=place.host,
            port=place.port,
            reason=_reason(error, target),
        )
    writer.close()
    return _well("connection", N_("{host}:{port} takes connections."), host=place.host, port=place.port)


async def _tls(place: Place, target: Target) -> Observation:
    if not place.secure:
        return _plain(place)
    try:
        async with asyncio.timeout(target.limits.connect_seconds):
            _, writer = await asyncio.open_connection(
                place.host, place.port, ssl=context(target.tls, "own"), server_hostname=place.host
            )
    except (OSError, TimeoutError) as error:
        return _refused(error, target)
    session: ssl.SSLObject = writer.get_extra_info("ssl_object")
    version, certificate = session.version() or "-", session.getpeercert(binary_form=True) or b""
    writer.transport.abort()
    return _session(version, _days_left(certificate), verified=target.tls.verify)


def _plain(place: Place) -> Observation:
    if place.is_local:
        return _well("tls", N_("No TLS, on this machine itself: as a trial allows."))
    return _warning(
        "tls",
        N_("The product is spoken to without TLS ({clause} asks for HTTPS)."),
        N_("Write the product's https:// address as base_url in product.yaml, if it has one."),
        clause=TLS_CLAUSE,
    )


def _session(version: str, days: int, *, verified: bool) -> Observation:
    values: dict[str, str | int] = {"version": version, "days": days, "clause": TLS_CLAUSE}
    if not verified:
        text = N_("{version}; the product's certificate is not checked (tls.verify is false).")
        advice = N_(
            "Name the certificate of the product's authority under tls.ca_file, and take tls.verify out."
        )
        return _warning("tls", text, advice, **values)
    if version != "TLSv1.3":
        text = N_("{version}; {clause} asks for TLS 1.3. The certificate is good for {days} days.")
        return _warning(
            "tls", text, N_("Switch TLS 1.3 on at the product or at the proxy before it."), **values
        )
    if days < _EXPIRING_DAYS:
        text = N_("{version}; the product's certificate ends in {days} days.")
        return _warning("tls", text, N_("Renew the certificate before it ends, or runs will fail."), **values)
    return _well("tls", N_("{version}; the certificate is good for {days} days."), **values)


def _refused(error: Exception, target: Target) -> Observation:
    text = N_("No TLS with the product ({reason}).")
    code = getattr(error, "verify_code", None)
    match code:
        case 10:  # X509_V_ERR_CERT_HAS_EXPIRED
            advice = N_("The product's certificate has expired: renew it.")
        case 62 | 64:  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
            advice = N_(
                "The certificate is for another name: write the name that it holds in base_url (product.yaml), or "
                "issue one for this name."
            )
        case int():
            advice = N_(
                "The authority that signed the product's certificate is not known here: name its certificate (PEM) under "
                "tls.ca_file in product.yaml."
            )
        case _:
            advice = N_(
                "See that this port speaks TLS 1.2 or higher (else write http:// in base_url), and that "
                "tls.client_certificate is the one that the product expects (product.yaml)."
            )
    return _trouble("tls", text, advice, reason=_reason(error, target))


def _days_left(certificate: bytes) -> int:
    from cryptography import x509  # noqa: PLC0415 -- 40 ms, for TLS only

    end = x509.load_der_x509_certificate(certificate).not_valid_after_utc
    return (end - datetime.now(UTC)).days


def _reason(error: Exception, target: Target) -> str:
    if isinstance(error, TimeoutError) and not error.args:
        return f"> {target.limits.connect_seconds:g} s"
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)  # asyncio's own text says less
    return getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)


def _well(probe: str, text: str, /, **values: str | int) -> Observation:
    return Observation(probe=probe, health=Health.OK, message=Message(text=text, values=values))


def _warning(probe: str, text: str, advice: str, /, **values: str | int) -> Observation:
    message, more = Message(text=text, values=values), Message(text=advice)
    return Observation(probe=probe, health=Health.WARNING, message=message, advice=more)


def _trouble(probe: str, text: str, advice: str, /, **values: str | int) -> Observation:
    message, more = Message(text=text, values=values), Message(text=advice)
    return Observation(probe=probe, health=Health.TROUBLE, message=message, advice=more)
