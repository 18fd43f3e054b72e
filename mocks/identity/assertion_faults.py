"""Faults in the check of who a client is."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["ASSERTION_FAULTS"]

_assertion = listed("RFC 7523, 3")
_token = listed("GovStack Identity, token (400); RFC 6749, 5.2")

_FORGED = (
    _assertion(
        "assertion-signature-not-checked",
        "assertion.signature-checked",
        "E10/assertion-other-key",
        N_("A client assertion is read and not verified."),
    ),
    _assertion(
        "assertion-key-from-header",
        "assertion.key-of-client",
        "E10/assertion-own-key-embedded",
        N_("A client assertion is verified by the key that it brings along."),
        "RFC 7515, 10.12; RFC 8725, 3.1",
    ),
    _assertion(
        "assertion-alg-none-accepted",
        "assertion.algorithm-checked",
        "E10/assertion-alg-none",
        N_("A client assertion with alg none is believed."),
        "RFC 8725, 3.2",
    ),
    _assertion(
        "assertion-hs256-public-key",
        "assertion.algorithm-checked",
        "E10/assertion-hs256-public-pem",
        N_("A client assertion names HS256, and the public key is taken for the shared secret."),
        "RFC 8725, 3.1",
    ),
    _assertion(
        "assertion-hs256-empty-secret",
        "assertion.algorithm-checked",
        "E10/assertion-hs256-empty-secret",
        N_("A client without a secret has an empty one: HS256 with nothing proves any client."),
        "RFC 8725, 3.5",
    ),
    _assertion(
        "assertion-critical-ignored",
        "assertion.critical-understood",
        "E10/assertion-critical-unknown",
        N_("What the header of an assertion calls critical is not looked at."),
        "RFC 7515, 4.1.11",
    ),
    _assertion(
        "assertion-issuer-not-checked",
        "assertion.issuer-checked",
        "E10/assertion-issuer-foreign",
        N_("The issuer of a client assertion is not compared with the client."),
    ),
    _assertion(
        "assertion-subject-not-checked",
        "assertion.subject-checked",
        "E10/assertion-subject-foreign",
        N_("The subject of a client assertion is not compared with the client."),
    ),
    _assertion(
        "assertion-audience-not-checked",
        "assertion.audience-checked",
        "E10/assertion-audience-foreign",
        N_("An assertion that was made for another provider is taken."),
    ),
    _assertion(
        "assertion-without-audience-accepted",
        "assertion.audience-checked",
        "E10/assertion-audience-missing",
        N_("The audience of an assertion is compared only if there is one."),
    ),
    _assertion(
        "assertion-expiry-not-checked",
        "assertion.expiry-checked",
        "E10/assertion-expired",
        N_("An assertion of yesterday is taken."),
    ),
    _assertion(
        "assertion-without-expiry-accepted",
        "assertion.expiry-required",
        "E10/assertion-expiry-missing",
        N_("The expiry of an assertion is compared only if there is one."),
    ),
    _assertion(
        "assertion-not-before-ignored",
        "assertion.not-before-checked",
        "E10/assertion-not-yet-valid",
        N_("An assertion is taken before it is valid."),
    ),
    _assertion(
        "assertion-without-iat-accepted",
        "assertion.issued-at-required",
        "E10/assertion-issued-at-missing",
        N_("An assertion need not say when it was issued."),
        "GovStack Identity, token (iat)",
    ),
    _assertion(
        "assertion-of-another-client",
        "assertion.of-the-client",
        "E10/another-clients-assertion",
        N_("The assertion proves whoever made it, and the tokens go to the client that the form names."),
        "RFC 7521, 4.2",
    ),
    _assertion(
        "assertion-replay-accepted",
        "assertion.once",
        "E10/assertion-replayed",
        N_("An assertion is good as often as it comes."),
        "OpenID Connect Core 1.0, 9 (jti)",
    ),
    _assertion(
        "assertion-extra-claim-refused",
        "assertion.unknown-claims",
        "E10/unknown-claims-ignored",
        N_("An assertion with a claim that is not known is refused."),
        "GovStack Identity, token; RFC 7519, 4",
    ),
)

_TOLD = (
    _token(
        "client-not-authenticated",
        "token.missing-refused",
        "E11/without-client-assertion",
        N_("A client that does not prove who it is gets tokens all the same."),
    ),
    _token(
        "assertion-type-not-needed",
        "token.missing-refused",
        "E11/without-client-assertion-type",
        N_("client_assertion_type is not looked at."),
    ),
    _token(
        "token-redirect-not-needed",
        "token.missing-refused",
        "E11/without-redirect-uri",
        N_("redirect_uri may be left out of a token request."),
    ),
    _token(
        "token-error-undeclared",
        "token.missing-told",
        "E11/without-code",
        N_("Every refused token request is answered with the same code."),
    ),
    _token(
        "token-error-as-page",
        "token.error-in-json",
        "E11/error-in-json",
        N_("The gateway replaces errors by a page."),
    ),
)

ASSERTION_FAULTS = (*_FORGED, *_TOLD)
