"""Evidence and its findings as they may be shown: on a screen, or in a file that is no journal."""

from collections.abc import Iterable
from dataclasses import replace

from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Callback, Exchange, Finding, Headers, Request, Response
from dpi_conformance.wire.redaction import Cleaned, Redactor

__all__ = ["shown"]


def shown(
    redactor: Redactor,
    evidence: Iterable[Exchange | Callback],
    findings: Iterable[Finding],
    reason: Message | None = None,
) -> tuple[tuple[Exchange | Callback, ...], tuple[Finding, ...], Message | None]:
    """Give evidence and what is said of it without secrets and personal data, its bodies cut as evidence is."""
    every = tuple(evidence)
    for one in every:
        if isinstance(one, Exchange):
            redactor.sent(one.request.url, one.request.body)
    clean = redactor.cleaned()
    told = tuple(
        _exchange(one, clean) if isinstance(one, Exchange) else _callback(one, clean) for one in every
    )
    return told, tuple(clean.finding(finding) for finding in findings), reason and clean.message(reason)


def _exchange(exchange: Exchange, clean: Cleaned) -> Exchange:
    request, response = _request(exchange.request, clean, ours=True), _response(exchange.response, clean)
    trouble = exchange.trouble and replace(exchange.trouble, detail=clean.text(exchange.trouble.detail))
    return replace(exchange, request=request, response=response, trouble=trouble)


def _callback(callback: Callback, clean: Cleaned) -> Callback:
    return replace(callback, request=_request(callback.request, clean, ours=False))


def _request(request: Request, clean: Cleaned, *, ours: bool) -> Request:
    return replace(
        request,
        url=clean.url(request.url, ours=ours),
        headers=_headers(clean, request.headers, ours=ours),
        body=clean.body(request.body, ours=ours).encode(),
    )


def _response(response: Response | None, clean: Cleaned) -> Response | None:
    if response is None:
        return None
    body = clean.body(response.body, ours=False).encode()
    return replace(response, body=body, headers=_headers(clean, response.headers, ours=False))


def _headers(clean: Cleaned, headers: Headers, *, ours: bool) -> Headers:
    return tuple((name, value) for name, value in clean.headers(headers, ours=ours))
