"""How a product is reached (IXIT): the part of product.yaml that is about one building block."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, model_validator

from dpi_conformance.catalogue.login import Client, Consent, Login, proves
from dpi_conformance.catalogue.rules import ExistingFile, HeaderMap, HttpUrl, SomeHeaders, complaint
from dpi_conformance.catalogue.strict import Secret, Strict
from dpi_conformance.i18n import N_

__all__ = [
    "HEADER",
    "ApiKeyAuth",
    "Auth",
    "BearerAuth",
    "Callbacks",
    "Client",
    "Consent",
    "HeadersAuth",
    "Limits",
    "Login",
    "MutualTlsAuth",
    "NoAuth",
    "OAuth2Auth",
    "PlayedCounterparty",
    "Strict",
    "Target",
    "Tls",
]

REDACTED = "[redacted]"
HEADER: Final = "header."
"""How a declaration begins that says by which name the product knows a published header."""
_TOKEN = re.compile(r"[A-Za-z0-9-]+")

_TELLING = 6
"""A shorter PIN is not looked for in texts, half of which have its digits: it is known by its field's name."""
_ANY_ADDRESS = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 -- recognised, not bound


class NoAuth(Strict):
    """The product asks for no credentials."""

    type: Literal["none"] = "none"


class HeadersAuth(Strict):
    """Fixed headers prove who calls."""

    type: Literal["headers"]
    headers: Annotated[SomeHeaders, Field(repr=False)]
    """Headers that prove who calls, by name; left out where a request goes without credentials."""


class BearerAuth(Strict):
    """A bearer token (RFC 6750)."""

    type: Literal["bearer"]
    token: Secret
    """The token, without the word Bearer."""


class ApiKeyAuth(Strict):
    """One key, in a header or in the query."""

    type: Literal["api_key"]
    name: Annotated[str, Field(min_length=1, pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")] = "X-Api-Key"
    """Name of the header or of the query parameter."""
    in_: Annotated[Literal["header", "query"], Field(alias="in")] = "header"
    """Where the key is sent."""
    value: Secret
    """The key itself."""

    model_config = ConfigDict(validate_by_name=True)


class OAuth2Auth(Strict):
    """OAuth 2 client credentials (RFC 6749, 4.4)."""

    type: Literal["oauth2_client_credentials"]
    token_url: HttpUrl
    """Where a token is asked for."""
    client_id: Annotated[str, Field(min_length=1)]
    """The client's name at the authorization server."""
    client_secret: Secret
    """The client's secret."""
    scope: str = ""
    """Scopes asked for, separated by spaces; empty: none is asked for."""
    audience: str = ""
    """The audience asked for, where the authorization server wants one."""
    client_auth: Literal["basic", "post"] = "basic"
    """How the client proves itself: in the Authorization header, or in the form."""


class MutualTlsAuth(Strict):
    """The client certificate under tls proves who calls (RFC 8705)."""

    type: Literal["mutual_tls"]


Auth = Annotated[
    NoAuth | HeadersAuth | BearerAuth | ApiKeyAuth | OAuth2Auth | MutualTlsAuth, Field(discriminator="type")
]


class Tls(Strict):
    """How the product's certificate is checked, and ours shown."""

    ca_file: ExistingFile | None = None
    """PEM file of the authorities to trust, besides none other; left out: those of the system."""
    client_certificate: ExistingFile | None = None
    """PEM file of our certificate, its chain behind it."""
    client_key: ExistingFile | None = None
    """PEM file of our private key; left out: it is in client_certificate."""
    verify: bool = True
    """Check the product's certificate; false only for a trial on a closed network."""

    @model_validator(mode="after")
    def _key_belongs_to_a_certificate(self) -> "Tls":
        if self.client_key is not None and self.client_certificate is None:
            raise complaint(
                "key_without_certificate",
                N_("{place}: there is a client_key; name its client_certificate too."),
            )
        return self


class Limits(Strict):
    """Time, speed and size limits."""

    connect_seconds: Annotated[float, Field(ge=0.1, le=120)] = 5.0
    """How long a connection may take to stand."""
    answer_seconds: Annotated[float, Field(ge=0.1, le=600)] = 10.0
    """How long an answer may take, from the first byte sent to the last received."""
    callback_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 10.0
    """How long a callback may take to arrive after the answer."""
    requests_per_second: Annotated[float, Field(ge=0.01, le=100_000)] | None = None
    """The most requests a second that the product takes; left out: no limit."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 32
    """How many requests may be under way at once."""
    response_bytes: Annotated[int, Field(ge=1024, le=67_108_864)] = 1_048_576
    """How much of an answer is read, in bytes; a longer one is a finding."""


class Callbacks(Strict):
    """Where the harness listens for the product's callbacks."""

    bind: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """Address of this machine to listen at; 0.0.0.0 for all."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Port to listen at; 0: any free one."""
    public_url: HttpUrl | None = None
    """The address by which the product reaches that port; left out: http://<bind>:<port>."""

    @model_validator(mode="after")
    def _reachable_by_a_name(self) -> "Callbacks":
        if self.bind in _ANY_ADDRESS and self.public_url is None:
            raise complaint(
                "bind_without_public_url",
                N_(
                    "{place}: nobody can call {bind}; write public_url, the address by which the product reaches it."
                ),
                bind=self.bind,
            )
        return self


class PlayedCounterparty(Strict):
    """A bank or biller that the harness plays, as the product knows it."""

    identifier: str = ""
    """The identifier (such as a BIC) under which the product was configured to call it."""


class Target(Strict):
    """How one block of the product is reached; the attributes are the keys of product.yaml."""

    base_url: HttpUrl
    """Address before the paths of the specification, e.g. https://payments.example.org/api."""
    auth: Auth = NoAuth()
    """How the harness proves who it is."""
    credentials: dict[str, Auth] = Field(default={})
    """How it does so where an operation asks for a security scheme of this name; left out: by auth."""
    headers: HeaderMap = Field(default={})
    """Headers sent with every request, by name; not left out where a request goes without credentials."""
    tls: Tls = Tls()
    """How the product's certificate is checked, and ours shown."""
    limits: Limits = Limits()
    """Time, speed and size limits."""
    callbacks: Callbacks = Callbacks()
    """Where the harness listens for the product's callbacks."""
    counterparties: dict[str, PlayedCounterparty] = Field(default={})
    """Banks and billers that the harness plays and the product calls at <public_url>/counterparty/<name>."""
    claims: Annotated[tuple[str, ...], Field(min_length=1)] = ()
    """Functions that the product claims to serve; left out: all of the block."""
    login: Login | None = None
    """How a person logs in on the product's pages; left out: what needs a login stays undecided."""
    clients: dict[str, Client] = Field(default={})
    """Relying parties that were configured at the product by hand, by name; the harness plays them."""
    fixtures: dict[str, str] = Field(default={})
    """Prepared data by name, for products in which the harness cannot create it."""
    declares: dict[str, str] = Field(default={})
    """What the product does where the documents are silent, by name, e.g. voucher-status.expired: "05"."""

    @model_validator(mode="after")
    def _mutual_tls_has_a_certificate(self) -> "Target":
        mutual = any(isinstance(auth, MutualTlsAuth) for auth in (self.auth, *self.credentials.values()))
        if mutual and self.tls.client_certificate is None:
            raise complaint(
                "mutual_tls_without_certificate",
                N_("{place}: auth.type is mutual_tls; name our certificate under tls.client_certificate."),
            )
        return self

    @model_validator(mode="after")
    def _headers_are_spelt_as_headers(self) -> "Target":
        for own in self.spelt().values():
            if not _TOKEN.fullmatch(own):
                raise complaint(
                    "declared_header",
                    N_(
                        "{place}: declares gives {value} as the name of a header; a name has letters, digits and dashes."
                    ),
                    value=own,
                )
        return self

    def spelt(self) -> Mapping[str, str]:
        """Give the product's own name of a header for its lower-case published one: ``declares.header.<published>``."""
        declared = self.declares.items()
        return {name.removeprefix(HEADER).lower(): own for name, own in declared if name.startswith(HEADER)}

    def proves(self, scheme: str) -> bool:
        """Tell whether there is something to prove who calls, for an operation that asks for this security scheme."""
        return not isinstance(self.credentials.get(scheme, self.auth), NoAuth)

    def closing(self) -> frozenset[str]:
        """Name the credentials (``none``, ``wrong``) that are shown by another client certificate than our own.

        These a product may refuse by ending the connection, in the handshake or after it (RFC 8446, 4.4.2.4 and 6.2).
        """
        if isinstance(self.auth, MutualTlsAuth):
            return frozenset({"none", "wrong"})
        return frozenset({"none"} if self.tls.client_certificate is not None else ())

    def secrets(self) -> frozenset[str]:
        """Give every value that proves who calls or what is owned; none may reach evidence, a log or a screen."""
        prepared = (self.fixtures[name].split() for name in self._secret_fixtures())
        own = (
            secret for path, secret in self.secret_places() if path[0] != "login" or len(secret) >= _TELLING
        )
        return frozenset(own).union(*prepared)

    def secret_keys(self) -> frozenset[str]:
        """Name the fields of login pages whose values prove who a person is, however short they are."""
        return self.login.secret_keys() if self.login is not None else frozenset()

    def _secret_fixtures(self) -> list[str]:
        """Name the prepared data that is worth something, e.g. ``voucher-active.secret``."""
        return [name for name in self.fixtures if proves(name)]

    def secret_places(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield (path of keys below the block, secret) for each value that proves who calls."""
        yield from ((("auth", *path), secret) for path, secret in _secret_places(self.auth))
        for scheme, auth in self.credentials.items():
            yield from ((("credentials", scheme, *path), secret) for path, secret in _secret_places(auth))
        yield from ((("headers", name), text) for name, text in self.headers.items() if proves(name))
        for name, client in self.clients.items():
            if client.client_secret:
                yield ("clients", name, "client_secret"), client.client_secret
        if self.login is not None:
            yield from ((("login", *path), value) for path, value in self.login.secret_places())

    def public(self) -> Mapping[str, Any]:
        """Give the target as plain values with every secret replaced, fit for evidence."""
        plain = self.model_dump(mode="json", by_alias=True)
        for path, _ in self.secret_places():
            part = plain
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = REDACTED
        plain["fixtures"].update(dict.fromkeys(self._secret_fixtures(), REDACTED))
        return plain


def _secret_places(auth: Auth) -> Iterator[tuple[tuple[str, ...], str]]:
    match auth:
        case HeadersAuth(headers=headers):
            yield from ((("headers", name), value) for name, value in headers.items())
        case BearerAuth(token=token):
            yield ("token",), token
        case ApiKeyAuth(value=value):
            yield ("value",), value
        case OAuth2Auth(client_secret=secret):
            yield ("client_secret",), secret
        case _:
            pass
