"""How claims are written (OpenID Connect Core 1.0, 5.1): one rule a claim."""

import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from dpi_conformance.i18n import N_

__all__ = ["FORMS", "FURTHER", "Form"]

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_MAIL = re.compile(rf'({_ATOM}(\.{_ATOM})*|"[^"\r\n]*")@([^@\s]+)')
"""addr-spec of RFC 5322, 3.4.1, with the letters of RFC 6532."""
_PHONE = re.compile(r"\+[1-9]\d{4,14}")
_TAG = re.compile(
    r"([A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}|[A-Za-z]{4,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?"
    r"(-([A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-x(-[A-Za-z0-9]{1,8})+)?"
)
"""langtag of RFC 5646, 2.1; grandfathered tags are no locale."""
_DATE = re.compile(r"\d{4}(-\d{2}-\d{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How one claim is written."""

    code: str
    """The rule's name."""
    fits: Callable[[Any], bool]
    expected: str
    effect: str
    """What a reader makes of another form, marked for translation."""
    recommended: bool = False
    """OpenID Connect says RECOMMENDED or knows others that do otherwise: a finding never fails."""


def _is_date(value: Any) -> bool:
    """0000 stands for a year that is left out."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value.replace("0000", "2000", 1) if len(value) > 4 else f"{value}-01-01")
    except ValueError:
        return value == "0000"
    return True


def _is_mail(value: Any) -> bool:
    return isinstance(value, str) and bool(_MAIL.fullmatch(value))


def _is_phone(value: Any) -> bool:
    """Look at the digits: spaces, brackets and hyphens may stand between them (RFC 3966, 5.1.1)."""
    if not isinstance(value, str):
        return False
    number, _, _ = value.partition(";ext=")
    return bool(_PHONE.fullmatch(re.sub(r"[ ().-]", "", number)))


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _is_zone(value: Any) -> bool:
    """Without a database of zones on this machine, any name of its form will do."""
    if not isinstance(value, str):
        return False
    return value in _zones() if _zones() else bool(re.fullmatch(r"[A-Z][A-Za-z_]+(/[A-Za-z_+-]+)*", value))


def _is_locale(value: Any) -> bool:
    return isinstance(value, str) and bool(_TAG.fullmatch(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_address(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())


def _is_web_address(value: Any) -> bool:
    return isinstance(value, str) and bool(re.match(r"(https?|data):", value))


_TEXT = Form(
    code="claims.text", fits=_is_text, expected="a text", effect=N_("Clients show it broken, or refuse it.")
)
_TRUTH = Form(
    code="claims.boolean",
    fits=_is_truth,
    expected="true or false",
    effect=N_("A text is true in most languages, “false” as well."),
)
_ADDRESS = Form(
    code="claims.web-address",
    fits=_is_web_address,
    expected="a URL",
    effect=N_("Clients cannot show what is there."),
)
FORMS: Mapping[str, Form] = {
    "name": _TEXT,
    "given_name": _TEXT,
    "family_name": _TEXT,
    "gender": _TEXT,
    "birthdate": Form(
        code="claims.birthdate",
        fits=_is_date,
        expected="YYYY-MM-DD, or YYYY",
        effect=N_("Day and month are taken for each other."),
    ),
    "email": Form(
        code="claims.email",
        fits=_is_mail,
        expected="addr-spec (RFC 5322, 3.4.1)",
        effect=N_("Mail to it is not delivered."),
    ),
    "email_verified": _TRUTH,
    "phone_number": Form(
        code="claims.phone-number",
        fits=_is_phone,
        expected="E.164: + and the country's code",
        effect=N_("A call from another country does not arrive."),
        recommended=True,
    ),
    "phone_number_verified": _TRUTH,
    "picture": _ADDRESS,
    "address": Form(
        code="claims.address",
        fits=_is_address,
        expected="a JSON object of texts (OpenID Connect Core 1.0, 5.1.1)",
        effect=N_("Clients cannot tell street from town."),
    ),
    "locale": Form(
        code="claims.locale",
        fits=_is_locale,
        expected="BCP 47, e.g. fr-CI",
        effect=N_("Clients do not find the language."),
        recommended=True,
    ),
    "zoneinfo": Form(
        code="claims.zoneinfo",
        fits=_is_zone,
        expected="a name of the tz database, e.g. Africa/Abidjan",
        effect=N_("An appointment is an hour off when clocks change."),
    ),
}
"""By claim, of those that a GovStack client may be given."""
FURTHER: Mapping[str, Form] = {"sub": _TEXT, "profile": _ADDRESS, "website": _ADDRESS}
"""By claim, of those that OpenID Connect knows besides."""
