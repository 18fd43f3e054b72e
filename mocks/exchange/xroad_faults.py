"""Faults of the X-Road message protocol (properties X1 to X14, M1 to M4)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["XROAD_FAULTS"]

_HEADERS = "PR-REST 4.3"
_ERRORS = "PR-REST 4.6"

_MESSAGES = (
    suite_fault(
        "escaped-parts-not-decoded",
        "xroad.identifier-decoded",
        "X1/*",
        N_("The parts of a service's identifier are compared as they are written, percent signs and all."),
        "PR-REST 4.1",
    ),
    suite_fault(
        "x-road-client-not-needed",
        "xroad.client-required",
        "X2/*",
        N_("A request without X-Road-Client is mediated in the name of the first application."),
        _HEADERS,
    ),
    suite_fault(
        "service-header-cut",
        "xroad.service-named",
        "X4/*",
        N_("X-Road-Service names the application and not its service."),
        _HEADERS,
    ),
    suite_fault(
        "request-id-missing",
        "xroad.request-id",
        "X4/*",
        N_("An answer has no X-Road-Request-Id, so that it cannot be found in the log."),
        _HEADERS,
    ),
    suite_fault(
        "providers-own-headers-win",
        "xroad.headers-overwritten",
        "X4/*",
        N_(
            "Where a provider sets headers of X-Road itself, they reach the caller in place of the true ones."
        ),
        _HEADERS,
    ),
    suite_fault(
        "request-hash-missing",
        "xroad.request-hash",
        "X5/*",
        N_("An answer has no X-Road-Request-Hash."),
        _HEADERS,
    ),
    suite_fault(
        "request-hash-of-another-kind",
        "xroad.request-hash",
        "X5/*",
        N_("X-Road-Request-Hash is made with SHA-256."),
        _HEADERS,
    ),
    suite_fault(
        "request-hash-of-the-body",
        "xroad.request-hash",
        "X5/*",
        N_("X-Road-Request-Hash is that of the body alone: two requests of one body have the same."),
        _HEADERS,
    ),
    suite_fault(
        "request-hash-passed-on",
        "xroad.request-hash-dropped",
        "X5/*",
        N_("What a caller writes as X-Road-Request-Hash, -Request-Id and -Service reaches the provider."),
        _HEADERS,
    ),
    suite_fault(
        "message-id-made-anew",
        "xroad.message-id",
        "X6/*",
        N_("X-Road-Id is replaced by an identifier of the mediator's own."),
        _HEADERS,
    ),
    suite_fault(
        "message-id-not-returned",
        "xroad.message-id",
        "X6/*",
        N_("An answer has no X-Road-Id."),
        _HEADERS,
    ),
    suite_fault(
        "user-id-dropped",
        "xroad.headers-passed",
        "X7/*",
        N_("X-Road-UserId does not reach the provider, who cannot know for whom it answers."),
        _HEADERS,
    ),
    suite_fault(
        "issue-dropped",
        "xroad.headers-passed",
        "X7/*",
        N_("X-Road-Issue does not reach the provider."),
        _HEADERS,
    ),
    suite_fault(
        "accept-left-empty",
        "xroad.accept-default",
        "X8/*",
        N_("A request without Accept reaches the provider without it."),
        _HEADERS,
    ),
    suite_fault(
        "security-server-ignored",
        "xroad.security-server",
        "X13/*",
        N_("X-Road-Security-Server is not looked at: a request for another server is served here."),
        _HEADERS,
    ),
)

_TROUBLES = (
    suite_fault(
        "provider-errors-marked",
        "xroad.error-unmarked",
        "X11/*",
        N_("Errors of the provider bear X-Road-Error, as if the mediator had failed."),
        _ERRORS,
    ),
    suite_fault(
        "own-errors-unmarked",
        "xroad.error-marked",
        "X11/*",
        N_("Errors of the mediator bear no X-Road-Error, as if the provider had failed."),
        _ERRORS,
    ),
    suite_fault(
        "error-type-of-another-protocol",
        "xroad.error-type",
        "X11/*",
        N_("The type of an error is SoapFault."),
        _ERRORS,
    ),
    suite_fault(
        "protocol-errors-are-500",
        "xroad.error-status",
        "X11/*",
        N_("A request that breaks the protocol is answered with 500."),
        _ERRORS,
    ),
    suite_fault(
        "error-without-charset",
        "xroad.error-content-type",
        "X11/*",
        N_("The Content-Type of an error names no charset."),
        _ERRORS,
    ),
    suite_fault(
        "errors-as-pages",
        "xroad.error-body",
        "X11/*",
        N_("The mediator's errors are pages of HTML."),
        _ERRORS,
    ),
)

_METADATA = (
    suite_fault(
        "metadata-services-listed",
        "xroad.metadata-hidden",
        "M1/*",
        N_("listMethods also lists itself and the other metadata services."),
        "PR-MREST 4",
    ),
    suite_fault(
        "metadata-in-a-form-of-its-own",
        "xroad.metadata-form",
        "M4/*",
        N_("The metadata services answer with lists of texts, which no client can read."),
        "PR-MREST A, B",
    ),
)

XROAD_FAULTS: tuple[Fault, ...] = (*_MESSAGES, *_TROUBLES, *_METADATA)
