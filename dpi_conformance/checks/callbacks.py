"""Checks on a callback: it came, as the operation declares it, and its body is valid."""

from collections.abc import Iterator

import jsonschema_rs
import orjson

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Callback, Finding
from dpi_conformance.model.spec import Outbound

__all__ = ["check_callback", "missing_callback"]

_ADVICE = Message(
    text=N_(
        "The caller waits for this message to go on, and cannot read it otherwise. Send what the specification "
        "declares to the address that the request named."
    )
)


def missing_callback(outbound: Outbound, seconds: float, exchange: str) -> Finding:
    """A callback that was asked for arrives within the deadline (limits.callback_seconds)."""
    return _finding(
        outbound,
        "callback.arrived",
        N_("The callback that was asked for arrives."),
        f"≤ {seconds:g} s",
        "-",
        exchange,
    )


def check_callback(outbound: Outbound, callback: Callback) -> Iterator[Finding]:
    """Give the deviations of one callback from what the specification declares."""
    request = callback.request
    if request.method != outbound.method.upper():
        asks = N_("The callback uses the declared method.")
        yield _finding(
            outbound, "callback.method", asks, outbound.method.upper(), request.method, callback.id, "method"
        )
    media = next((value for name, value in request.headers if name.lower() == "content-type"), "-")
    if media.partition(";")[0].strip().lower() != "application/json":
        asks = N_("The callback's body comes as application/json.")
        yield _finding(
            outbound,
            "callback.content-type",
            asks,
            "application/json",
            media,
            callback.id,
            "header.content-type",
        )
    yield from _body(outbound, callback)


def _body(outbound: Outbound, callback: Callback) -> Iterator[Finding]:
    try:
        body = orjson.loads(callback.request.body)
    except orjson.JSONDecodeError as error:
        asks = N_("The callback's body is JSON.")
        yield _finding(
            outbound, "callback.json", asks, N_("JSON (RFC 8259)"), str(error), callback.id, "body"
        )
        return
    if outbound.body is None:
        return
    validator = jsonschema_rs.Draft202012Validator(outbound.body.schema, validate_formats=True)
    for error in validator.iter_errors(body):
        place = ".".join(["body", *map(str, error.instance_path)])
        asks = N_("The callback's body is valid against its schema.")
        expected = N_("a body valid against the declared schema")
        yield _finding(outbound, "callback.schema", asks, expected, error.message[:300], callback.id, place)


def _finding(
    outbound: Outbound,
    code: str,
    asks: str,
    expected: str,
    actual: str,
    evidence: str,
    place: str = "callback",
) -> Finding:
    return Finding(
        code=code,
        message=Message(text=asks),
        expected=expected,
        actual=actual,
        clause=clause_of(outbound),
        exchange=evidence,
        place=place,
        advice=_ADVICE,
    )


def clause_of(outbound: Outbound) -> str:
    """Name the published place of a callback."""
    published = outbound.published
    return f"{published.get('file', '')}: {published.get('method', '')} {published.get('path', '')}"
