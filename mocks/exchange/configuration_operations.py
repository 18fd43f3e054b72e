"""The operations on the mediator's configuration and its status (GovStack IM 8.6)."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .configuration import Configuration, merged
from .state import State

__all__ = ["ConfigurationOperations"]

_ACCEPTED = "The configuration is in force."


class ConfigurationOperations:
    """Reads, sets up, changes and replaces configurations; each change is in force before its answer."""

    def __init__(self, state: State, on: FaultSwitches) -> None:
        """Take the mediator's memory and its faults."""
        self._state = state
        self._on = on

    def read(self, _call: Call) -> Answer:
        """Give the configuration that was described last."""
        configuration = self._state.configurations.get(self._state.last)
        if configuration is None:
            return Answer(status=500, body={"type": "Server", "message": "There is no configuration."})
        return Answer(status=200, body=configuration.described)

    def create(self, call: Call) -> Answer:
        """Set up an instance; of one that is there already, what is described is set up anew."""
        _check(call.body)
        return self._in_force(call.body)

    def change(self, call: Call) -> Answer:
        """Change what is described; what is not stays as it is."""
        _check(call.body)
        before = self._before(call.body)
        if self._on("change-is-not-written"):
            return Answer(status=201, body=_ACCEPTED)
        if self._on("change-wipes-the-rest"):
            return self._in_force(call.body)
        if self._on("change-replaces-members"):
            return self._in_force({**before, **_whole_members(before, call.body)})
        return self._in_force(merged(before, call.body))

    def replace(self, call: Call) -> Answer:
        """Replace the configuration; what is not described is gone."""
        _check(call.body)
        if self._on("replacing-keeps-the-rest"):
            return self._in_force(merged(self._before(call.body), call.body))
        if self._on("replacing-again-adds"):
            return self._in_force(_added(self._before(call.body), call.body))
        return self._in_force(call.body)

    def status(self, _call: Call) -> Answer:
        """Tell whether there is anything to mediate for."""
        if self._state.configured and not self._on("status-never-good"):
            return Answer(status=200, body=None)
        return Answer(status=500, body={"type": "Server", "message": "The mediator is not configured."})

    def _before(self, described: Mapping[str, Any]) -> Mapping[str, Any]:
        known = self._state.configurations.get(described["instance"])
        return known.described if known else {}

    def _in_force(self, described: Mapping[str, Any]) -> Answer:
        if self._on("rights-of-configuration-ignored"):
            described = _without_rights(described)
        self._state.put(Configuration(described))
        return Answer(status=201, body=_ACCEPTED)


def _check(described: Mapping[str, Any]) -> None:
    """Refuse what does not hold together by itself, and a service that nobody could be reached at."""
    Configuration(described)
    for member in described.get("members", []):
        for application in member.get("applications", []):
            for service in application.get("services", []):
                for key in ("specUrl", "serviceUrl"):
                    if not _reachable(service[key]):
                        raise Refused(f"members: {key} of {service['id'][:40]} is no address of HTTP.")


def _reachable(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _whole_members(before: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the members that are not described, and take those that are as they are described."""
    if "members" not in described:
        return described
    known = {(one["class"], one["code"]): one for one in before.get("members", [])}
    known.update({(one["class"], one["code"]): one for one in described["members"]})
    return {**described, "members": list(known.values())}


def _added(before: Mapping[str, Any], described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the services of a repeated order once more, under names that are free."""
    if before != described:
        return described
    after = deepcopy(dict(described))
    for member in after.get("members", []):
        for application in member.get("applications", []):
            services = application.get("services", [])
            services += [{**service, "id": f"{service['id']}-{len(services)}"} for service in services]
    return after


def _without_rights(described: Mapping[str, Any]) -> Mapping[str, Any]:
    after = deepcopy(dict(described))
    for member in after.get("members", []):
        for application in member.get("applications", []):
            for service in application.get("services", []):
                service.pop("rights", None)
    return after
