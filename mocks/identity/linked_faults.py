"""Faults in linked logins: their steps, the consent of a wallet, and the page's own requests."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["LINKED_FAULTS"]

_link = listed("GovStack Identity, /linked-authorization")
_consent = listed("GovStack Identity, /linked-authorization/consent")
_xsrf = listed("GovStack Identity, X-XSRF-TOKEN; CWE-352")

_LINK = (
    _link(
        "link-code-reusable",
        "link.code-once",
        "E23/reused-code",
        N_("A second wallet can take the same link code."),
    ),
    _link(
        "link-code-never-expires",
        "link.code-expires",
        "E23/expired-code",
        N_("A link code stays good for ever."),
    ),
    _link(
        "link-expiry-past",
        "link.expiry-future",
        "E23/whole",
        N_("expireDateTime is in another zone: it is over."),
    ),
    _link(
        "link-codes-crossed",
        "link.code-of-transaction",
        "E23/crossed-codes",
        N_("A link code of one login serves in another."),
    ),
    _link(
        "transaction-of-another-browser",
        "link.transaction-of-browser",
        "E23/other-browser",
        N_("A login that one browser began can be carried on by another."),
    ),
    _link(
        "link-status-at-once",
        "link.status-waits",
        "E23/status-waits",
        N_("A login counts as linked before a wallet is there."),
    ),
    _link(
        "auth-code-handed-out-again",
        "link.auth-code-once",
        "E23/completed",
        N_("The code of a login that is over is handed out again."),
    ),
    _link(
        "completed-transaction-linked",
        "link.completed-refused",
        "E23/completed",
        N_("A login that is over gets another link code."),
    ),
    _link(
        "link-state-dropped",
        "link.state",
        "E23/whole",
        N_("The state does not come with the linked login's code."),
    ),
    _link(
        "link-nonce-dropped",
        "link.nonce",
        "E23/whole",
        N_("The nonce does not come with the linked login's code."),
    ),
    _link(
        "challenge-count-not-checked",
        "link.challenges",
        "E23/challenge-missing",
        N_("However few factors a wallet brings, they count as the first context that the client allows."),
    ),
    _link(
        "wallet-signature-not-checked",
        "link.wallet-signature",
        "E26/wallet-signature",
        N_("A wallet's proof is read and not verified."),
    ),
    _link(
        "link-code-race",
        "link.code-once-at-once",
        "E23/reused-code-at-once",
        N_("A link code is read, and marked as used in a second step."),
    ),
    _link(
        "link-code-begin-compared",
        "link.unknown-refused",
        "E23/unknown-code",
        N_("Of a link code all but the last character are compared."),
    ),
    _link(
        "link-refused-as-client",
        "link.error-code",
        "E23/reused-code",
        N_("Whatever is wrong with a link code is told as invalid_client_id."),
    ),
    _link(
        "link-status-never",
        "link.status",
        "E23/whole",
        N_("The page is never told that a wallet is there."),
    ),
    _link(
        "linked-client-by-id",
        "link.client-shown",
        "E23/whole",
        N_("The wallet is shown the client's identifier in place of its name."),
    ),
    _link(
        "linked-consent-without-code",
        "link.auth-code",
        "E23/whole",
        N_("The page gets no code after the person has consented."),
    ),
    _link(
        "link-redirect-cut",
        "link.redirect",
        "E23/whole",
        N_("The redirect URI is handed to the page without its path."),
    ),
    _link(
        "linked-code-forgotten",
        "link.tokens",
        "E23/whole",
        N_("The code of a linked login is kept nowhere."),
    ),
    _link(
        "linked-token-without-nonce",
        "link.token-nonce",
        "E23/whole",
        N_("The nonce does not come into the ID token of a linked login."),
        "OpenID Connect Core 1.0, 3.1.2.1",
    ),
    _link(
        "proof-of-another-login",
        "link.agrees",
        "E23/any-sequence",
        N_("A proof counts for every login that waits at the same client, not for its own alone."),
    ),
    _link(
        "completed-consent-accepted",
        "link.consent-once",
        "E23/completed",
        N_("A login that is over takes another consent."),
    ),
    _link(
        "auth-code-before-consent",
        "link.auth-code-early",
        "E23/code-before-consent",
        N_("The code is there once the person has authenticated."),
    ),
    _link(
        "wallet-proof-not-checked",
        "link.wrong-proof",
        "E24/auth-failed",
        N_("What a person gives to their wallet is not compared."),
    ),
    _link(
        "linked-proof-of-anybody",
        "link.proof-of-person",
        "E24/other-persons-proof",
        N_("A proof is looked up among all people, not with the one who is named."),
    ),
    _link(
        "wallet-key-of-anybody",
        "link.key-of-person",
        "E26/other-persons-key",
        N_("A wallet's proof is verified by any bound key, not by one of the person's own."),
    ),
    _link(
        "linked-person-forgotten",
        "link.person",
        "E23/two-persons",
        N_("A linked login is always the login of the first person."),
    ),
    _link(
        "linked-context-always-wallet",
        "link.acr",
        "E23/acr",
        N_("The ID token of a linked login says linked-wallet, whatever the person gave."),
        "GovStack Identity 7.2.3",
    ),
    _consent(
        "linked-claims-not-shown",
        "consent.claims-shown",
        "E24/claims-given",
        N_("The wallet is not told which claims the client asks for."),
    ),
    _consent(
        "linked-consent-ignored",
        "consent.claims-kept",
        "E24/claims-given",
        N_("Whatever a wallet consents to, all that was asked for is given."),
    ),
    _consent(
        "consent-without-authentication",
        "link.order",
        "E23/consent-before-proof",
        N_("A wallet can consent before anybody has authenticated, and gets somebody's code."),
    ),
    _consent(
        "consent-claim-not-offered-accepted",
        "consent.claim-refused",
        "E24/claim-not-offered",
        N_("A wallet can consent to claims that were not offered, and the client gets them."),
    ),
    _consent(
        "consent-scope-not-offered-accepted",
        "consent.scope-refused",
        "E24/scope-not-offered",
        N_("A wallet can permit scopes that were not offered."),
    ),
    _consent(
        "auth-failed-yet-authenticated",
        "link.auth-failed",
        "E24/auth-failed",
        N_("A wrong PIN is answered with auth_failed, and the login goes on all the same."),
    ),
    _xsrf("xsrf-not-checked", "xsrf.required", "E25/missing-*", N_("X-XSRF-TOKEN may be left out.")),
    _xsrf(
        "xsrf-cookie-not-compared",
        "xsrf.compared",
        "E25/other-*",
        N_("Any X-XSRF-TOKEN will do: it is not compared with the cookie."),
    ),
)

LINKED_FAULTS = _LINK
