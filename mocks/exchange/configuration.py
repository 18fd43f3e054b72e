"""What one instance of the mediator consists of, as its configuration describes it (GovStack IM 8.6, IMconf)."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from dpi_conformance.mockkit.calls import Refused

from .identifiers import Application

__all__ = ["Configuration", "Right", "Service", "merged"]

Described = dict[str, Any]


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
        """Take an IMconf that is valid by its schema; raises Refused where two things have one identifier."""
        self.described: Described = deepcopy(dict(described))
        self.instance: str = described["instance"]
        self.names: dict[Application, str] = {}
        """The name of each member."""
        self.services: dict[tuple[Application, str], Service] = {}
        self.applications: dict[Application, str] = {}
        """The name of the member of each application."""
        for member in self.described.get("members", []):
            self._enter(member)
        self._by_name = {name: member for member, name in reversed(self.names.items())}
        for application, service in _services(self.instance, self.described):
            self._offer(application, service)

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

    @staticmethod
    def found(described: Described, provider: Application, code: str) -> Described | None:
        """Find the description of a service in a configuration that is being changed."""
        services = _services(described["instance"], described)
        return next((one for own, one in services if own == provider and one["id"] == code), None)

    def _enter(self, member: Described) -> None:
        own = Application(self.instance, member["class"], member["code"])
        if own in self.names:
            raise Refused(f"members: {member['class']}/{member['code']} is there twice.")
        self.names[own] = member["name"]
        for application in member.get("applications", []):
            one = replace(own, code=application["id"])
            if one in self.applications:
                raise Refused(f"members: the application {application['id']} is there twice.")
            self.applications[one] = member["name"]

    def _offer(self, application: Application, service: Described) -> None:
        key = (application, service["id"])
        if key in self.services:
            raise Refused(f"members: the service {service['id']} is there twice.")
        clients = frozenset(self._client(right) for right in service.get("rights", []))
        self.services[key] = Service(*key, service["specUrl"], service["serviceUrl"], clients)

    def _client(self, right: Mapping[str, str]) -> Application:
        """Find whom a right means: it calls the member by its name, or by CLASS/CODE where it has none here."""
        known = self._by_name.get(right["member"])
        if known is not None:
            return replace(known, code=right["application"])
        member_class, _, code = right["member"].partition("/")
        return Application(self.instance, member_class, code or "-", right["application"])


def _services(instance: str, described: Described) -> Iterator[tuple[Application, Described]]:
    for member in described.get("members", []):
        for application in member.get("applications", []):
            own = Application(instance, member["class"], member["code"], application["id"])
            for service in application.get("services", []):
                yield own, service


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
    return deepcopy(after) if lists == ("rights",) else after


def _joined(before: list[Described], described: list[Described], lists: tuple[str, ...]) -> list[Described]:
    keys = _KEYS[lists[0]]
    joined = {tuple(entry[key] for key in keys): entry for entry in before}
    for entry in described:
        key = tuple(entry[name] for name in keys)
        joined[key] = _merged(joined.get(key, {}), entry, lists[1:])
    return list(joined.values())
