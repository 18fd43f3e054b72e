"""An exchange and its findings as they may be shown: on a screen, or in a file that is no journal."""

from collections.abc import Iterable
from dataclasses import replace

from dpi_conformance.model.evidence import Exchange, Finding, Headers, Request, Response
from dpi_conformance.wire.redaction import Cleaned, Redactor

__all__ = ["shown"]


def shown(
    redactor: Redactor, exchange: Exchange, findings: Iterable[Finding]
) -> tuple[Exchange, tuple[Finding, ...]]:
    """Give an exchange and what was found in it without secrets and personal data, its bodies cut as evidence is."""
    redactor.sent(exchange.request.url, exchange.request.body)
    clean = redactor.cleaned()
    request, response = _request(exchange.request, clean), _response(exchange.response, clean)
    trouble = exchange.trouble and replace(exchange.trouble, detail=clean.text(exchange.trouble.detail))
    told = replace(exchange, request=request, response=response, trouble=trouble)
    return told, tuple(clean.finding(finding) for finding in findings)


def _request(request: Request, clean: Cleaned) -> Request:
    return replace(
        request,
        url=clean.url(request.url, ours=True),
        headers=_headers(clean, request.headers, ours=True),
        body=clean.body(request.body, ours=True).encode(),
    )


def _response(response: Response | None, clean: Cleaned) -> Response | None:
    if response is None:
        return None
    body = clean.body(response.body, ours=False).encode()
    return replace(response, body=body, headers=_headers(clean, response.headers, ours=False))


def _headers(clean: Cleaned, headers: Headers, *, ours: bool) -> Headers:
    return tuple((name, value) for name, value in clean.headers(headers, ours=ours))
