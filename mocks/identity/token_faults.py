"""Faults in ID tokens, access tokens, and how they are handed over (properties E4 to E7)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["TOKEN_FAULTS"]


def _fault(name: str, check: str, case: str, summary: str, clause: str) -> Fault:
    return Fault(name=name, check=check, cases=f"identity/suite/{case}", summary=summary, clause=clause)


TOKEN_FAULTS = (
    _fault(
        "id-token-unsigned",
        "id-token.algorithm",
        "E4/signature",
        N_("ID tokens are not signed."),
        "RFC 8725, 3.2",
    ),
    _fault(
        "id-token-kid-unknown",
        "id-token.key-published",
        "E4/signature",
        N_("ID tokens are signed by a key that was never published."),
        "OpenID Connect Core 1.0, 10.1",
    ),
    _fault(
        "id-token-key-swapped",
        "id-token.signature",
        "E4/signature",
        N_("ID tokens name the published key and are signed by another: half of a rotation."),
        "OpenID Connect Core 1.0, 3.1.3.7",
    ),
    _fault(
        "id-token-padded",
        "id-token.readable",
        "E4/signature",
        N_("ID tokens are written in base64 with padding."),
        "RFC 7515, 2",
    ),
    _fault(
        "id-token-issuer-slash",
        "id-token.issuer",
        "E5/issuer-and-audience",
        N_("The issuer of ID tokens ends with a slash."),
        "OpenID Connect Core 1.0, 3.1.3.7",
    ),
    _fault(
        "id-token-audience-wrong",
        "id-token.audience",
        "E5/issuer-and-audience",
        N_("ID tokens are for the relying party, not for its client."),
        "OpenID Connect Core 1.0, 2",
    ),
    _fault(
        "id-token-milliseconds",
        "id-token.issued-now",
        "E5/times",
        N_("The moment of issue is in milliseconds."),
        "RFC 7519, 2",
    ),
    _fault(
        "id-token-lives-backwards",
        "id-token.expiry",
        "E5/times",
        N_("ID tokens expire before they were issued."),
        "OpenID Connect Core 1.0, 2",
    ),
    _fault(
        "id-token-subject-long",
        "id-token.subject",
        "E5/subject",
        N_("Subjects are longer than 255 characters."),
        "OpenID Connect Core 1.0, 2",
    ),
    _fault(
        "subject-by-login",
        "id-token.subject-stable",
        "E5/subject",
        N_("Each login gives the person a new subject."),
        "OpenID Connect Core 1.0, 8",
    ),
    _fault(
        "nonce-missing",
        "id-token.nonce",
        "E5/nonce",
        N_("The nonce is forgotten."),
        "OpenID Connect Core 1.0, 3.1.3.7",
    ),
    _fault(
        "nonce-stale",
        "id-token.nonce",
        "E5/nonce",
        N_("The nonce is that of the person's first login."),
        "OpenID Connect Core 1.0, 3.1.3.7",
    ),
    _fault(
        "nonce-invented",
        "id-token.nonce-unasked",
        "E5/no-nonce-unasked",
        N_("An ID token has an empty nonce where none was sent."),
        "OpenID Connect Core 1.0, 2",
    ),
    _fault(
        "auth-time-missing",
        "id-token.auth-time",
        "E5/auth-time",
        N_("auth_time is left out although max_age was sent."),
        "OpenID Connect Core 1.0, 2",
    ),
    _fault(
        "auth-time-of-token",
        "id-token.auth-time-kept",
        "E5/auth-time-kept",
        N_("auth_time is the moment of the token, not of the login."),
        "OpenID Connect Core 1.0, 2",
    ),
    _fault(
        "acr-as-asked",
        "id-token.acr",
        "E5/acr-*",
        N_("The context is the first that the client has, whatever the person went through."),
        "GovStack Identity 7.2.3",
    ),
    _fault(
        "acr-strongest",
        "id-token.acr-of-client",
        "E5/acr-of-the-client",
        N_("The context is always the strongest one."),
        "GovStack Identity 7.2.3",
    ),
    _fault(
        "at-hash-whole",
        "id-token.at-hash",
        "E6/at-hash",
        N_("at_hash is the whole hash, not its left half."),
        "OpenID Connect Core 1.0, 3.1.3.6",
    ),
    _fault(
        "at-hash-missing",
        "id-token.at-hash-given",
        "E6/at-hash-given",
        N_("at_hash is left out."),
        "GovStack Identity 7.2.3",
    ),
    _fault(
        "token-answer-cacheable",
        "token.not-cached",
        "E7/not-cached",
        N_("The token answer may be kept by caches."),
        "RFC 6749, 5.1",
    ),
    _fault(
        "token-pragma-missing",
        "token.pragma",
        "E7/pragma",
        N_("The token answer has no Pragma."),
        "GovStack Identity, token",
    ),
    _fault(
        "token-answer-as-text",
        "token.json",
        "E7/bearer-in-json",
        N_("The token answer is called plain text."),
        "RFC 6749, 5.1",
    ),
    _fault(
        "token-type-missing",
        "token.members",
        "E7/bearer-in-json",
        N_("The token answer does not say the token's type."),
        "RFC 6749, 5.1",
    ),
    _fault(
        "expires-in-as-text",
        "token.lifetime",
        "E7/expires-in",
        N_("The lifetime is written as a duration, as the published format suggests."),
        "RFC 6749, 5.1",
    ),
    _fault(
        "access-token-opaque",
        "access-token.signed",
        "E7/access-token-jwt",
        N_("The access token is a database key."),
        "GovStack Identity 7.2.4",
    ),
    _fault(
        "access-token-without-expiry",
        "access-token.claims",
        "E7/access-token-jwt",
        N_("The access token does not say when it expires."),
        "GovStack Identity 7.2.4",
    ),
    _fault(
        "access-token-of-provider",
        "access-token.whose",
        "E7/access-token-jwt",
        N_("The access token names the relying party as its client."),
        "GovStack Identity 7.2.4",
    ),
    _fault(
        "access-token-milliseconds",
        "access-token.issued-now",
        "E7/access-token-times",
        N_("The access token's moment of issue is in milliseconds."),
        "RFC 7519, 2",
    ),
    _fault(
        "expires-in-milliseconds",
        "access-token.lifetime",
        "E7/access-token-times",
        N_("The lifetime is told in milliseconds."),
        "RFC 6749, 5.1",
    ),
    _fault(
        "access-token-jti-repeats",
        "access-token.jti-unique",
        "E7/token-ids-unique",
        N_("All access tokens have the same identifier."),
        "RFC 7519, 4.1.7",
    ),
)
