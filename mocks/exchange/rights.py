"""The operations on access rights: who may use which service (GovStack IM 8.6, getAllowed, setAllowed, setDenied)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.tolerance import Crashed

from .configuration import Configuration, Right, Rights
from .identifiers import Application
from .state import State

__all__ = ["RightsOperations"]

_PAGE = 100
"""Pairs of a service and an allowed application on a page where the request does not say (the published default)."""
_FILTERS: Mapping[str, str] = {
    "memberClass": "member_class",
    "memberCode": "member",
    "applicationId": "code",
}
"""For each filter, the part of the provider's identifier that it is about."""


class RightsOperations:
    """Lists rights page by page, gives them and takes them."""

    def __init__(self, state: State, on: FaultSwitches) -> None:
        """Take the mediator's memory and its faults."""
        self._state = state
        self._on = on

    def list(self, call: Call) -> Answer:
        """Give a page of rights; the token for the next one is on all pages but the last."""
        size = _size(call.query.get("pageSize", str(_PAGE)))
        after, filters = self._begun(call.query)
        rights = [right for right in self._rights() if self._wanted(right, filters)]
        left = [right for right in rights if after is None or right > after]
        if self._on("page-repeats-the-last") and after is not None:
            left = [after, *left]
        page = self._page(left, size)
        body: dict[str, Any] = {"allowList": _shown(page)}
        if page and (len(page) < len(left) or self._on("last-page-has-a-token")):
            last = left[len(page)] if self._on("page-skips-one") else page[-1]
            body["nextPageToken"] = self._state.begin_page((last, filters))
        return Answer(status=200, body=body)

    def allow(self, call: Call) -> Answer:
        """Give rights; one that is there already stays there once."""
        if self._on("allow-is-not-written"):
            return Answer(status=200, body=None)
        return self._changed(call.body or [], _allowed if not self._on("allow-replaces-others") else _only)

    def deny(self, call: Call) -> Answer:
        """Take rights; one that is not there is nothing to take."""
        if self._on("deny-of-absent-breaks"):
            self._break_at_absent(call.body or [])
        return self._changed(call.body or [], _emptied if self._on("deny-takes-all") else _denied)

    def _rights(self) -> Sequence[Right]:
        rights = sorted(
            right for configuration in self._state.configurations.values() for right in configuration.rights()
        )
        if self._on("allow-twice-counts-twice"):
            twice = self._state.repeated
            return [right for one in rights for right in [one] * (1 + twice.get(one, 0))]
        return rights

    def _begun(self, query: Mapping[str, str]) -> tuple[Right | None, Mapping[str, str]]:
        """Give after which right a page begins, and the filters: those of the first page where none are given."""
        filters = {name: query[name] for name in (*_FILTERS, "serviceId") if name in query}
        token = query.get("nextPageToken")
        if token is None or self._on("page-token-ignored"):
            return None, filters
        after, before = self._state.page(token)
        if filters and filters != before:
            raise Refused("query.nextPageToken was given out for other filters.")
        return after, before

    def _wanted(self, right: Right, filters: Mapping[str, str]) -> bool:
        ignored = "applicationId" if self._on("rights-filter-ignored") else ""
        return all(
            (right.service if name == "serviceId" else getattr(right.provider, _FILTERS[name])) == value
            for name, value in filters.items()
            if name != ignored
        )

    def _page(self, left: Sequence[Right], size: int) -> Sequence[Right]:
        if self._on("page-size-ignored"):
            size = _PAGE
        if self._on("page-counts-services"):
            services = list(dict.fromkeys((right.provider, right.service) for right in left))[:size]
            return [right for right in left if (right.provider, right.service) in services]
        return left[:size]

    def _changed(self, entries: Sequence[Mapping[str, Any]], change: Any) -> Answer:
        """Change all rights of an order, or none: it is checked whole before anything is written."""
        changed: dict[tuple[Application, str], Rights] = {}
        for entry in entries:
            configuration, key = self._service(entry)
            clients = [_client(configuration.instance, right) for right in entry["rights"]]
            if self._on("first-right-of-an-order-only"):
                clients = clients[:1]
            self._count(key, clients)
            wanted = [
                {"member": configuration.name_of(one), "application": one.code}
                for one in dict.fromkeys(clients)
            ]
            before = changed[key] if key in changed else configuration.rights_of(*key) or []
            changed[key] = change(before, wanted)
        for instance in {provider.instance for provider, _ in changed}:
            self._state.change(self._state.configurations[instance].with_rights(changed))
        return Answer(status=200, body=None)

    def _service(self, entry: Mapping[str, Any]) -> tuple[Configuration, tuple[Application, str]]:
        """Find the service that an entry is about, and the configuration that describes it."""
        for instance, configuration in self._state.configurations.items():
            provider = Application(
                instance, entry["memberClass"], entry["memberCode"], entry["applicationId"]
            )
            if configuration.rights_of(provider, entry["serviceId"]) is not None:
                return configuration, (provider, entry["serviceId"])
        raise Refused(f"There is no service {entry['serviceId'][:40]} of this application.")

    def _count(self, key: tuple[Application, str], clients: Iterable[Application]) -> None:
        """Remember what was allowed again, where a fault keeps a row for each time."""
        service = self._state.service(*key) if self._on("allow-twice-counts-twice") else None
        for client in clients:
            if service is not None and client in service.clients:
                right = Right(*key, client)
                self._state.repeated[right] = self._state.repeated.get(right, 0) + 1

    def _break_at_absent(self, entries: Sequence[Mapping[str, Any]]) -> None:
        known = {(right.service, right.client) for right in self._rights()}
        for entry in entries:
            for right in entry["rights"]:
                if (entry["serviceId"], _client(self._state.last, right)) not in known:
                    raise Crashed


def _size(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise Refused("query.pageSize is no whole number from 1 to 10000.")
    return int(text)


def _client(instance: str, right: Mapping[str, str]) -> Application:
    named = tuple(right.get(name, "") for name in ("memberClass", "memberCode", "applicationId"))
    if not all(named):
        raise Refused("rights: memberClass, memberCode and applicationId say who is meant; one is missing.")
    return Application(instance, *named)


def _allowed(before: Rights, wanted: Rights) -> Rights:
    return [*before, *(one for one in wanted if one not in before)]


def _only(_before: Rights, wanted: Rights) -> Rights:
    return wanted


def _denied(before: Rights, wanted: Rights) -> Rights:
    return [one for one in before if one not in wanted]


def _emptied(_before: Rights, _wanted: Rights) -> Rights:
    return []


def _shown(page: Iterable[Right]) -> list[dict[str, Any]]:
    return [
        {
            "memberClass": provider.member_class,
            "memberCode": provider.member,
            "applicationId": provider.code,
            "serviceId": service,
            "rights": [
                {
                    "memberClass": right.client.member_class,
                    "memberCode": right.client.member,
                    "applicationId": right.client.code,
                }
                for right in rights
            ],
        }
        for (provider, service), rights in groupby(page, lambda right: (right.provider, right.service))
    ]
