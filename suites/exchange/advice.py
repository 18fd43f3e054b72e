"""What to look at where a finding of the directory, the rights, the configuration, the mediation or X-Road stands."""

from typing import Final

from dpi_conformance.i18n import N_, Message

__all__ = ["ADVICE"]

_AS_WRITTEN = N_(
    "Pass on what was written, as it was written: take the target apart for routing only, and do not build it anew."
)
_STREAM = N_(
    "Stream the body through as bytes, and look into a copy where it has to be looked at; switch off the unpacking, the "
    "re-coding and the parsing of the HTTP library."
)
_HEADERS = N_(
    "Pass on every header that RFC 9110, 7.6.1 does not make one connection's: unknown, empty and repeated ones too."
)
_CALLER = N_(
    "Look for the caller before the service, and refuse with 4xx and an error body whoever is missing, malformed or unknown."
)
_RIGHTS = N_(
    "Ask for the right at each call, by caller and service, and let what is not allowed by name be refused."
)
_IN_FORCE = N_(
    "Write the change and tell the mediating side of it before it is answered, or soon after: whatever it caches has to end."
)
_FROM_ONE_LIST = N_("Make the lists and the check of a call read the same rights and the same services.")
_TROUBLE = N_(
    "Answer 502 or 504 where the provider gives nothing, with an error body, and do not make up a success."
)
_PAGES = N_(
    "Order the rights by something that does not change, and let the token name the last pair that was given."
)
_WHOLE = N_("PATCH changes what is described; only PUT replaces the whole, and gives back what was put.")
_X_ERROR = N_(
    "Give the mediator's own errors the form of PR-REST 4.6, and leave those of the provider as they came."
)
_X_OWN = N_(
    "Set the headers of X-Road at the security server, in place of what either side wrote; pass on the end-to-end ones."
)
_X_HASH = N_("Reckon the hash over the head and the body of the request as it was signed (PR-REST 4.3).")

ADVICE: Final = {
    code: Message(text=text)
    for text, codes in {
        N_(
            "See what the answer complains about; the call was as the plain one that went through, but for the thing "
            "that this case is about."
        ): ("mediation.served",),
        N_(
            "Route every method, and send the provider the same one; HEAD and OPTIONS are the provider's to answer."
        ): ("mediation.method",),
        _AS_WRITTEN: ("mediation.path", "mediation.query"),
        _STREAM: ("mediation.request-body", "mediation.answer-body"),
        _HEADERS: ("mediation.request-headers", "mediation.answer-headers", "xroad.headers-passed"),
        N_(
            "Take header values as bytes, or as ISO-8859-1 in and out; or refuse what is not ASCII with 400."
        ): ("mediation.header-octets",),
        N_(
            "Keep the provider's Content-Length in an answer to HEAD, or leave it out; reckon none from an empty body."
        ): ("mediation.length-without-body",),
        N_(
            "Take off what names software, hosts and addresses of the inside, unless the other side needs it."
        ): ("mediation.headers-added",),
        N_(
            "Take off Connection, what it names, Keep-Alive, TE, Trailer and Upgrade before the call goes on."
        ): ("mediation.hop-by-hop",),
        N_("Take off the credentials that are for the mediator before the call goes on."): (
            "mediation.credentials-kept",
        ),
        N_(
            "Switch off retries of the HTTP library and the load balancer for whatever is not idempotent (RFC 9110, 9.2.2); "
            "let the caller decide."
        ): ("mediation.once",),
        N_(
            "Pass on the provider's status; a status of the mediator's own is for what the mediator has to say."
        ): ("mediation.status",),
        N_("Where the provider breaks off, break off too, or answer 502 if nothing was sent yet."): (
            "mediation.answer-incomplete",
        ),
        N_(
            "Keep each call's answer with its call: no shared buffer, and no cache for what may not be stored (RFC 9111, 3)."
        ): ("mediation.answer-of-this-call",),
        N_("Switch off the following of redirects in the HTTP client that calls providers."): (
            "mediation.redirect-passed",
        ),
        _TROUBLE: ("mediation.unreachable-told",),
        N_("Check the certificate, and end the call where the handshake fails; never go on by http://."): (
            "mediation.tls-kept",
        ),
        _CALLER: ("mediation.client-required", "mediation.client-well-formed", "xroad.client-required"),
        N_(
            "Refuse with 4xx and an error body whoever names a caller, an application or a service that is not there."
        ): ("mediation.unknown-refused",),
        N_(
            "Bind the name in the header to the certificate or the token of the connection that it comes by."
        ): ("mediation.client-own",),
        _RIGHTS: ("rights.refused-without",),
        _IN_FORCE: (
            "rights.allow-effective",
            "rights.deny-effective",
            "configuration.change-shown",
            "configuration.change-in-force",
            "configuration.removal-in-force",
        ),
        N_(
            "Hold each pair of application and service once: adding it again adds nothing, taking it takes it whole."
        ): ("rights.once",),
        N_("Change the right that is named by member, application and service together, and no other."): (
            "rights.others-kept",
        ),
        N_("Answer that the right is not there, as it was wished; nothing else is to change."): (
            "rights.deny-harmless",
        ),
        _PAGES: (
            "rights.page-size",
            "rights.pages-whole",
            "rights.pages-without-repeats",
            "rights.pages-end",
        ),
        N_("Filter by the whole value of each field that is given, all of them together."): (
            "rights.filter-sound",
            "directory.filter-sound",
        ),
        _WHOLE: (
            "configuration.rest-kept",
            "configuration.rest-removed",
            "configuration.put-as-read",
            "configuration.put-idempotent",
        ),
        N_("Answer 200 as soon as there is a configuration, and another status before."): (
            "configuration.status-true",
        ),
        _FROM_ONE_LIST: (
            "directory.allowed-only",
            "directory.own-client-listed",
            "directory.offers-all",
            "directory.offers-of-this-application",
        ),
        N_("List each client once, with each part of its identifier in a field of its own."): (
            "directory.clients-once",
            "directory.client-well-formed",
        ),
        N_(
            "Answer 400 for what does not exist, as the directory's documents do; an empty list hides a slip of the pen."
        ): (
            "directory.unknown-instance-refused",
            "directory.unknown-service-refused",
        ),
        N_(
            "Hand out the document of this service as it lies at its specUrl, and list the endpoints from it."
        ): (
            "directory.document-readable",
            "directory.endpoints-described",
            "directory.document-of-this-service",
            "directory.document-current",
        ),
        N_("Take each part of the path apart at the slashes first, and decode it then."): (
            "xroad.identifier-decoded",
        ),
        _X_OWN: (
            "xroad.service-named",
            "xroad.request-id",
            "xroad.headers-overwritten",
            "xroad.request-hash-dropped",
            "xroad.message-id",
            "xroad.accept-default",
        ),
        _X_HASH: ("xroad.request-hash",),
        N_("Send the request to the named server if it serves the service, and refuse it otherwise."): (
            "xroad.security-server",
        ),
        _X_ERROR: (
            "xroad.error-unmarked",
            "xroad.error-marked",
            "xroad.error-type",
            "xroad.error-status",
            "xroad.error-content-type",
            "xroad.error-body",
        ),
        N_("Answer as the metadata protocol for REST writes it, without the metadata services themselves."): (
            "xroad.metadata-hidden",
            "xroad.metadata-form",
        ),
    }.items()
    for code in codes
}
"""By the finding's code."""
