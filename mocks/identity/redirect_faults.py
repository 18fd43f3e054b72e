"""Faults in where people are sent: redirect URIs that are compared loosely."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["REDIRECT_FAULTS"]

_listed = listed("OpenID Connect Core 1.0, 3.1.2.1; RFC 9700, 2.1 and 4.1")
_CODE = "redirect.unregistered"

REDIRECT_FAULTS = (
    _listed(
        "redirect-prefix-match",
        _CODE,
        "E12/redirect-suffix",
        N_("A redirect URI need only begin as the registered one."),
    ),
    _listed(
        "redirect-origin-prefix",
        _CODE,
        "E12/redirect-host-suffix",
        N_("A redirect URI need only begin with the registered scheme and host, as a text."),
    ),
    _listed(
        "redirect-host-only",
        _CODE,
        "E12/redirect-other-path",
        N_("Only the host of a redirect URI is compared."),
    ),
    _listed(
        "redirect-subpath-accepted",
        _CODE,
        "E12/redirect-sub-path",
        N_("Paths below the registered one are taken."),
    ),
    _listed(
        "redirect-query-ignored",
        _CODE,
        "E12/redirect-extra-query",
        N_("The query of a redirect URI is not compared."),
    ),
    _listed(
        "redirect-port-ignored",
        _CODE,
        "E12/redirect-other-port",
        N_("The port of a redirect URI is not compared."),
    ),
    _listed(
        "redirect-case-ignored",
        _CODE,
        "E12/redirect-path-in-capitals",
        N_("Redirect URIs are compared in lower case."),
    ),
    _listed(
        "redirect-trailing-slash-ignored",
        _CODE,
        "E12/redirect-trailing-slash",
        N_("A slash at the end of a redirect URI is not compared."),
    ),
    _listed(
        "redirect-fragment-ignored",
        _CODE,
        "E12/redirect-fragment",
        N_("The fragment of a redirect URI is not compared, and comes back."),
    ),
    _listed(
        "redirect-scheme-ignored",
        _CODE,
        "E12/redirect-scheme-downgraded",
        N_("A redirect URI may be http where https is registered."),
    ),
    _listed(
        "redirect-subdomain-accepted",
        _CODE,
        "E12/redirect-subdomain",
        N_("Every subdomain of a registered host is taken."),
    ),
    _listed(
        "redirect-decoded-first",
        _CODE,
        "E12/redirect-percent-encoded",
        N_("Redirect URIs are percent-decoded before they are compared."),
    ),
    _listed(
        "redirect-normalised-first",
        _CODE,
        "E12/redirect-dot-segments",
        N_("Dot segments of a redirect URI are dropped before it is compared, and not before it is used."),
    ),
    _listed(
        "redirect-to-own-machine",
        _CODE,
        "E12/redirect-localhost",
        N_("Developers' redirect URIs to their own machine are taken for every client."),
    ),
    _listed(
        "redirect-last-wins",
        _CODE,
        "E12/two-redirects-registered-first",
        N_("Of two redirect URIs one layer checks the first and another uses the last."),
    ),
    _listed(
        "errors-to-unregistered-redirect",
        "redirect.error-unregistered",
        "E12/open-redirector",
        N_("Other parameters are checked first, and their errors are redirected wherever the request says."),
        "RFC 6749, 4.1.2.1; RFC 9700, 4.11.2",
    ),
    _listed(
        "error-page-for-errors",
        "authorize.error-redirected",
        "E12/error-goes-back-response-type-unknown",
        N_("Errors are shown to the person, and the client never learns of them."),
        "GovStack Identity, authorize; OpenID Connect Core 1.0, 3.1.2.6",
    ),
)
