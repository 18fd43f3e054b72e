"""Faults in what the provider says of itself, and in its keys (properties E1 to E3)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["PROVIDER_FAULTS"]


def _fault(name: str, check: str, case: str, summary: str, clause: str) -> Fault:
    return Fault(name=name, check=check, cases=f"identity/suite/{case}", summary=summary, clause=clause)


PROVIDER_FAULTS = (
    _fault(
        "discovery-as-text",
        "discovery.served",
        "E1/description-served",
        N_("The description is served as plain text: a file server answers for it."),
        "OpenID Connect Discovery 1.0, 4.2",
    ),
    _fault(
        "discovery-other-issuer",
        "discovery.issuer-exact",
        "E1/issuer",
        N_("The issuer is another address than the one that serves the description."),
        "OpenID Connect Discovery 1.0, 4.3",
    ),
    _fault(
        "discovery-issuer-with-query",
        "discovery.issuer-form",
        "E1/issuer",
        N_("The issuer has the tenant in its query."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-endpoint-relative",
        "discovery.endpoint-absolute",
        "E1/endpoints-absolute",
        N_("An endpoint is a path without a host."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-endpoint-dead",
        "discovery.endpoint-answers",
        "E1/endpoints-answer",
        N_("The description names an endpoint that moved long ago."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-without-code",
        "discovery.code-listed",
        "E1/code-flow-listed",
        N_("The code flow is not listed, though it is the only one served."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-without-rs256",
        "discovery.rs256-listed",
        "E1/code-flow-listed",
        N_("RS256 is not listed, though tokens are signed by it."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-without-openid",
        "discovery.openid-listed",
        "E1/code-flow-listed",
        N_("The list of scopes lacks openid."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-without-private-key-jwt",
        "discovery.private-key-jwt-listed",
        "E1/private-key-jwt-listed",
        N_("How clients prove themselves is not listed; the default is by a secret."),
        "GovStack Identity, openid-configuration",
    ),
    _fault(
        "discovery-without-subject-types",
        "discovery.required",
        "E2/required-members",
        N_("The description follows GovStack's schema alone and lacks subject_types_supported."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-without-signing-algorithms",
        "discovery.required",
        "E2/required-members",
        N_(
            "The description follows GovStack's schema alone and lacks id_token_signing_alg_values_supported."
        ),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "discovery-subject-type-invented",
        "discovery.subject-types",
        "E2/subject-types",
        N_("Subjects are of a type that only this product knows."),
        "OpenID Connect Discovery 1.0, 3",
    ),
    _fault(
        "jwks-never-pruned",
        "jwks.usable",
        "E3/keys-served",
        N_("Keys of all times stay in the set: 10,000 of them."),
        "RFC 7517, 5",
    ),
    _fault(
        "jwks-kid-repeated",
        "jwks.kid-unique",
        "E3/key-ids-unique",
        N_("The new key has the old one's identifier."),
        "RFC 7517, 4.5",
    ),
    _fault(
        "jwks-weak-key",
        "jwks.key-strong",
        "E3/keys-strong",
        N_("The signing key has 1024 bits."),
        "RFC 7518, 3.3",
    ),
    _fault(
        "jwks-private-members",
        "jwks.private-member",
        "E3/no-private-members",
        N_("The whole key pair is published."),
        "RFC 7517, 9.2",
    ),
    _fault(
        "jwks-certificate-mismatch",
        "jwks.certificate-of-key",
        "E3/certificates",
        N_("The certificate is another key's."),
        "RFC 7517, 4.7",
    ),
    _fault(
        "jwks-thumbprint-wrong",
        "jwks.thumbprint",
        "E3/certificates",
        N_("The thumbprint is no digest of the certificate."),
        "RFC 7517, 4.9",
    ),
    _fault(
        "jwks-expired",
        "jwks.not-expired",
        "E3/keys-not-expired",
        N_("The key expired years ago."),
        "GovStack Identity, jwks.json",
    ),
)
