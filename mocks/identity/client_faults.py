"""Faults in client management."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["CLIENT_FAULTS"]

_create = listed("GovStack Identity, POST /client-mgmt/oidc-client")
_update = listed("GovStack Identity, PUT /client-mgmt/oidc-client/{client_id}")
_access = listed("GovStack Identity, security of /client-mgmt; govstack-cfr-security#req-3")

CLIENT_FAULTS = (
    _create(
        "duplicate-client-overwrites",
        "client.duplicate-refused",
        "E20/duplicate",
        N_("A client with a known identifier replaces the one that had it, and its key."),
    ),
    _create(
        "client-id-unique-without-case",
        "client.case-sensitive",
        "E20/case-sensitive",
        N_("Two identifiers that differ in their letters' case count as the same."),
    ),
    _create(
        "client-id-lowered",
        "client.id-echoed",
        "E20/created",
        N_("A client's identifier comes back in lower case."),
    ),
    _create(
        "public-key-not-checked",
        "client.field-refused",
        "E20/public-key-*",
        N_("Whatever is sent as a public key is taken."),
    ),
    _create(
        "registration-refused-always",
        "client.created",
        "E20/created",
        N_("Identifiers with capital letters are not taken."),
    ),
    _create(
        "duplicate-refused-yet-written",
        "client.duplicate-untouched",
        "E20/duplicate",
        N_("A second registration of an identifier is refused after its addresses were written."),
    ),
    _create(
        "one-code-for-all-fields",
        "client.error-code",
        "E20/*-none",
        N_("Whatever is wrong is told by the code of the client's name."),
    ),
    _create(
        "refused-registration-kept",
        "client.refused-not-kept",
        "E20/public-key-*",
        N_("A registration is written before its key is looked at."),
    ),
    _create(
        "client-name-short-column",
        "client.length-accepted",
        "E20/length-*",
        N_("A client's name is cut off at 100 characters by the database, and refused."),
    ),
    _create(
        "registration-field-refused",
        "client.unknown-field",
        "E20/unknown-field",
        N_("A registration with a field more is refused."),
        "govstack-cfr-architecture#req-18",
    ),
    _update(
        "update-of-nothing-succeeds",
        "client.unknown-refused",
        "E21/unknown",
        N_("A change of a client that there is none of is acknowledged."),
    ),
    _update(
        "update-changes-key",
        "client.key-kept",
        "E21/key-kept",
        N_("A change may bring another public key: whoever may change a client can play it."),
    ),
    _update(
        "update-adds-redirects",
        "client.redirect-removed",
        "E21/redirects",
        N_("Redirect URIs are added to the former ones: one that was removed stays good."),
    ),
    _update(
        "removed-redirect-accepted",
        "client.redirect-removed",
        "E21/redirects",
        N_("A redirect URI that was removed is still taken, out of a cache."),
    ),
    _update(
        "update-ignores-status",
        "client.inactive",
        "E21/inactive",
        N_("The status of a client is stored and not looked at."),
    ),
    _update(
        "inactive-client-gets-tokens",
        "client.inactive-no-tokens",
        "E21/inactive-token",
        N_("A client that was made inactive still exchanges its codes."),
    ),
    _update(
        "update-keeps-claims",
        "claims.narrowed",
        "E21/narrowed-claims",
        N_("A change does not take claims away."),
    ),
    _access(
        "no-auth-check",
        "client-management.refused",
        "E22/*-token",
        N_("Nobody is asked for a token."),
    ),
    _access(
        "wrong-token-accepted",
        "client-management.refused",
        "E22/*-wrong-token",
        N_("Any token will do."),
    ),
    _access(
        "iam-expiry-not-checked",
        "client-management.token-timely",
        "E22/*-expired-token",
        N_("The expiry of the trusted IAM's tokens is not looked at."),
    ),
    _access(
        "iam-not-before-not-checked",
        "client-management.token-timely",
        "E22/*-early-token",
        N_("A token of the trusted IAM is good before its time."),
    ),
    _access(
        "scope-not-checked",
        "client-management.scope",
        "E22/*-wrong-scope",
        N_("A token for another purpose will do."),
    ),
    _update(
        "update-of-unknown-other-code",
        "client.unknown-code",
        "E21/unknown",
        N_("A change of a client that there is none of is refused for its name."),
    ),
    _update(
        "update-refused-when-same",
        "client.update-idempotent",
        "E21/idempotent",
        N_("A change that changes nothing is refused."),
        "RFC 9110, 9.2.2",
    ),
    _update(
        "update-drops-new-redirects",
        "client.redirect-added",
        "E21/redirects",
        N_("Only redirect URIs that were there at the registration are kept."),
    ),
    _update(
        "inactive-for-ever",
        "client.reactivated",
        "E21/inactive",
        N_("A client that was made inactive once stays so."),
    ),
    _access(
        "unauthorised-yet-created",
        "client-management.nothing-created",
        "E22/create-*",
        N_("A registration is written before the token is looked at."),
    ),
    _access(
        "no-token-as-invalid-request",
        "client-management.status",
        "E22/*-no-token",
        N_("That there is no token is told as invalid_request, with status 200."),
    ),
)
