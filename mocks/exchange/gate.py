"""Who may call what: credentials, the client's identifier, the service's, and the right to use it."""

import hmac
from dataclasses import replace

from dpi_conformance.mockkit.faults import FaultSwitches

from .configuration import Service
from .identifiers import Application, MalformedError, decoded, read_application
from .incoming import CLIENT_HEADERS, Dialect, Incoming
from .state import State
from .troubles import TroubleError

__all__ = ["CREDENTIALS", "Gate"]

CREDENTIALS = (b"proxy-authorization", b"authorization")
"""Where the mediator's own token may be; in the former, the latter is the provider's and passes."""


class Gate:
    """Lets calls through that are allowed, and raises TroubleError for all others."""

    def __init__(self, state: State, token: str, on: FaultSwitches) -> None:
        """Take the mediator's memory, the token that stands for the caller's certificate, and the faults."""
        self._state = state
        self._token = token
        self._on = on
        self._kept: dict[tuple[Application, str], Service] = {}

    def credential(self, call: Incoming) -> bytes | None:
        """Give the header that bears the mediator's token; None where it asks for none."""
        if not self._token:
            return None
        for name in CREDENTIALS:
            scheme, _, given = call.value(name).partition(b" ")
            if scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token.encode()):
                return name
        challenge = ((b"www-authenticate", b'Bearer realm="mediator"'),)
        raise TroubleError("credentials", "The caller is not known by any credentials.", challenge)

    def client(self, call: Incoming) -> Application:
        """Give who calls: somebody in the directory, for whom these credentials may speak."""
        given = call.values(*(CLIENT_HEADERS[2:] if call.dialect is Dialect.X_ROAD else CLIENT_HEADERS[:2]))
        if not given and (self._on("client-header-not-needed") or self._on("x-road-client-not-needed")):
            return self._anybody()
        if not given:
            raise TroubleError("client", "The header that names the client is missing.")
        if len(set(given)) > 1:
            raise TroubleError("client", "The header that names the client came twice.")
        client = self._read(given[0], least=3 if call.dialect is Dialect.X_ROAD else 4)
        if not self._state.knows(client) and not self._on("unknown-client-let-through"):
            raise TroubleError("unknown-client", f"{client} is not in the directory.")
        if client in self._state.foreign and not self._on("client-header-believed"):
            raise TroubleError("foreign-client", f"These credentials do not speak for {client}.")
        return client

    def service(self, call: Incoming) -> Service:
        """Give the service that is called."""
        if len(call.identifier) < 5:
            raise TroubleError(
                "request", "The path names no service: /r1/INSTANCE/CLASS/MEMBER/APPLICATION/…"
            )
        try:
            *parts, code = decoded(call.identifier)
        except MalformedError as error:
            raise TroubleError("request", f"The path names no service: {error}.") from None
        if self._on("escaped-parts-not-decoded"):
            *parts, code = (part.decode("latin-1") for part in call.identifier)
        provider = Application(*parts)
        if self._on("instance-ignored"):
            provider = Application(self._state.own, *parts[1:])
        service = self._found(provider, code)
        if service is None:
            raise TroubleError("unknown-service", f"There is no service {provider}/{code}.")
        return service

    def check_right(self, client: Application, service: Service) -> None:
        """Refuse a client that may not use a service."""
        if self._may(client, service) or self._on("rights-not-enforced"):
            return
        if self._on("unknown-client-let-through") and not self._state.knows(client):
            return
        raise TroubleError("denied", f"{client} may not use {service.provider}/{service.code}.")

    def _may(self, client: Application, service: Service) -> bool:
        may = client in service.clients
        if self._on("rights-of-the-whole-member"):
            may = may or any(client.owner == one.owner for one in service.clients)
        if self._on("denied-only-after-restart"):
            known = (service.provider, service.code, client)
            if may:
                self._state.admitted.add(known)
            return known in self._state.admitted
        return may

    def _found(self, provider: Application, code: str) -> Service | None:
        """Find a service as it is configured now; a fault goes on with what it met first."""
        service, first = self._state.service(provider, code), self._kept.get((provider, code))
        if service is None:
            return first if self._on("removed-service-still-served") else None
        if first is not None and self._on("service-address-kept"):
            return replace(service, service_url=first.service_url)
        if self._on:
            self._kept.setdefault((provider, code), service)
        return service

    def _read(self, given: bytes, least: int) -> Application:
        try:
            return read_application(given.decode("latin-1").strip(), least=least)
        except MalformedError as error:
            if self._on("client-header-not-read"):
                return self._anybody()
            raise TroubleError("client", f"The header that names the client: {error}.") from None

    def _anybody(self) -> Application:
        """Give the first client that there is: what a fault takes a nameless caller for."""
        return next(iter(self._state.configurations[self._state.own].applications))
