"""Faults in whom claims are given to, and how they are wrapped (property E16)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["ACCESS_FAULTS"]


def _fault(name: str, check: str, case: str, summary: str, clause: str) -> Fault:
    return Fault(name=name, check=check, cases=f"identity/suite/{case}", summary=summary, clause=clause)


ACCESS_FAULTS = (
    _fault(
        "userinfo-needs-profile",
        "userinfo.served",
        "E16/claims-for-a-token",
        N_("Claims are given only where the scope holds profile."),
        "OpenID Connect Core 1.0, 5.3",
    ),
    _fault(
        "userinfo-key-of-stranger",
        "userinfo.readable",
        "E16/claims-for-a-token",
        N_("Claims are encrypted for a key that the client does not have."),
        "GovStack Identity, userinfo",
    ),
    _fault(
        "userinfo-other-subject",
        "userinfo.subject",
        "E16/claims-for-a-token",
        N_("The claims have another subject than the ID token."),
        "OpenID Connect Core 1.0, 5.3.2",
    ),
    _fault(
        "userinfo-as-json",
        "userinfo.media-type",
        "E16/nested",
        N_("The claims come as plain JSON."),
        "GovStack Identity, userinfo",
    ),
    _fault(
        "userinfo-not-encrypted",
        "userinfo.encrypted",
        "E16/nested",
        N_("The claims are signed and not encrypted."),
        "GovStack Identity, userinfo",
    ),
    _fault(
        "userinfo-signature-left-out",
        "userinfo.signed",
        "E16/nested",
        N_("The claims are encrypted and not signed."),
        "GovStack Identity, userinfo",
    ),
    _fault(
        "id-token-as-bearer",
        "userinfo.refused",
        "E16/refused-id-token",
        N_("An ID token is taken for an access token."),
        "RFC 9068, 4",
    ),
    _fault(
        "access-token-signature-not-checked",
        "userinfo.refused",
        "E16/refused-*",
        N_("The signature of access tokens is not verified."),
        "RFC 6750, 3.1",
    ),
    _fault(
        "expired-access-token-accepted",
        "userinfo.refused",
        "E16/refused-expired",
        N_("The expiry of access tokens is not looked at."),
        "RFC 6750, 3.1",
    ),
    _fault(
        "userinfo-challenge-missing",
        "userinfo.challenge",
        "E16/refused-no-token",
        N_("A refusal does not say how to prove oneself."),
        "RFC 6750, 3",
    ),
    _fault(
        "userinfo-challenge-plain",
        "userinfo.challenge-error",
        "E16/refused-garbage",
        N_("A refusal does not say that the token is no good."),
        "RFC 6750, 3.1",
    ),
)
