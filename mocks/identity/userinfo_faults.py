"""Faults in what clients learn about people."""

from dpi_conformance.i18n import N_

from .fault_lists import listed

__all__ = ["USERINFO_FAULTS"]

_claims = listed("GovStack Identity, userinfo; OpenID Connect Core 1.0, 5.5")
_form = listed("OpenID Connect Core 1.0, 5.1")
_subject = listed("GovStack Identity 7.2.1; OpenID Connect Core 1.0, 8.1")

_CLAIMS = (
    _claims(
        "claims-beyond-consent",
        "claims.consented",
        "E17/*",
        N_("What the person did not consent to is given all the same."),
    ),
    _claims(
        "claims-beyond-client",
        "claims.of-client",
        "E17/*",
        N_("A client is offered and given claims that it was not registered for."),
        "GovStack Identity, client-mgmt (userClaims)",
    ),
    _claims(
        "claims-by-scope-without-consent",
        "claims.consented",
        "E17/*",
        N_("What a scope stands for is given whole, whatever of it the person consented to."),
    ),
    _claims(
        "consent-never-asked",
        "claims.consented",
        "E17/*",
        N_("The consent page is left out; nothing is given then."),
    ),
    _claims(
        "claims-locales-ignored",
        "claims.locales",
        "E17/*locales*",
        N_("claims_locales is not looked at."),
        "GovStack Identity, userinfo; OpenID Connect Core 1.0, 5.2",
    ),
    _claims(
        "client-claims-cached",
        "claims.narrowed",
        "E21/*",
        N_("A client that may have fewer claims than before still gets them all by older tokens."),
        "GovStack Identity, client-mgmt (userClaims)",
    ),
    _form(
        "birthdate-local", "claims.birthdate", "E17/*", N_("Dates of birth are written as day/month/year.")
    ),
    _form("email-verified-as-text", "claims.boolean", "E17/*", N_("email_verified is the text true.")),
    _form(
        "phone-number-local",
        "claims.phone-number",
        "E17/*",
        N_("Telephone numbers are written without their country."),
    ),
    _form(
        "zoneinfo-as-offset", "claims.zoneinfo", "E17/*", N_("The time zone is an offset in place of a name.")
    ),
    _form("locale-with-underscore", "claims.locale", "E17/*", N_("The locale is written as Java writes it.")),
    _form(
        "missing-claims-as-null",
        "claims.no-null",
        "E17/*",
        N_("A claim without a value is sent as null."),
        "OpenID Connect Core 1.0, 5.3.2",
    ),
    _claims(
        "claims-for-openid",
        "claims.login-only",
        "E18/*",
        N_("Who asks for nothing but a login gets name and date of birth."),
        "GovStack Identity 9.1.2",
    ),
)

_SUBJECT = (
    _subject(
        "subject-public",
        "subject.pairwise",
        "E19/*",
        N_("All relying parties know a person by the same subject."),
    ),
    _subject(
        "subject-is-uin",
        "subject.pairwise",
        "E19/*",
        N_("The subject is the national number."),
    ),
    _subject(
        "subject-by-client",
        "subject.of-party",
        "E19/*",
        N_("Two clients of one relying party know a person by different subjects."),
    ),
)

USERINFO_FAULTS = (*_CLAIMS, *_SUBJECT)
