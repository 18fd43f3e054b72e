"""Faults in codes, in how clients prove themselves, and in PKCE (properties E8 to E11 and E15)."""

from dpi_conformance.i18n import N_
from dpi_conformance.mockkit.faults import Fault

__all__ = ["CODE_FAULTS"]


def _fault(name: str, check: str, case: str, summary: str, clause: str) -> Fault:
    return Fault(name=name, check=check, cases=f"identity/suite/{case}", summary=summary, clause=clause)


CODE_FAULTS = (
    _fault(
        "code-reusable",
        "code.once",
        "E8/code-once",
        N_("A code can be exchanged again until it expires."),
        "RFC 6749, 4.1.2",
    ),
    _fault(
        "tokens-survive-replay",
        "code.reuse-revokes",
        "E8/reuse-revokes",
        N_("A second use of a code leaves the first tokens good."),
        "RFC 6749, 10.5",
    ),
    _fault(
        "code-race",
        "code.once-at-once",
        "E8/code-at-once",
        N_("A code is marked as used a moment after it was read."),
        "RFC 6749, 4.1.2",
    ),
    _fault(
        "code-not-bound-to-client",
        "code.bound-to-client",
        "E9/bound-to-client",
        N_("A code is exchanged for any client."),
        "RFC 6749, 4.1.3",
    ),
    _fault(
        "code-not-bound-to-redirect",
        "code.bound-to-redirect",
        "E9/bound-to-redirect",
        N_("The redirect URI of an exchange is not compared."),
        "RFC 6749, 4.1.3",
    ),
    _fault(
        "code-guess-accepted",
        "code.unknown",
        "E9/unknown-code",
        N_("A code that is not found is looked up by the client's last login."),
        "RFC 6749, 10.10",
    ),
    _fault(
        "code-never-expires", "code.expires", "E9/expired-code", N_("Codes do not expire."), "RFC 6749, 4.1.2"
    ),
    _fault(
        "assertion-signature-not-checked",
        "assertion.signature-checked",
        "E10/assertion-other-key",
        N_("The signature of an assertion is decoded and not verified."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-alg-none-accepted",
        "assertion.algorithm-checked",
        "E10/assertion-alg-none*",
        N_("An assertion with alg none is believed."),
        "RFC 8725, 3.2",
    ),
    _fault(
        "assertion-hs256-public-key",
        "assertion.algorithm-checked",
        "E10/assertion-hs256-public-*",
        N_("The public key is taken for a shared secret when the header says HS256."),
        "RFC 8725, 3.1",
    ),
    _fault(
        "assertion-key-from-header",
        "assertion.key-of-client",
        "E10/assertion-own-key-embedded",
        N_("The key is taken from the assertion's own header."),
        "RFC 8725, 3.10",
    ),
    _fault(
        "assertion-critical-ignored",
        "assertion.critical-understood",
        "E10/assertion-critical-unknown",
        N_("Headers that are called critical are not looked at."),
        "RFC 7515, 4.1.11",
    ),
    _fault(
        "assertion-issuer-not-checked",
        "assertion.issuer-checked",
        "E10/assertion-issuer-*",
        N_("The issuer of an assertion is not compared."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-subject-not-checked",
        "assertion.subject-checked",
        "E10/assertion-subject-*",
        N_("The subject of an assertion is not compared."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-audience-not-checked",
        "assertion.audience-checked",
        "E10/assertion-audience-*",
        N_("The audience of an assertion is not compared."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-expiry-not-checked",
        "assertion.expiry-checked",
        "E10/assertion-expired",
        N_("An expired assertion is taken."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-without-expiry-accepted",
        "assertion.expiry-required",
        "E10/assertion-expiry-missing",
        N_("An assertion without an expiry is taken for good."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-from-future-accepted",
        "assertion.not-before-checked",
        "E10/assertion-not-yet-valid",
        N_("The moment before which an assertion is not good is not looked at."),
        "RFC 7523, 3",
    ),
    _fault(
        "assertion-without-iat-accepted",
        "assertion.issued-at-required",
        "E10/assertion-issued-at-missing",
        N_("An assertion without its moment is taken."),
        "GovStack Identity, token",
    ),
    _fault(
        "client-not-authenticated",
        "token.missing-refused",
        "E11/without-client-assertion",
        N_("A client without an assertion is believed."),
        "GovStack Identity, token",
    ),
    _fault(
        "assertion-checked-later",
        "client.proof-checked",
        "E10/other-credentials",
        N_("The signature of assertions is left to a gateway that is not there."),
        "RFC 6749, 3.2.1",
    ),
    _fault(
        "assertion-of-any-client",
        "assertion.of-the-client",
        "E10/another-clients-assertion",
        N_("An assertion is verified by whoever issued it, whichever client the request names."),
        "RFC 7521, 4.2",
    ),
    _fault(
        "assertion-replay-accepted",
        "assertion.once",
        "E10/assertion-replayed",
        N_("Identifiers of assertions are not remembered."),
        "OpenID Connect Core 1.0, 9",
    ),
    _fault(
        "assertion-extra-claim-refused",
        "assertion.unknown-claims",
        "E10/unknown-claims-ignored",
        N_("An assertion with a claim that is not known is refused."),
        "GovStack Identity, token",
    ),
    _fault(
        "assertion-type-not-needed",
        "token.missing-refused",
        "E11/without-client-assertion-type",
        N_("The assertion's type is not asked for."),
        "GovStack Identity, token",
    ),
    _fault(
        "token-redirect-not-needed",
        "token.missing-refused",
        "E11/without-redirect-uri",
        N_("The redirect URI of an exchange is not asked for."),
        "GovStack Identity, token",
    ),
    _fault(
        "token-error-undeclared",
        "token.missing-told",
        "E11/without-*",
        N_("Every refused exchange has a code of the product's own."),
        "RFC 6749, 5.2",
    ),
    _fault(
        "token-error-as-page",
        "token.error-in-json",
        "E11/error-in-json",
        N_("A refused exchange is answered by a page."),
        "RFC 6749, 5.2",
    ),
    _fault(
        "pkce-long-verifier-refused",
        "pkce.right",
        "E15/right-verifier",
        N_("Verifiers of more than 64 characters are cut off."),
        "RFC 7636, 4.1",
    ),
    _fault(
        "pkce-verifier-not-checked",
        "pkce.wrong",
        "E15/wrong-verifier",
        N_("The verifier is not compared."),
        "RFC 7636, 4.6",
    ),
    _fault(
        "pkce-verifier-not-needed",
        "pkce.missing",
        "E15/missing-verifier",
        N_("A verifier is compared where one comes, and not asked for."),
        "RFC 7636, 4.6",
    ),
    _fault(
        "pkce-challenge-as-verifier",
        "pkce.downgrade",
        "E15/challenge-as-verifier",
        N_("The challenge itself is taken as its verifier."),
        "RFC 7636, 7.2",
    ),
    _fault(
        "pkce-plain-accepted",
        "pkce.plain",
        "E15/plain-refused",
        N_("Plain challenges are taken although S256 alone is listed."),
        "RFC 9700, 2.1.1",
    ),
    _fault(
        "pkce-verifier-without-challenge",
        "pkce.unannounced",
        "E15/verifier-unannounced",
        N_("A verifier is ignored where there was no challenge."),
        "RFC 9700, 4.8.2",
    ),
)
