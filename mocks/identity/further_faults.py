"""Further faults: where people are sent, how clients prove themselves, what codes are bound to, and who is who."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["FURTHER_FAULTS"]

_redirect = listed("OpenID Connect Core 1.0, 3.1.2.1; RFC 9700, 4.1")
_assertion = listed("RFC 8725, 3.1 and 3.5")
_person = listed("OpenID Connect Core 1.0, 2")
_code = listed("RFC 6749, 4.1.3; OpenID Connect Core 1.0, 3.1.3.2")

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
    _assertion(
        "assertion-audience-by-prefix",
        "assertion.audience-checked",
        "E10/assertion-audience-lookalike",
        N_("The audience of an assertion need only begin as the product's address."),
        "RFC 7523, 3 (3)",
    ),
    _code(
        "code-bound-to-registration",
        "code.bound-to-redirect",
        "E9/bound-to-redirect",
        N_("The redirect URI of an exchange need only be one of the client's."),
    ),
    _code(
        "code-bound-to-address-only",
        "code.bound-to-client",
        "E9/bound-to-client-of-one-address",
        N_("A code is exchanged for every client that has its redirect URI."),
    ),
    _code(
        "pkce-plain-by-default",
        "pkce.plain",
        "E15/plain-by-default",
        N_("A challenge without a method is plain, although S256 alone is listed."),
        "RFC 7636, 4.3; RFC 9700, 2.1.1",
    ),
    _code(
        "token-fields-not-read",
        "token.unknown-refused",
        "E11/unknown-*",
        N_("Of grant_type and client_assertion_type it is only looked whether they are there."),
        "RFC 6749, 5.2; RFC 7521, 4.2",
    ),
    _code(
        "max-age-zero-ignored",
        "authorize.max-age",
        "E14/max-age-zero",
        N_("An age of zero is taken for none."),
        "OpenID Connect Core 1.0, 3.1.2.1",
    ),
    _code(
        "iam-signature-not-checked",
        "client-management.refused",
        "E22/*-altered-token",
        N_("The signature of the trusted IAM's tokens is left to a gateway that is not there."),
        "RFC 7519, 7.2",
    ),
    _person(
        "subject-of-party-alone",
        "id-token.subject-of-person",
        "E5/subject-of-person",
        N_("The subject is made of the relying party, and the person is forgotten."),
    ),
    _person(
        "userinfo-of-last-login",
        "userinfo.of-person",
        "E16/claims-of-the-person",
        N_("Claims are those of whoever logged in last at the client."),
        "OpenID Connect Core 1.0, 5.3.2",
    ),
    _code(
        "code-short",
        "code.unguessable",
        "E9/unguessable-code",
        N_("Codes have 8 characters, so that people can type them."),
        "RFC 6749, 10.10",
    ),
    _person(
        "id-token-tells-all",
        "claims.in-tokens",
        "E18/login-only",
        N_("ID tokens hold name and date of birth, whatever was asked for."),
        "GovStack Identity 9.1.2",
    ),
    _person(
        "userinfo-for-anybody",
        "userinfo.for-whom",
        "E16/nested",
        N_("Signed claims do not name the client that they are for."),
        "OpenID Connect Core 1.0, 5.3.2",
    ),
    _code(
        "state-missing-when-denied",
        "authorize.denied-state",
        "E14/consent-refused",
        N_("The state is forgotten when a person refuses."),
        "RFC 6749, 4.1.2.1",
    ),
    _code(
        "code-in-fragment",
        "state.in-query",
        "E13/state-letters",
        N_("The code comes in the fragment, as for a client that runs in a browser."),
        "RFC 6749, 4.1.2",
    ),
    _person(
        "nonce-cut",
        "id-token.nonce",
        "E5/nonce",
        N_("The nonce is kept in a column of 64 characters."),
    ),
    _person(
        "consent-kept-for-all",
        "claims.consented",
        "E17/consent-kept",
        N_("Who has consented to anything is not asked again, whatever is asked for."),
        "OpenID Connect Core 1.0, 3.1.2.4",
    ),
)
