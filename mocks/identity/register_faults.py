"""Faults in the binding of wallets, in enrollment, and in the envelope of answers."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["REGISTER_FAULTS"]

_binding = listed("GovStack Identity, /wallet-binding")
_envelope = listed("GovStack Identity 8; govstack-cfr-data#req-2")
_enrollment = listed("GovStack Identity 6.2, 8.2; RFC 9110, 9.2.2")

_BINDING = (
    _binding(
        "wallet-duplicate-accepted",
        "binding.duplicate-refused",
        "E26/duplicate",
        N_("A key is bound to the same person twice."),
    ),
    _binding(
        "wallet-certificate-other-key",
        "binding.certificate-of-key",
        "E26/certificate",
        N_("The certificate of a binding is made out for another key."),
    ),
    _binding(
        "wallet-expiry-differs",
        "binding.expiry",
        "E26/certificate",
        N_("The binding expires at another time than its certificate."),
    ),
    _binding(
        "wallet-challenge-not-checked",
        "binding.challenge-checked",
        "E26/wrong-challenge",
        N_("Anybody's key is bound to any person: the challenge is not verified."),
    ),
    _binding(
        "binding-proof-of-anybody",
        "binding.challenge-of-person",
        "E26/other-persons-proof",
        N_("A proof is looked up among all people, not with the one whom the key is bound to."),
    ),
    _binding(
        "partner-not-checked",
        "binding.partner-checked",
        "E26/wrong-partner",
        N_("Any partner's name and key will do."),
    ),
    _binding(
        "binding-token-not-checked",
        "binding.token-checked",
        "E26/*-token",
        N_("A partner's name and key are enough; the token is not looked at."),
    ),
    _binding(
        "binding-user-missing",
        "binding.user",
        "E26/certificate",
        N_("The identifier of the wallet's user is left out."),
    ),
    _binding(
        "binding-certificate-unreadable",
        "binding.certificate",
        "E26/certificate",
        N_("The certificate is base64 of its PEM."),
    ),
    _binding(
        "binding-refused-as-format",
        "binding.error-code",
        "E26/duplicate",
        N_("Every binding that is refused is told as unsupported_challenge_format."),
    ),
)

_ENVELOPE = (
    _envelope(
        "response-time-local",
        "envelope.time",
        "E27/clients",
        N_("Time stamps are in the server's own zone."),
    ),
    _envelope(
        "response-time-epoch", "envelope.time", "E27/clients", N_("Time stamps are milliseconds since 1970.")
    ),
    _envelope(
        "errors-with-response",
        "envelope.one-of",
        "E27/clients",
        N_("A served request is answered with a response and with errors."),
    ),
    _envelope(
        "error-code-unlisted",
        "envelope.code-listed",
        "E27/clients",
        N_("Errors bear the vendor's own codes."),
        "GovStack Identity 8 (enums of errorCode)",
    ),
    _envelope(
        "request-time-not-checked",
        "envelope.request-time",
        "E27/request-time-*",
        N_("A request's time stamp may be anything."),
    ),
)

_ENROLLMENT = (
    _enrollment(
        "enrollment-twice-two-identities",
        "enrollment.idempotent",
        "E28/twice",
        N_("The same enrollment sent twice makes two identities."),
    ),
    _enrollment(
        "enrollment-update-wipes",
        "enrollment.partial",
        "E28/partial",
        N_("What a later step leaves out is lost."),
    ),
    _enrollment(
        "enrollment-reference-ignored",
        "enrollment.steps-joined",
        "E28/reference",
        N_("Steps with the same refId do not come together."),
    ),
    _enrollment(
        "enrollment-always-200",
        "enrollment.created",
        "E28/created",
        N_("A new person and a known one are answered alike."),
    ),
    _enrollment(
        "enrollment-malformed-crashes",
        "enrollment.malformed",
        "E28/malformed-*",
        N_("A malformed enrollment is answered with 500."),
    ),
)

REGISTER_FAULTS = (*_BINDING, *_ENVELOPE, *_ENROLLMENT)
