"""What this product declares in its product.yaml: its login pages, its people, and what the documents leave open."""

import time
from collections.abc import Mapping
from typing import Any, Final

from .admission import PARTNER, iam_token, partner_key
from .grants import SHORT_LIFE, SHORT_LIVED
from .people import PEOPLE, TEST_OTP, Person

__all__ = ["DECLARED", "target"]

DECLARED: Final[Mapping[str, str]] = {
    "claims.languages": "en fr",
    "enrollment.held": "metaData.data",
    "short-lived.client-prefix": SHORT_LIVED,
    "short-lived.seconds": f"{SHORT_LIFE:g}",
    "linked-wallet.transaction": 'name="transaction(?:Id)?" value="([^"]+)"',
}


_SCOPES: Final[Mapping[str, str]] = {
    "client-management": "add_oidc_client update_oidc_client",
    "wallet-binding": "wallet_binding",
    "enrollment": "enrollment",
    "credential-management": "credential_management",
}
"""What the trusted IAM allows those who prove themselves for each security scheme."""


def _credentials(token: str) -> Mapping[str, Any]:
    return {
        scheme: {"type": "bearer", "token": iam_token(token, scope, time.time())}
        for scheme, scope in _SCOPES.items()
    }


_DAY: Final = 86400.0


def _fixtures(token: str) -> Mapping[str, str]:
    """Name whom and what the product knows beside the people who log in."""
    (person, other, *_), spare = PEOPLE, _spare()
    now, allowed = time.time(), _SCOPES["client-management"]
    return {
        "partner.id": PARTNER,
        "partner.api-key": partner_key(token),
        "wallet.individual": person.uin,
        "wallet.factor": "PIN",
        "wallet.secret": person.pin,
        "wallet.format": "number",
        "wallet.other-individual": other.uin,
        "wallet.other-secret": other.pin,
        "resident.individual": person.uin,
        "resident.transaction": "1234567890",
        "resident.secret": TEST_OTP,
        "resident.partner": "print-partner",
        "spare.individual": spare.uin,
        "client-management.token-without-scope": iam_token(token, _SCOPES["wallet-binding"], now),
        "client-management.token-expired": iam_token(token, allowed, now - 2 * _DAY),
        "client-management.token-early": iam_token(token, allowed, now + _DAY),
    }


def _spare() -> Person:
    """Give the person whom nobody misses: blocked to begin with."""
    return next(person for person in PEOPLE if person.blocked)


def target(base_url: str, token: str) -> Mapping[str, Any]:  # noqa: ARG001 -- the address is for other blocks
    """Give further keys of the mock's product.yaml."""
    return {
        "credentials": _credentials(token) if token else {},
        "fixtures": _fixtures(token),
        "login": {
            "driver": "form",
            "persons": {
                person.key: {
                    "individual_id": person.uin,
                    "pin": person.pin,
                    "otp": TEST_OTP,
                    "biometric": person.template,
                }
                for person in PEOPLE
                if not person.blocked
            },
            "secret": ["pin", "otp", "biometric"],
            "submit": ["action=login"],
            "consent": {
                "accept": ["decision=allow"],
                "refuse": ["decision=refuse", "action=cancel"],
                "claims": "claims",
            },
        },
    }
