"""What findings of the mediation say: one sentence a rule, with what to look at."""

from typing import Final

from dpi_conformance.i18n import N_, Message

__all__ = ["SENTENCES"]

SENTENCES: Final = {
    code: Message(text=text)
    for code, text in {
        "mediation.served": N_("A call that is allowed did not reach its provider."),
        "mediation.method": N_("The provider was called with another method than the caller used."),
        "mediation.path": N_("The provider was called at another path than the caller wrote."),
        "mediation.query": N_("The query reached the provider otherwise than the caller wrote it."),
        "mediation.request-body": N_("The body that reached the provider is not the one that was sent."),
        "mediation.request-headers": N_(
            "A header of the caller that is meant for the provider did not reach it as it was."
        ),
        "mediation.headers-added": N_(
            "Headers were added on the way that the other side did not send; look whether they tell of the inside."
        ),
        "mediation.header-octets": N_(
            "A header with letters beyond ASCII was changed on the way; RFC 9110 advises to take such octets as they are."
        ),
        "mediation.length-without-body": N_(
            "An answer without a body gives another length than the body would have: the caller reserves, or believes, "
            "what is not true."
        ),
        "mediation.hop-by-hop": N_(
            "Headers that concern a single connection were passed on to the next one."
        ),
        "mediation.credentials-kept": N_(
            "The provider gets the credentials by which the caller is known to the mediator, and could use them."
        ),
        "mediation.once": N_("A call that may change something was sent to the provider more than once."),
        "mediation.status": N_("The caller got another status than the provider gave."),
        "mediation.answer-body": N_("The body that the caller got is not the one that the provider sent."),
        "mediation.answer-headers": N_(
            "A header of the provider's answer did not reach the caller as it was."
        ),
        "mediation.answer-incomplete": N_(
            "An answer that the provider broke off reached the caller as if it were whole: nobody can tell that a part "
            "is missing."
        ),
        "mediation.answer-of-this-call": N_("A caller got the answer to another call."),
        "mediation.redirect-passed": N_(
            "A redirect of the provider was followed by the mediator: it can be sent to places that the caller may not "
            "reach."
        ),
        "mediation.unreachable-told": N_("The provider did not answer, and the caller was not told so."),
        "mediation.tls-kept": N_("Where TLS to the provider did not succeed, the call went out unprotected."),
        "mediation.client-required": N_("A call that does not say who calls reached the provider."),
        "mediation.client-well-formed": N_("A call whose caller cannot be read reached the provider."),
        "mediation.unknown-refused": N_("A call of, or to, somebody who does not exist was not refused."),
        "mediation.client-own": N_(
            "A call in the name of an application that these credentials do not belong to reached the provider."
        ),
        "rights.refused-without": N_("A call to a service that the caller may not use reached its provider."),
        "xroad.identifier-decoded": N_(
            "A service was not found by an identifier whose parts are percent-encoded: they are to be decoded one by one."
        ),
        "xroad.client-required": N_("A request without a readable X-Road-Client was not refused with 400."),
        "xroad.service-named": N_("The answer does not name the client and the service that it belongs to."),
        "xroad.request-id": N_("The answer has no X-Road-Request-Id by which it can be found in the log."),
        "xroad.headers-overwritten": N_(
            "Headers of X-Road that the provider had set reached the caller in place of the true ones."
        ),
        "xroad.request-hash": N_(
            "X-Road-Request-Hash is missing, or is not a SHA-512 over the request's headers and body."
        ),
        "xroad.request-hash-dropped": N_(
            "What the caller wrote into headers that only the mediator sets reached the provider."
        ),
        "xroad.message-id": N_("X-Road-Id is not the caller's, or is missing where the caller gave none."),
        "xroad.headers-passed": N_("A header that has to reach the provider unmodified did not."),
        "xroad.accept-default": N_(
            "A request without Accept did not reach the provider with application/json."
        ),
        "xroad.security-server": N_("A request that names a security server was not sent to that one alone."),
        "xroad.error-unmarked": N_(
            "An error of the provider bears X-Road-Error, as if the mediator had failed."
        ),
        "xroad.error-marked": N_(
            "An error of the mediator bears no X-Road-Error: it looks like the provider's."
        ),
        "xroad.error-type": N_("The type of an error is none of X-Road's."),
        "xroad.error-status": N_("An error of the mediator has not the status that X-Road gives it."),
        "xroad.error-content-type": N_("The Content-Type of an error names no charset."),
        "xroad.error-body": N_("The body of an error is not an object of type, message and detail."),
        "xroad.metadata-hidden": N_("The metadata services list themselves among the services."),
        "xroad.metadata-form": N_(
            "The answer of a metadata service has none of the forms that X-Road has for it."
        ),
    }.items()
}
"""By the finding's code."""
