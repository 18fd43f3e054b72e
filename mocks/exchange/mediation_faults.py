"""Faults of the mediation on the way to the provider (properties D4, D7 and D8)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

from .suite_faults import suite_fault

__all__ = ["MEDIATION_FAULTS"]

_SAME = "GovStack IM 8.2.1; govstack-im-mediation"
_METHOD = "RFC 9110, 9"
_TARGET = "RFC 3986, 2.2, 6.2.2; PR-REST 4.1"
_BODY = "RFC 9110, 6.4; PR-REST 3.1"
_FIELDS = "RFC 9110, 5.3, 7.6.1"
_WHO = "GovStack IM 8.2 (X-GovStack-Client)"

_METHODS = (
    suite_fault(
        "head-becomes-get",
        "mediation.method",
        "D7/methods*",
        N_("HEAD is mediated as GET: the provider does the work of it."),
        _METHOD,
    ),
    suite_fault(
        "put-becomes-post",
        "mediation.method",
        "D7/methods*",
        N_("PUT is mediated as POST, as an old firewall wants it."),
        _METHOD,
    ),
    suite_fault(
        "patch-and-options-refused",
        "mediation.served",
        "D7/methods*",
        N_("PATCH and OPTIONS are not among the methods that are routed: 405."),
        _METHOD,
    ),
)

_TARGETS = (
    suite_fault(
        "path-decoded",
        "mediation.path",
        "D7/paths*",
        N_("The path is decoded and encoded anew: %2F becomes a slash, %7E a tilde."),
        _TARGET,
    ),
    suite_fault(
        "double-slash-collapsed",
        "mediation.path",
        "D7/paths*",
        N_("Two slashes in a path become one."),
        _TARGET,
    ),
    suite_fault(
        "dot-segments-resolved",
        "mediation.path",
        "D7/paths*",
        N_("Dot segments of a path are resolved, so that /a/../b reaches the provider as /b."),
        _TARGET,
    ),
    suite_fault(
        "trailing-slash-lost",
        "mediation.path",
        "D7/paths*",
        N_("The slash at the end of a path is lost."),
        _TARGET,
    ),
    suite_fault(
        "query-sorted",
        "mediation.query",
        "D7/queries*",
        N_("The parameters of a query are sorted by name."),
        "PR-REST 4.5",
    ),
    suite_fault(
        "query-encoded-anew",
        "mediation.query",
        "D7/queries*",
        N_("A query is decoded and encoded anew: %20 becomes a plus sign, and a name without = gets one."),
        "PR-REST 4.5",
    ),
    suite_fault(
        "query-duplicates-dropped",
        "mediation.query",
        "D7/queries*",
        N_("Of several parameters of one name the last one is left: the query lies in a map."),
        "PR-REST 4.5",
    ),
    suite_fault(
        "query-cut-at-semicolon",
        "mediation.query",
        "D7/queries*",
        N_("A query ends at its first semicolon."),
        "PR-REST 4.5",
    ),
    suite_fault(
        "query-cut-at-2048",
        "mediation.query",
        "D7/queries*",
        N_("A query ends after 2048 bytes, as the column for it in the log does."),
        "PR-REST 4.5",
    ),
    suite_fault(
        "query-of-post-lost",
        "mediation.query",
        "D7/queries*",
        N_("The query of a POST is lost: parameters are looked for in the body."),
        "PR-REST 4.5",
    ),
)

_BODIES = (
    suite_fault(
        "request-json-written-anew",
        "mediation.request-body",
        "D7/bodies*",
        N_("A body in JSON is parsed and written anew: white space is lost, and numbers change."),
        _BODY,
    ),
    suite_fault(
        "request-charset-converted",
        "mediation.request-body",
        "D7/bodies*",
        N_("A body in ISO-8859-1 is converted to UTF-8."),
        _BODY,
    ),
    suite_fault(
        "request-unzipped",
        "mediation.request-body",
        "D7/bodies*",
        N_("A body that is packed with gzip is unpacked on the way."),
        _BODY,
    ),
    suite_fault(
        "request-packed-anew",
        "mediation.request-body",
        "D7/bodies*",
        N_("A body that is packed with gzip is unpacked for a look into it, and packed again: other bytes."),
        _BODY,
    ),
    suite_fault(
        "request-cut-at-a-megabyte",
        "mediation.request-body",
        "D7/large-requests",
        N_("Of a body the first megabyte is passed on, with a Content-Length that fits."),
        _BODY,
    ),
    suite_fault(
        "request-line-ends-changed",
        "mediation.request-body",
        "D7/bodies*",
        N_("CR LF in a body becomes LF: it goes through a text stream."),
        _BODY,
    ),
    suite_fault(
        "empty-request-becomes-object",
        "mediation.request-body",
        "D7/bodies*",
        N_("A request without a body reaches the provider with an empty JSON object."),
        _BODY,
    ),
    suite_fault(
        "body-of-get-dropped",
        "mediation.request-body",
        "D7/bodies*",
        N_("The body of GET and DELETE is not passed on."),
        _BODY,
    ),
    suite_fault(
        "unanswered-call-repeated",
        "mediation.once",
        "D7/once*",
        N_("A call that the provider leaves without an answer is sent again, a POST too."),
        "RFC 9110, 9.2.2",
    ),
    suite_fault(
        "call-repeated-on-503",
        "mediation.once",
        "D7/once*",
        N_("A call that the provider answers with 503 is sent again at once, a POST too."),
        "RFC 9110, 9.2.2",
    ),
)

_HEADERS = (
    suite_fault(
        "own-headers-reach-provider",
        "mediation.headers-added",
        "D7/headers*",
        N_(
            "The provider gets headers of the mediator's inside: the node's name, and an address of its network."
        ),
        "govstack-cfr-security; CWE-200",
    ),
    suite_fault(
        "own-credentials-passed-on",
        "mediation.credentials-kept",
        "D7/headers*",
        N_("The provider gets the token by which the caller is known to the mediator."),
        "RFC 9110, 11.7.2; CWE-522",
    ),
    suite_fault(
        "other-headers-dropped",
        "mediation.request-headers",
        "D7/headers*",
        N_("Headers that begin with X- and are not the mediator's own are dropped."),
        _FIELDS,
    ),
    suite_fault(
        "repeated-headers-merged",
        "mediation.request-headers",
        "D7/headers*",
        N_("Of several header fields of one name the last one is passed on."),
        _FIELDS,
    ),
    suite_fault(
        "header-octets-converted",
        "mediation.header-octets",
        "D7/header-octets",
        N_("Header values are read as ISO-8859-1 and written as UTF-8."),
        "RFC 9110, 5.5",
    ),
    suite_fault(
        "accept-replaced",
        "mediation.request-headers",
        "D7/headers*",
        N_("Accept is that of the mediator's own client library."),
        "PR-REST 4.3",
    ),
    suite_fault(
        "conditions-dropped",
        "mediation.request-headers",
        "D7/headers*",
        N_("If-None-Match, If-Modified-Since and Range are dropped."),
        "PR-REST 4.3",
    ),
    suite_fault(
        "content-type-made-up",
        "mediation.request-headers",
        "D7/headers*",
        N_("A request without Content-Type gets one."),
        "RFC 9110, 8.3; PR-REST 4.3",
    ),
    suite_fault(
        "hop-by-hop-passed-on",
        "mediation.hop-by-hop",
        "D7/headers*",
        N_("What Connection names, Keep-Alive, TE and Upgrade are passed on."),
        "RFC 9110, 7.6.1",
    ),
)

_CALLERS = (
    suite_fault(
        "client-header-not-needed",
        "mediation.client-required",
        "D8/no-client",
        N_("A call that does not say who calls is mediated in the name of the first application."),
        _WHO,
    ),
    suite_fault(
        "client-header-not-read",
        "mediation.client-well-formed",
        "D8/malformed-client*",
        N_("A client's name that cannot be read is taken for that of the first application."),
        _WHO,
    ),
    suite_fault(
        "unknown-client-let-through",
        "mediation.unknown-refused",
        "D8/unknown-*",
        N_(
            "Rights are looked up for clients of the directory: a client that is not there calls what it likes."
        ),
        _WHO,
    ),
    suite_fault(
        "client-header-believed",
        "mediation.client-own",
        "D8/foreign-client",
        N_("Whoever may speak to the mediator may speak for every application: the header is believed."),
        "GovStack IM 6.2; CWE-290",
    ),
    suite_fault(
        "unknown-service-is-empty",
        "mediation.unknown-refused",
        "D8/unknown-*",
        N_("A call to a service that does not exist is answered with 200 and nothing."),
        _SAME,
    ),
    suite_fault(
        "instance-ignored",
        "mediation.unknown-refused",
        "D8/unknown-*",
        N_("The instance in the path is not looked at: a call to another country's service is served here."),
        _SAME,
    ),
    suite_fault(
        "tls-given-up",
        "mediation.tls-kept",
        "D7/tls-to-the-provider",
        N_("Where a provider's TLS does not succeed, the call is sent without it."),
        "govstack-cfr-security; RFC 9325, 3.2",
    ),
)

MEDIATION_FAULTS: tuple[Fault, ...] = (*_METHODS, *_TARGETS, *_BODIES, *_HEADERS, *_CALLERS)
