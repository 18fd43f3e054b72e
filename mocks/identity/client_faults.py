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
        "E20/duplicate*",
        N_("A client with a known identifier replaces the one that had it, and its key."),
    ),
    _create(
        "client-id-unique-without-case",
        "client.case-sensitive",
        "E20/*case*",
        N_("Two identifiers that differ in their letters' case count as the same."),
    ),
    _create(
        "client-id-lowered",
        "client.id-echoed",
        "E20/*",
        N_("A client's identifier comes back in lower case."),
    ),
    _create(
        "public-key-not-checked",
        "client.field-refused",
        "E20/*public-key*",
        N_("Whatever is sent as a public key is taken."),
    ),
    _update(
        "update-of-nothing-succeeds",
        "client.unknown-refused",
        "E21/*unknown*",
        N_("A change of a client that there is none of is acknowledged."),
    ),
    _update(
        "update-changes-key",
        "client.key-kept",
        "E21/*key*",
        N_("A change may bring another public key: whoever may change a client can play it."),
    ),
    _update(
        "update-adds-redirects",
        "client.redirect-removed",
        "E21/*redirect*",
        N_("Redirect URIs are added to the former ones: one that was removed stays good."),
    ),
    _update(
        "removed-redirect-accepted",
        "client.redirect-removed",
        "E21/*redirect*",
        N_("A redirect URI that was removed is still taken, out of a cache."),
    ),
    _update(
        "update-ignores-status",
        "client.inactive",
        "E21/*inactive*",
        N_("The status of a client is stored and not looked at."),
    ),
    _update(
        "inactive-client-gets-tokens",
        "client.inactive-no-tokens",
        "E21/*inactive*",
        N_("A client that was made inactive still exchanges its codes."),
    ),
    _update(
        "update-keeps-claims",
        "claims.narrowed",
        "E21/*claims*",
        N_("A change does not take claims away."),
    ),
    _access(
        "no-auth-check",
        "client-management.refused",
        "E22/*",
        N_("Nobody is asked for a token."),
    ),
    _access(
        "wrong-token-accepted",
        "client-management.refused",
        "E22/*",
        N_("Any token will do."),
    ),
    _access(
        "scope-not-checked",
        "client-management.scope",
        "E22/*scope*",
        N_("A token for another purpose will do."),
    ),
)
