"""Draws the pages that people see in their browser."""

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from dpi_conformance.mockkit.calls import Answer

from .grants import Transaction, Wanted
from .texts import DIRECTIONS, chosen_language, texts

__all__ = ["draw", "error_page", "login_page"]

_FOLDER = Path(__file__).resolve().parent / "templates"


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def draw(
    template: str,
    headers: Mapping[str, str],
    *,
    wanted: Wanted | None = None,
    status: int = 200,
    cookies: Sequence[str] = (),
    **values: Any,
) -> Answer:
    """Draw a page in the language that the request, or the person's browser, asks for."""
    asked = () if wanted is None else wanted.ui_locales
    language = chosen_language(asked, headers.get("accept-language", ""))
    nonce = secrets.token_urlsafe(12)
    text = texts(language)
    html = (
        _templates()
        .get_template(f"{template}.html")
        .render(
            t=text,
            language=language,
            direction=DIRECTIONS[language],
            nonce=nonce,
            client=wanted.client.name if wanted else "",
            **values,
        )
    )
    return Answer(
        status=status,
        body=html.encode(),
        media_type="text/html; charset=utf-8",
        headers=_protection(nonce, language),
        cookies=tuple(cookies),
    )


def error_page(headers: Mapping[str, str], detail: str, status: int = 400) -> Answer:
    """Say to the person, and not to the client, that a request is refused (OpenID Connect Core 3.1.2.6)."""
    return draw("error", headers, status=status, detail=detail)


def login_page(transaction: Transaction, acr: str, *, wrong: bool = False) -> dict[str, Any]:
    """Give what a login page shows."""
    others = [other for other in transaction.wanted.acrs if other != acr]
    return {
        "acr": acr,
        "way": _short(acr),
        "others": [(other, _short(other)) for other in others],
        "fields": _fields(transaction, acr),
        "sends": "generated-code" in acr and not transaction.otp_for,
        "individual_id": transaction.otp_for,
        "wrong": wrong,
    }


def _fields(transaction: Transaction, acr: str) -> list[dict[str, str]]:
    """Give the login form's fields; a one-time code comes on a page of its own, once it was sent."""
    way = _short(acr)
    names = ["individual_id"]
    if way == "static-code":
        names.append("pin")
    if way.startswith("biometrics"):
        names.append("biometric")
    if "generated-code" in way and transaction.otp_for:
        names = ["otp"]
    return [{"name": name, **_INPUTS[name]} for name in names]


_INPUTS: Mapping[str, dict[str, str]] = {
    "individual_id": {"type": "text", "mode": "numeric", "complete": "username"},
    "pin": {"type": "password", "mode": "numeric", "complete": "current-password"},
    "otp": {"type": "text", "mode": "numeric", "complete": "one-time-code"},
    "biometric": {"type": "password", "mode": "text", "complete": "off"},
}


def _short(acr: str) -> str:
    return acr.rpartition(":")[2]


def _protection(nonce: str, language: str) -> dict[str, str]:
    """Nobody may frame, store or script a page, and no address of it reaches another site."""
    return {
        "content-security-policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
            "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "cache-control": "no-store",
        "content-language": language,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
