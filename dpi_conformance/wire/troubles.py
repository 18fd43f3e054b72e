"""Says in the evidence's words what went wrong on the way to the product and back."""

import os
import socket
import ssl
from errno import ECONNREFUSED

import aiohttp
import httpx
from aiohttp.http import HttpProcessingError

from dpi_conformance.model.evidence import TransportTrouble
from dpi_conformance.wire.transport import LostError

__all__ = ["trouble"]


def trouble(error: httpx.TransportError, where: str, connect_seconds: float) -> TransportTrouble:
    """Tell the kind of trouble by its cause; ``where`` is the product's host and port."""
    cause = error.__cause__
    match cause:
        case aiohttp.ServerTimeoutError():
            return _told("timeout", f"no connection to {where} within {connect_seconds:g} s")
        case aiohttp.ClientConnectorError():
            return _unconnected(cause, where)
        case UnicodeError():
            return _told("unreachable", f"{where} is no name that a host can have: {cause}")
        case HttpProcessingError():
            return _told("protocol", f"no HTTP answer: {_one_line(cause.message)}")
        case aiohttp.ClientPayloadError() if _malformed(cause):
            return _told("protocol", f"the body is not framed as HTTP: {_one_line(str(cause.__cause__))}")
        case _:
            return _cut_off(error)


def _told(kind: str, detail: str, *, ended: bool = False) -> TransportTrouble:
    return TransportTrouble(kind=kind, detail=detail, ended=ended)


def _unconnected(error: aiohttp.ClientConnectorError, where: str) -> TransportTrouble:
    under = error.os_error
    if isinstance(error, aiohttp.ClientSSLError):
        ours = isinstance(
            error, aiohttp.ClientConnectorCertificateError
        )  # we refused the product's certificate
        return _told("tls", f"no TLS with {where}: {under}", ended=not ours)
    if isinstance(under, socket.gaierror):
        return _told("unreachable", f"the name of {where} is not known: {under.strerror}")
    if under.errno == ECONNREFUSED:
        return _told("refused", f"no connection to {where} ({os.strerror(ECONNREFUSED)})")
    if error.args[0].is_ssl and isinstance(under, ConnectionError):
        return _told("tls", f"no TLS with {where}: the connection was closed in the handshake", ended=True)
    return _told("unreachable", f"no connection to {where}: {under}")


def _cut_off(error: BaseException) -> TransportTrouble:
    """Tell of a connection that ended; TLS 1.3 refuses a client's certificate only now."""
    causes = [error]
    while (cause := causes[-1].__cause__) is not None:
        causes.append(cause)
    silent = any(isinstance(cause, LostError) and cause.silent for cause in causes)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _told("tls", str(cause), ended=silent)
    detail = f"the connection was closed before the answer's end ({_one_line(str(error))})"
    return _told("cut-off", detail, ended=silent)


def _malformed(error: aiohttp.ClientPayloadError) -> bool:
    return "Not enough data" not in str(error)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
