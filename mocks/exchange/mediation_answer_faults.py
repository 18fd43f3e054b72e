"""Faults of the mediation on the way back to the caller (property D7)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["MEDIATION_ANSWER_FAULTS"]

_BODY = "RFC 9110, 6.4; PR-REST 3.1"
_FIELDS = "RFC 9110, 5.3; RFC 6265, 3"
_STATUS = "RFC 9110, 15; PR-REST 4.6"

_BODIES = (
    suite_fault(
        "answer-json-written-anew",
        "mediation.answer-body",
        "D7/answers*",
        N_("A JSON answer is parsed and written anew."),
        _BODY,
    ),
    suite_fault(
        "answer-unzipped",
        "mediation.answer-body",
        "D7/answers*",
        N_(
            "An answer that is packed with gzip is unpacked on the way, as the client library does by itself."
        ),
        _BODY,
    ),
    suite_fault(
        "answer-packed-anew",
        "mediation.answer-body",
        "D7/answers*",
        N_(
            "An answer that is packed with gzip is unpacked for a look into it, and packed again: other bytes."
        ),
        _BODY,
    ),
    suite_fault(
        "answer-charset-converted",
        "mediation.answer-body",
        "D7/answers*",
        N_("An answer in ISO-8859-1 is converted to UTF-8."),
        _BODY,
    ),
    suite_fault(
        "empty-answer-becomes-null",
        "mediation.answer-body",
        "D7/answers*",
        N_("An empty answer reaches the caller as the JSON value null."),
        _BODY,
    ),
    suite_fault(
        "answer-cut-at-pieces",
        "mediation.answer-body",
        "D7/large-answers",
        N_("An answer's last piece is lost unless it fills the buffer of 8 KB."),
        _BODY,
    ),
    suite_fault(
        "broken-answer-made-whole",
        "mediation.answer-incomplete",
        "D7/broken*",
        N_("An answer that the provider broke off is passed on as if it were whole."),
        "RFC 9112, 8",
    ),
    suite_fault(
        "answers-mixed-up",
        "mediation.answer-of-this-call",
        "D7/side-by-side",
        N_(
            "Answers lie in a buffer that all calls share: at the same moment one caller gets another's answer."
        ),
        "CWE-362; CWE-488",
    ),
    suite_fault(
        "answers-from-a-cache",
        "mediation.answer-of-this-call",
        "D7/not-cached",
        N_(
            "An answer to GET is given again to whoever asks for the same address, and the provider is not asked."
        ),
        "RFC 9111, 3",
    ),
)

_STATUSES = (
    suite_fault(
        "no-content-becomes-ok",
        "mediation.status",
        "D7/statuses*",
        N_("201, 202 and 204 reach the caller as 200."),
        _STATUS,
    ),
    suite_fault(
        "not-modified-becomes-ok",
        "mediation.status",
        "D7/answers-without-body",
        N_("304 reaches the caller as 200 and nothing: it takes the empty body for the new one."),
        "RFC 9110, 15.4.5",
    ),
    suite_fault(
        "redirects-followed",
        "mediation.redirect-passed",
        "D7/redirects*",
        N_("A redirect is followed by the mediator, which can reach what the caller may not."),
        "RFC 9110, 15.4; PR-REST 4.4; CWE-918",
    ),
    suite_fault(
        "not-found-becomes-bad-request",
        "mediation.status",
        "D7/statuses*",
        N_("404, 410 and 422 of the provider reach the caller as 400."),
        _STATUS,
    ),
    suite_fault(
        "provider-failure-becomes-gateway-failure",
        "mediation.status",
        "D7/statuses*",
        N_("500 and 503 of the provider reach the caller as 502."),
        _STATUS,
    ),
    suite_fault(
        "provider-errors-covered",
        "mediation.answer-body",
        "D7/statuses*",
        N_("The body of a provider's error is replaced by a page of the mediator's own."),
        _STATUS,
    ),
    suite_fault(
        "unreachable-provider-is-empty",
        "mediation.unreachable-told",
        "D7/unreachable*",
        N_("Where the provider cannot be reached, the caller gets 200 and nothing."),
        "RFC 9110, 15.6.3",
    ),
)

_HEADERS = (
    suite_fault(
        "charset-added",
        "mediation.answer-headers",
        "D7/answers*",
        N_("A Content-Type without a charset gets one."),
        "RFC 9110, 8.3; PR-REST 4.3",
    ),
    suite_fault(
        "set-cookie-merged",
        "mediation.answer-headers",
        "D7/answers*",
        N_("Header fields of one name are joined by commas, Set-Cookie too."),
        _FIELDS,
    ),
    suite_fault(
        "answer-headers-dropped",
        "mediation.answer-headers",
        "D7/answers*",
        N_("Of a provider's headers only the best known are passed on."),
        _FIELDS,
    ),
    suite_fault(
        "entity-tag-dropped",
        "mediation.answer-headers",
        "D7/answers*",
        N_("ETag and Last-Modified do not reach the caller, who can ask under no condition any more."),
        "RFC 9110, 8.8",
    ),
    suite_fault(
        "length-of-head-is-zero",
        "mediation.length-without-body",
        "D7/answers-without-body",
        N_(
            "The answer to HEAD says Content-Length: 0, as its framework reckons it from the body that is not there."
        ),
        "RFC 9110, 8.6, 9.3.2",
    ),
    suite_fault(
        "own-headers-reach-caller",
        "mediation.headers-added",
        "D7/answers*",
        N_("The caller gets headers of the mediator's inside: software, and the route with its addresses."),
        "govstack-cfr-security; CWE-200",
    ),
)

MEDIATION_ANSWER_FAULTS: tuple[Fault, ...] = (*_BODIES, *_STATUSES, *_HEADERS)
