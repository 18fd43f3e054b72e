"""How claims are written: what fits OpenID Connect Core 5.1, and what does not."""

import pytest

from dpi_conformance.catalogue.packs import Pack

PACK = Pack.builtin()
FORMS = PACK.load("suites.identity.claim_forms").FORMS

FITTING = (
    ("name", "أحمد"),
    ("birthdate", "1987-03-09"),
    ("birthdate", "0000-02-29"),
    ("birthdate", "1987"),
    ("birthdate", "0000"),
    ("email", "marie.helene@example.org"),
    ("email", '"a b"@example.org'),
    ("email", "médiathèque@example.org"),
    ("email_verified", False),
    ("phone_number", "+1 (425) 555-1212"),
    ("phone_number", "+56 (2) 687 2400"),
    ("phone_number", "+16045551234;ext=5678"),
    ("picture", "https://example.org/me.png"),
    ("address", {"formatted": "12, rue des Jardins"}),
    ("locale", "fr-CI"),
    ("locale", "zh-Hant-TW"),
    ("locale", "de-DE-u-co-phonebk"),
    ("zoneinfo", "Africa/Abidjan"),
    ("zoneinfo", "America/Argentina/Buenos_Aires"),
)
UNFIT = (
    ("name", ""),
    ("gender", 2),
    ("birthdate", "09/03/1987"),
    ("birthdate", "1987-02-30"),
    ("birthdate", "87-03-09"),
    ("birthdate", 1987),
    ("email", "Marie <marie@example.org>"),
    ("email", "marie..helene@example.org"),
    ("email", "marie"),
    ("email_verified", "true"),
    ("email_verified", 1),
    ("phone_number", "0700000001"),
    ("phone_number", "+0700000001"),
    ("phone_number", "+1234567890123456"),
    ("picture", "iVBORw0KGgo"),
    ("address", "12, rue des Jardins"),
    ("address", {"postal_code": 12}),
    ("locale", "fr_CI"),
    ("locale", ""),
    ("zoneinfo", "+00:00"),
    ("zoneinfo", "Africa/Nowhere"),
)


@pytest.mark.parametrize(("claim", "value"), FITTING)
def test_fits(claim: str, value: object) -> None:
    assert FORMS[claim].fits(value)


@pytest.mark.parametrize(("claim", "value"), UNFIT)
def test_does_not_fit(claim: str, value: object) -> None:
    assert not FORMS[claim].fits(value)
