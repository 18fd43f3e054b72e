"""Further faults in where people are sent (property E12) and in how clients prove themselves (E10)."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["FURTHER_FAULTS"]

_redirect = listed("OpenID Connect Core 1.0, 3.1.2.1; RFC 9700, 4.1")
_assertion = listed("RFC 8725, 3.1 and 3.5")

FURTHER_FAULTS = (
    _redirect(
        "redirect-origin-prefix",
        "redirect.unregistered",
        "E12/redirect-host-suffix",
        N_("A redirect URI need only begin with the registered scheme and host, as a text."),
    ),
    _redirect(
        "redirect-normalised-first",
        "redirect.unregistered",
        "E12/redirect-dot-segments",
        N_("Dot segments are dropped before a redirect URI is compared, and not before it is used."),
    ),
    _redirect(
        "redirect-to-own-machine",
        "redirect.unregistered",
        "E12/redirect-localhost",
        N_("Developers' redirect URIs to their own machine are taken for every client."),
    ),
    _assertion(
        "assertion-hs256-empty-secret",
        "assertion.algorithm-checked",
        "E10/assertion-hs256-empty-secret",
        N_("A client without a secret has an empty one: HS256 with nothing proves any client."),
    ),
)
