"""What one instance of the mediator consists of, as its configuration describes it (GovStack IM 8.6, IMconf)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dpi_conformance.mockkit.calls import Refused

from .identifiers import Application

__all__ = ["Configuration", "Right", "Rights", "Service", "merged"]

Described = dict[str, Any]
Rights = list[dict[str, str]]


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One application that may use one service."""

    provider: Application
    service: str
    client: Application


@dataclass(frozen=True, slots=True)
class Service:
    """One service of one application, and where it is."""

    provider: Application
    code: str
    spec_url: str
    service_url: str
    clients: frozenset[Application]


class Configuration:
    """A configuration that holds together, and what can be looked up in it; a new one is made for each change."""

    def __init__(self, described: Mapping[str, Any]) -> None:
        """Take an IMconf that is valid by its schema; raises Refused where two things have one identifier.

        What is described is kept as it is, and changed by nobody: a change makes new parts and shares the others.
        """
        self.described: Described = dict(described)
        self.instance: str = described["instance"]
        self.names: dict[Application, str] = {}
        """The name of each member."""
        self.services: dict[tuple[Application, str], Service] = {}
        self.applications: dict[Application, str] = {}
        """The name of the member of each application."""
        for member in self.described.get("members", []):
            self._enter(member)
        self._by_name = {name: member for member, name in reversed(self.names.items())}
        self._described: dict[tuple[Application, str], Described] = {}
        for member in self.described.get("members", []):
            for application in member.get("applications", []):
                own = self._application(member, application)
                for service in application.get("services", []):
                    self._offer(own, service)

    def rights(self) -> list[Right]:
        """Give every right, in an order that does not change while others come and go."""
        return sorted(
            Right(service.provider, service.code, client)
            for service in self.services.values()
            for client in service.clients
        )

    def services_of(self, application: Application) -> list[Service]:
        """Give the services of an application as they are described, one after the other."""
        return [service for service in self.services.values() if service.provider == application]

    def name_of(self, client: Application) -> str:
        """Give what rights in a configuration call a client's member: its name, where that is nobody else's."""
        member = client.owner
        name = self.names.get(member, "")
        return name if self._by_name.get(name) == member else f"{client.member_class}/{client.member}"

    def rights_of(self, provider: Application, code: str) -> Rights | None:
        """Give the rights to a service as they are described; None where there is no such service."""
        service = self._described.get((provider, code))
        return None if service is None else service.get("rights", [])

    def with_rights(self, changed: Mapping[tuple[Application, str], Rights]) -> "Configuration":
        """Give a configuration in which the rights to some services are others."""
        touched = {provider.owner for provider, _ in changed}
        members = [
            self._with_rights(one, changed) if self._member(one) in touched else one
            for one in self.described.get("members", [])
        ]
        return Configuration({**self.described, "members": members})

    def _with_rights(self, member: Described, changed: Mapping[tuple[Application, str], Rights]) -> Described:
        applications = []
        for application in member.get("applications", []):
            own = self._application(member, application)
            services = [
                {**one, "rights": changed[own, one["id"]]} if (own, one["id"]) in changed else one
                for one in application.get("services", [])
            ]
            applications.append({**application, "services": services} if services else application)
        return {**member, "applications": applications}

    def _member(self, member: Described) -> Application:
        return Application(self.instance, member["class"], member["code"])

    def _application(self, member: Described, application: Described) -> Application:
        return Application(self.instance, member["class"], member["code"], application["id"])

    def _enter(self, member: Described) -> None:
        own = self._member(member)
        if own in self.names:
            raise Refused(f"members: {member['class']}/{member['code']} is there twice.")
        self.names[own] = member["name"]
        for application in member.get("applications", []):
            one = self._application(member, application)
            if one in self.applications:
                raise Refused(f"members: the application {application['id']} is there twice.")
            self.applications[one] = member["name"]

    def _offer(self, application: Application, service: Described) -> None:
        key = (application, service["id"])
        if key in self.services:
            raise Refused(f"members: the service {service['id']} is there twice.")
        self._described[key] = service
        clients = frozenset(self._client(right) for right in service.get("rights", []))
        self.services[key] = Service(*key, service["specUrl"], service["serviceUrl"], clients)

    def _client(self, right: Mapping[str, str]) -> Application:
        """Find whom a right means: it calls the member by its name, or by CLASS/CODE where it has none here."""
        known = self._by_name.get(right["member"])
        if known is not None:
            return Application(known.instance, known.member_class, known.member, right["application"])
        member_class, _, code = right["member"].partition("/")
        return Application(self.instance, member_class, code or "-", right["application"])


def merged(before: Mapping[str, Any], described: Mapping[str, Any]) -> Described:
    """Give a configuration in which what is described is changed and all else is left (PATCH)."""
    return _merged(before, described, ("members", "applications", "services", "rights"))


_KEYS: Mapping[str, tuple[str, ...]] = {
    "members": ("class", "code"),
    "applications": ("id",),
    "services": ("id",),
    "rights": ("member", "application"),
}
"""By what an entry of each list is known again."""


def _merged(before: Mapping[str, Any], described: Mapping[str, Any], lists: tuple[str, ...]) -> Described:
    after = {**before, **described}
    if lists and lists[0] in described:
        after[lists[0]] = _joined(before.get(lists[0], []), described[lists[0]], lists)
    return after


def _joined(before: list[Described], described: list[Described], lists: tuple[str, ...]) -> list[Described]:
    keys = _KEYS[lists[0]]
    joined = {tuple(entry[key] for key in keys): entry for entry in before}
    for entry in described:
        key = tuple(entry[name] for name in keys)
        joined[key] = _merged(joined.get(key, {}), entry, lists[1:])
    return list(joined.values())
