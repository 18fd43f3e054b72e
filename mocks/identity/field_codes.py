"""Which error code stands for which field (GovStack Identity, the enums of errorCode)."""

from collections.abc import Mapping

__all__ = ["FIELD_CODES"]

_CLIENT: Mapping[str, str] = {
    "clientName": "invalid_client_name",
    "logoUri": "invalid_uri",
    "redirectUris": "invalid_redirect_uri",
    "authContextRefs": "invalid_acr",
    "userClaims": "invalid_claim",
    "grantTypes": "invalid_grant_type",
    "clientAuthMethods": "invalid_client_auth",
}
_TRANSACTION = {"transactionId": "invalid_transaction_id"}
_LINKED = {"linkedTransactionId": "invalid_transaction_id"}

FIELD_CODES: Mapping[str, Mapping[str, str]] = {
    "client-create": {
        **_CLIENT,
        "clientId": "invalid_client_id",
        "relyingPartyId": "invalid_rp_id",
        "publicKey": "invalid_public_key",
    },
    "client-update": _CLIENT,
    "link-code": _TRANSACTION,
    "link-status": {**_TRANSACTION, "linkCode": "invalid_link_code"},
    "link-auth-code": {**_TRANSACTION, "linkedCode": "invalid_link_code"},
    "link-transaction": {"linkCode": "invalid_link_code"},
    "linked-authenticate": {
        **_LINKED,
        "individualId": "invalid_identifier",
        "challengeList": "invalid_no_of_challenges",
    },
    "linked-consent": {
        **_LINKED,
        "acceptedClaims": "invalid_accepted_claim",
        "permittedAuthorizeScopes": "invalid_permitted_scope",
    },
    "wallet-binding": {
        "publicKey": "invalid_public_key",
        "challengeList": "invalid_auth_challenge",
        "challengeList.format": "unsupported_challenge_format",
    },
}
"""By variant and field; anything else is invalid_request."""
