"""The faults of a product that answers badly, or loses text on the way; each is one small function."""

import asyncio
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dpi_conformance.mockkit.calls import Answer, encode
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.mockkit.requests import Arrival
from dpi_conformance.model.spec import Variant

__all__ = ["SLOW_SECONDS", "Met", "distorted", "emit", "mangled"]

SLOW_SECONDS = 11.0
"""How long ``slow-answer`` waits: more than the 10 s that product.yaml allows by default."""
_FILLER = b" " * 65536
_ENDLESS = 4096
"""Fillers that ``endless-answer`` sends: 256 MB, which no caller reads to its end."""
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z")
_HTML = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Bad Request</h1></body></html>"
_TRACE = (
    "java.lang.IllegalArgumentException: bad value\n"
    "\tat org.example.payments.Mapper.check(Mapper.java:118)\n"
    "\tat org.example.payments.Api.post(Api.java:42)"
)
_SQL = "SQLSTATE[22001]: value too long; INSERT INTO beneficiary (payee_identity) VALUES (?)"
_FILE = "/opt/payments/conf/mapper-validation.yml: rule 7 does not hold"


@dataclass(kw_only=True)
class Met:
    """What is known of a request so far."""

    arrival: Arrival
    spellings: Spellings
    variant: Variant | None = None
    body: Any = None
    has_body: bool = False


def _refuses(answer: Answer) -> bool:
    return answer.refused or 400 <= answer.status < 500


def _html_errors(answer: Answer, _met: Met) -> Answer:
    wrong = _refuses(answer) or answer.status >= 500
    return replace(answer, body=_HTML, media_type="text/html") if wrong else answer


def _with(answer: Answer, name: str, text: str) -> Answer:
    if _refuses(answer) and isinstance(answer.body, dict):
        return replace(answer, body={**answer.body, name: text})
    return answer


def _success_code_in_refusal(answer: Answer, met: Met) -> Answer:
    if not 400 <= answer.status < 500 or not isinstance(answer.body, dict):
        return answer
    codes = {name: met.spellings.success[name] for name in met.spellings.code if name in answer.body}
    return replace(answer, body={**answer.body, **codes})


def _refusal_as_success(answer: Answer, met: Met) -> Answer:
    served = _success_code_in_refusal(answer, met)
    return replace(served, status=200) if answer.status == 400 else answer


def _refusal_as_crash(answer: Answer, _met: Met) -> Answer:
    return replace(answer, status=500) if answer.status == 400 or answer.refused else answer


def _undeclared_status(answer: Answer, _met: Met) -> Answer:
    return replace(answer, status=201) if answer.status in {200, 202} else answer


def _request_id_not_echoed(answer: Answer, met: Met) -> Answer:
    if answer.status >= 300 or not isinstance(answer.body, dict):
        return answer
    wrapped = {name: _others(part, met) for name, part in answer.body.items() if isinstance(part, dict)}
    return replace(answer, body={**_others(answer.body, met), **wrapped})


def _others(body: Mapping[str, Any], met: Met) -> Mapping[str, Any]:
    """Give an object with other identifiers in the place of the request's."""
    return {**body, **{name: "000000000000" for name in met.spellings.request_id if name in body}}


def _wrong_type(answer: Answer, _met: Met) -> Answer:
    if answer.status >= 300 or not isinstance(answer.body, dict):
        return answer
    name = next((name for name, value in answer.body.items() if isinstance(value, str)), None)
    return answer if name is None else replace(answer, body={**answer.body, name: 0})


def _field_missing(answer: Answer, _met: Met) -> Answer:
    if answer.status >= 300 or not isinstance(answer.body, dict) or not answer.body:
        return answer
    first = next(iter(answer.body))
    return replace(answer, body={name: value for name, value in answer.body.items() if name != first})


def _too_long_field(answer: Answer, met: Met) -> Answer:
    if answer.status >= 300 or not isinstance(answer.body, dict):
        return answer
    long = {name: "x" * 512 for name in met.spellings.description if name in answer.body}
    return replace(answer, body={**answer.body, **long})


def _local_stamps(answer: Answer, _met: Met) -> Answer:
    def local(match: re.Match[str]) -> str:
        return match.group(0)[:-1] + "+03:00"

    text = encode(answer.body).decode()
    return replace(answer, body=_STAMP.sub(local, text).encode()) if answer.status < 300 else answer


def _latin_1(answer: Answer, _met: Met) -> Answer:
    text = encode(answer.body).decode()
    raw = text.encode("latin-1", "replace")
    return replace(answer, body=raw, media_type="application/json; charset=iso-8859-1")


def _comma_too_many(answer: Answer, _met: Met) -> Answer:
    if not (_refuses(answer) or answer.status >= 500) or not isinstance(answer.body, dict):
        return answer
    return replace(answer, body=encode(answer.body)[:-1] + b",}")


_DISTORTIONS: Mapping[str, Callable[[Answer, Met], Answer]] = {
    "success-code-in-refusal": _success_code_in_refusal,
    "refusal-as-success": _refusal_as_success,
    "refusal-as-crash": _refusal_as_crash,
    "undeclared-status": _undeclared_status,
    "request-id-not-echoed": _request_id_not_echoed,
    "wrong-type-in-answer": _wrong_type,
    "missing-required-answer-field": _field_missing,
    "too-long-answer-field": _too_long_field,
    "stack-trace-in-error": lambda answer, _met: _with(answer, "trace", _TRACE),
    "sql-in-error": lambda answer, _met: _with(answer, "cause", _SQL),
    "file-path-in-error": lambda answer, _met: _with(answer, "source", _FILE),
    "local-time-stamps": _local_stamps,
    "comma-too-many": _comma_too_many,
    "html-errors": _html_errors,
    "latin-1-answers": _latin_1,
}


def distorted(answer: Answer, met: Met, on: FaultSwitches) -> Answer:
    """Give the answer as a product with these faults gives it."""
    if not on:
        return answer
    variant = met.variant.id if met.variant else ""
    for name, distort in _DISTORTIONS.items():
        if on(name, variant):
            answer = distort(answer, met)
    return answer


def _without(categories: frozenset[str]) -> Callable[[str], str]:
    def strip(text: str) -> str:
        return "".join(c for c in text if unicodedata.category(c) not in categories)

    return strip


_MANGLINGS: Mapping[str, Callable[[str], str]] = {
    "text-normalised": lambda text: _without(frozenset({"Mn"}))(unicodedata.normalize("NFKD", text)),
    "text-cut-by-bytes": lambda text: text.encode()[: len(text)].decode(errors="ignore"),
    "emoji-dropped": lambda text: "".join(c for c in text if ord(c) < 0x10000),
    "marks-stripped": _without(frozenset({"Cf"})),
    "text-to-ascii": lambda text: text.encode("ascii", "replace").decode(),
}


def mangled(value: Any, on: FaultSwitches) -> Any:
    """Give parsed input as a product with these faults keeps it: with some of its text lost."""
    mangle = [change for name, change in _MANGLINGS.items() if on(name)] if on else []
    return _changed(value, mangle) if mangle else value


def _changed(value: Any, mangle: list[Callable[[str], str]]) -> Any:
    if isinstance(value, str):
        for change in mangle:
            value = change(value)
        return value
    if isinstance(value, dict):
        return {name: _changed(child, mangle) for name, child in value.items()}
    return [_changed(child, mangle) for child in value] if isinstance(value, list) else value


async def emit(send: Any, answer: Answer, met: Met, on: FaultSwitches) -> None:
    """Send an answer; late, cut off or without an end where a fault says so."""
    variant = met.variant.id if met.variant else ""
    served = bool(on) and answer.status < 300
    if served and on("slow-answer", variant):
        await asyncio.sleep(SLOW_SECONDS)
    raw = _raw(answer.body)
    headers = [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    headers.extend((b"set-cookie", cookie.encode()) for cookie in answer.cookies)
    if raw:
        headers.append((b"content-type", answer.media_type.encode()))
    endless = served and on("endless-answer", variant)
    if not endless:
        headers.append((b"content-length", str(len(raw)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if served and on("cut-off-answer", variant):
        await send({"type": "http.response.body", "body": raw[: len(raw) // 2], "more_body": True})
        return
    for _ in range(_ENDLESS if endless else 0):
        await send({"type": "http.response.body", "body": _FILLER, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": raw})


def _raw(body: object) -> bytes:
    if body is None or isinstance(body, bytes):
        return body or b""
    return encode(body)
