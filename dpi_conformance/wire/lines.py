"""What stands in the lines of journal.ndjson: values as plain objects, redacted."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from enum import Enum
from typing import Any

import orjson

from dpi_conformance.i18n import Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.cases import Case, CaseResult
from dpi_conformance.model.evidence import Callback, Exchange, Finding, Request, Response
from dpi_conformance.model.requirements import Requirement
from dpi_conformance.wire.redaction import Cleaned

__all__ = [
    "Line",
    "block",
    "callback_evidence",
    "case",
    "evidence",
    "message",
    "outcome",
    "requirement",
    "seen",
]

Line = dict[str, Any]


def message(message: Message | None) -> Line | None:
    """Give a sentence as its template and values."""
    return None if message is None else {"text": message.text, "values": dict(message.values)}


def block(block: Block, digests: Line, cases: Iterable[Case]) -> Line:
    """Give what a report names of a block, and by which count and digest its list of cases is known."""
    return {
        "type": "block",
        "id": block.id,
        "title": block.title,
        "specification": block.specification,
        "digests": dict(digests),
        "functions": dict(block.functions),
        "properties": dict(block.properties),
        "planned": _planned(cases),
    }


def _planned(cases: Iterable[Case]) -> Line:
    """Give the count of the planned cases, and the sha256 of their lines, each without its link and with a line feed."""
    count, digest = 0, hashlib.sha256()
    for count, one in enumerate(cases, start=1):  # noqa: B007 -- the last number is the count
        digest.update(orjson.dumps(case(one), option=orjson.OPT_APPEND_NEWLINE))
    return {"count": count, "sha256": digest.hexdigest()}


def requirement(block: str, requirement: Requirement) -> Line:
    """Give all fields of a requirement."""
    values = {field.name: getattr(requirement, field.name) for field in fields(requirement)}
    plain = {key: value.value if isinstance(value, Enum) else value for key, value in values.items()}
    return {"type": "requirement", "block": block, **plain}


def case(case: Case) -> Line:
    """Give all fields of a planned case."""
    return {
        "type": "case",
        "id": case.id,
        "block": case.block,
        "kind": case.kind,
        "purpose": message(case.purpose),
        "variant": case.variant,
        "functions": case.functions,
        "requirements": case.requirements,
        "clause": case.clause,
        "vectors": case.vectors,
    }


def outcome(result: CaseResult) -> Line:
    """Give what a case came to; its findings stand with its exchanges."""
    return {
        "type": "result",
        "case": result.case,
        "verdict": result.verdict.name,
        "reason": message(result.reason),
        "exchanges": result.exchanges,
        "duration_ms": result.duration_ms,
    }


def seen(exchange: Exchange) -> Line:
    """Give what is kept of an exchange that shows nothing: nothing in it is private."""
    response = exchange.response
    line: Line = {
        "status": None,
        "elapsed_ms": round(exchange.elapsed_ms, 3),
        "started_at": exchange.started_at,
        "media_type": "",
        "size": 0,
        "sha256": "",
    }
    if response is not None:
        line["status"] = response.status
        line["media_type"] = _media_type(response)
        line["size"] = len(response.body)
        line["sha256"] = hashlib.sha256(response.body).hexdigest()
    return line


def _media_type(response: Response) -> str:
    for name, value in response.headers:
        if name == "content-type":
            return value.partition(";")[0].strip().lower()[:100]
    return ""


def evidence(exchange: Exchange, findings: Iterable[Finding], clean: Cleaned) -> Line:
    """Give an exchange's request, response and findings, redacted and cut."""
    trouble = exchange.trouble
    return {
        "request": _request(exchange.request, clean, ours=True),
        "response": _response(exchange.response, clean),
        "trouble": None if trouble is None else {"kind": trouble.kind, "detail": clean.text(trouble.detail)},
        "findings": [_finding(finding, clean) for finding in findings],
    }


def callback_evidence(callback: Callback, findings: Iterable[Finding], clean: Cleaned) -> Line:
    """Give what the product sent to us, redacted and cut."""
    return {
        "address": callback.address,
        "received_at": callback.received_at,
        "after_ms": round(callback.after_ms, 3),
        "answered": callback.answered,
        "request": _request(callback.request, clean, ours=False),
        "findings": [_finding(finding, clean) for finding in findings],
    }


def _request(request: Request, clean: Cleaned, *, ours: bool) -> Line:
    return {
        "method": request.method,
        "url": clean.url(request.url, ours=ours),
        "headers": clean.headers(request.headers, ours=ours),
        "body": clean.body(request.body, ours=ours),
        "body_bytes": len(request.body),
    }


def _response(response: Response | None, clean: Cleaned) -> Line | None:
    if response is None:
        return None
    body = clean.body(response.body, ours=False)  # first: what it holds goes from the headers too
    return {
        "status": response.status,
        "headers": clean.headers(response.headers, ours=False),
        "body": body,
        "body_bytes": len(response.body),
        "truncated": response.truncated,
    }


def _finding(finding: Finding, clean: Cleaned) -> Line:
    shown = clean.finding(finding)
    between = {"interface": shown.interface, "side": shown.side} if shown.interface or shown.side else {}
    return {
        "code": shown.code,
        "message": message(shown.message),
        "expected": shown.expected,
        "actual": shown.actual,
        "clause": shown.clause,
        "place": shown.place,
        "exchange": shown.exchange,
        "advice": message(shown.advice),
        "advisory": shown.advisory,
        **between,
    }
