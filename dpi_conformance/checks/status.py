"""Checks on the status: served where it must be, refused where it must be, and never by a crash."""

from collections.abc import Iterator

from dpi_conformance.checks.seen import Seen
from dpi_conformance.i18n import N_
from dpi_conformance.model.vectors import Expectation

__all__ = [
    "accepted",
    "allow_header",
    "declared_status",
    "method_not_allowed",
    "method_told",
    "no_redirect",
    "no_server_error",
    "refusal_not_contradicted",
    "refused",
    "unauthorized",
    "www_authenticate",
]

Deviations = Iterator[tuple[str, str, str]]

_REFUSALS = {Expectation.REFUSED, Expectation.UNSUPPORTED_MEDIA_TYPE}


def no_server_error(seen: Seen) -> Deviations:
    """A request never brings the product down, however wrong it is.

    A 501 to a method that the path does not have is no crash (RFC 9110, 15.6.2): another check's.
    """
    if seen.response.status >= 500 and not _unimplemented(seen):
        yield "status", N_("any status below 500"), seen.summary


def no_redirect(seen: Seen) -> Deviations:
    """An API operation answers; it does not send its caller elsewhere, unless it is declared to."""
    if 300 <= seen.response.status < 400 and seen.declared is None:
        target = seen.response.header("location") or "-"
        yield "status", N_("an answer, not a redirect"), f"HTTP {seen.response.status} Location: {target}"


def accepted(seen: Seen) -> Deviations:
    """A valid request is served."""
    if seen.vector.expect is Expectation.ACCEPTED and seen.refused:
        yield "status", N_("served: a declared success status and no refusal in the body"), seen.summary


def refused(seen: Seen) -> Deviations:
    """A request that breaks one constraint is refused, in the block's own way."""
    if seen.vector.expect in _REFUSALS and seen.served:
        yield "status", N_("refused: HTTP 4xx, or the block's own refusal in the body"), seen.summary


def method_not_allowed(seen: Seen) -> Deviations:
    """A method that the path does not have is not served."""
    if seen.vector.expect is Expectation.METHOD_NOT_ALLOWED and seen.served:
        yield "status", "HTTP 405", seen.summary


def method_told(seen: Seen) -> Deviations:
    """A method that the path does not have should be refused with 405 (RFC 9110, 9.1: SHOULD), not with another status."""
    if seen.vector.expect is not Expectation.METHOD_NOT_ALLOWED or seen.served:
        return
    if _unimplemented(seen) or _answered_below_500(seen, besides=405):
        yield "status", "HTTP 405", seen.summary


def allow_header(seen: Seen) -> Deviations:
    """A 405 says which methods the path has."""
    if seen.response.status != 405:
        return
    allow = seen.response.header("allow")
    if allow is None:
        yield "header.allow", ", ".join(sorted(seen.allowed_methods)), "-"
        return
    named = {method.strip().upper() for method in allow.split(",") if method.strip()}
    missing = seen.allowed_methods - named
    if missing or seen.vector.method.upper() in named:
        yield "header.allow", ", ".join(sorted(seen.allowed_methods)), allow


def unauthorized(seen: Seen) -> Deviations:
    """Without valid credentials nothing is served."""
    if seen.vector.expect is not Expectation.UNAUTHORIZED or seen.response.status == 403:
        return
    if _answered_below_500(seen, besides=401):
        yield "status", "HTTP 401 (403)", seen.summary


def www_authenticate(seen: Seen) -> Deviations:
    """A 401 says how to authenticate."""
    if seen.response.status == 401 and not seen.response.header("www-authenticate"):
        yield "header.www-authenticate", N_("a WWW-Authenticate header"), "-"


def declared_status(seen: Seen) -> Deviations:
    """The status is one that the operation declares, or one of the refusals that need no declaration."""
    status = seen.response.status
    if (
        seen.declared is None
        and status not in seen.rules.undeclared
        and not 300 <= status < 400
        and status < 500
    ):
        declared = ", ".join(sorted(response.status for response in seen.variant.responses))
        yield "status", declared, f"HTTP {status}"


def refusal_not_contradicted(seen: Seen) -> Deviations:
    """A refusing status and the body's own code say the same."""
    name = seen.rules.contradicts(seen.response.status, seen.json)
    if name:
        yield f"body.{name}", N_("a code that says failure beside a 4xx status"), seen.summary


def _answered_below_500(seen: Seen, *, besides: int) -> bool:
    """Tell whether the status is a deviation of its own: a crash or a redirect is another check's."""
    status = seen.response.status
    return status != besides and not 300 <= status < 400 and status < 500


def _unimplemented(seen: Seen) -> bool:
    return seen.response.status == 501 and seen.vector.expect is Expectation.METHOD_NOT_ALLOWED
