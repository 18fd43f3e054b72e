"""Faults in the course of a login: state, prompts, ages, proofs of possession."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["LOGIN_FAULTS"]

_state = listed("OpenID Connect Core 1.0, 3.1.2.5 and 3.1.2.6; RFC 6749, 4.1.2")
_login = listed("OpenID Connect Core 1.0, 3.1.2")
_proof = listed("RFC 7636, 4.6")

_STATE = (
    _state(
        "state-dropped", "state.unchanged", "E13/state-*", N_("The state does not come back with the code.")
    ),
    _state(
        "state-missing-in-error",
        "state.in-errors",
        "E13/*error*",
        N_("The state comes back with a code, and not with an error."),
    ),
    _state(
        "state-decoded-again",
        "state.unchanged",
        "E13/state-*",
        N_("The state is percent-decoded twice, and comes back as another one."),
    ),
    _state("state-trimmed", "state.unchanged", "E13/state-*", N_("Blanks in the state are taken away.")),
    _state(
        "state-to-ascii",
        "state.unchanged",
        "E13/state-*",
        N_("Letters outside ASCII become question marks in the state."),
    ),
    _state("state-doubled", "state.once", "E13/*", N_("The state comes back twice.")),
)

_FLOW = (
    _login(
        "openid-scope-not-needed",
        "authorize.refused",
        "E14/scope-without-openid",
        N_("A request without the scope openid brings an ID token."),
        "OpenID Connect Core 1.0, 3.1.2.1 (scope)",
    ),
    _login(
        "response-type-not-checked",
        "authorize.refused",
        "E14/response-type-*",
        N_("Whatever response type is asked for, a code is given."),
        "OpenID Connect Core 1.0, 3.1.2.1 (response_type)",
    ),
    _login(
        "client-id-case-ignored",
        "authorize.refused",
        "E14/unknown-client*",
        N_("A client's identifier is found in capitals too."),
        "GovStack Identity, client-mgmt (clientId)",
    ),
    _login(
        "inactive-client-served",
        "client.inactive",
        "E21/inactive*",
        N_("Who is sent by a client that is not active is logged in all the same."),
        "GovStack Identity, client-mgmt (status)",
    ),
    _login(
        "prompt-none-shows-login",
        "prompt.none",
        "E14/prompt-none*",
        N_("A request that must show nothing shows the login page."),
        "OpenID Connect Core 1.0, 3.1.2.1 (prompt)",
    ),
    _login(
        "prompt-login-ignored",
        "prompt.login",
        "E14/prompt-login*",
        N_("Who is logged in is not asked again, although the client demands it."),
        "OpenID Connect Core 1.0, 3.1.2.1 (prompt)",
    ),
    _login(
        "max-age-ignored",
        "max-age.enforced",
        "E14/max-age*",
        N_("However old a login is, it serves."),
        "OpenID Connect Core 1.0, 3.1.2.1 (max_age)",
    ),
    _login(
        "refusal-gives-code",
        "consent.refused",
        "E14/*refuse*",
        N_("A person who refuses consent is sent back with a code all the same."),
        "OpenID Connect Core 1.0, 3.1.2.4",
    ),
)

_PROOF = (
    _proof(
        "pkce-verifier-not-checked",
        "pkce.verifier-checked",
        "E15/*wrong-verifier*",
        N_("A code_challenge is taken, and the code_verifier is not compared with it."),
    ),
    _proof(
        "pkce-verifier-not-needed",
        "pkce.verifier-required",
        "E15/*missing-verifier*",
        N_("The code_verifier is compared only if there is one."),
    ),
    _proof(
        "pkce-challenge-as-verifier",
        "pkce.verifier-checked",
        "E15/*challenge-as-verifier*",
        N_("Who has seen the code_challenge can use it in place of the verifier."),
        "RFC 9700, 2.1.1",
    ),
    _proof(
        "pkce-plain-accepted",
        "pkce.plain-refused",
        "E15/*plain*",
        N_("A client may use the method plain, although only S256 is offered."),
        "RFC 9700, 2.1.1",
    ),
    _proof(
        "pkce-verifier-without-challenge",
        "pkce.downgrade",
        "E15/*downgrade*",
        N_(
            "A code_verifier is taken for a code that was given without a challenge: PKCE can be taken off a request."
        ),
        "RFC 9700, 4.8.2",
    ),
)

LOGIN_FAULTS = (*_STATE, *_FLOW, *_PROOF)
