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
        "E17/*consented*",
        N_("What the person did not consent to is given all the same."),
    ),
    _claims(
        "claims-beyond-client",
        "claims.of-client",
        "E17/of-client",
        N_("A client is offered and given claims that it was not registered for."),
        "GovStack Identity, client-mgmt (userClaims)",
    ),
    _claims(
        "claims-by-scope-without-consent",
        "claims.consented",
        "E17/consented-of-scope",
        N_("What a scope stands for is given whole, whatever of it the person consented to."),
    ),
    _claims(
        "consent-never-asked",
        "claims.consent-asked",
        "E17/consented",
        N_("The consent page is left out; nothing is given then."),
    ),
    _claims(
        "claims-locales-ignored",
        "claims.locales",
        "E17/locales",
        N_("claims_locales is not looked at."),
        "GovStack Identity, userinfo; OpenID Connect Core 1.0, 5.2",
    ),
    _claims(
        "client-claims-cached",
        "claims.narrowed",
        "E21/narrowed-claims",
        N_("A client that may have fewer claims than before still gets them all by older tokens."),
        "GovStack Identity, client-mgmt (userClaims)",
    ),
    _form(
        "birthdate-local",
        "claims.birthdate",
        "E17/form-birthdate",
        N_("Dates of birth are written as day/month/year."),
    ),
    _form(
        "email-verified-as-text",
        "claims.boolean",
        "E17/form-email-verified",
        N_("email_verified is the text true."),
    ),
    _form(
        "phone-number-local",
        "claims.phone-number",
        "E17/form-phone-number",
        N_("Telephone numbers are written without their country."),
    ),
    _form(
        "zoneinfo-as-offset",
        "claims.zoneinfo",
        "E17/form-zoneinfo",
        N_("The time zone is an offset in place of a name."),
    ),
    _form(
        "locale-with-underscore",
        "claims.locale",
        "E17/form-locale",
        N_("The locale is written as Java writes it."),
    ),
    _form(
        "missing-claims-as-null",
        "claims.no-null",
        "E17/no-null",
        N_("A claim without a value is sent as null."),
        "OpenID Connect Core 1.0, 5.3.2",
    ),
    _claims(
        "claims-for-openid",
        "claims.login-only",
        "E18/login-only",
        N_("Who asks for nothing but a login gets name and date of birth."),
        "GovStack Identity 9.1.2",
    ),
    _claims(
        "claims-beyond-request",
        "claims.requested",
        "E17/requested",
        N_("A client that asks for one claim gets all that it is registered for."),
    ),
    _claims(
        "consent-offers-too-much",
        "claims.offered",
        "E17/of-client",
        N_("The consent page offers what the client may not have; it is not given."),
        "GovStack Identity, client-mgmt (userClaims)",
    ),
    _claims(
        "essential-cannot-be-refused",
        "claims.essential-refused",
        "E17/essential-refused",
        N_("Essential claims are given even when the person refuses."),
        "OpenID Connect Core 1.0, 5.5.1",
    ),
    _claims(
        "essential-unknown-is-error",
        "claims.essential-unknown",
        "E17/essential-unknown",
        N_("An essential claim that there is none of ends the login with an error."),
        "OpenID Connect Core 1.0, 5.5.1",
    ),
    _claims(
        "consent-asked-for-nothing",
        "claims.consent-not-needed",
        "E18/login-only",
        N_("The consent page comes although there is nothing to consent to."),
        "GovStack Identity 9.1.2",
    ),
    _form("gender-as-number", "claims.text", "E17/form-gender", N_("The gender is a number of ISO 5218.")),
    _form(
        "email-with-name",
        "claims.email",
        "E17/form-email",
        N_("The mail address comes with the person's name before it."),
    ),
    _form(
        "picture-as-base64",
        "claims.web-address",
        "E17/form-picture",
        N_("The portrait comes as bare base64."),
    ),
    _form("address-as-text", "claims.address", "E17/form-address", N_("The address is one line of text.")),
)

_SUBJECT = (
    _subject(
        "subject-public",
        "subject.pairwise",
        "E19/pairwise",
        N_("All relying parties know a person by the same subject."),
    ),
    _subject(
        "subject-is-uin",
        "subject.pairwise",
        "E19/pairwise",
        N_("The subject is the national number."),
    ),
    _subject(
        "subject-by-client",
        "subject.of-party",
        "E19/of-party",
        N_("Two clients of one relying party know a person by different subjects."),
    ),
)

USERINFO_FAULTS = (*_CLAIMS, *_SUBJECT)
