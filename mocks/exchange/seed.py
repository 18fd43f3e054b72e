"""What the mediator is set up with before anybody configures it: a small instance with two members and their services."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from .identifiers import Application

__all__ = ["CONSUMER", "FOREIGN", "OWN_SERVER", "PROVIDER", "ROOMS", "documents", "seeded"]

CONSUMER: Final = Application("GOV", "COM", "1234", "benefits")
PROVIDER: Final = Application("GOV", "GOV", "70000", "registry")
FOREIGN: Final = Application("GOV", "COM", "5678", "insurance")
"""An application of the directory that is connected to another mediator."""
ROOMS: Final = (
    Application("GOV", "GOV", "90000", "civil-events"),
    Application("GOV", "GOV", "90000", "health-events"),
)
"""The rooms of publish and subscribe: applications of the mediator's own operator."""
OWN_SERVER: Final = "GOV/GOV/90000/mediator-1"
"""The mediator's own name as an X-Road security server."""
_NOWHERE = "http://127.0.0.1:9"
"""Where services are that nobody offers: the port of discard."""
_AFFAIRS, _INTERIOR, _INSURANCE = (
    "Ministry of Social Affairs",
    "Ministry of the Interior",
    "National Insurance",
)
_SERVICES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "people": ((_AFFAIRS, "benefits"),),
    "addresses": ((_AFFAIRS, "benefits"), (_AFFAIRS, "statistics")),
    "archive": ((_INSURANCE, FOREIGN.code),),
}
"""The provider's services, and which applications of which members may use each."""
_PATHS: Mapping[str, Any] = {
    "/people": ("get", "post"),
    "/people/{id}": ("get", "put", "delete"),
}


def seeded(provider: str, own: str) -> Mapping[str, Any]:
    """Give the first configuration; ``provider`` and ``own`` are base addresses, of the services and of the mediator."""
    return {
        "domain": "exchange.example.org",
        "instance": CONSUMER.instance,
        "members": [
            _member(_AFFAIRS, CONSUMER, {"benefits": {}, "statistics": {}}),
            _member(
                _INTERIOR,
                PROVIDER,
                {"registry": {"services": _services(provider, own)}, "elections": {}},
            ),
            _member(_INSURANCE, FOREIGN, {FOREIGN.code: {}}),
            _member("Mediator Operations", ROOMS[0].owner, {room.code: {} for room in ROOMS}),
        ],
    }


def documents(own: str) -> Mapping[str, bytes]:
    """Give the documents of the services, by address."""
    return {_document_url(own, service): _document(service) for service in _SERVICES}


def _member(name: str, member: Application, applications: Mapping[str, Any]) -> dict[str, Any]:
    described = [{"id": code, "connection": "https", **more} for code, more in applications.items()]
    return {
        "name": name,
        "class": member.member_class,
        "code": member.member,
        "applications": described,
    }


def _services(provider: str, own: str) -> list[dict[str, Any]]:
    return [
        {
            "id": service,
            "specUrl": _document_url(own, service),
            "serviceUrl": f"{provider or _NOWHERE}/{service}",
            "rights": [{"member": member, "application": application} for member, application in allowed],
        }
        for service, allowed in _SERVICES.items()
    ]


def _document_url(own: str, service: str) -> str:
    return f"{own or _NOWHERE}/documents/{service}.json"


def _document(service: str) -> bytes:
    """Describe a service by its own name, so that no document is another's."""
    paths = {
        path.replace("people", service): {method: _operation(method, path, service) for method in methods}
        for path, methods in _PATHS.items()
    }
    return orjson.dumps(
        {"openapi": "3.0.3", "info": {"title": service, "version": "1.0.0"}, "paths": paths},
        option=orjson.OPT_INDENT_2,
    )


def _operation(method: str, path: str, service: str) -> Mapping[str, Any]:
    identified = {"parameters": _IDENTIFIER} if "{id}" in path else {}
    done = {"200": {"description": "Done."}}
    return {"operationId": f"{method}-{service}{'-one' * bool(identified)}", **identified, "responses": done}


_IDENTIFIER = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
