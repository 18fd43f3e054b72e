"""Ways to register a client wrongly: one field wrong at a time, and lengths at their bounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpi_conformance.i18n import N_

__all__ = ["GENERIC_CODES", "LENGTHS", "WRONG", "Wrong", "kebab"]

GENERIC_CODES = frozenset({"invalid_input", "invalid_request"})
"""What any field may be refused by: the published file names no field for each code."""


def kebab(field: str) -> str:
    """Write a field's name as cases are called: ``clientId`` is client-id."""
    return re.sub(r"(?=[A-Z])", "-", field).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One wrong value of one field."""

    field: str
    way: str
    """A word for the case's name."""
    value: Any
    """None: the field is left out."""
    error: str
    """The code that bears the field's name."""
    told: str
    """Marked for translation."""
    for_update: bool = True
    """A change has this field too."""


_LINK = "https://rp.example/back"
_EMPTY, _LONG, _MISSING = N_("an empty text"), N_("one character too many"), N_("nothing")
_NONE, _TWICE = N_("an empty list"), N_("a value twice")


def _wrong(field: str, error: str, *ways: tuple[str, Any, str], for_update: bool = True) -> list[Wrong]:
    return [
        Wrong(field=field, way=way, value=value, error=error, told=told, for_update=for_update)
        for way, value, told in ways
    ]


WRONG: tuple[Wrong, ...] = (
    *_wrong(
        "clientId",
        "invalid_client_id",
        ("empty", "", _EMPTY),
        ("too-long", "c" * 51, _LONG),
        ("missing", None, _MISSING),
        for_update=False,
    ),
    *_wrong(
        "clientName",
        "invalid_client_name",
        ("empty", "", _EMPTY),
        ("too-long", "n" * 257, _LONG),
        ("missing", None, _MISSING),
    ),
    *_wrong(
        "relyingPartyId",
        "invalid_rp_id",
        ("empty", "", _EMPTY),
        ("too-long", "p" * 51, _LONG),
        ("missing", None, _MISSING),
        for_update=False,
    ),
    *_wrong(
        "logoUri",
        "invalid_uri",
        ("empty", "", _EMPTY),
        ("too-long", f"https://rp.example/{'l' * 1006}", _LONG),
        ("no-uri", "no URI at all", N_("what is no URI")),
        ("missing", None, _MISSING),
    ),
    *_wrong(
        "redirectUris",
        "invalid_redirect_uri",
        ("none", [], _NONE),
        ("twice", [_LINK, _LINK], _TWICE),
        ("no-uri", ["no URI at all"], N_("what is no URI")),
        ("fragment", [f"{_LINK}#part"], N_("a URI with a fragment")),
        ("missing", None, _MISSING),
    ),
    *_wrong(
        "authContextRefs",
        "invalid_acr",
        ("none", [], _NONE),
        ("unknown", ["idbb:acr:palm-reading"], N_("an unknown value")),
        ("missing", None, _MISSING),
    ),
    *_wrong(
        "publicKey",
        "invalid_public_key",
        ("no-numbers", {"kty": "RSA"}, N_("a key without its numbers")),
        ("unknown-kind", {"kty": "dpi-none", "n": "AQAB", "e": "AQAB"}, N_("a key of an unknown kind")),
        ("text", "no key", N_("a text")),
        ("missing", None, _MISSING),
        for_update=False,
    ),
    *_wrong(
        "userClaims",
        "invalid_claim",
        ("none", [], _NONE),
        ("unknown", ["shoe_size"], N_("an unknown value")),
        ("missing", None, _MISSING),
    ),
    *_wrong(
        "grantTypes",
        "invalid_grant_type",
        ("none", [], _NONE),
        ("unknown", ["password"], N_("an unknown value")),
        ("twice", ["authorization_code", "authorization_code"], _TWICE),
        ("missing", None, _MISSING),
    ),
    *_wrong(
        "clientAuthMethods",
        "invalid_client_auth",
        ("none", [], _NONE),
        ("unknown", ["client_secret_basic"], N_("an unknown value")),
        ("missing", None, _MISSING),
    ),
)

LENGTHS: Mapping[str, tuple[str, int, str]] = {
    "client-id-shortest": ("clientId", 1, "c"),
    "client-id-longest": ("clientId", 50, "c"),
    "client-name-shortest": ("clientName", 1, "n"),
    "client-name-longest": ("clientName", 256, "n"),
    "relying-party-shortest": ("relyingPartyId", 1, "p"),
    "relying-party-longest": ("relyingPartyId", 50, "p"),
    "logo-longest": ("logoUri", 1024, "https://rp.example/"),
}
"""By a word for the case's name: field, characters that it may have, and how it begins."""
