"""How a person logs in at the product, and which clients were configured there by hand: keys of product.yaml."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dpi_conformance.catalogue.rules import ExistingFile, Program, complaint
from dpi_conformance.catalogue.strict import Secret, Strict
from dpi_conformance.i18n import N_

__all__ = ["Client", "Consent", "Login", "RedirectUri", "proves"]

_Named = Annotated[str, Field(min_length=1)]
_Person = Annotated[dict[str, str], Field(min_length=1)]
RedirectUri = Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+$")]
"""An absolute URI without a fragment (RFC 6749, 3.1.2)."""

_SECONDS, _BY_HAND_SECONDS = 30.0, 300.0
_PROVING = ("authorization", "cookie", "api-key", "apikey", "token", "secret", "password", "credential")
_PERSONS_PROOFS = ("pin", "otp", "passwd", "passphrase", "passcode", "pwd")


class Consent(Strict):
    """How a consent page says what is agreed to; a control is named by ``name=value``, ``#id`` or its visible text."""

    accept: tuple[_Named, ...] = ()
    """The button or link that agrees, the first that is there; left out: the form's first button."""
    refuse: tuple[_Named, ...] = ()
    """The button or link that refuses, or cancels the login."""
    claims: str = ""
    """The checkboxes of the voluntary claims: their common name, where the value is the claim; or claim-{claim}."""


class Login(Strict):
    """How a person logs in on the product's pages."""

    driver: Literal["form", "browser", "command", "manual"] = "form"
    """form: HTML forms, without a browser; browser: Chromium; command: a program of yours; manual: you, by hand."""
    persons: Annotated[dict[str, _Person], Field(min_length=1, repr=False)]
    """Test persons by name, each with the values that their login page asks for, by the name of the value."""
    fields: dict[str, str] = Field(default={})
    """Name of a form's field: name of the person's value; left out: fields are called as the values are."""
    secret: tuple[str, ...] = ()
    """Names of the values that prove who a person is; left out: those that are called password, pin, otp and the like."""
    submit: tuple[_Named, ...] = ()
    """The button of the login page, the first that is there; left out: the form's first button."""
    consent: Consent = Consent()
    """How a consent page is answered."""
    hosts: tuple[Annotated[str, Field(pattern=r"^[^\s/@:]+(:\d+)?$")], ...] = ()
    """Further hosts, with a port or without, that login pages may lie on; elsewhere nothing is sent."""
    command: Program | None = None
    """The program of driver command and its arguments; the URL follows them."""
    browser: str = ""
    """Chromium's program file; left out: the one that is installed."""
    seconds: Annotated[float, Field(ge=1, le=3600)] | None = None
    """How long one login may take; left out: 30 seconds, by hand 300."""

    @model_validator(mode="after")
    def _a_program_for_command(self) -> "Login":
        if self.driver == "command" and self.command is None:
            raise complaint(
                "command_without_program",
                N_("{place}: driver is command; name the program under command, e.g. [./login.sh]."),
            )
        return self

    @model_validator(mode="after")
    def _values_that_persons_have(self) -> "Login":
        for person, values in self.persons.items():
            missing = [name for name in (*self.fields.values(), *self.secret) if name not in values]
            if missing:
                raise complaint(
                    "person_without_value",
                    N_("{place}: {person} has no “{name}”, which fields or secret names; write it."),
                    person=person,
                    name=missing[0],
                )
        return self

    @property
    def patience(self) -> float:
        """Give how long one login may take, in seconds."""
        return self.seconds or (_BY_HAND_SECONDS if self.driver == "manual" else _SECONDS)

    def proofs(self, person: str) -> tuple[str, ...]:
        """Name the values that prove who this person is."""
        values = self.persons[person]
        return self.secret or tuple(name for name in values if proves(name, *_PERSONS_PROOFS))

    def secret_places(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield (path of keys, secret) for each value that proves who a person is."""
        for person, values in self.persons.items():
            yield from ((("persons", person, name), values[name]) for name in self.proofs(person))

    def secret_keys(self) -> frozenset[str]:
        """Name the form fields and values that hold such a proof."""
        proofs = frozenset(name for person in self.persons for name in self.proofs(person))
        return proofs | {field for field, name in self.fields.items() if name in proofs}


class Client(Strict):
    """A relying party that was configured at the product by hand; the harness plays it."""

    client_id: Annotated[str, Field(min_length=1)]
    """What the product calls it."""
    redirect_uris: Annotated[tuple[RedirectUri, ...], Field(min_length=1)]
    """Its redirect URIs, as registered; nothing has to answer there."""
    token_endpoint_auth_method: Literal[
        "private_key_jwt", "client_secret_basic", "client_secret_post", "none"
    ] = "private_key_jwt"  # noqa: S105 -- the name of a method
    """How it proves itself at the token endpoint (OpenID Connect Core 1.0, 9)."""
    private_key: ExistingFile | None = None
    """File of its private key, JWK or PEM; for private_key_jwt, and to read encrypted answers."""
    alg: str = ""
    """Algorithm of its assertions; left out: RS256, or what fits the key."""
    client_secret: Secret = ""
    """Its secret, for client_secret_basic and client_secret_post."""
    scopes: tuple[_Named, ...] = ("openid",)
    """Scopes that it may ask for."""
    post_logout_redirect_uris: tuple[RedirectUri, ...] = ()
    """Where a logout may lead back to."""

    @model_validator(mode="after")
    def _has_its_proof(self) -> "Client":
        method = self.token_endpoint_auth_method
        if method == "private_key_jwt" and self.private_key is None:
            raise complaint(
                "client_without_key",
                N_("{place}: token_endpoint_auth_method is {method}; name the key's file under private_key."),
                method=method,
            )
        if method.startswith("client_secret") and not self.client_secret:
            raise complaint(
                "client_without_secret",
                N_("{place}: token_endpoint_auth_method is {method}; write its client_secret."),
                method=method,
            )
        return self


def proves(name: str, *further: str) -> bool:
    """Tell whether a header or value of this name is likely to carry a secret."""
    return any(word in name.lower() for word in (*_PROVING, *further))
