"""Faults in tokens and in the way that they are handed over."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["TOKEN_FAULTS"]

_id_token = listed("OpenID Connect Core 1.0, 2")
_access_token = listed("GovStack Identity 7.2.4")
_answer = listed("RFC 6749, 5.1")
_code = listed("RFC 6749, 4.1.2")

_ID_TOKEN = (
    _id_token(
        "id-token-unsigned",
        "id-token.algorithm",
        "E4/signature",
        N_("ID tokens are handed out with alg none, as in the library's tests."),
    ),
    _id_token(
        "id-token-kid-unknown",
        "id-token.key-published",
        "E4/signature",
        N_("Tokens are signed by a new key before it is published."),
        "OpenID Connect Core 1.0, 10.1.1",
    ),
    _id_token(
        "signed-by-former-key",
        "id-token.signature",
        "E4/signature",
        N_("ID tokens name the new key and are signed by the old one."),
        "OpenID Connect Core 1.0, 3.1.3.7 (6)",
    ),
    _id_token(
        "id-token-issuer-slash",
        "id-token.issuer",
        "E5/issuer-and-audience",
        N_("The issuer in tokens has a slash at its end, and the description has none."),
        "OpenID Connect Core 1.0, 3.1.3.7 (2)",
    ),
    _id_token(
        "id-token-audience-wrong",
        "id-token.audience",
        "E5/issuer-and-audience",
        N_("The audience is the relying party in place of its client."),
        "OpenID Connect Core 1.0, 3.1.3.7 (3)",
    ),
    _id_token(
        "id-token-milliseconds",
        "id-token.issued-now",
        "E5/times",
        N_("Times in tokens are in milliseconds, as Java gives them."),
        "RFC 7519, 2 (NumericDate)",
    ),
    _id_token(
        "id-token-lives-backwards",
        "id-token.expiry",
        "E5/times",
        N_("The time zone is taken off the expiry: tokens have expired when they are made."),
        "OpenID Connect Core 1.0, 3.1.3.7 (9)",
    ),
    _id_token(
        "id-token-subject-long",
        "id-token.subject",
        "E5/subject",
        N_("The subject is an encrypted record of more than 255 characters."),
    ),
    _id_token(
        "subject-per-login",
        "id-token.subject-stable",
        "E5/subject",
        N_("The subject is made anew at each login: services do not recognise their users."),
    ),
    _id_token(
        "nonce-missing",
        "id-token.nonce",
        "E5/nonce",
        N_("The nonce of the request does not stand in the ID token."),
        "OpenID Connect Core 1.0, 3.1.3.7 (11)",
    ),
    _id_token(
        "nonce-stale",
        "id-token.nonce",
        "E5/nonce",
        N_("The nonce in the ID token is that of the person's first login."),
        "OpenID Connect Core 1.0, 3.1.3.7 (11)",
    ),
    _id_token(
        "nonce-invented",
        "id-token.nonce-unasked",
        "E5/no-nonce-unasked",
        N_("An ID token has an empty nonce where none was sent."),
    ),
    _id_token(
        "auth-time-missing",
        "id-token.auth-time",
        "E5/auth-time",
        N_("The ID token does not say when the person logged in."),
        "OpenID Connect Core 1.0, 3.1.2.1 (max_age)",
    ),
    _id_token(
        "acr-strongest",
        "id-token.acr",
        "E5/acr-static-code",
        N_("The ID token states the strongest context that there is, whatever the person went through."),
        "GovStack Identity 7.2.3",
    ),
    _id_token(
        "acr-as-asked",
        "id-token.acr",
        "E5/acr-generated-code",
        N_("The ID token states the client's first context, not the one that the person went through."),
        "GovStack Identity 7.2.3",
    ),
    _id_token(
        "acr-outside-client",
        "id-token.acr-of-client",
        "E5/acr-of-the-client",
        N_("A client is served with contexts that it was not registered for."),
        "GovStack Identity, client-mgmt (authContextRefs)",
    ),
    _id_token(
        "at-hash-whole",
        "id-token.at-hash",
        "E6/at-hash",
        N_("The access token's hash is not halved."),
        "OpenID Connect Core 1.0, 3.1.3.6",
    ),
    _id_token(
        "at-hash-missing",
        "id-token.at-hash-given",
        "E6/at-hash-given",
        N_("The ID token has no hash of its access token."),
        "GovStack Identity 7.2.3",
    ),
)

_ACCESS_TOKEN = (
    _access_token(
        "access-token-opaque",
        "access-token.signed",
        "E7/access-token-jwt",
        N_("The access token is a random text."),
    ),
    _access_token(
        "access-token-without-client",
        "access-token.claims",
        "E7/access-token-jwt",
        N_("The access token does not say which client it was given to."),
    ),
    _access_token(
        "access-token-names-uin",
        "access-token.whose",
        "E7/access-token-jwt",
        N_("The access token names the person by the national number, which every client can read."),
    ),
    _access_token(
        "access-token-local-time",
        "access-token.issued-now",
        "E7/access-token-times",
        N_("The times of access tokens are in the server's own zone."),
    ),
    _access_token(
        "access-token-without-expiry",
        "access-token.lifetime",
        "E7/access-token-times",
        N_("The access token does not say when it expires."),
    ),
    _access_token(
        "access-token-jti-repeats",
        "access-token.jti-unique",
        "E7/token-ids-unique",
        N_("All access tokens have the same identifier."),
    ),
    _answer(
        "token-answer-cacheable",
        "token.not-cached",
        "E7/not-cached",
        N_("Tokens are sent without Cache-Control: a proxy may keep them."),
    ),
    _answer(
        "token-pragma-missing",
        "token.pragma",
        "E7/pragma",
        N_("Tokens are sent without Pragma: no-cache."),
        "GovStack Identity, token (Pragma)",
    ),
    _answer(
        "token-answer-as-text",
        "token.json",
        "E7/bearer-in-json",
        N_("Tokens are sent as text/plain."),
    ),
    _answer(
        "token-type-missing",
        "token.members",
        "E7/bearer-in-json",
        N_("The token answer has no token_type."),
    ),
    _answer(
        "expires-in-milliseconds",
        "token.lifetime",
        "E7/expires-in",
        N_("expires_in is in milliseconds: clients use tokens that have long expired."),
    ),
)

_CODE = (
    _code(
        "code-reusable",
        "code.once",
        "E8/code-once",
        N_("A code is good until it expires, however often it comes."),
    ),
    _code(
        "tokens-survive-replay",
        "code.reuse-revokes",
        "E8/reuse-revokes",
        N_("When a code comes twice, the tokens of the first time stay good."),
    ),
    _code(
        "code-race",
        "code.once-at-once",
        "E8/code-at-once",
        N_("A code is read and marked as used in two steps: several at the same instant all succeed."),
        "RFC 6749, 10.5",
    ),
    _code(
        "code-not-bound-to-client",
        "code.bound-to-client",
        "E9/bound-to-client",
        N_("A code is exchanged for any client that proves who it is."),
        "RFC 6749, 4.1.3",
    ),
    _code(
        "code-not-bound-to-redirect",
        "code.bound-to-redirect",
        "E9/bound-to-redirect",
        N_("The redirect URI of a token request is not compared with that of the authentication request."),
        "RFC 6749, 4.1.3",
    ),
    _code(
        "code-never-expires",
        "code.expires",
        "E9/expired-code",
        N_("A code that nobody has used stays good for ever."),
    ),
)

TOKEN_FAULTS = (*_ID_TOKEN, *_ACCESS_TOKEN, *_CODE)
