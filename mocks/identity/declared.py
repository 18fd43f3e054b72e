"""What this product declares in its product.yaml: its login pages, its people, and what the documents leave open."""

from collections.abc import Mapping
from typing import Any, Final

from .grants import SHORT_LIFE, SHORT_LIVED
from .people import PEOPLE, TEST_OTP

__all__ = ["DECLARED", "target"]

DECLARED: Final[Mapping[str, str]] = {
    "short-lived.client-prefix": SHORT_LIVED,
    "short-lived.seconds": f"{SHORT_LIFE:g}",
}


def target(base_url: str, token: str) -> Mapping[str, Any]:  # noqa: ARG001 -- the address is for other blocks
    """Give further keys of the mock's product.yaml."""
    return {
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
