"""Faults in what the product says of itself: its description and its keys."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["DISCOVERY_FAULTS"]

_description = listed("OpenID Connect Discovery 1.0, 3")
_key = listed("RFC 7517, 4")

DISCOVERY_FAULTS = (
    _description(
        "discovery-other-issuer",
        "discovery.issuer-exact",
        "E1/issuer",
        N_("The description names another issuer than the address that it is served at."),
        "OpenID Connect Discovery 1.0, 4.3",
    ),
    _description(
        "discovery-issuer-with-query",
        "discovery.issuer-form",
        "E1/issuer",
        N_("The issuer has a query that tells tenants apart."),
    ),
    _description(
        "discovery-as-text",
        "discovery.served",
        "E1/description-served",
        N_("The description is a static file that is served as text/plain."),
        "OpenID Connect Discovery 1.0, 4.2",
    ),
    _description(
        "discovery-endpoint-relative",
        "discovery.endpoint-absolute",
        "E1/endpoints-absolute",
        N_("An endpoint of the description is a path without a host."),
    ),
    _description(
        "discovery-endpoint-dead",
        "discovery.endpoint-answers",
        "E1/endpoints-answer",
        N_("An endpoint of the description was renamed, and the description was not."),
    ),
    _description(
        "discovery-without-code",
        "discovery.code-listed",
        "E1/code-flow-listed",
        N_(
            "The description lists response types that the product does not serve, and not the one that it does."
        ),
    ),
    _description(
        "discovery-without-private-key-jwt",
        "discovery.private-key-jwt-listed",
        "E1/private-key-jwt-listed",
        N_("The description still lists the client authentication of the library's example."),
        "GovStack Identity, openid-configuration",
    ),
    _description(
        "discovery-without-subject-types",
        "discovery.required",
        "E2/required-members",
        N_("The description lacks subject_types_supported, which GovStack's schema leaves out."),
    ),
    _description(
        "discovery-without-signing-algorithms",
        "discovery.required",
        "E2/required-members",
        N_(
            "The description lacks id_token_signing_alg_values_supported, which GovStack's schema does not require."
        ),
    ),
    _description(
        "discovery-subject-types-unknown",
        "discovery.subject-types",
        "E2/subject-types",
        N_("The description names subject types that OpenID Connect does not know."),
        "OpenID Connect Core 1.0, 8",
    ),
    _key(
        "jwks-empty",
        "jwks.usable",
        "E3/keys-served",
        N_("After a change of keys the key set is empty until the cache is filled."),
        "OpenID Connect Core 1.0, 10.1",
    ),
    _key(
        "jwks-kid-repeated",
        "jwks.kid-unique",
        "E3/key-ids-unique",
        N_("The old and the new key have the same identifier."),
        "RFC 7517, 4.5",
    ),
    _key(
        "jwks-weak-key",
        "jwks.key-strong",
        "E3/keys-strong",
        N_("Tokens are signed by a key of 1024 bits."),
        "RFC 7518, 3.3",
    ),
    _key(
        "jwks-private-members",
        "jwks.private-member",
        "E3/no-private-members",
        N_("The key set is written from the whole key: its private half is on the web."),
        "RFC 7517, 9.2",
    ),
    _key(
        "jwks-certificate-mismatch",
        "jwks.certificate-of-key",
        "E3/certificates",
        N_("The certificate beside a key is that of the key before."),
        "RFC 7517, 4.7",
    ),
    _key(
        "jwks-thumbprint-wrong",
        "jwks.thumbprint",
        "E3/certificates",
        N_("The thumbprint beside a certificate is another one's."),
        "RFC 7517, 4.9",
    ),
    _key(
        "jwks-expired",
        "jwks.not-expired",
        "E3/keys-not-expired",
        N_("The key that signs has expired by its own exp."),
        "GovStack Identity, jwks.json",
    ),
)
